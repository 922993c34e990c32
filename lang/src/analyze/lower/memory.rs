//! Pointers, indexes and casts.

use super::super::tree;
use super::Lowerer;
use super::binary::{operation, scale};
use super::value::{cast, expr, integer};
use crate::catalog::FieldLocation;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{ArithmeticOp, Expr, ExprKind, Hook};
use crate::source::Span;
use crate::types::{AddressSpace, Type};

impl Lowerer<'_> {
    /// Whose memory an integer points to: in probes of system calls, arguments are the process's.
    pub(super) fn default_space(&self) -> AddressSpace {
        match self.group.hook {
            Hook::Syscall(_) | Hook::User(_) => AddressSpace::User,
            _ => AddressSpace::Kernel,
        }
    }

    /// What a pointer leads to.
    pub(super) fn load(&mut self, pointer: Expr, offset: i64, span: Span) -> Option<Expr> {
        let Type::Pointer { target, space } = &pointer.ty else {
            let found = pointer.ty.clone();
            return self.error(
                AnalysisKind::OperandType {
                    operator: "*",
                    found,
                },
                pointer.span,
            );
        };
        let (ty, space) = ((**target).clone(), *space);
        if matches!(ty, Type::Void | Type::Struct { .. }) {
            let what = format!("reading what a pointer to {ty} leads to");
            self.reports().not_supported(what, span);
            return None;
        }
        let kind = ExprKind::Load {
            pointer: Box::new(pointer),
            offset,
            space,
            bits: None,
        };
        Some(expr(kind, ty, span))
    }

    /// `base[index]` of an array, pointer or tuple.
    pub(super) fn index(
        &mut self,
        base: &tree::Expr,
        index: &tree::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (base, at) = (self.value(base), self.value(index));
        let (base, at) = (base?, at?);
        let at = self.operand("[]", at)?;
        let constant = match at.kind {
            ExprKind::Int(value) => Some(value),
            _ => None,
        };
        match &base.ty {
            Type::Tuple(_) => {
                let Some(constant) = constant else {
                    self.reports()
                        .not_supported("an index of a tuple that is no constant", index.span);
                    return None;
                };
                self.tuple_member(base, constant as u64, span)
            }
            Type::Array { element, length } => {
                let (ty, length) = ((**element).clone(), *length);
                if let Some(constant) = constant
                    && !(0..i64::from(length)).contains(&constant)
                {
                    let index = i128::from(constant);
                    return self.error(AnalysisKind::ArrayIndex { index, length }, span);
                }
                let kind = match (&base.kind, constant) {
                    (ExprKind::Field(FieldLocation::SyscallArguments), Some(constant)) => {
                        ExprKind::Field(FieldLocation::SyscallArgument(constant as u8))
                    }
                    _ => ExprKind::Index {
                        base: Box::new(base),
                        index: Box::new(cast(at, Type::U64)),
                    },
                };
                Some(expr(kind, ty, span))
            }
            Type::Pointer { target, .. } => {
                if let Some(constant) = constant {
                    let offset = constant.saturating_mul(i64::from(target.size().max(1)));
                    return self.load(base, offset, span);
                }
                let ty = base.ty.clone();
                let offset = cast(scale(at, &ty, span), Type::U64);
                let address = operation(ArithmeticOp::Add, cast(base, Type::U64), offset, span);
                self.load(cast(address, ty), 0, span)
            }
            Type::String { .. } => {
                self.reports().not_supported("an index of a string", span);
                None
            }
            found => {
                let found = found.clone();
                self.error(AnalysisKind::NotIndexable { found }, base.span)
            }
        }
    }

    /// `(type)value`
    pub(super) fn cast_to(&mut self, value: Expr, ty: Type, span: Span) -> Option<Expr> {
        let from = &value.ty;
        let number = integer(from).is_some();
        let pointer = matches!(from, Type::Pointer { .. });
        let to = match (&ty, from) {
            (Type::Int(_) | Type::Bool, _) if number || pointer => ty,
            // What only prints otherwise is a number still.
            (
                Type::Int(_),
                Type::Username | Type::SyscallName | Type::ErrorText | Type::SignalName,
            ) => ty,
            (
                Type::Int(_),
                Type::Timestamp { .. } | Type::KernelSymbol | Type::CgroupPath { .. },
            ) => ty,
            (Type::Pointer { target, .. }, Type::Pointer { space, .. }) => Type::Pointer {
                target: target.clone(),
                space: *space,
            },
            (Type::Pointer { target, .. }, _) if number => Type::Pointer {
                target: target.clone(),
                space: self.default_space(),
            },
            (Type::String { .. }, Type::String { .. }) => ty,
            _ => {
                let from = value.ty;
                return self.error(AnalysisKind::CannotCast { from, to: ty }, span);
            }
        };
        // A cast stays one even on a constant: the constant has the type that was asked for.
        if to == value.ty {
            return Some(expr(value.kind, to, span));
        }
        Some(expr(ExprKind::Cast(Box::new(value)), to, span))
    }
}
