//! Starts the command: a command line in, a process out that is traced and stands before its execve.
//!
//! The child waits until it is traced, installs the filter if there is one, and stops itself. Nothing of that is told
//! to anybody; execve is the first thing that is.

#![expect(
    unsafe_code,
    reason = "fork, execve and seccomp have no wrappers in the standard library that leave room for a tracer"
)]

use super::error::PtraceError;
use super::facts;
use super::seccomp::Insn;
use super::stop::{self, Report, Stop, Until, Why};
use crate::command::{self, Program};
use std::ffi::{c_char, c_int};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsRawFd;

/// A command that stands before its execve.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) standing: Standing,
    /// Where the child says why it could not execute its program; nothing if it could.
    pub(super) failure: Failure,
}

/// The stop of a child that is killed if it is never let go.
#[derive(Debug)]
pub(super) struct Standing(Option<Stop>);

impl Standing {
    pub(super) fn thread(&self) -> libc::pid_t {
        self.0.as_ref().map_or(0, Stop::thread)
    }

    pub(super) fn release(mut self) -> Option<Stop> {
        self.0.take()
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            kill(stop);
        }
    }
}

/// What the child could not do.
#[derive(Debug)]
pub(super) struct Failure(PipeReader);

/// What the child says it could not do, in front of the number of the error.
const FILTER: i32 = 1;
const EXEC: i32 = 2;

impl Failure {
    /// The reason why the program could not be executed, after the child has ended or executed it.
    pub(super) fn reason(&mut self) -> Option<io::Error> {
        self.read().map(|(_, error)| error)
    }

    fn read(&mut self) -> Option<(i32, io::Error)> {
        let mut bytes = [0; 8];
        self.0.read_exact(&mut bytes).ok()?;
        let [a, b, c, d, e, f, g, h] = bytes;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes([e, f, g, h]));
        Some((i32::from_ne_bytes([a, b, c, d]), error))
    }
}

/// Everything that the child needs, made before fork: it must not allocate.
struct Image<'a> {
    program: *const c_char,
    arguments: &'a [*const c_char],
    environment: &'a [*const c_char],
    filter: Option<&'a libc::sock_fprog>,
    name: [u8; 16],
}

/// Starts a command, with a filter if one is given.
pub(super) fn start(command: &str, filter: Option<&mut [Insn]>) -> Result<Started, PtraceError> {
    let words = command::split(command).map_err(|reason| PtraceError::CommandLine {
        command: command.to_owned(),
        reason,
    })?;
    let failed = |source| PtraceError::Command {
        command: command.to_owned(),
        source,
    };
    let program = Program::find(&words).map_err(failed)?;
    let filter = filter.map(|insns| libc::sock_fprog {
        len: insns.len() as u16,
        filter: insns.as_mut_ptr(),
    });
    let image = Image {
        program: program.file.as_ptr(),
        arguments: &program.arguments(),
        environment: &program.environment(),
        filter: filter.as_ref(),
        name: facts::own_comm(),
    };
    let (mut go, mut gate) = io::pipe().map_err(failed)?;
    let (failure, report) = io::pipe().map_err(failed)?;
    // SAFETY: the child makes nothing but system calls until it is replaced (`Image::become_it`).
    let child = match unsafe { libc::fork() } {
        -1 => return Err(failed(io::Error::last_os_error())),
        0 => image.become_it(&mut go, &gate, &report),
        child => child,
    };
    drop((go, report));
    let options = stop::OPTIONS | filter.map_or(0, |_| stop::TRACE_SECCOMP | stop::EXIT_KILL);
    let traced = stop::seize(child, options).and_then(|()| gate.write_all(&[1]));
    if let Err(error) = traced {
        // It waits for us, and ends when it sees that nobody is there.
        drop(gate);
        let _ = stop::wait(child, 0);
        return Err(PtraceError::Refused(error));
    }
    let mut failure = Failure(failure);
    match stand(child)? {
        Some(stop) => Ok(Started {
            standing: Standing(Some(stop)),
            failure,
        }),
        None => Err(match failure.read() {
            Some((FILTER, error)) => PtraceError::Filter(error),
            Some((_, error)) => failed(error),
            None => failed(io::Error::other("it ended before it was started")),
        }),
    }
}

