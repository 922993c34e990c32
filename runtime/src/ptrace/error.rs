//! What keeps a command from being traced.

use std::io;
use thiserror::Error;

/// Why the tracer cannot go on.
#[derive(Debug, Error)]
pub enum PtraceError {
    /// The command line cannot be split in words.
    #[error("cannot read the command `{command}`: {reason}")]
    CommandLine {
        /// As it was given.
        command: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no such program, or it cannot be executed.
    #[error("cannot run `{command}`: {source}")]
    Command {
        /// As it was given.
        command: String,
        /// The reason.
        source: io::Error,
    },
    /// This process may not trace its own child.
    #[error(
        "ptrace is refused ({0}): this process is traced itself, a container forbids it, or \
         /proc/sys/kernel/yama/ptrace_scope is 2 or 3"
    )]
    Refused(#[source] io::Error),
    /// `PTRACE_GET_SYSCALL_INFO` is missing.
    #[error("the kernel does not tell about system calls by ptrace: Linux 5.3 or newer is needed")]
    OldKernel,
    /// The kernel does not take the filter that lets only the wanted calls stop.
    #[error("the seccomp filter for the wanted calls is refused: {0}")]
    Filter(#[source] io::Error),
    /// A request about a stopped thread failed, and not because the thread is gone.
    #[error("ptrace failed in {action} of thread {thread}: {source}")]
    Request {
        /// What was asked for.
        action: &'static str,
        /// The thread.
        thread: u32,
        /// The reason.
        source: io::Error,
    },
    /// Nothing can be waited for.
    #[error("cannot wait for traced processes: {0}")]
    Wait(#[source] io::Error),
}
