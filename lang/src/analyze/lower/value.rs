//! Making, judging and converting typed values.

use super::super::join::Given;
use super::Lowerer;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Expr, ExprKind, Stmt, StmtKind, VarId};
use crate::source::Span;
use crate::types::{IntType, Type};

/// An expression.
pub(super) fn expr(kind: ExprKind, ty: Type, span: Span) -> Expr {
    Expr { kind, ty, span }
}

/// The value of a variable.
pub(super) fn var(id: VarId, ty: Type, span: Span) -> Expr {
    expr(ExprKind::Var(id), ty, span)
}

/// An integer constant of the smallest signed type that holds it (`uint64` for those too large).
pub(super) fn literal(value: i128, span: Span) -> Expr {
    let bits = [8u8, 16, 32, 64]
        .into_iter()
        .find(|bits| (-(1i128 << (bits - 1))..1i128 << (bits - 1)).contains(&value));
    let ty = match bits {
        Some(bits) => Type::Int(IntType { bits, signed: true }),
        None => Type::U64,
    };
    // A `uint64` keeps its bits.
    expr(ExprKind::Int(value as i64), ty, span)
}

/// A constant that means the same with and without a sign.
pub(super) fn is_literal(expr: &Expr) -> bool {
    let either = matches!(
        expr.ty,
        Type::Int(IntType { signed: true, .. }) | Type::Enum { .. }
    );
    matches!(expr.kind, ExprKind::Int(value) if value >= 0) && either
}

/// What an expression says about the type of the place that takes it.
pub(super) fn given(expr: &Expr) -> Given {
    Given {
        ty: expr.ty.clone(),
        literal: is_literal(expr),
    }
}

/// The integer that a value is in arithmetic; `None` if it is none.
pub(super) fn integer(ty: &Type) -> Option<IntType> {
    match ty {
        Type::Int(int) => Some(*int),
        Type::Enum { repr, .. } | Type::Named { repr, .. } => Some(*repr),
        Type::Bool => Some(IntType {
            bits: 8,
            signed: false,
        }),
        _ => None,
    }
}

/// It can be evaluated twice: it costs nothing and changes nothing.
pub(super) fn is_pure(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Var(_) | ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Field(_) => true,
        ExprKind::Member(base, _) => is_pure(base),
        _ => false,
    }
}

/// At another scalar type.
pub(super) fn cast(value: Expr, ty: Type) -> Expr {
    if value.ty == ty {
        return value;
    }
    let span = value.span;
    if let (ExprKind::Int(constant), Some(_), Type::Int(int)) =
        (&value.kind, integer(&value.ty), &ty)
    {
        return expr(ExprKind::Int(wrap(*constant, *int)), ty, span);
    }
    if let (ExprKind::Int(constant), Some(_), Type::Bool) = (&value.kind, integer(&value.ty), &ty) {
        return expr(ExprKind::Int(i64::from(*constant != 0)), ty, span);
    }
    expr(ExprKind::Cast(Box::new(value)), ty, span)
}

/// The value of a boolean that is known when the script is compiled.
pub(super) fn known(condition: &Expr) -> Option<bool> {
    match condition.kind {
        ExprKind::Int(value) if condition.ty == Type::Bool => Some(value != 0),
        _ => None,
    }
}

/// It is known when the script is compiled.
pub(super) fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Str(_) => true,
        ExprKind::Cast(inner) => is_constant(inner),
        ExprKind::Tuple(members) => members.iter().all(is_constant),
        _ => false,
    }
}

/// A boolean constant.
pub(super) fn truth(value: bool, span: Span) -> Expr {
    expr(ExprKind::Int(i64::from(value)), Type::Bool, span)
}

/// Cut to the width and extended by the sign of a type.
fn wrap(value: i64, int: IntType) -> i64 {
    let unused = 64 - u32::from(int.bits);
    if int.signed {
        value << unused >> unused
    } else {
        ((value as u64) << unused >> unused) as i64
    }
}

