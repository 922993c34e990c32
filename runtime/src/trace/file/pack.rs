//! Bodies in, blocks out, and back: checksums and compression.

use super::format::{BODY, HEAD, Head, Kind, MAX_BODY, Method};
use super::state::Span;
use std::io;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::compress_bound;

/// What bodies are compressed with. Higher levels take much longer and are not read faster.
const LEVEL: i32 = 1;

/// Makes blocks.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    /// The checksum of the header.
    trace: u32,
    block: Vec<u8>,
}

impl Packer {
    /// For a trace with that checksum of its header.
    ///
    /// # Errors
    /// If there is no memory for compression.
    pub(super) fn new(trace: u32) -> io::Result<Self> {
        Ok(Self {
            compressor: Compressor::new(LEVEL)?,
            trace,
            block: Vec::with_capacity(HEAD + compress_bound(BODY)),
        })
    }

    /// A whole block.
    ///
    /// # Errors
    /// If the body is longer than a block may be, or compression fails.
    pub(super) fn pack(
        &mut self,
        kind: Kind,
        body: &[u8],
        before: u64,
        span: Span,
    ) -> io::Result<&[u8]> {
        if body.len() > MAX_BODY {
            let problem = format!("a block of {} bytes is too large", body.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        self.block.resize(HEAD + compress_bound(body.len()), 0);
        let room = &mut self.block[HEAD..];
        let length = self.compressor.compress_to_buffer(body, room)?;
        let (method, stored) = if length < body.len() {
            (Method::Zstd, length)
        } else {
            self.block[HEAD..HEAD + body.len()].copy_from_slice(body);
            (Method::Plain, body.len())
        };
        self.block.truncate(HEAD + stored);
        let head = Head {
            kind,
            method,
            trace: self.trace,
            stored: stored as u32,
            body: body.len() as u32,
            events: span.events,
            crc: crc32fast::hash(&self.block[HEAD..]),
            before,
            first: span.first,
            last: span.last,
        };
        self.block[..HEAD].copy_from_slice(&head.to_bytes());
        Ok(&self.block)
    }
}

/// Opens blocks.
pub(super) struct Unpacker {
    decompressor: Decompressor<'static>,
}

impl Unpacker {
    /// Ready.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            decompressor: Decompressor::new()?,
        })
    }

    /// Puts the body of a block into a buffer; false if it is damaged.
    pub(super) fn unpack(&mut self, head: &Head, stored: &[u8], to: &mut Vec<u8>) -> bool {
        to.clear();
        if crc32fast::hash(stored) != head.crc {
            return false;
        }
        // The head has been checked: this is at most MAX_BODY.
        to.reserve(head.body as usize + super::varint::PADDING);
        match head.method {
            Method::Plain => to.extend_from_slice(stored),
            Method::Zstd => {
                let written = self.decompressor.decompress_to_buffer(stored, to);
                if written.is_err() {
                    return false;
                }
            }
        }
        to.len() == head.body as usize
    }
}
