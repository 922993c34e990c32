//! Members of structs in memory, bitfields, and the addresses of values.

use super::build::{Extend, Mem};
use super::lower::{Lower, Result, VarStorage};
use cranelift_codegen::ir::Value;
use trapline_lang::hir::{Bitfield, Expr, ExprKind};
use trapline_lang::types::Type;

impl<'s> Lower<'_, 's, '_> {
    /// A scalar member of a struct.
    pub(crate) fn part(
        &mut self,
        base: &'s Expr,
        offset: u32,
        bits: Option<Bitfield>,
        ty: &Type,
    ) -> Result<Value> {
        let from = self.memory(base)?.plus(offset);
        let size = ty.size();
        // Members of packed structs may lie anywhere.
        let value = if from.misalignment().is_multiple_of(size.max(1)) {
            self.load_scalar(from, ty)
        } else {
            let mut whole = self.b.int(0);
            for at in 0..size {
                let byte = self.b.load(from.plus(at), 1, Extend::Zero);
                let byte = self.b.shl_int(byte, i64::from(at) * 8);
                whole = self.b.or(whole, byte);
            }
            self.fit(whole, ty)
        };
        Ok(self.bits(value, bits, ty))
    }

    /// The bits of a bitfield in the integer that holds it.
    pub(crate) fn bits(&mut self, value: Value, bits: Option<Bitfield>, ty: &Type) -> Value {
        let Some(bits) = bits else { return value };
        let width = i64::from(bits.width.clamp(1, 64));
        let value = self
            .b
            .shl_int(value, (64 - width - i64::from(bits.shift)).max(0));
        let down = self.b.int(64 - width);
        if ty.int().is_some_and(|int| int.signed) {
            self.b.sar(value, down)
        } else {
            self.b.shr(value, down)
        }
    }

    /// The low `size` bytes of a number, lowest first.
    pub(crate) fn place_bytes(&mut self, value: Value, size: u32, to: Mem) {
        let mut at = 0;
        while at < size {
            let width = [8, 4, 2, 1]
                .into_iter()
                .find(|width| at + width <= size && (to.misalignment() + at).is_multiple_of(*width))
                .unwrap_or(1);
            let part = self.b.shr_int(value, i64::from(at) * 8);
            self.b.store(to.plus(at), width, part);
            at += width;
        }
    }

    /// Where a value lies, as a number.
    pub(crate) fn address_of(&mut self, operand: &'s Expr) -> Result<Value> {
        let address = match &operand.kind {
            ExprKind::Map { map, key } => {
                let key = self.key(*map, key)?;
                self.find(*map, key)?
            }
            ExprKind::Var(var) => match self.var(*var) {
                VarStorage::Scratch(offset) => {
                    let place = self.scratch_at(offset);
                    self.b.address(place)
                }
                VarStorage::Register(_) => {
                    return self.malformed("the address of a variable in a register", operand.span);
                }
            },
            _ if operand.ty.is_scalar() => {
                let to = self.temporary(8);
                let value = self.scalar(operand)?;
                self.b.store(to, operand.ty.size(), value);
                self.b.address(to)
            }
            _ => {
                let place = self.memory(operand)?;
                self.b.address(place)
            }
        };
        Ok(self.as_number(address))
    }

    /// A pointer as a number, on which the verifier allows any arithmetic. Reading back its halves from
    /// memory makes it one; a whole load would be replaced by the value that was stored.
    pub(crate) fn as_number(&mut self, pointer: Value) -> Value {
        let mark = self.mark();
        let offset = self.program.scratch.take(8);
        let place = self.scratch_at(offset);
        self.b.store_word(place, pointer);
        let low = self.b.load(place, 4, Extend::Zero);
        let high = self.b.load(place.plus(4), 4, Extend::Zero);
        self.release(&mark);
        let high = self.b.shl_int(high, 32);
        self.b.or(low, high)
    }
}
