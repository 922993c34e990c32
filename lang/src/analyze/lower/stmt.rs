//! Statements.

use super::super::join::Given;
use super::super::tree::{self, PlaceKind};
use super::action::{is_action, values};
use super::expr::is_comptime;
use super::promise::is_promise;
use super::value::{cast, given, integer, known, var};
use super::{Lowerer, Unknown, int64};
use crate::ast::BinaryOp;
use crate::diagnostic::kind::AnalysisKind;
use crate::function::Function;
use crate::hir::{Expr, ExprKind, MapId, Stmt, StmtKind, VarId};
use crate::source::Span;
use crate::types::Type;

impl Lowerer<'_> {
    pub(super) fn stmts(&mut self, stmts: &[tree::Stmt]) -> Vec<Stmt> {
        let mut lowered = Vec::new();
        for stmt in stmts {
            self.stmt(stmt, &mut lowered);
        }
        lowered
    }

    /// Lowers a statement to none, one or more.
    fn stmt(&mut self, stmt: &tree::Stmt, out: &mut Vec<Stmt>) {
        let span = stmt.span;
        let kind = match &stmt.kind {
            tree::StmtKind::Expr(expr) => return self.effect(expr, span, out),
            tree::StmtKind::Discard(expr) => self.value(expr).map(StmtKind::Expr),
            tree::StmtKind::Let { var, ty, value } => {
                self.declaration(*var, ty.as_ref(), value.as_ref(), span)
            }
            tree::StmtKind::Assign { place, op, value } => self.assignment(place, *op, value),
            tree::StmtKind::Aggregate {
                map,
                key,
                function,
                args,
                place,
            } => self.aggregate(*map, key.as_deref(), *function, args, *place),
            tree::StmtKind::While { condition, body } => {
                let condition = self.condition(condition, "while()");
                let body = self.stmts(body);
                condition.map(|condition| StmtKind::While { condition, body })
            }
            tree::StmtKind::Unroll { count, body } => {
                for _ in 0..*count {
                    out.extend(self.stmts(body));
                }
                None
            }
            tree::StmtKind::ForMap {
                var,
                map,
                over,
                body,
            } => self.for_map(*var, *map, *over, body),
            tree::StmtKind::ForRange {
                var,
                start,
                end,
                body,
            } => self.for_range(*var, start, end, body, span),
            tree::StmtKind::Break => Some(StmtKind::Break),
            tree::StmtKind::Continue => Some(StmtKind::Continue),
            tree::StmtKind::Return => Some(StmtKind::Return),
            tree::StmtKind::ReturnValue(result, value) => {
                let value = self.value(value);
                let set = value.and_then(|value| self.set_var(*result, value));
                out.extend(set.map(|kind| Stmt { kind, span }));
                Some(StmtKind::Return)
            }
            // The probe ends with it, also from within loops.
            tree::StmtKind::ReturnStatus(value) => self.status(value).map(StmtKind::Action),
        };
        out.extend(kind.map(|kind| Stmt { kind, span }));
    }

    /// An expression whose value nobody wants.
    fn effect(&mut self, tree: &tree::Expr, span: Span, out: &mut Vec<Stmt>) {
        let kind = match &tree.kind {
            tree::ExprKind::Call { function, args } if is_promise(*function) => {
                self.promise(*function, args, tree.span)
            }
            tree::ExprKind::Call {
                function: Function::Debugf,
                args,
            } => self.debugf(args, tree.span),
            tree::ExprKind::Call { function, args } if is_action(*function) => {
                let action = self.action(*function, args, tree.span);
                let printed = action.iter().flat_map(values);
                let types: Vec<Type> = printed.map(|value| value.ty.clone()).collect();
                self.round.output.printed.extend(types);
                action.map(StmtKind::Action)
            }
            tree::ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                let comptime = is_comptime(condition);
                let condition = self.condition(condition, "if()");
                // The branch that is not taken need not make sense for these types.
                let taken = match condition.as_ref().and_then(known).filter(|_| comptime) {
                    Some(true) => Some(Some(then)),
                    Some(false) => Some(otherwise.as_ref()),
                    None => None,
                };
                if let Some(block) = taken {
                    out.extend(block.into_iter().flat_map(|block| self.stmts_of(block)));
                    return;
                }
                let then = self.stmts_of(then);
                let otherwise = otherwise.as_ref().map(|block| self.stmts_of(block));
                condition.map(|condition| StmtKind::If {
                    condition,
                    then,
                    otherwise: otherwise.unwrap_or_default(),
                })
            }
            tree::ExprKind::Conditional {
                condition,
                then: Some(then),
                otherwise,
            } => {
                let condition = self.condition(condition, "ternary");
                let (mut yes, mut no) = (Vec::new(), Vec::new());
                self.effect(then, then.span, &mut yes);
                self.effect(otherwise, otherwise.span, &mut no);
                condition.map(|condition| StmtKind::If {
                    condition,
                    then: yes,
                    otherwise: no,
                })
            }
            tree::ExprKind::Block(block) => {
                let expansion = self.reports().enter(tree.span, block.span);
                out.extend(self.stmts_of(block));
                self.reports().leave(expansion);
                None
            }
            tree::ExprKind::Subprogram(call) => {
                self.subprogram_or_void(call, tree.span).map(StmtKind::Expr)
            }
            _ => {
                let value = self.value(tree);
                if value.as_ref().is_some_and(is_idle) {
                    self.reports()
                        .warning(AnalysisKind::UnusedValue, tree.span)
                        .hint = Some("write '_ = ...' if this is meant".into());
                }
                value.map(StmtKind::Expr)
            }
        };
        out.extend(kind.map(|kind| Stmt { kind, span }));
    }

    /// The statements of a block, and its value as one more.
    fn stmts_of(&mut self, block: &tree::Block) -> Vec<Stmt> {
        let mut stmts = self.stmts(&block.stmts);
        if let Some(value) = &block.value {
            self.effect(value, value.span, &mut stmts);
        }
        stmts
    }

    pub(super) fn declaration(
        &mut self,
        var: VarId,
        ty: Option<&tree::TypeRef>,
        value: Option<&tree::Expr>,
        span: Span,
    ) -> Option<StmtKind> {
        let value = value.map(|value| self.value(value));
        if let Some(ty) = ty {
            let ty = self.type_of(ty)?;
            if ty == Type::Void {
                let place = "kept in a variable";
                return self.error(AnalysisKind::CannotStore { found: ty, place }, span);
            }
            let named = self.probe.vars[var.index()].span;
            self.table.fix_var(self.index, var, ty, named);
        }
        let value = match value {
            Some(value) => value?,
            None => return self.zeroed(var, span),
        };
        self.set_var(var, value)
    }

    /// `let $x;` is zero each time, in loops too.
    fn zeroed(&mut self, id: VarId, span: Span) -> Option<StmtKind> {
        let ty = self.table.var(self.index, id)?.given.ty.clone();
        integer(&ty)?;
        Some(StmtKind::SetVar(
            id,
            super::value::expr(ExprKind::Int(0), ty, span),
        ))
    }

    /// `$x = value`
    pub(super) fn set_var(&mut self, id: VarId, value: Expr) -> Option<StmtKind> {
        let span = value.span;
        self.check_storable(&value, "kept in a variable")?;
        self.literal_fits(id, &value)?;
        if let Err(conflict) = self.table.observe_var(self.index, id, given(&value), span) {
            self.variable_conflict(conflict, id, value.ty, span);
            return None;
        }
        let ty = self.table.var(self.index, id)?.given.ty.clone();
        Some(StmtKind::SetVar(id, self.coerce(value, &ty)))
    }

    /// A literal that a declared type cannot hold.
    fn literal_fits(&mut self, id: VarId, value: &Expr) -> Option<()> {
        let ExprKind::Int(constant) = value.kind else {
            return Some(());
        };
        let ty = self
            .table
            .var(self.index, id)
            .map(|slot| slot.given.ty.clone());
        let Some(Type::Int(int)) = ty.filter(|_| self.table.is_fixed(self.index, id)) else {
            return Some(());
        };
        let fits = if int.signed {
            value.ty != Type::U64 && constant >> (int.bits - 1) == constant >> 63
        } else {
            int.bits == 64 || (constant as u64) >> int.bits == 0
        };
        if fits {
            return Some(());
        }
        let value_text = self.shared.source.slice(value.span).to_owned();
        let kind = AnalysisKind::LiteralTooLarge {
            value: value_text,
            ty: Type::Int(int),
        };
        self.error(kind, value.span)
    }

    fn assignment(
        &mut self,
        place: &tree::Place,
        op: Option<BinaryOp>,
        value: &tree::Expr,
    ) -> Option<StmtKind> {
        match (&place.kind, op) {
            (PlaceKind::Var(id), None) => {
                self.table.assign_var(self.index, *id);
                let value = self.value(value)?;
                self.set_var(*id, value)
            }
            (PlaceKind::Var(id), Some(op)) => {
                let value = self.value(value);
                let Some(slot) = self.table.var(self.index, *id) else {
                    self.round
                        .unknown
                        .push(Unknown::Var(self.index, *id, place.span));
                    return None;
                };
                let unsigned = matches!(slot.given.ty, Type::Int(int) if !int.signed);
                let old = var(*id, slot.given.ty.clone(), place.span);
                let span = place.span.to(value.as_ref()?.span);
                let mut result = self.arithmetic(op, old, value?, span)?;
                if unsigned && matches!(result.ty, Type::Int(_)) {
                    result = cast(result, Type::Int(int64(false)));
                }
                self.set_var(*id, result)
            }
            (PlaceKind::Map(map, key), op) => {
                self.table.assign_map(*map);
                let key = self.key(*map, key.as_deref(), place.span);
                let value = self.value(value);
                match op {
                    None => self.set_map(*map, key?, value?),
                    Some(op) => self.update_map(*map, key?, op, value?, place.span),
                }
            }
        }
    }

    fn set_map(&mut self, map: MapId, key: Vec<Expr>, value: Expr) -> Option<StmtKind> {
        self.check_storable(&value, "kept in a map")?;
        let value = self.stored(value);
        if let Err(conflict) = self.table.observe_value(map, given(&value), value.span) {
            self.map_conflict(conflict, map, vec![value.ty], value.span);
            return None;
        }
        let ty = self.table.map_value(map)?;
        let value = self.coerce(value, &ty);
        Some(StmtKind::SetMap { map, key, value })
    }

    fn update_map(
        &mut self,
        map: MapId,
        key: Vec<Expr>,
        op: BinaryOp,
        value: Expr,
        place: Span,
    ) -> Option<StmtKind> {
        let span = place.to(value.span);
        let Some(arithmetic) = super::binary::arithmetic_op(op) else {
            return self.error(AnalysisKind::NotAssignable, place);
        };
        let value = match self.table.map_value(map) {
            Some(pointer @ Type::Pointer { .. }) if matches!(op, BinaryOp::Add | BinaryOp::Sub) => {
                let value = self.operand(op.symbol(), value)?;
                super::binary::scale(value, &pointer, span)
            }
            Some(ty) if integer(&ty).is_none() => {
                let left = super::value::expr(ExprKind::Int(0), ty, place);
                self.arithmetic(op, left, value, span);
                return None;
            }
            _ => {
                let value = self.operand(op.symbol(), value)?;
                let mut given = given(&value);
                given.ty = Type::Int(int64(integer(&value.ty)?.signed));
                if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
                    self.check_shift(op, &value);
                    given = Given {
                        ty: Type::I64,
                        literal: true,
                    };
                }
                if let Err(conflict) = self.table.observe_value(map, given, span) {
                    self.map_conflict(conflict, map, vec![value.ty], span);
                    return None;
                }
                value
            }
        };
        let ty = self.table.map_value(map)?;
        Some(StmtKind::UpdateMap {
            map,
            key,
            op: arithmetic,
            value: cast(value, ty),
        })
    }

    fn for_map(
        &mut self,
        id: VarId,
        map: MapId,
        over: Span,
        body: &[tree::Stmt],
    ) -> Option<StmtKind> {
        let value = self.map_read_type(map, over);
        let parts = self.table.map_key(map).map(|parts| {
            let types: Vec<Type> = parts.iter().map(|part| part.given.ty.clone()).collect();
            types
        });
        let (value, mut parts) = (value?, parts?);
        let key = match parts.len() {
            0 => {
                let name = self.shared.tree.maps[map.index()].name.clone();
                return self.error(AnalysisKind::LoopVariableMap { name }, over);
            }
            1 => parts.remove(0),
            _ => Type::Tuple(parts),
        };
        self.table
            .fix_var(self.index, id, Type::Tuple(vec![key, value]), over);
        let body = self.stmts(body);
        Some(StmtKind::ForMap { var: id, map, body })
    }

    fn for_range(
        &mut self,
        id: VarId,
        start: &tree::Expr,
        end: &tree::Expr,
        body: &[tree::Stmt],
        span: Span,
    ) -> Option<StmtKind> {
        let mut bound = |tree| {
            let value = self.value(tree)?;
            let value = self.operand("..", value)?;
            Some(cast(value, Type::I64))
        };
        let (start, end) = (bound(start), bound(end));
        self.table.fix_var(self.index, id, Type::I64, span);
        let body = self.stmts(body);
        Some(StmtKind::ForRange {
            var: id,
            start: start?,
            end: end?,
            body,
        })
    }
}

/// Running it changes nothing.
fn is_idle(value: &Expr) -> bool {
    !matches!(
        value.kind,
        ExprKind::Step { .. }
            | ExprKind::Call(_)
            | ExprKind::Block(..)
            | ExprKind::Inline(..)
            | ExprKind::Conditional { .. }
            | ExprKind::Logic(..)
    )
}
