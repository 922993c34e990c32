//! The engine that runs scripts on a command and its descendants, without privileges: a [`Machine`] and a [`Traced`]
//! command in, an [`Engine`] out.
//!
//! Programs run on the thread that traces, while the thread that they are about stands; records and maps are read by the
//! session's. Between the two stands a lock.

use super::Note;
use super::thread::Traced;
use crate::engine::{Command, Engine, EngineError, Losses, MapStore, RawEntry, RunTime};
use crate::kernel::monotonic_now;
use crate::native::Machine;
use crate::trace::event::{Event, Observer};
use crate::trace::memory::AddressSpace;
use crate::wait;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use trapline_codegen::object::Attach;

/// Records that wait beyond this many bytes have tracees wait, too: nothing is lost.
const MOST_WAITING: usize = 16 << 20;
/// How long output may be late.
const POLL: Duration = Duration::from_millis(50);

/// A script on a command and its descendants.
pub struct PtraceEngine {
    shared: Arc<Shared>,
    traced: Arc<Mutex<Traced>>,
    /// Readable when there are records.
    bell: UnixStream,
    ringer: Option<UnixStream>,
    observer: Option<Box<dyn Observer + Send>>,
}

struct Shared {
    machine: Mutex<Running>,
    drained: Condvar,
}

/// What both threads work on.
struct Running {
    machine: Machine,
    /// Somebody listens.
    attached: bool,
    /// Why the recording has ended before its time.
    failure: Option<io::Error>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Running> {
        // A program does not panic; if one of ours does, everything ends anyway.
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PtraceEngine {
    /// Runs a script on a command that stands; `observer` is told of its events, too.
    ///
    /// # Errors
    /// If the process has no more file descriptors.
    pub fn new(
        mut machine: Machine,
        traced: Traced,
        observer: Option<Box<dyn Observer + Send>>,
    ) -> io::Result<Self> {
        machine.watch_running_processes();
        let (bell, ringer) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        ringer.set_nonblocking(true)?;
        Ok(Self {
            shared: Arc::new(Shared {
                machine: Mutex::new(Running {
                    machine,
                    attached: false,
                    failure: None,
                }),
                drained: Condvar::new(),
            }),
            traced: Arc::new(Mutex::new(traced)),
            bell,
            ringer: Some(ringer),
            observer,
        })
    }

    /// The command, for the session.
    ///
    /// # Errors
    /// If the process has no more file descriptors.
    pub fn command(&mut self) -> io::Result<TracedCommand> {
        let traced = lock(&self.traced);
        let command = TracedCommand {
            pid: traced.pid(),
            end: traced.end().try_clone_to_owned()?,
            traced: Arc::clone(&self.traced),
            shared: Arc::clone(&self.shared),
            ringer: self.ringer.take(),
            observer: self.observer.take(),
        };
        drop(traced);
        Ok(command)
    }

    /// What could not be as it would be untraced, since this was asked last, for people.
    pub fn take_notes(&self) -> Vec<String> {
        let notes = lock(&self.traced).take_notes();
        notes.iter().map(describe).collect()
    }

    /// Processes that outlive the session and need this one.
    pub fn left(&self) -> Vec<u32> {
        lock(&self.traced).left()
    }

    /// Waits until they have ended.
    pub fn serve_left(&self) {
        lock(&self.traced).join();
    }
}

fn lock(traced: &Mutex<Traced>) -> MutexGuard<'_, Traced> {
    traced.lock().unwrap_or_else(PoisonError::into_inner)
}

fn describe(note: &Note) -> String {
    match note {
        Note::WithoutPrivileges { program } => format!(
            "{} has privileges by its file (set-user-id, set-group-id or capabilities): traced, it runs without them",
            program.display()
        ),
        Note::Confined => "this process has a seccomp filter, as in a container: calls that it refuses are not seen"
            .to_owned(),
    }
}

/// The command of a [`PtraceEngine`].
pub struct TracedCommand {
    pid: u32,
    end: OwnedFd,
    traced: Arc<Mutex<Traced>>,
    shared: Arc<Shared>,
    ringer: Option<UnixStream>,
    observer: Option<Box<dyn Observer + Send>>,
}

impl Command for TracedCommand {
    fn pid(&self) -> u32 {
        self.pid
    }

