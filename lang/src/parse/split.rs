//! Script text in, its outline out: top-level items, and inside blocks statements, each a [`Piece`] that
//! the grammar reads alone. So one error hides no other. Brackets, strings, comments and nesting are
//! settled here; what the pieces say is left to the grammar.

use super::cut::{Ended, Until};
use super::header::HeaderEnd;
use super::piece::{Outline, Piece, RawBlock, RawItem, RawStmt};
use super::scan::{Scanner, Token, TokenKind};
use crate::ast::Comment;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::kind::{Kind, SyntaxKind};
use crate::source::Span;

/// Brackets, blocks and conditions stand in each other at most so deeply.
pub(super) const MAX_NESTING: usize = 256;

/// Cuts a script into pieces.
pub(super) struct Splitter<'s> {
    pub(super) scanner: Scanner<'s>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) incomplete: bool,
    /// Brackets, blocks and conditions that are open.
    pub(super) depth: usize,
    /// Nesting was too deep: nothing after it is read.
    stopped: bool,
}

/// What splitting gave.
pub(super) struct Split {
    pub(super) outline: Outline,
    pub(super) comments: Vec<Comment>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) incomplete: bool,
    pub(super) stopped: bool,
}

/// Cuts a script into pieces.
pub(super) fn split(text: &str) -> Split {
    let mut splitter = Splitter {
        scanner: Scanner::new(text),
        diagnostics: Vec::new(),
        incomplete: false,
        depth: 0,
        stopped: false,
    };
    let outline = splitter.outline();
    splitter.report_unclosed();
    Split {
        outline,
        comments: splitter.scanner.comments,
        diagnostics: splitter.diagnostics,
        incomplete: splitter.incomplete,
        stopped: splitter.stopped,
    }
}

