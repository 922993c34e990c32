//! Keeps the tracer on the processor of the thread that it is busy with.
//!
//! A thread that stops often and its tracer take turns: neither ever runs while the other does. On two processors each
//! turn wakes a sleeping processor, which takes several times as long as to switch on one (measured in a virtual machine
//! of two: 35 µs for a call with both its stops against 8).

#![expect(
    unsafe_code,
    reason = "affinity has no wrapper in the standard library"
)]

use std::fs;
use std::mem::MaybeUninit;

/// How many stops there are between two looks at where the thread runs.
const LOOK_EVERY: u32 = 256;
/// So many of them must be of the same thread as the stop before.
const BUSY: u32 = LOOK_EVERY * 3 / 4;

/// Where this thread runs, and why.
pub(super) struct Follower {
    /// Where it may run; `None` if that is not known, and so not changed.
    allowed: Option<libc::cpu_set_t>,
    /// The only processor that it runs on now.
    on: Option<usize>,
    last: libc::pid_t,
    stops: u32,
    same: u32,
}

impl Follower {
    pub(super) fn new() -> Self {
        Self {
            allowed: allowed(),
            on: None,
            last: 0,
            stops: 0,
            same: 0,
        }
    }

    /// This thread has stopped.
    pub(super) fn saw(&mut self, thread: libc::pid_t) {
        self.stops += 1;
        self.same += u32::from(thread == self.last);
        self.last = thread;
        if self.stops < LOOK_EVERY {
            return;
        }
        let is_busy = self.same >= BUSY;
        (self.stops, self.same) = (0, 0);
        let to = if is_busy { processor(thread) } else { None };
        self.go(to);
    }

    fn go(&mut self, to: Option<usize>) {
        let Some(allowed) = &self.allowed else { return };
        let to = to.filter(|cpu| *cpu < libc::CPU_SETSIZE as usize);
        // SAFETY: the set has room for that many.
        let to = to.filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, allowed) });
        if to == self.on {
            return;
        }
        let set = match to {
            None => *allowed,
            Some(cpu) => {
                // SAFETY: a set of nothing is all zeros.
                let mut set: libc::cpu_set_t = unsafe { MaybeUninit::zeroed().assume_init() };
                // SAFETY: the set has room for that many.
                unsafe { libc::CPU_SET(cpu, &mut set) };
                set
            }
        };
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: the set is as large as is said. 0 is this thread.
        if unsafe { libc::sched_setaffinity(0, size, &raw const set) } == 0 {
            self.on = to;
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.go(None);
    }
}

fn allowed() -> Option<libc::cpu_set_t> {
    let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: the set is as large as is said. 0 is this thread.
    let result = unsafe { libc::sched_getaffinity(0, size, set.as_mut_ptr()) };
    // SAFETY: bits only, zeroed at first.
    (result == 0).then(|| unsafe { set.assume_init() })
}

/// The processor that a thread last ran on: field 39 of `/proc/PID/stat` (proc(5)).
fn processor(thread: libc::pid_t) -> Option<usize> {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(36)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count() -> i32 {
        // SAFETY: only reads the set.
        allowed().map_or(0, |set| unsafe { libc::CPU_COUNT(&set) })
    }

    #[test]
    fn a_busy_thread_is_followed_and_left_again() {
        let before = count();
        let own = std::process::id() as libc::pid_t;
        assert!(processor(own).is_some());
        let mut follower = Follower::new();
        for _ in 0..LOOK_EVERY {
            follower.saw(own);
        }
        assert_eq!(count(), 1);
        assert!(follower.on.is_some());
        for thread in 0..LOOK_EVERY {
            follower.saw(thread as libc::pid_t + 1);
        }
        assert_eq!(count(), before);
        for _ in 0..=LOOK_EVERY {
            follower.saw(own);
        }
        drop(follower);
        assert_eq!(count(), before);
    }
}
