//! Functions of the kernel and raw tracepoints: names from BTF and tracefs, arguments from BTF.

use super::kernel_type;
use crate::kernel::vmlinux::{self, Btf, Kind};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use trapline_lang::catalog::{Field, FieldLocation, Function, FunctionName, KERNEL};

/// Raw tracepoints, sorted.
pub(super) fn raw_tracepoints() -> Vec<FunctionName> {
    let Some(btf) = vmlinux::kernel() else {
        return Vec::new();
    };
    sorted(btf.names(Kind::Typedef, "btf_trace_").into_iter().map(own))
}

/// A raw tracepoint's arguments.
pub(super) fn raw_tracepoint(name: &FunctionName) -> Option<Function> {
    let btf = vmlinux::kernel()?;
    let typed = btf.tracepoint(&name.name)?;
    // Only functions know what their parameters are called.
    let named = btf.find(Kind::Func, &format!("__traceiter_{}", name.name));
    let prototype = btf.prototype(named.unwrap_or(typed))?;
    // What comes first is the kernel's own.
    let arguments = prototype.arguments.into_iter().skip(1);
    let (arguments, words) = fields(btf, arguments);
    Some(Function {
        name: name.clone(),
        arguments,
        words,
        result: None,
    })
}

/// Functions that can be traced, sorted: those that tracefs lists, else all that BTF knows.
pub(super) fn functions(tracefs: Option<&Path>) -> Vec<FunctionName> {
    let listed = tracefs
        .and_then(|tracefs| fs::read_to_string(tracefs.join("available_filter_functions")).ok());
    match (listed, vmlinux::kernel()) {
        (Some(list), _) if !list.is_empty() => sorted(list.lines().map(listed_function)),
        (_, Some(btf)) => sorted(btf.names(Kind::Func, "").into_iter().map(own)),
        _ => Vec::new(),
    }
}

/// Those functions that the kernel's own BTF knows.
pub(super) fn typed(functions: &[FunctionName]) -> Vec<FunctionName> {
    let Some(btf) = vmlinux::kernel() else {
        return Vec::new();
    };
    let known: HashSet<&str> = btf.names(Kind::Func, "").into_iter().collect();
    let typed = |name: &&FunctionName| name.module == KERNEL && known.contains(name.name.as_str());
    functions.iter().filter(typed).cloned().collect()
}

/// `name` or `name [module]`
fn listed_function(line: &str) -> FunctionName {
    match line.split_once(" [") {
        Some((name, module)) => FunctionName {
            module: module.trim_end_matches(']').to_owned(),
            name: name.to_owned(),
        },
        None => own(line),
    }
}

/// A function with the types of its arguments.
pub(super) fn function(name: &FunctionName) -> Option<Function> {
    let btf: &Btf = vmlinux::kernel().filter(|_| name.module == KERNEL)?;
    let prototype = btf.prototype(btf.find(Kind::Func, &name.name)?)?;
    let result = prototype.result.map(|ty| Field {
        name: "retval".into(),
        c_type: btf.spelling(ty),
        ty: kernel_type::type_of(btf, ty),
        location: FieldLocation::Return,
    });
    let (arguments, words) = fields(btf, prototype.arguments.into_iter());
    Some(Function {
        name: name.clone(),
        arguments,
        words,
        result,
    })
}

/// The address of a symbol of the kernel; `None` if it has none, or keeps it secret.
pub(super) fn address(kallsyms: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(kallsyms).ok()?;
    let line = text
        .lines()
        .find(|line| line.split_whitespace().nth(2) == Some(name))?;
    let address = u64::from_str_radix(line.split_whitespace().next()?, 16).ok()?;
    (address != 0).then_some(address)
}

fn own(name: &str) -> FunctionName {
    FunctionName {
        module: KERNEL.to_owned(),
        name: name.to_owned(),
    }
}

fn sorted(names: impl Iterator<Item = FunctionName>) -> Vec<FunctionName> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The arguments that are a word each, and how many words all take. A structure by value is left out; it takes
/// up to two.
fn fields<'a>(btf: &Btf, arguments: impl Iterator<Item = (&'a str, u32)>) -> (Vec<Field>, u8) {
    let (mut fields, mut words) = (Vec::new(), 0u8);
    for (name, id) in arguments {
        let ty = kernel_type::type_of(btf, id);
        if ty.is_scalar() {
            fields.push(Field {
                name: if name.is_empty() {
                    format!("arg{words}")
                } else {
                    name.to_owned()
                },
                c_type: btf.spelling(id),
                location: FieldLocation::Argument(words),
                ty,
            });
            words = words.saturating_add(1);
        } else {
            let size = ty.size().div_ceil(8).min(2);
            words = words.saturating_add(size as u8);
        }
    }
    (fields, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_have_the_names_and_types_of_the_kernel() {
        if vmlinux::kernel().is_none() {
            return;
        }
        assert!(raw_tracepoints().contains(&own("sched_switch")));
        let switch = raw_tracepoint(&own("sched_switch")).expect("is in BTF");
        let spelt: Vec<_> = switch
            .arguments
            .iter()
            .map(|field| format!("{} {}", field.c_type, field.name))
            .collect();
        assert_eq!(
            spelt[..3],
            [
                "bool preempt",
                "struct task_struct * prev",
                "struct task_struct * next"
            ]
        );
        let close = function(&own("filp_close")).expect("is in BTF");
        assert_eq!(close.arguments[0].c_type, "struct file *");
        assert_eq!(
            close.result.map(|field| field.c_type).as_deref(),
            Some("int")
        );
        assert!(function(&own("no_such_function")).is_none());
    }
}
