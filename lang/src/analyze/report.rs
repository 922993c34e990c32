//! Collects the complaints of all passes.

use crate::ast::CItem;
use crate::diagnostic::kind::{AnalysisKind, SyntaxKind};
use crate::diagnostic::{Diagnostic, Kind, Label, Severity, suggest};
use crate::engine::{Engine, Engines};
use crate::parse::MAX_ERRORS;
use crate::source::{Source, Span};
use std::collections::HashSet;

/// What is said of the call of a macro.
const EXPANDED_FROM: &str = "expanded from";

/// Where a block comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expansion {
    /// It stands in the script.
    Written,
    /// It is the body of a macro.
    Macro,
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Reports {
    list: Vec<Diagnostic>,
    /// The calls of macros whose bodies are being looked at, outermost first.
    expansions: Vec<Span>,
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

    /// Whether an engine offers something; complains of it if not.
    pub(super) fn offered(
        &mut self,
        engine: Engine,
        offered_by: Engines,
        what: impl FnOnce() -> String,
        span: Span,
    ) -> bool {
        if offered_by.has(engine) {
            return true;
        }
        let kind = Kind::EngineLacks {
            what: what(),
            engine,
            offered_by,
        };
        self.error(kind, span).hint = Some(offered_by.hint());
        false
    }

    /// A type that nothing defines.
    pub(super) fn unknown_type(
        &mut self,
        name: &str,
        engine: Engine,
        span: Span,
    ) -> &mut Diagnostic {
        let kind = AnalysisKind::UnknownType { name: name.into() };
        let report = self.error(kind, span);
        if engine.is_native() {
            let hint = "only the bpf engine knows the kernel's own types; others are written in the script";
            report.hint = Some(hint.into());
        }
        report
    }

    /// What follows stands in the body of a macro, if it does not stand where the call stands.
    pub(super) fn enter(&mut self, call: Span, body: Span) -> Expansion {
        if call == body {
            return Expansion::Written;
        }
        self.expansions.push(call);
        Expansion::Macro
    }

    /// Ends what [`Self::enter`] began.
    pub(super) fn leave(&mut self, expansion: Expansion) {
        if expansion == Expansion::Macro {
            self.expansions.pop();
        }
    }

    /// The calls of macros that a place comes from, innermost first. Arguments are the caller's own.
    pub(super) fn expanded_from(&self, place: Span) -> Vec<Span> {
        let inside = |call: &Span| call.start <= place.start && place.end <= call.end;
        let calls = self.expansions.iter().rev().copied();
        calls.filter(|call| !inside(call)).collect()
    }

    /// What another part of the front end found.
    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    fn push(&mut self, mut diagnostic: Diagnostic) -> &mut Diagnostic {
        for call in self.expanded_from(diagnostic.span) {
            diagnostic.label(call, EXPANDED_FROM);
        }
        self.list.push(diagnostic);
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Adds what another pass found.
    pub(super) fn append(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// What could not be read may have defined a name: of names that stand elsewhere in the text, too, it is
    /// not said that they are undefined.
    pub(super) fn forget_what_hangs_on_lost_text(&mut self, source: &Source) {
        self.list.retain(|diagnostic| {
            let name = match &diagnostic.kind {
                Kind::Analysis(AnalysisKind::UndefinedVariable { name }) => format!("${name}"),
                Kind::Analysis(AnalysisKind::UndefinedMap { name }) => format!("@{name}"),
                _ => return true,
            };
            let text = source.text();
            let is_whole = |at: usize| {
                let next = text.as_bytes().get(at + name.len());
                !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            };
            let places = text.match_indices(&name).map(|(at, _)| at);
            places.filter(|at| is_whole(*at)).count() < 2
        });
    }

    /// Of probes that the engine lacks, nothing is known but that: what they may define is not said to be undefined.
    pub(super) fn forget_what_hangs_on_the_engine(&mut self) {
        let lacks = |report: &Diagnostic| matches!(report.kind, Kind::EngineLacks { .. });
        if self.list.iter().any(lacks) {
            self.list.retain(|report| {
                !matches!(
                    report.kind,
                    Kind::Analysis(
                        AnalysisKind::UndefinedVariable { .. } | AnalysisKind::UndefinedMap { .. }
                    )
                )
            });
        }
    }

    /// Of names that stand in a C part with errors, it is not said that nothing defines them.
    pub(super) fn forget_what_hangs_on_broken_c(&mut self, c_items: &[CItem]) {
        if !self
            .list
            .iter()
            .any(|report| matches!(report.kind, Kind::C(_)))
        {
            return;
        }
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let words = c_items
            .iter()
            .flat_map(|item| item.text.split(|letter| !is_word(letter)));
        let words: HashSet<&str> = words.collect();
        self.list.retain(|report| match &report.kind {
            Kind::Analysis(
                AnalysisKind::UnknownIdentifier { name }
                | AnalysisKind::UnknownFunction { name }
                | AnalysisKind::UnknownType { name },
            ) => !name
                .split(|letter| !is_word(letter))
                .next_back()
                .is_some_and(|word| words.contains(word)),
            _ => true,
        });
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
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        if kept
            .iter()
            .filter(|diagnostic| is_error(diagnostic))
            .count()
            > MAX_ERRORS
        {
            kept.retain(is_error);
            kept.truncate(MAX_ERRORS);
            let last = kept.last().map_or(Span::default(), |last| last.span);
            let kind = Kind::Syntax(SyntaxKind::TooManyErrors);
            kept.push(Diagnostic::error(kind, last));
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
