//! A piece of the script that the grammar reads alone, and the way back from its text to the script's.
//!
//! Comments are taken out of a piece, and so is what stands inside the braces of its blocks: those
//! are pieces of their own. So every byte of a script is read by the grammar once.

use std::borrow::Cow;

use crate::ast::Comment;
use crate::source::Span;

/// What the splitter made of a text.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) shebang: Option<Span>,
    pub(super) c_items: Vec<Span>,
    pub(super) items: Vec<RawItem>,
}

/// A top-level item, cut into pieces.
#[derive(Debug)]
pub(super) enum RawItem {
    /// `config = { ... }`: each entry is a statement of the block.
    Config { span: Span, body: RawBlock },
    /// `import "x";`
    Import { span: Span, piece: Piece },
    /// `let @m = hash(1);`
    MapDecl { span: Span, piece: Piece },
    /// `macro m(...) { ... }`
    Macro { head: Piece, body: RawBlock },
    /// `fn f(...) : t { ... }`
    Subprogram { head: Piece, body: RawBlock },
    /// A probe.
    Probe {
        head: Piece,
        predicate: Option<Piece>,
        body: RawBlock,
    },
    /// A block that belongs to nothing: read only for the errors in it.
    Stray(RawBlock),
}

/// A block, cut at its statements.
#[derive(Debug, Default)]
pub(super) struct RawBlock {
    pub(super) span: Span,
    pub(super) stmts: Vec<RawStmt>,
}

/// A statement.
#[derive(Debug)]
pub(super) struct RawStmt {
    pub(super) piece: Piece,
    /// A `;` follows.
    pub(super) terminated: bool,
}

/// A range of the script, without its surrounding white space.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) span: Span,
    /// The blocks in it, in order.
    pub(super) blocks: Vec<RawBlock>,
    /// Its brackets do not match, which has been complained about: the grammar does not see it.
    pub(super) broken: bool,
}

/// The text of a piece as the grammar sees it.
pub(super) struct PieceText<'s> {
    pub(super) text: Cow<'s, str>,
    /// Where each uncut run starts: in `text`, in the script.
    runs: Vec<(usize, usize)>,
    /// Where the piece starts in the script.
    start: usize,
}

impl<'s> PieceText<'s> {
    /// Cuts comments and the insides of blocks out of a piece.
    pub(super) fn new(piece: &Piece, script: &'s str, comments: &[Comment]) -> Self {
        let (start, end) = (piece.span.start as usize, piece.span.end as usize);
        let mut this = Self {
            text: Cow::Borrowed(""),
            runs: Vec::new(),
            start,
        };
        let mut at = start;
        let mut blocks = piece.blocks.iter();
        let mut block = blocks.next();
        let mut next_comment =
            comments.partition_point(|comment| (comment.span.start as usize) < start);
        while at < end {
            let comment = comments
                .get(next_comment)
                .filter(|comment| (comment.span.start as usize) < end);
            let comment_start = comment.map_or(end, |comment| comment.span.start as usize);
            match (block, comment) {
                (Some(hole), _) if (hole.span.start as usize) < comment_start => {
                    this.push(script, at, hole.span.start as usize + 1);
                    at = (hole.span.end as usize).saturating_sub(1).max(at);
                    next_comment += comments[next_comment..]
                        .partition_point(|comment| (comment.span.start as usize) < at);
                    block = blocks.next();
                }
                (_, Some(comment)) => {
                    this.push(script, at, comment_start);
                    this.text.to_mut().push(' ');
                    at = comment.span.end as usize;
                    next_comment += 1;
                }
                (_, None) => {
                    this.push(script, at, end);
                    at = end;
                }
            }
        }
        this
    }

    fn push(&mut self, script: &'s str, from: usize, to: usize) {
        if from >= to {
            return;
        }
        self.runs.push((self.text.len(), from));
        let run = &script[from..to];
        if self.text.is_empty() {
            self.text = Cow::Borrowed(run);
        } else {
            self.text.to_mut().push_str(run);
        }
    }

    /// The place in the script of a byte of the text.
    pub(super) fn offset(&self, at: usize) -> usize {
        let after = self.runs.partition_point(|(start, _)| *start <= at);
        match after.checked_sub(1).and_then(|run| self.runs.get(run)) {
            Some((start, origin)) => origin + (at - start),
            None => self.start + at,
        }
    }

    /// The place in the script of a range of the text.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        if start >= end {
            let at = self.offset(start);
            return Span::new(at, at);
        }
        Span::new(self.offset(start), self.offset(end - 1) + 1)
    }
}
