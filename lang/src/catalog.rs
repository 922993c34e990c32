//! What the analyzer must know of the machine: which events exist, with which fields.
//!
//! The runtime has a live implementation (tracefs, BTF, the built-in system call table); tests have one
//! that reads a file.

pub mod file;
pub mod function;
pub mod pattern;
pub mod program;
pub mod tracefs_format;

pub use function::{Function, FunctionName, KERNEL};
pub use program::Program;

use crate::ctypes::{Definition, EnumDef, Include, IncludeKind};
use crate::syscall::Abi;
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

    /// The kernel's own system call ABI.
    fn abi(&self) -> Abi;

    /// How many CPUs the machine can have.
    fn cpu_count(&self) -> u32;

    /// Every raw tracepoint, sorted.
    fn raw_tracepoints(&self) -> &[FunctionName] {
        &[]
    }

    /// A raw tracepoint's arguments.
    fn raw_tracepoint(&self, _name: &FunctionName) -> Option<Arc<Function>> {
        None
    }

    /// Every function of the kernel that may be traced, sorted.
    fn functions(&self) -> &[FunctionName] {
        &[]
    }

    /// Those of them whose arguments the kernel's type information tells, sorted.
    fn typed_functions(&self) -> &[FunctionName] {
        self.functions()
    }

    /// A function of the kernel with its arguments and what it returns.
    fn function(&self, _name: &FunctionName) -> Option<Arc<Function>> {
        None
    }

    /// The address of a symbol of the kernel.
    fn kernel_address(&self, _name: &str) -> Option<u64> {
        None
    }

    /// The programs and libraries that a name stands for: a path, a name to be looked for as the shell and the
    /// loader do, or a pattern. With a process, whatever it has mapped is found, too.
    ///
    /// # Errors
    /// If there is none: the reason, for people.
    fn programs(&self, _name: &str, _pid: Option<u32>) -> Result<Vec<Arc<Program>>, String> {
        Err("programs cannot be read here".into())
    }

    /// The name that the source has for what the linker calls `symbol`; `None` if it is the same.
    fn source_name(&self, _symbol: &str) -> Option<String> {
        None
    }

    /// Where a register lies in the kernel's `struct pt_regs`.
    fn register(&self, _name: &str) -> Option<u32> {
        None
    }

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
    /// Argument 0 and so on: of a raw tracepoint, or of the function that was entered.
    Argument(u8),
    /// What the function returned.
    Return,
    /// A register, by its offset in `struct pt_regs`.
    Register(u32),
    /// An argument of a static marker.
    Operand(Operand),
}

/// Where a static marker keeps an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operand {
    /// Where it is.
    pub place: OperandPlace,
    /// Its width: 8, 16, 32 or 64.
    pub bits: u8,
    /// It has a sign.
    pub signed: bool,
}

/// Where an argument is. Registers are offsets in `struct pt_regs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OperandPlace {
    /// It is this.
    Constant(i64),
    /// In a register.
    Register(u32),
    /// In memory, at the sum of these.
    Memory {
        /// A register.
        base: u32,
        /// Another, and what it is multiplied by.
        index: Option<(u32, u8)>,
        /// A constant.
        displacement: i64,
    },
}

impl TracepointEvent {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
