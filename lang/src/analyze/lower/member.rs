//! Members of records, structs and unions, and the places of things in memory.

use super::super::report::Explain;
use super::super::tree::{self, TypeRef};
use super::Lowerer;
use super::binary::operation;
use super::syscall::is_descriptor;
use super::value::{cast, expr, literal};
use crate::ast::Ident;
use crate::ctypes::FoundMember;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{ArithmeticOp, Expr, ExprKind};
use crate::source::Span;
use crate::types::{AddressSpace, Bitfield, Type};

impl Lowerer<'_> {
    /// `base.name`, `base->name`: a pointer is followed whichever is written.
    pub(super) fn member(
        &mut self,
        base: &tree::Expr,
        name: &str,
        name_span: Span,
        span: Span,
    ) -> Option<Expr> {
        let base = self.value(base)?;
        if let Type::Record(members) = &base.ty {
            if let Some(at) = members.iter().position(|(member, _)| member == name) {
                let ty = members[at].1.clone();
                return Some(expr(ExprKind::Member(Box::new(base), at as u32), ty, span));
            }
            let names = members.iter().map(|(name, _)| name.clone()).collect();
            return self.unknown_member(base.ty, name, name_span, names);
        }
        if let Some(path) = self.file_path(&base, name, span) {
            return Some(path);
        }
        if is_descriptor(&base.ty) {
            return self.unknown_member(base.ty, name, name_span, vec!["path".to_owned()]);
        }
        let base = match &base.ty {
            Type::Pointer { target, .. } if matches!(**target, Type::Struct { .. }) => {
                self.load(base, 0, span)?
            }
            _ => base,
        };
        let found = self.find_member(&base.ty, name, name_span)?;
        Some(part(base, found.offset, found.ty, found.bits, span))
    }

    /// A member of a struct or union, whose name must be known.
    fn find_member(&mut self, ty: &Type, name: &str, span: Span) -> Option<FoundMember> {
        let Type::Struct {
            name: structure, ..
        } = ty
        else {
            let kind = AnalysisKind::UnknownMember {
                ty: ty.clone(),
                member: name.to_owned(),
            };
            return self.error(kind, span);
        };
        let named = self.shared.named;
        if named.structure(structure).is_none() {
            let engine = self.shared.options.engine;
            self.reports().unknown_type(structure, engine, span);
            return None;
        }
        let found = named.member(structure, name);
        if found.is_none() {
            let names = named.member_names(structure);
            return self.unknown_member(ty.clone(), name, span, names);
        }
        found
    }

    fn unknown_member<T>(
        &mut self,
        ty: Type,
        name: &str,
        span: Span,
        names: Vec<String>,
    ) -> Option<T> {
        let kind = AnalysisKind::UnknownMember {
            ty,
            member: name.to_owned(),
        };
        self.reports()
            .error(kind, span)
            .did_you_mean(name, names.iter().map(String::as_str));
        None
    }

    /// The offset of `a.b.c` in a type.
    fn path_offset(&mut self, ty: &TypeRef, path: &[Ident], span: Span) -> Option<(Type, u32)> {
        let whole = self.type_of(ty)?;
        let (mut ty, mut offset) = (whole.clone(), 0);
        if path.is_empty() || !matches!(ty, Type::Struct { .. }) {
            return self.error(AnalysisKind::NoMembers { found: ty }, span);
        }
        for name in path {
            let found = self.find_member(&ty, &name.name, name.span)?;
            ty = found.ty;
            offset += found.offset;
        }
        Some((whole, offset))
    }

    /// `offsetof(T, a.b)`
    pub(super) fn offset_of(&mut self, ty: &TypeRef, path: &[Ident], span: Span) -> Option<Expr> {
        let (_, offset) = self.path_offset(ty, path, span)?;
        Some(literal(i128::from(offset), span))
    }

    /// `container_of(pointer, T, a.b)`
    pub(super) fn container_of(
        &mut self,
        pointer: &tree::Expr,
        ty: &TypeRef,
        path: &[Ident],
        span: Span,
    ) -> Option<Expr> {
        let pointer = self.value(pointer);
        let (whole, offset) = self.path_offset(ty, path, span)?;
        let pointer = pointer?;
        let space = match &pointer.ty {
            Type::Pointer { space, .. } => *space,
            Type::Int(_) => self.default_space(),
            _ => {
                let (operator, found) = ("container_of", pointer.ty);
                return self.error(AnalysisKind::OperandType { operator, found }, pointer.span);
            }
        };
        let offset = expr(ExprKind::Int(i64::from(offset)), Type::U64, span);
        let address = operation(ArithmeticOp::Sub, cast(pointer, Type::U64), offset, span);
        let ty = Type::Pointer {
            target: Box::new(whole),
            space,
        };
        Some(cast(address, ty))
    }

    /// `&$x`, `&@m[k]`
    pub(super) fn address_of(&mut self, operand: &tree::Expr, span: Span) -> Option<Expr> {
        let operand = self.value(operand)?;
        let ty = operand.ty.clone();
        let target = Box::new(ty.clone());
        match operand.kind {
            ExprKind::Load { bits: None, .. } => {
                let (address, space) = self.address_of_value(operand, span);
                Some(cast(address, Type::Pointer { target, space }))
            }
            ExprKind::Var(_) | ExprKind::Map { .. } => {
                let kind = ExprKind::AddressOf(Box::new(operand));
                Some(expr(kind, pointer_to(ty), span))
            }
            _ => self.error(AnalysisKind::NoAddress, span),
        }
    }
}

/// A pointer into the kernel's memory.
pub(super) fn pointer_to(target: Type) -> Type {
    Type::Pointer {
        target: Box::new(target),
        space: AddressSpace::Kernel,
    }
}

/// A value inside a value in memory. Of what a pointer leads to, only that value is read.
pub(super) fn part(base: Expr, offset: u32, ty: Type, bits: Option<Bitfield>, span: Span) -> Expr {
    match base.kind {
        ExprKind::Load {
            pointer,
            offset: start,
            space,
            bits: None,
        } => {
            let ty = inherit(ty, space);
            let kind = ExprKind::Load {
                pointer,
                offset: start + i64::from(offset),
                space,
                bits,
            };
            expr(kind, ty, span)
        }
        ExprKind::Part {
            base,
            offset: start,
            bits: None,
        } => {
            let offset = start + offset;
            expr(ExprKind::Part { base, offset, bits }, ty, span)
        }
        kind => {
            let base = Box::new(Expr { kind, ..base });
            expr(ExprKind::Part { base, offset, bits }, ty, span)
        }
    }
}

/// Pointers that are read from the process's memory lead to it; those in the kernel's say themselves.
pub(super) fn inherit(ty: Type, space: AddressSpace) -> Type {
    match (ty, space) {
        (Type::Pointer { target, .. }, AddressSpace::User) => Type::Pointer { target, space },
        (ty, _) => ty,
    }
}
