//! Script text in, syntax tree and complaints out. Never fails: what cannot be read is left out of the
//! tree (or stands there as [`crate::ast::ExprKind::Error`]) and is complained about.
//!
//! Two steps: `split` cuts the script at its top-level items and at the statements of its blocks, then
//! `build` has the grammar read each piece alone and makes the tree. Names mean nothing yet.

mod build;
mod cut;
mod expect;
mod grammar;
mod header;
mod literal;
mod piece;
mod scan;
mod split;

use crate::ast::Script;
use crate::diagnostic::kind::SyntaxKind;
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::{Source, Span};

/// More errors than these are not shown.
pub(crate) const MAX_ERRORS: usize = 64;

/// What the parser made of a text.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree, as far as the text could be read.
    pub script: Script,
    /// What could not be read, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The text ends inside a block, string or comment: more lines may complete it (for the REPL).
    pub incomplete: bool,
}

/// Reads a script.
pub fn parse(source: &Source) -> Parsed {
    let mut parsed = read(source);
    if parsed.script.items.is_empty() && parsed.diagnostics.is_empty() {
        let empty = error(SyntaxKind::EmptyScript, Span::default());
        parsed.diagnostics.push(empty);
    }
    parsed
}

/// Reads an imported file, whose text begins at byte `start` of the whole text. It may hold nothing.
pub fn parse_behind(text: &str, start: usize) -> Parsed {
    // Blanks before the text move all places to where they belong.
    let mut moved = " ".repeat(start);
    let shebang = if text.starts_with("#!") {
        text.find('\n').unwrap_or(text.len())
    } else {
        0
    };
    moved.push_str(&" ".repeat(shebang));
    moved.push_str(&text[shebang..]);
    read(&Source::new("", moved))
}

fn read(source: &Source) -> Parsed {
    let text = source.text();
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Parsed {
            diagnostics: vec![error(SyntaxKind::NotText, Span::new(at, at + 1))],
            ..Parsed::default()
        };
    }
    let split = split::split(text);
    let mut diagnostics = split.diagnostics;
    let mut script = Script::default();
    if !split.stopped {
        script = build::script(source, &split.outline, split.comments, &mut diagnostics);
    }
    script.incomplete = !diagnostics.is_empty();
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    if diagnostics.len() > MAX_ERRORS {
        diagnostics.truncate(MAX_ERRORS);
        let last = diagnostics.last().map_or(Span::default(), |last| last.span);
        diagnostics.push(error(SyntaxKind::TooManyErrors, last));
    }
    Parsed {
        script,
        diagnostics,
        incomplete: split.incomplete,
    }
}

fn error(kind: SyntaxKind, span: Span) -> Diagnostic {
    Diagnostic::error(Kind::Syntax(kind), span)
}

#[cfg(test)]
mod tests;
