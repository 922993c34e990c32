//! From script text to programs: the passes in order, what they complain about shown all at once.

use crate::args::{Args, AttachMode};
use crate::exit_code::ScriptErrors;
use crate::import::Files;
use crate::terminal;
use anyhow::anyhow;
use std::ops::Range;
use std::rc::Rc;
use std::time::Instant;
use trapline_codegen::CodegenError;
use trapline_codegen::object::Object;
use trapline_codegen::target::Target;
use trapline_lang::analyze::{NamedParameter, Options, ProbeFilter, analyze};
use trapline_lang::catalog::Catalog;
use trapline_lang::diagnostic::{Diagnostic, Kind, Severity, render};
use trapline_lang::engine::Engine;
use trapline_lang::hir;
use trapline_lang::import;
use trapline_lang::parse::{self, Parsed};
use trapline_lang::rewrite::{self, Root, Sampled};
use trapline_lang::source::{Source, Span};
use trapline_lang::syscall;
use trapline_runtime::catalog::NATIVE_ABI;
use trapline_runtime::cgroup;
use trapline_runtime::kernel::target::{AttachPreference, Reach, choose};
use trapline_runtime::regex::Regex;

/// Reads a script and what it imports, which is added to `source`.
pub(crate) fn read(source: &mut Source, args: &Args) -> Parsed {
    let files = Files {
        folders: &args.include_folders,
    };
    import::parse(source, &args.includes, &files)
}

/// What a script is to run on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    /// What runs it.
    pub(crate) engine: Engine,
    /// There is a command of which it may ask the process id.
    pub(crate) has_command: bool,
}

impl Scene {
    /// The kernel, as the command line has it.
    pub(crate) fn live(args: &Args) -> Self {
        Self {
            engine: Engine::Bpf,
            has_command: args.command.is_some(),
        }
    }
}

/// A script that proved right.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What is to be run.
    pub(crate) script: hir::Script,
    /// With `--record`, the calls that are recorded, as [`trapline_lang::syscall::encode`] has them; `None`: all.
    pub(crate) recorded: Option<Vec<u64>>,
}

/// Reads and analyzes a script; prints everything that is wrong with it. What it imports is added to `source`.
///
/// # Errors
/// [`ScriptErrors`] if anything is.
pub(crate) fn check(
    source: &mut Source,
    catalog: &dyn Catalog,
    scene: Scene,
    args: &Args,
) -> anyhow::Result<Checked> {
    let mut options = Options {
        engine: scene.engine,
        positional: args.positional(),
        has_child: scene.has_command,
        pid: args.pid().map_err(anyhow::Error::msg)?,
        allow_unsafe: args.allow_unsafe,
        named: args.named(),
        mode: args.mode(),
        environment: environment(),
        follow: args.follow,
        own_text: None,
        include_self: args.include_self,
        capture_bytes: args.string_limit,
        probe_filter: args.probe_filter.as_deref().map(filter).transpose()?,
    };
    let mut watch = Stopwatch::new(args);
    let mut parsed = read(source, args);
    let trigger = args
        .dump_on
        .as_deref()
        .map(|probe| add_trigger(probe, &mut parsed, source))
        .transpose()?;
    if args.follow {
        let root = match (options.pid, scene.has_command) {
            (Some(pid), _) => Root::Process(pid),
            (None, true) => Root::Command,
            (None, false) => {
                let needs = "--follow needs somebody to follow: a command (-c) or a process (-p)";
                return Err(anyhow!(needs));
            }
        };
        // Native engines know themselves.
        if !scene.engine.is_native() {
            options.own_text = Some(rewrite::follow(&mut parsed.script, source, root));
        }
    }
    let source = &*source;
    watch.lap("parse");
    let analysis = analyze(&parsed.script, source, catalog, &options);
    watch.lap("analyze");
    let diagnostics = [parsed.diagnostics, analysis.diagnostics].concat();
    let (own, diagnostics): (Vec<_>, Vec<_>) = diagnostics
        .into_iter()
        .partition(|diagnostic| options.is_internal(diagnostic.span));
    let failed = print_diagnostics(source, diagnostics, args.no_warnings);
    if !failed {
        check_parameters(&options.named, &analysis.parameters)?;
    }
    match analysis.script {
        Some(mut script) if !failed => {
            script.config.runtime_warnings = args.runtime_warnings > 0;
            script.config.rate = args.rate;
            if let Some(trigger) = trigger {
                rewrite::dump(&mut script, &trigger);
            }
            let recorded = rewrite(&mut script, args)?;
            Ok(Checked { script, recorded })
        }
        None if !failed && !own.is_empty() => Err(anyhow!(
            "--follow needs the kernel's own types: /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)"
        )),
        _ => Err(ScriptErrors.into()),
    }
}

