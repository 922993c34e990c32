//! Expressions: scalars as 64-bit values, everything else as bytes in memory.
//!
//! A scalar is always sign- or zero-extended to 64 bits as its type says.

use super::build::{Extend, Mem};
use super::lower::{Lower, Result, VarStorage};
use super::memory::{self, Padding};
use crate::CodegenError;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Value};
use trapline_lang::hir::{CompareOp, Expr, ExprKind, LogicOp, Place, UnaryOp, VarId};
use trapline_lang::source::Span;
use trapline_lang::types::{IntType, Type};

/// How values of a type are extended to 64 bits.
pub(crate) fn extension(int: IntType) -> Extend {
    if int.signed {
        Extend::Sign
    } else {
        Extend::Zero
    }
}

impl<'s> Lower<'_, 's, '_> {
    /// HIR that breaks its own rules.
    pub(crate) fn malformed<T>(&self, what: &'static str, span: Span) -> Result<T> {
        Err(CodegenError::Malformed { what, span })
    }

    /// Lowers an expression of a scalar type (or none: then the value means nothing).
    pub(crate) fn scalar(&mut self, expr: &'s Expr) -> Result<Value> {
        self.b.set_span(expr.span);
        match &expr.kind {
            ExprKind::Int(value) => Ok(self.b.int(*value)),
            ExprKind::Var(var) => self.get_var(*var),
            ExprKind::Builtin(builtin) => self.builtin(*builtin, expr.span),
            ExprKind::Field(location) => self.field(*location, expr),
            ExprKind::Map { map, key } => self.read_map(*map, key, expr),
            ExprKind::Unary(op, operand) => {
                let operand = self.scalar(operand)?;
                let value = match op {
                    UnaryOp::Neg => self.b.neg(operand),
                    UnaryOp::BitNot => self.b.not(operand),
                };
                Ok(self.fit(value, &expr.ty))
            }
            ExprKind::Arithmetic(op, left, right) => {
                let left = self.scalar(left)?;
                let right = self.scalar(right)?;
                self.b.set_span(expr.span);
                self.arithmetic(*op, left, right, &expr.ty, expr.span)
            }
            ExprKind::Not(_) | ExprKind::Compare(..) => {
                let condition = self.condition(expr)?;
                Ok(self.b.truth(condition))
            }
            ExprKind::Equal {
                left,
                right,
                negated,
            } => self.equal(left, right, *negated),
            ExprKind::Logic(..) => {
                let (yes, no) = (self.b.block(), self.b.block());
                let (after, result) = self.b.join();
                self.branch_on(expr, yes, no)?;
                for (block, value) in [(yes, 1), (no, 0)] {
                    self.b.switch_to(block);
                    let value = self.b.int(value);
                    self.b.jump_with(after, value);
                }
                self.b.switch_to(after);
                Ok(result)
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.condition(condition)?;
                self.choose(
                    condition,
                    |lower| lower.scalar(then),
                    |lower| lower.scalar(otherwise),
                )
            }
            ExprKind::Cast(operand) => self.cast(operand, &expr.ty),
            ExprKind::Member(base, n) => {
                let member = self.member(base, *n)?;
                Ok(self.load_scalar(member, &expr.ty))
            }
            ExprKind::Part { base, offset, bits } => self.part(base, *offset, *bits, &expr.ty),
            ExprKind::AddressOf(operand) => self.address_of(operand),
            ExprKind::Index { base, index } => self.element(base, index, &expr.ty),
            ExprKind::Load {
                pointer,
                offset,
                space,
                bits,
            } => {
                let pointer = self.scalar(pointer)?;
                let pointer = self.b.add_int(pointer, *offset);
                self.load_pointer(pointer, *space, *bits, &expr.ty)
            }
            ExprKind::Call(call) => self.call(call, expr),
            ExprKind::Step { target, by, old } => match target {
                Place::Var(var) => self.step_var(*var, *by, *old, &expr.ty),
                Place::Map { map, key } => {
                    let by_value = self.b.int(*by);
                    let before = self.fetch_and_add(*map, key, by_value)?;
                    if *old {
                        return Ok(self.fit(before, &expr.ty));
                    }
                    let after = self.b.add_int(before, *by);
                    Ok(self.fit(after, &expr.ty))
                }
            },
            ExprKind::Block(body, value) => {
                self.body(body)?;
                self.scalar(value)
            }
            ExprKind::Inline(body, value) => {
                self.inline(body)?;
                self.scalar(value)
            }
            ExprKind::Str(_) | ExprKind::Tuple(_) => self.malformed(
                "a value in memory stands where a number is wanted",
                expr.span,
            ),
        }
    }

