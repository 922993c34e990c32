//! Counting bits, and choosing between the bits of two values.
//!
//! BPF has no instructions for it: everything is shifts and masks, without branches, because each branch
//! doubles what the verifier has to follow.

use super::Selector;
use crate::bpf::BackEndError;
use crate::bpf::encoding::{AluOp, Width};
use crate::bpf::inst::{Inst, Reg};
use cranelift_codegen::ir::{self, Opcode, Value};

const PAIRS: i64 = 0x5555_5555_5555_5555;
const NIBBLES: i64 = 0x3333_3333_3333_3333;
const BYTES: i64 = 0x0f0f_0f0f_0f0f_0f0f;
const ONE_EACH: i64 = 0x0101_0101_0101_0101;

impl Selector<'_> {
    pub(super) fn ternary(
        &mut self,
        inst: ir::Inst,
        opcode: Opcode,
        args: [Value; 3],
    ) -> Result<(), BackEndError> {
        let dst = self.result(inst);
        match opcode {
            Opcode::Select | Opcode::SelectSpectreGuard => self.select(dst, args),
            Opcode::Bitselect => {
                // ((x ^ y) & control) ^ y
                let [control, x, y] = args;
                let width = Width::of(self.bits(x));
                let control = self.register(control)?;
                let (x, y) = (self.register(x)?, self.register(y)?);
                let differences = self.alu(AluOp::Xor, width, x, y);
                let chosen = self.alu(AluOp::And, width, differences, control);
                self.alu_to(dst, AluOp::Xor, width, chosen, y);
                Ok(())
            }
            _ => Err(self.unsupported(inst)),
        }
    }

    /// How many ones a register holds: sums of neighbours, side by side in one word (Warren, Hacker's Delight 5-1).
    pub(super) fn count_ones_to(&mut self, dst: Reg, x: Reg) {
        let w = Width::W64;
        let mask = self.constant(PAIRS);
        let odd = self.alu(AluOp::Shr, w, x, 1);
        let odd = self.alu(AluOp::And, w, odd, mask);
        let x = self.alu(AluOp::Sub, w, x, odd);
        let mask = self.constant(NIBBLES);
        let high = self.alu(AluOp::Shr, w, x, 2);
        let high = self.alu(AluOp::And, w, high, mask);
        let low = self.alu(AluOp::And, w, x, mask);
        let x = self.alu(AluOp::Add, w, low, high);
        let high = self.alu(AluOp::Shr, w, x, 4);
        let x = self.alu(AluOp::Add, w, x, high);
        let mask = self.constant(BYTES);
        let x = self.alu(AluOp::And, w, x, mask);
        let ones = self.constant(ONE_EACH);
        let x = self.alu(AluOp::Mul, w, x, ones);
        self.alu_to(dst, AluOp::Shr, w, x, 56);
    }

    /// Zeros above the highest one of a zero-extended value: all bits below it set, then those counted.
    pub(super) fn leading_zeros_to(&mut self, dst: Reg, x: Reg, bits: u32) {
        let mut x = x;
        let mut distance = 1;
        while distance < bits {
            let moved = self.alu(AluOp::Shr, Width::W64, x, distance as i32);
            x = self.alu(AluOp::Or, Width::W64, x, moved);
            distance *= 2;
        }
        let ones = self.temporary();
        self.count_ones_to(ones, x);
        let total = self.constant(i64::from(bits));
        self.alu_to(dst, AluOp::Sub, Width::W64, total, ones);
    }

    /// Zeros below the lowest one of a zero-extended value: `!x & (x - 1)` is ones in their place.
    pub(super) fn trailing_zeros_to(&mut self, dst: Reg, x: Reg, bits: u32) {
        let w = Width::W64;
        // A one above the type's bits ends the count there.
        let x = if bits < 64 {
            let end = self.constant(1 << bits);
            self.alu(AluOp::Or, w, x, end)
        } else {
            x
        };
        let inverse = self.alu(AluOp::Xor, w, x, -1);
        let below = self.alu(AluOp::Add, w, x, -1);
        let zeros = self.alu(AluOp::And, w, inverse, below);
        self.count_ones_to(dst, zeros);
    }

    fn select(&mut self, dst: Reg, [control, x, y]: [Value; 3]) -> Result<(), BackEndError> {
        let condition = self.condition(control)?;
        // The value that stays when the condition fails may be a constant in the instruction.
        let (condition, x, y) = if self.immediate(x).is_some() && self.immediate(y).is_none() {
            (condition.inverse(), y, x)
        } else {
            (condition, x, y)
        };
        let if_true = self.register(x)?;
        let if_false = self.operand(y)?;
        self.push(Inst::Select {
            dst,
            condition,
            if_true,
            if_false,
        });
        Ok(())
    }
}
