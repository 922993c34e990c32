//! Where recorded events come from.

use crate::trace::event::{Event, Origin};
use crate::trace::file::{TraceError, TraceReader, is_trace};
use crate::trace::names::KnownNames;
use crate::trace::strace::{StraceError, StraceReader, looks_like_strace};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Why a trace cannot be read (on).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file of our own format.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A log of strace.
    #[error(transparent)]
    Strace(#[from] StraceError),
    /// The file cannot be opened.
    #[error("cannot read {path}")]
    File {
        /// Which.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "{path} is no trace: it is neither one of `trapline --record` nor a log of `strace -f -ttt -T`"
    )]
    Foreign {
        /// Which.
        path: String,
    },
    /// Bytes that come from elsewhere and can be read once only.
    #[error("{path} is a pipe: a trace is replayed from a file")]
    Pipe {
        /// Which.
        path: String,
    },
    /// The file has nothing in it.
    #[error("{path} is empty: nothing was recorded")]
    Empty {
        /// Which.
        path: String,
    },
}

/// Bytes at the beginning of a file by which it is recognized.
const HEAD: u64 = 4096;

/// Opens a trace of any kind.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn open(path: &Path) -> Result<Box<dyn Source>, SourceError> {
    let name = path.display().to_string();
    let unreadable = |source| SourceError::File {
        path: name.clone(),
        source,
    };
    let mut head = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.file_type().is_fifo() {
        return Err(SourceError::Pipe { path: name });
    }
    file.take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    if head.is_empty() {
        return Err(SourceError::Empty { path: name });
    }
    if is_trace(&head) {
        return Ok(Box::new(TraceReader::open(path)?));
    }
    if looks_like_strace(&head) {
        return Ok(Box::new(StraceReader::open(path)?));
    }
    Err(SourceError::Foreign { path: name })
}

impl Source for TraceReader {
    fn names(&self) -> KnownNames {
        self.names()
    }

    fn origin(&self) -> &Origin {
        self.origin()
    }

    fn next(&mut self) -> Result<Option<Event<'_>>, SourceError> {
        Ok(self.next()?)
    }

    fn progress(&self) -> (u64, u64) {
        self.progress()
    }

    fn notes(&self, lost: u64) -> Vec<String> {
        let Some(end) = self.end() else {
            return Vec::new();
        };
        let mut notes = end.notes();
        // Damaged parts tell how many events were in them, too.
        let while_recording = lost.saturating_sub(end.missing_events);
        if while_recording > 0 {
            notes.push(format!(
                "while recording, {while_recording} events were lost"
            ));
        }
        notes
    }
}

impl Source for StraceReader {
    fn origin(&self) -> &Origin {
        self.origin()
    }

    fn next(&mut self) -> Result<Option<Event<'_>>, SourceError> {
        Ok(self.next()?)
    }

    fn progress(&self) -> (u64, u64) {
        self.progress()
    }

    fn notes(&self, _lost: u64) -> Vec<String> {
        self.notes().iter().map(ToString::to_string).collect()
    }
}

/// Recorded events, in the order of their times.
pub trait Source {
    /// What the trace is about.
    fn origin(&self) -> &Origin;

    /// The next event; `None` if there are no more.
    ///
    /// # Errors
    /// If the trace cannot be read on.
    fn next(&mut self) -> Result<Option<Event<'_>>, SourceError>;

    /// What users and cgroups are called, as far as the trace was read.
    fn names(&self) -> KnownNames {
        KnownNames::default()
    }

    /// How many bytes are done, and how many there are.
    fn progress(&self) -> (u64, u64);

    /// What the trace lacks and what could not be understood so far, for people. Of `lost` events it has told itself
    /// ([`crate::trace::event::What::Lost`]).
    fn notes(&self, lost: u64) -> Vec<String>;
}
