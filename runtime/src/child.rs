//! Starts the command of `-c`: a command line in, a process that stands still right before its first own
//! system call out.
//!
//! What the process does between fork and execve must not be counted. So it stops itself, and once it is
//! continued, execve is the first thing that it does.

#![expect(
    unsafe_code,
    reason = "fork, execve and waitpid have no safe wrappers that leave a gap for the stop"
)]

use crate::command::{self, Program};
use crate::engine::{Command, EngineError};
use crate::kernel::KernelError;
use crate::wait;
use std::ffi::{CString, c_char, c_int};
use std::io::{self, PipeWriter, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// A command that was started.
///
/// A command that was never released is killed when the value is dropped.
#[derive(Debug)]
pub struct Child {
    command: String,
    pid: libc::pid_t,
    end: OwnedFd,
    /// Where the error number of execve comes from; nothing if it succeeds.
    error: io::PipeReader,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    Running,
    Ended(ExitStatus),
}

impl Child {
    /// Starts a command and leaves it standing before its execve. The command line is split as a shell
    /// would, quotes and backslashes included, but nothing is expanded.
    ///
    /// # Errors
    /// [`KernelError::CommandLine`] if it cannot be split, [`KernelError::Command`] if there is no such
    /// program or no process can be made.
    pub fn start(command: &str) -> Result<Self, KernelError> {
        let words = command::split(command).map_err(|reason| KernelError::CommandLine {
            command: command.to_owned(),
            reason,
        })?;
        Self::start_words(command, &words).map_err(|source| KernelError::Command {
            command: command.to_owned(),
            source,
        })
    }

    fn start_words(command: &str, words: &[String]) -> io::Result<Self> {
        let program = Program::find(words)?;
        let (arguments, environment) = (program.arguments(), program.environment());
        let image = Image {
            program: &program.file,
            arguments: &arguments,
            environment: &environment,
        };

        let (error, report) = io::pipe()?;
        // SAFETY: the child only makes system calls until it is replaced (`Image::become_it`).
        let pid = match unsafe { libc::fork() } {
            -1 => return Err(io::Error::last_os_error()),
            0 => image.become_it(&report),
            pid => pid,
        };
        drop(report);
        wait_for_stop(pid)?;
        let end = wait::end_of_process(pid as u32)?;
        Ok(Self {
            command: command.to_owned(),
            pid,
            end,
            error,
            state: State::Stopped,
        })
    }

    fn signal(&self, signal: c_int) -> io::Result<()> {
        // It has not been waited for, so the id is its own.
        wait::signal(self.pid as u32, signal)
    }
}

impl Command for Child {
    fn pid(&self) -> u32 {
        self.pid as u32
    }

    fn release(&mut self) -> Result<(), EngineError> {
        let failed = |command: &str, source| KernelError::Command {
            command: command.to_owned(),
            source,
        };
        self.signal(libc::SIGCONT)
            .map_err(|source| failed(&self.command, source))?;
        self.state = State::Running;
        // The other end is closed by a successful execve.
        let mut number = [0; 4];
        match self.error.read_exact(&mut number) {
            Ok(()) => {
                let source = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
                Err(failed(&self.command, source).into())
            }
            Err(_) => Ok(()),
        }
    }

    fn end_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }

    fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        if let State::Ended(status) = self.state {
            return Ok(Some(status));
        }
        let status = wait_for(self.pid, libc::WNOHANG)?;
        if let Some(status) = status {
            self.state = State::Ended(status);
        }
        Ok(status)
    }

    fn terminate(&mut self) {
        if self.state == State::Running && matches!(self.status(), Ok(None)) {
            // It may just have ended.
            let _ = self.signal(libc::SIGTERM);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.state == State::Stopped {
            // If it is gone already, there is nothing to kill and nothing to wait for.
            let _ = self.signal(libc::SIGKILL);
            let _ = wait_for(self.pid, 0);
        }
    }
}

/// Everything that execve wants, made before fork: the child must not allocate.
struct Image<'a> {
    program: &'a CString,
    arguments: &'a [*const c_char],
    environment: &'a [*const c_char],
}

impl Image<'_> {
    /// Replaces this process, the child of a fork, after it has been continued.
    fn become_it(&self, report: &PipeWriter) -> ! {
        // SAFETY: system calls only, which are allowed in the child of a fork. The standard library ignores
        // SIGPIPE, which the command must not inherit.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        // SAFETY: takes nothing.
        let pid = unsafe { libc::getpid() };
        // By hand: `raise` makes more system calls after it has been continued. The end of this call is
        // traced before the stop takes effect.
        // SAFETY: takes integers.
        unsafe { libc::syscall(libc::SYS_kill, pid, libc::SIGSTOP) };
        // SAFETY: strings that end in NUL and arrays of them that end in null, alive in this copy of the
        // parent's memory.
        unsafe {
            libc::execve(
                self.program.as_ptr(),
                self.arguments.as_ptr(),
                self.environment.as_ptr(),
            )
        };
        let error = io::Error::last_os_error()
            .raw_os_error()
            .unwrap_or(libc::EIO)
            .to_ne_bytes();
        // SAFETY: writes from an array of that length. If it fails the parent takes it for a success and
        // sees the exit status.
        unsafe { libc::write(report.as_raw_fd(), error.as_ptr().cast(), error.len()) };
        // SAFETY: ends this process without running what the parent registered for its own end.
        unsafe { libc::_exit(127) }
    }
}

fn wait_for_stop(pid: libc::pid_t) -> io::Result<()> {
    match wait_for(pid, libc::WUNTRACED)? {
        Some(status) if status.stopped_signal().is_some() => Ok(()),
        _ => Err(io::Error::other("it ended before it was started")),
    }
}

/// Waits for a child; `None` if nothing has happened to it.
fn wait_for(pid: libc::pid_t, options: c_int) -> io::Result<Option<ExitStatus>> {
    loop {
        let mut status = 0;
        // SAFETY: `status` is valid for writes.
        match unsafe { libc::waitpid(pid, &raw mut status, options) } {
            0 => return Ok(None),
            -1 => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            _ => return Ok(Some(ExitStatus::from_raw(status))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_command_stands_still_until_released() {
        let mut child = Child::start("sh -c 'exit 7'").expect("sh exists");
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.pid())).expect("it lives");
        assert!(stat.contains(") T "), "stopped: {stat}");
        assert_eq!(child.status().expect("our child"), None);
        child.release().expect("sh runs");
        wait::readable([Some(child.end_fd())], std::time::Duration::from_secs(10))
            .expect("can wait");
        let status = child.status().expect("our child").expect("has ended");
        assert_eq!(status.code(), Some(7));
        assert_eq!(child.status().expect("remembered"), Some(status));
    }

    #[test]
    fn what_cannot_run_says_why() {
        let error = Child::start("no-such-command-anywhere").expect_err("does not exist");
        assert!(matches!(error, KernelError::Command { .. }));
        let mut child = Child::start("/dev/null").expect("is looked at by execve only");
        let error = child.release().expect_err("is no program");
        let EngineError::Kernel(KernelError::Command { source, .. }) = error else {
            panic!("{error}")
        };
        assert_eq!(source.raw_os_error(), Some(libc::EACCES));
    }

    #[test]
    fn a_command_that_is_never_released_is_killed() {
        let child = Child::start("sleep 100").expect("sleep exists");
        let pid = child.pid();
        drop(child);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }
}
