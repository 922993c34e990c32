//! A walk over the statements and expressions of HIR, outermost first, in the order of the script.

use trapline_lang::hir::{Action, Call, Expr, ExprKind, Place, Stmt, StmtKind};

/// What a walk meets.
#[derive(Clone, Copy)]
pub(crate) enum Node<'h> {
    /// A statement, before its parts.
    Stmt(&'h Stmt),
    /// An expression, before its operands.
    Expr(&'h Expr),
}

/// Shows every statement and expression of a body to `see`.
pub(crate) fn statements<'h>(body: &'h [Stmt], see: &mut dyn FnMut(Node<'h>)) {
    for stmt in body {
        statement(stmt, see);
    }
}

/// Shows every expression that an expression consists of to `see`, itself first.
pub(crate) fn expression<'h>(expr: &'h Expr, see: &mut dyn FnMut(Node<'h>)) {
    see(Node::Expr(expr));
    match &expr.kind {
        ExprKind::Int(_)
        | ExprKind::Str(_)
        | ExprKind::Var(_)
        | ExprKind::Builtin(_)
        | ExprKind::Field(_) => {}
        ExprKind::Map { key, .. } => expressions(key, see),
        ExprKind::Unary(_, operand)
        | ExprKind::Not(operand)
        | ExprKind::Cast(operand)
        | ExprKind::Member(operand, _)
        | ExprKind::Part { base: operand, .. }
        | ExprKind::AddressOf(operand)
        | ExprKind::Load {
            pointer: operand, ..
        } => expression(operand, see),
        ExprKind::Arithmetic(_, left, right)
        | ExprKind::Compare(_, left, right)
        | ExprKind::Logic(_, left, right)
        | ExprKind::Equal { left, right, .. }
        | ExprKind::Index {
            base: left,
            index: right,
        } => {
            expression(left, see);
            expression(right, see);
        }
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => {
            expression(condition, see);
            expression(then, see);
            expression(otherwise, see);
        }
        ExprKind::Tuple(members) => expressions(members, see),
        ExprKind::Call(call) => self::call(call, see),
        ExprKind::Step { target, .. } => {
            if let Place::Map { key, .. } = target {
                expressions(key, see);
            }
        }
        ExprKind::Block(body, value) | ExprKind::Inline(body, value) => {
            statements(body, see);
            expression(value, see);
        }
    }
}

fn expressions<'h>(list: &'h [Expr], see: &mut dyn FnMut(Node<'h>)) {
    for expr in list {
        expression(expr, see);
    }
}

fn call<'h>(call: &'h Call, see: &mut dyn FnMut(Node<'h>)) {
    match call {
        Call::ReadString {
            pointer, length, ..
        } => {
            expression(pointer, see);
            if let Some(length) = length {
                expression(length, see);
            }
        }
        Call::ReadBuffer {
            pointer: left,
            length: right,
            ..
        }
        | Call::StrNCmp { left, right, .. }
        | Call::StrFind {
            haystack: left,
            needle: right,
        }
        | Call::StrConcat { left, right }
        | Call::MemCmp { left, right, .. }
        | Call::InetAddress {
            family: left,
            address: right,
        }
        | Call::WriteUser {
            to: left,
            from: right,
            ..
        } => {
            expression(left, see);
            expression(right, see);
        }
        Call::StrLen(operand)
        | Call::TaskOf(operand)
        | Call::StackLength(operand)
        | Call::ByteSwap(operand)
        | Call::UserSymbol(operand)
        | Call::FilePath(operand)
        | Call::MacAddress(operand)
        | Call::Signal {
            signal: operand, ..
        } => expression(operand, see),
        Call::Delete { key, .. } | Call::HasKey { key, .. } => expressions(key, see),
        Call::MapLength(_) | Call::ArgumentString { .. } | Call::ArgumentMemory { .. } => {}
    }
}

fn statement<'h>(stmt: &'h Stmt, see: &mut dyn FnMut(Node<'h>)) {
    see(Node::Stmt(stmt));
    match &stmt.kind {
        StmtKind::Expr(expr) | StmtKind::SetVar(_, expr) => expression(expr, see),
        StmtKind::SetMap { key, value, .. } | StmtKind::UpdateMap { key, value, .. } => {
            expressions(key, see);
            expression(value, see);
        }
        StmtKind::Aggregate { key, value, .. } => {
            expressions(key, see);
            if let Some(value) = value {
                expression(value, see);
            }
        }
        StmtKind::If {
            condition,
            then,
            otherwise,
        } => {
            expression(condition, see);
            statements(then, see);
            statements(otherwise, see);
        }
        StmtKind::While { condition, body } => {
            expression(condition, see);
            statements(body, see);
        }
        StmtKind::ForRange {
            start, end, body, ..
        } => {
            expression(start, see);
            expression(end, see);
            statements(body, see);
        }
        StmtKind::ForMap { body, .. } => statements(body, see),
        StmtKind::Break | StmtKind::Continue | StmtKind::Return => {}
        StmtKind::Trace { args, .. } => expressions(args, see),
        StmtKind::Action(action) => expressions(action_values(action), see),
    }
}

/// The values that an action carries to user space.
pub(crate) fn action_values(action: &Action) -> &[Expr] {
    match action {
        Action::Printf { args, .. }
        | Action::Message { args, .. }
        | Action::Cat { args, .. }
        | Action::System { args, .. }
        | Action::PrintMapEntry { key: args, .. } => args,
        Action::PrintValue(value) | Action::Join { argv: value, .. } => std::slice::from_ref(value),
        Action::Exit(status) => status.as_slice(),
        Action::PrintMap { .. }
        | Action::Clear(_)
        | Action::Zero(_)
        | Action::Time(_)
        | Action::Record(_)
        | Action::Dump => &[],
    }
}
