//! Addition, multiplication, logic, shifts, minimum and maximum, extension.

use super::Selector;
use super::value::mask;
use crate::bpf::BackEndError;
use crate::bpf::encoding::{AluOp, Comparison, Width};
use crate::bpf::inst::{Inst, Reg, Rhs};
use cranelift_codegen::ir::{self, Opcode, Value};

impl Selector<'_> {
    pub(super) fn unary(
        &mut self,
        inst: ir::Inst,
        opcode: Opcode,
        arg: Value,
    ) -> Result<(), BackEndError> {
        let dst = self.result(inst);
        let bits = self.bits(arg);
        let width = Width::of(bits);
        let result_width = Width::of(self.bits(self.function.dfg.first_result(inst)));
        match opcode {
            // Its argument's register serves.
            Opcode::Ireduce => {}
            Opcode::Uextend => {
                if !self.is_zero_extended(arg) {
                    let src = self.register(arg)?;
                    self.zero_extend_to(dst, src, bits);
                }
            }
            Opcode::Sextend => {
                let src = self.register(arg)?;
                self.sign_extend_to(dst, src, bits, result_width);
            }
            Opcode::Bnot => {
                let src = self.register(arg)?;
                self.alu_to(dst, AluOp::Xor, width, src, -1);
            }
            Opcode::Ineg => {
                let src = self.register(arg)?;
                self.push(Inst::Negate { width, dst, src });
            }
            Opcode::Iabs => {
                let src = self.sign_extended(arg, width)?;
                let sign = self.alu(AluOp::Sar, width, src, width.bits() as i32 - 1);
                self.negate_if(dst, width, src, sign);
            }
            Opcode::Bmask => {
                let condition = self.condition(arg)?;
                let src = self.temporary();
                self.push(Inst::SetIf {
                    dst: src,
                    condition,
                });
                self.push(Inst::Negate {
                    width: result_width,
                    dst,
                    src,
                });
            }
            Opcode::Bswap if bits > 8 => {
                let src = self.register(arg)?;
                self.push(Inst::SwapBytes {
                    bits: bits as u8,
                    dst,
                    src,
                });
            }
            Opcode::Popcnt => {
                let src = self.zero_extended(arg)?;
                self.count_ones_to(dst, src);
            }
            Opcode::Clz => {
                let src = self.zero_extended(arg)?;
                self.leading_zeros_to(dst, src, bits);
            }
            Opcode::Ctz => {
                let src = self.zero_extended(arg)?;
                self.trailing_zeros_to(dst, src, bits);
            }
            _ => return Err(self.unsupported(inst)),
        }
        Ok(())
    }

    pub(super) fn binary(
        &mut self,
        inst: ir::Inst,
        opcode: Opcode,
        [lhs, rhs]: [Value; 2],
    ) -> Result<(), BackEndError> {
        let dst = self.result(inst);
        let op = match opcode {
            Opcode::Iadd => AluOp::Add,
            Opcode::Isub => AluOp::Sub,
            Opcode::Imul => AluOp::Mul,
            Opcode::Band => AluOp::And,
            Opcode::Bor => AluOp::Or,
            Opcode::Bxor => AluOp::Xor,
            Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => return self.shift(dst, opcode, lhs, rhs),
            Opcode::Rotl | Opcode::Rotr => return self.rotate(dst, opcode, lhs, rhs),
            Opcode::Umin => return self.choose(dst, Comparison::Le, lhs, rhs),
            Opcode::Umax => return self.choose(dst, Comparison::Ge, lhs, rhs),
            Opcode::Smin => return self.choose(dst, Comparison::SignedLe, lhs, rhs),
            Opcode::Smax => return self.choose(dst, Comparison::SignedGe, lhs, rhs),
            Opcode::Umulhi => return self.multiply_high_unsigned(dst, lhs, rhs),
            Opcode::Smulhi => return self.multiply_high_signed(dst, lhs, rhs),
            Opcode::Udiv => return self.divide_unsigned(dst, AluOp::Div, lhs, rhs),
            Opcode::Urem => return self.divide_unsigned(dst, AluOp::Mod, lhs, rhs),
            Opcode::Sdiv => return self.divide_signed(dst, lhs, rhs),
            Opcode::Srem => return self.remainder_signed(dst, lhs, rhs),
            _ => return Err(self.unsupported(inst)),
        };
        let commutes = op != AluOp::Sub;
        let (lhs, rhs) = if commutes && self.immediate(lhs).is_some() {
            (rhs, lhs)
        } else {
            (lhs, rhs)
        };
        let width = Width::of(self.bits(lhs));
        let lhs = self.register(lhs)?;
        let rhs = self.operand(rhs)?;
        self.alu_to(dst, op, width, lhs, rhs);
        Ok(())
    }

    fn shift(
        &mut self,
        dst: Reg,
        opcode: Opcode,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let bits = self.bits(lhs);
        let width = Width::of(bits);
        let (op, shifted) = match opcode {
            Opcode::Ishl => (AluOp::Shl, self.register(lhs)?),
            Opcode::Ushr if bits < 32 => (AluOp::Shr, self.zero_extended(lhs)?),
            Opcode::Ushr => (AluOp::Shr, self.register(lhs)?),
            _ => (AluOp::Sar, self.sign_extended(lhs, width)?),
        };
        let amount = self.shift_amount(rhs, bits)?;
        self.alu_to(dst, op, width, shifted, amount);
        Ok(())
    }

    /// An amount modulo the number of bits. The machine does that itself for 32 and 64.
    fn shift_amount(&mut self, amount: Value, bits: u32) -> Result<Rhs, BackEndError> {
        if let Some(known) = self.known(amount) {
            return Ok(Rhs::Imm(known as i32 & (bits as i32 - 1)));
        }
        let amount = self.register(amount)?;
        Ok(if bits < 32 {
            Rhs::Reg(self.alu(AluOp::And, Width::W32, amount, bits as i32 - 1))
        } else {
            Rhs::Reg(amount)
        })
    }

    /// `(x << n) | (x >> (bits - n))`, or the other way round.
    fn rotate(
        &mut self,
        dst: Reg,
        opcode: Opcode,
        value: Value,
        amount: Value,
    ) -> Result<(), BackEndError> {
        let bits = self.bits(value);
        let width = Width::of(bits);
        let value = if bits < 32 {
            self.zero_extended(value)?
        } else {
            self.register(value)?
        };
        let there = self.shift_amount(amount, bits)?;
        let back = match there {
            Rhs::Imm(there) => Rhs::Imm(-there & (bits as i32 - 1)),
            Rhs::Reg(there) => {
                let dst = self.temporary();
                self.push(Inst::Negate {
                    width: Width::W32,
                    dst,
                    src: there,
                });
                Rhs::Reg(self.alu(AluOp::And, Width::W32, dst, bits as i32 - 1))
            }
        };
        let (left, right) = if opcode == Opcode::Rotl {
            (there, back)
        } else {
            (back, there)
        };
        let high = self.alu(AluOp::Shl, width, value, left);
        let low = self.alu(AluOp::Shr, width, value, right);
        self.alu_to(dst, AluOp::Or, width, high, low);
        Ok(())
    }

    /// The one of two values that compares as asked with the other.
    pub(super) fn choose(
        &mut self,
        dst: Reg,
        comparison: Comparison,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let (lhs, rhs) = if self.immediate(lhs).is_some() {
            (rhs, lhs)
        } else {
            (lhs, rhs)
        };
        let width = Width::of(self.bits(lhs));
        let signed = matches!(comparison, Comparison::SignedLe | Comparison::SignedGe);
        let lhs_reg = self.comparable(lhs, signed)?;
        let rhs = self.comparable_operand(rhs, signed)?;
        self.push(Inst::Choose {
            comparison,
            width,
            dst,
            lhs: lhs_reg,
            rhs,
        });
        Ok(())
    }

    /// `dst = (x ^ sign) - sign`: the negative if `sign` is all ones, `x` if it is zero.
    pub(super) fn negate_if(&mut self, dst: Reg, width: Width, x: Reg, sign: Reg) {
        let flipped = self.alu(AluOp::Xor, width, x, sign);
        self.alu_to(dst, AluOp::Sub, width, flipped, sign);
    }

    fn multiply_high_unsigned(
        &mut self,
        dst: Reg,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let bits = self.bits(lhs);
        let (x, y) = (self.zero_extended(lhs)?, self.zero_extended(rhs)?);
        if bits == 64 {
            self.multiply_high_to(dst, x, y);
        } else {
            let product = self.alu(AluOp::Mul, Width::W64, x, y);
            self.alu_to(dst, AluOp::Shr, Width::W64, product, bits as i32);
        }
        Ok(())
    }

    fn multiply_high_signed(
        &mut self,
        dst: Reg,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let bits = self.bits(lhs);
        let x = self.sign_extended(lhs, Width::W64)?;
        let y = self.sign_extended(rhs, Width::W64)?;
        if bits < 64 {
            let product = self.alu(AluOp::Mul, Width::W64, x, y);
            self.alu_to(dst, AluOp::Sar, Width::W64, product, bits as i32);
            return Ok(());
        }
        // A negative factor counts as 2^64 more than it is: take the other one off the high half.
        let high = self.temporary();
        self.multiply_high_to(high, x, y);
        let x_sign = self.alu(AluOp::Sar, Width::W64, x, 63);
        let for_x = self.alu(AluOp::And, Width::W64, x_sign, y);
        let y_sign = self.alu(AluOp::Sar, Width::W64, y, 63);
        let for_y = self.alu(AluOp::And, Width::W64, y_sign, x);
        let high = self.alu(AluOp::Sub, Width::W64, high, for_x);
        self.alu_to(dst, AluOp::Sub, Width::W64, high, for_y);
        Ok(())
    }

    /// The high half of an unsigned product of 128 bits, from four products of halves.
    fn multiply_high_to(&mut self, dst: Reg, x: Reg, y: Reg) {
        let w = Width::W64;
        let (x_low, x_high) = (self.low_half(x), self.alu(AluOp::Shr, w, x, 32));
        let (y_low, y_high) = (self.low_half(y), self.alu(AluOp::Shr, w, y, 32));
        let low = self.alu(AluOp::Mul, w, x_low, y_low);
        let middle = self.alu(AluOp::Mul, w, x_low, y_high);
        let other = self.alu(AluOp::Mul, w, x_high, y_low);
        let high = self.alu(AluOp::Mul, w, x_high, y_high);
        let carry = self.alu(AluOp::Shr, w, low, 32);
        let middle = self.alu(AluOp::Add, w, middle, carry);
        let middle_low = self.low_half(middle);
        let other = self.alu(AluOp::Add, w, other, middle_low);
        let other = self.alu(AluOp::Shr, w, other, 32);
        let middle = self.alu(AluOp::Shr, w, middle, 32);
        let high = self.alu(AluOp::Add, w, high, other);
        self.alu_to(dst, AluOp::Add, w, high, middle);
    }

    fn low_half(&mut self, src: Reg) -> Reg {
        let dst = self.temporary();
        self.push(Inst::ZeroExtend { dst, src });
        dst
    }

    /// A constant of all the value's bits, as an unsigned operand of its width if it fits.
    pub(super) fn unsigned_immediate(&self, value: Value) -> Option<i32> {
        let bits = self.bits(value);
        let known = self.known(value)?;
        i32::try_from(if bits < 32 { known & mask(bits) } else { known }).ok()
    }
}
