//! Expressions: flat pairs of operands and operators in, trees out.

use pest::iterators::Pair;

use super::operator::{PRECEDENCE, binary};
use super::{Deep, GRAMMAR, Reader, gather, inner};
use crate::ast::{
    Access, Block, CallArg, Expr, ExprKind, Integer, StepOp, StepPosition, Stmt, StmtKind, UnaryOp,
};
use crate::diagnostic::kind::SyntaxKind;
use crate::parse::grammar::Rule;
use crate::parse::literal;
use crate::source::Span;

impl Reader<'_, '_> {
    pub(super) fn expr(&self, pair: Pair<'_, Rule>) -> Deep<Expr> {
        let mut pairs = pair.into_inner();
        if pairs.len() == 1 {
            return self.operand(pairs.next().expect(GRAMMAR));
        }
        PRECEDENCE
            .map_primary(|operand| self.operand(operand))
            .map_infix(|left, op, right| self.infix(left, op, right))
            .parse(pairs)
    }

    fn infix(&self, left: Deep<Expr>, op: Pair<'_, Rule>, right: Deep<Expr>) -> Deep<Expr> {
        let span = left.node.span.to(right.node.span);
        let depth = left.depth.max(right.depth);
        match binary(op.as_rule()) {
            Some(op) => {
                let kind = ExprKind::Binary {
                    op,
                    left: Box::new(left.node),
                    right: Box::new(right.node),
                };
                self.above(kind, depth, span)
            }
            None => {
                let then = inner(op).next().map(|then| self.expr(then));
                let depth = depth.max(then.as_ref().map_or(0, |then| then.depth));
                let kind = ExprKind::Conditional {
                    condition: Box::new(left.node),
                    then: then.map(|then| Box::new(then.node)),
                    otherwise: Box::new(right.node),
                };
                self.above(kind, depth, span)
            }
        }
    }

    /// Prefixes, a primary, and what follows it. Postfixes bind tighter than prefixes.
    fn operand(&self, pair: Pair<'_, Rule>) -> Deep<Expr> {
        let mut prefixes = Vec::new();
        let mut value: Option<Deep<Expr>> = None;
        for part in pair.into_inner() {
            value = match (value, part.as_rule()) {
                (None, rule) if is_prefix(rule) => {
                    prefixes.push(part);
                    None
                }
                (None, _) => Some(self.primary(part)),
                (Some(base), _) => Some(self.postfix(base, part)),
            };
        }
        let mut value = value.expect(GRAMMAR);
        for prefix in prefixes.into_iter().rev() {
            value = self.prefix(prefix, value);
        }
        value
    }

    fn prefix(&self, prefix: Pair<'_, Rule>, operand: Deep<Expr>) -> Deep<Expr> {
        let span = self.span(&prefix).to(operand.node.span);
        let depth = operand.depth;
        let operand = Box::new(operand.node);
        let unary = |op| (depth, op);
        let (depth, op) = match prefix.as_rule() {
            Rule::neg => unary(UnaryOp::Neg),
            Rule::not => unary(UnaryOp::Not),
            Rule::bit_not => unary(UnaryOp::BitNot),
            Rule::deref => unary(UnaryOp::Deref),
            Rule::address_of => unary(UnaryOp::AddressOf),
            Rule::comptime => return self.above(ExprKind::Comptime(operand), depth, span),
            Rule::step => {
                let kind = ExprKind::Step {
                    op: step_op(&prefix),
                    position: StepPosition::Prefix,
                    target: operand,
                };
                return self.above(kind, depth, span);
            }
            _ => {
                let ty = self.cast_type(prefix);
                let depth = depth.max(ty.depth);
                let ty = ty.node;
                return self.above(ExprKind::Cast { ty, operand }, depth, span);
            }
        };
        self.above(ExprKind::Unary { op, operand }, depth, span)
    }

