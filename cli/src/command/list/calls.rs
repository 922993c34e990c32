//! System calls as probes: their names, and what is known of each.

use crate::pattern;
use trapline_lang::catalog::Catalog;
use trapline_lang::syscall::shape::{Access, ArgumentShape, Class, Fate, Pointee, Shape};
use trapline_lang::syscall::{self, Syscall};

/// In front of every probe here.
const PROVIDER: &str = "syscall:";
/// Behind one that fires when the call begins.
const ENTER: &str = ":enter";

/// The probe of each call of the kernel's own ABI, sorted.
pub(super) fn names(catalog: &dyn Catalog) -> Vec<String> {
    let mut names: Vec<String> = syscall::all(catalog.abi())
        .map(|(_, call)| format!("{PROVIDER}{}", call.name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The probes of classes, as completion offers them.
pub(crate) fn classes() -> impl Iterator<Item = String> {
    Class::ALL
        .iter()
        .map(|(_, name)| format!("{PROVIDER}%{name}"))
}

/// The attach point names system calls, and more may follow.
pub(super) fn is_list(attach_point: &str) -> bool {
    attach_point.starts_with(PROVIDER)
}

/// The probes that a list with classes or several names stands for, or one that fires at entry: what no pattern on
/// names says.
pub(super) fn listed(wanted: &str, catalog: &dyn Catalog) -> Vec<String> {
    let Some(rest) = wanted.strip_prefix(PROVIDER) else {
        return Vec::new();
    };
    let (list, moment) = match rest.strip_suffix(ENTER) {
        Some(list) => (list, ENTER),
        None => (rest, ""),
    };
    if moment.is_empty() && !list.contains(['%', ',']) {
        return Vec::new();
    }
    let fits = |call: &Syscall| {
        list.split(',').any(|part| match part.strip_prefix('%') {
            Some(class) => {
                let class = Class::by_name(class);
                class.is_some_and(|class| call.semantics().classes.contains(&class))
            }
            None => pattern::matches(part, call.name),
        })
    };
    let mut names: Vec<String> = syscall::all(catalog.abi())
        .filter(|(_, call)| fits(call))
        .map(|(_, call)| format!("{PROVIDER}{}{moment}", call.name))
        .collect();
    names.sort_unstable();
    names
}

/// The names of the arguments of a probe here, as in the manual and as in the kernel; `None` if it is no such one.
pub(super) fn fields(probe: &str, catalog: &dyn Catalog) -> Option<Vec<String>> {
    let call = call(probe, catalog)?;
    let manual = arguments(call).map(|argument| argument.name.to_owned());
    let mut names: Vec<String> = manual.collect();
    for argument in call.args {
        if !names.iter().any(|name| name == argument.name) {
            names.push(argument.name.to_owned());
        }
    }
    Some(names)
}

/// What is known of a call, a line each; `None` if the probe is none of one call.
pub(super) fn describe(probe: &str, catalog: &dyn Catalog) -> Option<Vec<String>> {
    let call = call(probe, catalog)?;
    let known = call.semantics();
    let mut lines: Vec<String> = call
        .args
        .iter()
        .zip(arguments(call))
        .map(|(definition, argument)| {
            let other = match definition.name == argument.name {
                true => String::new(),
                false => format!(" ({})", definition.name),
            };
            let what = what(argument.shape);
            format!("    {} {}{other}{what}", definition.c_type, argument.name)
        })
        .collect();
    lines.push(match known.fate {
        Fate::NeverReturns => "    never returns: fires when it begins".to_owned(),
        _ => match known.result {
            Shape::Set(set) => format!("    long retval: {set}"),
            _ => "    long retval".to_owned(),
        },
    });
    let classes = Class::ALL
        .iter()
        .filter(|(class, _)| known.classes.contains(class));
    let classes: Vec<String> = classes.map(|(_, name)| format!("%{name}")).collect();
    if !classes.is_empty() {
        lines.push(format!("    in {}", classes.join(", ")));
    }
    Some(lines)
}

/// What an argument is, and when the memory behind it is read.
fn what(shape: Shape) -> String {
    let Shape::Memory { what, access, .. } = shape else {
        return match shape {
            Shape::Set(set) => format!(": {set}"),
            _ => String::new(),
        };
    };
    let what = match what {
        Pointee::String => "string",
        Pointee::Bytes => "bytes",
        Pointee::Strings => "strings",
        Pointee::Environment => "environment",
        Pointee::Structure(name) => name,
    };
    let when = match access {
        Access::In => "read when the call has finished",
        Access::Out => "written by the call",
        Access::InOut => "read before the call and after it",
        Access::Lost => "read before the call",
    };
    format!(": {what}, {when}")
}

fn arguments(call: &'static Syscall) -> impl Iterator<Item = ArgumentShape> {
    (0..call.args.len()).filter_map(|at| call.shape(at))
}

/// The call of a probe that names one.
fn call(probe: &str, catalog: &dyn Catalog) -> Option<&'static Syscall> {
    let name = probe.strip_prefix(PROVIDER)?;
    let name = name.strip_suffix(ENTER).unwrap_or(name);
    let mut all = syscall::all(catalog.abi()).map(|(_, call)| call);
    all.find(|call| call.name == name)
}