/// Adds the probe of `--dump-on` to what was read; gives its place in the text.
///
/// # Errors
/// If it is more than a probe, or nothing.
fn add_trigger(
    probe: &str,
    parsed: &mut Parsed,
    source: &mut Source,
) -> anyhow::Result<Range<u32>> {
    if probe.trim().is_empty() || probe.trim_end().ends_with('}') {
        return Err(anyhow!(
            "--dump-on takes a probe and no action, as in 'syscall:write /errno == ENOSPC/'"
        ));
    }
    let text = format!("{probe} {{ }}\n");
    let start = source.append("--dump-on", &text);
    let trigger = parse::parse_behind(&text, start);
    parsed.script.items.extend(trigger.script.items);
    parsed.diagnostics.extend(trigger.diagnostics);
    Ok(start as u32..(start + text.len()) as u32)
}

/// Limits the script to what the command line wants to see, and has that recorded. Gives the calls that are.
fn rewrite(script: &mut hir::Script, args: &Args) -> anyhow::Result<Option<Vec<u64>>> {
    let mut conditions = Vec::new();
    if let Some(name) = &args.cgroup {
        if script.engine.is_native() {
            return Err(anyhow!(
                "--cgroup: only the bpf engine knows which cgroups lie below others; compare the builtin cgroup"
            ));
        }
        let found = cgroup::find(name).map_err(|error| anyhow!("--cgroup {name}: {error}"))?;
        conditions.push(rewrite::is_in_cgroup(found));
    }
    if args.follow {
        conditions.extend(rewrite::is_followed(script));
    }
    let narrowed = conditions.into_iter().rev();
    let narrowed = narrowed.reduce(|last, condition| rewrite::both(condition, Some(last)));
    let process = match args.follow {
        true => None,
        // The analyzer has limited the script's own probes.
        false => args.pid().map_err(anyhow::Error::msg)?,
    };
    let scope = match process.map(rewrite::is_process) {
        Some(process) => Some(rewrite::both(process, narrowed.clone())),
        None => narrowed.clone(),
    };
    if let Some(one_in) = args.sample {
        let sampled = rewrite::sample(script, one_in, scope.as_ref());
        if !args.quiet && !args.no_warnings {
            warn_of_sample(script, &sampled);
        }
    }
    if let Some(condition) = narrowed {
        rewrite::narrow(script, &condition);
    }
    if args.record.is_none() {
        return Ok(None);
    }
    // A native engine sees events before the script does.
    Ok(match script.engine.is_native() {
        true => rewrite::recorded_calls(script, NATIVE_ABI).map(|calls| {
            let codes = calls.iter();
            codes
                .map(|call| syscall::encode(NATIVE_ABI, call.abi, call.number))
                .collect()
        }),
        false => rewrite::record(script, NATIVE_ABI, scope.as_ref()),
    })
}

/// Says what `--sample` does not do.
fn warn_of_sample(script: &hir::Script, sampled: &Sampled) {
    if sampled.probes == 0 {
        terminal::warning("--sample: no probe of the script sees system calls");
    }
    let maps = sampled.unscaled.iter();
    let maps: Vec<_> = maps
        .map(|map| format!("@{}", script.maps[map.index()].name))
        .collect();
    if !maps.is_empty() {
        terminal::warning(&format!(
            "--sample: what is counted in {} is not multiplied (count() and sum() are)",
            maps.join(", ")
        ));
    }
}

fn filter(expression: &str) -> anyhow::Result<ProbeFilter> {
    let regex = Regex::new(expression)
        .map_err(|reason| anyhow!("--probe-filter {expression}: {reason}"))?;
    Ok(Rc::new(move |name: &str| regex.matches(name)))
}

