//! Expressions and types as text.

use super::Printer;
use crate::ast::{
    Access, Block, CallArg, Expr, ExprKind, StepOp, StepPosition, Stmt, StmtKind, Tag, TypeName,
    TypeNameKind, UnaryOp,
};

impl Printer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Integer(value) => self.out.push_str(&value.text),
            ExprKind::String(bytes) => string(&mut self.out, bytes),
            ExprKind::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            ExprKind::Positional(number) => self.out.push_str(&format!("${number}")),
            ExprKind::PositionalCount => self.out.push_str("$#"),
            ExprKind::Ident(name) => self.out.push_str(name),
            ExprKind::Var(name) => {
                self.out.push('$');
                self.out.push_str(name);
            }
            ExprKind::Map { name, key } => {
                self.out.push('@');
                self.out.push_str(name);
                if let Some(key) = key {
                    self.out.push('[');
                    self.list(key, Self::expr);
                    self.out.push(']');
                }
            }
            ExprKind::Call { name, args } => {
                self.out.push_str(&name.name);
                self.out.push('(');
                self.list(args, Self::call_arg);
                self.out.push(')');
            }
            ExprKind::TypeCall { name, arg, path } => {
                self.out.push_str(&name.name);
                self.out.push('(');
                self.call_arg(arg);
                for (number, part) in path.iter().enumerate() {
                    self.out.push_str(if number == 0 { ", " } else { "." });
                    self.out.push_str(&part.name);
                }
                self.out.push(')');
            }
            ExprKind::Unary { op, operand } => self.prefix(unary(*op), operand),
            ExprKind::Step {
                op,
                position: StepPosition::Prefix,
                target,
            } => self.prefix(step(*op), target),
            ExprKind::Step { op, target, .. } => {
                self.expr(target);
                self.out.push_str(step(*op));
            }
            ExprKind::Binary { op, left, right } => {
                self.expr(left);
                self.out.push(' ');
                self.out.push_str(op.symbol());
                self.out.push(' ');
                self.expr(right);
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                match then {
                    Some(then) => {
                        self.out.push_str(" ? ");
                        self.expr(then);
                        self.out.push_str(" : ");
                    }
                    None => self.out.push_str(" ?: "),
                }
                self.expr(otherwise);
            }
            ExprKind::Field { base, name, access } => {
                self.expr(base);
                self.out.push_str(match access {
                    Access::Dot => ".",
                    Access::Arrow => "->",
                });
                self.out.push_str(&name.name);
            }
            ExprKind::TupleField { base, index } => {
                self.expr(base);
                self.out.push_str(&format!(".{index}"));
            }
            ExprKind::Index { base, index } => {
                self.expr(base);
                self.out.push('[');
                self.expr(index);
                self.out.push(']');
            }
            ExprKind::Cast { ty, operand } => {
                self.out.push('(');
                self.type_name(ty);
                self.out.push(')');
                self.expr(operand);
            }
            ExprKind::Tuple(items) => {
                self.out.push('(');
                self.list(items, Self::expr);
                self.out.push_str(if items.len() == 1 { ",)" } else { ")" });
            }
            ExprKind::Record(fields) => {
                self.out.push('(');
                self.list(fields, |printer, (name, value)| {
                    printer.out.push_str(&name.name);
                    printer.out.push('=');
                    printer.expr(value);
                });
                self.out.push(')');
            }
            ExprKind::Paren(value) => {
                self.out.push('(');
                self.expr(value);
                self.out.push(')');
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.out.push_str("if ");
                self.expr(condition);
                self.out.push(' ');
                self.block(then);
                if let Some(otherwise) = otherwise {
                    self.out.push_str(" else ");
                    match only_if(otherwise) {
                        Some(next) => self.expr(next),
                        None => self.block(otherwise),
                    }
                }
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Comptime(value) => {
                self.out.push_str("comptime ");
                self.expr(value);
            }
            ExprKind::Error => self.out.push_str(self.source.slice(expr.span)),
        }
    }

    fn prefix(&mut self, op: &str, operand: &Expr) {
        self.out.push_str(op);
        let start = self.out.len();
        self.expr(operand);
        // `- -x` is no decrement, `& &x` no conjunction.
        if self.out[start..].starts_with(&op[..1]) && "-+&".contains(&op[..1]) {
            self.out.insert(start, ' ');
        }
    }

    fn call_arg(&mut self, arg: &CallArg) {
        match arg {
            CallArg::Expr(value) => self.expr(value),
            CallArg::Type(ty) => self.type_name(ty),
        }
    }

    pub(super) fn type_name(&mut self, ty: &TypeName) {
        match &ty.kind {
            TypeNameKind::Name(name) => self.out.push_str(name),
            TypeNameKind::Tagged { tag, name } => {
                self.out.push_str(match tag {
                    Tag::Struct => "struct ",
                    Tag::Union => "union ",
                    Tag::Enum => "enum ",
                });
                self.out.push_str(name);
            }
            TypeNameKind::Pointer(inside) => {
                self.type_name(inside);
                self.out.push_str(match inside.kind {
                    TypeNameKind::Pointer(_) => "*",
                    _ => " *",
                });
            }
            TypeNameKind::Array(inside, len) => {
                self.type_name(inside);
                match len {
                    Some(len) => self.out.push_str(&format!("[{len}]")),
                    None => self.out.push_str("[]"),
                }
            }
            TypeNameKind::Tuple(items) => {
                self.out.push('(');
                self.list(items, Self::type_name);
                self.out.push(')');
            }
            TypeNameKind::TypeOf(arg) => {
                self.out.push_str("typeof(");
                self.call_arg(arg);
                self.out.push(')');
            }
        }
    }
}

/// The `if` of `else if`: the only statement of its block.
fn only_if(block: &Block) -> Option<&Expr> {
    match block.stmts.as_slice() {
        [
            Stmt {
                kind: StmtKind::Expr(value),
                ..
            },
        ] if block.ends_in_value && matches!(value.kind, ExprKind::If { .. }) => Some(value),
        _ => None,
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::Not => "!",
        UnaryOp::BitNot => "~",
        UnaryOp::Deref => "*",
        UnaryOp::AddressOf => "&",
    }
}

fn step(op: StepOp) -> &'static str {
    match op {
        StepOp::Increment => "++",
        StepOp::Decrement => "--",
    }
}

/// A string with quotes and escapes; what is UTF-8 stays readable.
pub(super) fn string(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                character if character.is_ascii_control() => {
                    out.push_str(&format!("\\x{:02x}", u32::from(character)));
                }
                character => out.push(character),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
}
