//! The engine that runs scripts on recorded traces: a [`Source`] of events and a [`Machine`] in, an [`Engine`] out.
//!
//! Time is that of the trace: `interval` fires when an event comes that is later, and what it prints is printed before that
//! event counts. So the same script on the same trace gives the same output, always.

mod pace;
mod source;

pub use pace::Pace;
pub use source::{Source, SourceError, open};

use crate::engine::{Engine, EngineError, Losses, MapStore, RawEntry, RunTime};
use crate::native::Machine;
use crate::trace::owned::OwnedEvent;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;
use trapline_codegen::object::Attach;

/// How many events are looked at before signals are.
const EVENTS_AT_ONCE: u32 = 16 * 1024;

/// A script on a recorded trace.
pub struct ReplayEngine {
    machine: Machine,
    source: Box<dyn Source>,
    /// Read, but not yet due.
    held: OwnedEvent,
    state: State,
    pace: Pace,
    /// The time of the last event.
    now: u64,
    /// Told from time to time how much of the trace is done.
    progress: Option<Box<dyn FnMut(Progress)>>,
    error: Option<SourceError>,
}

/// How far a replay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes of the trace are done.
    At {
        /// How many.
        done: u64,
        /// Of how many.
        all: u64,
    },
    /// Something else is about to be printed.
    Hidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is read before the probes are attached: `BEGIN` is over before anything happens.
    Detached,
    /// The next event is to be read.
    Reads,
    /// It waits in `held`.
    Holds,
    /// There is none.
    Over,
}

/// What came of looking for the next event.
enum Step {
    /// The machine has seen it.
    Done,
    /// It is not due.
    Waits,
    /// A timer comes before it.
    Timer,
    Over,
}

/// What comes before an event of this time, if something does.
fn not_yet(machine: &Machine, pace: &Pace, time: u64) -> Option<Step> {
    match machine.next_timer() {
        Some(timer) if timer <= time => Some(Step::Timer),
        _ if pace.wait(time).is_zero() => None,
        _ => Some(Step::Waits),
    }
}

impl ReplayEngine {
    /// Runs a script on a trace.
    pub fn new(machine: Machine, source: Box<dyn Source>, pace: Pace) -> Self {
        Self {
            now: machine.start(),
            machine,
            source,
            held: OwnedEvent::default(),
            state: State::Detached,
            pace,
            progress: None,
            error: None,
        }
    }

    /// Calls this from time to time with how far the replay has come, and before something is printed.
    #[must_use]
    pub fn with_progress(mut self, progress: Box<dyn FnMut(Progress)>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// What the trace lacks, for people; complete once it is over.
    pub fn notes(&self) -> Vec<String> {
        self.source.notes(self.machine.lost())
    }

    fn step(&mut self) -> Step {
        match self.state {
            State::Detached => Step::Waits,
            State::Over => Step::Over,
            State::Holds => {
                let event = self.held.event();
                if let Some(step) = not_yet(&self.machine, &self.pace, event.time) {
                    return step;
                }
                self.now = self.now.max(event.time);
                self.machine.event(&event, None);
                self.state = State::Reads;
                Step::Done
            }
            State::Reads => match self.source.next() {
                Ok(Some(event)) => {
                    if let Some(step) = not_yet(&self.machine, &self.pace, event.time) {
                        self.held.set(&event);
                        self.state = State::Holds;
                        return step;
                    }
                    self.now = self.now.max(event.time);
                    self.machine.event(&event, None);
                    Step::Done
                }
                Ok(None) => {
                    self.state = State::Over;
                    Step::Over
                }
                Err(error) => {
                    self.error = Some(error);
                    self.state = State::Over;
                    Step::Over
                }
            },
        }
    }

    fn report(&mut self, hidden: bool) {
        if let Some(progress) = &mut self.progress {
            let (done, all) = self.source.progress();
            progress(match hidden {
                true => Progress::Hidden,
                false => Progress::At { done, all },
            });
        }
    }
}

impl MapStore for ReplayEngine {
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>> {
        self.machine.read(map)
    }

    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>> {
        self.machine.read_entry(map, key)
    }

    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.machine.write_entry(map, key, value)
    }

    fn clear(&mut self, map: usize) -> io::Result<()> {
        self.machine.clear(map)
    }

    fn zero(&mut self, map: usize) -> io::Result<()> {
        self.machine.zero(map)
    }

    fn stack(&mut self, id: u64) -> Vec<u64> {
        self.machine.stack(id)
    }
}

impl Engine for ReplayEngine {
    fn run_begin(&mut self) -> Result<(), EngineError> {
        self.machine.run_attached(&Attach::Begin, self.now);
        Ok(())
    }

    fn attach(&mut self) -> Result<(), EngineError> {
        self.state = State::Reads;
        self.machine.start_timers(self.now);
        self.pace.start(self.now);
        Ok(())
    }

    fn detach(&mut self) {
        self.machine.stop_timers();
        self.state = State::Over;
    }

    fn run_end(&mut self) -> Result<(), EngineError> {
        self.machine.run_attached(&Attach::End, self.now);
        Ok(())
    }

    fn run_program(&mut self, program: usize) -> Result<(), EngineError> {
        self.machine.run_own(program, self.now);
        Ok(())
    }

    fn run_time(&mut self, _program: usize) -> Option<RunTime> {
        None
    }

    fn is_over(&self) -> bool {
        self.state == State::Over && self.machine.waiting() == 0
    }

    fn finish(&mut self) -> Result<(), EngineError> {
        match self.error.take() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    fn event_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    fn next_event(&mut self, record: &mut Vec<u8>) -> bool {
        for _ in 0..EVENTS_AT_ONCE {
            if self.machine.next_record(record) {
                self.report(true);
                return true;
            }
            match self.step() {
                Step::Done => {}
                Step::Timer => {
                    let time = self.held.event().time;
                    self.machine.run_timer(time);
                }
                Step::Waits => {
                    self.report(false);
                    return false;
                }
                Step::Over => {
                    self.report(true);
                    return self.machine.next_record(record);
                }
            }
        }
        self.report(false);
        self.machine.next_record(record)
    }

    fn poll_interval(&self) -> Duration {
        /// Signals are looked at that often.
        const MOST: Duration = Duration::from_millis(50);
        match self.state {
            State::Holds => self.pace.wait(self.held.event().time).min(MOST),
            _ => Duration::ZERO,
        }
    }

    fn losses(&mut self) -> Losses {
        Losses {
            counters: self.machine.counters(),
            missed_runs: Vec::new(),
        }
    }
}