/// Named parameters must be those that the script asks for; `--help` tells which they are.
fn check_parameters(
    given: &[(String, Option<String>)],
    known: &[NamedParameter],
) -> anyhow::Result<()> {
    let unknown = |(name, _): &&(String, _)| !known.iter().any(|known| known.name == *name);
    let Some((name, _)) = given.iter().find(unknown) else {
        return Ok(());
    };
    if name != "help" {
        terminal::error(&format!("the script has no option --{name}"));
    }
    let mut text = "HINT: expected program options:".to_owned();
    if known.is_empty() {
        text = "HINT: the script takes no options".to_owned();
    }
    for parameter in known {
        text.push_str(&format!("\n    --{}", parameter.name));
        if let Some(about) = &parameter.text {
            text.push_str(&format!(": {about}"));
        }
    }
    terminal::message(&text);
    Err(ScriptErrors.into())
}

/// Prints diagnostics in the order of the text, errors and warnings; whether an error is among them.
pub(crate) fn print_diagnostics(
    source: &Source,
    mut diagnostics: Vec<Diagnostic>,
    no_warnings: bool,
) -> bool {
    if no_warnings {
        diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    if !diagnostics.is_empty() {
        let style = if terminal::colors() {
            render::Style::Colored
        } else {
            render::Style::Plain
        };
        terminal::message(render::render_all(&diagnostics, source, style).trim_end());
    }
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Generates code; a script that asks for what cannot be compiled gets a diagnostic.
///
/// # Errors
/// [`ScriptErrors`] for what is not supported; everything else is our bug, and says so.
pub(crate) fn generate(
    script: &hir::Script,
    source: &Source,
    target: &Target,
) -> anyhow::Result<Object> {
    trapline_codegen::compile(script, source, target).map_err(|error| explain(error, source))
}

/// The Cranelift IR of all programs.
///
/// # Errors
/// As [`generate`].
pub(crate) fn clif(
    script: &hir::Script,
    source: &Source,
    target: &Target,
) -> anyhow::Result<String> {
    trapline_codegen::emit_clif(script, target).map_err(|error| explain(error, source))
}

/// An error of the code generator, as a diagnostic if it is the script's.
pub(crate) fn explain(error: CodegenError, source: &Source) -> anyhow::Error {
    match error {
        CodegenError::NotSupported { what, span } => {
            wrong(Kind::NotSupported { what }, span, source)
        }
        CodegenError::Refused { why, span } => wrong(Kind::Refused { why }, span, source),
        error => match error.span() {
            Some(span) => {
                let place = format!(
                    "{}:{}",
                    source.name_at(span.start),
                    source.position(span.start)
                );
                anyhow::Error::new(error).context(place)
            }
            None => error.into(),
        },
    }
}

fn wrong(kind: Kind, span: Span, source: &Source) -> anyhow::Error {
    print_diagnostics(source, vec![Diagnostic::error(kind, span)], false);
    ScriptErrors.into()
}

/// Options of the script come from variables with this prefix.
const ENVIRONMENT_PREFIX: &str = "BPFTRACE_";

fn environment() -> Vec<(String, String)> {
    let mut variables: Vec<_> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX))
        .collect();
    variables.sort();
    variables
}

/// What this machine can run; says so if it is not what is usual.
///
/// # Errors
/// If the kernel refuses the hook of `--attach`.
pub(crate) fn target(args: &Args) -> anyhow::Result<Target> {
    let preference = match args.attach {
        AttachMode::Auto => AttachPreference::Auto,
        AttachMode::Btf => AttachPreference::Btf,
        AttachMode::Raw => AttachPreference::Raw,
        AttachMode::Tracepoint => AttachPreference::Tracepoint,
        AttachMode::Event => AttachPreference::Event,
    };
    let reach = match args.command.is_some() || args.pid.is_some() {
        true => Reach::Processes,
        false => Reach::Machine,
    };
    let choice = choose(preference, reach)?;
    if let (Some(note), true) = (choice.note, args.announces()) {
        terminal::message(&note);
    }
    Ok(choice.target)
}

/// With `-v`, says on stderr how long each step took.
pub(crate) struct Stopwatch {
    verbose: bool,
    since: Instant,
}

impl Stopwatch {
    /// Starts.
    pub(crate) fn new(args: &Args) -> Self {
        Self {
            verbose: args.verbose,
            since: Instant::now(),
        }
    }

    /// A step is done.
    pub(crate) fn lap(&mut self, step: &str) {
        if self.verbose {
            let milliseconds = self.since.elapsed().as_secs_f64() * 1e3;
            terminal::message(&format!("{step}: {milliseconds:.2} ms"));
        }
        self.since = Instant::now();
    }
}
