//! Syntax tree in, indented text out: one node a line, for `--emit ast` and for comparing trees.

use std::fmt::Display;

use crate::ast::{
    Access, Block, CallArg, ConfigValue, Expr, ExprKind, ForOver, Ident, Item, MacroParam, Probe,
    Script, StepOp, StepPosition, Stmt, StmtKind, Tag, TypeName, TypeNameKind, UnaryOp,
};
use crate::source::Span;

/// Whether nodes show their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spans {
    /// Nodes alone.
    Hidden,
    /// Nodes with the bytes they stand for, as `@start..end`.
    Shown,
}

/// The tree of a script, without places.
pub fn script(script: &Script) -> String {
    script_with(script, Spans::Hidden)
}

/// The tree of a script.
pub fn script_with(script: &Script, spans: Spans) -> String {
    let mut dump = Dump {
        out: String::new(),
        depth: 0,
        spans,
    };
    dump.script(script);
    dump.out.push('\n');
    dump.out
}

struct Dump {
    out: String,
    depth: usize,
    spans: Spans,
}

impl Dump {
    /// A node: what it is, and what is under it.
    fn node(&mut self, what: impl Display, span: Option<Span>, inside: impl FnOnce(&mut Self)) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(&"  ".repeat(self.depth));
        self.out.push('(');
        self.out.push_str(&what.to_string());
        if let (Spans::Shown, Some(span)) = (self.spans, span) {
            self.out
                .push_str(&format!(" @{}..{}", span.start, span.end));
        }
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.out.push(')');
    }

    fn leaf(&mut self, what: impl Display, span: Option<Span>) {
        self.node(what, span, |_| {});
    }

    fn script(&mut self, script: &Script) {
        self.node("script", None, |dump| {
            if let Some(span) = script.shebang {
                dump.leaf("shebang", Some(span));
            }
            for item in &script.c_items {
                dump.leaf(format!("c {:?}", item.text), Some(item.span));
            }
            for item in &script.items {
                dump.item(item);
            }
        });
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Config(config) => self.node("config", Some(config.span), |dump| {
                for entry in &config.entries {
                    let value = match &entry.value {
                        ConfigValue::Integer(value) => value.text.clone(),
                        ConfigValue::String(value) => format!("{value:?}"),
                        ConfigValue::Word(value) => value.clone(),
                    };
                    let what = format!("entry {} {value}", entry.key.name);
                    dump.leaf(what, Some(entry.key.span.to(entry.value_span)));
                }
            }),
            Item::Import(import) => {
                self.leaf(format!("import {:?}", import.path), Some(import.span));
            }
            Item::MapDecl(decl) => {
                let what = format!("map-decl @{} {}", decl.map.name, decl.kind.name);
                self.node(what, Some(decl.span), |dump| dump.exprs(&decl.args));
            }
            Item::Macro(item) => {
                let what = format!("macro {}", item.name.name);
                self.node(what, Some(item.span), |dump| {
                    for param in &item.params {
                        let (sigil, name) = match param {
                            MacroParam::Var(name) => ("$", name),
                            MacroParam::Map(name) => ("@", name),
                            MacroParam::Expr(name) => ("", name),
                        };
                        dump.leaf(format!("param {sigil}{}", name.name), Some(name.span));
                    }
                    dump.block(&item.body);
                });
            }
            Item::Subprogram(item) => {
                let what = format!("fn {}", item.name.name);
                self.node(what, Some(item.span), |dump| {
                    for (name, ty) in &item.params {
                        dump.node(format!("param ${}", name.name), Some(name.span), |dump| {
                            dump.type_name(ty);
                        });
                    }
                    dump.node("result", None, |dump| dump.type_name(&item.result));
                    dump.block(&item.body);
                });
            }
            Item::Probe(probe) => self.probe(probe),
        }
    }

    fn probe(&mut self, probe: &Probe) {
        self.node("probe", Some(probe.span), |dump| {
            for point in &probe.attach_points {
                let label = point.label.as_ref().map_or("", |label| &label.name);
                let equals = if label.is_empty() { "" } else { "=" };
                let parts: Vec<String> = point
                    .parts
                    .iter()
                    .map(|part| format!("{:?}", part.name))
                    .collect();
                let what = format!("attach-point {label}{equals}{}", parts.join(":"));
                dump.leaf(what, Some(point.span));
            }
            if let Some(predicate) = &probe.predicate {
                dump.node("predicate", None, |dump| dump.expr(predicate));
            }
            dump.block(&probe.body);
        });
    }

    fn block(&mut self, block: &Block) {
        let what = if block.ends_in_value {
            "block value"
        } else {
            "block"
        };
        self.node(what, Some(block.span), |dump| {
            for stmt in &block.stmts {
                dump.stmt(stmt);
            }
        });
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let span = Some(stmt.span);
        match &stmt.kind {
            StmtKind::Expr(value) => self.node("do", span, |dump| dump.expr(value)),
            StmtKind::Discard(value) => self.node("discard", span, |dump| dump.expr(value)),
            StmtKind::Let { var, ty, value } => {
                self.node(format!("let ${}", var.name), span, |dump| {
                    ty.iter().for_each(|ty| dump.type_name(ty));
                    dump.exprs(value);
                });
            }
            StmtKind::Assign { target, op, value } => {
                let op = op.map_or("", |op| op.symbol());
                self.node(format!("assign {op}="), span, |dump| {
                    dump.expr(target);
                    dump.expr(value);
                });
            }
            StmtKind::While { condition, body } => self.node("while", span, |dump| {
                dump.expr(condition);
                dump.block(body);
            }),
            StmtKind::Unroll { count, body } => self.node("unroll", span, |dump| {
                dump.expr(count);
                dump.block(body);
            }),
            StmtKind::For { var, over, body } => {
                self.node(format!("for ${}", var.name), span, |dump| {
                    match over {
                        ForOver::Map(map) => dump.expr(map),
                        ForOver::Range(start, end) => dump.node("range", None, |dump| {
                            dump.expr(start);
                            dump.expr(end);
                        }),
                    }
                    dump.block(body);
                });
            }
            StmtKind::Break => self.leaf("break", span),
            StmtKind::Continue => self.leaf("continue", span),
            StmtKind::Return(value) => self.node("return", span, |dump| dump.exprs(value)),
            StmtKind::Import(path) => self.leaf(format!("import {path:?}"), span),
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let what = head(&expr.kind);
        self.node(what, Some(expr.span), |dump| dump.operands(&expr.kind));
    }

    /// The expressions, types and blocks under an expression.
    fn operands(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Integer(_)
            | ExprKind::String(_)
            | ExprKind::Bool(_)
            | ExprKind::Positional(_)
            | ExprKind::PositionalCount
            | ExprKind::Ident(_)
            | ExprKind::Var(_)
            | ExprKind::Error => {}
            ExprKind::Map { key, .. } => self.exprs(key.iter().flatten()),
            ExprKind::Call { args, .. } => args.iter().for_each(|arg| self.call_arg(arg)),
            ExprKind::TypeCall { arg, .. } => self.call_arg(arg),
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Step { target, .. } => self.expr(target),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                self.exprs(then.as_deref());
                self.expr(otherwise);
            }
            ExprKind::Field { base, .. } | ExprKind::TupleField { base, .. } => self.expr(base),
            ExprKind::Index { base, index } => {
                self.expr(base);
                self.expr(index);
            }
            ExprKind::Cast { ty, operand } => {
                self.type_name(ty);
                self.expr(operand);
            }
            ExprKind::Tuple(items) => self.exprs(items),
            ExprKind::Record(fields) => {
                for (name, value) in fields {
                    self.node(format!("field {}", name.name), Some(name.span), |dump| {
                        dump.expr(value);
                    });
                }
            }
            ExprKind::Paren(value) | ExprKind::Comptime(value) => self.expr(value),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                self.block(then);
                otherwise.iter().for_each(|block| self.block(block));
            }
            ExprKind::Block(block) => self.block(block),
        }
    }

    fn call_arg(&mut self, arg: &CallArg) {
        match arg {
            CallArg::Expr(value) => self.expr(value),
            CallArg::Type(ty) => self.type_name(ty),
        }
    }

    fn type_name(&mut self, ty: &TypeName) {
        let what = match &ty.kind {
            TypeNameKind::Name(name) => format!("type {name}"),
            TypeNameKind::Tagged { tag, name } => {
                let tag = match tag {
                    Tag::Struct => "struct",
                    Tag::Union => "union",
                    Tag::Enum => "enum",
                };
                format!("type {tag} {name}")
            }
            TypeNameKind::Pointer(_) => "pointer".to_owned(),
            TypeNameKind::Array(_, None) => "array".to_owned(),
            TypeNameKind::Array(_, Some(len)) => format!("array {len}"),
            TypeNameKind::Tuple(_) => "tuple-type".to_owned(),
            TypeNameKind::TypeOf(_) => "typeof".to_owned(),
        };
        self.node(what, Some(ty.span), |dump| match &ty.kind {
            TypeNameKind::Name(_) | TypeNameKind::Tagged { .. } => {}
            TypeNameKind::Pointer(inside) | TypeNameKind::Array(inside, _) => {
                dump.type_name(inside)
            }
            TypeNameKind::Tuple(items) => items.iter().for_each(|item| dump.type_name(item)),
            TypeNameKind::TypeOf(arg) => dump.call_arg(arg),
        });
    }
}

