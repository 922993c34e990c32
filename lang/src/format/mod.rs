//! The canonical printer: syntax tree in, script text out. What is printed parses to the same tree.
//!
//! Comments keep their order and stand before the statement or item that they stood before, or behind the
//! one whose line they end. Expressions are printed by `expr`.

mod expr;

use crate::analyze::continues_calls;
use crate::ast::{
    AttachPoint, Block, Comment, ConfigValue, Expr, ExprKind, ForOver, Item, MacroParam, Probe,
    Script, Stmt, StmtKind,
};
use crate::source::{Source, Span};

/// Prints a script. `source` is the text that the tree was read from.
pub fn print(script: &Script, source: &Source) -> String {
    let mut printer = Printer {
        out: String::new(),
        indent: 0,
        source,
        comments: &script.comments,
        next_comment: 0,
        last: None,
    };
    printer.script(script);
    printer.out
}

struct Printer<'s> {
    out: String,
    indent: usize,
    source: &'s Source,
    comments: &'s [Comment],
    next_comment: usize,
    /// Where what was printed last stood.
    last: Option<u32>,
}

impl Printer<'_> {
    fn script(&mut self, script: &Script) {
        if let Some(span) = script.shebang {
            self.out.push_str(self.source.slice(span));
            self.out.push('\n');
            self.last = Some(span.end);
        }
        for item in &script.c_items {
            self.comments_before(item.span.start);
            self.out.push_str(&item.text);
            self.out.push('\n');
            self.last = Some(item.span.end);
        }
        for item in &script.items {
            if !self.out.is_empty() {
                self.trailing_comments();
                self.out.push('\n');
            }
            self.item(item);
        }
        self.comments_before(u32::MAX);
    }

    fn item(&mut self, item: &Item) {
        let span = match item {
            Item::Config(item) => item.span,
            Item::Import(item) => item.span,
            Item::MapDecl(item) => item.span,
            Item::Macro(item) => item.span,
            Item::Subprogram(item) => item.span,
            Item::Probe(item) => item.span,
        };
        self.comments_before(span.start);
        match item {
            Item::Config(config) => {
                self.out.push_str("config = {\n");
                self.indent += 1;
                for entry in &config.entries {
                    self.comments_before(entry.key.span.start);
                    self.start_line();
                    self.out.push_str(&entry.key.name);
                    self.out.push_str(" = ");
                    match &entry.value {
                        ConfigValue::Integer(value) => self.out.push_str(&value.text),
                        ConfigValue::String(text) => expr::string(&mut self.out, text.as_bytes()),
                        ConfigValue::Word(word) => self.out.push_str(word),
                    }
                    self.out.push_str(";\n");
                    self.last = Some(entry.value_span.end);
                }
                self.close(span);
            }
            Item::Import(import) => {
                self.out.push_str("import ");
                expr::string(&mut self.out, import.path.as_bytes());
                self.out.push(';');
            }
            Item::MapDecl(decl) => {
                self.out.push_str("let @");
                self.out.push_str(&decl.map.name);
                self.out.push_str(" = ");
                self.out.push_str(&decl.kind.name);
                self.out.push('(');
                self.list(&decl.args, Self::expr);
                self.out.push_str(");");
            }
            Item::Macro(item) => {
                self.out.push_str("macro ");
                self.out.push_str(&item.name.name);
                self.out.push('(');
                self.list(&item.params, |printer, param| {
                    let (sigil, name) = match param {
                        MacroParam::Var(name) => ("$", name),
                        MacroParam::Map(name) => ("@", name),
                        MacroParam::Expr(name) => ("", name),
                    };
                    printer.out.push_str(sigil);
                    printer.out.push_str(&name.name);
                });
                self.out.push_str(") ");
                self.block(&item.body);
            }
            Item::Subprogram(item) => {
                self.out.push_str("fn ");
                self.out.push_str(&item.name.name);
                self.out.push('(');
                self.list(&item.params, |printer, (name, ty)| {
                    printer.out.push('$');
                    printer.out.push_str(&name.name);
                    printer.out.push_str(" : ");
                    printer.type_name(ty);
                });
                self.out.push_str(") : ");
                self.type_name(&item.result);
                self.out.push(' ');
                self.block(&item.body);
            }
            Item::Probe(probe) => self.probe(probe),
        }
        self.out.push('\n');
        self.last = Some(span.end);
    }

    fn probe(&mut self, probe: &Probe) {
        for (number, point) in probe.attach_points.iter().enumerate() {
            match number {
                0 => {}
                // A list of system calls is one attach point.
                _ if continues_calls(point) => self.out.push(','),
                _ => self.out.push_str(",\n"),
            }
            self.attach_point(point);
        }
        if let Some(predicate) = &probe.predicate {
            self.out.push_str(" / ");
            self.expr(predicate);
            self.out.push_str(" /");
        }
        self.out.push(' ');
        self.block(&probe.body);
    }

    fn attach_point(&mut self, point: &AttachPoint) {
        if let Some(label) = &point.label {
            self.out.push_str(&label.name);
            self.out.push('=');
        }
        for (number, part) in point.parts.iter().enumerate() {
            if number > 0 {
                self.out.push(':');
            }
            if needs_quotes(&part.name, number) {
                expr::string(&mut self.out, part.name.as_bytes());
            } else {
                self.out.push_str(&part.name);
            }
        }
    }

    /// A block from its `{` to its `}`.
    fn block(&mut self, block: &Block) {
        if block.stmts.is_empty() && !self.has_comment_before(block.span.end) {
            self.out.push_str("{ }");
            return;
        }
        self.out.push_str("{\n");
        self.last = Some(block.span.start + 1);
        self.indent += 1;
        for (number, stmt) in block.stmts.iter().enumerate() {
            self.comments_before(stmt.span.start);
            self.start_line();
            self.stmt(stmt);
            let is_last = number + 1 == block.stmts.len();
            if needs_semicolon(stmt, is_last, block.ends_in_value) {
                self.out.push(';');
            }
            self.out.push('\n');
            self.last = Some(stmt.span.end);
        }
        self.close(block.span);
    }

    fn close(&mut self, span: Span) {
        self.comments_before(span.end);
        self.indent -= 1;
        self.start_line();
        self.out.push('}');
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Discard(value) => {
                self.out.push_str("_ = ");
                self.expr(value);
            }
            StmtKind::Let { var, ty, value } => {
                self.out.push_str("let $");
                self.out.push_str(&var.name);
                if let Some(ty) = ty {
                    self.out.push_str(" : ");
                    self.type_name(ty);
                }
                if let Some(value) = value {
                    self.out.push_str(" = ");
                    self.expr(value);
                }
            }
            StmtKind::Assign { target, op, value } => {
                self.expr(target);
                self.out.push(' ');
                self.out.push_str(op.map_or("", |op| op.symbol()));
                self.out.push_str("= ");
                self.expr(value);
            }
            StmtKind::While { condition, body } => self.headed("while ", condition, body),
            StmtKind::Unroll { count, body } => self.headed("unroll ", count, body),
            StmtKind::For { var, over, body } => {
                self.out.push_str("for ($");
                self.out.push_str(&var.name);
                self.out.push_str(" : ");
                match over {
                    ForOver::Map(map) => self.expr(map),
                    ForOver::Range(start, end) => {
                        self.expr(start);
                        self.out.push_str("..");
                        self.expr(end);
                    }
                }
                self.out.push_str(") ");
                self.block(body);
            }
            StmtKind::Break => self.out.push_str("break"),
            StmtKind::Continue => self.out.push_str("continue"),
            StmtKind::Return(None) => self.out.push_str("return"),
            StmtKind::Return(Some(value)) => {
                self.out.push_str("return ");
                self.expr(value);
            }
            StmtKind::Import(path) => {
                self.out.push_str("import ");
                expr::string(&mut self.out, path.as_bytes());
            }
        }
    }

    fn headed(&mut self, keyword: &str, head: &Expr, body: &Block) {
        self.out.push_str(keyword);
        self.expr(head);
        self.out.push(' ');
        self.block(body);
    }

    fn list<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                self.out.push_str(", ");
            }
            print(self, item);
        }
    }

    fn start_line(&mut self) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    fn has_comment_before(&self, offset: u32) -> bool {
        self.comments
            .get(self.next_comment)
            .is_some_and(|comment| comment.span.start < offset)
    }

    /// Comments that stood before `offset` and are not printed yet.
    fn comments_before(&mut self, offset: u32) {
        self.trailing_comments();
        while self.has_comment_before(offset) {
            self.start_line();
            self.out.push_str(&self.comments[self.next_comment].text);
            self.out.push('\n');
            self.last = Some(self.comments[self.next_comment].span.end);
            self.next_comment += 1;
        }
    }

    /// The comment that ends the line of what was printed last.
    fn trailing_comments(&mut self) {
        let (Some(last), Some(comment)) = (self.last, self.comments.get(self.next_comment)) else {
            return;
        };
        if comment.span.start < last || !self.out.ends_with('\n') {
            return;
        }
        let between = self.source.slice(Span {
            start: last,
            end: comment.span.start,
        });
        if between.contains('\n') || !between.trim_matches([' ', '\t', ';']).is_empty() {
            return;
        }
        self.out.pop();
        self.out.push(' ');
        self.out.push_str(&comment.text);
        self.out.push('\n');
        self.last = Some(comment.span.end);
        self.next_comment += 1;
    }
}

/// Whether a part of an attach point would be cut or read as something else without quotes.
fn needs_quotes(part: &str, number: usize) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b"_*.+-[]$@!%#?^".contains(&byte)
            || (byte == b'/' && number > 0)
    };
    // A path goes on after its `/` only if it begins with one.
    let odd_path = part.contains('/') && !part.starts_with('/');
    !part.bytes().all(plain) || odd_path || (part.is_empty() && number == 0)
}

/// `if` and blocks need no `;`, and the value of a block must have none.
fn needs_semicolon(stmt: &Stmt, is_last: bool, ends_in_value: bool) -> bool {
    match &stmt.kind {
        StmtKind::Expr(_) if is_last => !ends_in_value,
        StmtKind::Expr(Expr {
            kind: ExprKind::If { .. } | ExprKind::Block(_),
            ..
        }) => false,
        StmtKind::While { .. } | StmtKind::Unroll { .. } | StmtKind::For { .. } => false,
        _ => true,
    }
}
