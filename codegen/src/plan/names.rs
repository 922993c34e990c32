//! What the events of a probe are called.

use crate::object::ProbeNames;
use trapline_lang::hir::{Edge, Hook, Probe, SyscallSet};

/// The names behind `probe` in a probe's body: event and full name, ascending.
pub(crate) fn probe_names(probe: &Probe) -> ProbeNames {
    let names = match &probe.hook {
        Hook::Syscall(hook) => match &hook.calls {
            SyscallSet::All => vec![(0, raw_syscalls_name(hook.edge))],
            SyscallSet::Native(calls) => calls
                .iter()
                .map(|call| (call.number, format!("tracepoint:syscalls:{}", call.event)))
                .collect(),
        },
        Hook::Tracepoint(events) => (0..)
            .zip(events)
            .map(|(n, event)| (n, format!("tracepoint:{}:{}", event.category, event.name)))
            .collect(),
        Hook::RawTracepoint(names) => numbered(names, |name| format!("rawtracepoint:{name}")),
        Hook::User(user) => numbered(&user.sites, |site| site.probe.clone()),
        Hook::Function(hook) => numbered(&hook.functions, |function| function.probe.clone()),
        Hook::Begin
        | Hook::End
        | Hook::Test
        | Hook::Bench
        | Hook::Interval(_)
        | Hook::Profile(_)
        | Hook::Signal(_)
        | Hook::Counter(_)
        | Hook::Watchpoint(_)
        | Hook::Iterator(_)
        | Hook::Call(_) => vec![(0, probe.name.clone())],
    };
    ProbeNames { names }
}

/// The names behind `func` in a probe's body.
pub(crate) fn function_names(probe: &Probe) -> ProbeNames {
    let names = match &probe.hook {
        Hook::User(user) => numbered(&user.sites, |site| site.function.clone()),
        Hook::Function(hook) => numbered(&hook.functions, |function| function.name.clone()),
        _ => Vec::new(),
    };
    ProbeNames { names }
}

fn numbered<T>(events: &[T], name: impl Fn(&T) -> String) -> Vec<(u32, String)> {
    (0..).zip(events.iter().map(name)).collect()
}

fn raw_syscalls_name(edge: Edge) -> String {
    format!("tracepoint:raw_syscalls:{}", edge_name(edge))
}

pub(super) fn edge_name(edge: Edge) -> &'static str {
    match edge {
        Edge::Enter => "sys_enter",
        Edge::Exit => "sys_exit",
    }
}
