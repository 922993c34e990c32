//! The thread that traces a command, and what others know of it.
//!
//! Requests of ptrace are bound to a thread, which waits in the kernel for whatever happens next. So the tracer has one
//! to itself; it is told what to do through a channel, and says how it goes through [`Status`].

use super::{Goal, Note, Options, PtraceError, Stopper, Tracer};
use crate::trace::event::Event;
use crate::trace::memory::AddressSpace;
use crate::wait;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Is told of events, on the thread that traces.
pub(super) type Listener = Box<dyn FnMut(&Event<'_>, &mut dyn AddressSpace) + Send>;

/// A command that stands before its execve, with the thread that will trace it.
///
/// The command is killed if the value is dropped before [`Self::release`].
pub struct Traced {
    pid: u32,
    stopper: Stopper,
    orders: Option<Sender<Listener>>,
    status: Arc<Mutex<Status>>,
    /// Readable once the command has ended, or tracing has.
    end: UnixStream,
    thread: Option<JoinHandle<()>>,
}

/// How tracing goes.
#[derive(Debug, Default)]
struct Status {
    /// How the command has ended.
    command: Option<ExitStatus>,
    notes: Vec<Note>,
    error: Option<PtraceError>,
    /// Processes that outlive the session, and need the tracer.
    left: Vec<u32>,
}

fn lock(status: &Mutex<Status>) -> MutexGuard<'_, Status> {
    // Nobody panics while it is locked.
    status.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Within this time the tracer hears that it is to stop.
const HEARS: Duration = Duration::from_secs(2);

impl Traced {
    /// Starts a command, as [`Tracer::start`] does.
    ///
    /// # Errors
    /// As there.
    pub fn start(command: &str, options: Options) -> Result<Self, PtraceError> {
        let (orders, received) = channel();
        let (started, start) = channel();
        let (end, ended) = UnixStream::pair().map_err(PtraceError::Wait)?;
        let status = Arc::new(Mutex::new(Status::default()));
        let (command, shared) = (command.to_owned(), Arc::clone(&status));
        let trace = move || {
            let tracer = match Tracer::start(&command, &options) {
                Ok(tracer) => tracer,
                Err(error) => {
                    let _ = started.send(Err(error));
                    return;
                }
            };
            if started.send(Ok((tracer.pid(), tracer.stopper()))).is_ok() {
                follow(tracer, &received, &shared, ended);
            }
        };
        let thread = Builder::new()
            .name("tracer".into())
            .spawn(trace)
            .map_err(PtraceError::Wait)?;
        let gone = |_| PtraceError::Wait(io::ErrorKind::BrokenPipe.into());
        let (pid, stopper) = start.recv().map_err(gone)??;
        Ok(Self {
            pid,
            stopper,
            orders: Some(orders),
            status,
            end,
            thread: Some(thread),
        })
    }

    /// The process of the command.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Lets the command run, and has the listener told what happens.
    pub(super) fn release(&mut self, listener: Listener) {
        if let Some(orders) = self.orders.take() {
            // A thread that is gone has said why.
            let _ = orders.send(listener);
        }
    }

    /// Nobody is told anything any more.
    pub(super) fn stop(&self) {
        self.stopper.stop();
    }

    pub(super) fn end(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }

    pub(super) fn command_status(&self) -> Option<ExitStatus> {
        lock(&self.status).command
    }

    /// What could not be as it would be untraced, since this was asked last.
    pub(super) fn take_notes(&self) -> Vec<Note> {
        std::mem::take(&mut lock(&self.status).notes)
    }

    pub(super) fn take_error(&self) -> Option<PtraceError> {
        lock(&self.status).error.take()
    }

    /// Processes that need the tracer still.
    pub(super) fn left(&self) -> Vec<u32> {
        if self.orders.is_none() {
            // Who was asked to stop has to hear of it before it can say who is left.
            let _ = wait::readable([Some(self.end())], HEARS);
        }
        lock(&self.status).left.clone()
    }

    /// Waits until nobody needs the tracer.
    pub(super) fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Traces until the command has ended, then keeps those going who cannot do without.
fn follow(tracer: Tracer, orders: &Receiver<Listener>, status: &Mutex<Status>, ended: UnixStream) {
    let Ok(mut listener) = orders.recv() else {
        return;
    };
    let mut on_note = |note: &Note| lock(status).notes.push(note.clone());
    let outcome = tracer.run(&mut *listener, &mut on_note);
    drop(listener);
    let mut left = match outcome {
        Ok(outcome) => {
            let mut status = lock(status);
            status.command = outcome.status;
            let left = outcome.left;
            status.left = left
                .as_ref()
                .map(|left| left.processes())
                .unwrap_or_default();
            left
        }
        Err(error) => {
            lock(status).error = Some(error);
            None
        }
    };
    drop(ended);
    while let Some(rest) = &mut left {
        match rest.serve(Goal::AllEnded) {
            Ok(false) => {}
            Ok(true) => break,
            Err(error) => {
                lock(status).error.get_or_insert(error);
                break;
            }
        }
    }
    let mut status = lock(status);
    status.command = status
        .command
        .or(left.as_ref().and_then(|left| left.status()));
    status.left.clear();
}
