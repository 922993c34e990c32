//! The vocabulary that the rows are written in, so that a row stays one line.

use crate::syscall::shape::{
    Access, ArgumentShape, Class, Fate, Length, Pointee, Semantics, Shape,
};
use crate::syscall::structure::wide_size;

pub(super) const CLOCK: &[Class] = &[Class::Clock];
pub(super) const CREDS: &[Class] = &[Class::Credentials];
pub(super) const DESC: &[Class] = &[Class::Descriptor];
pub(super) const DESC_MEMORY: &[Class] = &[Class::Descriptor, Class::Memory];
pub(super) const DESC_NET: &[Class] = &[Class::Descriptor, Class::Network];
pub(super) const DESC_PROCESS_SIGNAL: &[Class] =
    &[Class::Descriptor, Class::Process, Class::Signal];
pub(super) const DESC_SIGNAL: &[Class] = &[Class::Descriptor, Class::Signal];
pub(super) const FILE: &[Class] = &[Class::File];
pub(super) const FILE_DESC: &[Class] = &[Class::File, Class::Descriptor];
pub(super) const FILE_DESC_PROCESS: &[Class] = &[Class::File, Class::Descriptor, Class::Process];
pub(super) const FILE_PROCESS: &[Class] = &[Class::File, Class::Process];
pub(super) const IPC: &[Class] = &[Class::Ipc];
pub(super) const MEMORY: &[Class] = &[Class::Memory];
pub(super) const MEMORY_IPC: &[Class] = &[Class::Memory, Class::Ipc];
pub(super) const NET: &[Class] = &[Class::Network];
pub(super) const NONE: &[Class] = &[];
pub(super) const PROCESS: &[Class] = &[Class::Process];
pub(super) const PROCESS_SIGNAL: &[Class] = &[Class::Process, Class::Signal];
pub(super) const SIGNAL: &[Class] = &[Class::Signal];

pub(super) const NUMBER: Shape = Shape::Number;
pub(super) const ADDRESS: Shape = Shape::Address;
pub(super) const HEX: Shape = set("hex");
pub(super) const FD: Shape = set("fd");
pub(super) const DIRFD: Shape = set("dirfd");
pub(super) const PID: Shape = set("pid");
pub(super) const ID: Shape = set("id");
pub(super) const MODE: Shape = set("mode");
pub(super) const SIGNAL_NUMBER: Shape = set("signal");
pub(super) const STRING: Shape = text(Pointee::String, Access::In);
pub(super) const STRING_OUT: Shape = text(Pointee::String, Access::Out);
pub(super) const STRING_LOST: Shape = text(Pointee::String, Access::Lost);
pub(super) const STRINGS_LOST: Shape = text(Pointee::Strings, Access::Lost);
pub(super) const ENVIRONMENT_LOST: Shape = text(Pointee::Environment, Access::Lost);

/// How much memory there is, in structures where it is no [`Count::Bytes`].
#[derive(Clone, Copy)]
pub(super) enum Count {
    /// So many.
    Exactly(u32),
    /// What that argument says.
    Elements(u8),
    /// What that argument says, in bytes.
    Bytes(u8),
    /// What is behind that argument, in bytes.
    Behind(u8),
    /// What the call returned.
    Results,
    /// What the call returned, in bytes.
    ResultBytes,
}

/// A call that returns.
pub(super) const fn call(
    name: &'static str,
    classes: &'static [Class],
    args: &'static [ArgumentShape],
    result: Shape,
) -> Semantics {
    Semantics {
        name,
        classes,
        fate: Fate::Returns,
        args,
        result,
    }
}

impl Semantics {
    /// One that ends otherwise.
    pub(super) const fn ending(self, fate: Fate) -> Self {
        Self { fate, ..self }
    }
}

pub(super) const fn arg(name: &'static str, shape: Shape) -> ArgumentShape {
    ArgumentShape { name, shape }
}

/// A number by a set.
pub(super) const fn set(name: &'static str) -> Shape {
    Shape::Set(name)
}

/// A structure that the call reads.
pub(super) const fn reads(name: &'static str) -> Shape {
    several(name, Access::In, Count::Exactly(1))
}

/// A structure that the call writes.
pub(super) const fn writes(name: &'static str) -> Shape {
    several(name, Access::Out, Count::Exactly(1))
}

/// A structure that the call reads, then writes.
pub(super) const fn updates(name: &'static str) -> Shape {
    several(name, Access::InOut, Count::Exactly(1))
}

/// Several structures, or one whose size the caller says.
pub(super) const fn several(name: &'static str, access: Access, count: Count) -> Shape {
    Shape::Memory {
        what: Pointee::Structure(name),
        access,
        length: length(count, wide_size(name)),
    }
}

/// A buffer.
pub(super) const fn bytes(access: Access, count: Count) -> Shape {
    Shape::Memory {
        what: Pointee::Bytes,
        access,
        length: length(count, 1),
    }
}

const fn text(what: Pointee, access: Access) -> Shape {
    Shape::Memory {
        what,
        access,
        length: Length::Terminated,
    }
}

const fn length(count: Count, size: u32) -> Length {
    match count {
        Count::Exactly(count) => Length::Fixed(count * size),
        Count::Elements(argument) => Length::Argument(argument, size),
        Count::Bytes(argument) => Length::Argument(argument, 1),
        Count::Behind(argument) => Length::Behind(argument),
        Count::Results => Length::Result(size),
        Count::ResultBytes => Length::Result(1),
    }
}
