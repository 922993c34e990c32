//! Which hooks system calls get: all calls' common ones, or the events of the calls that a script names.
//!
//! Takes the programs as they are on the common hooks; gives the hook, with the reasons in words, and attaches
//! programs to events. A session about processes that were named sees all of their calls. One about the whole machine
//! shall cost it least: events of calls named miss those of 32-bit programs, which is said, unless the script asks
//! for the ABI.
//!
//! # What hooks cost
//!
//! Whoever hooks one system call slows all: the kernel takes its slow path for every call of every process, and
//! looks there who wants to know of this one. A common hook runs the program for each call; an event of a
//! call's own runs it for that call alone, but costs more there, and the kernel takes about a tenth of a second to
//! let go of each. [`COSTS`] has the figures, in nanoseconds added to a call that takes 97
//! (getppid, Linux 6.18, x86_64): elsewhere they differ, but less so among each other.

use super::{Arm, Calls, Edge, Entries, Event, Program};
use crate::object::{Attach, HookReport, TracepointTarget};
use crate::target::{CallEvents, SyscallHookKind, Target};
use std::collections::BTreeSet;
use trapline_lang::hir::Builtin;
use trapline_lang::syscall::{self, Abi};

/// How system calls are hooked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyscallHook {
    /// All calls run the programs.
    Shared(SyscallHookKind),
    /// Only those that are named do.
    Events,
}

/// What a hook adds to a call, in nanoseconds: for one half of it, and for both.
struct Cost {
    hook: SyscallHook,
    name: &'static str,
    /// To calls that the script does not name.
    others: [u32; 2],
    /// To those that it does.
    named: [u32; 2],
}

const COSTS: [Cost; 4] = [
    Cost {
        hook: SyscallHook::Shared(SyscallHookKind::Btf),
        name: "tp_btf",
        others: [25, 58],
        named: [25, 58],
    },
    Cost {
        hook: SyscallHook::Shared(SyscallHookKind::Raw),
        name: "raw_tp",
        others: [39, 65],
        named: [39, 65],
    },
    Cost {
        hook: SyscallHook::Shared(SyscallHookKind::Tracepoint),
        name: "perf tracepoints of all calls",
        others: [44, 88],
        named: [44, 88],
    },
    Cost {
        hook: SyscallHook::Events,
        name: "perf tracepoints of the calls named",
        others: [13, 15],
        named: [37, 88],
    },
];

/// Each call that a script names is taken for one in so many of the machine's.
const ONE_IN: u32 = 20;
/// Detaching from more events would keep people waiting.
const MOST_EVENTS: usize = 4;

fn cost(hook: SyscallHook) -> &'static Cost {
    let row = COSTS.iter().find(|row| row.hook == hook);
    row.expect("invariant: every hook has a row")
}

impl Cost {
    /// What a call of the machine pays on average, if so many different ones are named.
    fn average(&self, half: usize, named: u32) -> u32 {
        let named = named.min(ONE_IN);
        (self.others[half] * (ONE_IN - named) + self.named[half] * named) / ONE_IN
    }
}

/// The native calls whose events run a program.
fn calls_of(program: &Program<'_>, native: Abi) -> BTreeSet<u32> {
    let mut calls = BTreeSet::new();
    for arm in &program.arms {
        calls.extend(native_calls(arm, native));
    }
    if let Entries::Keeps(keep) = &program.entries {
        let codes = keep.calls.iter();
        calls.extend(codes.filter_map(|code| u32::try_from(*code).ok()));
    }
    calls
}

fn native_calls(arm: &Arm<'_>, native: Abi) -> Vec<u32> {
    match &arm.calls {
        Calls::Any | Calls::Every | Calls::Raw(_) => Vec::new(),
        Calls::Native(calls) => calls.iter().map(|call| call.number).collect(),
        Calls::These(calls) => {
            let calls = calls.iter().filter(|call| call.abi == native);
            calls.map(|call| call.number).collect()
        }
    }
}

