//! A trace file in, events out: all that is whole in it, and what is not, counted.

use super::super::event::{Event, Origin, What};
use super::super::names::{KnownNames, Names};
use super::decode::{Decoder, NOBODY};
use super::end::{End, Outcome};
use super::error::{TraceError, TraceProblem};
use super::format::{HEAD, Head, Kind, MARKER};
use super::header;
use super::input::Input;
use super::pack::Unpacker;
use super::writer::EndFacts;
use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::Path;

/// Reads a trace.
pub struct TraceReader {
    name: String,
    input: Input,
    /// The file itself, to see whether it grows and how long it is.
    file: Option<File>,
    origin: Origin,
    names: KnownNames,
    /// Checksum of the header, which blocks of this trace repeat.
    trace: u32,
    unpacker: Unpacker,
    decoder: Decoder,
    /// Events that were given or reported as lost: the next block should begin there.
    position: u64,
    /// Where the events end of all blocks whose heads were seen, damaged and cut ones included.
    reach: u64,
    /// The latest time of the block before.
    last: u64,
    /// Between damaged bytes and the next whole block.
    is_astray: bool,
    /// Where a block begins of which the rest is missing, and what [`Self::damaged`] was then.
    cut: Option<(u64, u64)>,
    /// Bytes of bodies that were read in vain.
    vain: u64,
    given: u64,
    missing: u64,
    damaged: u64,
    end: Option<End>,
    /// There was an end block: nothing comes behind it.
    is_ended: bool,
}

/// Most bytes of damaged bodies within which other blocks are looked for.
const MAX_VAIN: u64 = 1 << 30;

/// What comes next in a file.
enum Next {
    /// A block of events, now in the decoder.
    Events,
    /// The same, and events before it are missing: how many, and when the block begins.
    Gap(u64, u64),
    /// Nothing, for now.
    Nothing,
}

