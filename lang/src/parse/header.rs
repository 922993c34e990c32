//! The parts of a script that follow rules of their own: attach points, in which `/` may be a path or
//! begin the predicate, and C, which is kept as text.

use super::scan::{TokenKind, is_word};
use super::split::Splitter;
use crate::diagnostic::kind::SyntaxKind;
use crate::source::Span;

/// What follows the attach points of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderEnd {
    /// `{` is the next token.
    Body,
    /// A predicate, whose `/` stands here.
    Predicate(usize),
    /// Neither; complained about.
    Missing,
}

impl Splitter<'_> {
    /// Reads attach points from `start` to the `/` of the predicate or the `{` of the action.
    pub(super) fn header(&mut self, start: usize) -> (Span, HeaderEnd) {
        let mut at = start;
        let mut before = b' ';
        let mut part_start = b' ';
        let ended = loop {
            let byte = self.scanner.byte(at);
            if before == b':' || before.is_ascii_whitespace() || before == b',' {
                part_start = byte;
            }
            let opens_word = before.is_ascii_whitespace() || before == b',' || at == start;
            let next = match byte {
                0 if at >= self.scanner.text().len() => break HeaderEnd::Missing,
                b'{' => break HeaderEnd::Body,
                b'}' | b';' => break HeaderEnd::Missing,
                b'"' => at + self.scanner.string_len(at),
                b'/' if opens_word && matches!(self.scanner.byte(at + 1), b'/' | b'*') => {
                    before = b' ';
                    at = self.scanner.comment(at);
                    continue;
                }
                b'/' => match self.path_end(at, before, part_start) {
                    Some(end) => end,
                    None => break HeaderEnd::Predicate(at),
                },
                _ => at + 1,
            };
            before = byte;
            at = next;
        };
        let span = Span::new(
            start,
            start + self.scanner.text()[start..at].trim_end().len(),
        );
        self.scanner.seek(at);
        if ended == HeaderEnd::Missing {
            self.missing_action(span, at);
        }
        (span, ended)
    }

    fn missing_action(&mut self, span: Span, at: usize) {
        if at >= self.scanner.text().len() {
            if self.scanner.unclosed.is_none() {
                self.error(SyntaxKind::MissingAction, span);
            }
            self.incomplete = true;
            return;
        }
        if span.start == span.end {
            let found = super::expect::found(self.scanner.text(), at);
            let expected = vec!["a probe"];
            self.error(
                SyntaxKind::Unexpected { found, expected },
                Span::new(at, at + 1),
            );
        } else {
            self.error(SyntaxKind::MissingAction, span);
        }
        self.scanner.seek(at + 1);
    }

    /// Where the path ends that goes on with the `/` at `at`; none if the `/` begins a predicate.
    fn path_end(&self, at: usize, before: u8, part_start: u8) -> Option<usize> {
        let rest = self.scanner.text().as_bytes().get(at..)?;
        let len = rest.iter().take_while(|byte| is_path(**byte)).count();
        let reaches_colon = rest.get(len) == Some(&b':');
        let in_path = before == b':' || (reaches_colon && !before.is_ascii_whitespace());
        let relative = part_start == b'.' && !before.is_ascii_whitespace();
        (in_path || relative).then_some(at + len.max(1))
    }

    /// Reads `#include ...` and the like, with the lines that backslashes add.
    pub(super) fn preprocessor_line(&mut self) -> Span {
        let start = self.scanner.next().start;
        let text = self.scanner.text();
        let mut at = start;
        while at < text.len() && self.scanner.byte(at) != b'\n' {
            at += match (self.scanner.byte(at), self.scanner.byte(at + 1)) {
                (b'\\', b'\r') if self.scanner.byte(at + 2) == b'\n' => 3,
                (b'\\', b'\n') => 2,
                (b'/', b'*') => text[at + 2..].find("*/").map_or(2, |len| len + 4),
                _ => 1,
            };
        }
        let end = at.min(text.len());
        self.scanner.seek(end);
        Span::new(start, start + text[start..end].trim_end().len())
    }

    /// Reads `struct x { ... };` and the like, with its attributes.
    pub(super) fn c_declaration(&mut self) -> Span {
        // Its comments are part of its text.
        let comments = self.scanner.comments.len();
        let first = self.scanner.next();
        let is_typedef = self.scanner.slice(first) == "typedef";
        let mut end = first.end;
        let mut open = Vec::new();
        let mut after_body = false;
        loop {
            let token = self.scanner.peek();
            let flat = open.is_empty();
            match token.kind {
                TokenKind::End => {
                    if flat && !after_body {
                        self.expected(token, "`;`");
                        self.incomplete = true;
                    }
                    break;
                }
                TokenKind::Semicolon if flat => {
                    end = self.scanner.next().end;
                    break;
                }
                TokenKind::Word if flat && after_body && !self.is_attribute(token.start) => break,
                TokenKind::Sign(b'#') if flat && after_body => break,
                TokenKind::Open(bracket) => open.push((bracket, token.start)),
                TokenKind::Close(bracket) => {
                    if flat {
                        break;
                    }
                    open.pop();
                    after_body |= open.is_empty() && bracket == b'}' && !is_typedef;
                }
                _ => {}
            }
            end = self.scanner.next().end;
        }
        self.scanner.comments.truncate(comments);
        if let Some((bracket, start)) = open.first() {
            let kind = SyntaxKind::Unclosed {
                open: char::from(*bracket),
            };
            self.error(kind, Span::new(*start, start + 1));
            self.incomplete = true;
        }
        Span::new(first.start, end)
    }

    fn is_attribute(&self, at: usize) -> bool {
        self.scanner.text()[at..].starts_with("__attribute__")
    }
}

fn is_path(byte: u8) -> bool {
    is_word(byte) || b"/._-+#*[]@!$~%".contains(&byte)
}
