//! Instruction selection: Cranelift IR in, BPF instructions on virtual registers out.
//!
//! Blocks are visited last to first and so are the instructions in them: an instruction whose result
//! nobody has asked for by then, and that does nothing else, is left out. What can be made
//! anywhere at no cost (constants, addresses) is made at each use; comparisons are merged into the branch or
//! selection that uses them. One file for each class of instructions; `value` finds operands.

mod arithmetic;
mod bits;
mod branch;
mod call;
mod compare;
mod division;
mod memory;
mod value;

use super::BackEndError;
use super::encoding::{AluOp, Width};
use super::inst::{Inst, Reg, Rhs};
use super::vcode::{Block, Selected};
use crate::namespace::Intrinsic;
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::entity::{EntitySet, SecondaryMap};
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{
    self, Function, InstructionData, Opcode, SourceLoc, StackSlot, Value, types,
};
use value::needed_for_effect;

/// Most parameters of a function, and arguments of a call.
const MAX_PARAMETERS: usize = 5;

/// Selects instructions for a function.
///
/// # Errors
/// If it holds what BPF has no code for, or explicit stack slots of over 512 bytes.
pub(super) fn select(function: &Function) -> Result<Selected, BackEndError> {
    if function.layout.entry_block().is_none() {
        return Err(BackEndError::InvalidIr {
            reason: "a function without blocks".to_owned(),
        });
    }
    let cfg = ControlFlowGraph::with_function(function);
    let domtree = DominatorTree::with_function(function, &cfg);
    let order: Vec<ir::Block> = domtree.cfg_rpo().copied().collect();
    let (slots, frame) = place_stack_slots(function)?;
    let mut block_indices = SecondaryMap::new();
    for (index, &block) in order.iter().enumerate() {
        block_indices[block] = index;
    }
    let mut selector = Selector {
        function,
        cfg: &cfg,
        block_indices,
        slots,
        used: EntitySet::new(),
        registers: function.dfg.num_values() as u32,
        code: Vec::new(),
        location: SourceLoc::default(),
        blocks: order.iter().map(|_| Block::default()).collect(),
    };
    for (index, &block) in order.iter().enumerate().rev() {
        selector.block(index, block)?;
    }
    Ok(Selected {
        blocks: selector.blocks,
        registers: selector.registers,
        frame,
    })
}

/// Offsets of explicit stack slots from the frame pointer, and the bytes that they take.
fn place_stack_slots(
    function: &Function,
) -> Result<(SecondaryMap<StackSlot, i32>, u32), BackEndError> {
    let mut offsets = SecondaryMap::new();
    let mut frame = 0u32;
    for (slot, data) in function.sized_stack_slots.iter() {
        frame = frame.saturating_add(data.size.checked_next_multiple_of(8).unwrap_or(u32::MAX));
        if frame > super::MAX_STACK {
            return Err(BackEndError::StackTooLarge { bytes: frame });
        }
        offsets[slot] = -(frame as i32);
    }
    Ok((offsets, frame))
}

struct Selector<'f> {
    function: &'f Function,
    cfg: &'f ControlFlowGraph,
    /// Place of each block in `blocks`.
    block_indices: SecondaryMap<ir::Block, usize>,
    /// Offset of each stack slot from the frame pointer.
    slots: SecondaryMap<StackSlot, i32>,
    /// Values that some instruction reads from a register.
    used: EntitySet<Value>,
    /// How many virtual registers there are; the first ones are the values.
    registers: u32,
    /// Code of the instruction that is being selected.
    code: Vec<(Inst, SourceLoc)>,
    /// Where that instruction comes from.
    location: SourceLoc,
    /// Blocks of the function, then those that stand on edges.
    blocks: Vec<Block>,
}

impl<'f> Selector<'f> {
    fn block(&mut self, index: usize, block: ir::Block) -> Result<(), BackEndError> {
        let layout = &self.function.layout;
        let mut reversed = Vec::new();
        let mut next = layout.last_inst(block);
        let mut edges = None;
        while let Some(inst) = next {
            next = layout.prev_inst(inst);
            self.check_types(inst)?;
            self.location = self.function.srcloc(inst);
            if edges.is_none() {
                edges = Some(self.terminator(inst)?);
            } else if self.is_needed(inst) {
                self.instruction(inst)?;
            }
            reversed.extend(self.code.drain(..).rev());
        }
        let params = self.function.dfg.block_params(block);
        for &param in params {
            self.check_type(param)?;
        }
        let params: Vec<Reg> = params.iter().map(|&value| value_register(value)).collect();
        if index == 0 {
            if params.len() > MAX_PARAMETERS {
                return Err(BackEndError::Unsupported {
                    instruction: format!("{} parameters", params.len()),
                });
            }
            reversed.push((Inst::Parameters { dsts: params }, SourceLoc::default()));
        } else {
            self.blocks[index].params = params;
        }
        reversed.reverse();
        self.blocks[index].insts = reversed;
        self.blocks[index].edges = edges.unwrap_or_default();
        Ok(())
    }

