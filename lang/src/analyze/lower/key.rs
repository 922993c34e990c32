//! Keys of maps.

use super::super::table::{DomainUse, Part};
use super::super::tree;
use super::Lowerer;
use super::value::{after, expr, given, is_literal, member_types};
use crate::catalog::FieldLocation;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Builtin, Domain, Expr, ExprKind, MapId};
use crate::source::Span;
use crate::types::Type;

impl Lowerer<'_> {
    /// Lowers a key, tells the table of it and gives its parts at the map's types.
    pub(super) fn key(
        &mut self,
        map: MapId,
        key: Option<&[tree::Expr]>,
        span: Span,
    ) -> Option<Vec<Expr>> {
        let Some(key) = key else {
            return self.observed_key(map, None, span);
        };
        let parts = self.values(key.iter())?;
        self.observed_key(map, Some(parts), span)
    }

    fn observed_key(
        &mut self,
        map: MapId,
        parts: Option<Vec<Expr>>,
        span: Span,
    ) -> Option<Vec<Expr>> {
        let parts = parts.map(|parts| self.flattened(parts));
        let stored = |parts: Vec<Expr>| parts.into_iter().map(|part| self.stored(part)).collect();
        let parts: Option<Vec<Expr>> = parts.map(stored);
        for part in parts.iter().flatten() {
            self.check_storable(part, "used as a key of a map")?;
        }
        let observed = parts.as_ref().map(|parts| {
            parts
                .iter()
                .map(|part| Part {
                    name: self.shared.source.slice(part.span).to_owned(),
                    given: given(part),
                    domain: domain(part),
                })
                .collect()
        });
        if let Err(conflict) = self.table.observe_key(map, observed, span) {
            let types = parts.iter().flatten().map(|part| part.ty.clone()).collect();
            self.map_conflict(conflict, map, types, span);
            return None;
        }
        let types: Vec<Type> = self
            .table
            .map_key(map)
            .unwrap_or_default()
            .iter()
            .map(|part| part.given.ty.clone())
            .collect();
        let parts = parts.unwrap_or_default().into_iter().zip(&types);
        Some(parts.map(|(part, ty)| self.coerce(part, ty)).collect())
    }

    /// `@m[(a, b)]` is `@m[a, b]`.
    fn flattened(&mut self, mut parts: Vec<Expr>) -> Vec<Expr> {
        let one_tuple = matches!(parts.as_slice(), [part] if matches!(&part.ty, Type::Tuple(members) if members.len() > 1));
        if !one_tuple {
            return parts;
        }
        let Some(tuple) = parts.pop() else {
            return parts;
        };
        let (ty, span) = (tuple.ty.clone(), tuple.span);
        if let ExprKind::Tuple(members) = tuple.kind {
            return members;
        }
        let (mut setup, kept) = self.keep(tuple);
        member_types(&ty)
            .into_iter()
            .enumerate()
            .map(|(at, ty)| {
                let member = ExprKind::Member(Box::new(kept.clone()), at as u32);
                // The parts are evaluated in order, so the first one brings the tuple.
                after(setup.take(), expr(member, ty.clone(), span))
            })
            .collect()
    }

    /// Values without a fixed form in memory can not be kept.
    pub(super) fn check_storable(&mut self, value: &Expr, place: &'static str) -> Option<()> {
        let storable = !matches!(value.ty, Type::Void | Type::Aggregation(_));
        if storable {
            return Some(());
        }
        let found = value.ty.clone();
        self.error(AnalysisKind::CannotStore { found, place }, value.span)
    }
}

/// What is known of a key's value by how it is made.
fn domain(part: &Expr) -> DomainUse {
    if is_literal(part)
        && let ExprKind::Int(value) = part.kind
    {
        return DomainUse::Literals(value);
    }
    let domain = match &part.ty {
        Type::Bool => Domain::Bool,
        Type::SyscallName => Domain::Syscall,
        Type::ErrorText => Domain::Errno,
        Type::SignalName => Domain::Signal,
        Type::Named { set, .. } if set == "errno" => Domain::Errno,
        Type::Named { set, .. } if set == "signal" => Domain::Signal,
        _ => match &part.kind {
            ExprKind::Field(FieldLocation::SyscallNumber) => Domain::Syscall,
            ExprKind::Builtin(Builtin::Cpu) => Domain::Cpu,
            // A wider integer keeps the value.
            ExprKind::Cast(inner)
                if part.ty.size() >= inner.ty.size() && matches!(part.ty, Type::Int(_)) =>
            {
                return domain(inner);
            }
            _ => return DomainUse::ANY,
        },
    };
    DomainUse::One(domain, 0)
}
