//! `getopt(name[, default[, text]])`: the named parameters of a script, from its command line.

use super::super::tree::{Expr, ExprKind};
use super::super::{NamedParameter, Options};
use super::Resolver;
use super::literal;
use crate::diagnostic::kind::AnalysisKind;
use crate::source::Span;

impl Resolver<'_> {
    /// The value that the command line gives, else the default; a parameter without one is a switch.
    pub(super) fn getopt(&mut self, args: Vec<Expr>, span: Span) -> Option<ExprKind> {
        let mut args = args.into_iter();
        let ExprKind::Str(name) = args.next()?.kind else {
            return None;
        };
        let name = String::from_utf8_lossy(&name).into_owned();
        let default = args.next();
        let text = args.next().and_then(|text| match text.kind {
            ExprKind::Str(text) => Some(String::from_utf8_lossy(&text).into_owned()),
            _ => None,
        });
        match self.parameters.iter_mut().find(|known| known.name == name) {
            Some(known) => known.text = known.text.take().or(text),
            None => self.parameters.push(NamedParameter {
                name: name.clone(),
                text,
            }),
        }
        let given = given(self.options, &name);
        let place = default.as_ref().map_or(span, |default| default.span);
        let (value, expected) = match default.map(|default| default.kind) {
            None => (given.map_or(Some(false), switch), "true or false"),
            Some(ExprKind::Bool(default)) => (given.map_or(Some(default), switch), "true or false"),
            Some(ExprKind::Int(default)) => {
                let number = match given {
                    None => Some(default),
                    Some(text) => text.and_then(literal::number),
                };
                return self.checked_option(name, number.map(ExprKind::Int), "a number", span);
            }
            Some(ExprKind::Str(default)) => {
                let text = match given {
                    None => Some(default),
                    Some(text) => text.map(|text| text.as_bytes().to_vec()),
                };
                return self.checked_option(name, text.map(ExprKind::Str), "a text", span);
            }
            Some(ExprKind::Error) => return None,
            Some(_) => {
                let kind = AnalysisKind::ArgumentType {
                    function: "getopt",
                    index: 1,
                    expected: "a literal integer, string or bool",
                    found: "expression".into(),
                };
                self.reports.error(kind, place);
                return None;
            }
        };
        self.checked_option(name, value.map(ExprKind::Bool), expected, span)
    }

    fn checked_option(
        &mut self,
        name: String,
        value: Option<ExprKind>,
        expected: &'static str,
        span: Span,
    ) -> Option<ExprKind> {
        if value.is_none() {
            let given = given(self.options, &name).flatten().unwrap_or_default();
            let kind = AnalysisKind::ParameterValue {
                given: given.to_owned(),
                expected,
                name,
            };
            self.reports.error(kind, span);
        }
        value
    }
}

/// What the command line says of a parameter: the outer `None` if nothing, the inner one without `=value`.
fn given<'o>(options: &'o Options, name: &str) -> Option<Option<&'o str>> {
    let found = options.named.iter().rev().find(|(given, _)| given == name);
    found.map(|(_, value)| value.as_deref())
}

/// `--name`, `--name=true`, `--name=0` and so on.
fn switch(value: Option<&str>) -> Option<bool> {
    match value {
        None | Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        Some(_) => None,
    }
}
