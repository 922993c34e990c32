//! One macro's body and a call's arguments in, the body with the arguments in it out.

use super::walk::{Visitor, visit_block, visit_expr};
use crate::ast::{Block, CallArg, Expr, ExprKind, Ident, MacroParam, TypeName, TypeNameKind};

/// Puts arguments for parameters and renames all other variables. Gives the number of nodes.
pub(super) fn into(
    body: &mut Block,
    params: &[MacroParam],
    args: &[CallArg],
    call: usize,
) -> usize {
    let mut substitution = Substitution {
        params,
        args,
        call,
        nodes: 0,
    };
    visit_block(body, &mut substitution);
    substitution.nodes
}

struct Substitution<'a> {
    params: &'a [MacroParam],
    args: &'a [CallArg],
    call: usize,
    nodes: usize,
}

impl Substitution<'_> {
    /// What was given for the parameter that `is` picks.
    fn given(&self, is: impl Fn(&MacroParam) -> bool) -> Option<&Expr> {
        let at = self.params.iter().position(is)?;
        match self.args.get(at)? {
            CallArg::Expr(expr) => Some(expr),
            CallArg::Type(_) => None,
        }
    }

    /// What a variable of the body is called from now on.
    fn renamed(&self, name: &str) -> String {
        let given =
            self.given(|param| matches!(param, MacroParam::Var(ident) if ident.name == name));
        match given.map(|expr| &expr.kind) {
            Some(ExprKind::Var(name)) => name.clone(),
            _ => format!("{name}#{}", self.call),
        }
    }
}

impl Visitor for Substitution<'_> {
    fn expr(&mut self, expr: &mut Expr) {
        self.nodes += 1;
        match &mut expr.kind {
            ExprKind::Ident(name) => {
                let given = self
                    .given(|param| matches!(param, MacroParam::Expr(ident) if ident.name == *name));
                if let Some(given) = given {
                    let mut inner = given.clone();
                    self.nodes += size(&mut inner);
                    // What was given is the caller's: it is not looked into.
                    expr.kind = ExprKind::Paren(Box::new(inner));
                }
                return;
            }
            ExprKind::Var(name) => *name = self.renamed(name),
            ExprKind::Map { name, .. } => {
                let given = self
                    .given(|param| matches!(param, MacroParam::Map(ident) if ident.name == *name));
                if let Some(ExprKind::Map { name: given, .. }) = given.map(|expr| &expr.kind) {
                    *name = given.clone();
                }
            }
            _ => {}
        }
        visit_expr(expr, self);
    }

    fn type_name(&mut self, ty: &mut TypeName) {
        let TypeNameKind::Name(name) = &ty.kind else {
            return;
        };
        let given =
            self.given(|param| matches!(param, MacroParam::Expr(ident) if ident.name == *name));
        if let Some(given) = given {
            ty.kind = TypeNameKind::TypeOf(Box::new(CallArg::Expr(given.clone())));
        }
    }

    fn declared(&mut self, var: &mut Ident) {
        var.name = self.renamed(&var.name);
    }
}

fn size(expr: &mut Expr) -> usize {
    struct Count(usize);
    impl Visitor for Count {
        fn expr(&mut self, expr: &mut Expr) {
            self.0 += 1;
            visit_expr(expr, self);
        }
    }
    let mut count = Count(0);
    count.expr(expr);
    count.0
}
