//! The prompt: `trapline` alone on a terminal.
//!
//! Reads scripts of one or several lines, runs each until Ctrl-C, and shows errors as the command line
//! does. Lines that begin with a colon are [`command`]s; [`completer`] says what Tab offers.

mod command;
mod completer;
mod helper;

use crate::args::Args;
use crate::command::{list, run};
use crate::exit_code::{self, Status};
use crate::script::INLINE_NAME;
use crate::terminal;
use anyhow::{Context, bail};
use command::Command;
use helper::LineHelper;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use std::path::PathBuf;
use std::rc::Rc;
use trapline_lang::ast::{ExprKind, Item, Stmt, StmtKind};
use trapline_lang::diagnostic::{Diagnostic, Severity};
use trapline_lang::parse::{Parsed, parse};
use trapline_lang::provider;
use trapline_lang::source::Source;
use trapline_runtime::catalog::LiveCatalog;

const PROMPT: &str = "trapline> ";
const CONTINUATION: &str = "      ... ";
const HISTORY_LINES: usize = 1000;

type LineEditor = Editor<LineHelper, FileHistory>;

/// Runs the prompt until its user has had enough.
///
/// # Errors
/// If there is no terminal, or the machine cannot be traced at all.
pub(crate) fn run(args: &Args) -> anyhow::Result<Status> {
    if !terminal::stdin_is_terminal() {
        bail!("no script given: name a file, or use -e PROGRAM, or `-` to read stdin (see --help)");
    }
    let catalog = Rc::new(LiveCatalog::new()?);
    let mut editor = editor(&catalog).context("failed to open the prompt")?;
    let history = history_file();
    if let Some(path) = &history {
        // The first time there is none.
        let _ = editor.load_history(path);
    }
    if !args.quiet {
        terminal::message("Trapline: type a script, `:help`, or Ctrl-D to leave.");
    }
    while let Some(entry) = read_entry(&mut editor)? {
        answer(entry, &catalog, args);
        if let Some(path) = &history {
            // A history that cannot be kept is no reason to stop.
            let _ = std::fs::create_dir_all(path.parent().unwrap_or(path));
            let _ = editor.save_history(path);
        }
    }
    Ok(Status::default())
}

fn editor(catalog: &Rc<LiveCatalog>) -> rustyline::Result<LineEditor> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .completion_prompt_limit(400)
        .max_history_size(HISTORY_LINES)?
        .history_ignore_space(true)
        .build();
    let mut editor = LineEditor::with_config(config)?;
    editor.set_helper(Some(LineHelper::new(Rc::clone(catalog))));
    Ok(editor)
}

/// `$XDG_STATE_HOME/trapline/history`, by default below `~/.local/state`.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?;
    Some(state.join("trapline/history"))
}

/// A whole that was typed.
enum Entry {
    /// It begins with a colon.
    Command(Result<Command, String>),
    /// Anything else.
    Script(Source),
}

/// What the text is; `None` if more lines must follow.
fn entry(text: &str) -> Option<Entry> {
    let text = text.trim();
    if text.starts_with(':') {
        Some(Entry::Command(Command::read(text)))
    } else {
        complete(text).map(Entry::Script)
    }
}

/// Reads lines until they make a whole; `None` when the user leaves.
fn read_entry(editor: &mut LineEditor) -> anyhow::Result<Option<Entry>> {
    let mut text = String::new();
    loop {
        if let Some(helper) = editor.helper_mut() {
            helper.continue_from(&text);
        }
        let prompt = if text.is_empty() {
            PROMPT
        } else {
            CONTINUATION
        };
        match editor.readline(prompt) {
            Ok(line) => text.push_str(&line),
            // Ctrl-C drops what was typed.
            Err(ReadlineError::Interrupted) => {
                text.clear();
                continue;
            }
            Err(ReadlineError::Eof) if text.is_empty() => return Ok(None),
            Err(ReadlineError::Eof) => {}
            Err(error) => return Err(error).context("failed to read from the terminal"),
        }
        if text.trim().is_empty() {
            text.clear();
            continue;
        }
        if let Some(entry) = entry(&text) {
            let _ = editor.add_history_entry(text.trim_end());
            return Ok(match entry {
                Entry::Command(Ok(Command::Quit)) => None,
                entry => Some(entry),
            });
        }
        text.push('\n');
    }
}

