//! What the events of a probe are called.

use super::{asks_for_probe, call};
use crate::object::ProbeNames;
use trapline_lang::hir::{CallHook, CallRef, CallSet, Edge, Hook, Probe, SyscallSet};
use trapline_lang::syscall::{self, Abi};

/// The names behind `probe` in a probe's body: event and full name, ascending.
pub(crate) fn probe_names(probe: &Probe, native: Abi) -> ProbeNames {
    let names = match &probe.hook {
        Hook::Syscall(hook) => match &hook.calls {
            SyscallSet::All | SyscallSet::Some(_) => vec![(0, raw_syscalls_name(hook.edge))],
            SyscallSet::Native(calls) => calls
                .iter()
                .map(|call| (call.number, format!("tracepoint:syscalls:{}", call.event)))
                .collect(),
        },
        Hook::Call(hook) => call_names(probe, hook, native),
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
        | Hook::Iterator(_) => vec![(0, probe.name.clone())],
    };
    ProbeNames { names }
}

/// In the number of an event, of a call that is not of the native ABI.
const FOREIGN: u32 = 1 << 31;

/// The number of a call among the events of its probe, from [`syscall::encode`].
pub(crate) fn call_event(native: Abi, call: CallRef) -> u32 {
    let foreign = if call.abi == native { 0 } else { FOREIGN };
    call.number | foreign
}

fn call_names(probe: &Probe, hook: &CallHook, native: Abi) -> Vec<(u32, String)> {
    if !asks_for_probe(probe) {
        return vec![(0, probe.name.clone())];
    }
    let calls: Vec<CallRef> = match &hook.calls {
        CallSet::All => call::known(native).map(|(call, _)| call).collect(),
        CallSet::Some(calls) => calls.clone(),
    };
    let end = match hook.edge {
        Edge::Enter => ":enter",
        Edge::Exit => "",
    };
    let mut names: Vec<_> = calls
        .into_iter()
        .filter_map(|call| {
            let name = syscall::by_number(call.abi, call.number)?.name;
            Some((call_event(native, call), format!("syscall:{name}{end}")))
        })
        .collect();
    names.sort_unstable();
    names
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