    fn postfix(&self, base: Deep<Expr>, part: Pair<'_, Rule>) -> Deep<Expr> {
        let span = base.node.span.to(self.span(&part));
        let mut depth = base.depth;
        let base = Box::new(base.node);
        let kind = match part.as_rule() {
            Rule::step => ExprKind::Step {
                op: step_op(&part),
                position: StepPosition::Postfix,
                target: base,
            },
            Rule::index => {
                let index = self.expr(inner(part).next().expect(GRAMMAR));
                depth = depth.max(index.depth);
                ExprKind::Index {
                    base,
                    index: Box::new(index.node),
                }
            }
            Rule::tuple_field if matches!(base.kind, ExprKind::Integer(_)) => {
                let kind = SyntaxKind::Fraction;
                self.builder.error(kind, span);
                ExprKind::Error
            }
            Rule::tuple_field => {
                let index = inner(part).next().expect(GRAMMAR);
                match index.as_str().parse() {
                    Ok(index) => ExprKind::TupleField { base, index },
                    Err(_) => {
                        let text = index.as_str().to_owned();
                        self.builder
                            .error(SyntaxKind::NumberTooLarge { text }, self.span(&index));
                        ExprKind::Error
                    }
                }
            }
            rule => ExprKind::Field {
                base,
                access: match rule {
                    Rule::arrow => Access::Arrow,
                    _ => Access::Dot,
                },
                name: self.name(&inner(part).next().expect(GRAMMAR)),
            },
        };
        self.above(kind, depth, span)
    }

