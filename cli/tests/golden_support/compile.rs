//! The stages that compile, for the machine that never changes.

use super::events::catalog;
use super::machine::target;
use super::{Case, Stage, normalize};
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::catalog::Catalog;
use trapline_lang::diagnostic::{Diagnostic, Severity, render};
use trapline_lang::engine::Engine;
use trapline_lang::hir::Script;
use trapline_lang::import::{self, NoFiles};
use trapline_lang::rewrite::{self, Cgroup};
use trapline_lang::source::Source;
use trapline_lang::{dump, hir_dump};
use trapline_runtime::catalog::NativeCatalog;

/// What a script is at a stage.
pub(crate) fn dump(case: &Case, stage: Stage) -> Result<String, String> {
    let mut source = Source::new("stdin", case.script.as_str());
    let (named, positional): (Vec<_>, Vec<_>) =
        case.args.iter().partition(|arg| arg.starts_with("--"));
    let named = named.into_iter().map(|arg| {
        let mut parts = arg[2..].splitn(2, '=').map(str::to_owned);
        (parts.next().unwrap_or_default(), parts.next())
    });
    let options = Options {
        engine: case.engine,
        positional: positional.into_iter().cloned().collect(),
        named: named.collect(),
        environment: case.env.clone(),
        ..Options::default()
    };
    let parsed = import::parse(&mut source, &[], &NoFiles);
    let source = source;
    let errors = |diagnostics: &[Diagnostic]| {
        diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    };
    let text =
        |diagnostics: &[Diagnostic]| render::render_all(diagnostics, &source, render::Style::Plain);
    if stage == Stage::Ast && !errors(&parsed.diagnostics) {
        return Ok(normalize(&dump::script(&parsed.script)));
    }
    let analysis = analyze(
        &parsed.script,
        &source,
        &*catalog_for(case.engine),
        &options,
    );
    let diagnostics = [parsed.diagnostics, analysis.diagnostics].concat();
    if stage == Stage::Diagnostics {
        return Ok(normalize(&text(&diagnostics)));
    }
    let script = match analysis.script {
        Some(script) if !errors(&diagnostics) => rewritten(script, &case.options)?,
        _ => return Err(text(&diagnostics)),
    };
    let target = target();
    match stage {
        Stage::Hir => Ok(normalize(&hir_dump::script(&script))),
        Stage::Clif => trapline_codegen::emit_clif(&script, &target)
            .map(|text| normalize(&text))
            .map_err(|error| error.to_string()),
        _ => trapline_codegen::compile(&script, &source, &target)
            .map(|object| normalize(&trapline_codegen::bpf::disasm::print_object(&object)))
            .map_err(|error| error.to_string()),
    }
}

/// What the machine has for an engine.
fn catalog_for(engine: Engine) -> Box<dyn Catalog> {
    let files = catalog();
    match engine.is_native() {
        true => Box::new(NativeCatalog::new(files.abi(), files.cpu_count())),
        false => Box::new(files.clone()),
    }
}

/// What `--sample 1/N`, `--cgroup ID/LEVEL` and, for native engines, `--follow` make of a script.
fn rewritten(mut script: Script, options: &[String]) -> Result<Script, String> {
    let mut scope = None;
    for option in options {
        if option == "--follow" {
            scope = rewrite::is_followed(&script);
            continue;
        }
        let numbers = option.split_once(' ').and_then(|(name, value)| {
            let (first, second) = value.split_once('/')?;
            Some((name, first.parse().ok()?, second.parse().ok()?))
        });
        match numbers {
            Some(("--cgroup", id, level)) => {
                scope = Some(rewrite::is_in_cgroup(Cgroup { id, level }));
            }
            Some(("--sample", _, one_in)) => {
                rewrite::sample(&mut script, one_in, scope.as_ref());
            }
            _ => return Err(format!("no golden case takes the option {option}")),
        }
    }
    if let Some(scope) = scope {
        rewrite::narrow(&mut script, &scope);
    }
    Ok(script)
}
