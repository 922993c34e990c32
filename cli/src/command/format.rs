//! `--fmt`: a script in standard form.

use crate::args::{Args, ScriptSource};
use crate::command::emit;
use crate::exit_code::{ScriptErrors, Status};
use crate::{compile, script};
use trapline_lang::{format, parse};

/// Prints the script to stdout, or into the file of `-o`.
///
/// # Errors
/// If the script cannot be read or the output cannot be written.
pub(crate) fn run(script: &ScriptSource, args: &Args) -> anyhow::Result<Status> {
    let source = script::read(script)?;
    let parsed = parse::parse(&source);
    if compile::print_diagnostics(&source, parsed.diagnostics, args.no_warnings) {
        return Err(ScriptErrors.into());
    }
    emit::write(format::print(&parsed.script, &source).as_bytes(), args)
}
