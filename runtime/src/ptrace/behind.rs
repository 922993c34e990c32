//! Lets a program end for those who wait for it while its process stays behind, for processes that cannot do without
//! their tracer ([`super::Left`]).
//!
//! The process that was started becomes the *front*: it does nothing but wait, pass signals on, and end as it is told to.
//! All work is done by its child.

#![expect(
    unsafe_code,
    reason = "fork, sigwaitinfo and prctl have no wrappers in the standard library"
)]

use std::ffi::c_int;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::ptr;

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
    front: libc::pid_t,
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
    // Somebody may have started us so that it does nothing (`SIG_IGN`); then the end of a child is not told.
    // SAFETY: takes integers.
    let on_child = unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    // SAFETY: takes nothing.
    let front = unsafe { libc::getpid() };
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
            // SAFETY: what it was before.
            unsafe { libc::signal(libc::SIGCHLD, on_child) };
            mask(&before);
            Ok(Behind { front, status })
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
        self.status.write_all(&status.to_ne_bytes())?;
        // SAFETY: takes integers; wakes the front, which has not ended, for it waits for us.
        match unsafe { libc::kill(self.front, libc::SIGCHLD) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// Asks for a signal when the front ends before this process; 0 for none.
fn die_with_front(signal: c_int) {
    // SAFETY: takes integers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) };
}

/// What the front does.
fn wait(child: libc::pid_t, mut told: PipeReader, before: &libc::sigset_t) -> ! {
    let set = waited_for();
    loop {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: `set` is initialized and `info` valid for writes.
        let signal = unsafe { libc::sigwaitinfo(&raw const set, info.as_mut_ptr()) };
        // SAFETY: integers and addresses only, zeroed at first.
        let info = unsafe { info.assume_init() };
        match signal {
            libc::SIGCHLD => {
                if let Some(status) = ended(child, &mut told) {
                    end(status, before);
                }
            }
            signal if PASSED_ON.contains(&signal) && info.si_code != libc::SI_KERNEL => {
                // SAFETY: takes integers; the child has not been waited for, so the id is its own.
                unsafe { libc::kill(child, signal) };
            }
            _ => {}
        }
    }
}

/// How the front is to end, as `wait` has it, if it is to.
fn ended(child: libc::pid_t, told: &mut PipeReader) -> Option<c_int> {
    let mut status = 0;
    // SAFETY: `status` is valid for writes.
    let waited = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
    // The child may have told, and ended since.
    let mut bytes = [0; 4];
    if is_readable(told) && told.read_exact(&mut bytes).is_ok() {
        return Some((i32::from_ne_bytes(bytes) & 0xff) << 8);
    }
    (waited == child).then_some(status)
}

fn is_readable(told: &PipeReader) -> bool {
    let mut poll = libc::pollfd {
        fd: told.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one element; does not wait.
    unsafe { libc::poll(&raw mut poll, 1, 0) == 1 }
}

/// Ends as the child has.
fn end(status: c_int, before: &libc::sigset_t) -> ! {
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

/// Holds back what the front waits for; gives what was held back before.
fn hold() -> io::Result<libc::sigset_t> {
    let set = waited_for();
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

fn waited_for() -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `set` is valid for writes, and sigemptyset initializes it.
    let mut set = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    };
    for signal in PASSED_ON.into_iter().chain([libc::SIGCHLD]) {
        // SAFETY: `set` is initialized.
        unsafe { libc::sigaddset(&raw mut set, signal) };
    }
    set
}
