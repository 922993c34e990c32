//! Results as text.

use super::sink::Sink;
use std::io::{self, Write};

/// Writes text.
pub struct TextSink {
    writer: Box<dyn Write>,
}

impl TextSink {
    /// Writes to `writer`, which need not be buffered.
    pub fn new(writer: Box<dyn Write>) -> Self {
        Self { writer }
    }
}

impl Sink for TextSink {
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
