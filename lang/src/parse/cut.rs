//! Tokens in, one [`Piece`] out: where a statement, a head or a predicate ends.

use super::piece::Piece;
use super::scan::{Token, TokenKind};
use super::split::Splitter;
use crate::diagnostic::kind::SyntaxKind;
use crate::source::Span;

/// Where a piece ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// At `;`, at the block's `}`, or at the `}` of `if`, `for`, `while`, `unroll`, `{`.
    Statement,
    /// At `;`.
    Semicolon,
    /// Before the `{` of a body.
    Body,
    /// At a `/` before the `{` of a body.
    Predicate,
}

/// What ended a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// `;`, which is read.
    Semicolon,
    /// The last `}` of a statement that needs no `;`, or the `/` of a predicate.
    Itself,
    /// A bracket of the surroundings, which is still to be read.
    Bracket,
    /// The end of the text.
    Text,
}

impl Splitter<'_> {
    /// Reads one piece; the next token is its first.
    pub(super) fn piece(&mut self, until: Until) -> (Piece, Ended) {
        let depth = self.depth;
        let first = self.scanner.peek();
        let mut walk = Walk::new(self.scanner.slice(first), first.start);
        let ended = loop {
            if let Some(ended) = self.step(until, &mut walk) {
                break ended;
            }
        };
        if ended == Ended::Text
            && let Some((open, at)) = walk.open.last()
        {
            self.unclosed(*open, *at);
            walk.piece.broken = true;
        }
        walk.piece.broken |= self.scanner.unclosed.is_some();
        self.depth = depth;
        (walk.piece, ended)
    }

    /// Reads one token, or one block, of a piece; says what ended the piece.
    fn step(&mut self, until: Until, walk: &mut Walk) -> Option<Ended> {
        let token = self.scanner.peek();
        let flat = walk.open.is_empty();
        match token.kind {
            TokenKind::End => return Some(Ended::Text),
            // `for ($i = 0; ...)`: one complaint about all of it.
            TokenKind::Semicolon if walk.is_for && walk.open.len() == 1 => {
                self.scanner.next();
            }
            TokenKind::Semicolon => {
                self.close_all(walk);
                if until == Until::Predicate {
                    return Some(Ended::Bracket);
                }
                self.scanner.next();
                return Some(Ended::Semicolon);
            }
            TokenKind::Open(b'{') => return self.brace(until, walk),
            TokenKind::Open(open) => {
                self.scanner.next();
                if !self.deeper(token) {
                    return Some(Ended::Text);
                }
                walk.open.push((open, token.start));
            }
            TokenKind::Close(b'}') => {
                self.close_all(walk);
                return Some(Ended::Bracket);
            }
            TokenKind::Close(close) => {
                self.scanner.next();
                self.close(close, token, walk);
            }
            TokenKind::Slash => {
                self.scanner.next();
                let ends = until == Until::Predicate
                    && flat
                    && self.scanner.peek().kind == TokenKind::Open(b'{');
                if ends {
                    return Some(Ended::Itself);
                }
            }
            TokenKind::Word | TokenKind::String | TokenKind::Sign(_) => {
                self.scanner.next();
                let text = self.scanner.slice(token);
                let nests = text == "?" || (text == "if" && walk.last_word != "else");
                walk.conditions |= text == "if";
                if nests && !self.deeper(token) {
                    return Some(Ended::Text);
                }
            }
        }
        walk.read(token);
        walk.last_word = match token.kind {
            TokenKind::Word => self.word_kind(token),
            _ => "",
        };
        None
    }

    /// Deals with a `{` in a piece.
    fn brace(&mut self, until: Until, walk: &mut Walk) -> Option<Ended> {
        let flat = walk.open.is_empty();
        let is_body = match until {
            Until::Body => flat,
            // `/ pid == 1 { ... }`: an operand cannot be followed by a block, so the `/` is missing.
            Until::Predicate => flat && walk.after_operand && !walk.conditions,
            Until::Statement | Until::Semicolon => false,
        };
        if is_body {
            return Some(Ended::Bracket);
        }
        let block = self.block();
        walk.piece.span.end = block.span.end;
        walk.piece.blocks.push(block);
        walk.piece.broken |= self.incomplete;
        walk.after_operand = true;
        // `if { .. } { .. }`: the first block is the condition.
        let is_condition = matches!(walk.last_word, "if" | "while" | "unroll");
        walk.last_word = "";
        if until != Until::Statement || !flat || !walk.ends_with_block || is_condition {
            return None;
        }
        let next = self.scanner.peek();
        let goes_on =
            walk.takes_else && next.kind == TokenKind::Word && self.scanner.slice(next) == "else";
        (!goes_on).then_some(Ended::Itself)
    }

    fn close(&mut self, close: u8, token: Token, walk: &mut Walk) {
        let wanted = if close == b')' { b'(' } else { b'[' };
        let Some(at) = walk.open.iter().rposition(|(open, _)| *open == wanted) else {
            self.unmatched(close, token);
            walk.piece.broken = true;
            return;
        };
        if let Some((open, start)) = walk.open.get(at + 1).copied() {
            self.error(
                SyntaxKind::Unclosed {
                    open: char::from(open),
                },
                Span::new(start, start + 1),
            );
            walk.piece.broken = true;
        }
        self.depth -= walk.open.len() - at;
        walk.open.truncate(at);
    }

    /// Complains about the brackets that are still open where the piece ends.
    fn close_all(&mut self, walk: &mut Walk) {
        if let Some((open, start)) = walk.open.last().copied() {
            let open = char::from(open);
            self.error(SyntaxKind::Unclosed { open }, Span::new(start, start + 1));
            walk.piece.broken = true;
            walk.open.clear();
        }
    }

    fn word_kind(&self, token: Token) -> &'static str {
        let text = self.scanner.slice(token);
        ["if", "else", "while", "unroll"]
            .into_iter()
            .find(|word| *word == text)
            .unwrap_or("")
    }
}

/// How far the reading of a piece has come.
struct Walk {
    piece: Piece,
    /// Brackets that are open, with their places.
    open: Vec<(u8, usize)>,
    /// The token before, if it is a word that matters here.
    last_word: &'static str,
    /// An operand has just ended.
    after_operand: bool,
    /// An `if` has been seen.
    conditions: bool,
    /// The statement needs no `;` after its block.
    ends_with_block: bool,
    /// The statement may go on with `else`.
    takes_else: bool,
    /// The statement is a loop over something.
    is_for: bool,
}

impl Walk {
    fn new(first: &str, start: usize) -> Self {
        Self {
            piece: Piece {
                span: Span::new(start, start),
                ..Piece::default()
            },
            open: Vec::new(),
            last_word: "",
            after_operand: false,
            conditions: false,
            ends_with_block: matches!(first, "if" | "for" | "while" | "unroll" | "{"),
            takes_else: first == "if",
            is_for: first == "for",
        }
    }

    fn read(&mut self, token: Token) {
        self.piece.span.end = token.end as u32;
        self.after_operand = matches!(
            token.kind,
            TokenKind::Word | TokenKind::String | TokenKind::Close(_)
        );
    }
}
