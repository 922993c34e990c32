//! Those who are told of events, if anybody is.

use super::Note;
use super::memory::ThreadMemory;
use super::tracee::Tracee;
use crate::kernel::monotonic_now;
use crate::trace::event::{Event, What};
use crate::trace::memory::AddressSpace;

/// Is told of an event, with the memory of the thread as long as that stands.
pub type OnEvent<'a> = dyn FnMut(&Event<'_>, &mut dyn AddressSpace) + 'a;
/// Is told what cannot be as it would be untraced.
pub type OnNote<'a> = dyn FnMut(&Note) + 'a;

/// Who listens.
pub(super) enum Audience<'a> {
    /// Nobody any more: threads are only kept going.
    Nobody,
    /// The caller.
    Caller {
        on_event: &'a mut OnEvent<'a>,
        on_note: &'a mut OnNote<'a>,
    },
}

impl Audience<'_> {
    pub(super) fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    /// A thread has done this.
    pub(super) fn tell(&mut self, tracee: &mut Tracee, what: What<'_>) {
        let Self::Caller { on_event, .. } = self else {
            return;
        };
        tracee.refresh();
        let event = Event {
            time: monotonic_now(),
            cpu: 0,
            thread: &tracee.facts,
            what,
        };
        let mut memory = ThreadMemory::of(tracee.facts.thread as libc::pid_t);
        on_event(&event, &mut memory);
    }

    pub(super) fn note(&mut self, note: &Note) {
        if let Self::Caller { on_note, .. } = self {
            on_note(note);
        }
    }
}
