//! What happened, in the order of time, though lines tell of it in another: an end may be told with its beginning, and
//! what a call was given only when it ends.

use super::event::Happening;
use std::collections::{BTreeSet, BinaryHeap};

/// What waits for its turn.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Happening>,
    bytes: usize,
    /// Beginnings of calls of which not everything is known: time and order.
    held: BTreeSet<(u64, u64)>,
    /// The time of the last line.
    now: u64,
    /// The time of what was taken last.
    taken: u64,
    closed: bool,
}

/// A call is told to have ended up to this many nanoseconds before its line: strace takes the time of a call a little
/// later than that of its line.
const LAG: u64 = 1_000_000;
/// More than this is not kept back for a beginning.
const MOST_WAITING: usize = 1 << 17;
const MOST_BYTES: usize = 64 << 20;

impl Queue {
    /// A line has this time. What is added from now on is not much earlier.
    pub(super) fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    /// Nothing is added any more.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.held.clear();
    }

    /// What is added now must not be earlier than this.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Adds something.
    pub(super) fn push(&mut self, happening: Happening) {
        self.bytes += happening.size();
        self.heap.push(happening);
    }

    /// Something will be added with this time and order: what is later waits.
    pub(super) fn hold(&mut self, time: u64, order: u64) {
        self.held.insert((time, order));
    }

    /// It was added, or never will be.
    pub(super) fn release(&mut self, time: u64, order: u64) {
        self.held.remove(&(time, order));
    }

    /// The time and order of what has to be added now, because too much waits for it.
    pub(super) fn overdue(&self) -> Option<(u64, u64)> {
        let full = self.heap.len() > MOST_WAITING || self.bytes > MOST_BYTES;
        self.held.first().copied().filter(|_| full)
    }

    /// What comes next, if nothing that comes before it can be added.
    pub(super) fn pop(&mut self) -> Option<Happening> {
        let next = self.heap.peek()?;
        let first = self.held.first();
        let held = first.is_some_and(|held| *held < (next.time, next.order));
        if held || !self.closed && next.time.saturating_add(LAG) > self.now {
            return None;
        }
        let next = self.heap.pop()?;
        self.taken = next.time;
        self.bytes -= next.size();
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Happened;
    use super::*;

    fn end(time: u64, order: u64) -> Happening {
        Happening {
            time,
            order,
            thread: 1,
            comm: None,
            what: Happened::End,
        }
    }

    fn orders(queue: &mut Queue) -> Vec<u64> {
        std::iter::from_fn(|| queue.pop())
            .map(|next| next.order)
            .collect()
    }

    #[test]
    fn what_is_earlier_comes_first() {
        let mut queue = Queue::default();
        queue.push(end(30, 1));
        queue.push(end(10, 2));
        queue.push(end(10, 3));
        queue.advance(20 + LAG);
        assert_eq!(orders(&mut queue), [2, 3]);
        assert_eq!(queue.taken(), 10);
        queue.hold(25, 4);
        queue.advance(40 + LAG);
        assert_eq!(orders(&mut queue), [0; 0]);
        queue.release(25, 4);
        queue.push(end(25, 4));
        assert_eq!(orders(&mut queue), [4, 1]);
        queue.push(end(99 + LAG, 5));
        queue.close();
        assert_eq!(orders(&mut queue), [5]);
    }

    #[test]
    fn too_much_does_not_wait() {
        let mut queue = Queue::default();
        queue.hold(1, 1);
        for order in 0..=MOST_WAITING as u64 {
            assert_eq!(queue.overdue(), None);
            queue.push(end(5, order + 2));
        }
        assert_eq!(queue.overdue(), Some((1, 1)));
    }
}
