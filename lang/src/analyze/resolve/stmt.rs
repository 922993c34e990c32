//! Statements and blocks.

use super::super::report::Explain;
use super::super::tree::{Block, Place, PlaceKind, Stmt, StmtKind};
use super::Resolver;
use super::literal;
use crate::ast::{self, BinaryOp, ExprKind, ForOver};
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::suggest;
use crate::function::{self, Class};
use crate::hir::VarId;
use crate::source::Span;

/// Most rounds of an `unroll`.
const MAX_UNROLL: i128 = 100;

impl Resolver<'_> {
    /// A block whose value, if any, nobody wants.
    pub(super) fn body(&mut self, block: &ast::Block) -> Vec<Stmt> {
        self.scope.open();
        let stmts = self.stmts(&block.stmts);
        self.scope.close();
        stmts
    }

    /// A block whose last expression is its value.
    pub(super) fn block(&mut self, block: &ast::Block) -> Block {
        self.scope.open();
        let (stmts, value) = match block.stmts.split_last() {
            Some((last, before)) if block.ends_in_value => {
                let stmts = self.stmts(before);
                match &last.kind {
                    ast::StmtKind::Expr(expr) => (stmts, Some(Box::new(self.value(expr)))),
                    _ => (stmts.into_iter().chain(self.stmt(last)).collect(), None),
                }
            }
            _ => (self.stmts(&block.stmts), None),
        };
        self.scope.close();
        Block {
            stmts,
            value,
            span: block.span,
        }
    }

    fn stmts(&mut self, stmts: &[ast::Stmt]) -> Vec<Stmt> {
        let resolved = stmts.iter().filter_map(|stmt| self.stmt(stmt)).collect();
        for pair in stmts.windows(2) {
            let after = match pair[0].kind {
                ast::StmtKind::Return(_) => "return",
                ast::StmtKind::Break => "break",
                ast::StmtKind::Continue => "continue",
                _ => continue,
            };
            self.reports
                .warning(AnalysisKind::Unreachable { after }, pair[1].span);
        }
        resolved
    }

    fn stmt(&mut self, stmt: &ast::Stmt) -> Option<Stmt> {
        let kind = self.stmt_kind(stmt)?;
        Some(Stmt {
            kind,
            span: stmt.span,
        })
    }

    fn stmt_kind(&mut self, stmt: &ast::Stmt) -> Option<StmtKind> {
        Some(match &stmt.kind {
            ast::StmtKind::Expr(expr) => StmtKind::Expr(self.effect(expr)),
            ast::StmtKind::Discard(expr) => StmtKind::Discard(self.value(expr)),
            ast::StmtKind::Let { var, ty, value } => {
                // The value can not use the variable, so it comes first.
                let ty = ty.as_ref().and_then(|ty| self.type_ref(ty));
                let value = value.as_ref().map(|value| self.value(value));
                let var = self.declare(var);
                StmtKind::Let { var, ty, value }
            }
            ast::StmtKind::Assign { target, op, value } => return self.assign(target, *op, value),
            ast::StmtKind::While { condition, body } => {
                let condition = self.value(condition);
                StmtKind::While {
                    condition,
                    body: self.loop_body(body, None).1,
                }
            }
            ast::StmtKind::Unroll { count, body } => {
                let count = unparenthesized(count);
                let found = literal::constant(count, self.options);
                let rounds = found.filter(|n| (1..=MAX_UNROLL).contains(n));
                if rounds.is_none() {
                    self.reports
                        .error(AnalysisKind::UnrollCount { found }, count.span);
                }
                StmtKind::Unroll {
                    count: rounds.unwrap_or(1) as u32,
                    body: self.body(body),
                }
            }
            ast::StmtKind::For { var, over, body } => return self.for_loop(var, over, body),
            ast::StmtKind::Break => {
                self.in_loop("break", stmt.span)?;
                StmtKind::Break
            }
            ast::StmtKind::Continue => {
                self.in_loop("continue", stmt.span)?;
                StmtKind::Continue
            }
            ast::StmtKind::Return(None) => return self.plain_return(stmt.span),
            ast::StmtKind::Return(Some(value)) => return self.return_value(value),
            ast::StmtKind::Import(_) => {
                self.reports
                    .not_supported("import inside a block", stmt.span);
                return None;
            }
        })
    }

    fn assign(
        &mut self,
        target: &ast::Expr,
        op: Option<BinaryOp>,
        value: &ast::Expr,
    ) -> Option<StmtKind> {
        if let (None, Some((row, name, args))) = (op, aggregation(value)) {
            if !self.is_offered(row, name.span) {
                return None;
            }
            let ExprKind::Map { name: map, key } = &unparenthesized(target).kind else {
                self.misplaced::<()>(row.name, name.span);
                return None;
            };
            let args = self.arguments(row, name, args)?;
            let span = target.span;
            return Some(StmtKind::Aggregate {
                map: self.maps.used(map, span),
                key: self.key(key.as_deref()),
                function: row.id,
                args,
                place: span,
            });
        }
        let resolved = self.value(value);
        if let (Some(op @ (BinaryOp::Div | BinaryOp::Rem)), Some(0)) =
            (op, super::expr::int(&resolved))
        {
            let remainder = op == BinaryOp::Rem;
            self.reports
                .error(AnalysisKind::DivisionByZero { remainder }, value.span);
        }
        let place = match &unparenthesized(target).kind {
            // The first plain assignment makes the variable.
            ExprKind::Var(name) if op.is_none() && self.scope.find(name).is_none() => Place {
                kind: PlaceKind::Var(self.scope.declare(name, target.span)),
                span: target.span,
            },
            _ => self.place(target)?,
        };
        Some(StmtKind::Assign {
            place,
            op,
            value: resolved,
        })
    }

    /// Something that exists and can be changed.
    pub(super) fn place(&mut self, target: &ast::Expr) -> Option<Place> {
        let kind = match &unparenthesized(target).kind {
            ExprKind::Var(name) => PlaceKind::Var(self.variable(name, target.span)?),
            ExprKind::Map { name, key } => {
                let map = self.maps.used(name, target.span);
                PlaceKind::Map(map, self.key(key.as_deref()))
            }
            ExprKind::Error => return None,
            _ => {
                let report = self.reports.error(AnalysisKind::NotAssignable, target.span);
                report.hint = sigil_hint(target);
                return None;
            }
        };
        Some(Place {
            kind,
            span: target.span,
        })
    }

    fn for_loop(
        &mut self,
        var: &ast::Ident,
        over: &ForOver,
        body: &ast::Block,
    ) -> Option<StmtKind> {
        match over {
            ForOver::Map(expr) => {
                let ExprKind::Map { name, key: None } = &unparenthesized(expr).kind else {
                    self.reports.error(AnalysisKind::NotAMap, expr.span);
                    return None;
                };
                let map = self.maps.used(name, expr.span);
                let (var, body) = self.loop_body(body, Some(var));
                Some(StmtKind::ForMap {
                    var: var?,
                    map,
                    over: expr.span,
                    body,
                })
            }
            ForOver::Range(start, end) => {
                let (start, end) = (self.value(start), self.value(end));
                let (var, body) = self.loop_body(body, Some(var));
                Some(StmtKind::ForRange {
                    var: var?,
                    start,
                    end,
                    body,
                })
            }
        }
    }

    fn loop_body(
        &mut self,
        body: &ast::Block,
        var: Option<&ast::Ident>,
    ) -> (Option<VarId>, Vec<Stmt>) {
        self.scope.open();
        self.scope.loops += 1;
        let var = var.map(|var| self.declare(var));
        let body = self.body(body);
        self.scope.loops -= 1;
        self.scope.close();
        (var, body)
    }

    fn in_loop(&mut self, word: &'static str, span: Span) -> Option<()> {
        if self.scope.loops == 0 {
            self.reports.error(AnalysisKind::OutsideLoop { word }, span);
            return None;
        }
        Some(())
    }

    /// Makes a variable; the name must be free in all open blocks.
    fn declare(&mut self, var: &ast::Ident) -> VarId {
        if let Some(other) = self.scope.find(&var.name) {
            let first = self.scope.vars[other.index()].span;
            let name = var.name.clone();
            self.reports
                .error(AnalysisKind::ShadowedVariable { name }, var.span)
                .label(first, "first declared here");
        }
        self.scope.declare(&var.name, var.span)
    }

    /// The variable of a name, which must exist.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> Option<VarId> {
        let found = self.scope.find(name);
        if found.is_none() {
            let kind = AnalysisKind::UndefinedVariable { name: name.into() };
            let report = self.reports.error(kind, span);
            if let Some(var) = self.scope.vars.iter().rev().find(|var| var.name == name) {
                report.label(var.span, "this one ends with its block");
                report.hint = Some(format!("declare it before the block: let ${name};"));
            } else if let Some(near) = suggest::nearest(name, self.scope.names()) {
                report.hint = Some(format!("did you mean '${near}'?"));
            }
        }
        found
    }
}

/// A call of an aggregation, with nothing around it but parentheses.
fn aggregation(expr: &ast::Expr) -> Option<(&'static function::Row, &ast::Ident, &[ast::CallArg])> {
    match &unparenthesized(expr).kind {
        ExprKind::Call { name, args } => function::by_name(&name.name)
            .filter(|row| row.class == Class::Aggregation)
            .map(|row| (row, name, args.as_slice())),
        _ => None,
    }
}

/// What stands before the name of something that can be assigned to.
fn sigil_hint(target: &ast::Expr) -> Option<String> {
    let word = |expr: &ast::Expr| match &expr.kind {
        ExprKind::Ident(name) if crate::builtin::by_name(name).is_none() => Some(name.clone()),
        _ => None,
    };
    match &unparenthesized(target).kind {
        ExprKind::Index { base, .. } => {
            word(base).map(|name| format!("maps begin with @: @{name}[...]"))
        }
        _ => word(target)
            .map(|name| format!("write ${name} for a variable of the probe, @{name} for a map")),
    }
}

/// Without parentheses around it.
pub(super) fn unparenthesized(mut expr: &ast::Expr) -> &ast::Expr {
    while let ExprKind::Paren(inner) = &expr.kind {
        expr = inner;
    }
    expr
}
