//! The script runs on a command that is traced without privileges.

use super::{Job, native};
use crate::exit_code::Status;
use crate::recording;
use crate::terminal;
use anyhow::Context;
use std::sync::Arc;
use trapline_lang::rewrite;
use trapline_runtime::catalog::NATIVE_ABI;
use trapline_runtime::native::Family;
use trapline_runtime::output::Sink;
use trapline_runtime::ptrace::{Capture, Options, PtraceEngine, Traced, Wanted};
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::event::Observer;
use trapline_runtime::trace::live;

/// Starts the command and traces it.
///
/// # Errors
/// If the command cannot be run or traced, or the script asks for what native engines do not have.
pub(super) fn run(
    job: &Job<'_>,
    sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
) -> anyhow::Result<Status> {
    let args = job.args;
    let command = args.command.as_deref().context("there is no command")?;
    let sink = sink()?;
    let buffer_bytes = job.script.config.capture_bytes;
    let (wanted, capture) = match args.record {
        // All that the probes look at, whatever their conditions say.
        Some(_) => (
            rewrite::recorded_calls(job.script, NATIVE_ABI).map(|calls| {
                let calls = calls.into_iter();
                calls.map(|call| (call.abi, call.number)).collect()
            }),
            Capture::Everything,
        ),
        None => (
            rewrite::calls_wanted(job.script, NATIVE_ABI).map(Vec::from_iter),
            Capture::Lost,
        ),
    };
    let options = Options {
        wanted: wanted.map_or(Wanted::All, Wanted::Calls),
        capture,
        buffer_bytes,
    };
    let traced = Traced::start(command, options)?;
    let pid = traced.pid();
    let origin = live::origin(live::Session {
        engine: "ptrace".to_owned(),
        command: Some((command.to_owned(), pid)),
        calls: job.recorded.clone(),
        buffer_bytes,
    })?;
    let machine = native::machine(job, &origin, Family::Everybody)?;
    if args.dry_run {
        return Ok(Status::default());
    }
    // What was recorded before is gone now, so nothing should be wrong any more.
    let recording = recording::start(args, &origin)?;
    let manifest = Arc::clone(machine.manifest());
    let observer = recording
        .as_ref()
        .map(|(recorder, _)| Box::new(recorder.clone()) as Box<dyn Observer + Send>);
    let mut engine = PtraceEngine::new(machine, traced, observer)?;
    let child = engine.command()?;
    let status = job.session(
        &mut engine,
        &manifest,
        Resolver::new(),
        sink,
        Some(Box::new(child)),
        recording,
    );
    if !args.quiet {
        let notes = engine.take_notes();
        notes.iter().for_each(|note| terminal::warning(note));
    }
    wait_for_rest(&engine, pid, args.quiet);
    status
}

/// Those whose system calls are filtered cannot do without the tracer.
fn wait_for_rest(engine: &PtraceEngine, command: u32, quiet: bool) {
    let left = engine.left();
    if left.is_empty() {
        return;
    }
    if !quiet {
        let who = match left.contains(&command) {
            true => "the command, which was asked to end",
            false => "what the command has left behind",
        };
        let left: Vec<_> = left.iter().map(u32::to_string).collect();
        terminal::message(&format!(
            "Waiting for {who} (process {}): it cannot run without its tracer; Ctrl-C ends it.",
            left.join(", ")
        ));
    }
    engine.serve_left();
}
