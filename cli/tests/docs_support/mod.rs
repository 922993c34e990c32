//! What is to be checked: scripts and commands, taken out of Markdown.

pub(crate) mod blocks;
mod calls;
pub(crate) mod tables;

use crate::machine;
use std::path::{Path, PathBuf};
use trapline_lang::analyze::{Mode, Options, analyze};
use trapline_lang::diagnostic::{Diagnostic, Severity, render};
use trapline_lang::engine::Engine;
use trapline_lang::import::{self, ImportedFile, Loader};
use trapline_lang::source::Source;
use trapline_runtime::catalog::{LiveCatalog, NativeCatalog};

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A command line.
#[derive(Debug)]
pub(crate) struct Command {
    /// The words behind `trapline`.
    pub(crate) words: Vec<String>,
    /// An error is shown as its output.
    pub(crate) fails: bool,
}

/// The commands that stand in indented blocks, as the shell would cut them.
pub(crate) fn commands(markdown: &str) -> Vec<Command> {
    let mut found = Vec::new();
    let mut rest = markdown;
    while !rest.is_empty() {
        let line = rest.trim_start_matches(' ');
        let is_indented = rest.len() - line.len() >= 3;
        let line = line.strip_prefix("$ ").unwrap_or(line);
        let command = ["trapline ", "cargo run --release -- "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        let Some(command) = command.filter(|_| is_indented) else {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        };
        let (words, after) = words(command);
        let output = after.lines().next().unwrap_or_default();
        found.push(Command {
            words,
            fails: output.contains("ERROR"),
        });
        rest = after;
    }
    found
}

/// The words of a command line, and what follows it: quotes and backslashes are understood, a pipe or the end
/// of the line ends it.
fn words(text: &str) -> (Vec<String>, &str) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.char_indices();
    let mut ended = false;
    let mut at = text.len();
    while let Some((here, character)) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(character),
            (None, '\n') => {
                at = here + 1;
                break;
            }
            (None, '|') => {
                words.extend(word.take());
                ended = true;
            }
            (None, _) if ended => {}
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '\\') => {
                characters.next();
            }
            (None, ' ') => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (words, text.get(at..).unwrap_or_default())
}

/// What scripts import lies in `examples`.
struct Examples;

impl Loader for Examples {
    fn identity(&self, name: &str) -> String {
        name.to_owned()
    }

    fn load(&self, _importer: &str, path: &str) -> Result<Vec<ImportedFile>, String> {
        let file = root().join("examples").join(path);
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        let name = path.to_owned();
        Ok(vec![ImportedFile { name, text }])
    }
}

/// What is wrong with a script on a native engine.
pub(crate) fn complaints(text: &str, engine: Engine) -> Vec<Diagnostic> {
    let mut source = Source::new("script", text);
    let parsed = import::parse(&mut source, &[], &Examples);
    let options = Options {
        engine,
        positional: vec!["1".into(), "1".into()],
        has_child: true,
        allow_unsafe: true,
        ..Options::default()
    };
    let catalog = NativeCatalog::of_this_machine();
    let analysis = analyze(&parsed.script, &source, &catalog, &options);
    let mut said = [parsed.diagnostics, analysis.diagnostics].concat();
    said.retain(|report| report.severity == Severity::Error);
    said
}

/// Compiles a script for a kernel that can do everything, with the events of this one.
pub(crate) fn compile(text: &str) -> Result<(), String> {
    thread_local! {
        static CATALOG: LiveCatalog = LiveCatalog::new().expect("tracefs can be read");
    }
    CATALOG.with(|catalog| compile_with(text, catalog))
}

fn compile_with(text: &str, catalog: &LiveCatalog) -> Result<(), String> {
    let mut source = Source::new("script", text);
    let parsed = import::parse(&mut source, &[], &Examples);
    let mode = if text.contains("\nbench:") {
        Mode::Bench
    } else {
        Mode::Run
    };
    let options = Options {
        positional: vec!["1".into(), "1".into()],
        mode,
        has_child: true,
        allow_unsafe: true,
        ..Options::default()
    };
    let analysis = analyze(&parsed.script, &source, catalog, &options);
    let diagnostics = [parsed.diagnostics, analysis.diagnostics].concat();
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    let errors = render::render_all(errors, &source, render::Style::Plain);
    let Some(script) = analysis.script.filter(|_| errors.is_empty()) else {
        return Err(errors);
    };
    let compiled = trapline_codegen::compile(&script, &source, &machine::target());
    compiled.map(drop).map_err(|error| error.to_string())
}
