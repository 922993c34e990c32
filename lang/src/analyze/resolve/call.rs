//! Calls: which function, with how many and which kinds of arguments.

use super::super::report::Explain;
use super::super::tree::{Expr, ExprKind};
use super::Resolver;
use super::literal;
use super::stmt::unparenthesized;
use crate::ast::{self, BinaryOp, CallArg, Ident};
use crate::builtin;
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::suggest;
use crate::function::{self, Class, Function, Param, Row};
use crate::provider::Support;
use crate::source::Span;

impl Resolver<'_> {
    pub(super) fn call(&mut self, name: &Ident, args: &[CallArg], span: Span) -> Option<ExprKind> {
        if let Some(function) = self.subprograms.get(name.name.as_str()) {
            return self.subprogram(function, name, args);
        }
        let Some(row) = function::by_name(&name.name) else {
            return match builtin::by_name(&name.name) {
                Some(row) => self.builtin(row, &name.name, args, span),
                None => self.unknown_function(name),
            };
        };
        if !self.is_offered(row, name.span) {
            return None;
        }
        if row.class == Class::Aggregation {
            return self.misplaced(row.name, name.span);
        }
        if row.class == Class::Unsafe && !self.options.allow_unsafe {
            let kind = AnalysisKind::UnsafeFunction { function: row.name };
            self.reports.error(kind, name.span).hint = Some("allow it with --unsafe".into());
            return None;
        }
        if let (Function::Str, Some(CallArg::Expr(first))) = (row.id, args.first())
            && let Some(text) = self.parameter_text(first)
        {
            return self.string_of_parameter(row, name, text, first, args);
        }
        self.scope.wants_load_address |= row.id == Function::UserAddress;
        self.declare_results(row, args);
        if row.id == Function::ContainerOf {
            return self.container_of(row, name, args);
        }
        let args = self.arguments(row, name, args)?;
        if row.id == Function::GetOpt {
            return self.getopt(args, span);
        }
        Some(ExprKind::Call {
            function: row.id,
            args,
        })
    }

    /// Whether the engine has a function; complains if not. What none has yet is said elsewhere.
    pub(super) fn is_offered(&mut self, row: &'static Row, span: Span) -> bool {
        let what = || format!("{}()", row.name);
        row.support == Support::NotYet
            || self
                .reports
                .offered(self.options.engine, row.engines, what, span)
    }

    /// Variables that a function sets need not be there before.
    fn declare_results(&mut self, row: &'static Row, args: &[CallArg]) {
        for (index, arg) in args.iter().enumerate() {
            if row.param(index) == Some(Param::Variable)
                && let CallArg::Expr(expr) = arg
                && let ast::ExprKind::Var(name) = &unparenthesized(expr).kind
                && self.scope.find(name).is_none()
            {
                self.scope.declare(name, expr.span);
            }
        }
    }

    /// `container_of(pointer, type, member)`: its second argument is a type, its third names a member.
    fn container_of(
        &mut self,
        row: &'static Row,
        name: &Ident,
        args: &[CallArg],
    ) -> Option<ExprKind> {
        let [CallArg::Expr(pointer), ty, CallArg::Expr(member)] = args else {
            let index = args.len().saturating_sub(1).min(2);
            let expected = "a pointer, a type and a member";
            self.argument_type(row, index, name.span, expected, "these arguments");
            return None;
        };
        let Some(path) = member_path(member) else {
            self.argument_type(row, 2, member.span, "a member", describe(member));
            return None;
        };
        let pointer = Box::new(self.value(pointer));
        Some(ExprKind::ContainerOf {
            pointer,
            ty: self.type_argument(ty)?,
            path,
        })
    }

    fn unknown_function(&mut self, name: &Ident) -> Option<ExprKind> {
        let kind = AnalysisKind::UnknownFunction {
            name: name.name.clone(),
        };
        let functions = function::all().iter().map(|row| row.name);
        let builtins = builtin::all().iter().map(|row| row.name);
        let own = self.subprograms.keys().copied();
        let macros = self.macros.iter().map(String::as_str);
        let report = self.reports.error(kind, name.span);
        if let Some(here) = suggest::foreign(&name.name) {
            report.hint = Some(format!("here it is '{here}'"));
        } else {
            let names = own.chain(macros).chain(functions).chain(builtins);
            report.did_you_mean(&name.name, names);
        }
        None
    }

    /// `count()` anywhere but as the value of an assignment to a map.
    pub(super) fn misplaced<T>(&mut self, function: &'static str, span: Span) -> Option<T> {
        let kind = AnalysisKind::MisplacedAggregation { function };
        self.reports.error(kind, span).hint = Some(format!("write @ = {function}(...)"));
        None
    }

    /// Resolves the arguments and checks what can be checked without types.
    pub(super) fn arguments(
        &mut self,
        row: &'static Row,
        name: &Ident,
        args: &[CallArg],
    ) -> Option<Vec<Expr>> {
        if row.support == Support::NotYet {
            self.reports
                .not_supported(format!("{}()", row.name), name.span);
            return None;
        }
        let given = args.len();
        let function = row.name.to_owned();
        if given < row.required {
            let required = row.required;
            self.reports
                .error(
                    AnalysisKind::TooFewArguments {
                        function,
                        required,
                        given,
                    },
                    name.span,
                )
                .hint = Some(row.usage.into());
            return None;
        }
        if !row.variadic && given > row.params.len() {
            let most = row.params.len();
            self.reports
                .error(
                    AnalysisKind::TooManyArguments {
                        function,
                        most,
                        given,
                    },
                    name.span,
                )
                .hint = Some(row.usage.into());
            return None;
        }
        let resolved: Vec<_> = args
            .iter()
            .enumerate()
            .map(|(index, arg)| self.argument(row, index, arg))
            .collect();
        resolved.into_iter().collect()
    }

    fn argument(&mut self, row: &'static Row, index: usize, arg: &CallArg) -> Option<Expr> {
        let param = row.param(index)?;
        let expr = match arg {
            CallArg::Expr(expr) => expr,
            CallArg::Type(ty) => {
                self.argument_type(row, index, ty.span, "a value", "type");
                return None;
            }
        };
        let value = self.value(expr);
        let expected = match (param, &value.kind) {
            (_, ExprKind::Error) => return None,
            (Param::Literal | Param::Format, ExprKind::Str(_))
            | (Param::Constant, ExprKind::Int(_))
            | (Param::Map, ExprKind::Map { key: None, .. })
            | (Param::MapOrEntry, ExprKind::Map { .. })
            | (Param::Variable, ExprKind::Var(_)) => return Some(value),
            (Param::Literal | Param::Format, _) => "a string literal",
            (Param::Constant, _) => "an integer literal",
            (Param::Map, _) => "a map without a key",
            (Param::MapOrEntry, _) => "a map",
            (Param::Variable, _) => "a scratch variable",
            _ => return Some(value),
        };
        self.argument_type(row, index, expr.span, expected, describe(expr));
        None
    }

    fn argument_type(
        &mut self,
        row: &'static Row,
        index: usize,
        span: Span,
        expected: &'static str,
        found: &str,
    ) {
        let kind = AnalysisKind::ArgumentType {
            function: row.name,
            index,
            expected,
            found: found.to_owned(),
        };
        self.reports.error(kind, span).hint = Some(row.usage.into());
    }

    /// The text of `$1` or `$1 + 2`, which `str()` takes as it is written, whether it reads as a number or not.
    fn parameter_text(&self, expr: &ast::Expr) -> Option<Vec<u8>> {
        let text = |n| {
            literal::positional_text(self.options, n)
                .unwrap_or_default()
                .as_bytes()
        };
        match &unparenthesized(expr).kind {
            ast::ExprKind::Positional(n) => Some(text(*n).to_vec()),
            ast::ExprKind::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => {
                let ast::ExprKind::Positional(n) = &unparenthesized(left).kind else {
                    return None;
                };
                let skip = usize::try_from(literal::constant(right, self.options)?).ok()?;
                Some(text(*n).get(skip..).unwrap_or_default().to_vec())
            }
            ast::ExprKind::String(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }

    fn string_of_parameter(
        &mut self,
        row: &'static Row,
        name: &Ident,
        mut text: Vec<u8>,
        first: &ast::Expr,
        args: &[CallArg],
    ) -> Option<ExprKind> {
        if let Some(CallArg::Expr(length)) = args.get(1)
            && let Some(length) = literal::constant(length, self.options)
        {
            text.truncate(usize::try_from(length).unwrap_or(0));
            return Some(ExprKind::Str(text));
        }
        let rest = self.arguments(row, name, args)?.into_iter().skip(1);
        let string = Expr {
            kind: ExprKind::Str(text),
            span: first.span,
        };
        Some(ExprKind::Call {
            function: row.id,
            args: std::iter::once(string).chain(rest).collect(),
        })
    }
}

/// `a.b.c` as names.
fn member_path(expr: &ast::Expr) -> Option<Vec<Ident>> {
    match &expr.kind {
        ast::ExprKind::Ident(name) => Some(vec![Ident {
            name: name.clone(),
            span: expr.span,
        }]),
        ast::ExprKind::Field { base, name, .. } => {
            let mut path = member_path(base)?;
            path.push(name.clone());
            Some(path)
        }
        _ => None,
    }
}

/// What an argument is, for messages.
fn describe(expr: &ast::Expr) -> &'static str {
    match &unparenthesized(expr).kind {
        ast::ExprKind::Integer(_) => "integer",
        ast::ExprKind::String(_) => "string",
        ast::ExprKind::Bool(_) => "bool",
        ast::ExprKind::Var(_) => "variable",
        ast::ExprKind::Map { key: None, .. } => "map",
        ast::ExprKind::Map { .. } => "map entry",
        ast::ExprKind::Call { .. } => "call",
        _ => "expression",
    }
}
