//! Runs a script's programs on events: which of them run for what, and with which context.

use super::context::{Call, Context};
use super::family::Family;
use super::helper;
use super::names::Names;
use super::pairing::Pairing;
use super::reach::Reach;
use super::ring::Ring;
use super::state::{Clocks, Current, Random, State};
use super::store::Store;
use super::timer::Timers;
use crate::trace::event::{Enter, Event, Exit, Origin, Thread, What};
use crate::trace::memory::{AddressSpace, Memory};
use std::sync::Arc;
use trapline_codegen::namespace::EngineCall;
use trapline_codegen::native::NativeCode;
use trapline_codegen::object::{Attach, ConstantKind, Counter, Manifest};
use trapline_codegen::target::Target;
use trapline_codegen::{CodegenError, compile_native};
use trapline_lang::hir;
use trapline_lang::source::Source;

/// A compiled script with its maps, ready to be told of events.
pub struct Machine {
    pub(super) manifest: Arc<Manifest>,
    code: NativeCode,
    pub(super) state: State,
    dispatch: Dispatch,
    pairing: Pairing,
    family: Family,
    timers: Timers,
    context: Context,
    /// Who runs the script: the thread of timers.
    own: Thread,
    /// When the script started; nanoseconds, `CLOCK_MONOTONIC`.
    start: u64,
    lost: u64,
}

/// Which programs run for what, each list in the order of the script.
#[derive(Debug, Default)]
struct Dispatch {
    enter: Vec<usize>,
    exit: Vec<usize>,
    /// With what tells the event from others of the same program.
    fork: Vec<(usize, u64)>,
    exec: Vec<(usize, u64)>,
    end: Vec<(usize, u64)>,
}

impl Dispatch {
    fn of(manifest: &Manifest) -> Self {
        let mut dispatch = Self::default();
        for (n, program) in manifest.programs.iter().enumerate() {
            match &program.attach {
                Attach::RawTracepoint { name, .. } if name == "sys_enter" => {
                    dispatch.enter.push(n);
                }
                Attach::RawTracepoint { .. } => dispatch.exit.push(n),
                Attach::Tracepoints(targets) => {
                    for target in targets {
                        let list = match target.name.as_str() {
                            "sched_process_fork" => &mut dispatch.fork,
                            "sched_process_exec" => &mut dispatch.exec,
                            _ => &mut dispatch.end,
                        };
                        list.push((n, target.cookie));
                    }
                }
                _ => {}
            }
        }
        dispatch
    }
}

impl Machine {
    /// Compiles a script for events that come from there. Names of processes that are followed are for `family` to say.
    ///
    /// # Errors
    /// If the script asks for what native engines do not have.
    pub fn new(
        script: &hir::Script,
        source: &Source,
        target: &Target,
        origin: &Origin,
        family: Family,
    ) -> Result<Self, CodegenError> {
        let (mut code, manifest) = compile_native(script, source, target, &helper::Table)?;
        fill(&mut code, &manifest, origin);
        let constants = code.rodata();
        let own = Thread {
            process: origin.tracer_process,
            thread: origin.tracer_process,
            parent: origin.tracer_parent,
            user: origin.tracer_user,
            group: origin.tracer_group,
            cgroup: origin.tracer_cgroup,
            comm: Thread::comm(b"trapline"),
        };
        let names = Names::new(code.asks(EngineCall::ParentName), &own);
        Ok(Self {
            code,
            state: State {
                constants,
                maps: manifest.kernel_maps.iter().map(Store::new).collect(),
                ring: Ring::default(),
                reach: Reach::default(),
                names,
                event: Current::default(),
                context: (0, 0),
                random: Random::new(origin.start),
                clocks: Clocks::of(origin),
                live: false,
            },
            dispatch: Dispatch::of(&manifest),
            pairing: Pairing::new(target.arch.abi()),
            family,
            timers: Timers::default(),
            context: Context::default(),
            own,
            start: origin.start,
            lost: 0,
            manifest: Arc::new(manifest),
        })
    }

    /// Events come from processes that run on this machine now, which can be asked what they are called.
    pub fn watch_running_processes(&mut self) {
        self.state.names.ask_machine();
        self.state.live = true;
    }

    /// What the script was compiled to.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// Timers run from now on.
    pub fn start_timers(&mut self, now: u64) {
        self.timers = Timers::start(&self.manifest, now);
    }

    /// Timers do not run any more.
    pub fn stop_timers(&mut self) {
        self.timers = Timers::default();
    }

    /// When the next timer is due: nanoseconds, `CLOCK_MONOTONIC`.
    pub fn next_timer(&self) -> Option<u64> {
        self.timers.next()
    }

    /// Runs the timer that is due first, if one is.
    pub fn run_timer(&mut self, now: u64) -> bool {
        let Some((program, time)) = self.timers.take(now) else {
            return false;
        };
        self.run_own(program, time);
        true
    }

    /// Timers that could not run in time run once.
    pub fn skip_missed_timers(&mut self, now: u64) {
        self.timers.skip_missed(now);
    }

    /// Runs the programs that are attached to this, in order: `BEGIN`, `END`, signals.
    pub fn run_attached(&mut self, attach: &Attach, time: u64) {
        let manifest = Arc::clone(&self.manifest);
        for (n, program) in manifest.programs.iter().enumerate() {
            if program.attach == *attach {
                self.run_own(n, time);
            }
        }
    }

    /// Runs one program that no thread but ours is the reason for.
    pub fn run_own(&mut self, program: usize, time: u64) {
        self.state.event = Current {
            time,
            thread: self.own,
            ..Current::default()
        };
        self.run(program);
    }

