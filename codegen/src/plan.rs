//! Probes to programs: which hook runs which bodies.
//!
//! Takes the probes of a script and the target; gives the programs with their sections, how each is
//! attached and the bodies that it runs ([`Arm`]s, in the order of the script). All probes on one edge of
//! system calls become arms of one program, on the raw hook or, where a script names few calls, on their own events
//! ([`hooks`] decides). A probe on finished calls is an arm at exit, one at entry for calls that never return, and, where
//! it asks for what only the entry knows, an arm there that keeps that. What code the arms become is
//! [`crate::clif`]'s affair.

mod call;
mod hooks;
mod names;
mod site;

pub(crate) use call::{Keep, asks_for_call, encode, every, fate, known, shape};
pub(crate) use names::{function_names, probe_names};

use crate::object::{Attach, HookReport, TimerCpus, TimerPeriod, TraceRecord, TracepointTarget};
use crate::target::{SyscallHookKind, Target};
use crate::visit::{self, Node};
use hooks::SyscallHook;
use names::edge_name;
use trapline_lang::hir::{
    Builtin, CallRef, Edge, ExprKind, Hook, Period, Probe, Script, SyscallRef, SyscallSet,
    TracepointRef,
};

/// The programs of a script.
pub(crate) struct Plan<'s> {
    /// In the order in which the script first needs them.
    pub(crate) programs: Vec<Program<'s>>,
    /// How system calls are hooked, and why.
    pub(crate) hooks: HookReport,
}

/// A program and the bodies that it runs.
pub(crate) struct Program<'s> {
    /// Symbol of its function.
    pub(crate) name: String,
    /// ELF section.
    pub(crate) section: String,
    /// What runs it.
    pub(crate) attach: Attach,
    /// How it reads its event.
    pub(crate) event: Event,
    /// In the order of the script.
    pub(crate) arms: Vec<Arm<'s>>,
    /// What it does about entries of system calls.
    pub(crate) entries: Entries,
}

impl Program<'_> {
    /// It writes a trace, and runs nothing of the script.
    fn records(&self) -> bool {
        let mut arms = self.arms.iter();
        arms.any(|arm| arm.probe.is_recorder())
    }
}

/// What a program does about entries of system calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entries {
    /// Nothing.
    Ignores,
    /// Keeps them, behind its arms.
    Keeps(Keep),
    /// Finds them again.
    Finds {
        /// What is kept.
        keep: Keep,
        /// No other program asks for them after this one.
        last: bool,
    },
}

/// One probe's body within a program.
pub(crate) struct Arm<'s> {
    /// The probe.
    pub(crate) probe: &'s Probe,
    /// Its place in [`Script::probes`].
    pub(crate) index: u32,
    /// For which system calls it runs.
    pub(crate) calls: Calls<'s>,
}

/// For which system calls a body runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Calls<'s> {
    /// For whatever runs the program.
    Any,
    /// For these of the native ABI.
    Native(&'s [SyscallRef]),
    /// For every event of these, as the kernel shows them.
    Raw(&'s [CallRef]),
    /// As an event of its own: for every call.
    Every,
    /// As an event of its own: for these.
    These(Vec<CallRef>),
}

/// How a program reads its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It has no fields.
    Bare,
    /// A raw tracepoint of system calls: `pt_regs`, then the number or the result.
    Registers {
        /// Entry or exit.
        edge: Edge,
        /// The registers are read by direct loads.
        btf: bool,
    },
    /// The trace record of `raw_syscalls`.
    SyscallRecord(Edge),
    /// The trace record of one native call's own event.
    CallRecord {
        /// Entry or exit.
        edge: Edge,
        /// So many arguments lie in the records of all calls that run the program; at exit, none do.
        arguments: u8,
    },
    /// What a native engine knows of a system call.
    Whole(Edge),
    /// The trace record of another tracepoint.
    Record(Which),
    /// The arguments of a raw tracepoint, a word each; it is this one of the probe's.
    Words(u32),
    /// The registers where a function or marker was hit.
    Site(Which),
    /// The arguments of a kernel function, a word each, then its result; it is this one of the probe's.
    Trampoline(u32),
    /// An object that an iterator is at; it lies in the context at this offset.
    Object {
        /// Bytes.
        offset: u32,
    },
}

impl Event {
    /// The number of the event, where only one runs the program (or nobody asks).
    pub(crate) fn fixed(&self) -> Option<u32> {
        match self {
            Self::Record(Which::Fixed(event))
            | Self::Site(Which::Fixed(event))
            | Self::Words(event)
            | Self::Trampoline(event) => Some(*event),
            _ => None,
        }
    }
}

/// How a program on tracepoints knows which event runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// There is one, or nobody asks.
    Fixed(u32),
    /// By its attach cookie.
    Cookie,
}

