//! Expressions.

use super::super::group::BUILTIN_FIELD;
use super::super::named::Value;
use super::super::report::Explain;
use super::super::tree::{Block, Expr, ExprKind, FieldUse};
use super::Resolver;
use super::literal::{self, Positional};
use super::stmt::unparenthesized;
use crate::ast::{self, BinaryOp, UnaryOp};
use crate::builtin::{self, Builtin};
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::suggest;
use crate::function;
use crate::provider::Support;
use crate::source::Span;
use crate::types::{AddressSpace, Clock, StackType};

/// Frames of a stack, unless the script says how many.
const STACK_FRAMES: u32 = 127;

/// The value of a constant.
pub(super) fn int(expr: &Expr) -> Option<i128> {
    match expr.kind {
        ExprKind::Int(value) => Some(value),
        ExprKind::Constant(_, value) => Some(i128::from(value)),
        _ => None,
    }
}

impl Resolver<'_> {
    /// An expression whose value is wanted.
    pub(super) fn value(&mut self, expr: &ast::Expr) -> Expr {
        let expr = unparenthesized(expr);
        let kind = self.value_kind(expr).unwrap_or(ExprKind::Error);
        Expr {
            kind,
            span: expr.span,
        }
    }

    /// An expression in statement position: blocks may end without a value.
    pub(super) fn effect(&mut self, expr: &ast::Expr) -> Expr {
        let kind = match &expr.kind {
            ast::ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise.as_ref(), Self::effect_block),
            ast::ExprKind::Block(block) => {
                ExprKind::Block(self.expanded(expr.span, block, Self::effect_block))
            }
            ast::ExprKind::Paren(inner) => return self.effect(inner),
            ast::ExprKind::Conditional {
                condition,
                then: Some(then),
                otherwise,
            } => ExprKind::Conditional {
                condition: Box::new(self.value(condition)),
                then: Some(Box::new(self.effect(then))),
                otherwise: Box::new(self.effect(otherwise)),
            },
            _ => return self.value(expr),
        };
        Expr {
            kind,
            span: expr.span,
        }
    }

    /// An `if` whose branches are read in one way or the other.
    fn conditional(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Block,
        otherwise: Option<&ast::Block>,
        read: fn(&mut Self, &ast::Block) -> Block,
    ) -> ExprKind {
        ExprKind::If {
            condition: Box::new(self.value(condition)),
            then: read(self, then),
            otherwise: otherwise.map(|block| read(self, block)),
        }
    }

    /// A block, which may be what a macro was expanded to.
    fn expanded(
        &mut self,
        call: Span,
        block: &ast::Block,
        read: fn(&mut Self, &ast::Block) -> Block,
    ) -> Block {
        let expansion = self.reports.enter(call, block.span);
        let block = read(self, block);
        self.reports.leave(expansion);
        block
    }

    fn effect_block(&mut self, block: &ast::Block) -> Block {
        Block {
            stmts: self.body(block),
            value: None,
            span: block.span,
        }
    }

    fn value_kind(&mut self, expr: &ast::Expr) -> Option<ExprKind> {
        Some(match &expr.kind {
            ast::ExprKind::Integer(integer) => ExprKind::Int(i128::from(integer.value)),
            ast::ExprKind::String(bytes) => ExprKind::Str(bytes.clone()),
            ast::ExprKind::Bool(value) => ExprKind::Bool(*value),
            ast::ExprKind::Positional(n) => match literal::positional(self.options, *n) {
                Positional::Number(value) => ExprKind::Int(value),
                Positional::Text(text) => ExprKind::Str(text),
            },
            ast::ExprKind::PositionalCount => ExprKind::Int(self.options.positional.len() as i128),
            ast::ExprKind::Ident(name) => return self.word(name, expr.span),
            ast::ExprKind::Var(name) => ExprKind::Var(self.variable(name, expr.span)?),
            ast::ExprKind::Map { name, key } => ExprKind::Map {
                map: self.maps.used(name, expr.span),
                key: self.key(key.as_deref()),
            },
            ast::ExprKind::Call { name, args } => return self.call(name, args, expr.span),
            ast::ExprKind::TypeCall { name, arg, path } => match name.name.as_str() {
                "sizeof" => ExprKind::Sizeof(self.type_argument(arg)?),
                "offsetof" => ExprKind::Offsetof {
                    ty: self.type_argument(arg)?,
                    path: path.clone(),
                },
                other => {
                    self.reports.not_supported(format!("{other}()"), name.span);
                    return None;
                }
            },
            ast::ExprKind::Unary { op, operand } => return self.unary(*op, operand, expr.span),
            ast::ExprKind::Step {
                op,
                position,
                target,
            } => ExprKind::Step {
                place: self.place(target)?,
                op: *op,
                position: *position,
            },
            ast::ExprKind::Binary { op, left, right } => return self.binary(*op, left, right),
            ast::ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => ExprKind::Conditional {
                condition: Box::new(self.value(condition)),
                then: then.as_ref().map(|then| Box::new(self.value(then))),
                otherwise: Box::new(self.value(otherwise)),
            },
            ast::ExprKind::Field { base, name, .. } => return self.field(base, name),
            ast::ExprKind::TupleField { base, index } => ExprKind::TupleField {
                base: Box::new(self.value(base)),
                index: *index,
            },
            ast::ExprKind::Index { base, index } => ExprKind::Index {
                base: Box::new(self.value(base)),
                index: Box::new(self.value(index)),
            },
            ast::ExprKind::Cast { ty, operand } => {
                let ty = self.type_ref(ty);
                let operand = Box::new(self.value(operand));
                ExprKind::Cast { ty: ty?, operand }
            }
            ast::ExprKind::Tuple(members) => ExprKind::Tuple(self.values(members)),
            ast::ExprKind::Record(members) => ExprKind::Record(self.record(members)),
            ast::ExprKind::Paren(inner) => return self.value_kind(inner),
            ast::ExprKind::Comptime(inner) => {
                let inner = self.value(inner);
                match inner.kind {
                    ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Error => inner.kind,
                    _ => ExprKind::Comptime(Box::new(inner)),
                }
            }
            ast::ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise.as_ref(), Self::block),
            ast::ExprKind::Block(block) => {
                let block = self.expanded(expr.span, block, Self::block);
                match block.value {
                    // A macro of nothing but a literal is as good as that, where one is wanted.
                    Some(value) if block.stmts.is_empty() && is_literal(&value) => value.kind,
                    _ => ExprKind::Block(block),
                }
            }
            ast::ExprKind::Error => return None,
        })
    }

    /// The parts of a map's key.
    pub(super) fn key(&mut self, key: Option<&[ast::Expr]>) -> Option<Vec<Expr>> {
        key.map(|parts| self.values(parts))
    }

    fn values(&mut self, exprs: &[ast::Expr]) -> Vec<Expr> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            values.push(self.value(expr));
        }
        values
    }

    fn record(&mut self, members: &[(ast::Ident, ast::Expr)]) -> Vec<(String, Expr)> {
        for (at, (name, _)) in members.iter().enumerate() {
            if members[..at]
                .iter()
                .any(|(other, _)| other.name == name.name)
            {
                let kind = AnalysisKind::Duplicate {
                    what: "record member",
                    name: name.name.clone(),
                };
                self.reports.error(kind, name.span);
            }
        }
        members
            .iter()
            .map(|(name, member)| (name.name.clone(), self.value(member)))
            .collect()
    }

    fn field(&mut self, base: &ast::Expr, name: &ast::Ident) -> Option<ExprKind> {
        if is_args(base) {
            let field = FieldUse {
                name: name.name.clone(),
                span: name.span,
            };
            self.scope.fields.push(field.clone());
            return Some(ExprKind::Field(field));
        }
        let mut base = self.value(base);
        if let ExprKind::Record(members) = &mut base.kind {
            let at = members.iter().position(|(member, _)| *member == name.name);
            let literal = |(_, member): &(String, Expr)| is_literal(member);
            if let Some(at) = at.filter(|_| members.iter().all(literal)) {
                return Some(members.swap_remove(at).1.kind);
            }
        }
        Some(ExprKind::Member {
            base: Box::new(base),
            name: name.name.clone(),
            name_span: name.span,
        })
    }

    fn unary(&mut self, op: UnaryOp, operand: &ast::Expr, span: Span) -> Option<ExprKind> {
        let operand = self.value(operand);
        if op == UnaryOp::AddressOf {
            return match operand.kind {
                ExprKind::Var(_)
                | ExprKind::Map { .. }
                | ExprKind::Member { .. }
                | ExprKind::Index { .. }
                | ExprKind::Deref(_) => Some(ExprKind::AddressOf(Box::new(operand))),
                ExprKind::Error => None,
                _ => {
                    self.reports.error(AnalysisKind::NoAddress, span);
                    None
                }
            };
        }
        Some(match (op, int(&operand)) {
            (UnaryOp::Neg, Some(value)) if literal::negate(value).is_some() => {
                ExprKind::Int(-value)
            }
            (UnaryOp::BitNot, Some(value)) if i64::try_from(value).is_ok() => ExprKind::Int(!value),
            (UnaryOp::Neg, _) => ExprKind::Neg(Box::new(operand)),
            (UnaryOp::BitNot, _) => ExprKind::BitNot(Box::new(operand)),
            (UnaryOp::Not, _) => ExprKind::Not(Box::new(operand)),
            (UnaryOp::Deref | UnaryOp::AddressOf, _) => ExprKind::Deref(Box::new(operand)),
        })
    }

    fn binary(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Option<ExprKind> {
        let (left, right) = (self.value(left), self.value(right));
        if matches!(op, BinaryOp::Div | BinaryOp::Rem) && int(&right) == Some(0) {
            let remainder = op == BinaryOp::Rem;
            self.reports
                .error(AnalysisKind::DivisionByZero { remainder }, right.span);
            return None;
        }
        if let (Some(a), Some(b)) = (int(&left), int(&right))
            && let Some(value) = literal::fold(op, a, b)
        {
            return Some(ExprKind::Int(value));
        }
        Some(ExprKind::Binary {
            op,
            left: Box::new(left),
            right: Box::new(right),
        })
    }

    /// A bare word.
    fn word(&mut self, name: &str, span: Span) -> Option<ExprKind> {
        if let Some(row) = builtin::by_name(name) {
            return self.builtin(row, name, &[], span);
        }
        if let Some(constant) = self.named.constant(name) {
            return Some(match constant {
                Value::Integer(value) => ExprKind::Int(i128::from(value)),
                Value::String(text) => ExprKind::Str(text),
                Value::Enum(ty, value) => ExprKind::Constant(ty, value),
            });
        }
        let kind = AnalysisKind::UnknownIdentifier { name: name.into() };
        let report = self.reports.error(kind, span);
        if function::by_name(name).is_some() {
            report.hint = Some(format!("{name} is a function: {name}(...)"));
        } else if let Some(here) = suggest::foreign(name) {
            report.hint = Some(format!("here it is '{here}'"));
        } else {
            let is_constant = name.starts_with(|letter: char| letter.is_ascii_uppercase());
            if is_constant && self.options.engine.is_native() {
                let hint = "only the bpf engine knows the constants of the kernel's own enums";
                report.hint = Some(hint.into());
            }
            let builtins = builtin::all().iter().map(|row| row.name);
            report.did_you_mean(name, builtins);
        }
        None
    }

    /// A builtin, with what stands in parentheses behind it.
    pub(super) fn builtin(
        &mut self,
        row: &'static builtin::Row,
        name: &str,
        args: &[ast::CallArg],
        span: Span,
    ) -> Option<ExprKind> {
        if row.support == Support::NotYet {
            self.reports.not_supported(name, span);
            return None;
        }
        let (offered_by, form) = match args.is_empty() || !row.engines.has(self.options.engine) {
            true => (row.engines, None),
            false => (row.argument_engines, Some(row.arguments)),
        };
        let what = || match form {
            None => name.to_owned(),
            Some(arguments) => format!("{name}({arguments})"),
        };
        if !self
            .reports
            .offered(self.options.engine, offered_by, what, span)
        {
            return None;
        }
        Some(match row.id {
            Builtin::Nsecs => ExprKind::Nsecs(self.clock(args, span)?),
            Builtin::KernelStack => {
                ExprKind::Stack(self.stack(AddressSpace::Kernel, args, span)?)
            }
            Builtin::UserStack => ExprKind::Stack(self.stack(AddressSpace::User, args, span)?),
            Builtin::Pid | Builtin::Tid if !args.is_empty() => {
                let own = match args {
                    [ast::CallArg::Expr(arg)] => word_of(arg),
                    _ => None,
                };
                match (own, row.id) {
                    (Some("curr_ns"), id) => ExprKind::Builtin(id),
                    (Some("init"), Builtin::Pid) => self.of_task(None, &["tgid"], span),
                    (Some("init"), _) => self.of_task(None, &["pid"], span),
                    _ => return self.builtin_argument(row.name, "curr_ns or init", span),
                }
            }
            id if task_path(id).is_some() && (!args.is_empty() || self.is_read_from_task(id)) => {
                let task = match args {
                    [] => None,
                    [ast::CallArg::Expr(task)] => Some(task),
                    _ => return self.builtin_argument(row.name, "a task", span),
                };
                self.of_task(task, task_path(id)?, span)
            }
            Builtin::Comm if !args.is_empty() => {
                let [ast::CallArg::Expr(of)] = args else {
                    return self.builtin_argument(row.name, "a thread id or a task", span);
                };
                let kind = ExprKind::TaskOf(Box::new(self.value(of)));
                ExprKind::Member {
                    base: Box::new(Expr { kind, span }),
                    name: row.name.to_owned(),
                    name_span: span,
                }
            }
            _ if !args.is_empty() => {
                self.reports
                    .not_supported(format!("{name} of another task"), span);
                return None;
            }
            Builtin::Args => {
                self.scope.whole_args.get_or_insert(span);
                ExprKind::Args
            }
            Builtin::Argument | Builtin::Retval => {
                let field = FieldUse {
                    name: format!(
                        "{BUILTIN_FIELD}{}",
                        name.strip_prefix("__builtin_").unwrap_or(name)
                    ),
                    span,
                };
                self.scope.fields.push(field.clone());
                ExprKind::Field(field)
            }
            Builtin::Config => {
                let options = super::super::config::values(self.config).into_iter();
                let member = |(name, kind): (&str, _)| (name.to_owned(), Expr { kind, span });
                ExprKind::Record(options.map(member).collect())
            }
            Builtin::HasChild => ExprKind::Bool(self.options.has_child),
            Builtin::ChildPid if !self.options.has_child => {
                self.reports.error(AnalysisKind::NoChild, span).hint =
                    Some("give one with -c".into());
                return None;
            }
            id => ExprKind::Builtin(id),
        })
    }

    /// A member of the current task, or of another one, behind the members that lead to it.
    fn of_task(&mut self, task: Option<&ast::Expr>, path: &[&str], span: Span) -> ExprKind {
        let task = match task {
            Some(task) => self.value(task).kind,
            None => ExprKind::Builtin(Builtin::CurrentTask),
        };
        path.iter().fold(task, |kind, name| ExprKind::Member {
            base: Box::new(Expr { kind, span }),
            name: (*name).to_owned(),
            name_span: span,
        })
    }

    fn clock(&mut self, args: &[ast::CallArg], span: Span) -> Option<Clock> {
        match args {
            [] => Some(Clock::Boot),
            [ast::CallArg::Expr(arg)] => match word_of(arg) {
                Some("monotonic") => Some(Clock::Monotonic),
                Some("boot") => Some(Clock::Boot),
                Some("tai") => Some(Clock::Tai),
                Some("sw_tai") => Some(Clock::SoftwareTai),
                _ => self.builtin_argument("nsecs", "monotonic, boot, tai or sw_tai", arg.span),
            },
            _ => self.builtin_argument("nsecs", "monotonic, boot, tai or sw_tai", span),
        }
    }

    fn stack(
        &mut self,
        space: AddressSpace,
        args: &[ast::CallArg],
        span: Span,
    ) -> Option<StackType> {
        let name = match space {
            AddressSpace::Kernel => "kstack",
            AddressSpace::User => "ustack",
        };
        let mut stack = StackType {
            space,
            mode: self.config.stack_mode,
            limit: STACK_FRAMES,
        };
        if args.len() > 2 {
            return self.builtin_argument(name, "a mode and a number of frames", span);
        }
        for arg in args {
            let ast::CallArg::Expr(arg) = arg else {
                return self.builtin_argument(name, "a mode and a number of frames", span);
            };
            if let Some(word) = word_of(arg) {
                let Some(mode) = super::super::config::stack_mode(word) else {
                    return self.builtin_argument(
                        name,
                        "bpftrace, perf, raw or build_id",
                        arg.span,
                    );
                };
                stack.mode = mode;
            } else {
                let limit = literal::constant(arg, self.options)
                    .and_then(|n| u32::try_from(n).ok())
                    .filter(|n| (1..=STACK_FRAMES).contains(n));
                let Some(limit) = limit else {
                    return self.builtin_argument(name, "1 to 127 frames", arg.span);
                };
                stack.limit = limit;
            }
        }
        Some(stack)
    }

    /// What has no other source than the task's own structure.
    fn is_read_from_task(&self, builtin: Builtin) -> bool {
        match builtin {
            Builtin::Ppid => false,
            Builtin::Pcomm => !self.options.engine.is_native(),
            _ => true,
        }
    }

    fn builtin_argument<T>(
        &mut self,
        builtin: &'static str,
        expected: &'static str,
        span: Span,
    ) -> Option<T> {
        let kind = AnalysisKind::BuiltinArgument { builtin, expected };
        self.reports.error(kind, span);
        None
    }
}

/// Where a task keeps what a builtin tells of it.
fn task_path(builtin: Builtin) -> Option<&'static [&'static str]> {
    Some(match builtin {
        Builtin::Ppid => &["real_parent", "tgid"],
        Builtin::Pcomm => &["real_parent", "comm"],
        Builtin::LeaderTid => &["group_leader", "pid"],
        Builtin::LeaderComm => &["group_leader", "comm"],
        _ => return None,
    })
}

fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Bool(_)
    )
}

/// A bare word that says how, not what.
fn word_of(expr: &ast::Expr) -> Option<&str> {
    match &expr.kind {
        ast::ExprKind::Ident(word) => Some(word),
        _ => None,
    }
}

fn is_args(expr: &ast::Expr) -> bool {
    matches!(&unparenthesized(expr).kind, ast::ExprKind::Ident(name) if name == "args" || name == "__builtin_args")
}
