//! Results as JSON lines.

use super::sink::Sink;
use std::io::{self, Write};

/// Writes JSON lines.
pub struct JsonSink {
    writer: Box<dyn Write>,
}

impl JsonSink {
    /// Writes to `writer`, which need not be buffered.
    pub fn new(writer: Box<dyn Write>) -> Self {
        Self { writer }
    }
}

impl Sink for JsonSink {
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
