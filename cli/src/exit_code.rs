//! How the program ends: outcomes in, exit status (and the one line that explains it) out.
//!
//! 0: all went well. 1: the command line, the script or the machine is at fault. Anything else is
//! what the script gave to `exit()`.

use crate::args::UsageError;
use crate::terminal;
use std::io::{self, Write};
use std::process::ExitCode;

/// What is at fault when something is.
const FAILURE: u8 = 1;

/// How a task ended when nothing went wrong on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) u8);

/// The script has errors; its diagnostics have been printed already.
#[derive(Debug, thiserror::Error)]
#[error("the script has errors")]
pub(crate) struct ScriptErrors;

/// Prints what went wrong, unless it has been said already or there is nobody to say it to.
pub(crate) fn report(error: &anyhow::Error) {
    if !error.is::<ScriptErrors>() && !is_broken_pipe(error) {
        terminal::error(&sentence(error));
    }
}

/// An error and its causes; a cause that stands in what it caused is not said again.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// The status of a task; prints what went wrong.
pub(crate) fn of(outcome: anyhow::Result<Status>) -> ExitCode {
    match outcome {
        Ok(Status(status)) => ExitCode::from(status),
        // Whoever read our output has had enough of it.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        // Nothing but writing to stdout fails without a word about what was tried.
        Err(error) if error.is::<io::Error>() && error.chain().count() == 1 => {
            report(&error.context("cannot write the output"));
            ExitCode::from(FAILURE)
        }
        Err(error) => {
            report(&error);
            ExitCode::from(FAILURE)
        }
    }
}

/// The status for words that make no command line; prints usage or help.
pub(crate) fn of_usage(error: UsageError) -> ExitCode {
    match error {
        UsageError::Asked(text) => of(io::stdout()
            .write_all(text.as_bytes())
            .map(|()| Status(0))
            .map_err(Into::into)),
        UsageError::Wrong { text, usage } => {
            terminal::error(&text);
            terminal::message(&format!(
                "\nUSAGE:\n    {usage}\n\nFor more information, try '--help'."
            ));
            ExitCode::from(FAILURE)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENOENT: i32 = 2;

    #[test]
    fn causes_are_told_once() {
        let cause = io::Error::from_raw_os_error(ENOENT);
        let text = cause.to_string();
        let named = anyhow::Error::new(cause).context(format!("cannot run `x`: {text}"));
        assert_eq!(sentence(&named), format!("cannot run `x`: {text}"));
        let apart = anyhow::anyhow!("no room")
            .context("cannot write")
            .context("recording");
        assert_eq!(sentence(&apart), "recording: cannot write: no room");
    }
}
