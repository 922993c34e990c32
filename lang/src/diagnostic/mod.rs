//! What is wrong with a script, as data. The kinds are in [`kind`], their wording in [`message`], the
//! layout of what is printed in [`render`].

pub mod kind;
pub mod message;
mod message_analysis;
pub mod render;
pub mod suggest;

use crate::source::Span;
pub use kind::Kind;
pub(crate) use message_analysis::type_name;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The script runs, but hardly as meant.
    Warning,
    /// The script does not run.
    Error,
}

/// One complaint about one place of the script.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// What is wrong, with the names and types that it is about.
    pub kind: Kind,
    /// Error or warning.
    pub severity: Severity,
    /// The place that is marked.
    pub span: Span,
    /// Other places that explain it: "first used as a string here".
    pub labels: Vec<Label>,
    /// How to mend it, where that is known.
    pub hint: Option<String>,
}

/// A second place that a diagnostic points at.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it has to do with it.
    pub text: String,
}

/// Characters that are not seen, or that change how others are shown: control characters, all blanks but the
/// plain one, marks of direction.
pub fn is_invisible(character: char) -> bool {
    // Letters and signs are printed by `escape_debug` as they are.
    !matches!(character, ' ' | '"' | '\'' | '\\') && character.escape_debug().count() > 1
}

impl Diagnostic {
    /// An error.
    pub fn error(kind: Kind, span: Span) -> Self {
        Self {
            kind,
            severity: Severity::Error,
            span,
            labels: Vec::new(),
            hint: None,
        }
    }

    /// A warning.
    pub fn warning(kind: Kind, span: Span) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(kind, span)
        }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }
}
