//! Visits every expression of a part of the syntax tree, for change.

use crate::ast::{
    Block, CallArg, Expr, ExprKind, ForOver, Ident, Stmt, StmtKind, TypeName, TypeNameKind,
};

/// What is done with each expression; it calls [`visit_expr`] to go on inside.
pub(super) trait Visitor {
    /// An expression.
    fn expr(&mut self, expr: &mut Expr);

    /// The name of a variable in a declaration or loop head.
    fn declared(&mut self, _var: &mut Ident) {}

    /// A bare name where a type stands.
    fn type_name(&mut self, _ty: &mut TypeName) {}
}

/// Visits the statements of a block.
pub(super) fn visit_block(block: &mut Block, visitor: &mut impl Visitor) {
    for stmt in &mut block.stmts {
        visit_stmt(stmt, visitor);
    }
}

fn visit_stmt(stmt: &mut Stmt, visitor: &mut impl Visitor) {
    match &mut stmt.kind {
        StmtKind::Expr(expr) | StmtKind::Discard(expr) => visitor.expr(expr),
        StmtKind::Let { var, ty, value } => {
            visitor.declared(var);
            if let Some(ty) = ty {
                visit_type(ty, visitor);
            }
            if let Some(value) = value {
                visitor.expr(value);
            }
        }
        StmtKind::Assign { target, value, .. } => {
            visitor.expr(target);
            visitor.expr(value);
        }
        StmtKind::While { condition, body } => {
            visitor.expr(condition);
            visit_block(body, visitor);
        }
        StmtKind::Unroll { count, body } => {
            visitor.expr(count);
            visit_block(body, visitor);
        }
        StmtKind::For { var, over, body } => {
            visitor.declared(var);
            match over {
                ForOver::Map(map) => visitor.expr(map),
                ForOver::Range(start, end) => {
                    visitor.expr(start);
                    visitor.expr(end);
                }
            }
            visit_block(body, visitor);
        }
        StmtKind::Return(Some(value)) => visitor.expr(value),
        StmtKind::Break | StmtKind::Continue | StmtKind::Return(None) | StmtKind::Import(_) => {}
    }
}

/// Visits the expressions right inside of one.
pub(super) fn visit_expr(expr: &mut Expr, visitor: &mut impl Visitor) {
    match &mut expr.kind {
        ExprKind::Integer(_)
        | ExprKind::String(_)
        | ExprKind::Bool(_)
        | ExprKind::Positional(_)
        | ExprKind::PositionalCount
        | ExprKind::Ident(_)
        | ExprKind::Var(_)
        | ExprKind::Error => {}
        ExprKind::Map { key, .. } => key.iter_mut().flatten().for_each(|part| visitor.expr(part)),
        ExprKind::Call { args, .. } => args.iter_mut().for_each(|arg| visit_arg(arg, visitor)),
        ExprKind::TypeCall { arg, .. } => visit_arg(arg, visitor),
        ExprKind::Unary { operand, .. } => visitor.expr(operand),
        ExprKind::Step { target, .. } => visitor.expr(target),
        ExprKind::Binary { left, right, .. } => {
            visitor.expr(left);
            visitor.expr(right);
        }
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => {
            visitor.expr(condition);
            if let Some(then) = then {
                visitor.expr(then);
            }
            visitor.expr(otherwise);
        }
        ExprKind::Field { base, .. } | ExprKind::TupleField { base, .. } => visitor.expr(base),
        ExprKind::Index { base, index } => {
            visitor.expr(base);
            visitor.expr(index);
        }
        ExprKind::Cast { ty, operand } => {
            visit_type(ty, visitor);
            visitor.expr(operand);
        }
        ExprKind::Tuple(members) => members.iter_mut().for_each(|member| visitor.expr(member)),
        ExprKind::Record(members) => members
            .iter_mut()
            .for_each(|(_, member)| visitor.expr(member)),
        ExprKind::Paren(inner) | ExprKind::Comptime(inner) => visitor.expr(inner),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            visitor.expr(condition);
            visit_block(then, visitor);
            if let Some(otherwise) = otherwise {
                visit_block(otherwise, visitor);
            }
        }
        ExprKind::Block(block) => visit_block(block, visitor),
    }
}

fn visit_arg(arg: &mut CallArg, visitor: &mut impl Visitor) {
    match arg {
        CallArg::Expr(expr) => visitor.expr(expr),
        CallArg::Type(ty) => visit_type(ty, visitor),
    }
}

fn visit_type(ty: &mut TypeName, visitor: &mut impl Visitor) {
    match &mut ty.kind {
        TypeNameKind::Name(_) => visitor.type_name(ty),
        TypeNameKind::Tagged { .. } => {}
        TypeNameKind::Pointer(target) => visit_type(target, visitor),
        TypeNameKind::Array(element, _) => visit_type(element, visitor),
        TypeNameKind::Tuple(members) => members
            .iter_mut()
            .for_each(|member| visit_type(member, visitor)),
        TypeNameKind::TypeOf(arg) => visit_arg(arg, visitor),
    }
}
