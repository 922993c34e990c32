//! Strings and other bytes: reading them through pointers, comparing and converting them.

use super::build::Mem;
use super::lower::{Lower, Result};
use super::memory::{self, Padding, Side};
use super::module::read_helpers;
use super::routine::{self, Routine};
use crate::object::HelperName;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Bitfield, Expr, ExprKind};
use trapline_lang::types::{AddressSpace, Type};

impl<'s> Lower<'_, 's, '_> {
    /// Reads a NUL-terminated string of at most `length` bytes (a clamped value, or the capacity).
    ///
    /// Gives what the helper returned: the length with its NUL, or a negative error (and "").
    pub(crate) fn read_string(
        &mut self,
        from: Value,
        length: Option<Value>,
        capacity: u32,
        space: AddressSpace,
        to: Mem,
        padding: Padding,
    ) -> Result<Value> {
        // The kernel leaves what lies behind the NUL as it was.
        if padding == Padding::Zeroed {
            memory::zero(&mut self.b, self.module, to, capacity);
        } else if length.is_some() {
            // A length of zero reads nothing, not even a NUL.
            self.b.store_int(to, 1, 0);
        }
        let size = match length {
            Some(length) => self.b.clamp(length, capacity.into()),
            None => self.b.int(capacity.into()),
        };
        let (_, read) = read_helpers(space);
        let address = self.b.address(to);
        let returned = self.b.call(read, &[address, size, from]);
        let helper = match space {
            AddressSpace::Kernel => HelperName::ProbeReadKernelStr,
            AddressSpace::User => HelperName::ProbeReadUserStr,
        };
        self.check_read(returned, helper)?;
        Ok(returned)
    }

    /// Reads a scalar through a pointer; zero if that fails.
    pub(crate) fn load_pointer(
        &mut self,
        from: Value,
        space: AddressSpace,
        bits: Option<Bitfield>,
        ty: &Type,
    ) -> Result<Value> {
        let mark = self.mark();
        let to = self.temporary(8);
        self.read_bytes(from, space, to, ty.size())?;
        let value = self.load_scalar(to, ty);
        self.release(&mark);
        Ok(self.bits(value, bits, ty))
    }

    /// Reads a value of any other type through a pointer; zeros if that fails.
    pub(crate) fn place_pointer(
        &mut self,
        from: Value,
        space: AddressSpace,
        to: Mem,
        ty: &Type,
        padding: Padding,
    ) -> Result<()> {
        match ty {
            Type::String { capacity } => {
                self.read_string(from, None, *capacity, space, to, padding)?;
                Ok(())
            }
            _ => self.read_bytes(from, space, to, ty.size()),
        }
    }

    fn read_bytes(&mut self, from: Value, space: AddressSpace, to: Mem, size: u32) -> Result<()> {
        let (read, _) = read_helpers(space);
        let address = self.b.address(to);
        let size = self.b.int(size.into());
        let returned = self.b.call(read, &[address, size, from]);
        let helper = match space {
            AddressSpace::Kernel => HelperName::ProbeReadKernel,
            AddressSpace::User => HelperName::ProbeReadUser,
        };
        self.check_read(returned, helper)
    }

    /// Equality of two values in memory, as 0 or 1.
    pub(crate) fn equal(
        &mut self,
        left: &'s Expr,
        right: &'s Expr,
        negated: bool,
    ) -> Result<Value> {
        let size = match (&left.ty, &right.ty) {
            // Each ends in a NUL within its own capacity.
            (Type::String { capacity: left }, Type::String { capacity: right }) => {
                (*left).min(*right)
            }
            (left, _) => left.size(),
        };
        let difference = self.difference(left, right, size)?;
        let condition = if negated {
            IntCC::NotEqual
        } else {
            IntCC::Equal
        };
        let result = self.b.compare_int(condition, difference, 0);
        Ok(self.b.truth(result))
    }

