//! Loads, stores and atomic operations.

use super::Selector;
use crate::bpf::BackEndError;
use crate::bpf::encoding::{AluOp, Size, Width};
use crate::bpf::inst::{Address, AtomicOp, Inst, Rhs};
use cranelift_codegen::ir::{self, AtomicRmwOp, InstructionData, Opcode, Value};

/// How many additions of constants are looked through for the base of an address.
const MAX_ADDRESS_DEPTH: u32 = 8;

impl Selector<'_> {
    pub(super) fn load(
        &mut self,
        inst: ir::Inst,
        opcode: Opcode,
        base: Value,
        offset: i32,
    ) -> Result<(), BackEndError> {
        let dst = self.result(inst);
        let result_bits = self.bits(self.function.dfg.first_result(inst));
        let (bits, signed) = match opcode {
            Opcode::Load => (result_bits, false),
            Opcode::Uload8 => (8, false),
            Opcode::Sload8 => (8, true),
            Opcode::Uload16 => (16, false),
            Opcode::Sload16 => (16, true),
            Opcode::Uload32 => (32, false),
            Opcode::Sload32 => (32, true),
            _ => return Err(self.unsupported(inst)),
        };
        let address = self.address(base, offset)?;
        let loaded = if signed { self.temporary() } else { dst };
        self.push(Inst::Load {
            size: Size::of(bits),
            dst: loaded,
            address,
        });
        if signed {
            self.sign_extend_to(dst, loaded, bits, Width::W64);
        }
        Ok(())
    }

    pub(super) fn store(
        &mut self,
        inst: ir::Inst,
        opcode: Opcode,
        [value, base]: [Value; 2],
        offset: i32,
    ) -> Result<(), BackEndError> {
        let bits = match opcode {
            Opcode::Store => self.bits(value),
            Opcode::Istore8 => 8,
            Opcode::Istore16 => 16,
            Opcode::Istore32 => 32,
            _ => return Err(self.unsupported(inst)),
        };
        let src = self.operand(value)?;
        let address = self.address(base, offset)?;
        self.push(Inst::Store {
            size: Size::of(bits),
            src,
            address,
        });
        Ok(())
    }

    pub(super) fn atomic(
        &mut self,
        inst: ir::Inst,
        op: AtomicRmwOp,
        [base, value]: [Value; 2],
    ) -> Result<(), BackEndError> {
        let width = self.atomic_width(inst, value)?;
        let result = self.function.dfg.first_result(inst);
        let op = match op {
            AtomicRmwOp::Add | AtomicRmwOp::Sub => AtomicOp::Alu(AluOp::Add),
            AtomicRmwOp::Or => AtomicOp::Alu(AluOp::Or),
            AtomicRmwOp::And => AtomicOp::Alu(AluOp::And),
            AtomicRmwOp::Xor => AtomicOp::Alu(AluOp::Xor),
            AtomicRmwOp::Xchg => AtomicOp::Exchange,
            _ => return Err(self.unsupported(inst)),
        };
        let mut src = self.register(value)?;
        if self.is_subtraction(inst) {
            let negative = self.temporary();
            self.push(Inst::Negate {
                width,
                dst: negative,
                src,
            });
            src = negative;
        }
        let base = self.register(base)?;
        let inst = match op {
            // Without the old value it works on kernels before 5.12 too.
            AtomicOp::Alu(op) if !self.used.contains(result) => Inst::Atomic {
                op,
                width,
                src,
                base,
            },
            _ => Inst::AtomicFetch {
                op,
                width,
                dst: self.result(inst),
                src,
                base,
            },
        };
        self.push(inst);
        Ok(())
    }

    pub(super) fn compare_exchange(
        &mut self,
        inst: ir::Inst,
        [base, expected, value]: [Value; 3],
    ) -> Result<(), BackEndError> {
        let width = self.atomic_width(inst, value)?;
        let dst = self.result(inst);
        let expected = self.zero_extended(expected)?;
        let src = self.register(value)?;
        let base = self.register(base)?;
        self.push(Inst::CompareExchange {
            width,
            dst,
            expected,
            src,
            base,
        });
        Ok(())
    }

    fn is_subtraction(&self, inst: ir::Inst) -> bool {
        matches!(
            self.function.dfg.insts[inst],
            InstructionData::AtomicRmw {
                op: AtomicRmwOp::Sub,
                ..
            }
        )
    }

    /// BPF has atomic operations on 32 and 64 bits.
    fn atomic_width(&self, inst: ir::Inst, value: Value) -> Result<Width, BackEndError> {
        match self.bits(value) {
            32 => Ok(Width::W32),
            64 => Ok(Width::W64),
            _ => Err(self.unsupported(inst)),
        }
    }

    /// `base + offset`, with constants that are added to the base put into the offset.
    fn address(&mut self, base: Value, offset: i32) -> Result<Address, BackEndError> {
        let mut base = base;
        let mut offset = offset;
        for _ in 0..MAX_ADDRESS_DEPTH {
            match self.definition(base) {
                Some(InstructionData::StackAddr {
                    stack_slot,
                    offset: start,
                    ..
                }) => {
                    let start = self.slots[stack_slot].saturating_add(start.into());
                    if let Ok(offset) = i16::try_from(start.saturating_add(offset)) {
                        return Ok(Address::Frame(offset));
                    }
                    break;
                }
                Some(InstructionData::Binary {
                    opcode: Opcode::Iadd,
                    args: [x, y],
                }) => {
                    let folded = [(x, y), (y, x)].into_iter().find_map(|(rest, added)| {
                        let sum = offset.checked_add(self.immediate(added)?)?;
                        i16::try_from(sum).ok().map(|_| (rest, sum))
                    });
                    match folded {
                        Some((rest, sum)) => (base, offset) = (rest, sum),
                        None => break,
                    }
                }
                _ => break,
            }
        }
        let base = self.register(base)?;
        Ok(match i16::try_from(offset) {
            Ok(offset) => Address::Register(base, offset),
            Err(_) => {
                let sum = self.alu(AluOp::Add, Width::W64, base, Rhs::Imm(offset));
                Address::Register(sum, 0)
            }
        })
    }
}
