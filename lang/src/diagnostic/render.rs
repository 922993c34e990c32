//! Diagnostic in, text out, laid out as bpftrace does:
//!
//! ```text
//! NAME:LINE:COLUMN-COLUMN: ERROR: what is wrong
//! begin { prin("x"); }
//!         ~~~~
//! HINT: how to mend it
//! ```
//!
//! Columns count characters from one; the second is one past the marked text. A place of several lines
//! is `NAME:LINE-LINE` with its lines and no marks.

use super::{Diagnostic, Kind, Label, Severity, is_invisible};
use crate::source::{Source, Span};
use std::borrow::Cow;

/// Whether terminal colors are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// ANSI colors.
    Colored,
}

/// Lines longer than this are cut around the marked text.
const LONGEST_LINE: usize = 200;
/// What is left of them, in characters.
const WINDOW: usize = 120;
/// Characters kept before the marked text of a line that is cut.
const LEAD: usize = 40;
/// Of a place of more lines, only so many are shown.
const MOST_LINES: usize = 8;
/// Longer words of a message are cut.
const LONGEST_WORD: usize = 256;
const TAB: &str = "    ";

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

/// The text of a place that explains another, with a line break at its end.
pub fn label(label: &Label, severity: Severity, source: &Source, style: Style) -> String {
    let (word, color) = word(severity);
    let mut renderer = Renderer {
        out: String::new(),
        source,
        style,
    };
    renderer.place(label.span, word, color, &label.text);
    renderer.out
}

fn word(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("ERROR", RED),
        Severity::Warning => ("WARNING", YELLOW),
    }
}

/// The text of a diagnostic, with a line break at its end.
pub fn render(diagnostic: &Diagnostic, source: &Source, style: Style) -> String {
    let (word, color) = word(diagnostic.severity);
    let mut renderer = Renderer {
        out: String::new(),
        source,
        style,
    };
    let message = diagnostic.kind.message();
    let fatal = match &diagnostic.kind {
        Kind::C(problem) => problem.fatal_place(),
        _ => None,
    };
    match fatal {
        Some(place) => renderer.fatal(&place, diagnostic.span, color, &message),
        None => renderer.place(diagnostic.span, word, color, &message),
    }
    for label in &diagnostic.labels {
        renderer.place(label.span, word, color, &label.text);
    }
    if let Some(hint) = &diagnostic.hint {
        renderer.paint(CYAN, "HINT: ");
        renderer.out.push_str(hint);
        renderer.out.push('\n');
    }
    renderer.out
}

/// The texts of several diagnostics, one after the other.
pub fn render_all<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    source: &Source,
    style: Style,
) -> String {
    diagnostics
        .into_iter()
        .map(|diagnostic| render(diagnostic, source, style))
        .collect()
}

/// The message with words that nobody reads to their end cut.
fn shortened(message: &str) -> Cow<'_, str> {
    if message.split(' ').all(|word| word.len() <= LONGEST_WORD) {
        return Cow::Borrowed(message);
    }
    let words = message.split(' ').map(|word| {
        if word.len() <= LONGEST_WORD {
            return Cow::Borrowed(word);
        }
        let start: String = word.chars().take(WINDOW).collect();
        Cow::Owned(start + "...")
    });
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

struct Renderer<'s> {
    out: String,
    source: &'s Source,
    style: Style,
}

