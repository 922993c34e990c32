//! What the program says about itself, on stderr; and what stdin, stdout and stderr are.

use std::io::{self, IsTerminal, Write};

/// Prints a line on stderr. That stderr is gone is no reason to fail.
pub(crate) fn message(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints an error on stderr.
pub(crate) fn error(text: &str) {
    message(&format!("ERROR: {text}"));
}

/// Prints a warning on stderr.
pub(crate) fn warning(text: &str) {
    message(&format!("WARNING: {text}"));
}

/// Messages may be coloured: stderr is a terminal, and `NO_COLOR` (no-color.org) is not set.
pub(crate) fn colors() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !unwanted
}

/// Somebody sits at stdin.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Somebody looks at stdout.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}
