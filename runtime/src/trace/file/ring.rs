//! A flight recorder: the newest events in memory, written to a file when somebody wants them.

use super::super::event::{Event, Observer, Origin};
use super::super::names::Names;
use super::encode::Encoder;
use super::end::Summary;
use super::format::{BODY, HEAD, Head, Kind};
use super::header;
use super::pack::Packer;
use super::state::Span;
use super::writer::end_body;
use std::collections::VecDeque;
use std::io::{self, Write};

/// Into how many blocks a ring is divided at least: it forgets one at a time.
const BLOCKS: usize = 32;

/// Least bytes of a block. Every block has its own tables, so smaller ones keep little else.
const MIN_BODY: usize = 4 << 10;

/// The newest events, within a number of bytes of compressed memory.
pub struct FlightRing {
    /// Bytes that finished blocks may have.
    budget: usize,
    header: Vec<u8>,
    packer: Packer,
    encoder: Encoder,
    blocks: VecDeque<Block>,
    /// What users and cgroups are called.
    names: Names,
    /// Bytes of all finished blocks.
    held: usize,
    /// Events of blocks that were let go of.
    evicted: u64,
}

/// A finished block.
struct Block {
    bytes: Box<[u8]>,
    events: u32,
}

impl FlightRing {
    /// An empty ring of so many bytes. It holds the newest block even if that alone is larger.
    ///
    /// # Errors
    /// If there is no memory for compression, or the origin is too long.
    pub fn new(bytes: usize, origin: &Origin) -> io::Result<Self> {
        let (header, trace) = header::encode(origin)?;
        let body = (bytes / BLOCKS).clamp(MIN_BODY, BODY);
        Ok(Self {
            // The block in the making counts as well, uncompressed.
            budget: bytes.saturating_sub(body),
            header,
            packer: Packer::new(trace)?,
            encoder: Encoder::new(body),
            blocks: VecDeque::new(),
            names: Names::default(),
            held: 0,
            evicted: 0,
        })
    }

    /// What users and cgroups are called that events to come mention. This is never let go of.
    pub fn learn(&mut self, names: Names) {
        self.names.extend(names);
    }

    /// Events that are in it now.
    pub fn events(&self) -> u64 {
        let finished = self.blocks.iter().map(|block| u64::from(block.events));
        finished.sum::<u64>() + u64::from(self.encoder.span().events)
    }

    /// Events that were in it and had to make room.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Writes a whole trace of what is in the ring, which stays there: a later dump has it again, if it is still there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn dump<W: Write>(
        &mut self,
        mut write: W,
        losses: &[(String, u64)],
    ) -> io::Result<Summary> {
        self.end_block()?;
        write.write_all(&self.header)?;
        let mut written = Summary {
            events: 0,
            bytes: (self.header.len() + self.held) as u64,
        };
        if !self.names.is_empty() {
            let body = serde_json::to_vec(&self.names)?;
            let block = self.packer.pack(Kind::Names, &body, 0, Span::default())?;
            write.write_all(block)?;
            written.bytes += block.len() as u64;
        }
        for block in &self.blocks {
            let (head, body) = block
                .bytes
                .split_first_chunk::<HEAD>()
                .expect("invariant: a block has a head");
            let mut head = Head::parse(head).expect("invariant: heads of blocks are whole");
            head.before = written.events;
            write.write_all(&head.to_bytes())?;
            write.write_all(body)?;
            written.events += u64::from(block.events);
        }
        let body = end_body(self.evicted, losses)?;
        let end = self
            .packer
            .pack(Kind::End, &body, written.events, Span::default())?;
        write.write_all(end)?;
        write.flush()?;
        written.bytes += end.len() as u64;
        Ok(written)
    }

    /// Finishes the block in the making and makes room for it.
    fn end_block(&mut self) -> io::Result<()> {
        let span = self.encoder.span();
        if span.events == 0 {
            return Ok(());
        }
        let body = self.encoder.body();
        let packed = self.packer.pack(Kind::Events, body, 0, span);
        let bytes = packed.map(Box::<[u8]>::from);
        self.encoder.clear();
        let block = Block {
            bytes: bytes.inspect_err(|_| self.evicted += u64::from(span.events))?,
            events: span.events,
        };
        self.held += block.bytes.len();
        self.blocks.push_back(block);
        while self.held > self.budget && self.blocks.len() > 1 {
            if let Some(oldest) = self.blocks.pop_front() {
                self.held -= oldest.bytes.len();
                self.evicted += u64::from(oldest.events);
            }
        }
        Ok(())
    }
}

impl Observer for FlightRing {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.encoder.push(event)?;
        if self.encoder.is_full() {
            self.end_block()?;
        }
        Ok(())
    }
}
