//! What a sink is.

use std::io;

/// What put a piece of text out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// `printf()`
    Printf,
    /// `time()`
    Time,
    /// `cat()`
    Cat,
    /// `join()`
    Join,
    /// `system()`
    System,
}

/// Somewhere that results are written to, in one form.
pub trait Sink {
    /// Hands everything to the file.
    ///
    /// # Errors
    /// If that cannot be written to.
    fn flush(&mut self) -> io::Result<()>;
}