impl Renderer<'_> {
    fn place(&mut self, span: Span, word: &str, color: &str, message: &str) {
        let message = &shortened(message);
        if span == Span::NOWHERE {
            self.paint(color, &format!("{word}: "));
            self.out.push_str(message);
            self.out.push('\n');
            return;
        }
        let span = self.trimmed(span);
        let name = self.source.name_at(span.start);
        let first = self.source.position(span.start);
        let last = self.source.position(span.end.max(span.start));
        let place = if first.line == last.line {
            let end = last.column.max(first.column + 1);
            format!("{}:{first}-{end}: ", name)
        } else {
            format!("{}:{}-{}: ", name, first.line, last.line)
        };
        self.paint(BOLD, &place);
        self.paint(color, &format!("{word}: "));
        self.out.push_str(message);
        self.out.push('\n');
        if first.line == last.line {
            let end = last.column.max(first.column + 1);
            self.marked_line(span, first.line, first.column - 1, end - 1, color);
            return;
        }
        let shown = (last.line - first.line + 1).min(MOST_LINES);
        for line in (first.line..).take(shown) {
            self.marked_line(span, line, 0, 0, color);
        }
        if shown < last.line - first.line + 1 {
            self.out.push_str("...\n");
        }
    }

    /// An error with the place and the words of a C compiler.
    fn fatal(&mut self, place: &str, span: Span, color: &str, message: &str) {
        self.paint(BOLD, place);
        self.paint(color, "fatal error: ");
        self.out.push_str(message);
        self.out.push('\n');
        let span = self.trimmed(span);
        let first = self.source.position(span.start);
        let last = self.source.position(span.end);
        self.marked_line(span, first.line, first.column - 1, last.column - 1, color);
    }

    /// A line of the file that a place is in and, under it, marks from one character to another.
    fn marked_line(&mut self, place: Span, line: usize, start: usize, end: usize, color: &str) {
        let text = self.source.line(place.start, line);
        let mut shown = String::new();
        let mut marks = String::new();
        // Only lines that are long enough are counted to the end.
        let is_long = text.len() > LONGEST_LINE && text.chars().count() > LONGEST_LINE;
        let from = if is_long {
            start.saturating_sub(LEAD)
        } else {
            0
        };
        let to = if is_long { from + WINDOW } else { usize::MAX };
        if from > 0 {
            shown.push_str("...");
            marks.push_str("   ");
        }
        for (at, character) in text.chars().enumerate().skip(from) {
            if at >= to {
                shown.push_str("...");
                break;
            }
            let mark = if (start..end).contains(&at) { '~' } else { ' ' };
            if character == '\t' {
                shown.push_str(TAB);
                marks.extend(TAB.chars().map(|_| mark));
            } else {
                shown.push(if is_invisible(character) {
                    '\u{fffd}'
                } else {
                    character
                });
                marks.push(mark);
            }
        }
        // Behind the last character, where something is missing.
        if end > start && !marks.contains('~') {
            marks.push('~');
        }
        if shown.is_empty() {
            return;
        }
        self.out.push_str(&shown);
        self.out.push('\n');
        let marks = marks.trim_end();
        if !marks.is_empty() {
            let indent = marks.len() - marks.trim_start().len();
            self.out.push_str(&marks[..indent]);
            self.paint(color, &marks[indent..]);
            self.out.push('\n');
        }
    }

    /// The span without white space at its end, so that it does not reach into the next line.
    fn trimmed(&self, span: Span) -> Span {
        let text = self.source.slice(span);
        let len = text.trim_end().len();
        match len {
            0 => Span {
                start: span.start,
                end: span.start,
            },
            len => Span::new(span.start as usize, span.start as usize + len),
        }
    }

    fn paint(&mut self, color: &str, text: &str) {
        match self.style {
            Style::Plain => self.out.push_str(text),
            Style::Colored => {
                self.out.push_str(color);
                self.out.push_str(text);
                self.out.push_str(RESET);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Kind;

    fn unsupported(span: Span) -> Diagnostic {
        let what = "this".to_owned();
        Diagnostic::error(Kind::NotSupported { what }, span)
    }

    #[test]
    fn marks_the_place() {
        let source = Source::new("stdin", "begin {\n\terrorf(\"ä\");\n}");
        let diagnostic = unsupported(Span::new(9, 21))
            .with_label(Span::new(0, 5), "expanded from")
            .with_hint("leave it out");
        assert_eq!(
            render(&diagnostic, &source, Style::Plain),
            "stdin:2:2-13: ERROR: this is not supported yet\n    \
             errorf(\"ä\");\n    \
             ~~~~~~~~~~~\n\
             stdin:1:1-6: ERROR: expanded from\n\
             begin {\n\
             ~~~~~\n\
             HINT: leave it out\n"
        );
    }

    #[test]
    fn several_lines_have_no_marks() {
        let source = Source::new("a.bt", "begin {\n}\n");
        let text = render(&unsupported(Span::new(0, 10)), &source, Style::Plain);
        assert_eq!(
            text,
            "a.bt:1-2: ERROR: this is not supported yet\nbegin {\n}\n"
        );
    }

    #[test]
    fn long_lines_are_cut() {
        let script = format!("{}X{}", "a".repeat(5000), "b".repeat(5000));
        let source = Source::new("s", script);
        let text = render(&unsupported(Span::new(5000, 5001)), &source, Style::Plain);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "s:1:5001-5002: ERROR: this is not supported yet");
        assert_eq!(lines[1].len(), WINDOW + 6);
        assert_eq!(lines[1].find('X'), lines[2].find('~'));
    }

    #[test]
    fn the_end_of_the_text_can_be_marked() {
        let source = Source::new("s", "begin");
        let text = render(&unsupported(Span::new(5, 5)), &source, Style::Plain);
        assert_eq!(
            text,
            "s:1:6-7: ERROR: this is not supported yet\nbegin\n     ~\n"
        );
    }

    #[test]
    fn colors_on_demand() {
        let source = Source::new("s", "x");
        let text = render(&unsupported(Span::new(0, 1)), &source, Style::Colored);
        assert!(text.contains("\x1b[31mERROR: \x1b[0m"), "{text:?}");
    }
}
