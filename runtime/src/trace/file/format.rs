//! The layout of a trace file. All numbers are little-endian.
//!
//! A file is a *header* and *blocks* behind it, the last of which is an *end block* if the recording was ended properly.
//! Every block is read on its own: nothing in it depends on another, so a file may be cut anywhere, and damage costs the
//! block that it hit. A file that is still being written is a cut one that grows.
//!
//! # Header
//!
//! | at | size | what |
//! | --- | --- | --- |
//! | 0 | 8 | [`MAGIC`] |
//! | 8 | 2 | version: [`VERSION`]. Readers refuse any other |
//! | 10 | 2 | zero |
//! | 12 | 4 | bytes of the origin, at most [`MAX_ORIGIN`] |
//! | 16 | 4 | CRC-32 of bytes 8 to 16 and of the origin; it also tells the blocks of this trace from those of others |
//! | 20 | … | the origin: [`crate::trace::event::Origin`] as JSON. Members that a reader does not know are passed over |
//!
//! # Block
//!
//! | at | size | what |
//! | --- | --- | --- |
//! | 0 | 8 | [`MARKER`] |
//! | 8 | 1 | kind: 1 events, 2 end, 3 names |
//! | 9 | 1 | how the body is stored: 0 as it is, 1 compressed with zstd |
//! | 10 | 2 | zero |
//! | 12 | 4 | the CRC-32 of the header |
//! | 16 | 4 | bytes of the body as it is stored |
//! | 20 | 4 | bytes of the body, at most [`MAX_BODY`] |
//! | 24 | 4 | how many events are in it |
//! | 28 | 4 | CRC-32 of the body as it is stored |
//! | 32 | 8 | how many events were recorded before it, at most [`MAX_EVENTS`]: a reader that had to skip blocks knows what it missed |
//! | 40 | 8 | the earliest time in it; 0 without events |
//! | 48 | 8 | the latest time in it |
//! | 56 | 4 | zero |
//! | 60 | 4 | CRC-32 of bytes 0 to 60 |
//! | 64 | … | the body |
//!
//! A reader that finds no whole block where one should be looks for the next [`MARKER`] with a right checksum.
//!
//! # Body of an end block
//!
//! JSON: `{"evicted": N, "losses": [["what", N], …]}`. `evicted` counts the events that a flight recorder had let go of
//! before the first block; `losses` is what the engine lost, by name.
//!
//! # Body of a block of names
//!
//! JSON: `{"users": {"ID": "name", …}, "cgroups": {"ID": [["hierarchy", "path"], …], …}}`: what ids in the blocks behind it are
//! called ([`crate::trace::names::Names`]). Such blocks add to each other.
//!
//! # Body of a block of events
//!
//! Records, one behind the other. A *varint* of `n` bytes has `n - 1` zero bits, a one bit, and the number above them, so that
//! its length stands in its first byte; one of 9 bytes is a zero byte and 8 bytes. A *signed* number is a varint of `(n << 1) ^ (n
//! >> 63)`. *Bytes* are a varint, their length, and that many bytes.
//!
//! A block has two tables, empty at its start. A *thread* is a row of the first, with the processor that it last ran on (0). A
//! *context* is a row of the second: a thread at one system call, with the six words it was last seen to have there (0). It
//! stands for three columns that would be repeated otherwise, and foretells a fourth. Threads and contexts are referred
//! to by their index, a varint.
//!
//! The first byte of a record is its kind, in bits 0 to 2, and flags.
//!
//! | kind | what | fields |
//! | --- | --- | --- |
//! | 0 | enter | context, time, processor, words, memory: see below |
//! | 1 | exit | context, time, processor, result (signed), words, memory |
//! | 2 | fork | thread, time (signed), processor (varint), the new thread |
//! | 3 | exec | thread, time, processor, old thread id (varint), file (bytes) |
//! | 4 | end of a thread | thread, time, processor, 1 if it is the last of its process, else 0 |
//! | 5 | lost | time, processor, how many events (varint) |
//! | 6 | adds a thread | process, thread, parent, user, group, cgroup (varints), name (bytes, at most 15) |
//! | 7 | adds a context | thread, index in [`ABIS`] (one byte), number (signed) |
//!
//! Time is signed, and counted from the record before it, from 0 at the start. Of kinds 0 and 1, these are there by flag:
//!
//! | bit | flag | what it adds |
//! | --- | --- | --- |
//! | 3 | [`flag::SAME`] | no context stands there: it is that of the last record of kind 0 or 1 |
//! | 4 | [`flag::CPU`] | the processor (varint). Without it, it is the thread's last one |
//! | 5 | [`flag::MEMORY`] | memory (bytes, as in [`crate::trace::memory`]) |
//! | 6 | [`flag::WORDS`] | words: a byte with a bit for each that is not the context's, and of each of these what to add to it (signed) |
//! | 7 | [`flag::KNOWN`] | the words are known: always at enter. With it and without [`flag::WORDS`] they are the context's |

use trapline_lang::syscall::Abi;

/// What a trace begins with. It is neither text nor valid UTF-8, and breaks if line ends are converted.
pub const MAGIC: [u8; 8] = *b"\x89TRAPL\r\n";

/// The version of this layout.
pub const VERSION: u16 = 1;

