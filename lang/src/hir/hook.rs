//! What fires a probe: events by name and number, places in programs, timers. How each is attached is for the
//! code generator and the runtime.

use super::{CallHook, CallRef};

/// What fires a probe.
#[derive(Clone, Debug, PartialEq)]
pub enum Hook {
    /// Once, before the others attach.
    Begin,
    /// Once, after the others have detached.
    End,
    /// Once, by `--test`.
    Test,
    /// Many times, by `--bench`.
    Bench,
    /// A timer on one CPU.
    Interval(Period),
    /// A timer on every CPU.
    Profile(Period),
    /// System calls, at entry or at exit.
    Syscall(SyscallHook),
    /// System calls as events of their own.
    Call(CallHook),
    /// Tracepoints whose fields are read from the trace record; all have the fields that the body uses
    /// at the same places.
    Tracepoint(Vec<TracepointRef>),
    /// Raw tracepoints, by name: their arguments are words of the context.
    RawTracepoint(Vec<String>),
    /// A signal to the tracer.
    Signal(i32),
    /// A counter of perf's, on every CPU.
    Counter(CounterHook),
    /// Places in user programs.
    User(UserHook),
    /// Functions of the kernel.
    Function(FunctionHook),
    /// A hardware breakpoint.
    Watchpoint(WatchpointHook),
    /// One pass over objects of the kernel (`task`, `task_file`, `task_vma`).
    Iterator(String),
}

/// A counter of perf's and after how many events it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterHook {
    /// `PERF_TYPE_HARDWARE` rather than `PERF_TYPE_SOFTWARE`.
    pub hardware: bool,
    /// `perf_event_attr.config`
    pub event: u32,
    /// Events between two firings.
    pub period: u64,
}

/// Places in user programs that run one body.
#[derive(Clone, Debug, PartialEq)]
pub struct UserHook {
    /// Entry (or any instruction), or the return of the function there.
    pub edge: Edge,
    /// At least one.
    pub sites: Vec<UserSite>,
    /// Only in this process.
    pub pid: Option<u32>,
}

/// A place in a user program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSite {
    /// The file.
    pub path: String,
    /// In the file.
    pub offset: u64,
    /// Where in the file the counter lies that tells the program that somebody listens; 0 if there is none.
    pub semaphore: u64,
    /// The function, or the name of the marker.
    pub function: String,
    /// As `probe` gives it.
    pub probe: String,
}

/// Functions of the kernel that run one body.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionHook {
    /// Entry or return.
    pub edge: Edge,
    /// By trampoline (`fentry`) rather than by `kprobe`.
    pub trampoline: bool,
    /// At least one.
    pub functions: Vec<FunctionRef>,
}

/// A place in the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionRef {
    /// The module, `vmlinux` for the kernel itself.
    pub module: String,
    /// The function.
    pub name: String,
    /// Bytes from its start.
    pub offset: u64,
    /// As `probe` gives it.
    pub probe: String,
    /// How many words its arguments take, where their types are known.
    pub argument_words: u8,
}

/// A hardware breakpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchpointHook {
    /// Where.
    pub address: u64,
    /// Bytes: 1, 2, 4 or 8.
    pub length: u8,
    /// A read fires it.
    pub read: bool,
    /// A write fires it.
    pub write: bool,
    /// Execution fires it.
    pub execute: bool,
    /// Only in this process; else in the `-c` command, or everywhere.
    pub pid: Option<u32>,
}

/// How often a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Every so many nanoseconds.
    Nanoseconds(u64),
    /// So many times a second.
    Hertz(u64),
}

/// Which system calls, and which half of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SyscallHook {
    /// Entry or exit.
    pub edge: Edge,
    /// Which calls.
    pub calls: SyscallSet,
}

/// The two ends of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Entry.
    Enter,
    /// Exit.
    Exit,
}

/// Which system calls a probe wants.
#[derive(Clone, Debug, PartialEq)]
pub enum SyscallSet {
    /// `raw_syscalls`: every call of every ABI, unknown numbers and -1 included.
    All,
    /// `syscalls:*`: these calls of the native ABI, sorted by number; compat calls are left out, as by the
    /// kernel's own events.
    Native(Vec<SyscallRef>),
    /// As [`Self::All`], but of these calls only, sorted by ABI and number.
    Some(Vec<CallRef>),
}

/// One system call event of the native ABI.
#[derive(Clone, Debug, PartialEq)]
pub struct SyscallRef {
    /// Its number.
    pub number: u32,
    /// The name of the tracepoint (`sys_enter_newstat`).
    pub event: String,
}

/// A tracepoint by name.
#[derive(Clone, Debug, PartialEq)]
pub struct TracepointRef {
    /// `sched`
    pub category: String,
    /// `sched_switch`
    pub name: String,
}
