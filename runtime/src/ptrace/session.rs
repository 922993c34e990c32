//! The loop: waits for traced threads, hands each report on, until the command or all have ended.

use super::audience::Audience;
use super::calls::Calls;
use super::capture::Capturer;
use super::error::PtraceError;
use super::facts::{self, Cgroups};
use super::follow::Follower;
use super::stop::{self, Report, Stop, Until, Why};
use super::stopper::Stopper;
use super::tracee::{Tracee, Tracees};
use crate::trace::event::{Thread, What};
use crate::trace::memory::MemoryBuffer;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Most reports that are taken before the first of them is handled: the kernel gives those of old threads first, and a
/// busy one would keep the others from going on.
const BATCH: usize = 64;

/// Everything about threads that are traced together.
#[derive(Debug)]
pub(super) struct Session {
    /// The process of the command.
    pub(super) command: libc::pid_t,
    /// How it has ended.
    pub(super) status: Option<ExitStatus>,
    /// Only calls that matter stop.
    pub(super) filtered: bool,
    pub(super) calls: Calls,
    pub(super) tracees: Tracees,
    pub(super) capturer: Capturer,
    pub(super) memory: MemoryBuffer,
    pub(super) cgroups: Cgroups,
    /// Programs whose lost privileges have been told.
    pub(super) noted: HashSet<PathBuf>,
    /// Reports about threads whose parents have not yet said that they made them.
    pub(super) early: HashMap<libc::pid_t, Vec<Report>>,
    queue: VecDeque<Report>,
}

/// Why the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// What it was to run until has happened.
    Reached,
    /// Somebody has asked for it.
    Asked,
}

/// What the loop runs until.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The command has ended; its descendants may not have.
    CommandEnded,
    /// Everybody has.
    AllEnded,
}

impl Session {
    pub(super) fn new(
        command: libc::pid_t,
        calls: Calls,
        filtered: bool,
        capturer: Capturer,
    ) -> Self {
        let mut cgroups = Cgroups::new();
        let mut facts = Thread {
            process: command as u32,
            thread: command as u32,
            parent: std::process::id(),
            cgroup: cgroups.of(command as u32),
            comm: facts::own_comm(),
            ..Thread::default()
        };
        facts::read_ids(&mut facts);
        let mut tracees = Tracees::default();
        tracees.insert(Tracee::new(facts));
        Self {
            command,
            status: None,
            filtered,
            calls,
            tracees,
            capturer,
            memory: MemoryBuffer::default(),
            cgroups,
            noted: HashSet::new(),
            early: HashMap::new(),
            queue: VecDeque::new(),
        }
    }

    /// Keeps threads going and tells what they do.
    pub(super) fn run(
        &mut self,
        audience: &mut Audience<'_>,
        stopper: &Stopper,
        goal: Goal,
    ) -> Result<Ending, PtraceError> {
        let mut follower = Follower::new();
        loop {
            if stopper.is_asked() {
                return Ok(Ending::Asked);
            }
            if goal == Goal::CommandEnded && self.status.is_some() {
                return Ok(Ending::Reached);
            }
            let report = match self.queue.pop_front() {
                Some(report) => report,
                None => match self.wait() {
                    Ok(Some(report)) => report,
                    Ok(None) => continue,
                    Err(error) if error.raw_os_error() == Some(libc::ECHILD) => {
                        return Ok(Ending::Reached);
                    }
                    Err(error) => return Err(PtraceError::Wait(error)),
                },
            };
            follower.saw(report.thread());
            self.report(report, audience)?;
        }
    }

    /// The next report; `None` if a signal came first.
    fn wait(&mut self) -> io::Result<Option<Report>> {
        let first = stop::wait(-1, 0)?;
        // A single thread is fastest without another look.
        if self.tracees.len() > 1 {
            while self.queue.len() < BATCH {
                // Whatever is wrong will be so at the next wait.
                let Ok(Some(report)) = stop::wait(-1, libc::WNOHANG) else {
                    break;
                };
                self.queue.push_back(report);
            }
        }
        Ok(first)
    }

    pub(super) fn report(
        &mut self,
        report: Report,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let thread = report.thread();
        if self.tracees.get(thread).is_none() {
            self.early.entry(thread).or_default().push(report);
            return Ok(());
        }
        match report {
            Report::Stopped(stop, why) => self.stopped(stop, why, audience),
            Report::Ended(thread, status) => self.ended(thread, status, audience),
        }
    }

    fn stopped(
        &mut self,
        stop: Stop,
        why: Why,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        self.be_born(&stop, audience);
        match why {
            Why::Syscall => self.syscall(stop, audience),
            Why::Seccomp => self.chosen(stop, audience),
            Why::Fork => self.forked(stop, audience),
            Why::Exec => self.executed(stop, audience),
            Why::Exit => self.exiting(stop, audience),
            Why::Group => stop.listen(),
            Why::Signal(signal) => self.resume(stop, signal),
            Why::Trap | Why::Other => self.resume(stop, 0),
        }
    }

    /// Lets a thread go on to where it has to stop next.
    pub(super) fn resume(&mut self, stop: Stop, signal: i32) -> Result<(), PtraceError> {
        let each_call = match self.tracees.get(stop.thread()) {
            Some(tracee) => tracee.pending.is_some() || tracee.confined,
            None => false,
        };
        let until = match self.filtered && !each_call {
            true => Until::Event,
            false => Until::Syscall,
        };
        stop.resume(until, signal)
    }

    /// A thread is gone.
    fn ended(
        &mut self,
        thread: libc::pid_t,
        status: ExitStatus,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        self.tell_end(thread, audience);
        let Some(tracee) = self.tracees.remove(thread) else {
            return Ok(());
        };
        // That of the first thread is reported when no other is left.
        if tracee.facts.thread == tracee.facts.process {
            self.tracees.orphan(tracee.facts.process);
        }
        if thread == self.command {
            self.status = Some(status);
        }
        if self.early.is_empty() {
            return Ok(());
        }
        self.adopt(&tracee, audience)
    }

    /// Lets everybody go who stands for us; the end of this thread does so for the others, and interrupts nothing.
    pub(super) fn let_go(&mut self) {
        let early = self.early.drain().flat_map(|(_, reports)| reports);
        for report in self.queue.drain(..).chain(early) {
            let Report::Stopped(stop, why) = report else {
                continue;
            };
            let signal = match why {
                Why::Signal(signal) => signal,
                _ => 0,
            };
            // It is gone, or goes with this thread.
            let _ = stop.detach(signal);
        }
    }

    /// The end of a thread is told once: when it is about to end or, if it had no time to say so, when it is gone.
    pub(super) fn tell_end(&mut self, thread: libc::pid_t, audience: &mut Audience<'_>) {
        let Some(tracee) = self.tracees.get(thread) else {
            return;
        };
        if tracee.ended {
            return;
        }
        tracee.ended = true;
        tracee.pending = None;
        let process = tracee.facts.process;
        let last = self.tracees.end_one(process);
        if let Some(tracee) = self.tracees.get(thread) {
            audience.tell(tracee, What::End { last });
        }
    }
}