impl Splitter<'_> {
    fn outline(&mut self) -> Outline {
        let mut outline = Outline::default();
        let text = self.scanner.text();
        let start = text.len() - text.trim_start_matches('\u{feff}').len();
        if text[start..].starts_with("#!") {
            let end = text.find('\n').unwrap_or(text.len());
            outline.shebang = Some(Span::new(start, start + text[start..end].trim_end().len()));
            self.scanner.seek(end);
        }
        loop {
            let token = self.scanner.peek();
            match token.kind {
                TokenKind::End => return outline,
                TokenKind::Semicolon => {
                    self.scanner.next();
                }
                TokenKind::Sign(b'#') => outline.c_items.push(self.preprocessor_line()),
                TokenKind::Close(close) => {
                    self.scanner.next();
                    self.unmatched(close, token);
                }
                TokenKind::Open(b'{') => {
                    self.error(SyntaxKind::MissingAttachPoint, token.span());
                    outline.items.push(RawItem::Stray(self.block()));
                }
                TokenKind::Word if is_c_word(self.scanner.slice(token)) => {
                    outline.c_items.push(self.c_declaration());
                }
                _ => outline.items.extend(self.item(token)),
            }
        }
    }

    fn item(&mut self, first: Token) -> Option<RawItem> {
        let word = self.scanner.slice(first);
        let following = self.scanner.byte_after_space(first.end);
        match word {
            "config" if following == b'=' => self.config(first),
            "import" if following == b'"' => {
                let (piece, _) = self.piece(Until::Semicolon);
                let span = piece.span;
                Some(RawItem::Import { span, piece })
            }
            "let" => {
                let (piece, _) = self.piece(Until::Semicolon);
                let span = piece.span;
                Some(RawItem::MapDecl { span, piece })
            }
            "macro" if is_name_start(following) => {
                let (head, body) = self.head_and_body()?;
                Some(RawItem::Macro { head, body })
            }
            "fn" if is_name_start(following) => {
                let (head, body) = self.head_and_body()?;
                Some(RawItem::Subprogram { head, body })
            }
            _ => self.probe(first.start),
        }
    }

    fn config(&mut self, first: Token) -> Option<RawItem> {
        self.scanner.next();
        self.scanner.next();
        let open = self.scanner.peek();
        if open.kind != TokenKind::Open(b'{') {
            self.expected(open, "`{`");
            return None;
        }
        let body = self.block();
        let span = first.span().to(body.span);
        Some(RawItem::Config { span, body })
    }

    fn head_and_body(&mut self) -> Option<(Piece, RawBlock)> {
        let (head, ended) = self.piece(Until::Body);
        let next = self.scanner.peek();
        if ended != Ended::Bracket || next.kind != TokenKind::Open(b'{') {
            if !head.broken {
                self.incomplete |= next.kind == TokenKind::End;
                self.expected(next, "`{`");
            }
            return None;
        }
        let body = self.block();
        Some((head, body))
    }

    fn probe(&mut self, start: usize) -> Option<RawItem> {
        let (span, ended) = self.header(start);
        let head = Piece {
            span,
            ..Piece::default()
        };
        let mut predicate = None;
        match ended {
            HeaderEnd::Missing => return None,
            HeaderEnd::Body => {}
            HeaderEnd::Predicate(slash) => {
                self.scanner.seek(slash + 1);
                let (piece, ended) = self.piece(Until::Predicate);
                let next = self.scanner.peek();
                if ended != Ended::Itself && !piece.broken {
                    self.incomplete |= next.kind == TokenKind::End;
                    self.error(SyntaxKind::UnclosedPredicate, Span::new(slash, slash + 1));
                }
                if next.kind != TokenKind::Open(b'{') {
                    return None;
                }
                predicate = Some(piece);
            }
        }
        let body = self.block();
        Some(RawItem::Probe {
            head,
            predicate,
            body,
        })
    }

    /// Reads `{ ... }`; the next token is the `{`.
    pub(super) fn block(&mut self) -> RawBlock {
        let open = self.scanner.next();
        let mut block = RawBlock {
            span: open.span(),
            stmts: Vec::new(),
        };
        if !self.deeper(open) {
            return block;
        }
        loop {
            let token = self.scanner.peek();
            match token.kind {
                TokenKind::Close(b'}') => {
                    self.scanner.next();
                    block.span.end = token.end as u32;
                    break;
                }
                TokenKind::End => {
                    self.unclosed(b'{', open.start);
                    block.span.end = token.end as u32;
                    break;
                }
                TokenKind::Close(close) => {
                    self.scanner.next();
                    self.unmatched(close, token);
                }
                TokenKind::Semicolon => {
                    self.scanner.next();
                    if let Some(last) = block.stmts.last_mut() {
                        last.terminated = true;
                    }
                }
                _ => {
                    let (piece, ended) = self.piece(Until::Statement);
                    block.stmts.push(RawStmt {
                        piece,
                        terminated: ended == Ended::Semicolon,
                    });
                }
            }
        }
        self.depth -= 1;
        block
    }

    /// One level deeper; false if that is too deep.
    pub(super) fn deeper(&mut self, token: Token) -> bool {
        self.depth += 1;
        if self.depth > MAX_NESTING && !self.stopped {
            self.error(SyntaxKind::TooDeep { limit: MAX_NESTING }, token.span());
            self.stopped = true;
            self.scanner.seek(self.scanner.text().len());
        }
        !self.stopped
    }

    /// Complains that the text ends with a bracket open; once.
    pub(super) fn unclosed(&mut self, open: u8, start: usize) {
        let reported = self.incomplete || self.stopped || self.scanner.unclosed.is_some();
        if !reported {
            let open = char::from(open);
            self.error(SyntaxKind::Unclosed { open }, Span::new(start, start + 1));
        }
        self.incomplete |= !self.stopped;
    }

    fn report_unclosed(&mut self) {
        if let Some((kind, span)) = self.scanner.unclosed.take() {
            self.incomplete = true;
            self.error(kind, span);
        }
    }

    pub(super) fn unmatched(&mut self, close: u8, token: Token) {
        let close = char::from(close);
        self.error(SyntaxKind::Unmatched { close }, token.span());
    }

    pub(super) fn expected(&mut self, token: Token, what: &'static str) {
        if self.scanner.unclosed.is_some() || self.stopped {
            return;
        }
        let found = super::expect::found(self.scanner.text(), token.start);
        let kind = SyntaxKind::Unexpected {
            found,
            expected: vec![what],
        };
        self.error(kind, token.span());
    }

    pub(super) fn error(&mut self, kind: SyntaxKind, span: Span) {
        if !self.stopped {
            self.diagnostics
                .push(Diagnostic::error(Kind::Syntax(kind), span));
        }
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_c_word(word: &str) -> bool {
    matches!(word, "struct" | "union" | "enum" | "typedef")
}
