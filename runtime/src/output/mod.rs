//! From event records and maps to printed results: records in, calls of a [`Sink`] out.
//!
//! [`Output`] does what a record asks for. It decodes ([`crate::decode`]) and resolves names
//! ([`crate::symbol`]); how values look is the sink's affair ([`TextSink`], [`JsonSink`]).

mod json;
mod sink;
mod text;

pub use json::JsonSink;
pub use sink::{Sink, TextKind};
pub use text::TextSink;

use crate::engine::{Losses, MapStore};
use crate::symbol::Resolver;
use std::io::{self, Write};
use std::sync::Arc;
use trapline_codegen::object::Manifest;

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// The script called `exit()`; this is its exit status.
    Exit(i32),
}

/// When what was printed reaches the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Buffering {
    /// At once.
    None,
    /// When a line is complete.
    #[default]
    Line,
    /// When a buffer is full, and at the end.
    Full,
}

/// How to print, beside what the script says.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutputOptions {
    /// Leaves "Attached N probes" out.
    pub quiet: bool,
    /// When what was printed reaches the file.
    pub buffering: Buffering,
}

/// Prints what a running script has to say.
pub struct Output {
    manifest: Arc<Manifest>,
    sink: Box<dyn Sink>,
    diagnostics: Box<dyn Write>,
    resolver: Resolver,
    options: OutputOptions,
}

impl Output {
    /// Results go to `sink`; messages for people go to `diagnostics` (standard error).
    pub fn new(
        manifest: Arc<Manifest>,
        sink: Box<dyn Sink>,
        diagnostics: Box<dyn Write>,
        resolver: Resolver,
        options: OutputOptions,
    ) -> Self {
        Self { manifest, sink, diagnostics, resolver, options }
    }

    /// Says how many probes are attached.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn attached(&mut self, probes: u32) -> io::Result<()> {
        let _ = probes;
        Ok(())
    }

    /// Does what a record (whole, header included) asks for.
    ///
    /// # Errors
    /// If the sink cannot write ([`io::ErrorKind::BrokenPipe`]: nobody reads any more) or the maps cannot be read.
    pub fn event(&mut self, record: &[u8], maps: &mut dyn MapStore) -> io::Result<Flow> {
        let _ = (record, maps, &self.manifest, &self.resolver, &self.options, &self.diagnostics);
        Ok(Flow::Continue)
    }

    /// Prints all maps that hold anything, by name.
    ///
    /// # Errors
    /// As [`Self::event`].
    pub fn print_maps(&mut self, maps: &mut dyn MapStore) -> io::Result<()> {
        let _ = maps;
        Ok(())
    }

    /// Says what was lost, each kind in one sentence; nothing if nothing was.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn losses(&mut self, losses: &Losses) -> io::Result<()> {
        let _ = losses;
        Ok(())
    }

    /// Hands everything printed so far to the file.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