    /// A boolean, or any scalar as `!= 0`, as a condition.
    pub(crate) fn condition(&mut self, expr: &'s Expr) -> Result<Value> {
        self.b.set_span(expr.span);
        match &expr.kind {
            ExprKind::Compare(op, left, right) => {
                let signed = left.ty.int().is_some_and(|int| int.signed);
                let left = self.scalar(left)?;
                let right = self.scalar(right)?;
                self.b.set_span(expr.span);
                Ok(self.b.compare(comparison(*op, signed), left, right))
            }
            ExprKind::Not(operand) => {
                let operand = self.scalar(operand)?;
                Ok(self.b.compare_int(IntCC::Equal, operand, 0))
            }
            _ => {
                let value = self.scalar(expr)?;
                Ok(self.b.compare_int(IntCC::NotEqual, value, 0))
            }
        }
    }

    /// Goes to one block or the other, and evaluates only what it must.
    pub(crate) fn branch_on(&mut self, expr: &'s Expr, yes: Block, no: Block) -> Result<()> {
        match &expr.kind {
            ExprKind::Logic(op, left, right) => {
                let next = self.b.block();
                match op {
                    LogicOp::And => self.branch_on(left, next, no)?,
                    LogicOp::Or => self.branch_on(left, yes, next)?,
                }
                self.b.switch_to(next);
                self.scoped(|lower| lower.branch_on(right, yes, no))
            }
            ExprKind::Not(operand) => self.branch_on(operand, no, yes),
            _ => {
                let condition = self.condition(expr)?;
                self.b.branch(condition, yes, no);
                Ok(())
            }
        }
    }

    /// Cuts a 64-bit result to its type and extends it again.
    pub(crate) fn fit(&mut self, value: Value, ty: &Type) -> Value {
        match (ty, ty.int()) {
            (Type::Bool, _) | (_, None) => value,
            (_, Some(int)) => self.b.extend(value, int.bits, extension(int)),
        }
    }

    fn cast(&mut self, operand: &'s Expr, ty: &Type) -> Result<Value> {
        if !operand.ty.is_scalar() {
            return self.reinterpret(operand, ty);
        }
        let value = self.scalar(operand)?;
        if *ty == Type::Bool {
            if operand.ty == Type::Bool {
                return Ok(value);
            }
            let truth = self.b.compare_int(IntCC::NotEqual, value, 0);
            return Ok(self.b.truth(truth));
        }
        Ok(match (operand.ty.int(), ty.int()) {
            (Some(from), Some(to)) if holds(to, from) => value,
            _ => self.fit(value, ty),
        })
    }

    /// An array of integers as the integer with the same bytes.
    fn reinterpret(&mut self, operand: &'s Expr, ty: &Type) -> Result<Value> {
        let size = ty.size();
        if !matches!(operand.ty, Type::Array { .. }) || operand.ty.size() < size {
            return self.malformed("a cast makes a number of something else", operand.span);
        }
        let mark = self.mark();
        let to = self.temporary(size);
        let from = self.memory(operand)?;
        memory::copy(&mut self.b, to, from, size);
        let value = self.load_scalar(to, ty);
        self.release(&mark);
        Ok(value)
    }

    /// Loads a scalar from memory in its canonical form.
    pub(crate) fn load_scalar(&mut self, from: Mem, ty: &Type) -> Value {
        let extend = ty.int().map_or(Extend::Zero, extension);
        self.b.load(from, ty.size(), extend)
    }

    // Scratch variables

    fn get_var(&mut self, var: VarId) -> Result<Value> {
        Ok(match self.var(var) {
            VarStorage::Register(register) => self.b.get(register),
            VarStorage::Scratch(offset) => {
                let from = self.scratch_at(offset);
                self.b.load_word(from)
            }
        })
    }

