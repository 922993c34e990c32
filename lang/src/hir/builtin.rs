//! Builtin values, as the code generator knows them.

use crate::types::{Clock, StackType};

/// Builtin values as the code generator knows them. The names and documentation of what scripts write
/// are rows of [`crate::builtin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// Process id (thread group) in the tracer's pid namespace.
    Pid,
    /// Thread id in the tracer's pid namespace.
    Tid,
    /// Process id of the parent.
    Ppid,
    /// Name of the parent: `string[16]`. Native engines know; in the kernel, it is read from the task.
    ParentComm,
    /// User id.
    Uid,
    /// Group id.
    Gid,
    /// The thread's name: `string[16]`.
    Comm,
    /// Nanoseconds on a clock.
    Nsecs(Clock),
    /// Nanoseconds (monotonic) since the script started.
    Elapsed,
    /// Number of the CPU.
    Cpu,
    /// How many CPUs there are.
    CpuCount,
    /// cgroup v2 id.
    Cgroup,
    /// 32 random bits.
    Random,
    /// The probe that fired ([`Type::ProbeName`](crate::types::Type::ProbeName)).
    Probe,
    /// Process id of the `-c` command; a load-time constant.
    ChildPid,
    /// The current `task_struct`, as an address in the kernel.
    CurrentTask,
    /// NUMA node.
    NumaNode,
    /// Kernel ticks since boot.
    Jiffies,
    /// A call stack ([`Type::Stack`](crate::types::Type::Stack)).
    Stack(StackType),
    /// Whether the CPU was in user mode: a boolean.
    UserMode,
    /// The function that was hit ([`Type::ProbeName`](crate::types::Type::ProbeName)), where there are several.
    Function,
    /// The address of the program's context.
    Context,
    /// True for one call of so many, by chance; the others are counted.
    Sample {
        /// At least 1.
        one_in: u32,
    },
    /// Whether the process is the followed one or one of its descendants: a boolean. Native engines know; in the
    /// kernel, maps of the script do ([`crate::rewrite::is_followed`]).
    Followed,
    /// The id of the cgroup v2 at this level above the task's own, or its own; 0 if there is none.
    AncestorCgroup {
        /// The root's is 0.
        level: u32,
    },
    /// The system call ([`crate::types::Type::SyscallName`]), by [`crate::syscall::encode`].
    Syscall,
    /// The ABI of the system call: a number of the set `abi`.
    Abi,
    /// The error number of the system call's result; 0 if it is none. Of the set `errno`.
    Errno,
    /// Nanoseconds from the entry of the system call to its exit, signed; -1 if the entry was not seen. Aggregations
    /// leave out values that are made from an unknown one, and count them. Of the set `latency`.
    Latency,
    /// The system call with the memory that belongs to it: a [`crate::types::Type::CallRecord`], only in
    /// [`super::Action::PrintValue`].
    CallRecord,
}
