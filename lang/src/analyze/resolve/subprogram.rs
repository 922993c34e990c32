//! Calls of `fn` subprograms: the body is resolved anew for each call and stands in its place.

use super::super::report::Explain;
use super::super::tree::{Expr, ExprKind, SUBPROGRAM_RESULT, StmtKind, Subprogram, TypeRef};
use super::{Resolver, Returns};
use crate::ast::{self, CallArg, Ident};
use crate::diagnostic::kind::AnalysisKind;
use crate::source::Span;
use crate::types::Type;
use std::mem;

impl Resolver<'_> {
    pub(super) fn subprogram(
        &mut self,
        function: &ast::Subprogram,
        name: &Ident,
        args: &[CallArg],
    ) -> Option<ExprKind> {
        if self.active.contains(&name.name) {
            let kind = AnalysisKind::SubprogramRecursion {
                name: name.name.clone(),
            };
            self.reports.error(kind, name.span);
            return None;
        }
        self.check_count(function, name, args)?;
        let values: Vec<_> = args.iter().map(|arg| self.given(arg)).collect();
        let values: Vec<Expr> = values.into_iter().collect::<Option<_>>()?;
        let values = values.into_iter().map(Some).collect();
        let inlined = self.inlined(function, values)?;
        Some(ExprKind::Subprogram(Box::new(inlined)))
    }

    /// Subprograms that no probe calls: they are to be right all the same. What hangs on the event cannot be
    /// told without a call.
    pub(super) fn uncalled(&mut self) -> Vec<(Subprogram, Span)> {
        let mut functions: Vec<_> = self.subprograms.values().copied().collect();
        functions.sort_by_key(|function| function.span.start);
        let mut checked = Vec::new();
        for function in functions {
            if self.called.contains(&function.name.name) {
                continue;
            }
            let (fields, whole) = (self.scope.fields.len(), self.scope.whole_args);
            let values = function.params.iter().map(|_| None).collect();
            let inlined = self.inlined(function, values);
            let asks = self.scope.fields.len() > fields || self.scope.whole_args != whole;
            self.scope.fields.truncate(fields);
            self.scope.whole_args = whole;
            checked.extend(
                inlined
                    .filter(|_| !asks)
                    .map(|inlined| (inlined, function.name.span)),
            );
        }
        checked
    }

    /// The body with its parameters set.
    fn inlined(
        &mut self,
        function: &ast::Subprogram,
        values: Vec<Option<Expr>>,
    ) -> Option<Subprogram> {
        let name = &function.name;
        self.called.insert(name.name.clone());
        let types: Vec<_> = function
            .params
            .iter()
            .map(|(_, ty)| self.type_ref(ty))
            .collect();
        let types: Vec<_> = types.into_iter().collect::<Option<_>>()?;
        let result_type = self.type_ref(&function.result)?;

        // The body sees its parameters and nothing of the caller.
        let outside = self.scope.enter_function();
        let params = function
            .params
            .iter()
            .zip(types.into_iter().zip(values))
            .map(|((param, _), (ty, value))| {
                let var = self.scope.declare(&param.name, param.span);
                (var, ty, value)
            })
            .collect();
        let is_void = matches!(result_type, TypeRef::Known(Type::Void));
        let result = (!is_void).then(|| {
            let var = self.scope.declare(SUBPROGRAM_RESULT, function.result.span);
            (var, result_type)
        });
        let returns = Returns::Subprogram(result.as_ref().map(|(var, _)| *var));
        let returns = mem::replace(&mut self.returns, returns);
        self.active.push(name.name.clone());
        let body = self.body(&function.body);
        self.active.pop();
        self.returns = returns;
        self.scope.leave_function(outside);

        if result.is_some() && !returns_always(&function.body) {
            let kind = AnalysisKind::NotAllReturn {
                name: name.name.clone(),
            };
            self.reports.error(kind, function.name.span);
        }
        Some(Subprogram {
            name: name.name.clone(),
            params,
            result,
            body,
        })
    }

    fn given(&mut self, arg: &CallArg) -> Option<Expr> {
        match arg {
            CallArg::Expr(expr) => Some(self.value(expr)),
            CallArg::Type(ty) => {
                self.reports.not_supported("a type as an argument", ty.span);
                None
            }
        }
    }

    fn check_count(
        &mut self,
        function: &ast::Subprogram,
        name: &Ident,
        args: &[CallArg],
    ) -> Option<()> {
        let (wanted, given) = (function.params.len(), args.len());
        if wanted == given {
            return Some(());
        }
        let function_name = name.name.clone();
        let kind = if given < wanted {
            AnalysisKind::TooFewArguments {
                function: function_name,
                required: wanted,
                given,
            }
        } else {
            AnalysisKind::TooManyArguments {
                function: function_name,
                most: wanted,
                given,
            }
        };
        self.reports
            .error(kind, name.span)
            .label(function.name.span, "defined here");
        None
    }

    /// `return e;`, if a value can be returned here.
    pub(super) fn return_value(&mut self, value: &ast::Expr) -> Option<StmtKind> {
        let (kind, hint) = match self.returns {
            Returns::Subprogram(Some(var)) => {
                return Some(StmtKind::ReturnValue(var, self.value(value)));
            }
            Returns::Test => return Some(StmtKind::ReturnStatus(self.value(value))),
            Returns::Subprogram(None) => (AnalysisKind::ReturnOfVoid, "write 'return;'"),
            Returns::Probe => (AnalysisKind::ReturnValue, "write 'return;'"),
        };
        self.reports.error(kind, value.span).hint = Some(hint.into());
        None
    }

    /// `return;`, if nothing has to be returned here.
    pub(super) fn plain_return(&mut self, span: Span) -> Option<StmtKind> {
        if let Returns::Subprogram(Some(_)) = self.returns {
            let name = self.active.last().cloned().unwrap_or_default();
            self.reports
                .error(AnalysisKind::NotAllReturn { name }, span);
            return None;
        }
        Some(StmtKind::Return)
    }
}

/// Whether no way through the block misses a `return`.
fn returns_always(block: &ast::Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        ast::StmtKind::Return(_) => true,
        ast::StmtKind::Expr(expr) => match &expr.kind {
            ast::ExprKind::If {
                then,
                otherwise: Some(otherwise),
                ..
            } => returns_always(then) && returns_always(otherwise),
            ast::ExprKind::Block(block) => returns_always(block),
            ast::ExprKind::Call { name, .. } => name.name == "exit",
            _ => false,
        },
        _ => false,
    })
}
