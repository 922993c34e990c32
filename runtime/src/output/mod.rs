//! From event records and maps to printed results: records in, calls of a [`Sink`] out.
//!
//! [`Output`] does what a record asks for. It decodes ([`crate::decode`]) and resolves names
//! ([`crate::symbol`]); how values look is the sink's affair ([`TextSink`], [`JsonSink`]).

mod action;
mod buffer;
mod command;
mod histogram;
mod json;
mod loss;
mod printf;
mod render;
mod sink;
#[cfg(test)]
mod testing;
mod text;

pub use json::JsonSink;
pub use loss::LossKind;
pub use sink::{Loss, Message, Sink, TextKind};
pub use text::TextSink;

use crate::decode::Decoder;
use crate::engine::{Losses, MapStore};
use crate::symbol::Resolver;
use std::io::{self, Write};
use std::sync::Arc;
use trapline_codegen::object::{Manifest, ScriptMap};
use trapline_lang::source::Source;

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
    source: Source,
    sink: Box<dyn Sink>,
    diagnostics: Box<dyn Write>,
    resolver: Resolver,
    options: OutputOptions,
    /// What was already said of losses, in the order of [`loss::kinds`].
    said: Vec<u64>,
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
        let source = Source::new(manifest.script_name.clone(), manifest.script_text.clone());
        Self {
            manifest,
            source,
            sink,
            diagnostics,
            resolver,
            options,
            said: Vec::new(),
        }
    }

    /// Says how many probes are attached.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn attached(&mut self, probes: u32) -> io::Result<()> {
        if self.options.quiet {
            return Ok(());
        }
        self.sink.attached(probes, &mut *self.diagnostics)?;
        self.settle()
    }

    /// Does what a record (whole, header included) asks for.
    ///
    /// # Errors
    /// If the sink cannot write ([`io::ErrorKind::BrokenPipe`]: nobody reads any more), the maps cannot be read, or
    /// the manifest has no such record ([`io::ErrorKind::InvalidData`]).
    pub fn event(&mut self, record: &[u8], maps: &mut dyn MapStore) -> io::Result<Flow> {
        let flow = self.act(record, maps)?;
        self.settle()?;
        Ok(flow)
    }

    /// Says that the script has ended and prints all maps that hold anything, by name, unless the script turned
    /// that off.
    ///
    /// # Errors
    /// As [`Self::event`].
    pub fn print_maps(&mut self, maps: &mut dyn MapStore) -> io::Result<()> {
        self.sink.end()?;
        let manifest = Arc::clone(&self.manifest);
        if manifest.options.print_maps_on_exit {
            let mut by_name: Vec<_> = manifest.maps.iter().enumerate().collect();
            by_name.sort_by_key(|(_, map)| &map.name);
            for (index, map) in by_name {
                self.print_map(map, index, maps, Selection::default())?;
            }
        }
        self.settle()
    }

    /// Says what was lost, each kind in one sentence; nothing if nothing was. Called again, it tells only
    /// of kinds that have grown.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn losses(&mut self, losses: &Losses) -> io::Result<()> {
        let losses: Vec<_> = loss::kinds(losses).collect();
        for (place, loss) in losses.iter().enumerate() {
            if loss.count > self.said.get(place).copied().unwrap_or(0) {
                self.sink.loss(loss, &mut *self.diagnostics)?;
            }
        }
        self.said = losses.into_iter().map(|loss| loss.count).collect();
        self.settle()
    }

    /// Hands everything printed so far to the file.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }

    fn print_map(
        &mut self,
        map: &ScriptMap,
        index: usize,
        maps: &mut dyn MapStore,
        selection: Selection,
    ) -> io::Result<()> {
        let entries = maps.read(index)?;
        let mut decoder = Decoder::new(&self.manifest, &mut self.resolver, maps);
        let mut snapshot = decoder.snapshot(map, &entries);
        if selection.absent && snapshot.is_scalar() && snapshot.entries.is_empty() {
            snapshot.entries.push((Vec::new(), decoder.absent(map)));
        }
        snapshot.keep_top(selection.top);
        snapshot.divide(selection.divisor);
        self.sink.map(&snapshot)
    }

    /// Hands to the file what the buffering asks for, and says what the resolver has to say.
    fn settle(&mut self) -> io::Result<()> {
        for note in self.resolver.take_notes() {
            self.warn(&note);
        }
        match self.options.buffering {
            Buffering::None => self.sink.flush(),
            Buffering::Line => self.sink.flush_lines(),
            Buffering::Full => Ok(()),
        }
    }

    /// Tells people of something that does not stop the session.
    fn warn(&mut self, warning: &str) {
        // There is nowhere else to say it.
        let _ = writeln!(self.diagnostics, "WARNING: {warning}");
    }
}

/// Which entries of a map print, and how.
#[derive(Clone, Copy, Debug, Default)]
struct Selection {
    /// The highest so many; 0: all.
    top: u32,
    /// Divides values; 0: nothing.
    divisor: u32,
    /// A map without a key prints even if it holds nothing.
    absent: bool,
}
