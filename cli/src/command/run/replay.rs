//! The script runs on what was recorded.

use super::{Job, native};
use crate::engine;
use crate::exit_code::Status;
use crate::terminal;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use trapline_lang::rewrite;
use trapline_lang::syscall;
use trapline_runtime::native::Family;
use trapline_runtime::output::Sink;
use trapline_runtime::replay::{Pace, Progress, ReplayEngine, Source};
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::event::Origin;

/// Replays a trace.
///
/// # Errors
/// If the script asks for what a trace does not have, or the trace cannot be read.
pub(super) fn run(
    job: &Job<'_>,
    trace: Box<dyn Source>,
    sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
) -> anyhow::Result<Status> {
    let args = job.args;
    let sink = sink()?;
    let origin = trace.origin().clone();
    let family = match args.pid().map_err(anyhow::Error::msg)? {
        Some(process) => Family::of(process),
        None => Family::of(origin.command_process),
    };
    let machine = native::machine(job, &origin, family)?;
    if !args.quiet {
        warn_of_missing(job, &origin)?;
    }
    if args.dry_run {
        return Ok(Status::default());
    }
    let manifest = Arc::clone(machine.manifest());
    let pace = args.speed.map(Pace::times).unwrap_or_default();
    let names = trace.names();
    let mut engine = ReplayEngine::new(machine, trace, pace);
    if io::stderr().is_terminal() && !args.quiet {
        engine = engine.with_progress(Box::new(bar()));
    }
    let resolver = Resolver::of_trace(&origin, names);
    let status = job.session(&mut engine, &manifest, resolver, sink, None, None);
    if !args.quiet {
        engine
            .notes()
            .iter()
            .for_each(|note| terminal::warning(note));
    }
    status
}

/// Says which calls the script asks for that the recording left out.
fn warn_of_missing(job: &Job<'_>, origin: &Origin) -> anyhow::Result<()> {
    let Some(recorded) = &origin.calls else {
        return Ok(());
    };
    let native = engine::arch(&origin.abi)?.abi();
    let missing = match rewrite::calls_wanted(job.script, native) {
        None => Some("the script asks for all system calls".to_owned()),
        Some(wanted) => {
            let codes = wanted
                .into_iter()
                .map(|(abi, number)| syscall::encode(native, abi, number));
            let missing = codes.filter(|code| recorded.binary_search(code).is_err());
            let names: Vec<_> = missing
                .filter_map(|code| syscall::full_name(native, code))
                .collect();
            (!names.is_empty()).then(|| format!("{} were left out", names.join(", ")))
        }
    };
    if let Some(missing) = missing {
        let names: Vec<_> = recorded
            .iter()
            .filter_map(|code| syscall::full_name(native, *code))
            .collect();
        terminal::warning(&format!(
            "only these system calls were recorded: {}; {missing}",
            names.join(", ")
        ));
    }
    Ok(())
}

/// Shows how far a long replay has come.
fn bar() -> impl FnMut(Progress) {
    /// Who replays less than this sees nothing.
    const LONG: Duration = Duration::from_millis(800);
    const EVERY: Duration = Duration::from_millis(100);
    const CELLS: u64 = 30;
    let start = Instant::now();
    let mut last = start;
    let mut shown = false;
    move |progress| {
        let mut out = io::stderr().lock();
        // That stderr is gone is no reason to fail.
        match progress {
            Progress::At { done, all } => {
                let now = Instant::now();
                if now - start < LONG || now - last < EVERY || all == 0 {
                    return;
                }
                last = now;
                shown = true;
                let part = done.min(all);
                let cells = (part * CELLS / all) as usize;
                let _ = write!(
                    out,
                    "\r[{}{}] {:3} %",
                    "#".repeat(cells),
                    " ".repeat(CELLS as usize - cells),
                    part * 100 / all
                );
            }
            Progress::Hidden if shown => {
                shown = false;
                let _ = write!(out, "\r\x1b[K");
            }
            Progress::Hidden => {}
        }
        let _ = out.flush();
    }
}