    fn step_var(&mut self, var: VarId, by: i64, old: bool, ty: &Type) -> Result<Value> {
        let before = self.get_var(var)?;
        let after = self.b.add_int(before, by);
        let after = self.fit(after, ty);
        match self.var(var) {
            VarStorage::Register(register) => self.b.set(register, after),
            VarStorage::Scratch(offset) => self.set_scratch_word(offset, after),
        }
        Ok(if old { before } else { after })
    }

    // Tuples and arrays

    fn member(&mut self, base: &'s Expr, n: u32) -> Result<Mem> {
        let offsets = base.ty.member_offsets();
        let Some(offset) = offsets.get(n as usize) else {
            return self.malformed("a member that the type does not have", base.span);
        };
        Ok(self.memory(base)?.plus(*offset))
    }

    fn element(&mut self, base: &'s Expr, index: &'s Expr, ty: &Type) -> Result<Value> {
        if let (ExprKind::Field(location), ExprKind::Int(n)) = (&base.kind, &index.kind)
            && let Some(value) = self.field_element(*location, base, *n, ty)?
        {
            return Ok(value);
        }
        let index = self.scalar(index)?;
        let (address, inside) = self.element_address(base, index, ty)?;
        let value = self.load_scalar(Mem::at(address), ty);
        let zero = self.b.int(0);
        Ok(self.b.select(inside, value, zero))
    }

    /// The address of an element that is certain to be in the array, and whether it is the one asked for.
    fn element_address(
        &mut self,
        base: &'s Expr,
        index: Value,
        ty: &Type,
    ) -> Result<(Value, Value)> {
        let length = match &base.ty {
            Type::Array { length, .. } => *length,
            Type::String { capacity } => *capacity,
            _ => return self.malformed("an index into something that has no elements", base.span),
        };
        if length == 0 {
            return self.malformed("an index into an empty array", base.span);
        }
        let array = self.memory(base)?;
        let array = self.b.address(array);
        let inside = self
            .b
            .compare_int(IntCC::UnsignedLessThan, index, length.into());
        let index = self.b.clamp(index, i64::from(length) - 1);
        let size = self.b.int(ty.size().into());
        let offset = self.b.mul(index, size);
        Ok((self.b.add(array, offset), inside))
    }

    // Values in memory

    /// Where the bytes of a value are, with zeros behind the ends of strings.
    pub(crate) fn memory(&mut self, expr: &'s Expr) -> Result<Mem> {
        self.memory_of(expr, Padding::Zeroed)
    }

    /// Where the bytes of a value are: where it lives, or in temporary memory.
    pub(crate) fn memory_of(&mut self, expr: &'s Expr, padding: Padding) -> Result<Mem> {
        match &expr.kind {
            ExprKind::Var(var) => match self.var(*var) {
                VarStorage::Scratch(offset) => Ok(self.scratch_at(offset)),
                VarStorage::Register(_) => {
                    self.malformed("a value in memory is in a register", expr.span)
                }
            },
            ExprKind::Member(base, n) => self.member(base, *n),
            ExprKind::Part { base, offset, .. } => Ok(self.memory(base)?.plus(*offset)),
            ExprKind::Str(bytes) => {
                let literal = self.module.rodata.literal(bytes, expr.ty.size());
                Ok(Mem::data(literal))
            }
            ExprKind::Builtin(trapline_lang::hir::Builtin::Comm) => self.comm(),
            _ => {
                let to = self.temporary(expr.ty.size().max(1));
                self.place(expr, to, padding)?;
                Ok(to)
            }
        }
    }

