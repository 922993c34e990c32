//! What a script promises of itself: `assert`, `static_assert` and `fail`.

use super::super::tree;
use super::Lowerer;
use super::action::filled;
use super::value::{cast, literal};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{
    Action, ArithmeticOp, CompareOp, Expr, ExprKind, LogicOp, MessageLevel, Stmt, StmtKind,
};
use crate::printf::{Format, Piece};
use crate::source::Span;
use crate::types::Type;

/// Whether a call is one of those.
pub(super) fn is_promise(function: Function) -> bool {
    matches!(
        function,
        Function::Assert | Function::StaticAssert | Function::Fail
    )
}

impl Lowerer<'_> {
    /// The statement that a promise takes when the script runs, if any.
    pub(super) fn promise(
        &mut self,
        function: Function,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<StmtKind> {
        match function {
            Function::Assert => self.assert(args, span),
            Function::StaticAssert => {
                self.static_assert(args, span);
                None
            }
            _ => {
                if !self.unreachable {
                    let message = self.fail_message(args)?;
                    return self.error(AnalysisKind::Failed { message }, span);
                }
                None
            }
        }
    }

    fn assert(&mut self, args: &[tree::Expr], span: Span) -> Option<StmtKind> {
        let condition = self.condition(args.first()?, "assert()");
        let text = self.literal_string(args, 1)?;
        let format = self.format(Format {
            pieces: vec![Piece::Literal(text.into_bytes())],
        });
        let message = Action::Message {
            level: MessageLevel::Error,
            format,
            args: Vec::new(),
        };
        let exit = Action::Exit(Some(cast(literal(1, span), Type::I64)));
        let actions = [message, exit].map(|action| Stmt {
            kind: StmtKind::Action(action),
            span,
        });
        Some(StmtKind::If {
            condition: condition?,
            then: Vec::new(),
            otherwise: actions.into(),
        })
    }

    fn static_assert(&mut self, args: &[tree::Expr], span: Span) -> Option<()> {
        let condition = self.condition(args.first()?, "static_assert()")?;
        match constant(&condition) {
            Some(0) => {
                let message = self.literal_string(args, 1)?;
                self.error(AnalysisKind::Failed { message }, span)
            }
            Some(_) => None,
            None => {
                let function = "static_assert";
                self.error(AnalysisKind::NotConstant { function }, condition.span)
            }
        }
    }

    /// The message of `fail()`, whose arguments are constants.
    fn fail_message(&mut self, args: &[tree::Expr]) -> Option<String> {
        let (format, values) = self.read_format(Function::Fail, args, args.first()?.span)?;
        Some(filled(&format, &values))
    }

    /// Runs something whose statements can be reached only if the condition allows it.
    pub(super) fn if_reached<T>(
        &mut self,
        condition: Option<&Expr>,
        wanted: bool,
        inside: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.unreachable;
        let never = condition
            .and_then(constant)
            .is_some_and(|value| (value != 0) != wanted);
        self.unreachable |= never;
        let result = inside(self);
        self.unreachable = before;
        result
    }
}

/// The value of an expression that only constants take part in.
fn constant(expr: &Expr) -> Option<i64> {
    let both = |left: &Expr, right: &Expr| Some((constant(left)?, constant(right)?));
    let signed = |ty: &Type| ty.int().is_some_and(|int| int.signed);
    Some(match &expr.kind {
        ExprKind::Int(value) => *value,
        ExprKind::Not(operand) => i64::from(constant(operand)? == 0),
        ExprKind::Cast(operand) if expr.ty == Type::Bool => i64::from(constant(operand)? != 0),
        ExprKind::Cast(operand) if expr.ty.size() == 8 => constant(operand)?,
        ExprKind::Logic(LogicOp::And, left, right) => {
            let (left, right) = both(left, right)?;
            i64::from(left != 0 && right != 0)
        }
        ExprKind::Logic(LogicOp::Or, left, right) => {
            let (left, right) = both(left, right)?;
            i64::from(left != 0 || right != 0)
        }
        ExprKind::Compare(op, left, right) => {
            let signed = signed(&left.ty);
            let (left, right) = both(left, right)?;
            let order = if signed {
                left.cmp(&right)
            } else {
                (left as u64).cmp(&(right as u64))
            };
            i64::from(match op {
                CompareOp::Eq => order.is_eq(),
                CompareOp::Ne => order.is_ne(),
                CompareOp::Lt => order.is_lt(),
                CompareOp::Le => order.is_le(),
                CompareOp::Gt => order.is_gt(),
                CompareOp::Ge => order.is_ge(),
            })
        }
        ExprKind::Arithmetic(op, left, right) if expr.ty.size() == 8 => {
            let (left, right) = both(left, right)?;
            match op {
                ArithmeticOp::Add => left.wrapping_add(right),
                ArithmeticOp::Sub => left.wrapping_sub(right),
                ArithmeticOp::Mul => left.wrapping_mul(right),
                _ => return None,
            }
        }
        _ => return None,
    })
}
