//! Asks a tracer, which waits in the kernel, to return: from any thread, at any time.

#![expect(
    unsafe_code,
    reason = "signals to threads have no wrappers in the standard library"
)]

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Interrupts the wait. Nobody is harmed by it: its default is to do nothing.
const BELL: c_int = libc::SIGURG;

/// Ends [`super::Tracer::run`] early.
#[derive(Clone, Debug)]
pub struct Stopper {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    asked: AtomicBool,
    heard: AtomicBool,
    /// The thread that traces.
    tracer: libc::pid_t,
}

impl Stopper {
    /// For the tracer that runs on this thread, which from now on is interrupted by [`BELL`] and holds back other
    /// signals: those of the process are for its other threads.
    pub(super) fn for_this_thread() -> io::Result<Self> {
        extern "C" fn ring(_signal: c_int) {}
        let action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: zeros are a valid action: no flags (so that waits are interrupted) and nothing held back.
        let mut action = unsafe { action.assume_init_read() };
        action.sa_sigaction = ring as extern "C" fn(c_int) as usize;
        // SAFETY: `action` is initialized; the handler does nothing.
        if unsafe { libc::sigaction(BELL, &raw const action, ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `set` is valid for writes, and sigfillset initializes it.
        let mut set = unsafe {
            libc::sigfillset(set.as_mut_ptr());
            set.assume_init()
        };
        // Each stop sends SIGCHLD. Where it is not held back it is ignored at once; else it wakes another thread, which
        // ignores it.
        for signal in [BELL, libc::SIGCHLD] {
            // SAFETY: `set` is initialized.
            unsafe { libc::sigdelset(&raw mut set, signal) };
        }
        // SAFETY: `set` is initialized.
        let error =
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const set, ptr::null_mut()) };
        if error != 0 {
            return Err(io::Error::from_raw_os_error(error));
        }
        // SAFETY: takes nothing.
        let tracer = unsafe { libc::gettid() };
        Ok(Self {
            shared: Arc::new(Shared {
                asked: AtomicBool::new(false),
                heard: AtomicBool::new(false),
                tracer,
            }),
        })
    }

    /// The tracer tells nobody anything from now on, and returns soon. Never waits.
    pub fn stop(&self) {
        if self.shared.asked.swap(true, Ordering::SeqCst) {
            return;
        }
        self.shared.ring();
        let shared = Arc::clone(&self.shared);
        // The first signal may have come just before the tracer began to wait.
        let insist = move || {
            while !shared.heard.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(1));
                shared.ring();
            }
        };
        // Without that thread the tracer stops at the next event.
        let _ = thread::Builder::new().name("stopper".into()).spawn(insist);
    }

    /// Whether the tracer is to return.
    pub(super) fn is_asked(&self) -> bool {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// The tracer waits no more.
    pub(super) fn heard(&self) {
        self.shared.heard.store(true, Ordering::SeqCst);
    }

    /// From now on it can be asked once more.
    pub(super) fn rearm(&self) {
        self.shared.asked.store(false, Ordering::SeqCst);
        self.shared.heard.store(false, Ordering::SeqCst);
    }
}

impl Shared {
    fn ring(&self) {
        // SAFETY: takes integers; the thread is one of this process, or gone.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), self.tracer, BELL) };
    }
}