/// An expression without what is under it.
fn head(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Integer(value) if value.text == value.value.to_string() => {
            format!("integer {}", value.text)
        }
        ExprKind::Integer(value) => format!("integer {} = {}", value.text, value.value),
        ExprKind::String(bytes) => format!("string \"{}\"", bytes.escape_ascii()),
        ExprKind::Bool(value) => format!("bool {value}"),
        ExprKind::Positional(number) => format!("positional {number}"),
        ExprKind::PositionalCount => "positional-count".to_owned(),
        ExprKind::Ident(name) => format!("ident {name}"),
        ExprKind::Var(name) => format!("var ${name}"),
        ExprKind::Map { name, key: None } => format!("map @{name}"),
        ExprKind::Map { name, key: Some(_) } => format!("map-entry @{name}"),
        ExprKind::Call { name, .. } => format!("call {}", name.name),
        ExprKind::TypeCall { name, path, .. } => {
            let path: Vec<&str> = path.iter().map(|part: &Ident| part.name.as_str()).collect();
            let dot = if path.is_empty() { "" } else { " ." };
            format!("{}{dot}{}", name.name, path.join("."))
        }
        ExprKind::Unary { op, .. } => {
            let op = match op {
                UnaryOp::Neg => "-",
                UnaryOp::Not => "!",
                UnaryOp::BitNot => "~",
                UnaryOp::Deref => "*",
                UnaryOp::AddressOf => "&",
            };
            format!("unary {op}")
        }
        ExprKind::Step { op, position, .. } => {
            let position = match position {
                StepPosition::Prefix => "prefix",
                StepPosition::Postfix => "postfix",
            };
            let op = match op {
                StepOp::Increment => "++",
                StepOp::Decrement => "--",
            };
            format!("{position} {op}")
        }
        ExprKind::Binary { op, .. } => format!("binary {}", op.symbol()),
        ExprKind::Conditional { then: Some(_), .. } => "conditional ? :".to_owned(),
        ExprKind::Conditional { then: None, .. } => "conditional ?:".to_owned(),
        ExprKind::Field { name, access, .. } => {
            let access = match access {
                Access::Dot => ".",
                Access::Arrow => "->",
            };
            format!("field {access}{}", name.name)
        }
        ExprKind::TupleField { index, .. } => format!("tuple-field .{index}"),
        ExprKind::Index { .. } => "index".to_owned(),
        ExprKind::Cast { .. } => "cast".to_owned(),
        ExprKind::Tuple(_) => "tuple".to_owned(),
        ExprKind::Record(_) => "record".to_owned(),
        ExprKind::Paren(_) => "paren".to_owned(),
        ExprKind::If { .. } => "if".to_owned(),
        ExprKind::Block(_) => "block-value".to_owned(),
        ExprKind::Comptime(_) => "comptime".to_owned(),
        ExprKind::Error => "error".to_owned(),
    }
}
