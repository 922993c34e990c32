//! Bytes of a file, looked at before they are taken.

use std::io::{self, ErrorKind, Read};

/// Bytes that are asked for at once. A length that a file claims is never allocated before its bytes have come.
const CHUNK: usize = 256 << 10;

/// Bytes below which it is not worth asking.
const LEAST: usize = CHUNK / 4;

/// A file or a stream.
pub(super) struct Input {
    read: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// What has been read and not been consumed.
    start: usize,
    end: usize,
    consumed: u64,
}

impl Input {
    pub(super) fn new(read: Box<dyn Read + Send>) -> Self {
        Self {
            read,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            consumed: 0,
        }
    }

    /// What is there, from the first byte that was not consumed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// How many bytes were consumed.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Reads until so many bytes are there; false if there are no more for now. What is there stays.
    ///
    /// # Errors
    /// If reading fails.
    pub(super) fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        while self.end - self.start < wanted {
            // What is there is moved only for room, so that looking for blocks in what is there moves nothing.
            if self.buffer.len() - self.end < LEAST {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
                if self.buffer.len() - self.end < LEAST {
                    self.buffer.resize(self.end + CHUNK, 0);
                }
            }
            match self.read.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(length) => self.end += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Passes over bytes that are there.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.consumed += count as u64;
    }
}