/// Why the calls of a script cannot be hooked by their own events.
fn obstacle(programs: &[&Program<'_>], target: &Target) -> Option<String> {
    let native = target.arch.abi();
    if !target.features.task_pt_regs || !target.features.current_task_btf {
        return Some("arguments at the end of a call need Linux 5.15".into());
    }
    for program in programs {
        let keeps_all = match &program.entries {
            Entries::Keeps(keep) | Entries::Finds { keep, .. } => keep.every,
            Entries::Ignores => false,
        };
        if program.records() {
            return Some("a recording has the calls of every ABI".into());
        }
        let is_open = |arm: &Arm<'_>| matches!(arm.calls, Calls::Any | Calls::Every);
        if keeps_all || program.arms.iter().any(is_open) {
            return Some("the script asks for all calls".into());
        }
        for arm in &program.arms {
            let calls = native_calls(arm, native);
            let lacks = |number: &&u32| event(native, **number).is_none();
            if let Some(number) = calls.iter().find(lacks) {
                return Some(match syscall::by_number(native, *number) {
                    Some(call) => format!("{} has no event of its own", call.name),
                    None => format!("system call {number} has no event of its own"),
                });
            }
        }
    }
    let native_call = |program: &&Program<'_>| !calls_of(program, native).is_empty();
    if !programs.iter().any(native_call) {
        return Some("the script names no call of the native ABI".into());
    }
    None
}

/// Bodies tell ABIs apart.
fn asks_for_abi(programs: &[&Program<'_>]) -> bool {
    let mut arms = programs.iter().flat_map(|program| &program.arms);
    arms.any(|arm| super::mentions(arm.probe, |builtin| builtin == Builtin::Abi))
}

/// What the kernel's events call a call.
fn event(native: Abi, number: u32) -> Option<&'static str> {
    let call = syscall::by_number(native, number)?;
    (!call.event.is_empty()).then_some(call.event)
}

/// Chooses the hook for programs that are planned for the common one.
pub(super) fn choose(programs: &[Program<'_>], target: &Target) -> (SyscallHook, HookReport) {
    let shared = SyscallHook::Shared(target.syscall_hook);
    let programs: Vec<&Program<'_>> = programs
        .iter()
        .filter(|program| program.event.edge().is_some())
        .collect();
    if programs.is_empty() {
        return (shared, HookReport::default());
    }
    let native = target.arch.abi();
    let both = programs
        .iter()
        .any(|program| program.event.edge() != programs[0].event.edge());
    let half = usize::from(both);
    let mut calls = BTreeSet::new();
    let mut events = BTreeSet::new();
    for program in &programs {
        for call in calls_of(program, native) {
            calls.insert(call);
            events.insert((program.event.edge() == Some(Edge::Exit), call));
        }
    }
    let every_abi = programs
        .iter()
        .flat_map(|program| &program.arms)
        .any(|arm| matches!(arm.calls, Calls::These(_)));
    let average = |hook| cost(hook).average(half, calls.len() as u32);
    let mut warnings = Vec::new();
    let (hook, why) = match (target.call_events, obstacle(&programs, target)) {
        (CallEvents::Never, _) => (shared, None),
        (CallEvents::Exact, _) => (
            shared,
            Some("the session is about processes that were named: it sees all their calls, and ends at once".to_owned()),
        ),
        (CallEvents::Asked { .. }, Some(why)) => {
            warnings.push(format!(
                "--attach event: {why}; using {}",
                cost(shared).name
            ));
            (shared, None)
        }
        (CallEvents::Asked { compat }, None) => {
            if compat && every_abi {
                warnings.push(
                    "--attach event: system calls of 32-bit programs are not seen".to_owned(),
                );
            }
            (SyscallHook::Events, None)
        }
        (CallEvents::Auto { .. }, Some(why)) => (shared, Some(why)),
        (CallEvents::Auto { compat: true }, None) if every_abi && asks_for_abi(&programs) => (
            shared,
            Some("calls of 32-bit programs have no events of their own".to_owned()),
        ),
        (CallEvents::Auto { .. }, None) if events.len() > MOST_EVENTS => (
            shared,
            Some(format!("{} events would be slow to detach", events.len())),
        ),
        (CallEvents::Auto { compat }, None) => {
            let (own, common) = (average(SyscallHook::Events), average(shared));
            let why = format!(
                "a call of the machine pays about {} ns so, and {} ns with {}",
                own.min(common),
                own.max(common),
                cost(if own < common {
                    shared
                } else {
                    SyscallHook::Events
                })
                .name,
            );
            let hook = if own < common {
                SyscallHook::Events
            } else {
                shared
            };
            if compat && every_abi && hook == SyscallHook::Events {
                let more = cost(shared).others[half] - cost(hook).others[half];
                warnings.push(format!(
                    "system calls of 32-bit programs are not seen; --attach btf sees them, and costs every system \
                     call of the machine about {more} ns more"
                ));
            }
            (hook, Some(why))
        }
    };
    let halves = match (both, programs[0].event.edge()) {
        (true, _) => "entry and exit",
        (false, Some(Edge::Enter)) => "entry",
        _ => "exit",
    };
    let row = cost(hook);
    let why = why.map_or_else(String::new, |why| format!(" ({why})"));
    let mut chosen = vec![
        format!("system calls are hooked at {halves} by {}{why}", row.name),
        format!(
            "every system call of the machine pays for it, about {} ns",
            row.others[half]
        ),
    ];
    if programs
        .iter()
        .any(|program| matches!(program.entries, Entries::Keeps(_)))
    {
        let features = &target.features;
        chosen.push(
            match features.task_storage && features.current_task_btf {
                true => "beginnings of calls are kept in task storage",
                false => "beginnings of calls are kept in a hash by task (this kernel has no task storage for tracing)",
            }
            .to_owned(),
        );
    }
    (hook, HookReport { chosen, warnings })
}

/// Attaches programs to the events of their calls: all on one half to the same, so that entries that one keeps are
/// found, and forgotten, by the others.
pub(super) fn attach_events(programs: &mut [Program<'_>], native: Abi) {
    for half in [Edge::Enter, Edge::Exit] {
        let on_half = |program: &&Program<'_>| program.event.edge() == Some(half);
        let calls: BTreeSet<u32> = programs
            .iter()
            .filter(on_half)
            .flat_map(|program| calls_of(program, native))
            .collect();
        let rows = || {
            let rows = calls.iter().map(|n| syscall::by_number(native, *n));
            rows.flatten()
        };
        let fewest = match half {
            Edge::Enter => rows().map(|call| call.args.len()).min().unwrap_or(0),
            Edge::Exit => 0,
        };
        let targets: Vec<TracepointTarget> = rows()
            .map(|call| TracepointTarget {
                category: "syscalls".into(),
                name: format!("{}_{}", super::names::edge_name(half), call.event),
                cookie: 0,
            })
            .collect();
        let Some(first) = targets.first() else {
            continue;
        };
        let section = format!("tracepoint/{}/{}", first.category, first.name);
        for program in programs.iter_mut() {
            if let Event::CallRecord { edge, arguments } = &mut program.event
                && *edge == half
            {
                *arguments = fewest as u8;
                program.section.clone_from(&section);
                program.attach = Attach::Tracepoints(targets.clone());
            }
        }
    }
}
