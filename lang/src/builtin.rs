//! Builtin values: one row each.
//!
//! What a script writes; what the code generator knows is [`crate::hir::Builtin`].

use crate::engine::Engines;
use crate::provider::{Provider, Support};

/// A builtin value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the rows document them")]
pub enum Builtin {
    Args,
    Argument,
    Retval,
    Errno,
    Latency,
    Syscall,
    Abi,
    Ctx,
    Pid,
    Tid,
    Ppid,
    Pcomm,
    LeaderTid,
    LeaderComm,
    ChildPid,
    HasChild,
    Uid,
    Gid,
    Username,
    Comm,
    Cgroup,
    Container,
    Cpu,
    CpuCount,
    NumaNode,
    Nsecs,
    Elapsed,
    Jiffies,
    CurrentTask,
    Random,
    Probe,
    ProbeType,
    Function,
    KernelStack,
    UserStack,
    DwarfUserStack,
    UserMode,
    Config,
}

/// One builtin.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub id: Builtin,
    /// As scripts write it.
    pub name: &'static str,
    /// What may stand in parentheses behind it; empty if nothing.
    pub arguments: &'static str,
    /// The type of its value, as a reference names it.
    pub ty: &'static str,
    /// The providers whose probes have it; empty: all.
    pub providers: &'static [Provider],
    /// Who offers it.
    pub engines: Engines,
    /// Who offers it with something in parentheses.
    pub argument_engines: Engines,
    /// Whether it works.
    pub support: Support,
    /// What it is, in one line.
    pub doc: &'static str,
}

use Builtin as B;
use Provider as P;
use Support::{NotYet, Ready};

const fn row(
    id: Builtin,
    name: &'static str,
    ty: &'static str,
    engines: Engines,
    support: Support,
    doc: &'static str,
) -> Row {
    Row {
        id,
        name,
        arguments: "",
        ty,
        providers: &[],
        engines,
        argument_engines: engines,
        support,
        doc,
    }
}

impl Row {
    const fn taking(mut self, arguments: &'static str, engines: Engines) -> Self {
        self.arguments = arguments;
        self.argument_engines = engines;
        self
    }

    const fn only(mut self, providers: &'static [Provider]) -> Self {
        self.providers = providers;
        self
    }

    /// Probes of that provider have it.
    pub fn offered_by(&self, provider: Provider) -> bool {
        self.providers.is_empty() || self.providers.contains(&provider)
    }
}