    /// Somebody reads its result, or it does something besides.
    fn is_needed(&self, inst: ir::Inst) -> bool {
        let dfg = &self.function.dfg;
        let opcode = dfg.insts[inst].opcode();
        let results = dfg.inst_results(inst);
        let effect = match opcode {
            Opcode::Nop => false,
            Opcode::Call => self.intrinsic(inst).is_none_or(Intrinsic::has_effect),
            _ => results.is_empty() || needed_for_effect(opcode),
        };
        effect || results.iter().any(|&result| self.used.contains(result))
    }

    fn instruction(&mut self, inst: ir::Inst) -> Result<(), BackEndError> {
        match self.function.dfg.insts[inst] {
            // Made at each use.
            InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                ..
            }
            | InstructionData::StackAddr { .. }
            | InstructionData::UnaryGlobalValue {
                opcode: Opcode::SymbolValue,
                ..
            } => Ok(()),
            InstructionData::Unary { opcode, arg } => self.unary(inst, opcode, arg),
            InstructionData::Binary { opcode, args } => self.binary(inst, opcode, args),
            InstructionData::Ternary { opcode, args } => self.ternary(inst, opcode, args),
            InstructionData::IntCompare { cond, args, .. } => {
                let condition = self.compare(cond, args)?;
                let dst = self.result(inst);
                self.push(Inst::SetIf { dst, condition });
                Ok(())
            }
            InstructionData::Load {
                opcode,
                arg,
                offset,
                ..
            } => self.load(inst, opcode, arg, offset.into()),
            InstructionData::Store {
                opcode,
                args,
                offset,
                ..
            } => self.store(inst, opcode, args, offset.into()),
            InstructionData::AtomicRmw { op, args, .. } => self.atomic(inst, op, args),
            InstructionData::AtomicCas { args, .. } => self.compare_exchange(inst, args),
            InstructionData::FuncAddr { func_ref, .. } => self.function_address(inst, func_ref),
            InstructionData::Call { func_ref, .. } => self.call(inst, func_ref),
            _ => Err(self.unsupported(inst)),
        }
    }

    /// All values are integers of at most 64 bits.
    fn check_types(&self, inst: ir::Inst) -> Result<(), BackEndError> {
        let dfg = &self.function.dfg;
        for &value in dfg.inst_results(inst) {
            self.check_type(value)?;
        }
        Ok(())
    }

    fn check_type(&self, value: Value) -> Result<(), BackEndError> {
        let ty = self.function.dfg.value_type(value);
        if matches!(ty, types::I8 | types::I16 | types::I32 | types::I64) {
            Ok(())
        } else {
            Err(BackEndError::Unsupported {
                instruction: format!("{value}: {ty}"),
            })
        }
    }

    fn unsupported(&self, inst: ir::Inst) -> BackEndError {
        BackEndError::Unsupported {
            instruction: self.function.dfg.display_inst(inst).to_string(),
        }
    }

    /// The register of an instruction's only result.
    fn result(&self, inst: ir::Inst) -> Reg {
        value_register(self.function.dfg.first_result(inst))
    }

    fn temporary(&mut self) -> Reg {
        let reg = Reg::new(self.registers);
        self.registers += 1;
        reg
    }

    fn push(&mut self, inst: Inst) {
        self.code.push((inst, self.location));
    }

    /// `lhs op rhs` in a new register.
    fn alu(&mut self, op: AluOp, width: Width, lhs: Reg, rhs: impl Into<Rhs>) -> Reg {
        let dst = self.temporary();
        self.alu_to(dst, op, width, lhs, rhs);
        dst
    }

    /// `dst = lhs op rhs`
    fn alu_to(&mut self, dst: Reg, op: AluOp, width: Width, lhs: Reg, rhs: impl Into<Rhs>) {
        let rhs = rhs.into();
        self.push(Inst::Alu {
            op,
            width,
            dst,
            lhs,
            rhs,
        });
    }

    fn constant(&mut self, value: i64) -> Reg {
        let dst = self.temporary();
        self.push(Inst::Constant { dst, value });
        dst
    }
}

/// The register that holds a value throughout.
fn value_register(value: Value) -> Reg {
    Reg::new(value.as_u32())
}
