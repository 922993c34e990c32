//! Pointers, indexes and casts.

use super::super::tree;
use super::Lowerer;
use super::binary::{operation, scale};
use super::member::{inherit, part, pointer_to};
use super::value::{cast, expr, integer};
use crate::catalog::FieldLocation;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{ArithmeticOp, Call, Expr, ExprKind, Hook};
use crate::source::Span;
use crate::types::{AddressSpace, IntType, Type};

impl Lowerer<'_> {
    /// Whose memory an integer points to: in probes of system calls, arguments are the process's. Native engines
    /// read nobody else's.
    pub(super) fn default_space(&self) -> AddressSpace {
        match self.group.hook {
            _ if self.shared.options.engine.is_native() => AddressSpace::User,
            Hook::Syscall(_) | Hook::Call(_) | Hook::User(_) => AddressSpace::User,
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
        if let Type::Struct { name, size: 0 } = &ty {
            let engine = self.shared.options.engine;
            self.reports().unknown_type(name, engine, span);
            return None;
        }
        if ty == Type::Void {
            let what = "reading what a pointer to void leads to";
            self.reports().not_supported(what, span);
            return None;
        }
        let ty = inherit(ty, space);
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
                // An array without a length, at the end of a struct, has as many elements as it has.
                let flexible = length == 0 && matches!(base.kind, ExprKind::Load { .. });
                if let Some(constant) = constant
                    && !(0..i64::from(length)).contains(&constant)
                    && !(flexible && constant >= 0)
                {
                    let index = i128::from(constant);
                    return self.error(AnalysisKind::ArrayIndex { index, length }, span);
                }
                if let ExprKind::Load { bits: None, .. } = base.kind {
                    return Some(self.loaded_element(base, at, ty, span));
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
                let ty = Type::Int(IntType {
                    bits: 8,
                    signed: true,
                });
                let kind = ExprKind::Index {
                    base: Box::new(base),
                    index: Box::new(cast(at, Type::U64)),
                };
                Some(expr(kind, ty, span))
            }
            found => {
                let found = found.clone();
                self.error(AnalysisKind::NotIndexable { found }, base.span)
            }
        }
    }

    /// An element of an array behind a pointer: only that is read.
    fn loaded_element(&mut self, array: Expr, at: Expr, ty: Type, span: Span) -> Expr {
        if let ExprKind::Int(constant) = at.kind {
            let offset = (constant as u32).saturating_mul(ty.size());
            return part(array, offset, ty, None, span);
        }
        let ExprKind::Load {
            pointer,
            offset,
            space,
            bits,
        } = array.kind
        else {
            return array;
        };
        let scaled = scale(at, &pointer_to(ty.clone()), span);
        let address = operation(
            ArithmeticOp::Add,
            cast(*pointer, Type::U64),
            cast(scaled, Type::U64),
            span,
        );
        let kind = ExprKind::Load {
            pointer: Box::new(address),
            offset,
            space,
            bits,
        };
        expr(kind, inherit(ty, space), span)
    }

    /// `(type)value`
    pub(super) fn cast_to(&mut self, value: Expr, ty: Type, span: Span) -> Option<Expr> {
        if let Some(array) = self.cast_array(&value, &ty, span) {
            return array;
        }
        let from = &value.ty;
        let number = integer(from).is_some();
        let pointer = matches!(from, Type::Pointer { .. });
        let to = match (&ty, from) {
            (Type::Int(_) | Type::Bool, _) if number || pointer => ty,
            // What only prints otherwise is a number still.
            (
                Type::Int(_),
                Type::Username
                | Type::Container
                | Type::SyscallName
                | Type::ErrorText
                | Type::SignalName,
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
            (Type::Enum { .. } | Type::Named { .. }, _) if number => ty,
            (Type::Struct { .. } | Type::Buffer { .. }, from) if *from == ty => ty,
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

    /// Casts between integers and arrays with the same bytes, and of memory to strings; `None` if it is
    /// none of these.
    fn cast_array(&mut self, value: &Expr, ty: &Type, span: Span) -> Option<Option<Expr>> {
        let value = value.clone();
        match (ty, &value.ty) {
            (Type::String { capacity }, Type::Pointer { space, .. }) => {
                let (capacity, space) = (*capacity, *space);
                Some(Some(read_string(value, capacity, space, span)))
            }
            (Type::String { capacity }, Type::Array { element, length }) if is_byte(element) => {
                let capacity = (*capacity).min(*length);
                Some(Some(self.string_of_bytes(value, capacity, span)))
            }
            (Type::Array { element, .. }, from) if integer(from).is_some() => {
                let size = ty.size();
                let scalar = integer(element).is_some();
                if !scalar || size == 0 || size > 8 {
                    return None;
                }
                let value = cast(value, Type::U64);
                Some(Some(expr(
                    ExprKind::Cast(Box::new(value)),
                    ty.clone(),
                    span,
                )))
            }
            (_, Type::Array { element, .. }) if integer(ty).is_some() => {
                let bits = value.ty.size() * 8;
                if !matches!(bits, 8 | 16 | 32 | 64) || integer(element).is_none() {
                    return None;
                }
                let bits = bits as u8;
                let whole = Type::Int(IntType {
                    bits,
                    signed: false,
                });
                let number = expr(ExprKind::Cast(Box::new(value)), whole, span);
                Some(Some(expr(
                    ExprKind::Cast(Box::new(number)),
                    ty.clone(),
                    span,
                )))
            }
            _ => None,
        }
    }

    /// Bytes in memory as a string.
    pub(super) fn string_of_bytes(&mut self, value: Expr, capacity: u32, span: Span) -> Expr {
        let (pointer, space) = self.address_of_value(value, span);
        read_string(pointer, capacity, space, span)
    }

    /// Where a value lies: where it would be read from, or a copy of it.
    pub(super) fn address_of_value(&mut self, value: Expr, span: Span) -> (Expr, AddressSpace) {
        match value.kind {
            ExprKind::Load {
                pointer,
                offset,
                space,
                bits: None,
            } => {
                let offset = expr(ExprKind::Int(offset), Type::U64, span);
                let pointer = cast(*pointer, Type::U64);
                (operation(ArithmeticOp::Add, pointer, offset, span), space)
            }
            _ => {
                let address = expr(ExprKind::AddressOf(Box::new(value)), Type::U64, span);
                (address, AddressSpace::Kernel)
            }
        }
    }
}

fn read_string(pointer: Expr, capacity: u32, space: AddressSpace, span: Span) -> Expr {
    let call = Call::ReadString {
        pointer: Box::new(cast(pointer, Type::U64)),
        length: None,
        space,
    };
    expr(ExprKind::Call(call), Type::String { capacity }, span)
}

/// An 8-bit integer.
pub(super) fn is_byte(ty: &Type) -> bool {
    matches!(ty, Type::Int(IntType { bits: 8, .. }))
}