const ARGS: &[P] = &[
    P::Syscall,
    P::Tracepoint,
    P::RawTracepoint,
    P::Fentry,
    P::Fexit,
];
const CALLS: &[P] = &[P::Syscall, P::Tracepoint];
const INTERRUPTED: &[P] = &[
    P::Begin,
    P::End,
    P::Interval,
    P::Profile,
    P::Software,
    P::Hardware,
];
const NUMBERED: &[P] = &[P::RawTracepoint, P::Uprobe, P::Usdt, P::Kprobe];
const RETURNS: &[P] = &[P::Syscall, P::Uretprobe, P::Kretprobe, P::Fexit];
const FUNCTIONS: &[P] = &[
    P::Uprobe,
    P::Uretprobe,
    P::Kprobe,
    P::Kretprobe,
    P::Fentry,
    P::Fexit,
];

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row(B::Args, "args", "record", Engines::ALL, Ready, "the arguments of the event; args.NAME is one of them").only(ARGS),
    row(B::Argument, "argN", "uint64", Engines::BPF, Ready, "raw argument N, from 0").only(NUMBERED),
    row(B::Retval, "retval", "int64", Engines::ALL, Ready, "what the function or the system call returned").only(RETURNS),
    row(B::Errno, "errno", "errno_t", Engines::ALL, Ready, "the error of the system call; 0 if it succeeded").only(CALLS),
    row(B::Latency, "latency", "latency_t", Engines::ALL, Ready, "nanoseconds that the system call took; -1, printed as ?, if its beginning was not seen").only(CALLS),
    row(B::Syscall, "syscall", "syscall_name_t", Engines::ALL, Ready, "the system call, by name").only(CALLS),
    row(B::Abi, "abi", "abi_t", Engines::ALL, Ready, "the ABI that the system call was made in: x86_64, i386, x32, arm64, arm").only(CALLS),
    row(B::Ctx, "ctx", "pointer", Engines::BPF, Ready, "the context of the probe: in an iterator, the object that it is at; else what the kernel hands to programs of this kind"),
    row(B::Pid, "pid", "uint32", Engines::ALL, Ready, "process id (thread group)").taking("curr_ns | init", Engines::BPF),
    row(B::Tid, "tid", "uint32", Engines::ALL, Ready, "thread id").taking("curr_ns | init", Engines::BPF),
    row(B::Ppid, "ppid", "uint32", Engines::ALL, Ready, "process id of the parent").taking("TASK", Engines::BPF),
    row(B::Pcomm, "pcomm", "string[16]", Engines::ALL, Ready, "name of the parent; in a replay empty if the parent does nothing in the trace").taking("TASK", Engines::BPF),
    row(B::LeaderTid, "leader_tid", "uint32", Engines::BPF, Ready, "thread id of the thread group's leader").taking("TASK", Engines::BPF),
    row(B::LeaderComm, "leader_comm", "string[16]", Engines::BPF, Ready, "name of the thread group's leader").taking("TASK", Engines::BPF),
    row(B::ChildPid, "cpid", "uint32", Engines::ALL, Ready, "process id of the -c command"),
    row(B::HasChild, "has_cpid", "bool", Engines::ALL, Ready, "whether there is a -c command"),
    row(B::Uid, "uid", "uint32", Engines::ALL, Ready, "user id"),
    row(B::Gid, "gid", "uint32", Engines::ALL, Ready, "group id"),
    row(B::Username, "username", "username_t", Engines::ALL, Ready, "user name"),
    row(B::Comm, "comm", "string[16]", Engines::ALL, Ready, "name of the thread; of another one by its id").taking("PID | TASK", Engines::BPF),
    row(B::Cgroup, "cgroup", "uint64", Engines::ALL, Ready, "cgroup v2 id"),
    row(B::Container, "container", "container_t", Engines::ALL, Ready, "the container or systemd unit that the path of the cgroup tells (docker:0123456789ab, nginx.service), else the path"),
    row(B::Cpu, "cpu", "uint32", Engines::ALL, Ready, "number of the CPU"),
    row(B::CpuCount, "ncpus", "uint32", Engines::ALL, Ready, "how many CPUs there are"),
    row(B::NumaNode, "numaid", "uint32", Engines::BPF, Ready, "number of the NUMA node"),
    row(B::Nsecs, "nsecs", "uint64", Engines::ALL, Ready, "nanoseconds since boot").taking("monotonic | boot | tai | sw_tai", Engines::ALL),
    row(B::Elapsed, "elapsed", "uint64", Engines::ALL, Ready, "nanoseconds since the script started"),
    row(B::Jiffies, "jiffies", "uint64", Engines::BPF, Ready, "kernel ticks since boot"),
    row(B::CurrentTask, "curtask", "pointer", Engines::BPF, Ready, "the address of the current task_struct"),
    row(B::Random, "rand", "uint32", Engines::ALL, Ready, "a random number"),
    row(B::Probe, "probe", "string", Engines::ALL, Ready, "the full name of the probe that fired"),
    row(B::ProbeType, "probetype", "string", Engines::ALL, Ready, "the provider of the probe that fired"),
    row(B::Function, "func", "string", Engines::BPF, Ready, "the traced function").only(FUNCTIONS),
    row(B::KernelStack, "kstack", "kstack_t", Engines::BPF, Ready, "call stack in the kernel").taking("[bpftrace | perf | raw | build_id][, LIMIT]", Engines::BPF),
    row(B::UserStack, "ustack", "ustack_t", Engines::BPF, Ready, "call stack in the process").taking("[bpftrace | perf | raw | build_id][, LIMIT]", Engines::BPF),
    row(B::DwarfUserStack, "dw_ustack", "ustack_t", Engines::BPF, NotYet, "call stack in the process, unwound by DWARF").taking("[MODE][, LIMIT]", Engines::BPF),
    row(B::UserMode, "usermode", "uint8", Engines::BPF, Ready, "1 if the CPU was in user mode; in BEGIN and END always").only(INTERRUPTED),
    row(B::Config, "config", "record", Engines::ALL, Ready, "the options in force"),
];

/// Every builtin.
pub fn all() -> &'static [Row] {
    ROWS
}

/// The builtin of a name, `arg0` to `arg9` and `__builtin_` names included.
pub fn by_name(name: &str) -> Option<&'static Row> {
    let name = name.strip_prefix("__builtin_").unwrap_or(name);
    let numbered = name
        .strip_prefix("arg")
        .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit());
    let name = if numbered { "argN" } else { name };
    ROWS.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_ids_are_unique() {
        let names: HashSet<_> = all().iter().map(|row| row.name).collect();
        let ids: HashSet<_> = all().iter().map(|row| row.id).collect();
        assert_eq!((names.len(), ids.len()), (all().len(), all().len()));
    }

    #[test]
    fn numbered_arguments_share_a_row() {
        assert_eq!(by_name("arg3").map(|row| row.id), Some(Builtin::Argument));
        assert!(by_name("arg10").is_none());
        assert_eq!(
            by_name("__builtin_cpu").map(|row| row.id),
            Some(Builtin::Cpu)
        );
    }
}
