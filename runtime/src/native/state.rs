//! What programs work on while they run: maps, records, the event and its memory. [`super::helper`] reaches it.

use super::names::Names;
use super::reach::Reach;
use super::ring::Ring;
use super::store::Store;
use crate::trace::event::{Origin, Thread};

/// What the running program's helpers work on.
pub(super) struct State {
    pub(super) maps: Vec<Store>,
    pub(super) ring: Ring,
    pub(super) reach: Reach,
    pub(super) names: Names,
    pub(super) event: Current,
    /// Where the event's context lies, which programs read as if it were the kernel's.
    pub(super) context: (u64, u64),
    /// Where the script's constants lie: literals, among others.
    pub(super) constants: (u64, u64),
    pub(super) random: Random,
    pub(super) clocks: Clocks,
    /// Threads stand still while programs run for them: what an event does not tell can be asked.
    pub(super) live: bool,
}

/// The event that programs run for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Current {
    /// Nanoseconds, `CLOCK_MONOTONIC`.
    pub(super) time: u64,
    pub(super) cpu: u32,
    pub(super) thread: Thread,
    /// The process is the command, or one of its descendants.
    pub(super) followed: bool,
    /// Which of the program's attach points it is.
    pub(super) cookie: u64,
}

/// What other clocks are ahead of `CLOCK_MONOTONIC`, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    pub(super) boot: i64,
    pub(super) tai: i64,
}

impl Clocks {
    pub(super) fn of(origin: &Origin) -> Self {
        Self {
            boot: origin.boot_offset,
            tai: origin.boot_offset + origin.tai_offset,
        }
    }
}

/// Random numbers: xorshift64* (Vigna, 2016), which is enough to take samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(super) fn next(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }
}