/// Plans a script's programs; none of them runs more than `most_arms` bodies.
pub(crate) fn plan<'s>(script: &'s Script, target: &Target, most_arms: usize) -> Plan<'s> {
    let common = SyscallHook::Shared(target.syscall_hook);
    let mut programs = programs(script, target, most_arms, common);
    if target.is_native() {
        let hooks = HookReport::default();
        return Plan { programs, hooks };
    }
    let (hook, hooks) = hooks::choose(&programs, target);
    if hook == SyscallHook::Events {
        programs = self::programs(script, target, most_arms, hook);
        hooks::attach_events(&mut programs, target.arch.abi());
    }
    Plan { programs, hooks }
}

/// The programs, with this hook for system calls.
fn programs<'s>(
    script: &'s Script,
    target: &Target,
    most_arms: usize,
    hook: SyscallHook,
) -> Vec<Program<'s>> {
    let mut programs: Vec<Program<'s>> = Vec::new();
    let native = target.arch.abi();
    let mut keep = Keep::default();
    let syscalls = Syscalls { hook, most_arms };
    for (index, probe) in (0u32..).zip(&script.probes) {
        let arm = |calls| Arm {
            probe,
            index,
            calls,
        };
        match &probe.hook {
            Hook::Begin => programs.push(bare(
                format!("begin_{index}"),
                "raw_tp/begin",
                Attach::Begin,
                arm(Calls::Any),
            )),
            Hook::End => programs.push(bare(
                format!("end_{index}"),
                "raw_tp/end",
                Attach::End,
                arm(Calls::Any),
            )),
            Hook::Test => programs.push(bare(
                format!("test_{index}"),
                "raw_tp/test",
                Attach::Test,
                arm(Calls::Any),
            )),
            Hook::Bench => programs.push(bare(
                format!("bench_{index}"),
                "raw_tp/bench",
                Attach::Bench,
                arm(Calls::Any),
            )),
            Hook::Interval(period) => programs.push(bare(
                format!("interval_{index}"),
                "perf_event",
                timer(TimerCpus::One, *period),
                arm(Calls::Any),
            )),
            Hook::Profile(period) => programs.push(bare(
                format!("profile_{index}"),
                "perf_event",
                timer(TimerCpus::All, *period),
                arm(Calls::Any),
            )),
            Hook::Syscall(hook) => {
                let calls = match &hook.calls {
                    SyscallSet::All => Calls::Any,
                    SyscallSet::Native(calls) => Calls::Native(calls),
                    SyscallSet::Some(calls) => Calls::Raw(calls),
                };
                if hook.edge == Edge::Exit && !target.is_native() {
                    keep.add(probe, &calls, native);
                }
                syscalls.arm(&mut programs, hook.edge, arm(calls));
            }
            Hook::Call(of) => {
                let (mut calls, mut never) = call::halves(of.edge, &of.calls, native);
                if hook == SyscallHook::Events
                    && let Calls::These(calls) = &mut calls
                {
                    calls.retain(|call| call.abi == native);
                    never.retain(|call| call.abi == native);
                }
                if !never.is_empty() {
                    syscalls.arm(&mut programs, Edge::Enter, arm(Calls::These(never)));
                }
                if of.edge == Edge::Exit && !target.is_native() {
                    keep.add(probe, &calls, native);
                }
                if calls != Calls::These(Vec::new()) {
                    syscalls.arm(&mut programs, of.edge, arm(calls));
                }
            }
            Hook::Tracepoint(events) => {
                tracepoints(&mut programs, events, target, || arm(Calls::Any))
            }
            _ => site::plan(&mut programs, target, || arm(Calls::Any)),
        }
    }
    if !keep.is_empty() {
        syscalls.keep(&mut programs, keep);
    }
    programs
}

/// The programs on system calls in the making.
struct Syscalls {
    hook: SyscallHook,
    most_arms: usize,
}

impl Syscalls {
    /// Adds a body to the program on an edge.
    fn arm<'s>(&self, programs: &mut Vec<Program<'s>>, edge: Edge, arm: Arm<'s>) {
        // One that records is large, and shall not take the room of the script's own.
        if arm.probe.is_recorder() {
            return self.add(programs, edge, vec![arm]);
        }
        // The last one, so that bodies run in the order of the script.
        match self.all(programs, edge).last() {
            Some(program) if program.arms.len() < self.most_arms => program.arms.push(arm),
            _ => self.add(programs, edge, vec![arm]),
        }
    }

    /// Has entries kept, and found again by all programs at exit.
    fn keep(&self, programs: &mut Vec<Program<'_>>, keep: Keep) {
        if self.all(programs, Edge::Enter).next().is_none() {
            self.add(programs, Edge::Enter, Vec::new());
        }
        if let Some(program) = self.all(programs, Edge::Enter).last() {
            program.entries = Entries::Keeps(keep.clone());
        }
        let last = self.all(programs, Edge::Exit).count();
        for (n, program) in (1..).zip(self.all(programs, Edge::Exit)) {
            program.entries = Entries::Finds {
                keep: keep.clone(),
                last: n == last,
            };
        }
    }

    /// Those of the script.
    fn all<'p, 's>(
        &self,
        programs: &'p mut [Program<'s>],
        edge: Edge,
    ) -> impl Iterator<Item = &'p mut Program<'s>> {
        programs
            .iter_mut()
            .filter(move |program| program.event.edge() == Some(edge) && !program.records())
    }

    fn add<'s>(&self, programs: &mut Vec<Program<'s>>, edge: Edge, arms: Vec<Arm<'s>>) {
        let number = self.all(programs, edge).count();
        let event = syscall_event(edge, self.hook);
        let mut program = syscall_program(edge, number, event, arms);
        if program.records() {
            program.name = format!("{}{}", TraceRecord::PROGRAM, edge_name(edge));
        }
        programs.push(program);
    }
}

