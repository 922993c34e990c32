//! The kernel runs the script.

use super::Job;
use crate::args::{Args, EngineName};
use crate::compile::{self, Stopwatch};
use crate::exit_code::Status;
use crate::recording;
use crate::terminal;
use std::sync::Arc;
use trapline_codegen::elf;
use trapline_codegen::object::{HookReport, Manifest};
use trapline_codegen::target::Target;
use trapline_lang::hir;
use trapline_lang::source::Source;
use trapline_runtime::child::Child;
use trapline_runtime::engine::{Command, Engine};
use trapline_runtime::kernel::{KernelEngine, KernelError, privilege};
use trapline_runtime::output::Sink;
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::live;

/// Compiles, loads and runs a script.
///
/// # Errors
/// If the machine refuses it, or there is no sink.
pub(super) fn run(
    job: &Job<'_>,
    sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
) -> anyhow::Result<Status> {
    let args = job.args;
    if let Err(error) = privilege::check() {
        let error = anyhow::Error::new(error);
        return Err(match args.engine {
            EngineName::Auto if args.command.is_none() => error.context(
                "without privileges only a command can be traced (-c COMMAND), and recordings replayed",
            ),
            _ => error,
        });
    }
    let sink = sink()?;
    let mut watch = Stopwatch::new(args);
    let target = compile::target(args)?;
    watch.lap("probe the kernel");
    let child = args.command.as_deref().map(Child::start).transpose()?;
    let (mut engine, manifest) = load(
        job.script,
        job.source,
        target,
        child.as_ref().map(Command::pid),
        args,
    )?;
    if args.dry_run {
        engine.attach()?;
        watch.lap("attach");
        engine.detach();
        return Ok(Status::default());
    }
    let child = child.map(|child| Box::new(child) as Box<dyn Command>);
    let origin = live::origin(live::Session {
        engine: "bpf".to_owned(),
        command: args
            .command
            .clone()
            .zip(child.as_ref().map(|child| child.pid())),
        calls: job.recorded.clone(),
        buffer_bytes: job.script.config.capture_bytes,
    })?;
    let recording = recording::start(args, &origin)?;
    job.session(
        &mut engine,
        &manifest,
        Resolver::new(),
        sink,
        child,
        recording,
    )
}

/// Generates code and hands it to the kernel; if the verifier refuses optimized code, once more without.
fn load(
    script: &hir::Script,
    source: &Source,
    mut target: Target,
    child: Option<u32>,
    args: &Args,
) -> anyhow::Result<(KernelEngine, Arc<Manifest>)> {
    let mut said = false;
    loop {
        let mut watch = Stopwatch::new(args);
        let object = compile::generate(script, source, &target)?;
        watch.lap("generate code");
        if !said {
            say_hooks(&object.manifest.hooks, args);
            said = true;
        }
        let loaded = KernelEngine::load(&elf::write(&object), &object.manifest, child);
        watch.lap("load");
        match loaded {
            Ok(engine) => return Ok((engine, Arc::new(object.manifest))),
            Err(error) if error.is_verifier_refusal() && target.optimize => {
                if !args.quiet {
                    terminal::warning(
                        "the verifier refused the optimized program; loading it without optimization",
                    );
                }
                target.optimize = false;
            }
            Err(error) => return Err(refusal(error, args)),
        }
    }
}

/// Says what is not as it was asked for and, with `-v`, how system calls are hooked.
fn say_hooks(report: &HookReport, args: &Args) {
    if !args.quiet {
        report
            .warnings
            .iter()
            .for_each(|line| terminal::warning(line));
    }
    if args.verbose {
        report
            .chosen
            .iter()
            .for_each(|line| terminal::message(line));
    }
}

/// A program that the verifier refuses is our mistake, not the script's.
fn refusal(error: KernelError, args: &Args) -> anyhow::Error {
    if !error.is_verifier_refusal() {
        return error.into();
    }
    if let (Some(log), true) = (error.verifier_log(), args.verbose) {
        terminal::message(log.trim_end());
    }
    anyhow::Error::new(error)
        .context("this is a bug in Trapline, not in the script (-v shows the verifier's log)")
}