impl TraceReader {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read or is no trace.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let name = path.display().to_string();
        let opened = File::open(path).and_then(|file| Ok((file.try_clone()?, file)));
        match opened {
            Ok((read, file)) => Self::start(Box::new(read), name, Some(file)),
            Err(error) => Err(TraceError {
                name,
                problem: error.into(),
            }),
        }
    }

    /// Reads a stream, which messages call by a name.
    ///
    /// # Errors
    /// If it cannot be read or is no trace.
    pub fn new(read: impl Read + Send + 'static, name: &str) -> Result<Self, TraceError> {
        Self::start(Box::new(read), name.to_owned(), None)
    }

    fn start(
        read: Box<dyn Read + Send>,
        name: String,
        file: Option<File>,
    ) -> Result<Self, TraceError> {
        let mut input = Input::new(read);
        let header = header::read(&mut input);
        let opened = header.and_then(|header| Ok((header, Unpacker::new()?)));
        let ((origin, trace), unpacker) = match opened {
            Ok(opened) => opened,
            Err(problem) => return Err(TraceError { name, problem }),
        };
        let origin_start = origin.start;
        let names = KnownNames::default();
        names.learn(origin.names.clone());
        Ok(Self {
            name,
            input,
            file,
            origin,
            names,
            trace,
            unpacker,
            decoder: Decoder::default(),
            position: 0,
            reach: 0,
            last: origin_start,
            is_astray: false,
            cut: None,
            vain: 0,
            given: 0,
            missing: 0,
            damaged: 0,
            end: None,
            is_ended: false,
        })
    }

    /// What the trace is about.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What users and cgroups are called; more are known with every event.
    pub fn names(&self) -> KnownNames {
        self.names.clone()
    }

    /// The next event; `None` if there is none, for now: [`Self::end`] says whether more may come. Events that are missing
    /// because a block is damaged are an event themselves ([`What::Lost`]).
    ///
    /// # Errors
    /// If the file cannot be read. Damage is no error.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "events borrow from the reader, which iterators cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, TraceError> {
        while self.decoder.advance() != Ok(true) {
            match self.next_block() {
                Ok(Next::Events) => {}
                Ok(Next::Gap(events, time)) => return Ok(Some(lost(events, time))),
                Ok(Next::Nothing) => return Ok(None),
                Err(error) => {
                    return Err(TraceError {
                        name: self.name.clone(),
                        problem: TraceProblem::Io(error),
                    });
                }
            }
        }
        self.given += 1;
        self.position += 1;
        Ok(Some(self.decoder.event()))
    }

    /// How the trace ends; `None` before [`Self::next`] has given no event.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Bytes that were read, and bytes that there are; 0 if that is not known.
    pub fn progress(&self) -> (u64, u64) {
        let length = self.file.as_ref().and_then(|file| file.metadata().ok());
        let length = length.filter(|metadata| metadata.is_file());
        let length = length.map_or(0, |metadata| metadata.len());
        (self.input.consumed(), length)
    }

    /// Goes to the next whole block.
    #[cold]
    fn next_block(&mut self) -> io::Result<Next> {
        // A block that was given up within is made good for by the count of the next.
        self.decoder.clear();
        if self.is_ended {
            return Ok(Next::Nothing);
        }
        self.end = None;
        loop {
            if let Some(outcome) = self.wait_for(HEAD)? {
                return Ok(self.stop(outcome));
            }
            let head = self.input.bytes().first_chunk().and_then(Head::parse);
            // A block of another trace can stand in the memory that a call wrote.
            let Some(head) = head.filter(|head| head.trace == self.trace) else {
                self.seek_marker();
                continue;
            };
            let length = HEAD + head.stored as usize;
            self.reach = self.reach.max(head.before + u64::from(head.events));
            match self.wait_for(length)? {
                None => {}
                Some(Outcome::Growing) => return Ok(self.stop(Outcome::Growing)),
                Some(_) => {
                    // Whole blocks can follow if the disk was full for a while.
                    let here = (self.input.consumed(), self.damaged);
                    self.cut.get_or_insert(here);
                    self.seek_marker();
                    continue;
                }
            }
            let stored = &self.input.bytes()[HEAD..length];
            let mut body = self.decoder.take_buffer();
            let is_whole = self.unpacker.unpack(&head, stored, &mut body);
            // Blocks never come twice.
            if !is_whole || head.before < self.position {
                self.decoder.start(body, 0);
                self.skip(length, is_whole);
                continue;
            }
            self.input.consume(length);
            self.is_astray = false;
            self.cut = None;
            let gap = head.before - self.position;
            self.position = head.before;
            self.missing += gap;
            if head.kind == Kind::Names {
                // Names that make no sense are none: numbers will do.
                if let Ok(names) = serde_json::from_slice::<Names>(&body) {
                    self.names.learn(names);
                }
            }
            return Ok(match (head.kind, gap) {
                (Kind::Names, gap) => {
                    self.decoder.start(body, 0);
                    match gap {
                        0 => continue,
                        gap => Next::Gap(gap, self.last),
                    }
                }
                (Kind::Events, gap) => {
                    self.decoder.start(body, head.events);
                    self.last = head.last;
                    match gap {
                        0 => Next::Events,
                        gap => Next::Gap(gap, head.first),
                    }
                }
                (Kind::End, gap) => {
                    self.finish(&body);
                    match gap {
                        0 => Next::Nothing,
                        gap => Next::Gap(gap, self.last),
                    }
                }
            });
        }
    }

    /// Passes over a block that is damaged or was read before.
    fn skip(&mut self, length: usize, is_whole: bool) {
        self.vain += length as u64;
        // Of a block that was written in part, the rest may be other blocks. Heads that were made to be read in vain are
        // no reason to read forever.
        if !is_whole && self.vain < MAX_VAIN {
            self.seek_marker();
        } else {
            self.damaged += length as u64;
            self.input.consume(length);
        }
    }

    /// Passes over bytes up to what may be the next block.
    fn seek_marker(&mut self) {
        let bytes = self.input.bytes();
        let from_next = bytes[1..].windows(MARKER.len());
        let distance = from_next.into_iter().position(|window| window == MARKER);
        // A marker may have begun in the last bytes.
        let distance = distance.map_or(bytes.len() - (MARKER.len() - 1), |distance| distance + 1);
        self.damaged += distance as u64;
        self.input.consume(distance);
        self.is_astray = true;
    }

    /// Waits until so many bytes are there; how the trace ends if they will not come.
    fn wait_for(&mut self, wanted: usize) -> io::Result<Option<Outcome>> {
        if self.input.fill(wanted)? {
            return Ok(None);
        }
        let Some(file) = &self.file else {
            return Ok(Some(Outcome::CutOff));
        };
        if is_being_written(file) {
            return Ok(Some(Outcome::Growing));
        }
        // The recorder may have written the rest and ended in between.
        let has_come = self.input.fill(wanted)?;
        Ok((!has_come).then_some(Outcome::CutOff))
    }

    /// No whole block is left.
    fn stop(&mut self, outcome: Outcome) -> Next {
        let rest = self.input.bytes().len() as u64;
        let (damaged, cut) = match self.cut {
            Some((at, damaged)) => (damaged, self.input.consumed() - at + rest),
            // Behind damage, the rest is more of the same: no block begins there.
            None if self.is_astray => (self.damaged + rest, 0),
            None => (self.damaged, rest),
        };
        // The beginning of a block that is being written says already how many events it will have.
        let unread = match outcome {
            Outcome::Growing => 0,
            _ => self.reach.saturating_sub(self.position),
        };
        self.end = Some(End {
            outcome,
            events: self.given,
            missing_events: self.missing + unread,
            damaged_bytes: damaged,
            cut_bytes: cut,
            evicted_events: 0,
            losses: Vec::new(),
        });
        Next::Nothing
    }

    /// The end block.
    fn finish(&mut self, body: &[u8]) {
        self.is_ended = true;
        let consumed = self.input.consumed();
        let (_, length) = self.progress();
        let facts: Option<EndFacts> = serde_json::from_slice(body).ok();
        let facts = facts.unwrap_or_default();
        self.end = Some(End {
            outcome: Outcome::Ended,
            events: self.given,
            missing_events: self.missing,
            // Whatever stands behind the end is not of this trace.
            damaged_bytes: self.damaged + length.saturating_sub(consumed),
            cut_bytes: 0,
            evicted_events: facts.evicted,
            losses: facts.losses,
        });
    }
}

/// Events that stood in damaged blocks.
fn lost(events: u64, time: u64) -> Event<'static> {
    Event {
        time,
        cpu: 0,
        thread: &NOBODY,
        what: What::Lost { events },
    }
}

/// Whether a recorder has locked the file. Where files cannot be locked, nobody knows: then it is not.
fn is_being_written(file: &File) -> bool {
    match file.try_lock_shared() {
        Ok(()) => {
            // The lock is let go of when the file is closed at the latest.
            let _ = file.unlock();
            false
        }
        Err(error) => matches!(error, TryLockError::WouldBlock),
    }
}
