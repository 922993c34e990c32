//! What the kernel's definitions do not say of a system call: how each argument and the result print, which memory
//! belongs to an argument, when it is read, and how calls end.
//!
//! Scripts find arguments by the names here, too (the manual page's); the code generator captures memory by these
//! rows; whoever prints a call formats by them.

use super::{Abi, Syscall, semantics, structure};

/// Most bytes of a captured call: the fixed part, and what is read of each argument
/// (`trapline_codegen::object::CallRecord`).
pub const CALL_RECORD_SIZE: u32 = 16 * 1024;

/// What is known of a system call beyond its definition.
#[derive(Debug, PartialEq, Eq)]
pub struct Semantics {
    /// As in [`Syscall::name`].
    pub name: &'static str,
    /// The classes that strace's `-e %class` has it in.
    pub classes: &'static [Class],
    /// How it ends.
    pub fate: Fate,
    /// One for each of [`Syscall::args`], in order. Empty: by the C types alone ([`Semantics::argument`]).
    pub args: &'static [ArgumentShape],
    /// The result, if it is no error.
    pub result: Shape,
}

/// How an argument is called in its manual page, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgumentShape {
    /// As in the manual page: `pathname`, where the kernel says `filename`. Both are known to scripts.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
}

/// What a word is, and so how it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A number in decimal, with the sign of its C type.
    Number,
    /// A number by the set of this name ([`super::set::by_name`]): `open_flags`, `mode`, `fd`, `dirfd`, `hex`.
    Set(&'static str),
    /// An address that says no more.
    Address,
    /// A pointer with memory behind it that belongs to the call.
    Memory {
        /// What lies there.
        what: Pointee,
        /// Who reads or writes it.
        access: Access,
        /// How much.
        length: Length,
    },
}

/// What lies behind a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointee {
    /// A NUL-terminated file name or other name; scripts see it as a string.
    String,
    /// Bytes, printed as a quoted string.
    Bytes,
    /// An array of pointers to strings, ended by a null pointer: `argv`.
    Strings,
    /// The same, of which only the number prints: `envp`.
    Environment,
    /// A structure or an array of them, by the name of its formatter (`timespec`, `sockaddr`, `stat`, `int[2]`).
    /// The size of one is in [`Length`].
    Structure(&'static str),
}

/// When the memory says what the call means by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The call only reads it: captured at exit, where it has been paged in.
    In,
    /// The call writes it: captured at exit, unless it failed.
    Out,
    /// The call reads, then overwrites it: captured at entry, and again at exit if it did not fail.
    InOut,
    /// It is gone when the call has succeeded (`execve`): captured at entry, and again at exit if that failed.
    Lost,
}

/// How many bytes belong to a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Up to a NUL.
    Terminated,
    /// So many.
    Fixed(u32),
    /// What argument `.0` says, times `.1`.
    Argument(u8, u32),
    /// What the `u32` behind the pointer in that argument says, after the call.
    Behind(u8),
    /// What the call returned, times this.
    Result(u32),
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It returns.
    Returns,
    /// It returns a second time, with 0, in the child: `clone`.
    ReturnsInChild,
    /// It never returns to its caller: `exit_group`, `rt_sigreturn`.
    NeverReturns,
    /// If it succeeds, the arguments are gone: `execve`.
    LosesArguments,
}

/// A class of system calls, as strace has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Class {
    File,
    Descriptor,
    Network,
    Process,
    Memory,
    Signal,
    Ipc,
    Credentials,
    Clock,
}

impl Class {
    /// All, with the names that scripts write behind `%`.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::File, "file"),
        (Self::Descriptor, "desc"),
        (Self::Network, "net"),
        (Self::Process, "process"),
        (Self::Memory, "memory"),
        (Self::Signal, "signal"),
        (Self::Ipc, "ipc"),
        (Self::Credentials, "creds"),
        (Self::Clock, "clock"),
    ];

    /// The class of a name without `%`; strace's longer names (`network`) too.
    pub fn by_name(name: &str) -> Option<Self> {
        let name = match name {
            "network" => "net",
            name => name,
        };
        Self::ALL
            .iter()
            .find(|(_, other)| *other == name)
            .map(|(class, _)| *class)
    }
}

impl Syscall {
    /// What is known of it beyond its definition. Calls of which nothing is known return, are in no class, and
    /// print by their C types.
    pub fn semantics(&self) -> &'static Semantics {
        semantics::of(self)
    }

    /// The name in the manual page and the shape of an argument, counted from 0, in the first ABI that has the
    /// call; `None` if there is no such one. Only sizes of structures differ in other ABIs ([`Self::shape_in`]).
    pub fn shape(&self, argument: usize) -> Option<ArgumentShape> {
        let abis = [Abi::X86_64, Abi::Aarch64, Abi::I386];
        let abi = abis.into_iter().find(|abi| self.has_number(*abi));
        self.shape_in(abi?, argument)
    }

    /// The same in an ABI: `struct iovec` is smaller to 32-bit programs.
    pub fn shape_in(&self, abi: Abi, argument: usize) -> Option<ArgumentShape> {
        let definition = self.args.get(argument)?;
        let known = self.semantics().args.get(argument).copied();
        let known = known.unwrap_or_else(|| ArgumentShape {
            name: definition.name,
            shape: Shape::of_type(definition),
        });
        Some(structure::in_abi(known, definition, abi))
    }
}
