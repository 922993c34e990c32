//! Calls of subprograms: parameters become variables, then comes the body, then the result.

use super::super::tree::{self, Subprogram};
use super::Lowerer;
use super::value::{cast, expr, integer, var};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Action, Expr, ExprKind, Stmt};
use crate::source::Span;
use crate::types::Type;

impl Lowerer<'_> {
    /// A call whose result is wanted.
    pub(super) fn subprogram(&mut self, call: &Subprogram, span: Span) -> Option<Expr> {
        if call.result.is_none() {
            let what = format!("{}()", call.name);
            return self.error(AnalysisKind::NoValue { what }, span);
        }
        self.subprogram_or_void(call, span)
    }

    /// A call; without a result it gives 0.
    pub(super) fn subprogram_or_void(&mut self, call: &Subprogram, span: Span) -> Option<Expr> {
        let mut body = Vec::new();
        let mut complete = true;
        for (param, ty, value) in &call.params {
            let span = value.as_ref().map_or(span, |value| value.span);
            match self.declaration(*param, Some(ty), value.as_ref(), span) {
                Some(kind) => body.push(Stmt { kind, span }),
                None => complete = false,
            }
        }
        let mut value = expr(ExprKind::Int(0), Type::I64, span);
        if let Some((result, ty)) = &call.result {
            let ty = self.type_of(ty)?;
            self.table.fix_var(self.index, *result, ty.clone(), span);
            value = var(*result, ty, span);
        }
        body.extend(self.stmts(&call.body));
        let ty = value.ty.clone();
        complete.then(|| expr(ExprKind::Inline(body, Box::new(value)), ty, span))
    }

    /// `return e;` of a test: how it went.
    pub(super) fn status(&mut self, value: &tree::Expr) -> Option<Action> {
        let value = self.value(value)?;
        if integer(&value.ty).is_none() {
            let (found, span) = (value.ty, value.span);
            return self.error(
                AnalysisKind::OperandType {
                    operator: "return",
                    found,
                },
                span,
            );
        }
        Some(Action::Exit(Some(cast(value, Type::I64))))
    }
}
