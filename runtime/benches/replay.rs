//! How fast scripts run on a trace: `cargo bench -p trapline-runtime --bench replay`.
//!
//! The trace is read, decompressed, and each event given to the script's programs, as `trapline --replay` does.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

mod support;

use std::io::Cursor;
use std::time::{Duration, Instant};
use support::{Names, record};
use trapline_codegen::target::{Arch, Target};
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::engine::Engine;
use trapline_lang::parse::parse;
use trapline_lang::source::Source;
use trapline_runtime::catalog::NativeCatalog;
use trapline_runtime::engine::Engine as _;
use trapline_runtime::native::{Family, Machine};
use trapline_runtime::replay::{Pace, ReplayEngine};
use trapline_runtime::trace::file::TraceReader;

/// How often each script runs; the fastest counts.
const ROUNDS: usize = 5;

const SCRIPTS: [&str; 5] = [
    "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }",
    "tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }",
    "syscall:* { @[syscall] = hist(latency); }",
    "syscall:openat /errno == ENOENT/ { @[comm, args.filename] = count(); }",
    "syscall:openat { @[args.filename] = count(); }",
];

fn main() {
    for (names, what) in [
        (Names::Without, "without memory"),
        (Names::With, "with names of files"),
    ] {
        let (bytes, events) = record(names);
        println!("{events} events {what}:");
        for script in SCRIPTS {
            let fastest = (0..ROUNDS).map(|_| replay(script, &bytes)).min().unwrap();
            let of_each = fastest.as_nanos() as f64 / events as f64;
            let millions = 1e3 / of_each;
            println!("{of_each:5.1} ns an event, {millions:5.1} million a second: {script}");
        }
    }
}

fn replay(script: &str, bytes: &[u8]) -> Duration {
    let reader = TraceReader::new(Cursor::new(bytes.to_vec()), "memory").unwrap();
    let origin = reader.origin().clone();
    let catalog = NativeCatalog::of_trace(&origin).unwrap();
    let source = Source::new("bench", script);
    let options = Options {
        engine: Engine::Replay,
        ..Options::default()
    };
    let script = analyze(&parse(&source).script, &source, &catalog, &options).script;
    let target = Target::native(Arch::X86_64, origin.cpu_count);
    let family = Family::Everybody;
    let machine = Machine::new(&script.unwrap(), &source, &target, &origin, family).unwrap();
    let mut engine = ReplayEngine::new(machine, Box::new(reader), Pace::default());
    engine.attach().unwrap();
    let mut record = Vec::new();
    let started = Instant::now();
    while !engine.is_over() {
        engine.next_event(&mut record);
    }
    started.elapsed()
}
