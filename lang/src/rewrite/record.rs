//! `--record`: a typed script in, one that also has what its probes see written to a trace out.
//!
//! What a trace needs is more than the script asks for: both ends of every call, as the kernel shows them, and where
//! threads come from and go to. So there are probes of its own for that, in front of the script's: what ends a session
//! is then recorded before it does. They are internal: neither counted nor limited by anything but the scope.

use super::both;
use crate::hir::{
    Action, CallRef, CallSet, Edge, Expr, Hook, Probe, Recorded, Script, Stmt, StmtKind,
    SyscallHook, SyscallSet,
};
use crate::source::Span;
use crate::syscall::shape::Fate;
use crate::syscall::{self, Abi};

/// Pages of the ring buffer: 16 MiB. The reader may be away for some tens of milliseconds while a program makes a
/// million calls a second.
const RING_PAGES: u32 = 4096;

/// What happens to threads, and the raw tracepoint that tells of it.
const THREADS: [(Recorded, &str); 3] = [
    (Recorded::Fork, "sched_process_fork"),
    (Recorded::Exec, "sched_process_exec"),
    (Recorded::End, "sched_process_exit"),
];

/// Has what the script's probes see recorded, as far as the scope holds; last of all changes of a script. Gives the
/// calls that are recorded, ascending, as [`syscall::encode`] has them; `None`: all.
///
/// The ring buffer grows, unless the script says how large it is.
pub fn record(script: &mut Script, native: Abi, scope: Option<&Expr>) -> Option<Vec<u64>> {
    let calls = recorded_calls(script, native);
    let set = |calls: &Option<Vec<CallRef>>| match calls {
        None => SyscallSet::All,
        Some(calls) => SyscallSet::Some(calls.clone()),
    };
    let on = |edge, calls| Hook::Syscall(SyscallHook { edge, calls });
    let exits = calls
        .clone()
        .map(|calls| with_all_that_change(calls, native));
    let mut probes = vec![
        probe(
            Recorded::Enter,
            "record:enter",
            on(Edge::Enter, set(&calls)),
            scope,
        ),
        probe(
            Recorded::Exit,
            "record:exit",
            on(Edge::Exit, set(&exits)),
            scope,
        ),
    ];
    for (what, tracepoint) in THREADS {
        let hook = Hook::RawTracepoint(vec![tracepoint.to_owned()]);
        probes.push(probe(what, &format!("record:{tracepoint}"), hook, scope));
    }
    script.probes.splice(0..0, probes);
    script.config.perf_rb_pages.get_or_insert(RING_PAGES);
    calls.map(|calls| {
        let codes = calls.iter();
        let mut codes: Vec<u64> = codes
            .map(|call| syscall::encode(native, call.abi, call.number))
            .collect();
        codes.sort_unstable();
        codes
    })
}

/// The calls that the script's probes see, sorted by ABI and number; `None`: all. A script without such probes sees
/// all, for what else would be recorded?
pub fn recorded_calls(script: &Script, native: Abi) -> Option<Vec<CallRef>> {
    let mut calls = Vec::new();
    for probe in script.probes.iter().filter(|probe| !probe.internal) {
        match &probe.hook {
            Hook::Syscall(hook) => match &hook.calls {
                SyscallSet::All => return None,
                SyscallSet::Native(refs) => calls.extend(refs.iter().map(|call| CallRef {
                    abi: native,
                    number: call.number,
                })),
                SyscallSet::Some(refs) => calls.extend(refs),
            },
            Hook::Call(hook) => match &hook.calls {
                CallSet::All => return None,
                CallSet::Some(refs) => calls.extend(refs),
            },
            _ => {}
        }
    }
    (!calls.is_empty()).then(|| sorted(calls))
}

/// `execve` ends as a call of another number where the new program has another ABI.
fn with_all_that_change(mut calls: Vec<CallRef>, native: Abi) -> Vec<CallRef> {
    let changes = |call: &CallRef| {
        syscall::by_number(call.abi, call.number)
            .is_some_and(|row| row.semantics().fate == Fate::LosesArguments)
    };
    if calls.iter().any(changes) {
        for abi in std::iter::once(native).chain(native.compat().iter().copied()) {
            let refs = syscall::all(abi).map(|(number, _)| CallRef { abi, number });
            calls.extend(refs.filter(changes));
        }
    }
    sorted(calls)
}

fn sorted(mut calls: Vec<CallRef>) -> Vec<CallRef> {
    calls.sort_unstable_by_key(|call| (call.abi as u8, call.number));
    calls.dedup();
    calls
}

fn probe(what: Recorded, name: &str, hook: Hook, scope: Option<&Expr>) -> Probe {
    Probe {
        name: name.to_owned(),
        span: Span::NOWHERE,
        hook,
        attach_points: 0,
        internal: true,
        predicate: scope.map(|scope| both(scope.clone(), None)),
        body: vec![Stmt {
            kind: StmtKind::Action(Action::Record(what)),
            span: Span::NOWHERE,
        }],
        vars: Vec::new(),
    }
}
