//! Logs of strace: `strace -f -ttt -T -o FILE`, and what other options make of them.
//!
//! # The format
//! A line is `[thread] [time] what`, written when `what` begins:
//!
//! ```text
//! 18064 1795706591.424036 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3 <0.000012>
//! 18065 1795706591.424037 read(0,  <unfinished ...>
//! 18065 1795706591.431508 <... read resumed>"root:x:0"..., 16384) = 1221 <0.006787>
//! 18065 1795706591.440800 --- SIGCHLD {si_signo=SIGCHLD, ...} ---
//! 18065 1795706591.440813 +++ exited with 0 +++
//! ```
//!
//! The thread stands there with `-f -o`; on a terminal `[pid N]` does while there are several. Lines without one are of the
//! only thread that lives; the first one's id is that which its calls tell (`set_tid_address`), that of the file's name
//! (`-ff`), or [`UNKNOWN_THREAD`].
//!
//! # Times
//! With `-ttt` a log has the wall clock. That is taken for `CLOCK_MONOTONIC`, too: [`Origin::realtime_offset`] is 0, and
//! events have nanoseconds since 1970. With `-t` and `-tt` they have nanoseconds since the first midnight, with `-r` since
//! the first line, without any a microsecond passes from line to line; notes say so. A call ends its duration (`-T`) after
//! it began, else when its line says that it is resumed, else at once.
//!
//! # Memory
//! Strings and structures get addresses from 0x2a00_0000_0000 on, which programs do not have, and are memory there: of
//! what the call reads in its [`Enter`], of what it writes in its [`Exit`]. Of a string that strace cut (`-s`) the part
//! that it shows is there; of a structure that it abbreviates (`-v`) the members that it shows.
//!
//! [`Enter`]: crate::trace::event::Enter
//! [`Exit`]: crate::trace::event::Exit

mod argument;
mod call;
mod detail;
mod event;
mod finish;
mod input;
mod layout;
mod line;
mod material;
mod notes;
mod outcome;
mod pending;
mod queue;
mod reader;
mod scan;
mod special;
mod stamp;
mod structure;
#[cfg(test)]
mod tests;
mod threads;
mod word;

pub use notes::{Kind, Note};

use crate::trace::event::{Event, Origin};
use crate::trace::owned::OwnedEvent;
use input::Lines;
use reader::Reader;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use trapline_lang::syscall::Abi;

/// Most bytes of a line; of a longer one nothing is read.
pub const LINE_LIMIT: usize = 1 << 20;

/// The id of a thread whose id a log does not tell.
pub const UNKNOWN_THREAD: u32 = 1;

/// Reads a log of strace as events, in the order of their times.
pub struct StraceReader {
    lines: Lines,
    reader: Reader,
    origin: Origin,
    total: u64,
    told: Option<OwnedEvent>,
}

/// A log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StraceError {
    /// There is none.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Reading failed.
    #[error("cannot read the strace log behind line {line}")]
    Read {
        /// Lines that were read.
        line: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It has nothing in it.
    #[error("the strace log is empty")]
    Empty,
    /// None of its first lines is one of strace.
    #[error("this is no log of strace: no system call stands in its first lines")]
    Foreign,
}

/// Whether a file that begins with these bytes is a log of strace. A few kilobytes are enough.
pub fn looks_like_strace(first_bytes: &[u8]) -> bool {
    input::looks_like_strace(first_bytes)
}

impl StraceReader {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is no log of strace.
    pub fn open(path: &Path) -> Result<Self, StraceError> {
        let failed = |source| StraceError::Open {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let total = file.metadata().map_err(failed)?.len();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let thread = extension.and_then(|extension| extension.parse().ok());
        let mut reader = Self::with_thread(BufReader::with_capacity(1 << 16, file), thread)?;
        reader.total = total;
        Ok(reader)
    }

    /// Reads a log from anywhere.
    ///
    /// # Errors
    /// If its beginning cannot be read, or is no log of strace.
    pub fn new(log: impl BufRead + Send + 'static) -> Result<Self, StraceError> {
        Self::with_thread(log, None)
    }

    fn with_thread(
        log: impl BufRead + Send + 'static,
        thread: Option<u32>,
    ) -> Result<Self, StraceError> {
        let read = |source| StraceError::Read { line: 0, source };
        let (lines, head) = Lines::new(log).map_err(read)?;
        if head.is_empty() {
            return Err(StraceError::Empty);
        }
        if !looks_like_strace(&head) {
            return Err(StraceError::Foreign);
        }
        let guess = input::guess(&head);
        let native = if guess.is_arm {
            Abi::Aarch64
        } else {
            Abi::X86_64
        };
        let main = guess.main.or(thread).unwrap_or(UNKNOWN_THREAD);
        let command = guess.command.as_ref();
        let origin = Origin {
            abi: native.name().to_owned(),
            start: guess.start,
            command_process: command.map_or(0, |_| guess.first.unwrap_or(main)),
            command: command.map_or_else(String::new, |command| {
                String::from_utf8_lossy(command).into_owned()
            }),
            // How many there were is not known, nor on which of them something happened.
            cpu_count: 1,
            engine: "strace".to_owned(),
            ..Origin::default()
        };
        Ok(Self {
            lines,
            reader: Reader::new(native, main, &guess),
            origin,
            total: 0,
            told: None,
        })
    }

    /// What the log is about, as far as its beginning tells.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The next event; `None` at the end of the log.
    ///
    /// # Errors
    /// If the log cannot be read on.
    // A lending iterator, as traces have it: the event borrows from the reader.
    #[expect(clippy::should_implement_trait, reason = "iterators cannot lend")]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, StraceError> {
        self.told = self.advance()?;
        Ok(self.told.as_ref().map(OwnedEvent::event))
    }

    fn advance(&mut self) -> Result<Option<OwnedEvent>, StraceError> {
        loop {
            if let Some(told) = self.reader.next() {
                return Ok(Some(told));
            }
            if self.reader.is_finished() {
                return Ok(None);
            }
            let line = self.lines.number;
            let next = self.lines.next();
            match next.map_err(|source| StraceError::Read { line, source })? {
                Some(input::Next::Line(text)) => self.reader.line(line + 1, text),
                Some(input::Next::TooLong) => self.reader.long_line(line + 1),
                None => self.reader.finish(),
            }
        }
    }

    /// How many bytes were read, and how many there are; 0 if that is not known.
    pub fn progress(&self) -> (u64, u64) {
        (self.lines.bytes, self.total)
    }

    /// What was not understood so far.
    pub fn notes(&self) -> &[Note] {
        self.reader.notes()
    }
}