fn answer(entry: Entry, catalog: &LiveCatalog, args: &Args) {
    let outcome = match entry {
        Entry::Command(Ok(command)) => obey(command, catalog),
        Entry::Command(Err(why)) => Err(anyhow::Error::msg(why)),
        Entry::Script(source) => {
            run::execute(&source, Some(catalog), args, run::Caller::Prompt).map(|_| ())
        }
    };
    if let Err(error) = outcome {
        exit_code::report(&error);
    }
}

fn obey(command: Command, catalog: &LiveCatalog) -> anyhow::Result<()> {
    match command {
        Command::List(pattern) => list::print(
            pattern.as_deref(),
            list::Detail::Names,
            &list::Offer::of_kernel(catalog),
        ),
        Command::Fields(probe) => list::print(
            Some(&probe),
            list::Detail::Arguments,
            &list::Offer::of_kernel(catalog),
        ),
        Command::Help(name) => helper::print_help(name.as_deref()),
        Command::Quit => Ok(()),
    }
}

/// A script made of what was typed: itself, or statements without a probe as the body of a `BEGIN`, or an
/// expression that is printed. `None` if more lines must follow.
fn complete(text: &str) -> Option<Source> {
    let source = |text: String| Source::new(INLINE_NAME, text);
    let script = source(text.to_string());
    let parsed = parse(&script);
    if is_whole(&parsed) {
        return Some(script);
    }
    let bare = source(format!("BEGIN {{ {text} }}"));
    let parsed_bare = parse(&bare);
    if is_whole(&parsed_bare) && !is_probe_name(text) {
        return Some(match only_value(&parsed_bare) {
            true => source(format!("BEGIN {{ print({text}); }}")),
            false => bare,
        });
    }
    (!parsed.incomplete).then_some(script)
}

fn is_whole(parsed: &Parsed) -> bool {
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    !parsed.incomplete && !parsed.diagnostics.iter().any(is_error)
}

/// A lone word may be the head of a probe whose braces follow.
fn is_probe_name(text: &str) -> bool {
    provider::by_name(text.trim()).is_some()
}

/// The script is one expression whose value nobody takes.
fn only_value(parsed: &Parsed) -> bool {
    let [Item::Probe(probe)] = parsed.script.items.as_slice() else {
        return false;
    };
    let [
        Stmt {
            kind: StmtKind::Expr(value),
            ..
        },
    ] = probe.body.stmts.as_slice()
    else {
        return false;
    };
    probe.body.ends_in_value
        && !matches!(
            value.kind,
            ExprKind::Call { .. }
                | ExprKind::Step { .. }
                | ExprKind::If { .. }
                | ExprKind::Block(_)
        )
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn what_is_typed_becomes_a_script() {
        let script = |text| complete(text).map(|source| source.text().to_string());
        let same = |text: &'static str| assert_eq!(script(text).as_deref(), Some(text));
        same("BEGIN { exit(); }");
        same("BEGIN { print(1)) }");
        assert_eq!(script("BEGIN {"), None);
        assert_eq!(script("BEGIN"), None);
        assert_eq!(script("tracepoint:sched:sched_switch"), None);
        assert_eq!(
            script("print(1); @x = 2").as_deref(),
            Some("BEGIN { print(1); @x = 2 }")
        );
        assert_eq!(script("6 * 7").as_deref(), Some("BEGIN { print(6 * 7); }"));
        assert_eq!(script("nsecs").as_deref(), Some("BEGIN { print(nsecs); }"));
    }
}
