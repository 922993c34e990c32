//! From event records and maps to printed results: records in, calls of a [`Sink`] out.
//!
//! [`Output`] does what a record asks for. It decodes ([`crate::decode`]) and resolves names
//! ([`crate::symbol`]); how values look is the sink's affair ([`TextSink`], [`JsonSink`]).

mod action;
mod buffer;
mod command;
mod failure;
mod gfp;
mod histogram;
mod json;
mod loss;
mod printf;
mod recording;
mod render;
mod series;
mod sink;
#[cfg(test)]
pub(crate) mod testing;
mod text;

pub use json::{JsonSink, json_value};
pub use loss::LossKind;
pub use render::value as render_value;
pub use sink::{Benchmark, Loss, Message, Sink, TestResult, TextKind, Warning};
pub use text::TextSink;

use crate::decode::{CallOptions, Calls, Decoder};
use crate::engine::{Losses, MapStore};
use crate::symbol::Resolver;
use recording::Recording;
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
    /// The flight recorder is to be written out.
    Dump,
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
    /// How system calls print.
    pub calls: CallOptions,
}

/// Prints what a running script has to say.
pub struct Output {
    manifest: Arc<Manifest>,
    source: Source,
    sink: Box<dyn Sink>,
    diagnostics: Box<dyn Write>,
    resolver: Resolver,
    options: OutputOptions,
    calls: Calls,
    /// Where events go that are recorded.
    recording: Option<Recording>,
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
        let imports = manifest.script_imports.iter();
        let source = Source::from_parts(
            &manifest.script_name,
            &manifest.script_text,
            imports.map(|(name, start)| (name.as_str(), *start)),
        );
        Self {
            calls: Calls::new(&manifest, options.calls),
            manifest,
            source,
            sink,
            diagnostics,
            resolver,
            options,
            recording: None,
            said: Vec::new(),
        }
    }

    /// Reads now what a process has mapped, so that its addresses have names after its end.
    pub(crate) fn remember_process(&mut self, pid: u32) {
        self.resolver.remember_process(pid);
    }

    /// Takes note from now on of what a process and those that come from it map.
    pub(crate) fn follow_process(&mut self, pid: u32) {
        self.resolver.follow_process(pid);
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
        if let Some(what) = self.recorded(record)? {
            self.observe(what, record)?;
            return Ok(Flow::Continue);
        }
        let flow = self.act(record, maps)?;
        self.settle()?;
        Ok(flow)
    }

    /// Says how a test went.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn test(&mut self, result: &TestResult) -> io::Result<()> {
        self.sink.test(result)?;
        self.settle()
    }

    /// Says how all tests went.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn tests(&mut self, results: &[TestResult]) -> io::Result<()> {
        self.sink.tests(results)?;
        self.settle()
    }

    /// Says how long benchmarks take.
    ///
    /// # Errors
    /// If the sink cannot write.
    pub fn benchmarks(&mut self, results: &[Benchmark]) -> io::Result<()> {
        self.sink.benchmarks(results)?;
        self.settle()
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
            let own = manifest.maps.iter().enumerate();
            let mut by_name: Vec<_> = own.filter(|(_, map)| !map.internal).collect();
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

    /// Tells people what was done, unless they want silence.
    ///
    /// # Errors
    /// If nobody reads it.
    pub(crate) fn say(&mut self, line: &str) -> io::Result<()> {
        match self.options.quiet {
            true => Ok(()),
            false => writeln!(self.diagnostics, "{line}"),
        }
    }

    /// Tells people of something that does not stop the session.
    pub(crate) fn warn(&mut self, warning: &str) {
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

#[cfg(test)]
mod tests {
    use super::testing::{Maps, Printed, bytes, manifest, map, record};
    use super::*;
    use trapline_codegen::object::{Counter, RecordAction};
    use trapline_lang::printf::{Format, Piece};
    use trapline_lang::types::{Aggregation, StackMode, StackType, Type};

    /// A script with a histogram, a count by stack, a number and an empty map; the maps' names are not in order.
    fn script() -> (Manifest, Maps) {
        let kstack = Type::Stack(StackType {
            space: trapline_lang::types::AddressSpace::Kernel,
            mode: StackMode::Bpftrace,
            limit: 127,
        });
        let hist = Type::Aggregation(Aggregation::Hist { sub_bits: 0 });
        let stats = Type::Aggregation(Aggregation::Stats { signed: false });
        let manifest = Manifest {
            maps: vec![
                map("x", &[], Type::I64),
                map("h", &[Type::I64], hist),
                map("k", &[kstack], Type::I64),
                map("empty", &[], Type::I64),
                map("s", &[], stats),
            ],
            ..manifest()
        };
        let mut maps = Maps::default();
        let mut buckets = vec![0; 66 * 8];
        (buckets[8 * 12], buckets[8 * 13]) = (1, 2);
        maps.add(0, &[], &5u64.to_le_bytes());
        maps.add(1, &1u64.to_le_bytes(), &buckets);
        maps.add(2, &77u64.to_le_bytes(), &1u64.to_le_bytes());
        maps.add(4, &[], &[3u64, 6].map(u64::to_le_bytes).concat());
        maps.stacks.insert(77, vec![0xffff_0000]);
        (manifest, maps)
    }

    #[test]
    fn at_the_end_maps_print_by_name() {
        let (manifest, mut maps) = script();
        let mut printed = Printed::text(manifest);
        printed.output.print_maps(&mut maps).unwrap();
        let expected = "

@h[1]:
[1K, 2K)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |
[2K, 4K)               2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

@k[
        0xffff0000
]: 1
@s: { .count = 3, .average = 2, .total = 6 }
@x: 5
";
        assert_eq!(printed.results.text(), expected);
        let note = printed.diagnostics.text();
        assert!(note.starts_with("WARNING: /nowhere/kallsyms: "), "{note}");
    }

    #[test]
    fn at_the_end_maps_print_as_json() {
        let (manifest, mut maps) = script();
        let mut printed = Printed::json(manifest);
        printed.output.print_maps(&mut maps).unwrap();
        let expected = r#"{"type": "hist", "data": {"@h": {"1": [{"min": 1024, "max": 2047, "count": 1},{"min": 2048, "max": 4095, "count": 2}]}}}
{"type": "map", "data": {"@k": {"\n0xffff0000\n": 1}}}
{"type": "stats", "data": {"@s": {"count": 3, "average": 2, "total": 6}}}
{"type": "map", "data": {"@x": 5}}
"#;
        assert_eq!(printed.results.text(), expected);
    }

    #[test]
    fn attaching_is_told_once_to_people() {
        let mut printed = Printed::text(manifest());
        printed.output.attached(1).unwrap();
        printed.output.attached(2).unwrap();
        printed.output.options.quiet = true;
        printed.output.attached(3).unwrap();
        assert_eq!(
            printed.diagnostics.text(),
            "Attached 1 probe\nAttached 2 probes\n"
        );
        assert_eq!(printed.results.text(), "");
    }

    #[test]
    fn losses_are_told_when_they_grow() {
        let mut printed = Printed::text(manifest());
        let mut losses = Losses::default();
        printed.output.losses(&losses).unwrap();
        assert_eq!(printed.diagnostics.text(), "");

        losses.counters[Counter::LostEvents as usize] = 12;
        losses.missed_runs = vec![("a".into(), 1), ("b".into(), 0)];
        printed.output.losses(&losses).unwrap();
        printed.output.losses(&losses).unwrap();
        assert_eq!(
            printed.diagnostics.text(),
            "Lost 12 events: the ring buffer was full; print less often, count in maps, or raise perf_rb_pages\n\
             Lost 1 probe run: the same probe was already running on that CPU\n"
        );
    }

    #[test]
    fn lines_are_written_when_complete() {
        let piece = |text: &str| Format {
            pieces: vec![Piece::Literal(text.into())],
        };
        let print = |format| record(RecordAction::Printf { format }, &[]);
        let mut printed = Printed::text(Manifest {
            records: vec![print(0), print(1)],
            formats: vec![piece("a"), piece("b\nc")],
            ..manifest()
        });
        let mut maps = Maps::default();
        let mut after = |printed: &mut Printed, kind| {
            printed.output.event(&bytes(kind, &[]), &mut maps).unwrap();
            printed.results.text()
        };
        assert_eq!(after(&mut printed, 0), "");
        assert_eq!(after(&mut printed, 1), "ab\n");
        printed.output.options.buffering = Buffering::None;
        assert_eq!(after(&mut printed, 0), "ab\nca");
        printed.output.options.buffering = Buffering::Full;
        assert_eq!(after(&mut printed, 1), "ab\nca");
        printed.output.flush().unwrap();
        assert_eq!(printed.results.text(), "ab\ncab\nc");
    }
}
