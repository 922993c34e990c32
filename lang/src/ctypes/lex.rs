//! Text of the C part in, tokens out. Comments and line continuations are dropped here.

use crate::source::Span;

/// A token and where it stands; tokens of included files stand at the `#include`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Word(String),
    Integer(i64),
    String(Vec<u8>),
    /// One or two characters.
    Punct(&'static str),
    /// A character that C does not know.
    Unknown(char),
}

impl Token {
    pub(super) fn is(&self, punct: &str) -> bool {
        matches!(&self.kind, TokenKind::Punct(p) if *p == punct)
    }

    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// Longest first.
const PUNCTS: [&str; 34] = [
    "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "##", "->", "{", "}", "(", ")", "[", "]", ";",
    ",", ":", "?", "*", "+", "-", "/", "%", "&", "|", "^", "~", "!", "<", ">", "=", "#",
];

/// Cuts a text into tokens. `place` tells where a byte range of the text stands in the script.
pub(super) fn tokens(text: &str, place: impl Fn(usize, usize) -> Span) -> Vec<Token> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let rest = &text[at..];
        let first = bytes[at];
        let kind = if first.is_ascii_whitespace() || first == b'\\' {
            at += 1;
            continue;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            continue;
        } else if first.is_ascii_alphabetic() || first == b'_' {
            at += rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            TokenKind::Word(text[start..at].to_owned())
        } else if first.is_ascii_digit() {
            at += rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            match integer(&text[start..at]) {
                Some(value) => TokenKind::Integer(value),
                None => TokenKind::Unknown(char::from(first)),
            }
        } else if first == b'"' || first == b'\'' {
            let (content, length) = quoted(bytes, at);
            at += length;
            if first == b'"' {
                TokenKind::String(content)
            } else {
                TokenKind::Integer(
                    content
                        .iter()
                        .fold(0, |value, byte| value << 8 | i64::from(*byte)),
                )
            }
        } else if let Some(punct) = PUNCTS.iter().find(|punct| rest.starts_with(**punct)) {
            at += punct.len();
            TokenKind::Punct(punct)
        } else {
            let c = rest.chars().next().unwrap_or('\0');
            at += c.len_utf8();
            TokenKind::Unknown(c)
        };
        out.push(Token {
            kind,
            span: place(start, at),
        });
    }
    out
}

/// C's integer literals, suffixes ignored.
fn integer(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(['u', 'U', 'l', 'L']);
    let value = if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        u64::from_str_radix(hex, 16)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        u64::from_str_radix(binary, 2)
    } else if digits.len() > 1 && digits.starts_with('0') {
        u64::from_str_radix(&digits[1..], 8)
    } else {
        digits.parse()
    };
    // Literals above the signed range keep their bits.
    value.ok().map(|value| value as i64)
}

/// The bytes between quotes, escapes resolved, and the length of it all in the text.
fn quoted(bytes: &[u8], start: usize) -> (Vec<u8>, usize) {
    let quote = bytes[start];
    let mut content = Vec::new();
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let escaped = bytes.get(at).copied().unwrap_or(b'\\');
                at += 1;
                content.push(match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'0' => 0,
                    other => other,
                });
            }
            _ if byte == quote || byte == b'\n' => break,
            _ => content.push(byte),
        }
    }
    (content, at.min(bytes.len()) - start)
}