impl Plan<'_> {
    /// The number of bodies of the program that has most.
    pub(crate) fn most_arms(&self) -> usize {
        let arms = self.programs.iter().map(|program| program.arms.len());
        arms.max().unwrap_or(0)
    }
}

fn bare<'s>(name: String, section: &str, attach: Attach, arm: Arm<'s>) -> Program<'s> {
    Program {
        name,
        section: section.into(),
        attach,
        event: Event::Bare,
        arms: vec![arm],
        entries: Entries::Ignores,
    }
}

fn timer(cpus: TimerCpus, period: Period) -> Attach {
    let period = match period {
        Period::Nanoseconds(nanoseconds) => TimerPeriod::Nanoseconds(nanoseconds),
        Period::Hertz(hertz) => TimerPeriod::Hertz(hertz),
    };
    Attach::Timer { cpus, period }
}

fn syscall_event(edge: Edge, hook: SyscallHook) -> Event {
    let kind = match hook {
        SyscallHook::Shared(kind) => kind,
        SyscallHook::Events => return Event::CallRecord { edge, arguments: 0 },
    };
    match kind {
        SyscallHookKind::Btf => Event::Registers { edge, btf: true },
        SyscallHookKind::Raw => Event::Registers { edge, btf: false },
        SyscallHookKind::Tracepoint => Event::SyscallRecord(edge),
        SyscallHookKind::Native => Event::Whole(edge),
    }
}

fn syscall_program(edge: Edge, number: usize, event: Event, arms: Vec<Arm<'_>>) -> Program<'_> {
    let name = edge_name(edge);
    let raw = |btf| Attach::RawTracepoint {
        name: name.into(),
        btf,
    };
    let (section, attach) = match event {
        Event::Registers { btf: true, .. } => (format!("tp_btf/{name}"), raw(true)),
        Event::Registers { btf: false, .. } | Event::Whole(_) => {
            (format!("raw_tp/{name}"), raw(false))
        }
        // What to attach to is known once all of the script is.
        Event::CallRecord { .. } => ("tracepoint".into(), Attach::Tracepoints(Vec::new())),
        _ => (
            format!("tracepoint/raw_syscalls/{name}"),
            Attach::Tracepoints(vec![TracepointTarget {
                category: "raw_syscalls".into(),
                name: name.into(),
                cookie: 0,
            }]),
        ),
    };
    Program {
        name: match number {
            0 => name.into(),
            _ => format!("{name}_{number}"),
        },
        section,
        attach,
        event,
        arms,
        entries: Entries::Ignores,
    }
}

/// One program for all events, or one each where the body asks which it is and the kernel cannot tell.
fn tracepoints<'s>(
    programs: &mut Vec<Program<'s>>,
    events: &[TracepointRef],
    target: &Target,
    arm: impl Fn() -> Arm<'s>,
) {
    let Arm { probe, index, .. } = arm();
    let asks = events.len() > 1 && asks_for_probe(probe);
    let mut push = |name: String, events: &[TracepointRef], which| {
        let Some(first) = events.first() else { return };
        let target = |(cookie, event): (u64, &TracepointRef)| TracepointTarget {
            category: event.category.clone(),
            name: event.name.clone(),
            cookie,
        };
        programs.push(Program {
            name,
            section: format!("tracepoint/{}/{}", first.category, first.name),
            attach: Attach::Tracepoints(site::cookies(which).zip(events).map(target).collect()),
            event: Event::Record(which),
            arms: vec![arm()],
            entries: Entries::Ignores,
        });
    };
    if asks && !target.features.attach_cookie {
        for (event, target) in (0..).zip(events.chunks(1)) {
            push(
                format!("tracepoint_{index}_{event}"),
                target,
                Which::Fixed(event),
            );
        }
    } else {
        let which = if asks { Which::Cookie } else { Which::Fixed(0) };
        push(format!("tracepoint_{index}"), events, which);
    }
}

fn asks_for_probe(probe: &Probe) -> bool {
    mentions(probe, |builtin| {
        matches!(builtin, Builtin::Probe | Builtin::Function)
    })
}

/// The probe asks for such a builtin.
fn mentions(probe: &Probe, is_such: impl Fn(Builtin) -> bool) -> bool {
    let mut found = false;
    let mut see = |node: Node<'_>| {
        if let Node::Expr(expr) = node
            && let ExprKind::Builtin(builtin) = expr.kind
        {
            found |= is_such(builtin);
        }
    };
    if let Some(predicate) = &probe.predicate {
        visit::expression(predicate, &mut see);
    }
    visit::statements(&probe.body, &mut see);
    found
}

#[cfg(test)]
mod tests;
