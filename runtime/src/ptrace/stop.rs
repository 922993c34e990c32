//! A stopped thread as a value: it can be asked about as long as it stands, and is used up by letting it go.

#![expect(
    unsafe_code,
    reason = "ptrace and waitpid have no wrappers in the standard library"
)]

use super::error::PtraceError;
use std::ffi::{c_int, c_long};
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

// linux v6.12 include/uapi/linux/ptrace.h
const CONT: c_long = 7;
const DETACH: c_long = 17;
const SYSCALL: c_long = 24;
const GETEVENTMSG: c_long = 0x4201;
const GETSIGINFO: c_long = 0x4202;
const SEIZE: c_long = 0x4206;
const LISTEN: c_long = 0x4208;
const GET_SYSCALL_INFO: c_long = 0x420e;

const EVENT_FORK: c_int = 1;
const EVENT_VFORK: c_int = 2;
const EVENT_CLONE: c_int = 3;
const EVENT_EXEC: c_int = 4;
const EVENT_EXIT: c_int = 6;
const EVENT_SECCOMP: c_int = 7;
const EVENT_STOP: c_int = 128;

/// Marks stops at system calls, so that they differ from a SIGTRAP of the program.
const SYSCALL_TRAP: c_int = libc::SIGTRAP | 0x80;

/// What all threads are traced with: system calls are told apart from SIGTRAP, children are traced from their
/// beginning, exec and exit stop.
pub(super) const OPTIONS: u32 =
    1 | 1 << EVENT_FORK | 1 << EVENT_VFORK | 1 << EVENT_CLONE | 1 << EVENT_EXEC | 1 << EVENT_EXIT;
/// Calls that a seccomp filter points at stop.
pub(super) const TRACE_SECCOMP: u32 = 1 << EVENT_SECCOMP;
/// All threads are killed when the tracer ends.
pub(super) const EXIT_KILL: u32 = 1 << 20;

/// A thread that stands still for us.
#[derive(Debug)]
#[must_use = "the thread stands still until it is resumed"]
pub(super) struct Stop {
    thread: libc::pid_t,
}

/// Why a thread stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A system call begins or ends.
    Syscall,
    /// The filter has found a wanted system call.
    Seccomp,
    /// It has made another thread or process; the message is its id.
    Fork,
    /// It runs another program; the message is its id before.
    Exec,
    /// It is about to end.
    Exit,
    /// Job control has stopped its process.
    Group,
    /// It begins, or its process has been continued.
    Trap,
    /// A signal is about to be delivered.
    Signal(c_int),
    /// Something that nobody asked for.
    Other,
}

/// What has happened to a thread.
#[derive(Debug)]
pub(super) enum Report {
    /// It stands.
    Stopped(Stop, Why),
    /// It is gone.
    Ended(libc::pid_t, ExitStatus),
}

impl Report {
    pub(super) fn thread(&self) -> libc::pid_t {
        match self {
            Self::Stopped(stop, _) => stop.thread,
            Self::Ended(thread, _) => *thread,
        }
    }
}

/// How a thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Until something happens that stops every traced thread.
    Event,
    /// Until a system call begins or ends, too.
    Syscall,
}

/// What a stop at a system call is about: `struct ptrace_syscall_info` (linux v6.12 include/uapi/linux/ptrace.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SyscallInfo {
    /// `AUDIT_ARCH_*`.
    pub(super) arch: u32,
    /// Which edge.
    pub(super) edge: Edge,
}

/// A side of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// It begins.
    Entry { number: i32, arguments: [u64; 6] },
    /// It ends.
    Exit { result: i64 },
    /// The stop is about something else.
    None,
}

const INFO_SIZE: usize = 88;

impl SyscallInfo {
    fn from_bytes(bytes: &[u8; INFO_SIZE]) -> Self {
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_ne_bytes(word)
        };
        let edge = match bytes[0] {
            1 | 3 => Edge::Entry {
                number: word(24) as i32,
                arguments: std::array::from_fn(|n| word(32 + 8 * n)),
            },
            2 => Edge::Exit {
                result: word(24) as i64,
            },
            _ => Edge::None,
        };
        let arch = u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        Self { arch, edge }
    }
}

