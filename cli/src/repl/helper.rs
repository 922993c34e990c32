//! What rustyline asks of us (completion), and what `:help` prints.

use super::command::COMMANDS;
use super::completer::{Completions, Names, complete};
use crate::command::list;
use anyhow::bail;
use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};
use std::cell::OnceCell;
use std::io::{self, Write};
use std::rc::Rc;
use trapline_lang::catalog::Catalog;
use trapline_lang::{builtin, function, provider};
use trapline_runtime::catalog::LiveCatalog;

/// Statements and other words that no table has.
const KEYWORDS: &[&str] = &[
    "if ", "else ", "while ", "for ", "unroll ", "let ", "return", "break", "continue", "true",
    "false",
];

/// Completes what is typed.
pub(crate) struct LineHelper {
    catalog: Rc<LiveCatalog>,
    /// Made at the first Tab.
    names: OnceCell<Names>,
    /// The lines of the script before this one.
    before: String,
}

impl LineHelper {
    pub(crate) fn new(catalog: Rc<LiveCatalog>) -> Self {
        Self {
            catalog,
            names: OnceCell::new(),
            before: String::new(),
        }
    }

    /// The next line continues this text.
    pub(crate) fn continue_from(&mut self, text: &str) {
        self.before = text.to_string();
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| names(&*self.catalog))
    }

    fn fields(&self, probe: &str) -> Vec<String> {
        list::fields(probe, &*self.catalog)
    }
}

fn names(catalog: &dyn Catalog) -> Names {
    let mut probes: Vec<String> = list::probes(catalog)
        .chain(list::calls::classes())
        .collect();
    probes.sort();
    let functions = function::all().iter().map(|row| format!("{}(", row.name));
    let builtins = builtin::all().iter().map(|row| row.name.to_string());
    let keywords = KEYWORDS.iter().map(|word| word.to_string());
    Names {
        probes,
        words: functions.chain(builtins).chain(keywords).collect(),
    }
}

impl Completer for LineHelper {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let text = format!("{}{}", self.before, &line[..position]);
        let Completions { start, candidates } =
            complete(&text, self.names(), &|probe| self.fields(probe));
        Ok((start.saturating_sub(self.before.len()), candidates))
    }
}

impl Hinter for LineHelper {
    type Hint = String;
}

impl Highlighter for LineHelper {}
impl Validator for LineHelper {}
impl Helper for LineHelper {}

/// Prints the commands, or what the tables say about a name.
///
/// # Errors
/// If nothing has that name.
pub(crate) fn print_help(name: Option<&str>) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let Some(name) = name else {
        writeln!(
            out,
            "A script runs until it exits or Ctrl-C; then its maps print. Tab completes.\n"
        )?;
        for row in COMMANDS {
            writeln!(
                out,
                "  {:18} {}",
                format!("{} {}", row.name, row.argument),
                row.help
            )?;
        }
        writeln!(out, "\n  count system calls by name:")?;
        writeln!(
            out,
            "  tracepoint:raw_syscalls:sys_enter {{ @[syscall_name(args.id)] = count(); }}"
        )?;
        return Ok(());
    };
    let name = name.trim_end_matches(['(', ')', ':']);
    if let Some(row) = function::by_name(name) {
        writeln!(out, "{}\n    {}\n    {}", row.usage, row.doc, row.example)?;
    } else if let Some(row) = builtin::by_name(name) {
        writeln!(out, "{}: {}\n    {}", row.name, row.ty, row.doc)?;
    } else if let Some(row) = provider::by_name(name) {
        writeln!(out, "{}\n    {}", row.forms.join("\n"), row.doc)?;
    } else {
        bail!("nothing is called {name}; Tab shows what there is");
    }
    Ok(())
}
