//! Comparisons, merged into the branches and selections that use them.

use super::Selector;
use crate::bpf::BackEndError;
use crate::bpf::encoding::{Comparison, Width};
use crate::bpf::inst::{Condition, Reg, Rhs};
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{InstructionData, Opcode, Value};

impl Selector<'_> {
    /// `args[0] cc args[1]`
    pub(super) fn compare(
        &mut self,
        cc: IntCC,
        args: [Value; 2],
    ) -> Result<Condition, BackEndError> {
        let ([lhs, rhs], cc) = if self.known(args[0]).is_some() && self.known(args[1]).is_none() {
            ([args[1], args[0]], cc.swap_args())
        } else {
            (args, cc)
        };
        let (comparison, signed) = match cc {
            IntCC::Equal => (Comparison::Eq, false),
            IntCC::NotEqual => (Comparison::Ne, false),
            IntCC::UnsignedLessThan => (Comparison::Lt, false),
            IntCC::UnsignedLessThanOrEqual => (Comparison::Le, false),
            IntCC::UnsignedGreaterThan => (Comparison::Gt, false),
            IntCC::UnsignedGreaterThanOrEqual => (Comparison::Ge, false),
            IntCC::SignedLessThan => (Comparison::SignedLt, true),
            IntCC::SignedLessThanOrEqual => (Comparison::SignedLe, true),
            IntCC::SignedGreaterThan => (Comparison::SignedGt, true),
            IntCC::SignedGreaterThanOrEqual => (Comparison::SignedGe, true),
        };
        Ok(Condition {
            comparison,
            width: Width::of(self.bits(lhs)),
            lhs: self.comparable(lhs, signed)?,
            rhs: self.comparable_operand(rhs, signed)?,
        })
    }

    /// A register whose bits mean the value in a comparison of 32 or 64 bits.
    pub(super) fn comparable(&mut self, value: Value, signed: bool) -> Result<Reg, BackEndError> {
        if self.bits(value) >= 32 {
            self.register(value)
        } else if signed {
            self.sign_extended(value, Width::W32)
        } else {
            self.zero_extended(value)
        }
    }

    /// The same, or a constant.
    pub(super) fn comparable_operand(
        &mut self,
        value: Value,
        signed: bool,
    ) -> Result<Rhs, BackEndError> {
        let known = if signed {
            self.immediate(value)
        } else {
            self.unsigned_immediate(value)
        };
        match known {
            Some(known) => Ok(Rhs::Imm(known)),
            None => self.comparable(value, signed).map(Rhs::Reg),
        }
    }

    /// The condition that a value is not zero: its own comparison, if it is one.
    pub(super) fn condition(&mut self, value: Value) -> Result<Condition, BackEndError> {
        match self.definition(value) {
            Some(InstructionData::IntCompare {
                opcode: Opcode::Icmp,
                cond,
                args,
            }) => self.compare(cond, args),
            _ => Ok(Condition {
                comparison: Comparison::Ne,
                width: Width::of(self.bits(value)),
                lhs: self.comparable(value, false)?,
                rhs: Rhs::Imm(0),
            }),
        }
    }
}
