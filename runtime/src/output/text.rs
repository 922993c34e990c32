//! Results as text, in the form that bpftrace prints.

use super::buffer::Buffer;
use super::render;
use super::sink::{Benchmark, Message, Sink, TestResult, TextKind};
use crate::value::{MapSnapshot, Value};
use std::io::{self, Write};

/// Writes text. What people should know beside the results goes to the diagnostics.
pub struct TextSink {
    buffer: Buffer,
}

impl TextSink {
    /// Writes to `writer`, which need not be buffered.
    pub fn new(writer: Box<dyn Write>) -> Self {
        Self {
            buffer: Buffer::new(writer),
        }
    }
}

impl Sink for TextSink {
    fn attached(&mut self, probes: u32, diagnostics: &mut dyn Write) -> io::Result<()> {
        let plural = if probes == 1 { "" } else { "s" };
        writeln!(diagnostics, "Attached {probes} probe{plural}")
    }

    fn text(&mut self, kind: TextKind, text: &[u8]) -> io::Result<()> {
        self.buffer.push(text)?;
        if kind == TextKind::Join {
            self.buffer.push(b"\n")
        } else {
            Ok(())
        }
    }

    fn value(&mut self, value: &Value) -> io::Result<()> {
        let mut text = Vec::new();
        render::value(&mut text, value);
        text.push(b'\n');
        self.buffer.push(&text)
    }

    fn map(&mut self, map: &MapSnapshot) -> io::Result<()> {
        let mut text = Vec::new();
        render::map(&mut text, map);
        self.buffer.push(&text)
    }

    fn message(&mut self, message: &Message<'_>, diagnostics: &mut dyn Write) -> io::Result<()> {
        let severity = if message.error { "ERROR" } else { "WARNING" };
        let (start, end) = (message.start, message.end);
        let place = if start.line == end.line {
            format!("{}:{}-{}", start.line, start.column, end.column)
        } else {
            format!("{}-{}", start.line, end.line)
        };
        write!(diagnostics, "{}:{place}: {severity}: ", message.script)?;
        diagnostics.write_all(message.text.strip_suffix(b"\n").unwrap_or(message.text))?;
        diagnostics.write_all(b"\n")?;
        diagnostics.write_all(message.calls.as_bytes())
    }

    fn test(&mut self, result: &TestResult) -> io::Result<()> {
        let word = if result.passed { "    OK" } else { "FAILED" };
        let (name, microseconds) = (&result.name, result.duration.as_micros());
        self.buffer
            .push(format!("[ {word} ] {name} ({microseconds} us)\n").as_bytes())
    }

    fn tests(&mut self, results: &[TestResult]) -> io::Result<()> {
        let passed = results.iter().filter(|result| result.passed).count();
        let (all, failed) = (results.len(), results.len() - passed);
        self.buffer
            .push(format!("{all} tests: {passed} passed, {failed} failed\n").as_bytes())
    }

    fn benchmarks(&mut self, results: &[Benchmark]) -> io::Result<()> {
        let mut text = format!("{:<41}{:<15}{}\n", "Benchmark", "Time(ns)", "Iterations");
        text.push_str(&"-".repeat(66));
        text.push('\n');
        for Benchmark {
            name,
            average,
            runs,
        } in results
        {
            text.push_str(&format!("{name:<41}{average:<15}{runs}\n"));
        }
        self.buffer.push(text.as_bytes())
    }

    fn end(&mut self) -> io::Result<()> {
        self.buffer.push(b"\n\n")
    }

    fn flush_lines(&mut self) -> io::Result<()> {
        self.buffer.flush_lines()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.buffer.flush()
    }
}
