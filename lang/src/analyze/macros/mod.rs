//! Macros: calls in, bodies out. Syntax tree to syntax tree, before any name is resolved.
//!
//! A call becomes the macro's body as a block. Variables of the body get names that no script can write,
//! so that they never meet the caller's; parameters become what the caller gave.

mod substitute;
mod walk;

use super::report::{Explain, Reports};
use crate::ast::{Block, CallArg, Expr, ExprKind, Ident, Item, Macro, MacroParam, Script};
use crate::diagnostic::kind::AnalysisKind;
use crate::source::Span;
use crate::{builtin, function};
use std::borrow::Cow;
use std::collections::HashMap;
use walk::{Visitor, visit_block, visit_expr};

/// Deepest nesting of what calls expand to; the parser has the same limit.
const MAX_DEPTH: usize = 256;

/// Most nodes that all calls together may add.
const MAX_NODES: usize = 200_000;

/// Puts the bodies of macros in the place of their calls.
pub(super) fn expand<'a>(script: &'a Script, reports: &mut Reports) -> Cow<'a, Script> {
    let macros = collect(script, reports);
    if macros.is_empty() {
        return Cow::Borrowed(script);
    }
    let mut expanded = script.clone();
    let mut expander = Expander {
        macros,
        active: Vec::new(),
        depth: 0,
        calls: 0,
        nodes: 0,
        full: false,
        reports,
    };
    for item in &mut expanded.items {
        match item {
            Item::Probe(probe) => {
                if let Some(predicate) = &mut probe.predicate {
                    expander.expr(predicate);
                }
                visit_block(&mut probe.body, &mut expander);
            }
            Item::Subprogram(function) => visit_block(&mut function.body, &mut expander),
            _ => {}
        }
    }
    Cow::Owned(expanded)
}

fn collect<'a>(script: &'a Script, reports: &mut Reports) -> HashMap<&'a str, Vec<&'a Macro>> {
    let mut macros: HashMap<&str, Vec<&Macro>> = HashMap::new();
    for item in &script.items {
        let Item::Macro(found) = item else { continue };
        let overloads = macros.entry(&found.name.name).or_default();
        let same = |other: &&&Macro| {
            let kinds = |found: &Macro| -> Vec<_> {
                found.params.iter().map(std::mem::discriminant).collect()
            };
            kinds(other) == kinds(found)
        };
        if let Some(first) = overloads.iter().find(same) {
            let kind = AnalysisKind::Duplicate {
                what: "macro",
                name: found.name.name.clone(),
            };
            reports
                .error(kind, found.name.span)
                .label(first.name.span, "first defined here");
        } else {
            overloads.push(found);
        }
    }
    macros
}

/// Walks the probes and replaces calls.
struct Expander<'a, 'r> {
    macros: HashMap<&'a str, Vec<&'a Macro>>,
    /// The macros whose bodies the walk is in.
    active: Vec<&'a Macro>,
    depth: usize,
    /// How many calls were expanded: makes names of variables unique.
    calls: usize,
    nodes: usize,
    /// It has been said that the script grows too large.
    full: bool,
    reports: &'r mut Reports,
}

impl Visitor for Expander<'_, '_> {
    fn expr(&mut self, expr: &mut Expr) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.too_large(expr);
        } else {
            self.descend(expr);
        }
        self.depth -= 1;
    }
}

impl<'a> Expander<'a, '_> {
    fn descend(&mut self, expr: &mut Expr) {
        // Arguments first: they are the caller's.
        visit_expr(expr, self);
        let found = match &expr.kind {
            ExprKind::Ident(name) => self.choose(name, expr.span, &[]),
            ExprKind::Call { name, args } => self.choose(&name.name, name.span, args),
            _ => return,
        };
        let found = match found {
            Choice::Macro(found) => found,
            Choice::Other => return,
            Choice::Wrong => {
                expr.kind = ExprKind::Error;
                return;
            }
        };
        if self
            .active
            .iter()
            .any(|active| std::ptr::eq(*active, found))
        {
            let name = found.name.name.clone();
            self.reports
                .error(AnalysisKind::MacroRecursion { name }, expr.span);
            expr.kind = ExprKind::Error;
            return;
        }
        let args = match &mut expr.kind {
            ExprKind::Call { args, .. } => std::mem::take(args),
            _ => Vec::new(),
        };
        self.calls += 1;
        let mut body: Block = found.body.clone();
        self.nodes += substitute::into(&mut body, &found.params, &args, self.calls);
        if self.nodes > MAX_NODES {
            return self.too_large(expr);
        }
        self.active.push(found);
        visit_block(&mut body, self);
        self.active.pop();
        expr.kind = ExprKind::Block(body);
    }

    fn too_large(&mut self, expr: &mut Expr) {
        // Once is enough: every call that is still to come is too much as well.
        if !self.full {
            self.full = true;
            self.reports.error(AnalysisKind::MacroSize, expr.span);
        }
        expr.kind = ExprKind::Error;
    }

    /// The macro that a call means, by its name and the number and kinds of its arguments.
    fn choose(&mut self, name: &str, span: Span, args: &[CallArg]) -> Choice<'a> {
        let Some(overloads) = self.macros.get(name) else {
            return Choice::Other;
        };
        let fits = |found: &&&Macro| {
            found.params.len() == args.len()
                && found
                    .params
                    .iter()
                    .zip(args)
                    .all(|(param, arg)| accepts(param, arg))
        };
        if let Some(found) = overloads.iter().find(fits) {
            return Choice::Macro(found);
        }
        // A macro with other parameters does not hide what has always been there.
        let known = function::by_name(name).is_some() || builtin::by_name(name).is_some();
        let Some(found) = overloads.first().filter(|_| !known) else {
            return Choice::Other;
        };
        let wrong = found
            .params
            .iter()
            .zip(args)
            .find(|(param, arg)| !accepts(param, arg));
        let kind = match wrong {
            Some((param, _)) if found.params.len() == args.len() => {
                let (ident, expected) = describe(param);
                AnalysisKind::MacroArgumentKind {
                    name: name.to_owned(),
                    parameter: ident.name.clone(),
                    expected,
                }
            }
            _ => AnalysisKind::MacroArguments {
                name: name.to_owned(),
                expected: found.params.len(),
                given: args.len(),
            },
        };
        self.reports.error(kind, span);
        Choice::Wrong
    }
}

/// What a name in a call stands for.
enum Choice<'a> {
    Macro(&'a Macro),
    /// No macro.
    Other,
    /// A macro that takes other arguments, which has been said.
    Wrong,
}

fn accepts(param: &MacroParam, arg: &CallArg) -> bool {
    match (param, arg) {
        (MacroParam::Expr(_), CallArg::Expr(_)) => true,
        (MacroParam::Var(_), CallArg::Expr(expr)) => matches!(expr.kind, ExprKind::Var(_)),
        (MacroParam::Map(_), CallArg::Expr(expr)) => {
            matches!(expr.kind, ExprKind::Map { key: None, .. })
        }
        (_, CallArg::Type(_)) => false,
    }
}

fn describe(param: &MacroParam) -> (&Ident, &'static str) {
    match param {
        MacroParam::Var(ident) => (ident, "a variable"),
        MacroParam::Map(ident) => (ident, "a map without a key"),
        MacroParam::Expr(ident) => (ident, "an expression"),
    }
}