impl Stop {
    /// The thread's id.
    pub(super) fn thread(&self) -> libc::pid_t {
        self.thread
    }

    /// The system call that it stands at; `None` if the thread has been killed meanwhile.
    pub(super) fn syscall(&self) -> Result<Option<SyscallInfo>, PtraceError> {
        let mut bytes = [0; INFO_SIZE];
        // SAFETY: the kernel writes at most as many bytes as the third argument says.
        let result = unsafe {
            request(
                GET_SYSCALL_INFO,
                self.thread,
                INFO_SIZE,
                bytes.as_mut_ptr() as usize,
            )
        };
        match self.unless_gone("GET_SYSCALL_INFO", result)? {
            Some(_) => Ok(Some(SyscallInfo::from_bytes(&bytes))),
            None => Ok(None),
        }
    }

    /// The number that belongs to the event; `None` if the thread has been killed meanwhile.
    pub(super) fn message(&self) -> Result<Option<libc::pid_t>, PtraceError> {
        let message = self.read_message()?;
        // One that was killed may stand again already, about to end; then the number is its status.
        Ok(message.filter(|_| !self.is_ending()))
    }

    fn is_ending(&self) -> bool {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: the kernel writes one `siginfo_t`.
        let read = unsafe { request(GETSIGINFO, self.thread, 0, info.as_mut_ptr() as usize) };
        // SAFETY: integers and addresses only, zeroed at first.
        let info = unsafe { info.assume_init() };
        read.is_err() || info.si_code >> 8 == EVENT_EXIT
    }

    fn read_message(&self) -> Result<Option<libc::pid_t>, PtraceError> {
        let mut message: libc::c_ulong = 0;
        // SAFETY: the kernel writes one long.
        let result = unsafe { request(GETEVENTMSG, self.thread, 0, &raw mut message as usize) };
        Ok(self
            .unless_gone("GETEVENTMSG", result)?
            .map(|_| message as libc::pid_t))
    }

    /// Lets it run; a signal is delivered to it, 0 for none.
    pub(super) fn resume(self, until: Until, signal: c_int) -> Result<(), PtraceError> {
        match until {
            Until::Event => self.release("CONT", CONT, signal),
            Until::Syscall => self.release("SYSCALL", SYSCALL, signal),
        }
    }

    /// Leaves it stopped by job control, until that continues it.
    pub(super) fn listen(self) -> Result<(), PtraceError> {
        match self.release("LISTEN", LISTEN, 0) {
            // It was killed, and stands somewhere else: that is reported next.
            Err(PtraceError::Request { source, .. })
                if source.raw_os_error() == Some(libc::EIO) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Lets it run untraced.
    pub(super) fn detach(self, signal: c_int) -> Result<(), PtraceError> {
        self.release("DETACH", DETACH, signal)
    }

    fn release(self, action: &'static str, what: c_long, signal: c_int) -> Result<(), PtraceError> {
        // SAFETY: these requests take a number.
        let result = unsafe { request(what, self.thread, 0, signal as usize) };
        self.unless_gone(action, result).map(|_| ())
    }

    /// A thread can be killed while it stands; its end is reported later.
    fn unless_gone(
        &self,
        action: &'static str,
        result: io::Result<c_long>,
    ) -> Result<Option<c_long>, PtraceError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(None),
            Err(source) => Err(PtraceError::Request {
                action,
                thread: self.thread as u32,
                source,
            }),
        }
    }
}

/// Begins to trace a child, which is not stopped by that.
pub(super) fn seize(thread: libc::pid_t, options: u32) -> io::Result<()> {
    // SAFETY: the request takes numbers.
    unsafe { request(SEIZE, thread, 0, options as usize) }.map(|_| ())
}

