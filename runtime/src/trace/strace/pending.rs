//! Calls that have begun, and whose end is in a line to come.

use crate::trace::event::COMM_SIZE;
use std::collections::HashMap;

/// When and in which order a call began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// On the log's clock.
    pub(super) time: u64,
    /// Among what happened at that time.
    pub(super) order: u64,
    /// Where its made-up memory begins, so that its texts, read again, become the same words.
    pub(super) memory: u64,
    /// The thread that began it; another may end it (`execve`).
    pub(super) thread: u32,
    /// The name that its line has for the thread.
    pub(super) comm: Option<[u8; COMM_SIZE]>,
    /// It was told: with everything, or because too much waited for it.
    pub(super) told: bool,
}

/// A call that has begun.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// As strace calls it.
    pub(super) name: Vec<u8>,
    /// What of its arguments the log has.
    pub(super) text: Vec<u8>,
    /// Its beginning.
    pub(super) beginning: Beginning,
    /// Something else stands in its line; what is missing is in another line without a beginning.
    pub(super) torn: bool,
}

/// Calls that have begun, by thread.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pending: HashMap<u32, Pending>,
}

impl Calls {
    /// A call begins; the one that its thread was in.
    pub(super) fn begin(&mut self, thread: u32, call: Pending) -> Option<Pending> {
        self.pending.insert(thread, call)
    }

    /// The call that a thread is in ends.
    pub(super) fn end(&mut self, thread: u32) -> Option<Pending> {
        self.pending.remove(&thread)
    }

    /// The call that a thread is in.
    pub(super) fn of(&mut self, thread: u32) -> Option<&mut Pending> {
        self.pending.get_mut(&thread)
    }

    /// The call that began in that order, and its thread.
    pub(super) fn by_order(&mut self, order: u64) -> Option<(u32, &mut Pending)> {
        let mut all = self.pending.iter_mut();
        let found = all.find(|(_, call)| call.beginning.order == order)?;
        Some((*found.0, found.1))
    }

    /// All that are left, in the order in which they began.
    pub(super) fn take_all(&mut self) -> Vec<(u32, Pending)> {
        let mut all: Vec<_> = self.pending.drain().collect();
        all.sort_by_key(|(_, call)| call.beginning.order);
        all
    }
}
