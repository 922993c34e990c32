//! What a sink is, and what it is told beside values.

use super::loss::LossKind;
use crate::value::{MapSnapshot, Value};
use std::io::{self, Write};
use std::time::Duration;
use trapline_codegen::object::Failure;
use trapline_lang::source::Position;

/// What put a piece of text out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// `printf()`
    Printf,
    /// `time()`
    Time,
    /// `cat()`
    Cat,
    /// `join()`; the text is without its line break.
    Join,
    /// What the command of `system()` printed.
    System,
}

/// What `errorf()` or `warnf()` said.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// It was `errorf()`.
    pub error: bool,
    /// The script's name.
    pub script: &'a str,
    /// Where the call begins.
    pub start: Position,
    /// One past where it ends.
    pub end: Position,
    /// The calls of macros that it comes from, laid out for people; mostly empty.
    pub calls: &'a str,
    /// The text.
    pub text: &'a [u8],
}

/// Something that went wrong in the kernel while the script ran.
#[derive(Clone, Copy, Debug)]
pub struct Warning<'a> {
    /// What.
    pub failure: Failure,
    /// What the helper returned.
    pub returned: i64,
    /// One sentence on it.
    pub text: &'a str,
    /// The script's name.
    pub script: &'a str,
    /// Where in the script.
    pub position: Position,
    /// All of this for people, with the line of the script.
    pub shown: &'a str,
}

/// Something that was lost; its `Display` is a sentence on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What.
    pub kind: LossKind,
    /// How many, since the script started.
    pub count: u64,
}

/// How a test went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// What follows `test:`.
    pub name: String,
    /// It returned 0.
    pub passed: bool,
    /// How long it took, the way into the kernel and back included.
    pub duration: Duration,
}

/// How long a benchmark takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benchmark {
    /// What follows `bench:`.
    pub name: String,
    /// Nanoseconds a run.
    pub average: u64,
    /// How often it ran.
    pub runs: u64,
}

/// Somewhere that results are written to, in one form.
///
/// Nothing is sure to be written before [`Sink::flush`]. All methods fail if the file cannot be written to. A sink that is
/// made for one kind of result leaves the others out.
pub trait Sink {
    /// So many probes are attached.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn attached(&mut self, _probes: u32, _diagnostics: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// A piece of text, which need not end with a line break.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn text(&mut self, _kind: TextKind, _text: &[u8]) -> io::Result<()> {
        Ok(())
    }

    /// A value that `print()` was called with.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn value(&mut self, _value: &Value) -> io::Result<()> {
        Ok(())
    }

    /// What a map holds.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn map(&mut self, _map: &MapSnapshot) -> io::Result<()> {
        Ok(())
    }

    /// What `errorf()` or `warnf()` said.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn message(&mut self, message: &Message<'_>, diagnostics: &mut dyn Write) -> io::Result<()>;

    /// Something went wrong in the kernel.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn warning(&mut self, warning: &Warning<'_>, diagnostics: &mut dyn Write) -> io::Result<()> {
        writeln!(diagnostics, "{}", warning.shown.trim_end())
    }

    /// Something was lost.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn loss(&mut self, loss: &Loss, diagnostics: &mut dyn Write) -> io::Result<()> {
        writeln!(diagnostics, "{loss}")
    }

    /// A test has run.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn test(&mut self, _result: &TestResult) -> io::Result<()> {
        Ok(())
    }

    /// All tests have run.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn tests(&mut self, _results: &[TestResult]) -> io::Result<()> {
        Ok(())
    }

    /// All benchmarks have run.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn benchmarks(&mut self, _results: &[Benchmark]) -> io::Result<()> {
        Ok(())
    }

    /// The script has ended; only maps follow.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Hands complete lines to the file.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn flush_lines(&mut self) -> io::Result<()>;

    /// Hands everything to the file.
    ///
    /// # Errors
    /// If the file cannot be written to.
    fn flush(&mut self) -> io::Result<()>;
}