/// Waits for this thread or, with -1, for any that this thread traces; `None` if a signal came first, or with
/// `WNOHANG` if nothing has happened.
///
/// # Errors
/// `ECHILD` if there is none to wait for.
pub(super) fn wait(thread: libc::pid_t, flags: c_int) -> io::Result<Option<Report>> {
    let mut status = 0;
    // Children of other threads of this process are none of our business.
    let flags = flags | libc::__WALL | libc::__WNOTHREAD;
    // SAFETY: `status` is valid for writes.
    match unsafe { libc::waitpid(thread, &raw mut status, flags) } {
        0 => Ok(None),
        -1 => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            error => Err(error),
        },
        thread => Ok(Some(report(thread, status))),
    }
}

fn report(thread: libc::pid_t, status: c_int) -> Report {
    if !libc::WIFSTOPPED(status) {
        return Report::Ended(thread, ExitStatus::from_raw(status));
    }
    let signal = libc::WSTOPSIG(status);
    let why = match status >> 16 {
        0 if signal == SYSCALL_TRAP => Why::Syscall,
        0 => Why::Signal(signal),
        EVENT_FORK | EVENT_VFORK | EVENT_CLONE => Why::Fork,
        EVENT_EXEC => Why::Exec,
        EVENT_EXIT => Why::Exit,
        EVENT_SECCOMP => Why::Seccomp,
        EVENT_STOP if signal == libc::SIGTRAP => Why::Trap,
        EVENT_STOP => Why::Group,
        _ => Why::Other,
    };
    Report::Stopped(Stop { thread }, why)
}

/// The system call itself: the C library's wrapper differs between libraries.
///
/// # Safety
/// If the request writes to an address, that many bytes are valid for writes.
pub(super) unsafe fn request(
    what: c_long,
    thread: libc::pid_t,
    address: usize,
    data: usize,
) -> io::Result<c_long> {
    // SAFETY: the caller's promise.
    match unsafe { libc::syscall(libc::SYS_ptrace, what, thread, address, data) } {
        -1 => Err(io::Error::last_os_error()),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_say_why_a_thread_stands() {
        let why = |status| match report(7, status) {
            Report::Stopped(stop, why) => (stop.thread(), why),
            Report::Ended(..) => panic!("ended"),
        };
        let stopped = |event: c_int, signal: c_int| event << 16 | signal << 8 | 0x7f;
        for (status, expected) in [
            (stopped(0, SYSCALL_TRAP), Why::Syscall),
            (stopped(0, libc::SIGTRAP), Why::Signal(libc::SIGTRAP)),
            (stopped(0, libc::SIGSTOP), Why::Signal(libc::SIGSTOP)),
            (stopped(0, 64), Why::Signal(64)),
            (stopped(EVENT_STOP, libc::SIGTRAP), Why::Trap),
            (stopped(EVENT_STOP, libc::SIGTSTP), Why::Group),
            (stopped(EVENT_VFORK, libc::SIGTRAP), Why::Fork),
            (stopped(EVENT_SECCOMP, libc::SIGTRAP), Why::Seccomp),
            (stopped(5, libc::SIGTRAP), Why::Other),
        ] {
            assert_eq!(why(status), (7, expected));
        }
        let Report::Ended(7, status) = report(7, 9) else {
            panic!("stopped");
        };
        assert_eq!(status.signal(), Some(9));
    }

    #[test]
    fn calls_are_read_from_bytes() {
        let mut bytes = [0; INFO_SIZE];
        bytes[0] = 3;
        bytes[4..8].copy_from_slice(&0xc000_003e_u32.to_ne_bytes());
        bytes[24..32].copy_from_slice(&u64::MAX.to_ne_bytes());
        bytes[72..80].copy_from_slice(&6u64.to_ne_bytes());
        let info = SyscallInfo::from_bytes(&bytes);
        assert_eq!(info.arch, 0xc000_003e);
        let arguments = [0, 0, 0, 0, 0, 6];
        let number = -1;
        assert_eq!(info.edge, Edge::Entry { number, arguments });
        bytes[0] = 2;
        let result = -1;
        assert_eq!(SyscallInfo::from_bytes(&bytes).edge, Edge::Exit { result });
        bytes[0] = 0;
        assert_eq!(SyscallInfo::from_bytes(&bytes).edge, Edge::None);
    }
}
