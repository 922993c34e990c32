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
use std::ops::Range;

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

/// Has the flight recorder written out when the probes fire that stand in this part of the text.
pub fn dump(script: &mut Script, text: &Range<u32>) {
    let chosen = script.probes.iter_mut();
    for probe in chosen.filter(|probe| text.contains(&probe.span.start)) {
        let kind = StmtKind::Action(Action::Dump);
        let span = probe.span;
        probe.body.push(Stmt { kind, span });
    }
}

/// The calls that the script's probes see, sorted by ABI and number; `None`: all. A script without such probes sees
/// all, for what else would be recorded? One that only says when the flight recorder is to be written is none.
pub fn recorded_calls(script: &Script, native: Abi) -> Option<Vec<CallRef>> {
    let probes = script.probes.iter().filter(|probe| !probe.internal);
    let (triggers, own): (Vec<_>, Vec<_>) = probes.partition(|probe| is_trigger(probe));
    let mut calls = seen(&own, native)?;
    if calls.is_empty() {
        return None;
    }
    calls.extend(seen(&triggers, native)?);
    Some(sorted(calls))
}

fn is_trigger(probe: &Probe) -> bool {
    let dumps = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Action(Action::Dump));
    probe.body.iter().any(dumps)
}

/// The calls that probes see; `None`: all.
fn seen(probes: &[&Probe], native: Abi) -> Option<Vec<CallRef>> {
    let mut calls = Vec::new();
    for probe in probes {
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
    Some(calls)
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

#[cfg(test)]
mod tests {
    use super::super::is_process;
    use super::*;
    use crate::hir::{CallHook, SyscallRef};
    use crate::syscall::X32_BIT;

    const NATIVE: Abi = Abi::X86_64;

    fn native(number: u32) -> CallRef {
        CallRef {
            abi: NATIVE,
            number,
        }
    }

    fn script(hooks: Vec<Hook>) -> Script {
        let probes = hooks.into_iter().map(|hook| Probe {
            internal: false,
            ..probe(Recorded::Enter, "script's own", hook, None)
        });
        Script {
            probes: probes.collect(),
            ..Script::default()
        }
    }

    fn some(edge: Edge, calls: Vec<CallRef>) -> Hook {
        let calls = CallSet::Some(calls);
        Hook::Call(CallHook { edge, calls })
    }

    fn tracepoint(number: u32) -> Hook {
        let event = String::from("sys_enter_x");
        Hook::Syscall(SyscallHook {
            edge: Edge::Enter,
            calls: SyscallSet::Native(vec![SyscallRef { number, event }]),
        })
    }

    fn sets(script: &Script) -> Vec<&SyscallSet> {
        let hooks = script.probes.iter().filter(|probe| probe.internal);
        hooks
            .filter_map(|probe| match &probe.hook {
                Hook::Syscall(hook) => Some(&hook.calls),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn what_probes_see_is_recorded_in_front_of_them() {
        let i386 = CallRef {
            abi: Abi::I386,
            number: 5,
        };
        let mut script = script(vec![
            tracepoint(257),
            some(Edge::Exit, vec![native(0), native(257), i386]),
            Hook::Begin,
        ]);
        let calls = record(&mut script, NATIVE, Some(&is_process(7)));
        assert_eq!(calls, Some(vec![0, 257, 1 << 32 | 5]));
        let wanted = SyscallSet::Some(vec![native(0), native(257), i386]);
        assert_eq!(sets(&script), [&wanted, &wanted]);
        assert_eq!(script.probes.len(), 8);
        let (own, others) = script.probes.split_at(5);
        for probe in own {
            assert!(probe.is_recorder());
            assert_eq!(probe.predicate, Some(is_process(7)));
            assert_eq!(probe.attach_points, 0);
        }
        assert!(others.iter().all(|probe| !probe.is_recorder()));
        assert_eq!(script.config.perf_rb_pages, Some(RING_PAGES));
    }

    #[test]
    fn all_calls_are_recorded_where_none_or_all_are_named() {
        let all = Hook::Syscall(SyscallHook {
            edge: Edge::Exit,
            calls: SyscallSet::All,
        });
        for hooks in [vec![Hook::Begin], vec![tracepoint(1), all], vec![]] {
            let mut script = script(hooks);
            script.config.perf_rb_pages = Some(8);
            assert_eq!(record(&mut script, NATIVE, None), None);
            assert_eq!(sets(&script), [&SyscallSet::All, &SyscallSet::All]);
            assert_eq!(script.config.perf_rb_pages, Some(8), "the script's own");
        }
    }

    #[test]
    fn execve_ends_in_every_abi() {
        let mut script = script(vec![tracepoint(59)]);
        assert_eq!(record(&mut script, NATIVE, None), Some(vec![59]));
        let [SyscallSet::Some(enter), SyscallSet::Some(exit)] = sets(&script)[..] else {
            panic!("{:?}", sets(&script))
        };
        assert_eq!(*enter, [native(59)]);
        let numbers: Vec<_> = exit.iter().map(|call| (call.abi, call.number)).collect();
        for call in [
            (NATIVE, 59),
            (NATIVE, 322),
            (Abi::I386, 11),
            (Abi::I386, 358),
        ] {
            assert!(numbers.contains(&call), "{numbers:?}");
        }
        let x32 = exit.iter().filter(|call| call.abi == Abi::X32);
        assert!(x32.clone().all(|call| call.number & X32_BIT != 0) && x32.count() > 0);
    }
}