    fn primary(&self, pair: Pair<'_, Rule>) -> Deep<Expr> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::paren => self.paren(pair, span),
            Rule::map => self.map(pair, span),
            Rule::call => self.call(pair, span),
            Rule::type_call => self.type_call(pair, span),
            Rule::if_expr => self.if_expr(pair, span),
            Rule::block => {
                let block = self.block(&pair);
                self.above(ExprKind::Block(block.node), block.depth, span)
            }
            _ => Deep::leaf(Expr {
                kind: self.atom(&pair, span),
                span,
            }),
        }
    }

    fn atom(&self, pair: &Pair<'_, Rule>, span: Span) -> ExprKind {
        let text = pair.as_str();
        match pair.as_rule() {
            Rule::strings => ExprKind::String(self.string(pair.clone())),
            Rule::boolean => ExprKind::Bool(text == "true"),
            Rule::integer => ExprKind::Integer(self.integer(pair)),
            Rule::positional_count => ExprKind::PositionalCount,
            Rule::positional => match text[1..].parse() {
                Ok(number) if number > 0 => ExprKind::Positional(number),
                _ => {
                    let text = text.to_owned();
                    self.builder
                        .error(SyntaxKind::InvalidPositional { text }, span);
                    ExprKind::Error
                }
            },
            Rule::var => ExprKind::Var(self.name(pair).name),
            _ => ExprKind::Ident(text.to_owned()),
        }
    }

    pub(super) fn integer(&self, pair: &Pair<'_, Rule>) -> Integer {
        let text = pair.as_str();
        let value = literal::integer(text).unwrap_or_else(|kind| {
            self.builder.error(kind, self.span(pair));
            0
        });
        Integer {
            value,
            text: text.to_owned(),
        }
    }

    /// The bytes of one or several strings in a row.
    pub(super) fn string(&self, pair: Pair<'_, Rule>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in inner(pair) {
            let text = part.as_str();
            let mut bad = Vec::new();
            bytes.extend(literal::string(&text[1..text.len() - 1], &mut bad));
            for escape in bad {
                let start = part.as_span().start() + 1 + escape.at;
                let span = self.piece.span(start, start + escape.text.len());
                let text = escape.text;
                self.builder.error(SyntaxKind::InvalidEscape { text }, span);
            }
        }
        bytes
    }

    fn paren(&self, pair: Pair<'_, Rule>, span: Span) -> Deep<Expr> {
        let Some(content) = inner(pair).next() else {
            return Deep::leaf(Expr {
                kind: ExprKind::Tuple(Vec::new()),
                span,
            });
        };
        if content.as_rule() == Rule::record {
            let fields = gather(inner(content).map(|field| {
                let mut parts = inner(field);
                let name = self.name(&parts.next().expect(GRAMMAR));
                self.expr(parts.next().expect(GRAMMAR))
                    .map(|value| (name, value))
            }));
            return self.above(ExprKind::Record(fields.node), fields.depth, span);
        }
        let parts: Vec<_> = inner(content).collect();
        let is_tuple = parts.len() > 1;
        let is_value = |part: &Pair<'_, Rule>| part.as_rule() == Rule::expr;
        let mut items = gather(
            parts
                .into_iter()
                .filter(is_value)
                .map(|part| self.expr(part)),
        );
        let kind = match items.node.pop() {
            Some(item) if !is_tuple => ExprKind::Paren(Box::new(item)),
            last => {
                items.node.extend(last);
                ExprKind::Tuple(items.node)
            }
        };
        self.above(kind, items.depth, span)
    }

    fn map(&self, pair: Pair<'_, Rule>, span: Span) -> Deep<Expr> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next().expect(GRAMMAR)).name;
        let key = parts
            .next()
            .map(|key| gather(inner(key).map(|part| self.expr(part))));
        let depth = key.as_ref().map_or(0, |key| key.depth);
        let key = key.map(|key| key.node);
        self.above(ExprKind::Map { name, key }, depth, span)
    }

    fn call(&self, pair: Pair<'_, Rule>, span: Span) -> Deep<Expr> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next().expect(GRAMMAR));
        let args = gather(parts.map(|part| self.call_arg(part)));
        let kind = ExprKind::Call {
            name,
            args: args.node,
        };
        self.above(kind, args.depth, span)
    }

    fn type_call(&self, pair: Pair<'_, Rule>, span: Span) -> Deep<Expr> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next().expect(GRAMMAR));
        let arg = self.call_arg(parts.next().expect(GRAMMAR));
        let path = parts.next().map_or_else(Vec::new, |path| {
            inner(path).map(|part| self.name(&part)).collect()
        });
        let kind = ExprKind::TypeCall {
            name,
            arg: Box::new(arg.node),
            path,
        };
        self.above(kind, arg.depth, span)
    }

    pub(super) fn call_arg(&self, pair: Pair<'_, Rule>) -> Deep<CallArg> {
        let arg = inner(pair).next().expect(GRAMMAR);
        match arg.as_rule() {
            Rule::explicit_type => self.type_name(arg).map(CallArg::Type),
            _ => self.expr(arg).map(CallArg::Expr),
        }
    }

    /// `if a {} else if b {} else {}`: links are read in order and put together from the last.
    fn if_expr(&self, pair: Pair<'_, Rule>, span: Span) -> Deep<Expr> {
        let mut links = Vec::new();
        let mut start = span;
        let mut condition = None;
        let mut otherwise: Option<Deep<Block>> = None;
        for part in inner(pair) {
            match part.as_rule() {
                Rule::else_if => start = inner(part).last().map_or(span, |word| self.span(&word)),
                Rule::expr => condition = Some(self.expr(part)),
                Rule::block => {
                    let block = self.block(&part);
                    match condition.take() {
                        Some(condition) => links.push((start, condition, block)),
                        None => otherwise = Some(block),
                    }
                }
                _ => {}
            }
        }
        let mut links = links.into_iter().rev();
        let mut link = self.if_link(links.next().expect(GRAMMAR), otherwise);
        for outer in links {
            // The link before is the only statement of this one's `else`.
            link = self.if_link(outer, Some(block_of(link)));
        }
        link
    }

    fn if_link(
        &self,
        (start, condition, then): (Span, Deep<Expr>, Deep<Block>),
        otherwise: Option<Deep<Block>>,
    ) -> Deep<Expr> {
        let below = otherwise.as_ref().map_or(0, |block| block.depth);
        let last = otherwise
            .as_ref()
            .map_or(then.node.span, |block| block.node.span);
        let depth = condition.depth.max(then.depth).max(below);
        let kind = ExprKind::If {
            condition: Box::new(condition.node),
            then: then.node,
            otherwise: otherwise.map(|block| block.node),
        };
        let span = Span {
            start: start.start,
            end: last.end,
        };
        self.above(kind, depth, span)
    }

    /// An expression above others.
    fn above(&self, kind: ExprKind, below: usize, span: Span) -> Deep<Expr> {
        self.grow(Expr { kind, span }, below, span, || Expr {
            kind: ExprKind::Error,
            span,
        })
    }
}

fn block_of(link: Deep<Expr>) -> Deep<Block> {
    let span = link.node.span;
    let stmt = Stmt {
        kind: StmtKind::Expr(link.node),
        span,
    };
    Deep {
        node: Block {
            stmts: vec![stmt],
            ends_in_value: true,
            span,
        },
        depth: link.depth + 1,
    }
}

fn step_op(pair: &Pair<'_, Rule>) -> StepOp {
    match pair.as_str().trim_end() {
        "++" => StepOp::Increment,
        _ => StepOp::Decrement,
    }
}

fn is_prefix(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::step
            | Rule::neg
            | Rule::not
            | Rule::bit_not
            | Rule::deref
            | Rule::address_of
            | Rule::comptime
            | Rule::cast
    )
}
