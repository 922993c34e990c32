//! Functions of the kernel and raw tracepoints: names from BTF and tracefs, arguments from BTF.

use crate::kernel::vmlinux::{self, Btf, Kind, MODULE};
use std::fs;
use std::path::Path;
use trapline_lang::catalog::{Field, FieldLocation, Function, FunctionName};
use trapline_lang::types::{AddressSpace, Type};

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
    Some(Function {
        name: name.clone(),
        arguments: fields(arguments),
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
    let btf: &Btf = vmlinux::kernel().filter(|_| name.module == MODULE)?;
    let prototype = btf.prototype(btf.find(Kind::Func, &name.name)?)?;
    let result = prototype.result.map(|(ty, c_type)| Field {
        name: "retval".into(),
        c_type,
        ty,
        location: FieldLocation::Return,
    });
    Some(Function {
        name: name.clone(),
        arguments: fields(prototype.arguments.into_iter()),
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
        module: MODULE.to_owned(),
        name: name.to_owned(),
    }
}

fn sorted(names: impl Iterator<Item = FunctionName>) -> Vec<FunctionName> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Arguments are a word each. Structures by value are left out: they lie elsewhere.
fn fields(arguments: impl Iterator<Item = (String, Type, String)>) -> Vec<Field> {
    (0u8..)
        .zip(arguments)
        .filter(|(_, (_, ty, _))| ty.is_scalar())
        .map(|(n, (name, ty, c_type))| Field {
            name: if name.is_empty() {
                format!("arg{n}")
            } else {
                name
            },
            ty: in_user_space(ty, &c_type),
            c_type,
            location: FieldLocation::Argument(n),
        })
        .collect()
}

/// What the kernel gets from programs is not in its own memory, but BTF seldom tells.
fn in_user_space(ty: Type, c_type: &str) -> Type {
    match ty {
        Type::Pointer { target, .. } if c_type.contains("__user") => Type::Pointer {
            target,
            space: AddressSpace::User,
        },
        other => other,
    }
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
