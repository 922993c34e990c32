//! Division and remainder. BPF's are unsigned and total: x / 0 = 0, x % 0 = x.
//!
//! Signed division is made from them, because kernels before 6.6 have no instruction for it:
//! MIN / -1 = MIN, MIN % -1 = 0.

use super::Selector;
use crate::bpf::BackEndError;
use crate::bpf::encoding::{AluOp, Width};
use crate::bpf::inst::{Reg, Rhs};
use cranelift_codegen::ir::Value;

impl Selector<'_> {
    /// `op` is [`AluOp::Div`] or [`AluOp::Mod`].
    pub(super) fn divide_unsigned(
        &mut self,
        dst: Reg,
        op: AluOp,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let bits = self.bits(lhs);
        let extend = |selector: &mut Self, value| {
            if bits < 32 {
                selector.zero_extended(value)
            } else {
                selector.register(value)
            }
        };
        let dividend = extend(self, lhs)?;
        // The verifier refuses a constant zero. A negative one would be sign-extended, which
        // interpreters and compilers of the kernel did not always agree on.
        let divisor = match self.unsigned_immediate(rhs) {
            Some(known) if known > 0 => Rhs::Imm(known),
            _ => Rhs::Reg(extend(self, rhs)?),
        };
        self.alu_to(dst, op, Width::of(bits), dividend, divisor);
        Ok(())
    }

    pub(super) fn divide_signed(
        &mut self,
        dst: Reg,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let w = Width::W64;
        let (dividend, sign) = self.magnitude(lhs)?;
        let (divisor, sign) = match self.immediate(rhs) {
            Some(known) if known > 0 => (Rhs::Imm(known), sign),
            _ => {
                let (divisor, divisor_sign) = self.magnitude(rhs)?;
                let sign = self.alu(AluOp::Xor, w, sign, divisor_sign);
                (Rhs::Reg(divisor), sign)
            }
        };
        let quotient = self.alu(AluOp::Div, w, dividend, divisor);
        self.negate_if(dst, w, quotient, sign);
        Ok(())
    }

    pub(super) fn remainder_signed(
        &mut self,
        dst: Reg,
        lhs: Value,
        rhs: Value,
    ) -> Result<(), BackEndError> {
        let w = Width::W64;
        let (dividend, sign) = self.magnitude(lhs)?;
        let divisor = match self.immediate(rhs) {
            Some(known) if known > 0 => Rhs::Imm(known),
            _ => Rhs::Reg(self.magnitude(rhs)?.0),
        };
        let remainder = self.alu(AluOp::Mod, w, dividend, divisor);
        self.negate_if(dst, w, remainder, sign);
        Ok(())
    }

    /// A signed value's magnitude in 64 bits, and all ones if it is negative.
    fn magnitude(&mut self, value: Value) -> Result<(Reg, Reg), BackEndError> {
        let value = self.sign_extended(value, Width::W64)?;
        let sign = self.alu(AluOp::Sar, Width::W64, value, 63);
        let magnitude = self.temporary();
        self.negate_if(magnitude, Width::W64, value, sign);
        Ok((magnitude, sign))
    }
}
