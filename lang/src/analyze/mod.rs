//! Syntax tree in, typed HIR or complaints out.

mod config;
mod expand;
mod group;
mod join;
mod lower;
mod macros;
mod named;
mod report;
mod resolve;
mod table;
mod tree;

pub use config::{MAX_CAPTURE, OptionDoc, options};
pub use expand::continues_calls;

use crate::ast;
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::kind::AnalysisKind;
use crate::engine::Engine;
use crate::hir;
use crate::source::{Source, Span};
use report::Reports;
use std::rc::Rc;

/// Says of an attach point whether it is wanted.
pub type ProbeFilter = Rc<dyn Fn(&str) -> bool>;

/// What the command line says that scripts can see.
#[derive(Clone, Default)]
pub struct Options {
    /// What is to run the script.
    pub engine: Engine,
    /// `$1`, `$2`, ...
    pub positional: Vec<String>,
    /// There is a `-c` command, so that `cpid` has a value.
    pub has_child: bool,
    /// `-p`: only this process; perf-event probes (interval, profile, software) are not limited.
    pub pid: Option<u32>,
    /// `--follow`: the descendants of the process, too; who they are says text behind [`Self::own_text`].
    pub follow: bool,
    /// Where text begins that is not the script's but was put behind it ([`crate::rewrite::follow`]): what stands
    /// there is neither counted nor printed.
    pub own_text: Option<usize>,
    /// `--unsafe`: functions that change the system are allowed.
    pub allow_unsafe: bool,
    /// `--name=value` and `--name` behind `--`, which `getopt` reads.
    pub named: Vec<(String, Option<String>)>,
    /// Which probes are wanted.
    pub mode: Mode,
    /// Environment variables that set options (`BPFTRACE_MAX_STRLEN`), names and values.
    pub environment: Vec<(String, String)>,
    /// `--self`: `syscall:` probes see the tracer's own calls.
    pub include_self: bool,
    /// `-s`: most bytes of a buffer that `print(args)` captures.
    pub capture_bytes: Option<u32>,
    /// `--probe-filter`: which attach points there are, beside `begin` and `end`.
    pub probe_filter: Option<ProbeFilter>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("engine", &self.engine)
            .field("positional", &self.positional)
            .field("has_child", &self.has_child)
            .field("pid", &self.pid)
            .field("allow_unsafe", &self.allow_unsafe)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// The one process that probes are limited to.
    fn only_process(&self) -> Option<u32> {
        self.pid.filter(|_| !self.follow)
    }

    /// What stands there is not the script's own.
    pub fn is_internal(&self, span: Span) -> bool {
        self.own_text
            .is_some_and(|start| span.start as usize >= start && span != Span::NOWHERE)
    }
}

/// Which probes of a script are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All but `test` and `bench`.
    #[default]
    Run,
    /// `test`, with `BEGIN` and `END`.
    Test,
    /// `bench`, with `BEGIN` and `END`.
    Bench,
}

/// A parameter that a script asks for with `getopt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedParameter {
    /// Without `--`.
    pub name: String,
    /// What the script says of it.
    pub text: Option<String>,
}

/// What the analyzer made of a script.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The script, if there was no error.
    pub script: Option<hir::Script>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The named parameters that the script knows.
    pub parameters: Vec<NamedParameter>,
}

/// Resolves, expands, infers and checks a script.
pub fn analyze(
    script: &ast::Script,
    source: &Source,
    catalog: &dyn Catalog,
    options: &Options,
) -> Analysis {
    let mut reports = Reports::default();
    let blocks = script.items.iter().filter_map(|item| match item {
        ast::Item::Config(block) => Some(block),
        _ => None,
    });
    let mut config = config::read(blocks, &options.environment, &mut reports);
    config.include_self = options.include_self;
    config.capture_bytes = options.capture_bytes.unwrap_or(config.capture_bytes);
    let config = config;
    let script = macros::expand(script, &mut reports);
    let named = named::Named::read(&script.c_items, catalog, options.engine, &mut reports);
    let tree = resolve::script(&script, &config, options, &named, &mut reports);
    // Of a text with nothing in it at all, the parser has complained.
    if tree.probes.is_empty() && !script.items.is_empty() && !script.incomplete {
        let whole = Span::new(0, source.text().len());
        let report = reports.error(AnalysisKind::EmptyScript, whole);
        report.hint = match options.mode {
            Mode::Run => script
                .items
                .iter()
                .any(|item| matches!(item, ast::Item::Probe(_)))
                .then(|| "tests run with --test, benchmarks with --bench".into()),
            Mode::Test => Some("a test is written test:NAME { ... }".into()),
            Mode::Bench => Some("a benchmark is written bench:NAME { ... }".into()),
        };
    }
    let matches = expand::script(&tree, &config, options, catalog, &mut reports);
    if let (true, false, Some(probe)) = (
        matches.is_empty(),
        reports.has_errors(),
        tree.probes.first(),
    ) {
        let span = probe.attach_points.first().map(|point| point.span);
        reports.error(AnalysisKind::NoAttachPoints, span.unwrap_or_default());
    }
    let groups = group::script(&tree, matches, &config, catalog, &mut reports);
    let shared = lower::Shared {
        tree: &tree,
        groups: &groups,
        source,
        config: &config,
        options,
        catalog,
        named: &named,
    };
    let (incomplete, c_items) = (script.incomplete, &script.c_items);
    let lowered = lower::script(&shared, &mut reports);
    if incomplete {
        reports.forget_what_hangs_on_lost_text(source);
    }
    reports.forget_what_hangs_on_broken_c(c_items);
    if options.engine.is_native() {
        reports.forget_what_hangs_on_the_engine();
    }
    Analysis {
        script: (!reports.has_errors()).then_some(lowered),
        diagnostics: reports.finish(),
        parameters: tree.named,
    }
}

#[cfg(test)]
mod tests;
