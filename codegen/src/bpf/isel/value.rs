//! Operands: the register or constant behind a value, and what is known of the bits above its type.

use super::{Selector, value_register};
use crate::bpf::BackEndError;
use crate::bpf::encoding::{AluOp, Width};
use crate::bpf::inst::{Inst, Reg, Rhs};
use crate::namespace;
use crate::object::RelocationTarget;
use cranelift_codegen::ir::{
    self, ExternalName, GlobalValue, GlobalValueData, InstructionData, Opcode, UserExternalName,
    Value, ValueDef, types,
};

/// It must stay even if nobody reads its result.
pub(super) fn needed_for_effect(opcode: Opcode) -> bool {
    opcode.can_store() || opcode.is_call() || opcode.other_side_effects()
}

impl Selector<'_> {
    pub(super) fn bits(&self, value: Value) -> u32 {
        self.function.dfg.value_type(value).bits()
    }

    /// The instruction that makes a value, aliases followed.
    pub(super) fn definition(&self, value: Value) -> Option<InstructionData> {
        let dfg = &self.function.dfg;
        match dfg.value_def(dfg.resolve_aliases(value)) {
            ValueDef::Result(inst, 0) => Some(dfg.insts[inst]),
            _ => None,
        }
    }

    /// A constant's value, sign-extended from its type.
    pub(super) fn known(&self, value: Value) -> Option<i64> {
        match self.definition(value)? {
            InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                imm,
            } => {
                let unused = 64 - self.bits(value);
                Some(imm.bits() << unused >> unused)
            }
            _ => None,
        }
    }

    /// A constant that fits in an instruction's immediate.
    pub(super) fn immediate(&self, value: Value) -> Option<i32> {
        self.known(value)
            .and_then(|value| i32::try_from(value).ok())
    }

    /// The register of a value. Bits above its type are undefined.
    pub(super) fn register(&mut self, value: Value) -> Result<Reg, BackEndError> {
        let value = self.root(value);
        match self.definition(value) {
            Some(InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                ..
            }) => {
                let known = self.known(value).unwrap_or_default();
                Ok(self.constant(known))
            }
            Some(InstructionData::StackAddr {
                stack_slot, offset, ..
            }) => {
                let dst = self.temporary();
                let offset = self.slots[stack_slot].saturating_add(offset.into());
                self.push(Inst::FrameAddress { dst, offset });
                Ok(dst)
            }
            Some(InstructionData::UnaryGlobalValue {
                opcode: Opcode::SymbolValue,
                global_value,
            }) => self.symbol(global_value),
            _ => {
                self.used.insert(value);
                Ok(value_register(value))
            }
        }
    }

    /// A register, or a constant of 32 bits.
    pub(super) fn operand(&mut self, value: Value) -> Result<Rhs, BackEndError> {
        match self.immediate(value) {
            Some(value) => Ok(Rhs::Imm(value)),
            None => self.register(value).map(Rhs::Reg),
        }
    }

    /// The value whose register serves for this one too: reductions cost nothing, nor do extensions of
    /// what is zero above its type.
    fn root(&self, value: Value) -> Value {
        let mut value = self.function.dfg.resolve_aliases(value);
        loop {
            let arg = match self.definition(value) {
                Some(InstructionData::Unary {
                    opcode: Opcode::Ireduce,
                    arg,
                }) => arg,
                Some(InstructionData::Unary {
                    opcode: Opcode::Uextend,
                    arg,
                }) if self.is_zero_extended(arg) => arg,
                _ => return value,
            };
            value = self.function.dfg.resolve_aliases(arg);
        }
    }

    /// The bits above the value's type are known to be zero in its register.
    pub(super) fn is_zero_extended(&self, value: Value) -> bool {
        use Opcode::*;
        let Some(data) = self.definition(value) else {
            return false;
        };
        match data.opcode() {
            Load | Uload8 | Uload16 | Uload32 | Icmp | Bswap => true,
            // 32-bit arithmetic clears the high half.
            Iadd | Isub | Imul | Band | Bor | Bxor | Ishl | Ushr | Sshr | Udiv | Urem | Bnot
            | Ineg | Uextend | Sextend => self.function.dfg.value_type(value) == types::I32,
            _ => false,
        }
    }

    /// The value with zeros above its type.
    pub(super) fn zero_extended(&mut self, value: Value) -> Result<Reg, BackEndError> {
        let bits = self.bits(value);
        if let Some(known) = self.known(value) {
            return Ok(self.constant(known & mask(bits)));
        }
        let reg = self.register(value)?;
        if bits == 64 || self.is_zero_extended(value) {
            return Ok(reg);
        }
        let dst = self.temporary();
        self.zero_extend_to(dst, reg, bits);
        Ok(dst)
    }

    /// `dst` = the low `bits` of `src`, for less than 64.
    pub(super) fn zero_extend_to(&mut self, dst: Reg, src: Reg, bits: u32) {
        if bits == 32 {
            self.push(Inst::ZeroExtend { dst, src });
        } else {
            self.alu_to(dst, AluOp::And, Width::W32, src, mask(bits) as i32);
        }
    }

    /// The value with copies of its sign above its type, up to `width`.
    pub(super) fn sign_extended(
        &mut self,
        value: Value,
        width: Width,
    ) -> Result<Reg, BackEndError> {
        let bits = self.bits(value);
        if let Some(known) = self.known(value) {
            return Ok(self.constant(known));
        }
        let reg = self.register(value)?;
        if bits >= width.bits() {
            return Ok(reg);
        }
        let dst = self.temporary();
        self.sign_extend_to(dst, reg, bits, width);
        Ok(dst)
    }

    /// `dst` = the low `bits` of `src` as a signed number of `width`.
    pub(super) fn sign_extend_to(&mut self, dst: Reg, src: Reg, bits: u32, width: Width) {
        let distance = (width.bits() - bits) as i32;
        let shifted = self.alu(AluOp::Shl, width, src, distance);
        self.alu_to(dst, AluOp::Sar, width, shifted, distance);
    }

    fn symbol(&mut self, global: GlobalValue) -> Result<Reg, BackEndError> {
        let unsupported = || BackEndError::Unsupported {
            instruction: format!("symbol_value {global}"),
        };
        let GlobalValueData::Symbol { name, offset, .. } = &self.function.global_values[global]
        else {
            return Err(unsupported());
        };
        let name = self.user_name(name).ok_or_else(unsupported)?;
        let target = match name.namespace {
            namespace::MAP => RelocationTarget::Map(name.index),
            namespace::DATA => RelocationTarget::Data(name.index),
            _ => return Err(unsupported()),
        };
        let addend = i32::try_from(offset.bits()).map_err(|_| unsupported())?;
        let dst = self.temporary();
        self.push(Inst::Symbol {
            dst,
            target,
            addend,
        });
        Ok(dst)
    }

    /// Namespace and index of a name; `None` for Cranelift's own.
    pub(super) fn user_name(&self, name: &ExternalName) -> Option<&UserExternalName> {
        match name {
            ExternalName::User(name) => self.function.params.user_named_funcs().get(*name),
            _ => None,
        }
    }

    /// Namespace and index of a called function.
    pub(super) fn callee(&self, func_ref: ir::FuncRef) -> Option<&UserExternalName> {
        self.user_name(&self.function.dfg.ext_funcs[func_ref].name)
    }
}

/// Ones in the low `bits`.
pub(super) fn mask(bits: u32) -> i64 {
    (u64::MAX >> (64 - bits)) as i64
}
