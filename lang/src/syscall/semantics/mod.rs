//! What is known of system calls beyond their definitions: one row for each name, by kind of call.
//!
//! Classes: strace 6.1, as its `-e trace=%CLASS` chooses; calls that it does not know by the same rules. Names of
//! arguments, and what they are: the manual pages (man-pages 6.9); for calls without one, linux v7.2.12. Names of
//! structures: [`super::structure`]; of sets: [`super::set`].

mod credentials;
mod descriptor;
mod file;
mod ipc;
mod memory;
mod network;
mod process;
mod signal;
mod system;
mod time;
mod unimplemented;
mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::shape::{Access, Fate, Length, Pointee, Semantics, Shape};
use super::{Argument, ArgumentKind, Syscall};

/// The rows, by kind of call. A name whose arguments differ between ABIs has several.
pub(super) static GROUPS: &[&[Semantics]] = &[
    file::ROWS,
    descriptor::ROWS,
    network::ROWS,
    process::ROWS,
    memory::ROWS,
    signal::ROWS,
    time::ROWS,
    ipc::ROWS,
    credentials::ROWS,
    system::ROWS,
    unimplemented::ROWS,
];

/// The row of a call: of those with its name, the one whose arguments are the definition's.
pub(super) fn of(syscall: &Syscall) -> &'static Semantics {
    static BY_NAME: LazyLock<HashMap<&str, Vec<&Semantics>>> = LazyLock::new(|| {
        let mut rows: HashMap<_, Vec<_>> = HashMap::new();
        for row in GROUPS.iter().copied().flatten() {
            rows.entry(row.name).or_default().push(row);
        }
        rows
    });
    let rows = BY_NAME.get(syscall.name).into_iter().flatten();
    rows.copied()
        .find(|row| fits(row, syscall))
        .unwrap_or(&UNKNOWN)
}

/// Whether a row has as many arguments as a definition, and memory where that has pointers.
fn fits(row: &Semantics, syscall: &Syscall) -> bool {
    let pairs = || row.args.iter().zip(syscall.args);
    row.args.len() == syscall.args.len()
        && pairs().all(|(known, definition)| match known.shape {
            Shape::Memory { .. } => !matches!(definition.kind, ArgumentKind::Int { .. }),
            Shape::Number | Shape::Set(_) => !definition.c_type.contains('*'),
            Shape::Address => true,
        })
}

/// A call of which nothing is known.
static UNKNOWN: Semantics = Semantics {
    name: "",
    classes: &[],
    fate: Fate::Returns,
    args: &[],
    result: Shape::Number,
};

impl Shape {
    /// What the C type of an argument says of it.
    pub(super) fn of_type(argument: &Argument) -> Self {
        match argument.kind {
            ArgumentKind::CString => Self::Memory {
                what: Pointee::String,
                access: Access::In,
                length: Length::Terminated,
            },
            ArgumentKind::Pointer => Self::Address,
            ArgumentKind::Int { .. } if argument.c_type == "unsigned long" => Self::Set("hex"),
            ArgumentKind::Int { .. } => Self::Number,
        }
    }
}

#[cfg(test)]
mod tests;
