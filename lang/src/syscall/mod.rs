//! System calls: names, numbers by ABI, arguments; error numbers and signals.
//!
//! The tables are generated (`lang/tools/`) from pinned kernel sources, never from the machine.

pub mod errno;
pub mod signal;
mod table;

/// A system call ABI: which numbers mean which calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Abi {
    /// 64-bit x86.
    X86_64,
    /// 32-bit x86.
    I386,
    /// 64-bit ARM.
    Aarch64,
}

/// A system call.
#[derive(Debug, PartialEq, Eq)]
pub struct Syscall {
    /// As in the manual: `stat`.
    pub name: &'static str,
    /// As the kernel's events call it, without `sys_enter_`: `newstat`.
    pub event: &'static str,
    /// Its arguments, at most six, as in the kernel's `SYSCALL_DEFINE`.
    pub args: &'static [Argument],
}

/// An argument of a system call.
#[derive(Debug, PartialEq, Eq)]
pub struct Argument {
    /// As in the kernel's source, which is what its events call it: `filename`.
    pub name: &'static str,
    /// In C: `const char __user *` is written `const char *`.
    pub c_type: &'static str,
    /// What a script sees.
    pub kind: ArgumentKind,
}

/// What an argument is to a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// An integer of that many bits.
    Int {
        /// 8, 16, 32 or 64.
        bits: u8,
        /// Has a sign.
        signed: bool,
    },
    /// A user pointer to a NUL-terminated string.
    CString,
    /// Any other user pointer.
    Pointer,
}

pub use table::{by_event, by_name, by_number, number};