    /// A word that is zero if the first `size` bytes of two values are equal, or two strings end before.
    pub(crate) fn difference(
        &mut self,
        left: &'s Expr,
        right: &'s Expr,
        size: u32,
    ) -> Result<Value> {
        let mark = self.mark();
        let literal = [left, right].iter().find_map(|side| match &side.kind {
            ExprKind::Str(bytes) => Some(bytes.len() as u32 + 1),
            _ => None,
        });
        let (size, padding) = match literal {
            // Up to the NUL, behind which nothing matters.
            Some(length) if length <= size => (length, Padding::Loose),
            _ => (size, Padding::Zeroed),
        };
        let left = self.side(left, padding)?;
        let right = self.side(right, padding)?;
        let difference = if size <= memory::INLINE {
            memory::difference(&mut self.b, left, right, size)
        } else {
            let left = self.aligned(left, size);
            let right = self.aligned(right, size);
            let routine = routine::index(self.module, Routine::Compare { size })?;
            self.b.call_subprogram(routine, &[left, right])
        };
        self.release(&mark);
        Ok(difference)
    }

    /// The address of one side, a multiple of 8.
    fn aligned(&mut self, side: Side<'_>, size: u32) -> Value {
        let mem = match side {
            Side::Constant(bytes) => Mem::data(self.module.rodata.literal(bytes, size)),
            Side::Memory(mem) if mem.misalignment() == 0 => mem,
            Side::Memory(mem) => {
                let copy = self.temporary(size);
                memory::copy(&mut self.b, copy, mem, size);
                copy
            }
        };
        self.b.address(mem)
    }

    fn side(&mut self, expr: &'s Expr, padding: Padding) -> Result<Side<'s>> {
        Ok(match &expr.kind {
            ExprKind::Str(bytes) => Side::Constant(bytes),
            _ => Side::Memory(self.memory_of(expr, padding)?),
        })
    }

    /// Writes a value at another type.
    pub(crate) fn place_cast(
        &mut self,
        operand: &'s Expr,
        expr: &'s Expr,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        match (&operand.ty, &expr.ty) {
            (Type::String { capacity: from }, Type::String { capacity }) => {
                self.place_resized(operand, *from, *capacity, to, padding)
            }
            (Type::Buffer { capacity: from }, Type::Buffer { capacity }) if from <= capacity => {
                self.place(operand, to, padding)?;
                if padding == Padding::Zeroed {
                    self.zero(to.plus(4 + from), capacity - from);
                }
                Ok(())
            }
            (scalar, Type::UserSymbol) if scalar.is_scalar() => {
                let address = self.scalar(operand)?;
                let pid = self.builtin(trapline_lang::hir::Builtin::Pid, expr.span)?;
                self.b.store_word(to, address);
                self.b.store_word(to.plus(8), pid);
                Ok(())
            }
            (from, into) if from.size() == into.size() => self.place(operand, to, padding),
            (from, Type::Array { .. }) if from.is_scalar() => {
                let value = self.scalar(operand)?;
                self.place_bytes(value, expr.ty.size(), to);
                Ok(())
            }
            (Type::Buffer { capacity: from }, Type::Buffer { capacity }) if from < capacity => {
                self.place(operand, to, padding)?;
                if padding == Padding::Zeroed {
                    memory::zero(&mut self.b, self.module, to.plus(4 + from), capacity - from);
                }
                Ok(())
            }
            (from, into) => self.not_supported(format!("a cast from {from} to {into}"), expr.span),
        }
    }

    /// Writes a string at another capacity.
    fn place_resized(
        &mut self,
        operand: &'s Expr,
        from: u32,
        capacity: u32,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        if from <= capacity {
            self.place(operand, to, padding)?;
            if padding == Padding::Zeroed {
                memory::zero(&mut self.b, self.module, to.plus(from), capacity - from);
            }
            return Ok(());
        }
        let mark = self.mark();
        let longer = self.memory_of(operand, padding)?;
        memory::copy(&mut self.b, to, longer, capacity);
        self.b.store_int(to.plus(capacity - 1), 1, 0);
        self.release(&mark);
        Ok(())
    }
}
