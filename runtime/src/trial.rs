//! Runs the tests or the benchmarks of a script: an engine, the manifest and an [`Output`] in, how many
//! failed out. `BEGIN` and `END` run around them.

use crate::engine::{Engine, EngineError, RunTime};
use crate::output::{Benchmark, Flow, Output, TestResult};
use std::io;
use std::time::{Duration, Instant};
use trapline_codegen::object::{Attach, Manifest};

/// A benchmark runs until this is over, but not more often than [`MOST_RUNS`].
const BENCHMARK_TIME: Duration = Duration::from_millis(200);
const MOST_RUNS: u64 = 1_000_000;
/// So many runs lie between two looks at the clock.
const RUNS_AT_ONCE: u64 = 100;

/// Runs all tests once, each after the other; gives how many failed.
///
/// # Errors
/// If the kernel refuses something or the output cannot be written.
pub fn test(
    engine: &mut dyn Engine,
    manifest: &Manifest,
    output: &mut Output,
) -> Result<usize, EngineError> {
    around(engine, output, |engine, output| {
        let mut results = Vec::new();
        for (program, name) in named(manifest, &Attach::Test) {
            let since = Instant::now();
            engine.run_program(program)?;
            let duration = since.elapsed();
            // A test that returns a status says so as `exit` does.
            let status = drain(engine, output)?;
            let result = TestResult {
                name: name.to_owned(),
                passed: status.unwrap_or(0) == 0,
                duration,
            };
            output.test(&result).map_err(output_error)?;
            results.push(result);
        }
        output.tests(&results).map_err(output_error)?;
        Ok(results.iter().filter(|result| !result.passed).count())
    })
}

/// Runs all benchmarks, each many times.
///
/// # Errors
/// As [`test`].
pub fn bench(
    engine: &mut dyn Engine,
    manifest: &Manifest,
    output: &mut Output,
) -> Result<(), EngineError> {
    around(engine, output, |engine, output| {
        let mut results = Vec::new();
        for (program, name) in named(manifest, &Attach::Bench) {
            let time = measure(engine, program)?;
            results.push(Benchmark {
                name: name.to_owned(),
                average: time.nanoseconds / time.runs.max(1),
                runs: time.runs,
            });
        }
        output.benchmarks(&results).map_err(output_error)
    })
}

fn around<T>(
    engine: &mut dyn Engine,
    output: &mut Output,
    middle: impl FnOnce(&mut dyn Engine, &mut Output) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    engine.run_begin()?;
    drain(engine, output)?;
    let result = middle(engine, output)?;
    engine.run_end()?;
    drain(engine, output)?;
    output.print_maps(engine).map_err(output_error)?;
    let losses = engine.losses();
    output.losses(&losses).map_err(output_error)?;
    output.flush().map_err(output_error)?;
    Ok(result)
}

/// The programs that are run in one way, with their names.
fn named<'m>(manifest: &'m Manifest, attach: &Attach) -> Vec<(usize, &'m str)> {
    let programs = manifest.programs.iter().enumerate();
    programs
        .filter(|(_, program)| program.attach == *attach)
        .map(|(index, program)| {
            let probe = program.probes.first().unwrap_or(&program.name);
            let name = probe
                .split_once(':')
                .map_or(probe.as_str(), |(_, name)| name);
            (index, name)
        })
        .collect()
}

/// What a benchmark takes: by the kernel's clock if it has one, else with the way there and back.
fn measure(engine: &mut dyn Engine, program: usize) -> Result<RunTime, EngineError> {
    let before = engine.run_time(program);
    let since = Instant::now();
    let mut runs = 0;
    let mut record = Vec::new();
    while runs < MOST_RUNS && since.elapsed() < BENCHMARK_TIME {
        for _ in 0..RUNS_AT_ONCE {
            engine.run_program(program)?;
        }
        runs += RUNS_AT_ONCE;
        // What it prints is not asked for, but must not fill the buffer.
        while engine.next_event(&mut record) {}
    }
    let wall = RunTime {
        runs,
        nanoseconds: since.elapsed().as_nanos() as u64,
    };
    Ok(match (before, engine.run_time(program)) {
        (Some(before), Some(after)) if after.runs > before.runs => RunTime {
            runs: after.runs - before.runs,
            nanoseconds: after.nanoseconds - before.nanoseconds,
        },
        _ => wall,
    })
}

/// Handles the events that are there; gives the status of `exit`, if one of them is that.
fn drain(engine: &mut dyn Engine, output: &mut Output) -> Result<Option<i32>, EngineError> {
    let mut status = None;
    let mut record = Vec::new();
    while engine.next_event(&mut record) {
        if let Flow::Exit(code) = output.event(&record, engine).map_err(output_error)? {
            status.get_or_insert(code);
        }
    }
    Ok(status)
}

fn output_error(source: io::Error) -> EngineError {
    EngineError::Output { source }
}