    fn release(&mut self) -> Result<(), EngineError> {
        let shared = Arc::clone(&self.shared);
        let Some(mut ringer) = self.ringer.take() else {
            return Ok(());
        };
        let mut observer = self.observer.take();
        let listener = move |event: &Event<'_>, space: &mut dyn AddressSpace| {
            let mut running = shared.lock();
            if !running.attached {
                return;
            }
            if let Some(observer) = &mut observer
                && running.failure.is_none()
                && let Err(error) = observer.event(event)
            {
                running.failure = Some(error);
            }
            let before = running.machine.waiting();
            running.machine.event(event, Some(space));
            if before == 0 && running.machine.waiting() > 0 {
                // One that is full says so already.
                let _ = ringer.write(&[1]);
            }
            while running.machine.waiting() > MOST_WAITING && running.attached {
                running = shared
                    .drained
                    .wait(running)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        };
        lock(&self.traced).release(Box::new(listener));
        Ok(())
    }

    fn end_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }

    fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        Ok(lock(&self.traced).command_status())
    }

    fn terminate(&mut self) {
        if lock(&self.traced).command_status().is_none() {
            // It may just have ended.
            let _ = wait::signal(self.pid, libc::SIGTERM);
        }
    }
}

impl MapStore for PtraceEngine {
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>> {
        self.shared.lock().machine.read(map)
    }

    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>> {
        self.shared.lock().machine.read_entry(map, key)
    }

    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.shared.lock().machine.write_entry(map, key, value)
    }

    fn clear(&mut self, map: usize) -> io::Result<()> {
        self.shared.lock().machine.clear(map)
    }

    fn zero(&mut self, map: usize) -> io::Result<()> {
        self.shared.lock().machine.zero(map)
    }

    fn stack(&mut self, id: u64) -> Vec<u64> {
        self.shared.lock().machine.stack(id)
    }
}

impl Engine for PtraceEngine {
    fn run_begin(&mut self) -> Result<(), EngineError> {
        let machine = &mut self.shared.lock().machine;
        machine.run_attached(&Attach::Begin, monotonic_now());
        Ok(())
    }

    fn attach(&mut self) -> Result<(), EngineError> {
        let mut running = self.shared.lock();
        running.attached = true;
        running.machine.start_timers(monotonic_now());
        Ok(())
    }

    fn detach(&mut self) {
        let mut running = self.shared.lock();
        running.attached = false;
        running.machine.stop_timers();
        drop(running);
        self.shared.drained.notify_all();
        lock(&self.traced).stop();
    }

    fn run_end(&mut self) -> Result<(), EngineError> {
        let machine = &mut self.shared.lock().machine;
        machine.run_attached(&Attach::End, monotonic_now());
        Ok(())
    }

    fn run_signal(&mut self, signal: i32) -> Result<(), EngineError> {
        let machine = &mut self.shared.lock().machine;
        machine.run_attached(&Attach::Signal { signal }, monotonic_now());
        Ok(())
    }

    fn run_program(&mut self, program: usize) -> Result<(), EngineError> {
        let machine = &mut self.shared.lock().machine;
        machine.run_own(program, monotonic_now());
        Ok(())
    }

    fn run_time(&mut self, _program: usize) -> Option<RunTime> {
        None
    }

    fn finish(&mut self) -> Result<(), EngineError> {
        if let Some(source) = self.shared.lock().failure.take() {
            return Err(EngineError::Recording { source });
        }
        match lock(&self.traced).take_error() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    fn event_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.bell.as_fd())
    }

    fn next_event(&mut self, record: &mut Vec<u8>) -> bool {
        let mut running = self.shared.lock();
        let now = monotonic_now();
        running.machine.skip_missed_timers(now);
        while running.machine.run_timer(now) {}
        let found = running.machine.next_record(record);
        if found && running.machine.waiting() <= MOST_WAITING {
            self.shared.drained.notify_all();
        }
        if running.machine.waiting() == 0 {
            // An empty one gives an error.
            let _ = self.bell.read(&mut [0; 64]);
        }
        found
    }

    fn poll_interval(&self) -> Duration {
        match self.shared.lock().machine.next_timer() {
            Some(next) => POLL.min(Duration::from_nanos(next.saturating_sub(monotonic_now()))),
            None => POLL,
        }
    }

    fn losses(&mut self) -> Losses {
        Losses {
            counters: self.shared.lock().machine.counters(),
            missed_runs: Vec::new(),
        }
    }
}
