//! Script text in, coarse tokens out: just what is needed to find where pieces end (brackets, strings,
//! comments, words). Never fails; what is inside a piece is the grammar's business.

use crate::ast::Comment;
use crate::diagnostic::kind::SyntaxKind;
use crate::source::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word or number, with its sigil.
    Word,
    /// A string with its quotes.
    String,
    /// `(`, `[`, `{`
    Open(u8),
    /// `)`, `]`, `}`
    Close(u8),
    /// `;`
    Semicolon,
    /// `/`
    Slash,
    /// Any other sign, one byte or one character beyond ASCII.
    Sign(u8),
    /// The end of the text.
    End,
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn span(self) -> Span {
        Span::new(self.start, self.end)
    }
}

/// Reads tokens one after the other and keeps the comments between them.
pub(super) struct Scanner<'s> {
    text: &'s str,
    at: usize,
    peeked: Option<Token>,
    pub(super) comments: Vec<Comment>,
    /// The string or comment that the text ends in.
    pub(super) unclosed: Option<(SyntaxKind, Span)>,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self {
            text,
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            peeked: None,
            comments: Vec::new(),
            unclosed: None,
        }
    }

    pub(super) fn text(&self) -> &'s str {
        self.text
    }

    pub(super) fn slice(&self, token: Token) -> &'s str {
        &self.text[token.start..token.end]
    }

    /// The byte at an offset, 0 past the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The first byte at or after an offset that is no white space.
    pub(super) fn byte_after_space(&self, at: usize) -> u8 {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.iter()
            .copied()
            .find(|byte| !byte.is_ascii_whitespace())
            .unwrap_or(0)
    }

    pub(super) fn peek(&mut self) -> Token {
        match self.peeked {
            Some(token) => token,
            None => {
                let token = self.scan();
                self.peeked = Some(token);
                token
            }
        }
    }

    pub(super) fn next(&mut self) -> Token {
        match self.peeked.take() {
            Some(token) => token,
            None => self.scan(),
        }
    }

    /// Goes on at `offset`, which is not before the token last looked at.
    pub(super) fn seek(&mut self, offset: usize) {
        self.peeked = None;
        self.at = offset;
    }

    fn scan(&mut self) -> Token {
        self.skip_trivia();
        let start = self.at;
        let (kind, len) = match self.byte(start) {
            0 if start >= self.text.len() => (TokenKind::End, 0),
            b'"' => (TokenKind::String, self.string_len(start)),
            byte @ (b'(' | b'[' | b'{') => (TokenKind::Open(byte), 1),
            byte @ (b')' | b']' | b'}') => (TokenKind::Close(byte), 1),
            b';' => (TokenKind::Semicolon, 1),
            b'/' => (TokenKind::Slash, 1),
            b'$' | b'@' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                let rest = &self.text.as_bytes()[start + 1..];
                let more = rest.iter().take_while(|byte| is_word(**byte)).count();
                (TokenKind::Word, 1 + more)
            }
            byte => {
                let len = self.text[start..].chars().next().map_or(1, char::len_utf8);
                (TokenKind::Sign(byte), len)
            }
        };
        self.at = start + len;
        Token {
            kind,
            start,
            end: self.at,
        }
    }

    fn skip_trivia(&mut self) {
        loop {
            match self.byte(self.at) {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => self.at += 1,
                b'/' if matches!(self.byte(self.at + 1), b'/' | b'*') => {
                    self.at = self.comment(self.at)
                }
                _ => return,
            }
        }
    }

    /// Keeps the comment that starts at `start`; its end.
    pub(super) fn comment(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            match rest[2..].find("*/") {
                Some(at) => at + 4,
                None => {
                    self.unclosed =
                        Some((SyntaxKind::UnclosedComment, Span::new(start, start + 2)));
                    rest.len()
                }
            }
        };
        let end = start + len;
        self.comments.push(Comment {
            text: self.text[start..end].trim_end().to_owned(),
            span: Span::new(start, end),
        });
        end
    }

    /// The length of the string that starts at `start`, to the end of the text if it is never closed.
    pub(super) fn string_len(&mut self, start: usize) -> usize {
        let bytes = &self.text.as_bytes()[start..];
        let mut at = 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.unclosed = Some((SyntaxKind::UnclosedString, Span::new(start, start + 1)));
        bytes.len()
    }
}

/// Whether a byte can stand inside a word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