    /// When the script started.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Takes the next record, if there is one.
    pub fn next_record(&mut self, record: &mut Vec<u8>) -> bool {
        self.state.ring.next(record)
    }

    /// Bytes of records that wait to be taken.
    pub fn waiting(&self) -> usize {
        self.state.ring.waiting()
    }

    /// Events that were lost before they came here.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Counts of what went wrong, by [`Counter`].
    pub fn counters(&mut self) -> [u64; Counter::COUNT as usize] {
        let mut counters = [0; Counter::COUNT as usize];
        if let Some(map) = self.manifest.counters {
            for (n, counter) in (0u32..).zip(&mut counters) {
                let value = self.state.maps[map as usize].value(&n.to_ne_bytes());
                let word = value.as_deref().and_then(|value| value.first_chunk());
                *counter = word.map_or(0, |word| u64::from_ne_bytes(*word));
            }
        }
        counters
    }

    /// Something happened. `live` is the memory of the thread that did it, where it stands still.
    pub fn event(&mut self, event: &Event<'_>, live: Option<&mut (dyn AddressSpace + '_)>) {
        self.state.names.see(event);
        match event.what {
            What::Enter(enter) => self.enter(event, &enter, live),
            What::Exit(exit) => self.exit(event, &exit, live),
            What::Lost { events } => self.lost += events,
            What::Fork { .. } | What::Exec { .. } | What::End { .. } => self.task(event, live),
        }
    }

    fn enter(
        &mut self,
        event: &Event<'_>,
        enter: &Enter<'_>,
        live: Option<&mut (dyn AddressSpace + '_)>,
    ) {
        if !self.dispatch.exit.is_empty() {
            self.pairing.begin(event.thread.thread, event.time, enter);
        }
        if self.dispatch.enter.is_empty() {
            return;
        }
        self.context.set_call(&Call {
            number: enter.number.into(),
            arguments: &enter.arguments,
            result: 0,
            call: self.pairing.encode(enter.abi, enter.number),
            latency: -1,
        });
        self.state
            .reach
            .set(enter.memory, Memory::NONE, live, false);
        self.see(event);
        for n in 0..self.dispatch.enter.len() {
            self.run(self.dispatch.enter[n]);
        }
        self.state.reach.forget();
    }

    fn exit(
        &mut self,
        event: &Event<'_>,
        exit: &Exit<'_>,
        live: Option<&mut (dyn AddressSpace + '_)>,
    ) {
        if self.dispatch.exit.is_empty() {
            return;
        }
        let own = self.pairing.encode(exit.abi, exit.number);
        let mut call = Call {
            number: exit.number.into(),
            arguments: &exit.arguments.unwrap_or_default(),
            result: exit.result,
            call: own,
            latency: -1,
        };
        let thread = event.thread.thread;
        let (mut before, mut replaced) = (Memory::NONE, false);
        if let Some((begin, lost)) = self.pairing.end(thread, exit) {
            call.arguments = &begin.arguments;
            call.call = begin.call;
            call.latency = event.time.saturating_sub(begin.time) as i64;
            before = Memory::from_bytes(&begin.memory);
            replaced = lost;
        }
        self.context.set_call(&call);
        self.state.reach.set(exit.memory, before, live, replaced);
        self.see(event);
        for n in 0..self.dispatch.exit.len() {
            self.run(self.dispatch.exit[n]);
        }
        self.state.reach.forget();
    }

    fn task(&mut self, event: &Event<'_>, live: Option<&mut (dyn AddressSpace + '_)>) {
        let thread = event.thread;
        let list = match event.what {
            What::Fork { .. } => &self.dispatch.fork,
            What::Exec { .. } => &self.dispatch.exec,
            _ => &self.dispatch.end,
        };
        if !list.is_empty() {
            let list = list.clone();
            self.context.set_task(thread, &event.what);
            self.state
                .reach
                .set(Memory::NONE, Memory::NONE, live, false);
            for (program, cookie) in list {
                self.see(event);
                self.state.event.cookie = cookie;
                self.run(program);
            }
            self.state.reach.forget();
        }
        self.family.see(event);
        match event.what {
            What::Exec { old_thread, .. } => self.pairing.rename(old_thread, thread.thread),
            What::End { last } => {
                self.pairing.forget(thread.thread);
                self.state.names.forget(thread, last);
            }
            _ => {}
        }
    }

    fn see(&mut self, event: &Event<'_>) {
        self.state.event = Current {
            time: event.time,
            cpu: event.cpu,
            thread: *event.thread,
            followed: self.family.has(event.thread.process),
            cookie: 0,
        };
    }

    fn run(&mut self, program: usize) {
        self.state.context = self.context.place();
        let context = self.state.context.0 as *mut u8;
        let code = &self.code;
        helper::with_state(&mut self.state, || {
            // SAFETY: the context is larger than any that code is made for, and that of the event for programs that
            // read one; helpers work on maps that were made from the manifest of this code.
            unsafe { code.run(program, context) };
        });
    }
}

/// Fills in what is known only now.
fn fill(code: &mut NativeCode, manifest: &Manifest, origin: &Origin) {
    for constant in &manifest.constants {
        let value = match constant.kind {
            ConstantKind::ChildPid => origin.command_process.into(),
            ConstantKind::OwnPid => origin.tracer_process.into(),
            ConstantKind::StartTime => origin.start,
            ConstantKind::CpuCount => origin.cpu_count.into(),
            ConstantKind::TaiOffset => origin.tai_offset as u64,
            // Ids are those that the engine sees.
            ConstantKind::PidNamespaceDevice | ConstantKind::PidNamespaceInode => 0,
        };
        if let Some(word) = code.rodata_mut().get_mut(constant.offset as usize / 8) {
            *word = value;
        }
    }
}
