//! Where recorded events come from.

use crate::trace::event::{Event, Origin};

/// Why a trace cannot be read (on).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {}

/// Recorded events, in the order of their times.
pub trait Source {
    /// What the trace is about.
    fn origin(&self) -> &Origin;

    /// The next event; `None` if there are no more.
    ///
    /// # Errors
    /// If the trace cannot be read on.
    fn next(&mut self) -> Result<Option<Event<'_>>, SourceError>;

    /// How many bytes are done, and how many there are.
    fn progress(&self) -> (u64, u64);

    /// What the trace lacks and what could not be understood so far, for people.
    fn notes(&self) -> Vec<String>;
}
