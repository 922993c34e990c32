//! Events in, a trace file out, block by block.

use super::super::event::{Event, Observer, Origin};
use super::super::names::Names;
use super::encode::Encoder;
use super::end::Summary;
use super::format::{BODY, Kind};
use super::header;
use super::pack::Packer;
use super::state::Span;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::Path;

/// Nanoseconds of events after which a block is written even if it is not full.
const MAX_SPAN: u64 = 1_000_000_000;

/// Writes a trace. What it was told last is in memory until a block is full, a second of events has passed, or
/// [`Self::flush`] is called: whoever may wait long for the next event calls that now and then.
///
/// Dropped without [`Self::finish`], it leaves a trace that readers take for cut off, with all events in it.
pub struct TraceWriter<W: Write> {
    write: W,
    encoder: Encoder,
    packer: Packer,
    /// Names that the next block needs.
    names: Names,
    /// What has been handed to blocks.
    written: Summary,
    is_finished: bool,
}

impl TraceWriter<File> {
    /// Creates a file, or replaces one, and locks it (`flock`) so that readers know that it grows.
    ///
    /// # Errors
    /// If it cannot be created, or if somebody is recording to it already.
    pub fn create(path: &Path, origin: &Origin) -> io::Result<Self> {
        // It is emptied once it is known that nobody else writes it.
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let problem = "another recording writes to this file";
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, problem));
        }
        // Pipes and terminals can be neither locked nor emptied.
        if file.metadata()?.is_file() {
            file.set_len(0)?;
        }
        Self::new(file, origin)
    }
}

impl<W: Write> TraceWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(mut write: W, origin: &Origin) -> io::Result<Self> {
        let (header, trace) = header::encode(origin)?;
        let packer = Packer::new(trace)?;
        write.write_all(&header)?;
        write.flush()?;
        Ok(Self {
            write,
            encoder: Encoder::new(BODY),
            packer,
            names: Names::default(),
            written: Summary {
                events: 0,
                bytes: header.len() as u64,
            },
            is_finished: false,
        })
    }

    /// What users and cgroups are called that events to come mention.
    pub fn learn(&mut self, names: Names) {
        self.names.extend(names);
    }

    /// Writes what the next block needs to know.
    fn flush_names(&mut self) -> io::Result<()> {
        if self.names.is_empty() {
            return Ok(());
        }
        let body = serde_json::to_vec(&std::mem::take(&mut self.names))?;
        let before = self.written.events;
        let block = self
            .packer
            .pack(Kind::Names, &body, before, Span::default())?;
        self.written.bytes += block.len() as u64;
        self.write.write_all(block)
    }

    /// Writes down what it was told so far, so that readers can see it.
    ///
    /// # Errors
    /// If it cannot be written. These events are missing in the trace then, and readers will know how many.
    pub fn flush(&mut self) -> io::Result<()> {
        let span = self.encoder.span();
        if span.events > 0 {
            self.flush_names()?;
            let body = self.encoder.body();
            let before = self.written.events;
            self.written.events += u64::from(span.events);
            let packed = self.packer.pack(Kind::Events, body, before, span);
            let written = packed.and_then(|block| {
                self.written.bytes += block.len() as u64;
                self.write.write_all(block)
            });
            self.encoder.clear();
            written?;
        }
        self.write.flush()
    }

    /// Writes the rest and the end: what the engine lost, by name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self, losses: &[(String, u64)]) -> io::Result<Summary> {
        self.is_finished = true;
        self.flush()?;
        self.flush_names()?;
        let body = end_body(0, losses)?;
        let events = self.written.events;
        let block = self
            .packer
            .pack(Kind::End, &body, events, Span::default())?;
        self.written.bytes += block.len() as u64;
        self.write.write_all(block)?;
        self.write.flush()?;
        Ok(self.written)
    }

    /// What was written so far, without what is still in memory.
    pub fn written(&self) -> Summary {
        self.written
    }
}

impl<W: Write> Observer for TraceWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.encoder.push(event)?;
        let span = self.encoder.span();
        if self.encoder.is_full() || span.last - span.first >= MAX_SPAN {
            self.flush()?;
        }
        Ok(())
    }
}

impl<W: Write> Drop for TraceWriter<W> {
    fn drop(&mut self) {
        if !self.is_finished {
            // Nobody is left to be told of an error, and a trace without an end says so itself.
            let _ = self.flush();
        }
    }
}

/// The body of an end block.
///
/// # Errors
/// Never: facts are always JSON.
pub(super) fn end_body(evicted: u64, losses: &[(String, u64)]) -> io::Result<Vec<u8>> {
    let facts = EndFacts {
        evicted,
        losses: losses.to_vec(),
    };
    Ok(serde_json::to_vec(&facts)?)
}

/// What an end block says.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct EndFacts {
    /// Events that a flight recorder had let go of.
    pub(super) evicted: u64,
    /// What the engine lost.
    pub(super) losses: Vec<(String, u64)>,
}
