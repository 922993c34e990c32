//! Calls of helpers and subprograms, and the intrinsics, which are no calls at all.

use super::{MAX_PARAMETERS, Selector};
use crate::bpf::BackEndError;
use crate::bpf::encoding::{AluOp, Comparison};
use crate::bpf::inst::{Callee, Inst};
use crate::helper::{PROBE_READ_KERNEL, PROBE_READ_KERNEL_STR};
use crate::namespace::{self, Intrinsic};
use crate::object::RelocationTarget;
use cranelift_codegen::ir::{self, InstructionData};

impl Selector<'_> {
    /// The intrinsic that an instruction calls.
    pub(super) fn intrinsic(&self, inst: ir::Inst) -> Option<Intrinsic> {
        let InstructionData::Call { func_ref, .. } = self.function.dfg.insts[inst] else {
            return None;
        };
        let name = self.callee(func_ref)?;
        (name.namespace == namespace::INTRINSIC)
            .then(|| Intrinsic::from_index(name.index))
            .flatten()
    }

    pub(super) fn call(
        &mut self,
        inst: ir::Inst,
        func_ref: ir::FuncRef,
    ) -> Result<(), BackEndError> {
        if let Some(intrinsic) = self.intrinsic(inst) {
            return self.expand(inst, intrinsic);
        }
        let callee = match self.callee(func_ref) {
            Some(name) if name.namespace == namespace::HELPER => i32::try_from(name.index)
                .map(Callee::Helper)
                .map_err(|_| self.unsupported(inst))?,
            Some(name) if name.namespace == namespace::SUBPROGRAM => Callee::Subprogram(name.index),
            _ => return Err(self.unsupported(inst)),
        };
        self.call_callee(inst, callee)
    }

    fn call_callee(&mut self, inst: ir::Inst, callee: Callee) -> Result<(), BackEndError> {
        let dfg = &self.function.dfg;
        let values = dfg.inst_args(inst);
        // r0 is written even if the result is not wanted.
        let dst = match dfg.inst_results(inst) {
            [] => self.temporary(),
            [_] => self.result(inst),
            _ => return Err(self.unsupported(inst)),
        };
        if values.len() > MAX_PARAMETERS {
            return Err(self.unsupported(inst));
        }
        let args = values
            .iter()
            .map(|&value| self.register(value))
            .collect::<Result<_, _>>()?;
        self.push(Inst::Call { callee, args, dst });
        Ok(())
    }

    fn expand(&mut self, inst: ir::Inst, intrinsic: Intrinsic) -> Result<(), BackEndError> {
        let helper = match intrinsic {
            Intrinsic::Copy => Some(PROBE_READ_KERNEL),
            Intrinsic::CopyString => Some(PROBE_READ_KERNEL_STR),
            _ => None,
        };
        if let Some(helper) = helper {
            return self.call_callee(inst, Callee::Helper(helper as i32));
        }
        let dst = self.result(inst);
        match (intrinsic, self.function.dfg.inst_args(inst)) {
            (Intrinsic::Clamp, &[value, max]) => self.choose(dst, Comparison::Le, value, max),
            (Intrinsic::Udiv, &[a, b]) => self.divide_unsigned(dst, AluOp::Div, a, b),
            (Intrinsic::Urem, &[a, b]) => self.divide_unsigned(dst, AluOp::Mod, a, b),
            (Intrinsic::Sdiv, &[a, b]) => self.divide_signed(dst, a, b),
            (Intrinsic::Srem, &[a, b]) => self.remainder_signed(dst, a, b),
            (Intrinsic::Anchor, &[pointer]) => {
                let src = self.register(pointer)?;
                self.push(Inst::Copy { dst, src });
                Ok(())
            }
            _ => Err(self.unsupported(inst)),
        }
    }

    pub(super) fn function_address(
        &mut self,
        inst: ir::Inst,
        func_ref: ir::FuncRef,
    ) -> Result<(), BackEndError> {
        let index = match self.callee(func_ref) {
            Some(name) if name.namespace == namespace::SUBPROGRAM => name.index,
            _ => return Err(self.unsupported(inst)),
        };
        let dst = self.result(inst);
        self.push(Inst::Symbol {
            dst,
            target: RelocationTarget::SubprogramAddress(index),
            addend: 0,
        });
        Ok(())
    }
}