/// Bytes of the header before the origin.
pub const HEADER: usize = 20;

/// Most bytes of an origin.
pub const MAX_ORIGIN: usize = 16 << 20;

/// What a block begins with.
pub const MARKER: [u8; 8] = *b"\xf5\x0btblock";

/// Bytes of a block before its body.
pub const HEAD: usize = 64;

/// Most bytes of a body before compression: what a reader may have to allocate.
pub const MAX_BODY: usize = 16 << 20;

/// Most bytes of memory with one event, or of the name of a program.
pub const MAX_BYTES: usize = MAX_BODY / 2;

/// A body is ended when it has this many bytes.
pub const BODY: usize = 256 << 10;

/// Most threads and most contexts of one block.
pub const MAX_ROWS: usize = 1 << 16;

/// Most events of a trace: more than any machine makes, and little enough that counts can be added.
pub const MAX_EVENTS: u64 = 1 << 56;

/// ABIs by the number that stands for them. New ones go to the end.
pub const ABIS: [Abi; 5] = [Abi::X86_64, Abi::I386, Abi::Aarch64, Abi::X32, Abi::Arm];

/// Kinds of records.
pub mod kind {
    /// Where the kind is in the first byte of a record.
    pub const MASK: u8 = 7;
    /// A system call begins.
    pub const ENTER: u8 = 0;
    /// A system call ends.
    pub const EXIT: u8 = 1;
    /// A thread has made another.
    pub const FORK: u8 = 2;
    /// A process runs another program.
    pub const EXEC: u8 = 3;
    /// A thread ends.
    pub const END: u8 = 4;
    /// Events were lost.
    pub const LOST: u8 = 5;
    /// A row of the table of threads.
    pub const THREAD: u8 = 6;
    /// A row of the table of contexts.
    pub const CONTEXT: u8 = 7;
}

/// Flags of records of system calls.
pub mod flag {
    /// The context is that of the last such record.
    pub const SAME: u8 = 1 << 3;
    /// The processor follows.
    pub const CPU: u8 = 1 << 4;
    /// Memory follows.
    pub const MEMORY: u8 = 1 << 5;
    /// Words that are not the context's follow.
    pub const WORDS: u8 = 1 << 6;
    /// The words are known.
    pub const KNOWN: u8 = 1 << 7;
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Events.
    Events,
    /// What is known once the recording has ended.
    End,
    /// What users and cgroups are called.
    Names,
}

/// How a body is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// As it is.
    Plain,
    /// Compressed.
    Zstd,
}

/// The head of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// What it holds.
    pub(super) kind: Kind,
    /// How the body is stored.
    pub(super) method: Method,
    /// Checksum of the header.
    pub(super) trace: u32,
    /// Bytes of the body as it is stored.
    pub(super) stored: u32,
    /// Bytes of the body.
    pub(super) body: u32,
    /// Events in it.
    pub(super) events: u32,
    /// Checksum of the body as it is stored.
    pub(super) crc: u32,
    /// Events before it.
    pub(super) before: u64,
    /// Earliest time.
    pub(super) first: u64,
    /// Latest time.
    pub(super) last: u64,
}

impl Head {
    /// As it stands in a file.
    pub(super) fn to_bytes(self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..8].copy_from_slice(&MARKER);
        bytes[8] = match self.kind {
            Kind::Events => 1,
            Kind::End => 2,
            Kind::Names => 3,
        };
        bytes[9] = match self.method {
            Method::Plain => 0,
            Method::Zstd => 1,
        };
        let words = [self.trace, self.stored, self.body, self.events, self.crc];
        for (to, word) in bytes[12..32].chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        let words = [self.before, self.first, self.last];
        for (to, word) in bytes[32..56].chunks_exact_mut(8).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        let crc = crc32fast::hash(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// From a file; `None` if it is none, is damaged, or says what no writer would.
    pub(super) fn parse(bytes: &[u8; HEAD]) -> Option<Self> {
        let u32_at = |at: usize| {
            bytes[at..]
                .first_chunk()
                .map(|word| u32::from_le_bytes(*word))
        };
        let u64_at = |at: usize| {
            bytes[at..]
                .first_chunk()
                .map(|word| u64::from_le_bytes(*word))
        };
        if bytes[..8] != MARKER || u32_at(60)? != crc32fast::hash(&bytes[..60]) {
            return None;
        }
        let head = Self {
            kind: match bytes[8] {
                1 => Kind::Events,
                2 => Kind::End,
                3 => Kind::Names,
                _ => return None,
            },
            method: match bytes[9] {
                0 => Method::Plain,
                1 => Method::Zstd,
                _ => return None,
            },
            trace: u32_at(12)?,
            stored: u32_at(16)?,
            body: u32_at(20)?,
            events: u32_at(24)?,
            crc: u32_at(28)?,
            before: u64_at(32)?,
            first: u64_at(40)?,
            last: u64_at(48)?,
        };
        // A compressed body is never longer than a plain one: it is stored as it is then.
        let sane = head.body as usize <= MAX_BODY && head.stored <= head.body;
        // An event has more than one byte.
        let counted = head.events <= head.body && head.before <= MAX_EVENTS;
        (sane && counted).then_some(head)
    }
}
