//! Lets a program end for those who wait for it while its process stays behind, for processes that cannot do without
//! their tracer ([`super::Left`]).
//!
//! The process that was started becomes the *front*: it does nothing but wait, pass signals on, and end as it is told to.
//! All work is done by its child.

#![expect(
    unsafe_code,
    reason = "fork, signalfd and prctl have no wrappers in the standard library"
)]

use crate::wait;
use std::ffi::c_int;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

/// What the front passes on. What a terminal sends, both have got.
const PASSED_ON: [c_int; 6] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGUSR1,
    libc::SIGUSR2,
];

/// The process that does the work, behind another one that others wait for.
#[derive(Debug)]
pub struct Behind {
    status: PipeWriter,
}

/// Splits this process in two. Returns in the child; this process ends as the child does, or when that has
/// [left](Behind::leave).
///
/// There must be no other thread: it would be missing in the child.
///
/// # Errors
/// If no process can be made.
pub fn split() -> io::Result<Behind> {
    let (told, status) = io::pipe()?;
    let before = hold()?;
    // SAFETY: there is no other thread, so the child is whole.
    match unsafe { libc::fork() } {
        -1 => {
            let error = io::Error::last_os_error();
            mask(&before);
            Err(error)
        }
        0 => {
            drop(told);
            die_with_front(libc::SIGTERM);
            mask(&before);
            Ok(Behind { status })
        }
        child => {
            drop(status);
            wait(child, told, &before)
        }
    }
}

impl Behind {
    /// Ends the front with this status. This process stays, without a terminal, standard input or output.
    ///
    /// # Errors
    /// If `/dev/null` cannot be opened or the front is gone.
    pub fn leave(mut self, status: i32) -> io::Result<()> {
        let null = File::options().read(true).write(true).open("/dev/null")?;
        for fd in 0..=2 {
            // SAFETY: replaces standard descriptors, which nobody closes.
            if unsafe { libc::dup2(null.as_raw_fd(), fd) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        die_with_front(0);
        // SAFETY: takes nothing. It fails only for the first process of a group, which has no terminal to lose.
        unsafe { libc::setsid() };
        self.status.write_all(&status.to_ne_bytes())
    }
}

/// Asks for a signal when the front ends before this process; 0 for none.
fn die_with_front(signal: c_int) {
    // SAFETY: takes integers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) };
}

/// What the front does.
fn wait(child: libc::pid_t, mut told: PipeReader, before: &libc::sigset_t) -> ! {
    let (end, signals) = match (wait::end_of_process(child as u32), signals()) {
        (Ok(end), Ok(signals)) => (Some(end), Some(signals)),
        // Nothing can be passed on; its end is waited for all the same.
        _ => (None, None),
    };
    loop {
        let forever = Duration::from_secs(u32::MAX.into());
        let fds = [
            Some(told.as_fd()),
            end.as_ref().map(AsFd::as_fd),
            signals.as_ref().map(AsFd::as_fd),
        ];
        let [has_told, has_ended, has_signal] = wait::readable(fds, forever).unwrap_or_default();
        if has_signal && let Some(signals) = &signals {
            pass_on(signals.as_raw_fd(), child);
        }
        // It may have told, and ended since; if it ends without having told, the pipe ends, too.
        let mut bytes = [0; 4];
        if (has_told || has_ended) && told.read_exact(&mut bytes).is_ok() {
            std::process::exit(i32::from_ne_bytes(bytes));
        }
        if has_told || has_ended {
            end_as(child, before);
        }
    }
}

/// Where the front takes signals from.
fn signals() -> io::Result<OwnedFd> {
    let set = passed_on();
    // SAFETY: `set` is initialized; -1 asks for a new descriptor.
    let fd = unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has returned a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn pass_on(signals: c_int, child: libc::pid_t) {
    let mut info = MaybeUninit::<libc::signalfd_siginfo>::zeroed();
    let size = size_of::<libc::signalfd_siginfo>();
    // SAFETY: `info` is valid for writes of `size` bytes.
    let read = unsafe { libc::read(signals, info.as_mut_ptr().cast(), size) };
    // SAFETY: integers only, zeroed at first.
    let info = unsafe { info.assume_init() };
    if read == size as isize && info.ssi_code != libc::SI_KERNEL {
        // SAFETY: takes integers; the child has not been waited for, so the id is its own.
        unsafe { libc::kill(child, info.ssi_signo as c_int) };
    }
}

/// Ends as the child has.
fn end_as(child: libc::pid_t, before: &libc::sigset_t) -> ! {
    let mut status = 0;
    // SAFETY: `status` is valid for writes.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } != child {
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            // Whoever started us wants to hear of no child (`SIGCHLD` ignored).
            std::process::exit(0);
        }
    }
    if libc::WIFSIGNALED(status) {
        let signal = libc::WTERMSIG(status);
        // SAFETY: takes integers.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        // No second core.
        // SAFETY: takes integers.
        unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
        mask(before);
        // SAFETY: takes integers.
        unsafe { libc::raise(signal) };
        std::process::exit(128 + signal);
    }
    std::process::exit(libc::WEXITSTATUS(status))
}

/// Holds back what the front passes on; gives what was held back before.
fn hold() -> io::Result<libc::sigset_t> {
    let set = passed_on();
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: `set` is initialized and `before` valid for writes.
    let error =
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, before.as_mut_ptr()) };
    match error {
        // SAFETY: the call has succeeded and so has written it.
        0 => Ok(unsafe { before.assume_init() }),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

fn mask(set: &libc::sigset_t) {
    // SAFETY: the set is initialized. A mask that was in force before cannot be refused.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::from_ref(set), ptr::null_mut()) };
}

fn passed_on() -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `set` is valid for writes, and sigemptyset initializes it.
    let mut set = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    };
    for signal in PASSED_ON {
        // SAFETY: `set` is initialized.
        unsafe { libc::sigaddset(&raw mut set, signal) };
    }
    set
}
