//! The two tables of a block, which the encoder and the decoder build alike.

use super::super::event::Thread;
use trapline_lang::syscall::Abi;

/// A thread and where it ran.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThreadRow {
    /// As it was.
    pub(super) thread: Thread,
    /// The processor that it last ran on.
    pub(super) cpu: u32,
}

/// A thread at one system call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// The index of the thread.
    pub(super) thread: u32,
    /// Whose number.
    pub(super) abi: Abi,
    /// The call's number.
    pub(super) number: i32,
    /// The words that it was last seen to have.
    pub(super) words: [u64; 6],
}

/// Times of events of a block.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    /// The earliest; 0 without events.
    pub(super) first: u64,
    /// The latest.
    pub(super) last: u64,
    /// How many events.
    pub(super) events: u32,
}

impl Span {
    /// Adds an event.
    #[inline]
    pub(super) fn add(&mut self, time: u64) {
        if self.events == 0 {
            self.first = time;
        }
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.events += 1;
    }
}
