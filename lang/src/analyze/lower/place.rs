//! Functions that name places and things by text: symbols of the kernel and of programs, registers, signals.

use super::super::tree;
use super::Lowerer;
use super::value::{cast, expr, integer, literal};
use crate::catalog::{FieldLocation, FunctionName, KERNEL};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{Expr, ExprKind, Hook};
use crate::source::Span;
use crate::syscall::signal;
use crate::types::{AddressSpace, IntType, Type};

impl Lowerer<'_> {
    /// `kaddr("symbol")`
    pub(super) fn kernel_address(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let name = self.literal_string(args, 0)?;
        match self.shared.catalog.kernel_address(&name) {
            // Addresses of the kernel take all 64 bits.
            Some(address) => Some(expr(ExprKind::Int(address as i64), Type::U64, span)),
            None => {
                let what = "kernel symbol";
                self.error(AnalysisKind::UnknownSymbol { what, name }, args[0].span)
            }
        }
    }

    /// `kfunc_exist("function")`
    pub(super) fn kernel_function_exists(
        &mut self,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<Expr> {
        let name = FunctionName {
            module: KERNEL.to_owned(),
            name: self.literal_string(args, 0)?,
        };
        let exists = self.shared.catalog.function(&name).is_some();
        Some(expr(ExprKind::Int(exists.into()), Type::Bool, span))
    }

    /// `uaddr("symbol")`: a pointer to what the symbol table says lies there.
    pub(super) fn user_address(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let name = self.literal_string(args, 0)?;
        let catalog = self.shared.catalog;
        let path = match &self.group.hook {
            Hook::User(user) => user.sites.first().map(|site| site.path.clone()),
            _ => None,
        };
        let Some(path) = path else {
            let kind = AnalysisKind::BuiltinNotOffered {
                name: "uaddr",
                provider: self.group.provider.row().name,
            };
            return self.error(kind, span);
        };
        let programs = catalog.programs(&path, None).unwrap_or_default();
        let found = programs.iter().find_map(|program| program.symbol(&name));
        let Some(symbol) = found else {
            let what = "symbol";
            return self.error(AnalysisKind::UnknownSymbol { what, name }, args[0].span);
        };
        let bits = match symbol.size {
            1 => 8,
            2 => 16,
            4 => 32,
            _ => 64,
        };
        let ty = Type::Pointer {
            target: Box::new(Type::Int(IntType {
                bits,
                signed: false,
            })),
            space: AddressSpace::User,
        };
        Some(expr(ExprKind::Int(symbol.address as i64), ty, span))
    }

    /// A signal by number or by name.
    pub(super) fn signal_number(&mut self, function: Function, given: Expr) -> Option<Expr> {
        let number = match (&given.kind, &given.ty) {
            (ExprKind::Str(name), _) => {
                let name = String::from_utf8_lossy(name);
                signal::by_name(&name).map(|number| literal(i128::from(number), given.span))
            }
            (_, ty) if integer(ty).is_some() => Some(given.clone()),
            _ => None,
        };
        match number {
            Some(number) => Some(cast(number, Type::U32)),
            None => {
                let expected = "a number or the name of a signal";
                self.wrong_argument(function, 0, expected, &given.ty, given.span)
            }
        }
    }

    /// `reg("ip")`
    pub(super) fn register(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let name = self.literal_string(args, 0)?;
        let by_trampoline = matches!(&self.group.hook, Hook::Function(hook) if hook.trampoline);
        if !matches!(self.group.hook, Hook::User(_) | Hook::Function(_)) || by_trampoline {
            let kind = AnalysisKind::BuiltinNotOffered {
                name: "reg",
                provider: self.group.provider.row().name,
            };
            return self.error(kind, span);
        }
        match self.shared.catalog.register(&name) {
            Some(offset) => {
                let kind = ExprKind::Field(FieldLocation::Register(offset));
                Some(expr(kind, Type::U64, span))
            }
            None => {
                let what = "register";
                self.error(AnalysisKind::UnknownSymbol { what, name }, args[0].span)
            }
        }
    }
}
