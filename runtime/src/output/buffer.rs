//! What was printed but not yet handed to the file.

use std::io::{self, Write};

/// As many bytes are kept at most.
const CAPACITY: usize = 64 << 10;

/// A writer that decides when to write by whole lines or by size.
pub(super) struct Buffer {
    writer: Box<dyn Write>,
    bytes: Vec<u8>,
}

impl Buffer {
    pub(super) fn new(writer: Box<dyn Write>) -> Self {
        Self {
            writer,
            bytes: Vec::new(),
        }
    }

    /// Keeps some text. Writes only if there is too much of it.
    pub(super) fn push(&mut self, text: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(text);
        if self.bytes.len() > CAPACITY {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes all complete lines.
    pub(super) fn flush_lines(&mut self) -> io::Result<()> {
        match self.bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => self.write(last + 1),
            None => Ok(()),
        }
    }

    /// Writes everything.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write(self.bytes.len())
    }

    fn write(&mut self, length: usize) -> io::Result<()> {
        let result = self.writer.write_all(&self.bytes[..length]);
        // Dropped even if that failed, so that the same bytes are not tried for ever.
        self.bytes.drain(..length);
        result?;
        self.writer.flush()
    }
}