    /// Writes a value of any type.
    pub(crate) fn place(&mut self, expr: &'s Expr, to: Mem, padding: Padding) -> Result<()> {
        if expr.ty.is_scalar() {
            let value = self.scalar(expr)?;
            self.b.store(to, expr.ty.size(), value);
            return Ok(());
        }
        self.b.set_span(expr.span);
        let size = expr.ty.size();
        match &expr.kind {
            ExprKind::Str(bytes) => {
                memory::write(&mut self.b, self.module, to, bytes, size);
                Ok(())
            }
            ExprKind::Tuple(members) => self.place_tuple(members, expr, to, padding),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.condition(condition)?;
                self.either(
                    condition,
                    |lower| lower.place(then, to, padding),
                    |lower| lower.place(otherwise, to, padding),
                )
            }
            ExprKind::Map { map, key } => self.place_map(*map, key, to, size, expr.span),
            ExprKind::Cast(operand) => self.place_cast(operand, expr, to, padding),
            ExprKind::Field(location) => self.place_field(*location, expr, to, padding),
            ExprKind::Load {
                pointer,
                offset,
                space,
                ..
            } => {
                let pointer = self.scalar(pointer)?;
                let pointer = self.b.add_int(pointer, *offset);
                self.place_pointer(pointer, *space, to, &expr.ty, padding)
            }
            ExprKind::Call(call) => self.place_call(call, expr, to, padding),
            ExprKind::Builtin(builtin) => self.place_builtin(*builtin, to, expr.span),
            ExprKind::Index { base, index } => {
                let index = self.scalar(index)?;
                let (address, inside) = self.element_address(base, index, &expr.ty)?;
                self.either(
                    inside,
                    |lower| {
                        memory::copy(&mut lower.b, to, Mem::at(address), size);
                        Ok(())
                    },
                    |lower| {
                        memory::zero(&mut lower.b, lower.module, to, size);
                        Ok(())
                    },
                )
            }
            ExprKind::Block(body, value) => {
                self.body(body)?;
                self.place(value, to, padding)
            }
            ExprKind::Inline(body, value) => {
                self.inline(body)?;
                self.place(value, to, padding)
            }
            ExprKind::Var(_) | ExprKind::Member(..) | ExprKind::Part { .. } => {
                let from = self.memory(expr)?;
                self.copy_value(to, from, &expr.ty);
                Ok(())
            }
            _ => self.malformed(
                "a number stands where a value in memory is wanted",
                expr.span,
            ),
        }
    }

    /// Copies a value of a type.
    pub(crate) fn copy_value(&mut self, to: Mem, from: Mem, ty: &Type) {
        memory::copy(&mut self.b, to, from, ty.size());
    }

    fn place_tuple(
        &mut self,
        members: &'s [Expr],
        tuple: &'s Expr,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        let offsets = tuple.ty.member_offsets();
        if offsets.len() != members.len() {
            return self.malformed("a tuple has more members than its type", tuple.span);
        }
        self.place_members(members, &offsets, tuple.ty.size(), to, padding)
    }

    /// Writes values at their offsets, with zeros between them if that matters.
    pub(crate) fn place_members(
        &mut self,
        members: &'s [Expr],
        offsets: &[u32],
        size: u32,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        let mut end = 0;
        for (member, offset) in members.iter().zip(offsets) {
            if padding == Padding::Zeroed && *offset > end {
                memory::zero(&mut self.b, self.module, to.plus(end), offset - end);
            }
            let mark = self.mark();
            self.place(member, to.plus(*offset), padding)?;
            self.release(&mark);
            end = offset + member.ty.size();
        }
        if padding == Padding::Zeroed && size > end {
            memory::zero(&mut self.b, self.module, to.plus(end), size - end);
        }
        Ok(())
    }
}

/// Every value of `from`, extended to 64 bits, is in `to`'s canonical form.
fn holds(to: IntType, from: IntType) -> bool {
    to.bits == 64
        || to == from
        || (to.bits > from.bits && (to.signed == from.signed || !from.signed))
}

fn comparison(op: CompareOp, signed: bool) -> IntCC {
    match (op, signed) {
        (CompareOp::Eq, _) => IntCC::Equal,
        (CompareOp::Ne, _) => IntCC::NotEqual,
        (CompareOp::Lt, true) => IntCC::SignedLessThan,
        (CompareOp::Lt, false) => IntCC::UnsignedLessThan,
        (CompareOp::Le, true) => IntCC::SignedLessThanOrEqual,
        (CompareOp::Le, false) => IntCC::UnsignedLessThanOrEqual,
        (CompareOp::Gt, true) => IntCC::SignedGreaterThan,
        (CompareOp::Gt, false) => IntCC::UnsignedGreaterThan,
        (CompareOp::Ge, true) => IntCC::SignedGreaterThanOrEqual,
        (CompareOp::Ge, false) => IntCC::UnsignedGreaterThanOrEqual,
    }
}