impl Lowerer<'_> {
    /// The value at a type that [`super::super::join`] made from it and others.
    pub(super) fn coerce(&mut self, value: Expr, to: &Type) -> Expr {
        if value.ty == *to {
            return value;
        }
        let span = value.span;
        match (value.kind, to) {
            (ExprKind::Str(bytes), Type::String { .. }) => {
                expr(ExprKind::Str(bytes), to.clone(), span)
            }
            (ExprKind::Tuple(members), _) if same_order(&value.ty, to) => {
                let members = members
                    .into_iter()
                    .zip(member_types(to))
                    .map(|(member, ty)| self.coerce(member, ty))
                    .collect();
                expr(ExprKind::Tuple(members), to.clone(), span)
            }
            (kind, Type::Tuple(_) | Type::Record(_)) => {
                let value = expr(kind, value.ty, span);
                self.rebuild(value, to)
            }
            (kind, _) => cast(expr(kind, value.ty, span), to.clone()),
        }
    }

    /// A tuple or record member by member, from a variable that keeps it.
    fn rebuild(&mut self, value: Expr, to: &Type) -> Expr {
        let span = value.span;
        let from = value.ty.clone();
        let (setup, kept) = self.keep(value);
        let members = member_types(to)
            .into_iter()
            .enumerate()
            .map(|(at, ty)| {
                let at = source_index(&from, to, at);
                let member_ty = member_types(&from)[at].clone();
                let member = ExprKind::Member(Box::new(kept.clone()), at as u32);
                self.coerce(expr(member, member_ty, span), ty)
            })
            .collect();
        let rebuilt = expr(ExprKind::Tuple(members), to.clone(), span);
        after(setup, rebuilt)
    }

    /// The value in a form that can be used several times, and the statement that makes it so.
    pub(super) fn keep(&mut self, value: Expr) -> (Option<Stmt>, Expr) {
        if is_pure(&value) {
            return (None, value);
        }
        let (span, ty) = (value.span, value.ty.clone());
        let id = self.temporary(ty.clone());
        let setup = Stmt {
            kind: StmtKind::SetVar(id, value),
            span,
        };
        (Some(setup), var(id, ty, span))
    }

    /// An integer as 64 bits with its own sign.
    pub(super) fn widened(&mut self, value: Expr) -> Option<Expr> {
        let Some(int) = integer(&value.ty) else {
            let (ty, span) = (value.ty, value.span);
            return self.error(
                AnalysisKind::CannotCast {
                    from: ty,
                    to: Type::I64,
                },
                span,
            );
        };
        Some(cast(value, Type::Int(IntType { bits: 64, ..int })))
    }
}

/// Runs a statement before a value.
pub(super) fn after(setup: Option<Stmt>, value: Expr) -> Expr {
    let Some(setup) = setup else {
        return value;
    };
    let (ty, span) = (value.ty.clone(), value.span);
    expr(ExprKind::Block(vec![setup], Box::new(value)), ty, span)
}

/// The types of the members of a tuple or record.
pub(super) fn member_types(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Tuple(members) => members.iter().collect(),
        Type::Record(members) => members.iter().map(|(_, ty)| ty).collect(),
        _ => Vec::new(),
    }
}

/// Where member `at` of `to` stands in `from`.
fn source_index(from: &Type, to: &Type, at: usize) -> usize {
    match (from, to) {
        (Type::Record(from), Type::Record(to)) => from
            .iter()
            .position(|(name, _)| *name == to[at].0)
            .unwrap_or(at),
        _ => at,
    }
}

fn same_order(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Record(from), Type::Record(to)) => {
            from.iter().zip(to).all(|((a, _), (b, _))| a == b)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_take_the_smallest_signed_type() {
        let ty = |value| literal(value, Span::default()).ty.to_string();
        assert_eq!(ty(127), "int8");
        assert_eq!(ty(-129), "int16");
        assert_eq!(ty(1 << 31), "int64");
        assert_eq!(ty(i128::from(u64::MAX)), "uint64");
    }

    #[test]
    fn constants_are_cut_when_they_are_cast() {
        let cut = cast(
            literal(0x1ff, Span::default()),
            Type::Int(IntType {
                bits: 8,
                signed: true,
            }),
        );
        assert_eq!(cut.kind, ExprKind::Int(-1));
    }
}
