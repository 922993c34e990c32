//! The tables of system calls, from the rows that the compiler and the decoder use.

use super::tables::{Table, code};
use std::collections::BTreeMap;
use trapline_lang::syscall::set::{self, Kind};
use trapline_lang::syscall::shape::{Access, ArgumentShape, Class, Length, Pointee, Shape};
use trapline_lang::syscall::{self, Abi, Syscall};

/// The calls of each ABI with a table, the native one's definition of a name first.
fn by_name() -> BTreeMap<&'static str, Vec<(Abi, &'static Syscall)>> {
    let mut calls: BTreeMap<_, Vec<(Abi, &Syscall)>> = BTreeMap::new();
    for abi in [Abi::X86_64, Abi::Aarch64, Abi::I386] {
        for (_, call) in syscall::all(abi) {
            let known = calls.entry(call.name).or_default();
            let words = arguments(call, abi);
            if !known
                .iter()
                .any(|other| arguments(other.1, other.0) == words)
            {
                known.push((abi, call));
            }
        }
    }
    calls
}

/// Each class with the calls that are in it.
pub(super) fn classes() -> String {
    let mut out = Table::new(&["class", "calls"]);
    for (class, name) in Class::ALL {
        let calls = by_name();
        let members = calls
            .iter()
            .filter(|(_, rows)| rows[0].1.semantics().classes.contains(&class));
        let names: Vec<String> = members.map(|(name, _)| code(name)).collect();
        out.row(&[&code(&format!("%{name}")), &names.join(" ")]);
    }
    out.finish(std::iter::empty())
}

/// Each call with its arguments and its result.
pub(super) fn calls() -> String {
    let mut out = Table::new(&["call", "arguments", "result", "at entry", "written"]);
    for (name, rows) in by_name() {
        for (at, (abi, call)) in rows.iter().enumerate() {
            if call.event.is_empty() {
                continue;
            }
            let name = match at {
                0 => code(name),
                _ => format!("{} of {}", code(name), abi.name()),
            };
            let written = accessed(call, *abi, &[Access::Out, Access::InOut]);
            let entry = accessed(call, *abi, &[Access::InOut, Access::Lost]);
            let result = value(call.semantics().result);
            out.row(&[&name, &arguments(call, *abi), &result, &entry, &written]);
        }
    }
    out.finish(std::iter::empty())
}

/// Each set with the names of its numbers.
pub(super) fn sets() -> String {
    let mut out = Table::new(&["set", "names"]);
    for set in set::all() {
        let names: Vec<&str> = set.rows.iter().map(|(name, _)| *name).collect();
        let names = match (set.kind, names.join(" ")) {
            (Kind::Errno, _) => "error numbers: `ENOENT`".to_owned(),
            (Kind::Signal, _) => "signals: `SIGKILL`".to_owned(),
            (Kind::Octal, _) => "octal".to_owned(),
            (Kind::Hex, _) => "hexadecimal".to_owned(),
            (Kind::Nanoseconds, _) => "nanoseconds".to_owned(),
            (Kind::FileMode, _) => "type and permissions of a file".to_owned(),
            (Kind::Device, _) => "major and minor number".to_owned(),
            (_, names) if names.is_empty() => "decimal".to_owned(),
            (_, names) => code(&names),
        };
        out.row(&[&code(set.name), &names]);
    }
    out.finish(std::iter::empty())
}

fn shapes(call: &Syscall, abi: Abi) -> impl Iterator<Item = ArgumentShape> {
    (0..call.args.len()).filter_map(move |at| call.shape_in(abi, at))
}

fn arguments(call: &Syscall, abi: Abi) -> String {
    let texts = shapes(call, abi).map(|argument| match value(argument.shape) {
        what if what.is_empty() => code(argument.name),
        what => format!("{} {what}", code(argument.name)),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn accessed(call: &Syscall, abi: Abi, how: &[Access]) -> String {
    let wanted = shapes(call, abi).filter(|argument| match argument.shape {
        Shape::Memory { access, .. } => how.contains(&access),
        _ => false,
    });
    let names: Vec<String> = wanted.map(|argument| code(argument.name)).collect();
    names.join(", ")
}

/// What a word is, in a few words; nothing of a plain number.
fn value(shape: Shape) -> String {
    match shape {
        Shape::Number => String::new(),
        Shape::Set(set) => format!("*{set}*"),
        Shape::Address => "address".to_owned(),
        Shape::Memory { what, length, .. } => match (what, length) {
            (Pointee::String, _) => "string".to_owned(),
            (Pointee::Bytes, _) => "bytes".to_owned(),
            (Pointee::Strings, _) => "strings".to_owned(),
            (Pointee::Environment, _) => "environment".to_owned(),
            (Pointee::Structure(name), Length::Argument(_, 2..) | Length::Result(2..)) => {
                format!("{name}\\[\\]")
            }
            (Pointee::Structure(name), _) => name.replace('[', "\\[").replace(']', "\\]"),
        },
    }
}
