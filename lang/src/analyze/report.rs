//! Collects the complaints of all passes.

use crate::diagnostic::{Diagnostic, Kind, Label, Severity, suggest};
use crate::source::Span;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Reports {
    list: Vec<Diagnostic>,
}

impl Reports {
    /// Adds an error; what is returned can still be given a label or a hint.
    pub(super) fn error(&mut self, kind: impl Into<Kind>, span: Span) -> &mut Diagnostic {
        self.push(Diagnostic::error(kind.into(), span))
    }

    /// Adds a warning.
    pub(super) fn warning(&mut self, kind: impl Into<Kind>, span: Span) -> &mut Diagnostic {
        self.push(Diagnostic::warning(kind.into(), span))
    }

    /// Something that parses but has no meaning yet.
    pub(super) fn not_supported(&mut self, what: impl Into<String>, span: Span) {
        self.error(Kind::NotSupported { what: what.into() }, span);
    }

    /// What another part of the front end found.
    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.list.push(diagnostic);
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Adds what another pass found.
    pub(super) fn append(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// The script can not run.
    pub(super) fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them in the order of the text. One body that stands for several groups of events is looked
    /// at more than once, and so is an unrolled loop: the same complaint is kept once.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.span.start);
        let mut kept: Vec<Diagnostic> = Vec::new();
        for diagnostic in self.list {
            let same_place = kept
                .iter()
                .rev()
                .take_while(|other| other.span.start == diagnostic.span.start);
            if !same_place.into_iter().any(|other| *other == diagnostic) {
                kept.push(diagnostic);
            }
        }
        kept
    }
}

/// What makes a complaint easier to act on.
pub(super) trait Explain {
    /// "Did you mean ...?", if one of the names is near.
    fn did_you_mean<'a>(&mut self, written: &str, names: impl IntoIterator<Item = &'a str>);

    /// Adds a second place.
    fn label(&mut self, span: Span, text: &str);
}

impl Explain for Diagnostic {
    fn did_you_mean<'a>(&mut self, written: &str, names: impl IntoIterator<Item = &'a str>) {
        if let Some(name) = suggest::nearest(written, names) {
            self.hint = Some(format!("did you mean '{name}'?"));
        }
    }

    fn label(&mut self, span: Span, text: &str) {
        self.labels.push(Label {
            span,
            text: text.to_owned(),
        });
    }
}