/// Waits until the child has stopped itself; `None` if it has ended.
fn stand(child: libc::pid_t) -> Result<Option<Stop>, PtraceError> {
    loop {
        match stop::wait(child, 0).map_err(PtraceError::Wait)? {
            None => {}
            Some(Report::Ended(..)) => return Ok(None),
            Some(Report::Stopped(stop, Why::Signal(libc::SIGSTOP))) => {
                return match stop.syscall() {
                    Ok(_) => Ok(Some(stop)),
                    Err(_) => {
                        kill(stop);
                        Err(PtraceError::OldKernel)
                    }
                };
            }
            Some(Report::Stopped(stop, why)) => {
                let signal = match why {
                    Why::Signal(signal) => signal,
                    _ => 0,
                };
                stop.resume(Until::Event, signal)?;
            }
        }
    }
}

/// Ends a child that stands, and waits for that.
fn kill(stop: Stop) {
    let child = stop.thread();
    // SAFETY: takes integers; the child has not been waited for, so the id is its own.
    unsafe { libc::kill(child, libc::SIGKILL) };
    loop {
        match stop::wait(child, 0) {
            Ok(Some(Report::Ended(..))) | Err(_) => return,
            Ok(Some(Report::Stopped(stop, _))) => {
                // It is about to end; if it is gone, that is reported next.
                let _ = stop.resume(Until::Event, 0);
            }
            Ok(None) => {}
        }
    }
}

impl Image<'_> {
    /// Replaces this process, the child of a fork, once it is traced.
    fn become_it(&self, go: &mut PipeReader, gate: &PipeWriter, report: &PipeWriter) -> ! {
        // SAFETY: system calls only, which are allowed in the child of a fork. The standard library ignores SIGPIPE,
        // which the command must not inherit.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        // SAFETY: an array that ends in NUL. The thread that forks may have another name than its process.
        unsafe { libc::prctl(libc::PR_SET_NAME, self.name.as_ptr()) };
        // SAFETY: closes this process's own copy, so that the end of the parent is seen.
        unsafe { libc::close(gate.as_raw_fd()) };
        let mut byte = [0];
        if !matches!(go.read(&mut byte), Ok(1)) {
            exit(127);
        }
        if let Some(filter) = self.filter
            && let Err(error) = install(filter)
        {
            give_up(report, FILTER, &error);
        }
        // SAFETY: takes nothing.
        let pid = unsafe { libc::getpid() };
        // By hand: `raise` makes more system calls after it has been continued.
        // SAFETY: takes integers.
        unsafe { libc::syscall(libc::SYS_kill, pid, libc::SIGSTOP) };
        // SAFETY: strings that end in NUL and arrays of them that end in null, alive in this copy of the parent's
        // memory.
        unsafe {
            libc::execve(
                self.program,
                self.arguments.as_ptr(),
                self.environment.as_ptr(),
            )
        };
        give_up(report, EXEC, &io::Error::last_os_error())
    }
}

/// Only who may do anything, or has renounced privileges for ever, may confine himself.
fn install(filter: &libc::sock_fprog) -> io::Result<()> {
    let install = || {
        // SAFETY: the program is alive and as long as it says.
        let result = unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER,
                0,
                std::ptr::from_ref(filter),
            )
        };
        match result {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    match install() {
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
            // SAFETY: takes integers.
            unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
            install()
        }
        result => result,
    }
}

fn give_up(report: &PipeWriter, what: i32, error: &io::Error) -> ! {
    let number = error.raw_os_error().unwrap_or(libc::EIO);
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&what.to_ne_bytes());
    bytes[4..].copy_from_slice(&number.to_ne_bytes());
    // SAFETY: writes from an array of that length. If it fails the parent sees the exit status.
    unsafe { libc::write(report.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
    exit(127)
}

fn exit(status: c_int) -> ! {
    // SAFETY: ends this process without running what the parent registered for its own end.
    unsafe { libc::_exit(status) }
}
