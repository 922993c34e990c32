//! Pieces in, syntax tree out: each piece goes through the grammar, and what pest says about it becomes
//! nodes with places in the script. A pest `Pair` never leaves this folder.

mod expr;
mod item;
mod operator;
mod stmt;
mod types;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::expect;
use super::grammar::{Grammar, Rule};
use super::piece::{Outline, Piece, PieceText};
use crate::ast::{Block, CItem, Comment, Ident, Script};
use crate::diagnostic::kind::SyntaxKind;
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::{Source, Span};

/// Trees are at most so deep, so that passes may walk them recursively.
const MAX_DEPTH: usize = 320;

/// Makes the tree of a script.
pub(super) fn script(
    source: &Source,
    outline: &Outline,
    comments: Vec<Comment>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Script {
    let builder = Builder {
        text: source.text(),
        comments: &comments,
        diagnostics: RefCell::new(Vec::new()),
    };
    let items = outline
        .items
        .iter()
        .filter_map(|item| builder.item(item))
        .collect();
    diagnostics.extend(builder.diagnostics.into_inner());
    let c_items = outline.c_items.iter().map(|span| CItem {
        text: source.slice(*span).to_owned(),
        span: *span,
    });
    Script {
        shebang: outline.shebang,
        c_items: c_items.collect(),
        items,
        comments,
        incomplete: false,
    }
}

/// What all pieces of a script share.
struct Builder<'s> {
    text: &'s str,
    comments: &'s [Comment],
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'s> Builder<'s> {
    /// Has the grammar read a piece as `rule`, and makes something of the pairs. None if the grammar does
    /// not know it, which is complained about. The blocks in it are read before, each for itself.
    fn read<T>(
        &self,
        piece: &Piece,
        rule: Rule,
        end: &'static str,
        make: impl FnOnce(&Reader<'_, 's>, Pairs<'_, Rule>) -> T,
    ) -> Option<T> {
        let blocks = piece
            .blocks
            .iter()
            .map(|block| (block.span.start, self.block(block)));
        let blocks = RefCell::new(blocks.collect());
        if piece.broken {
            return None;
        }
        let text = PieceText::new(piece, self.text, self.comments);
        match Grammar::parse(rule, &text.text) {
            Ok(pairs) => {
                let reader = Reader {
                    builder: self,
                    piece: &text,
                    blocks,
                    too_long: Cell::new(false),
                };
                Some(make(&reader, pairs))
            }
            Err(error) => {
                self.push(expect::complaint(&error, &text, self.text, end));
                None
            }
        }
    }

    fn error(&self, kind: SyntaxKind, span: Span) {
        self.push(Diagnostic::error(Kind::Syntax(kind), span));
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }
}

/// Makes nodes of the pairs of one piece.
struct Reader<'r, 's> {
    builder: &'r Builder<'s>,
    piece: &'r PieceText<'s>,
    /// The blocks of the piece, in order, with the places of their `{`.
    blocks: RefCell<VecDeque<(u32, Deep<Block>)>>,
    /// The piece's depth has been complained about.
    too_long: Cell<bool>,
}

impl Reader<'_, '_> {
    /// The place of a pair in the script.
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        // A pair whose last part is optional holds the white space before it.
        let len = span.as_str().trim_end().len();
        self.piece.span(span.start(), span.start() + len)
    }

    /// A name, without its sigil.
    fn name(&self, pair: &Pair<'_, Rule>) -> Ident {
        Ident {
            name: pair.as_str().trim_start_matches(['$', '@']).to_owned(),
            span: self.span(pair),
        }
    }

    /// A node above others of depth `below`; `too_deep` stands in for it where it would be too deep.
    fn grow<T>(&self, node: T, below: usize, span: Span, too_deep: impl FnOnce() -> T) -> Deep<T> {
        if below < MAX_DEPTH {
            return Deep {
                node,
                depth: below + 1,
            };
        }
        if !self.too_long.replace(true) {
            self.builder
                .error(SyntaxKind::TooLong { limit: MAX_DEPTH }, span);
        }
        Deep {
            node: too_deep(),
            depth: 1,
        }
    }
}

/// A node and the depth of the tree under it.
#[derive(Clone, Debug)]
struct Deep<T> {
    node: T,
    depth: usize,
}

impl<T> Deep<T> {
    /// A node with nothing under it.
    fn leaf(node: T) -> Self {
        Self { node, depth: 1 }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Deep<U> {
        Deep {
            node: change(self.node),
            depth: self.depth,
        }
    }
}

/// The nodes of a list, and the greatest of their depths.
fn gather<T>(nodes: impl IntoIterator<Item = Deep<T>>) -> Deep<Vec<T>> {
    let mut depth = 0;
    let nodes = nodes
        .into_iter()
        .map(|node| {
            depth = depth.max(node.depth);
            node.node
        })
        .collect();
    Deep { node: nodes, depth }
}

/// What is inside a pair, without punctuation.
fn inner(pair: Pair<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    content(pair.into_inner())
}

/// Pairs without punctuation.
fn content(pairs: Pairs<'_, Rule>) -> impl Iterator<Item = Pair<'_, Rule>> {
    pairs.filter(|pair| {
        !matches!(
            pair.as_rule(),
            Rule::open_paren
                | Rule::close_paren
                | Rule::close_bracket
                | Rule::comma
                | Rule::colon
                | Rule::equals
                | Rule::EOI
        )
    })
}

/// What the grammar promises.
const GRAMMAR: &str = "invariant: the grammar puts a pair here";
