//! The main job: script text in, its output and its exit status out.

use crate::args::{Args, BufferMode, DecodeMode, OutputFormat, ScriptSource};
use crate::compile::{self, Stopwatch};
use crate::exit_code::Status;
use crate::{script, terminal};
use anyhow::Context;
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitStatus;
use std::sync::Arc;
use trapline_codegen::elf;
use trapline_codegen::object::{HookReport, Manifest};
use trapline_codegen::target::Target;
use trapline_lang::analyze::Mode;
use trapline_lang::hir;
use trapline_lang::source::Source;
use trapline_runtime::catalog::LiveCatalog;
use trapline_runtime::child::Child;
use trapline_runtime::decode::{CallOptions, Descriptors, Words};
use trapline_runtime::engine::{Command, Engine};
use trapline_runtime::kernel::{KernelEngine, KernelError, privilege};
use trapline_runtime::output::{Buffering, JsonSink, Output, OutputOptions, Sink, TextSink};
use trapline_runtime::session::{self, SecondSignal};
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trial;

/// Whether there is something to come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The program ends with the script.
    CommandLine,
    /// The prompt comes next.
    Prompt,
}

/// Runs the script that the command line names.
///
/// # Errors
/// If the script is wrong or the machine refuses it.
pub(crate) fn run(script: &ScriptSource, args: &Args) -> anyhow::Result<Status> {
    let source = script::read(script)?;
    let catalog = LiveCatalog::new()?.with_include_folders(args.include_folders.clone());
    execute(&source, &catalog, args, Caller::CommandLine)
}

/// Compiles, loads and runs a script to its end.
///
/// # Errors
/// If the script is wrong or the machine refuses it.
pub(crate) fn execute(
    source: &Source,
    catalog: &LiveCatalog,
    args: &Args,
    caller: Caller,
) -> anyhow::Result<Status> {
    execute_into(source, catalog, args, caller, || {
        let writer = open_output(args)?;
        Ok(match args.format {
            OutputFormat::Text => Box::new(TextSink::new(writer)),
            OutputFormat::Json => Box::new(JsonSink::new(writer)),
        })
    })
}

/// The same, with results that go to a sink, which is asked for once the script has proved right.
///
/// # Errors
/// If the script is wrong or the machine refuses it, or there is no sink.
pub(crate) fn execute_into(
    source: &Source,
    catalog: &LiveCatalog,
    args: &Args,
    caller: Caller,
    sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
) -> anyhow::Result<Status> {
    let mut source = source.clone();
    let script = compile::check(&mut source, catalog, args)?;
    privilege::check()?;
    let sink = sink()?;
    let mut watch = Stopwatch::new(args);
    let target = compile::target(args)?;
    watch.lap("probe the kernel");
    let child = args.command.as_deref().map(Child::start).transpose()?;
    let (mut engine, manifest) = load(
        &script,
        &source,
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
    let mut output = output(&manifest, sink, args);
    match args.mode() {
        Mode::Run => {}
        Mode::Test => {
            let failed = trial::test(&mut engine, &manifest, &mut output)?;
            return Ok(Status(u8::from(failed > 0)));
        }
        Mode::Bench => {
            trial::bench(&mut engine, &manifest, &mut output)?;
            return Ok(Status::default());
        }
    }
    let outcome = session::run(
        &mut engine,
        &manifest,
        &mut output,
        session::Options {
            child: child.map(|child| Box::new(child) as Box<dyn Command>),
            pid: args.pid().map_err(anyhow::Error::msg)?,
            follow: args.follow,
            second_signal: match caller {
                Caller::CommandLine => SecondSignal::Kills,
                Caller::Prompt => SecondSignal::IsIgnored,
            },
        },
    )?;
    if let (Some(status), false) = (outcome.child_status, args.quiet) {
        report_command(status);
    }
    // Only so much of a status reaches whoever waits for us.
    Ok(Status(outcome.exit_code as u8))
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

/// The file of `-o`, or stdout.
///
/// # Errors
/// If the file cannot be made.
pub(crate) fn open_output(args: &Args) -> anyhow::Result<Box<dyn Write>> {
    Ok(match args.output() {
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("failed to open output file '{}'", path.display()))?;
            Box::new(file)
        }
        None => Box::new(io::stdout()),
    })
}

fn output(manifest: &Arc<Manifest>, sink: Box<dyn Sink>, args: &Args) -> Output {
    let buffering = match args.buffering {
        BufferMode::None => Buffering::None,
        BufferMode::Line => Buffering::Line,
        BufferMode::Full => Buffering::Full,
    };
    let options = OutputOptions {
        quiet: args.quiet,
        buffering,
        calls: CallOptions {
            words: match args.decode {
                DecodeMode::Names => Words::Names,
                DecodeMode::Raw => Words::Raw,
            },
            descriptors: match args.fd_paths {
                true => Descriptors::Paths,
                false => Descriptors::Numbers,
            },
        },
    };
    Output::new(
        Arc::clone(manifest),
        sink,
        Box::new(io::stderr()),
        Resolver::new(),
        options,
    )
}

/// Says how the command of `-c` failed, if it did.
fn report_command(status: ExitStatus) {
    if !status.success() {
        terminal::message(&format!("The command ended with {status}."));
    }
}
