//! Traces a command and all its descendants with ptrace: a command line in, [`Event`](crate::trace::event::Event)s out, as the kernel's tracepoints of
//! system calls, fork, exec and exit would make them. Nobody needs privileges for it.
//!
//! Requests of ptrace are bound to the thread that traces. So [`Tracer::start`] and [`Tracer::run`] stand on one thread,
//! which belongs to them, and ends soon after them.
//!
//! # What stops
//!
//! If all calls are wanted, threads stop at both edges of each. If some are, a seccomp filter, which the command's
//! process installs before it executes its program, lets those stop and all others run at full speed.
//!
//! # How it ends
//!
//! Without a filter, whoever still runs when the tracer's thread ends goes on untraced, and notices nothing of it. With
//! one that is not possible: the kernel fails the calls that the filter points at with `ENOSYS` if nobody decides about
//! them, and a filter stays for ever. So what still runs is [`Left`] to be kept going, silently, until it ends; and if the
//! tracer dies, everybody is killed, rather than left to calls that fail.
//!
//! # What differs from the kernel's tracepoints
//!
//! * Calls are seen before other seccomp filters decide. Without a filter of ours, a call that another one refuses has
//!   a beginning here. With it, such a call has an end alone, as in the kernel; but if the filter was there before the
//!   command was (a container's), it is not seen: [`Note::Confined`].
//! * A thread's name is read when it begins, after exec and after `prctl(PR_SET_NAME)` of its own; its cgroup when the
//!   command starts and after exec; its parent when it begins, and when that has ended.
//! * `clone3` with `CLONE_UNTRACED` makes children that nobody sees; under a filter, their wanted calls fail. (That flag of
//!   `clone` is taken away.)

mod arch;
mod audience;
mod calls;
pub mod capture;
mod engine;
mod error;
mod facts;
mod follow;
mod lives;
mod memory;
mod privilege;
mod seccomp;
mod session;
mod start;
mod stop;
mod stopper;
mod syscalls;
mod thread;
mod tracee;

pub use audience::{OnEvent, OnNote};
pub use calls::Wanted;
pub use capture::Capture;
pub use engine::{PtraceEngine, TracedCommand};
pub use error::PtraceError;
pub(crate) use facts::own_thread;
pub use session::Goal;
pub use stopper::Stopper;
pub use thread::Traced;

use audience::Audience;
use calls::Calls;
use capture::Capturer;
use session::{Ending, Session};
use start::{Failure, Standing, Started};
use std::marker::PhantomData;
use std::path::PathBuf;
use std::process::ExitStatus;

/// What to trace.
#[derive(Clone, Debug)]
pub struct Options {
    /// The calls whose events are told. Fork, exec and exit always are.
    pub wanted: Wanted,
    /// How much memory comes with events.
    pub capture: Capture,
    /// Most bytes of a buffer (`read`, `write`) that is captured.
    pub buffer_bytes: u32,
}

/// Something that is not as it would be untraced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A program whose file is set-user-id, set-group-id or has capabilities runs without them.
    WithoutPrivileges {
        /// Its file.
        program: PathBuf,
    },
    /// This process has a seccomp filter, as in a container. Wanted calls that it refuses are not seen.
    Confined,
}

/// How tracing has ended.
#[derive(Debug)]
pub struct Outcome {
    /// How the command has ended; `None` if it has not: somebody has asked to stop.
    pub status: Option<ExitStatus>,
    /// Who still runs, and needs this thread for it. `None` if nobody does: the others are free once this thread ends.
    pub left: Option<Left>,
}

/// A command that stands before its execve. It is killed if the value is dropped.
#[derive(Debug)]
pub struct Tracer {
    command: String,
    session: Session,
    standing: Standing,
    failure: Failure,
    stopper: Stopper,
    /// Requests of ptrace are those of a thread.
    not_send: PhantomData<*const ()>,
}

/// Processes that cannot do without this thread: their filter asks it about calls.
///
/// They are killed when the thread ends, or the process.
#[derive(Debug)]
pub struct Left {
    session: Session,
    stopper: Stopper,
    not_send: PhantomData<*const ()>,
}

impl Tracer {
    /// Starts a command. The command line is split as a shell would, quotes and backslashes included, but nothing is
    /// expanded.
    ///
    /// The command inherits which signals this thread holds back; then the thread holds back all but one of its own.
    ///
    /// # Errors
    /// If there is no such program, or it may not be traced.
    pub fn start(command: &str, options: &Options) -> Result<Self, PtraceError> {
        let calls = Calls::new(&options.wanted);
        let filtered = options.wanted != Wanted::All;
        let mut filter = filtered.then(|| seccomp::program(&calls));
        let Started { standing, failure } = start::start(command, filter.as_deref_mut())?;
        let capturer = Capturer::new(options.capture, options.buffer_bytes);
        let session = Session::new(standing.thread(), calls, filtered, capturer);
        let stopper = Stopper::for_this_thread().map_err(PtraceError::Wait)?;
        Ok(Self {
            command: command.to_owned(),
            session,
            standing,
            failure,
            stopper,
            not_send: PhantomData,
        })
    }

    /// The process of the command.
    pub fn pid(&self) -> u32 {
        self.session.command as u32
    }

    /// Ends [`Self::run`] from another thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Lets the command run, and tells what it and its descendants do, until the command has ended.
    ///
    /// # Errors
    /// [`PtraceError::Command`] if the program cannot be executed.
    pub fn run<'a>(
        mut self,
        on_event: &'a mut OnEvent<'a>,
        on_note: &'a mut OnNote<'a>,
    ) -> Result<Outcome, PtraceError> {
        let mut audience = Audience::Caller { on_event, on_note };
        if self.session.filtered && is_confined() {
            audience.note(&Note::Confined);
        }
        if let Some(stop) = self.standing.release() {
            self.session.resume(stop, 0)?;
        }
        let ending = self
            .session
            .run(&mut audience, &self.stopper, Goal::CommandEnded);
        self.stopper.heard();
        let status = self.session.status;
        if status.is_some()
            && let Some(source) = self.failure.reason()
        {
            return Err(PtraceError::Command {
                command: self.command,
                source,
            });
        }
        ending?;
        if !self.session.filtered {
            self.session.let_go();
            return Ok(Outcome { status, left: None });
        }
        self.stopper.rearm();
        let left = (self.session.tracees.len() > 0).then_some(Left {
            session: self.session,
            stopper: self.stopper,
            not_send: PhantomData,
        });
        Ok(Outcome { status, left })
    }
}

impl Left {
    /// The processes that still run, ascending.
    pub fn processes(&self) -> Vec<u32> {
        self.session.tracees.processes()
    }

    /// How the command has ended, if it has.
    pub fn status(&self) -> Option<ExitStatus> {
        self.session.status
    }

    /// Keeps them going, telling nobody, until the goal is reached (`true`) or somebody asks to stop (`false`; then this
    /// can be called again).
    ///
    /// # Errors
    /// If they cannot be waited for.
    pub fn serve(&mut self, goal: Goal) -> Result<bool, PtraceError> {
        let ending = self.session.run(&mut Audience::Nobody, &self.stopper, goal);
        self.stopper.heard();
        self.stopper.rearm();
        Ok(ending? == Ending::Reached)
    }
}

/// Whether this process, and so its children, have a seccomp filter.
fn is_confined() -> bool {
    let status = facts::status(std::process::id());
    status
        .lines()
        .any(|line| line.strip_prefix("Seccomp:").map(str::trim) == Some("2"))
}
