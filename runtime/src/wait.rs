//! What a session waits for: file descriptors, signals, the end of processes.

#![expect(
    unsafe_code,
    reason = "poll, signalfd and pidfd_open have no safe wrappers in the standard library"
)]

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::thread;
use std::time::Duration;

/// Waits until one of the descriptors can be read, or the time is over. Says which can.
///
/// A signal that is not blocked may end the wait early.
pub(crate) fn readable<const N: usize>(
    fds: [Option<BorrowedFd<'_>>; N],
    timeout: Duration,
) -> io::Result<[bool; N]> {
    // The kernel skips negative descriptors.
    let mut polls = fds.map(|fd| libc::pollfd {
        fd: fd.map_or(-1, |fd| fd.as_raw_fd()),
        events: libc::POLLIN,
        revents: 0,
    });
    let timeout = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: `polls` is an array of `N` elements that outlives the call.
    let count = unsafe { libc::poll(polls.as_mut_ptr(), N as libc::nfds_t, timeout) };
    if count < 0 {
        let error = io::Error::last_os_error();
        return match error.kind() {
            io::ErrorKind::Interrupted => Ok([false; N]),
            _ => Err(error),
        };
    }
    Ok(polls.map(|poll| poll.revents != 0))
}

/// Sends a signal to a process.
pub(crate) fn signal(pid: u32, signal: c_int) -> io::Result<()> {
    // SAFETY: the call takes two integers.
    match unsafe { libc::kill(pid as libc::pid_t, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A descriptor that becomes readable when the process ends.
pub(crate) fn end_of_process(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes two integers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has returned a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as c_int) })
}

/// Signals that wait to be taken instead of ending the process, until the value is dropped.
pub(crate) struct Signals {
    fd: OwnedFd,
    set: libc::sigset_t,
    before: libc::sigset_t,
}

impl Signals {
    /// Holds back these signals in this thread and those that it starts.
    pub(crate) fn hold(signals: &[c_int]) -> io::Result<Self> {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `set` is valid for writes, and sigemptyset initializes it.
        let mut set = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            set.assume_init()
        };
        for signal in signals {
            // SAFETY: `set` is initialized.
            unsafe { libc::sigaddset(&raw mut set, *signal) };
        }
        let before = mask(libc::SIG_BLOCK, &set)?;
        // SAFETY: `set` is initialized; -1 asks for a new descriptor.
        let fd =
            unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        if fd < 0 {
            let error = io::Error::last_os_error();
            mask(libc::SIG_SETMASK, &before)?;
            return Err(error);
        }
        // SAFETY: the call has returned a new descriptor that nobody else owns.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd, set, before })
    }

    /// Takes a signal that has come.
    pub(crate) fn take(&self) -> Option<c_int> {
        take(self.fd.as_fd())
    }

    /// From now on a signal ends the process at once, though this thread may be busy.
    ///
    /// For a moment signals are still dropped: `timeout` and terminals send one and the same twice.
    pub(crate) fn let_next_one_kill(&self) -> io::Result<()> {
        const MOMENT: Duration = Duration::from_millis(300);
        let (fd, set) = (self.fd.try_clone()?, self.set);
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                thread::sleep(MOMENT);
                while take(fd.as_fd()).is_some() {}
                // The kernel gives a signal to whichever thread does not hold it back. If it cannot be
                // unblocked, signals stay held back, as before.
                if mask(libc::SIG_UNBLOCK, &set).is_ok() {
                    loop {
                        thread::park();
                    }
                }
            })?;
        Ok(())
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        while self.take().is_some() {}
        // A mask that was in force before cannot be refused.
        let _ = mask(libc::SIG_SETMASK, &self.before);
    }
}

/// The process was started so that this signal does nothing (`nohup`).
pub(crate) fn is_ignored(signal: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: no new action is given, and `action` is valid for writes.
    let result = unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: integers only, zeroed at first.
    result == 0 && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

fn take(fd: BorrowedFd<'_>) -> Option<c_int> {
    let mut info = MaybeUninit::<libc::signalfd_siginfo>::zeroed();
    let size = size_of::<libc::signalfd_siginfo>();
    // SAFETY: `info` is valid for writes of `size` bytes.
    let read = unsafe { libc::read(fd.as_raw_fd(), info.as_mut_ptr().cast(), size) };
    // SAFETY: integers only, zeroed at first.
    (read == size as isize).then(|| unsafe { info.assume_init() }.ssi_signo as c_int)
}

/// Changes which signals this thread holds back; gives what it was before.
fn mask(how: c_int, set: &libc::sigset_t) -> io::Result<libc::sigset_t> {
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `set` is initialized and `before` valid for writes.
    let error = unsafe { libc::pthread_sigmask(how, set, before.as_mut_ptr()) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    // SAFETY: the call has succeeded and so has written it.
    Ok(unsafe { before.assume_init() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_held_and_taken() {
        let signals = Signals::hold(&[libc::SIGUSR1]).expect("allowed");
        assert_eq!(signals.take(), None);
        // SAFETY: the signal is held back by this thread, which is the one that it is sent to.
        unsafe { libc::raise(libc::SIGUSR1) };
        let ready = readable([Some(signals.as_fd()), None], Duration::from_secs(5));
        assert_eq!(ready.expect("can wait"), [true, false]);
        assert_eq!(signals.take(), Some(libc::SIGUSR1));
        assert_eq!(signals.take(), None);
    }

    #[test]
    fn waiting_ends_with_the_time() {
        assert_eq!(
            readable([None], Duration::from_millis(1)).expect("can wait"),
            [false]
        );
    }
}
