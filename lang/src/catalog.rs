//! What the analyzer must know of the machine: which events exist, with which fields.
//!
//! The runtime has a live implementation (tracefs, BTF, the built-in system call table); tests have one
//! that reads a file.

pub mod file;
pub mod pattern;
pub mod tracefs_format;

use crate::ctypes::{Definition, EnumDef, Include, IncludeKind};
use crate::types::Type;
use std::sync::Arc;

/// Which probes exist, with which fields.
pub trait Catalog {
    /// Every tracepoint as category and name, sorted by both. System call events are among them,
    /// under the names that the kernel's tracefs gives them (`syscalls`, `sys_enter_newstat`).
    fn tracepoints(&self) -> &[TracepointName];

    /// The fields of one tracepoint, from its format file (or the built-in table for system call events).
    fn tracepoint(&self, category: &str, name: &str) -> Option<Arc<TracepointEvent>>;

    /// The id of a cgroup v2 directory, by its path; `None` where there is none.
    fn cgroup_id(&self, path: &str) -> Option<u64>;

    /// How many CPUs the machine can have.
    fn cpu_count(&self) -> u32;

    /// A type of the kernel by its name: with its tag (`struct task_struct`, `enum pid_type`), or that of a
    /// typedef. Types without a name have one that is made up; only what this method gives mentions it.
    fn kernel_type(&self, _name: &str) -> Option<Definition> {
        None
    }

    /// The enum of the kernel that has a constant of this name.
    fn kernel_enum_of(&self, _constant: &str) -> Option<EnumDef> {
        None
    }

    /// The text of a file that the C part of a script includes.
    fn include(&self, _path: &str, _kind: IncludeKind) -> Include {
        Include::Missing
    }
}

/// The name of a tracepoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TracepointName {
    /// `sched`
    pub category: String,
    /// `sched_switch`
    pub name: String,
}

/// A tracepoint and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct TracepointEvent {
    /// `sched`
    pub category: String,
    /// `sched_switch`
    pub name: String,
    /// What it is to the code generator.
    pub kind: TracepointKind,
    /// Its own fields, in order; the common ones (`common_pid`) too, first.
    pub fields: Vec<Field>,
}

/// What a tracepoint is to the code generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TracepointKind {
    /// Fields are read from the trace record.
    Record,
    /// `raw_syscalls:sys_enter`
    RawSysEnter,
    /// `raw_syscalls:sys_exit`
    RawSysExit,
    /// `syscalls:sys_enter_*`: the native ABI's number.
    SysEnter {
        /// The system call.
        number: u32,
    },
    /// `syscalls:sys_exit_*`: the native ABI's number.
    SysExit {
        /// The system call.
        number: u32,
    },
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// As scripts spell it.
    pub name: String,
    /// Its type in C, for listings: `const char *`.
    pub c_type: String,
    /// The type that a script sees.
    pub ty: Type,
    /// Where its value is.
    pub location: FieldLocation,
}

/// Where the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldLocation {
    /// In the trace record, at a byte offset; as many bytes as the type has.
    Record {
        /// From the start of the record, common fields included.
        offset: u32,
    },
    /// A `__data_loc` word in the record: the low half is the string's offset in the record, the high half its length.
    DataLoc {
        /// Of the word itself.
        offset: u32,
    },
    /// A `__rel_loc` word: like [`Self::DataLoc`], counted from the end of the word.
    RelLoc {
        /// Of the word itself.
        offset: u32,
    },
    /// The system call's number (`id`, `__syscall_nr`).
    SyscallNumber,
    /// Argument 0 to 5 of the system call.
    SyscallArgument(u8),
    /// All six arguments as an array (`raw_syscalls:sys_enter`'s `args`).
    SyscallArguments,
    /// What the system call returned.
    SyscallReturn,
}

impl TracepointEvent {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
