//! Expressions.

use super::super::tree::{self, PlaceKind, TypeRef};
use super::member::pointer_to;
use super::value::{after, cast, expr, given, integer, is_constant, known, literal, truth};
use super::{Lowerer, Unknown};
use crate::ast::{StepOp, StepPosition};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{self, Expr, ExprKind, MapId};
use crate::source::Span;
use crate::types::{IntType, Type};

impl Lowerer<'_> {
    /// An expression whose value is wanted.
    pub(super) fn value(&mut self, tree: &tree::Expr) -> Option<Expr> {
        let span = tree.span;
        let value = self.value_or_void(tree)?;
        if value.ty == Type::Void {
            let what = self.shared.source.slice(span).to_owned();
            return self.error(AnalysisKind::NoValue { what }, span);
        }
        Some(value)
    }

    fn value_or_void(&mut self, tree: &tree::Expr) -> Option<Expr> {
        let span = tree.span;
        match &tree.kind {
            tree::ExprKind::Map { map, key } => self.map_entry(*map, key.as_deref(), span),
            tree::ExprKind::Call { function, args } => self.call(*function, args, span),
            tree::ExprKind::Neg(operand) => self.negated(operand, span),
            tree::ExprKind::BitNot(operand) => self.inverted(operand, span),
            tree::ExprKind::Not(operand) => self.not(operand, span),
            tree::ExprKind::Deref(pointer) => self.deref(pointer, span),
            tree::ExprKind::Step {
                place,
                op,
                position,
            } => self.step(place, *op, *position, span),
            tree::ExprKind::Binary { op, left, right } => self.binary(*op, left, right, span),
            tree::ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then.as_deref(), otherwise, span),
            tree::ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.if_value(condition, then, otherwise.as_ref(), span),
            tree::ExprKind::Block(block) => {
                let expansion = self.reports().enter(span, block.span);
                let value = self.block(block);
                self.reports().leave(expansion);
                value
            }
            tree::ExprKind::Member {
                base,
                name,
                name_span,
            } => self.member(base, name, *name_span, span),
            tree::ExprKind::TupleField { base, index } => self.tuple_field(base, *index, span),
            tree::ExprKind::Index { base, index } => self.index(base, index, span),
            tree::ExprKind::Cast { ty, operand } => self.cast(ty, operand, span),
            tree::ExprKind::Tuple(members) => self.tuple(members, span),
            tree::ExprKind::Record(members) => self.record(members, span),
            tree::ExprKind::Subprogram(call) => self.subprogram(call, span),
            tree::ExprKind::Offsetof { ty, path } => self.offset_of(ty, path, span),
            tree::ExprKind::ContainerOf { pointer, ty, path } => {
                self.container_of(pointer, ty, path, span)
            }
            tree::ExprKind::Comptime(inner) => {
                let value = self.value(inner)?;
                if is_constant(&value) {
                    return Some(value);
                }
                self.error(AnalysisKind::NotComptime, span)
            }
            tree::ExprKind::TaskOf(of) => self.task_of(of, span),
            tree::ExprKind::AddressOf(operand) => self.address_of(operand, span),
            _ => self.leaf(tree),
        }
    }

    /// Several values; all are looked at, even if one of them is wrong.
    pub(super) fn values<'t>(
        &mut self,
        trees: impl Iterator<Item = &'t tree::Expr>,
    ) -> Option<Vec<Expr>> {
        let (mut values, mut complete) = (Vec::new(), true);
        for tree in trees {
            match self.value(tree) {
                Some(value) => values.push(value),
                None => complete = false,
            }
        }
        complete.then_some(values)
    }

    fn tuple(&mut self, members: &[tree::Expr], span: Span) -> Option<Expr> {
        let members = self.values(members.iter())?;
        let ty = Type::Tuple(members.iter().map(|member| member.ty.clone()).collect());
        Some(expr(ExprKind::Tuple(members), ty, span))
    }

    fn record(&mut self, members: &[(String, tree::Expr)], span: Span) -> Option<Expr> {
        let values = self.values(members.iter().map(|(_, member)| member))?;
        let names = members.iter().map(|(name, _)| name.clone());
        let types = values.iter().map(|value| value.ty.clone());
        let ty = Type::Record(names.zip(types).collect());
        Some(expr(ExprKind::Tuple(values), ty, span))
    }

    fn negated(&mut self, operand: &tree::Expr, span: Span) -> Option<Expr> {
        let operand = self.value(operand)?;
        let operand = self.operand("-", operand)?;
        let operand = Box::new(cast(operand, Type::I64));
        Some(expr(
            ExprKind::Unary(hir::UnaryOp::Neg, operand),
            Type::I64,
            span,
        ))
    }

    /// `~` works on at least 32 bits.
    fn inverted(&mut self, operand: &tree::Expr, span: Span) -> Option<Expr> {
        let operand = self.value(operand)?;
        let operand = self.operand("~", operand)?;
        let int = integer(&operand.ty).unwrap_or(IntType::I64);
        let bits = int.bits.max(32);
        let ty = Type::Int(IntType { bits, ..int });
        let operand = Box::new(cast(operand, ty.clone()));
        Some(expr(
            ExprKind::Unary(hir::UnaryOp::BitNot, operand),
            ty,
            span,
        ))
    }

    fn not(&mut self, operand: &tree::Expr, span: Span) -> Option<Expr> {
        let operand = self.condition(operand, "!")?;
        if let Some(value) = known(&operand) {
            return Some(truth(!value, span));
        }
        Some(expr(ExprKind::Not(Box::new(operand)), Type::Bool, span))
    }

    fn deref(&mut self, pointer: &tree::Expr, span: Span) -> Option<Expr> {
        let pointer = self.value(pointer)?;
        self.load(pointer, 0, span)
    }

    fn cast(&mut self, ty: &TypeRef, operand: &tree::Expr, span: Span) -> Option<Expr> {
        let operand = self.value(operand)?;
        let ty = match ty {
            TypeRef::Array(element, None) => {
                let element = Box::new(self.type_of(element)?);
                let length = operand.ty.size() / element.size().max(1);
                Type::Array { element, length }
            }
            ty => self.type_of(ty)?,
        };
        self.cast_to(operand, ty, span)
    }

    fn tuple_field(&mut self, base: &tree::Expr, index: u32, span: Span) -> Option<Expr> {
        let base = self.value(base)?;
        self.tuple_member(base, u64::from(index), span)
    }

    fn if_value(
        &mut self,
        condition: &tree::Expr,
        then: &tree::Block,
        otherwise: Option<&tree::Block>,
        span: Span,
    ) -> Option<Expr> {
        let comptime = is_comptime(condition);
        let condition = self.condition(condition, "if()");
        let taken = condition.as_ref().and_then(known).filter(|_| comptime);
        match (taken, otherwise) {
            (Some(true), _) => return self.block(then),
            (Some(false), Some(otherwise)) => return self.block(otherwise),
            _ => {}
        }
        let then = self.block(then);
        let Some(otherwise) = otherwise else {
            let what = "an if without else".into();
            return self.error(AnalysisKind::NoValue { what }, span);
        };
        let otherwise = self.block(otherwise);
        self.branches(condition?, then?, otherwise?, span)
    }

    /// A value as a boolean.
    pub(super) fn condition(&mut self, tree: &tree::Expr, context: &'static str) -> Option<Expr> {
        let value = self.value(tree)?;
        self.truth(value, context)
    }

    fn truth(&mut self, value: Expr, context: &'static str) -> Option<Expr> {
        if integer(&value.ty).is_none() && !matches!(value.ty, Type::Pointer { .. }) {
            let (found, span) = (value.ty, value.span);
            let hint = match &found {
                Type::String { .. } => Some("compare it: != \"\""),
                Type::Record(members) if members.len() == 1 => Some("to compare, write `==`"),
                _ => None,
            };
            let kind = AnalysisKind::Condition { context, found };
            self.reports().error(kind, span).hint = hint.map(str::to_owned);
            return None;
        }
        Some(cast(value, Type::Bool))
    }

    /// The type that a type reference means.
    pub(super) fn type_of(&mut self, ty: &TypeRef) -> Option<Type> {
        match ty {
            TypeRef::Known(ty) => Some(ty.clone()),
            TypeRef::Of(of) => self.value(of).map(|value| value.ty),
            TypeRef::Pointer(target) => self.type_of(target).map(pointer_to),
            TypeRef::Array(element, length) => Some(Type::Array {
                element: Box::new(self.type_of(element)?),
                length: length.unwrap_or(0),
            }),
            TypeRef::Tuple(members) => {
                let members = members.iter().map(|member| self.type_of(member));
                members.collect::<Option<_>>().map(Type::Tuple)
            }
        }
    }

    /// The value of an entry; an aggregation stands for an integer.
    fn map_entry(&mut self, map: MapId, key: Option<&[tree::Expr]>, span: Span) -> Option<Expr> {
        let key = self.key(map, key, span)?;
        let ty = self.map_read_type(map, span)?;
        Some(expr(ExprKind::Map { map, key }, ty, span))
    }

    /// The type of what is read from a map.
    pub(super) fn map_read_type(&mut self, map: MapId, span: Span) -> Option<Type> {
        use crate::types::Aggregation as A;
        let Some(ty) = self.table.map_value(map) else {
            self.round.unknown.push(Unknown::Map(map, span));
            return None;
        };
        Some(match ty {
            Type::Aggregation(
                A::Hist { .. } | A::Lhist { .. } | A::Stats { .. } | A::TimeSeries { .. },
            ) => {
                let name = self.shared.tree.maps[map.index()].name.clone();
                return self.error(AnalysisKind::NotAnInteger { name, found: ty }, span);
            }
            Type::Aggregation(A::Count) => Type::U64,
            Type::Aggregation(aggregation) => Type::Int(super::int64(aggregation.is_signed())),
            other => other,
        })
    }

    fn step(
        &mut self,
        place: &tree::Place,
        op: StepOp,
        position: StepPosition,
        span: Span,
    ) -> Option<Expr> {
        let unit = literal(if op == StepOp::Increment { 1 } else { -1 }, span);
        let (target, ty) = match &place.kind {
            PlaceKind::Var(id) => {
                let mut ty = self.variable(*id, place.span)?.ty;
                if let Type::Int(int) = ty {
                    // A counter must not wrap at the width of its first value.
                    let given = super::Given {
                        ty: Type::Int(IntType { bits: 64, ..int }),
                        literal: self
                            .table
                            .var(self.index, *id)
                            .is_some_and(|slot| slot.given.literal)
                            && op == StepOp::Increment,
                    };
                    ty = given.ty.clone();
                    if let Err(conflict) = self.table.observe_var(self.index, *id, given, span)
                        && !matches!(conflict, super::Conflict::Type(Type::Int(_), _))
                    {
                        self.variable_conflict(conflict, *id, ty.clone(), span);
                    }
                    ty = self.variable(*id, place.span).map_or(ty, |value| value.ty);
                }
                (hir::Place::Var(*id), ty)
            }
            PlaceKind::Map(map, key) => {
                let key = self.key(*map, key.as_deref(), place.span)?;
                self.table.assign_map(*map);
                if self
                    .table
                    .map_value(*map)
                    .is_none_or(|ty| integer(&ty).is_some())
                {
                    let mut given = given(&unit);
                    given.ty = Type::I64;
                    // The map has an integer or nothing: these always go together.
                    let _ = self.table.observe_value(*map, given, span);
                }
                let ty = self.table.map_value(*map)?;
                (hir::Place::Map { map: *map, key }, ty)
            }
        };
        let by = match &ty {
            Type::Int(_) => 1,
            Type::Pointer { target, .. } => i64::from(target.size().max(1)),
            found => {
                let operator = if op == StepOp::Increment { "++" } else { "--" };
                let found = found.clone();
                return self.error(AnalysisKind::OperandType { operator, found }, place.span);
            }
        };
        let by = if op == StepOp::Increment { by } else { -by };
        let old = position == StepPosition::Postfix;
        Some(expr(ExprKind::Step { target, by, old }, ty, span))
    }

    fn conditional(
        &mut self,
        condition: &tree::Expr,
        then: Option<&tree::Expr>,
        otherwise: &tree::Expr,
        span: Span,
    ) -> Option<Expr> {
        let Some(then) = then else {
            let value = self.value(condition);
            let otherwise = self.value(otherwise);
            let (setup, kept) = self.keep(value?);
            let condition = self.truth(kept.clone(), "?:")?;
            let value = self.branches(condition, kept, otherwise?, span)?;
            return Some(after(setup, value));
        };
        let condition = self.condition(condition, "ternary");
        let then = self.value(then);
        let otherwise = self.value(otherwise);
        self.branches(condition?, then?, otherwise?, span)
    }

    /// Two values of which one is taken, at the type that holds both.
    fn branches(
        &mut self,
        condition: Expr,
        then: Expr,
        otherwise: Expr,
        span: Span,
    ) -> Option<Expr> {
        let Some(joined) = super::super::join::join(&given(&then), &given(&otherwise)) else {
            let (left, right) = (then.ty, otherwise.ty);
            return self.error(AnalysisKind::BranchTypes { left, right }, span);
        };
        let kind = ExprKind::Conditional {
            condition: Box::new(condition),
            then: Box::new(self.coerce(then, &joined.ty)),
            otherwise: Box::new(self.coerce(otherwise, &joined.ty)),
        };
        Some(expr(kind, joined.ty, span))
    }

    /// A block as a value.
    fn block(&mut self, block: &tree::Block) -> Option<Expr> {
        let stmts = self.stmts(&block.stmts);
        let Some(value) = &block.value else {
            return self.error(
                AnalysisKind::NoValue {
                    what: "a block that ends in a statement".into(),
                },
                block.span,
            );
        };
        let value = self.value(value)?;
        if stmts.is_empty() {
            return Some(value);
        }
        let ty = value.ty.clone();
        Some(expr(
            ExprKind::Block(stmts, Box::new(value)),
            ty,
            block.span,
        ))
    }

    pub(super) fn tuple_member(&mut self, base: Expr, index: u64, span: Span) -> Option<Expr> {
        let Type::Tuple(members) = &base.ty else {
            let found = base.ty.clone();
            return self.error(AnalysisKind::NotATuple { found }, base.span);
        };
        let length = members.len();
        let Some(ty) = usize::try_from(index)
            .ok()
            .and_then(|at| members.get(at))
            .cloned()
        else {
            return self.error(AnalysisKind::TupleIndex { index, length }, span);
        };
        Some(expr(
            ExprKind::Member(Box::new(base), index as u32),
            ty,
            span,
        ))
    }

    /// An integer operand of an operator.
    pub(super) fn operand(&mut self, operator: &'static str, value: Expr) -> Option<Expr> {
        if integer(&value.ty).is_some() {
            return Some(value);
        }
        let (found, span) = (value.ty, value.span);
        self.error(AnalysisKind::OperandType { operator, found }, span)
    }
}

/// What the script wants to be decided when it is compiled: it says so, or asks for the size of a type.
pub(super) fn is_comptime(condition: &tree::Expr) -> bool {
    match &condition.kind {
        tree::ExprKind::Comptime(_)
        | tree::ExprKind::Sizeof(_)
        | tree::ExprKind::Offsetof { .. } => true,
        tree::ExprKind::Not(operand) => is_comptime(operand),
        tree::ExprKind::Binary { left, right, .. } => is_comptime(left) || is_comptime(right),
        _ => false,
    }
}
