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
}
