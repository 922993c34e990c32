//! What a script promises of itself: `assert`, `static_assert` and `fail`.

use super::super::tree;
use super::Lowerer;
use super::action::filled;
use super::value::{cast, known, literal};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{Action, MessageLevel, Stmt, StmtKind};
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
                let message = self.fail_message(args)?;
                self.error(AnalysisKind::Failed { message }, span)
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
            expanded_from: self.reports().expanded_from(span),
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
        match known(&condition) {
            Some(false) => {
                let message = self.literal_string(args, 1)?;
                self.error(AnalysisKind::Failed { message }, span)
            }
            Some(true) => None,
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
}
