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
use trapline_lang::diagnostic::Severity;
use trapline_lang::parse::{Parsed, parse};
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
    while let Some(text) = read_entry(&mut editor)? {
        answer(&text, &catalog, args);
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

/// Reads lines until they make a whole; `None` when the user leaves.
fn read_entry(editor: &mut LineEditor) -> anyhow::Result<Option<String>> {
    let mut text = String::new();
    loop {
        if let Some(helper) = editor.helper_mut() {
            helper.continue_from(&text);
        }
        let prompt = if text.is_empty() { PROMPT } else { CONTINUATION };
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
        let is_command = text.trim_start().starts_with(':');
        if is_command || !parse(&Source::new(INLINE_NAME, text.as_str())).incomplete {
            let _ = editor.add_history_entry(text.trim_end());
            if is_command && matches!(Command::read(text.trim()), Ok(Command::Quit)) {
                return Ok(None);
            }
            return Ok(Some(text));
        }
        text.push('\n');
    }
}

fn answer(text: &str, catalog: &LiveCatalog, args: &Args) {
    let text = text.trim();
    let outcome = if text.starts_with(':') {
        match Command::read(text) {
            Ok(command) => obey(command, catalog),
            Err(why) => Err(anyhow::Error::msg(why)),
        }
    } else {
        run::execute(&as_script(text), catalog, args, run::Caller::Prompt).map(|_| ())
    };
    if let Err(error) = outcome {
        exit_code::report(&error);
    }
}

fn obey(command: Command, catalog: &LiveCatalog) -> anyhow::Result<()> {
    match command {
        Command::List(pattern) => list::print(pattern.as_deref(), list::Detail::Names, catalog),
        Command::Fields(probe) => list::print(Some(&probe), list::Detail::Arguments, catalog),
        Command::Help(name) => helper::print_help(name.as_deref()),
        Command::Quit => Ok(()),
    }
}

/// The text as it is if it is a script; statements without a probe become the body of a `BEGIN`.
fn as_script(text: &str) -> Source {
    let script = Source::new(INLINE_NAME, text);
    let bare = Source::new(INLINE_NAME, format!("BEGIN {{ {text}; exit(); }}"));
    let has_errors = |parsed: &Parsed| {
        parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    };
    if has_errors(&parse(&script)) && !has_errors(&parse(&bare)) { bare } else { script }
}
