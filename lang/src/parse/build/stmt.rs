//! Blocks and statements.

use pest::iterators::Pair;

use super::operator::compound;
use super::{Builder, Deep, GRAMMAR, Reader, gather, inner};
use crate::ast::{Block, Expr, ExprKind, ForOver, Stmt, StmtKind};
use crate::parse::grammar::Rule;
use crate::parse::piece::{RawBlock, RawStmt};
use crate::source::Span;

impl Builder<'_> {
    /// Reads the statements of a block, each alone.
    pub(super) fn block(&self, raw: &RawBlock) -> Deep<Block> {
        let stmts = gather(raw.stmts.iter().map(|stmt| self.stmt(stmt)));
        let last_is_open = raw.stmts.last().is_some_and(|last| !last.terminated);
        let last_is_value = matches!(
            stmts.node.last(),
            Some(Stmt {
                kind: StmtKind::Expr(_),
                ..
            })
        );
        Deep {
            depth: stmts.depth + 1,
            node: Block {
                stmts: stmts.node,
                ends_in_value: last_is_open && last_is_value,
                span: raw.span,
            },
        }
    }

    fn stmt(&self, raw: &RawStmt) -> Deep<Stmt> {
        let span = raw.piece.span;
        let kind = self.read(&raw.piece, Rule::statement, "`;`", |reader, mut pairs| {
            let pair = pairs.next().expect(GRAMMAR);
            reader.stmt(pair, span)
        });
        kind.unwrap_or_else(|| Deep::leaf(unreadable(span)))
            .map(|kind| Stmt { kind, span })
    }
}

fn unreadable(span: Span) -> StmtKind {
    StmtKind::Expr(Expr {
        kind: ExprKind::Error,
        span,
    })
}

impl Reader<'_, '_> {
    fn stmt(&self, pair: Pair<'_, Rule>, span: Span) -> Deep<StmtKind> {
        let rule = pair.as_rule();
        let mut parts = inner(pair).filter(|part| !is_keyword(part.as_rule()));
        let stmt = match rule {
            Rule::break_stmt => Deep::leaf(StmtKind::Break),
            Rule::continue_stmt => Deep::leaf(StmtKind::Continue),
            Rule::return_stmt => match parts.next() {
                Some(value) => self.expr(value).map(|value| StmtKind::Return(Some(value))),
                None => Deep::leaf(StmtKind::Return(None)),
            },
            Rule::import_stmt => {
                let path = self.string(parts.next().expect(GRAMMAR));
                Deep::leaf(StmtKind::Import(
                    String::from_utf8_lossy(&path).into_owned(),
                ))
            }
            Rule::let_stmt => self.let_stmt(parts),
            Rule::for_stmt => self.for_stmt(parts),
            Rule::while_stmt | Rule::unroll_stmt => {
                let head = self.expr(parts.next().expect(GRAMMAR));
                let body = self.block(&parts.next().expect(GRAMMAR));
                let depth = head.depth.max(body.depth);
                let (head, body) = (head.node, body.node);
                let node = if rule == Rule::while_stmt {
                    StmtKind::While {
                        condition: head,
                        body,
                    }
                } else {
                    StmtKind::Unroll { count: head, body }
                };
                Deep { node, depth }
            }
            _ => self.assign_stmt(parts),
        };
        let depth = stmt.depth;
        self.grow(stmt.node, depth, span, || unreadable(span))
    }

    fn let_stmt<'p>(&self, mut parts: impl Iterator<Item = Pair<'p, Rule>>) -> Deep<StmtKind> {
        let var = self.name(&parts.next().expect(GRAMMAR));
        let mut depth = 0;
        let (mut ty, mut value) = (None, None);
        for part in parts {
            if part.as_rule() == Rule::type_name {
                let node = self.type_name(part);
                depth = depth.max(node.depth);
                ty = Some(node.node);
            } else {
                let node = self.expr(part);
                depth = depth.max(node.depth);
                value = Some(node.node);
            }
        }
        Deep {
            node: StmtKind::Let { var, ty, value },
            depth,
        }
    }

    fn for_stmt<'p>(&self, mut parts: impl Iterator<Item = Pair<'p, Rule>>) -> Deep<StmtKind> {
        let var = self.name(&parts.next().expect(GRAMMAR));
        let start = self.expr(parts.next().expect(GRAMMAR));
        let mut depth = start.depth;
        let next = parts.next().expect(GRAMMAR);
        let (over, body) = if next.as_rule() == Rule::range_end {
            let end = self.expr(inner(next).next().expect(GRAMMAR));
            depth = depth.max(end.depth);
            let body = parts.next().expect(GRAMMAR);
            (ForOver::Range(start.node, end.node), body)
        } else {
            (ForOver::Map(start.node), next)
        };
        let body = self.block(&body);
        Deep {
            depth: depth.max(body.depth),
            node: StmtKind::For {
                var,
                over,
                body: body.node,
            },
        }
    }

    fn assign_stmt<'p>(&self, mut parts: impl Iterator<Item = Pair<'p, Rule>>) -> Deep<StmtKind> {
        let target = self.expr(parts.next().expect(GRAMMAR));
        let Some(op) = parts.next() else {
            return target.map(StmtKind::Expr);
        };
        let op = compound(op.as_str().trim_end());
        let value = self.expr(parts.next().expect(GRAMMAR));
        let depth = target.depth.max(value.depth);
        let (target, value) = (target.node, value.node);
        let discards = op.is_none() && matches!(&target.kind, ExprKind::Ident(name) if name == "_");
        let node = if discards {
            StmtKind::Discard(value)
        } else {
            StmtKind::Assign { target, op, value }
        };
        Deep { node, depth }
    }

    /// The block that the splitter cut out where the pair has `{}`.
    pub(super) fn block(&self, pair: &Pair<'_, Rule>) -> Deep<Block> {
        let start = self.span(pair).start;
        let mut blocks = self.blocks.borrow_mut();
        let at = blocks.binary_search_by_key(&start, |(start, _)| *start);
        let found = at.ok().and_then(|at| blocks.remove(at));
        found
            .expect("invariant: every `{` of a piece opens one of its blocks")
            .1
    }
}

fn is_keyword(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_break
            | Rule::kw_continue
            | Rule::kw_for
            | Rule::kw_import
            | Rule::kw_let
            | Rule::kw_return
            | Rule::kw_unroll
            | Rule::kw_while
    )
}
