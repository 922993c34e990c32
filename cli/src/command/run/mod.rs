//! The main job: script text in, its output and its exit status out. What differs by engine is for [`bpf`], [`ptrace`] and
//! [`replay`].

mod bpf;
mod native;
mod ptrace;
mod replay;

use crate::args::{Args, BufferMode, DecodeMode, OutputFormat, ScriptSource};
use crate::compile;
use crate::engine::{self, Engine};
use crate::exit_code::Status;
use crate::{script, terminal};
use anyhow::Context;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use trapline_codegen::object::Manifest;
use trapline_lang::analyze::Mode;
use trapline_lang::hir;
use trapline_lang::source::Source;
use trapline_runtime::catalog::LiveCatalog;
use trapline_runtime::decode::{CallOptions, Descriptors, Words};
use trapline_runtime::engine::{self as runtime, Command};
use trapline_runtime::output::{Buffering, JsonSink, Output, OutputOptions, Sink, TextSink};
use trapline_runtime::session::{self, SecondSignal};
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::recorder::{Recorder, RingEnd};
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
    execute(&script::read(script)?, None, args, Caller::CommandLine)
}

/// Compiles, loads and runs a script to its end. Who has a catalog of the running kernel already gives that.
///
/// # Errors
/// If the script is wrong or the machine refuses it.
pub(crate) fn execute(
    source: &Source,
    live: Option<&LiveCatalog>,
    args: &Args,
    caller: Caller,
) -> anyhow::Result<Status> {
    execute_into(source, live, args, caller, || {
        let writer = open_output(args.output())?;
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
    live: Option<&LiveCatalog>,
    args: &Args,
    caller: Caller,
    sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
) -> anyhow::Result<Status> {
    let engine = engine::choose(args)?;
    let mut source = source.clone();
    let scene = engine.scene(args);
    let checked = match (live, &engine) {
        (Some(live), Engine::Bpf) => compile::check(&mut source, live, scene, args)?,
        _ => compile::check(&mut source, &*engine.catalog(args)?, scene, args)?,
    };
    let job = Job {
        script: &checked.script,
        recorded: checked.recorded,
        source: &source,
        args,
        caller,
    };
    match engine {
        Engine::Bpf => bpf::run(&job, sink),
        Engine::Ptrace => ptrace::run(&job, sink),
        Engine::Replay(trace) => replay::run(&job, trace, sink),
    }
}

/// A script that proved right, and how it is to be run.
struct Job<'j> {
    script: &'j hir::Script,
    /// The calls that are recorded; `None`: all.
    recorded: Option<Vec<u64>>,
    source: &'j Source,
    args: &'j Args,
    caller: Caller,
}

impl Job<'_> {
    /// Runs the script on an engine to its end.
    fn session(
        &self,
        engine: &mut dyn runtime::Engine,
        manifest: &Arc<Manifest>,
        resolver: Resolver,
        sink: Box<dyn Sink>,
        child: Option<Box<dyn Command>>,
        recording: Option<(Recorder, RingEnd)>,
    ) -> anyhow::Result<Status> {
        let args = self.args;
        let mut output = output(manifest, resolver, sink, args);
        if let Some((recorder, _)) = &recording {
            output.record_into(Box::new(recorder.clone()));
        }
        match args.mode() {
            Mode::Run => {}
            Mode::Test => {
                let failed = trial::test(engine, manifest, &mut output)?;
                return Ok(Status(u8::from(failed > 0)));
            }
            Mode::Bench => {
                trial::bench(engine, manifest, &mut output)?;
                return Ok(Status::default());
            }
        }
        let options = session::Options {
            // On a trace, it says which events are meant.
            pid: match args.replay {
                Some(_) => None,
                None => args.pid().map_err(anyhow::Error::msg)?,
            },
            child,
            recording,
            follow: args.follow,
            second_signal: match self.caller {
                Caller::CommandLine => SecondSignal::Kills,
                Caller::Prompt => SecondSignal::IsIgnored,
            },
        };
        let outcome = session::run(engine, manifest, &mut output, options)?;
        if let (Some(status), true) = (outcome.child_status, args.announces()) {
            report_command(status);
        }
        // Only so much of a status reaches whoever waits for us.
        Ok(Status(outcome.exit_code as u8))
    }
}

/// The file of `-o`, or stdout.
///
/// # Errors
/// If the file cannot be made.
pub(crate) fn open_output(path: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    Ok(match path {
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("failed to open output file '{}'", path.display()))?;
            Box::new(file)
        }
        None => Box::new(io::stdout()),
    })
}

fn output(
    manifest: &Arc<Manifest>,
    resolver: Resolver,
    sink: Box<dyn Sink>,
    args: &Args,
) -> Output {
    let buffering = match args.buffering {
        BufferMode::None => Buffering::None,
        BufferMode::Line => Buffering::Line,
        BufferMode::Full => Buffering::Full,
    };
    let options = OutputOptions {
        quiet: !args.announces(),
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
        resolver,
        options,
    )
}

/// Says how the command of `-c` failed, if it did.
fn report_command(status: ExitStatus) {
    if !status.success() {
        terminal::message(&format!("The command ended with {status}."));
    }
}
