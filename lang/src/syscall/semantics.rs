//! The rows of what is known of system calls beyond their definitions.

use super::shape::{Access, ArgumentShape, Class, Fate, Length, Pointee, Semantics, Shape};
use super::{Argument, ArgumentKind, Syscall};

/// The row of a call.
pub(super) fn of(syscall: &Syscall) -> &'static Semantics {
    ROWS.iter()
        .find(|row| row.name == syscall.name)
        .unwrap_or(&UNKNOWN)
}

/// A call of which nothing is known.
static UNKNOWN: Semantics = row("", &[], Fate::Returns, &[], Shape::Number);

impl Shape {
    /// What the C type of an argument says of it.
    pub(super) fn of_type(argument: &Argument) -> Self {
        match argument.kind {
            ArgumentKind::CString => STRING,
            ArgumentKind::Pointer => Self::Address,
            ArgumentKind::Int { .. } if argument.c_type == "unsigned long" => Self::Set("hex"),
            ArgumentKind::Int { .. } => Self::Number,
        }
    }
}

const STRING: Shape = Shape::Memory {
    what: Pointee::String,
    access: Access::In,
    length: Length::Terminated,
};

const fn row(
    name: &'static str,
    classes: &'static [Class],
    fate: Fate,
    args: &'static [ArgumentShape],
    result: Shape,
) -> Semantics {
    Semantics {
        name,
        classes,
        fate,
        args,
        result,
    }
}

const fn arg(name: &'static str, shape: Shape) -> ArgumentShape {
    ArgumentShape { name, shape }
}

#[rustfmt::skip]
static ROWS: &[Semantics] = &[
    row("openat", &[Class::File, Class::Descriptor], Fate::Returns, &[arg("dirfd", Shape::Set("dirfd")), arg("pathname", STRING), arg("flags", Shape::Set("open_flags")), arg("mode", Shape::Set("mode"))], Shape::Set("fd")),
];
