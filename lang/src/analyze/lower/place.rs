//! Functions that name places and things by text: symbols of the kernel and of programs, registers, signals.

use super::super::tree;
use super::Lowerer;
use super::value::{cast, expr, integer, literal};
use crate::catalog::{FieldLocation, FunctionName, KERNEL};
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{ArithmeticOp, Edge, Expr, ExprKind, Hook};
use crate::source::Span;
use crate::syscall::signal;
use crate::types::{AddressSpace, IntType, Type};

/// What machines call the address of the instruction that runs.
const INSTRUCTION_POINTERS: [&str; 2] = ["ip", "pc"];

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

    /// `uaddr("symbol")`: a pointer to where the symbol lies in the process.
    pub(super) fn user_address(&mut self, args: &[tree::Expr], span: Span) -> Option<Expr> {
        let name = self.literal_string(args, 0)?;
        let catalog = self.shared.catalog;
        let hook = match &self.group.hook {
            Hook::User(hook) => hook.sites.first().map(|site| (hook.edge, site)),
            _ => None,
        };
        let Some((edge, site)) = hook else {
            let kind = AnalysisKind::BuiltinNotOffered {
                name: "uaddr",
                provider: self.group.provider.row().name,
            };
            return self.error(kind, span);
        };
        let programs = catalog.programs(&site.path, None).unwrap_or_default();
        let found = programs
            .iter()
            .find_map(|program| Some((program, program.symbol(&name)?)));
        let Some((program, symbol)) = found else {
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
        if !program.is_relocatable {
            return Some(expr(ExprKind::Int(symbol.address as i64), ty, span));
        }
        // The probe fires at an instruction whose address in the file is known: that is how far all was moved.
        let here = program.address(site.offset);
        let register = INSTRUCTION_POINTERS
            .iter()
            .find_map(|name| catalog.register(name));
        let (Edge::Enter, Some(here), Some(register)) = (edge, here, register) else {
            let kind = AnalysisKind::BuiltinNotOffered {
                name: "uaddr",
                provider: self.group.provider.row().name,
            };
            let report = self.reports().error(kind, span);
            report.hint = Some("take the address in the uprobe and keep it in a map".into());
            return None;
        };
        let register = expr(
            ExprKind::Field(FieldLocation::Register(register)),
            Type::U64,
            span,
        );
        let distance = symbol.address.wrapping_sub(here) as i64;
        let distance = expr(ExprKind::Int(distance), Type::U64, span);
        let address =
            ExprKind::Arithmetic(ArithmeticOp::Add, Box::new(register), Box::new(distance));
        Some(cast(expr(address, Type::U64, span), ty))
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
