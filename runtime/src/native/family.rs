//! Who belongs to the command: its process and all descendants, as far as their births were seen.

use crate::trace::event::{Event, What};
use rustc_hash::FxHashSet;

/// Who is followed.
#[derive(Debug)]
pub enum Family {
    /// Everybody: only the command and its descendants are seen.
    Everybody,
    /// This process and its descendants.
    Of(FxHashSet<u32>),
}

impl Family {
    /// The descendants of a process.
    pub fn of(process: u32) -> Self {
        Self::Of(FxHashSet::from_iter([process]))
    }

    pub(super) fn has(&self, process: u32) -> bool {
        match self {
            Self::Everybody => true,
            Self::Of(members) => members.contains(&process),
        }
    }

    /// Takes note of births and deaths. A death counts only once its own event was handled.
    pub(super) fn see(&mut self, event: &Event<'_>) {
        let Self::Of(members) = self else { return };
        match event.what {
            What::Fork { child } if members.contains(&event.thread.process) => {
                members.insert(child.process);
            }
            What::End { last: true } => {
                members.remove(&event.thread.process);
            }
            _ => {}
        }
    }
}
