//! The ends of blocks: jumps, branches, tables, returns.
//!
//! The register allocator puts moves on edges, so an edge from a block with several successors to one
//! with several predecessors, or with parameters, gets a block of its own; the emitter drops those that stay empty.

use super::Selector;
use crate::bpf::BackEndError;
use crate::bpf::encoding::{Comparison, Width};
use crate::bpf::inst::{Condition, Inst, Reg, Rhs};
use crate::bpf::vcode::{Block, Edge};
use cranelift_codegen::ir::{self, BlockArg, BlockCall, InstructionData, Opcode, Value};

/// Indices from `start` up to the next range go to `target`.
#[derive(Clone, Copy)]
struct TableRange {
    start: i32,
    target: BlockCall,
}

impl Selector<'_> {
    /// Selects the last instruction of a block; gives where it goes.
    pub(super) fn terminator(&mut self, inst: ir::Inst) -> Result<Vec<Edge>, BackEndError> {
        let dfg = &self.function.dfg;
        match dfg.insts[inst] {
            InstructionData::Jump { destination, .. } => {
                let args = self.block_args(inst, destination)?;
                self.push(Inst::Jump);
                Ok(vec![Edge {
                    target: self.target(destination),
                    args,
                }])
            }
            InstructionData::Brif { arg, blocks, .. } => {
                let edges = self.branch_edges(inst, blocks)?;
                let condition = self.condition(arg)?;
                self.push(Inst::Branch { condition });
                Ok(edges)
            }
            InstructionData::BranchTable { arg, table, .. } => self.table(inst, arg, table),
            InstructionData::MultiAry {
                opcode: Opcode::Return,
                ..
            } => {
                let value = match *dfg.inst_args(inst) {
                    [] => self.constant(0),
                    [value] => self.register(value)?,
                    _ => return Err(self.unsupported(inst)),
                };
                self.push(Inst::Return { value });
                Ok(Vec::new())
            }
            _ => Err(self.unsupported(inst)),
        }
    }

    fn target(&self, call: BlockCall) -> usize {
        self.block_indices[call.block(&self.function.dfg.value_lists)]
    }

    /// The arguments of an edge; constants among them are made here.
    fn block_args(&mut self, inst: ir::Inst, call: BlockCall) -> Result<Vec<Reg>, BackEndError> {
        let function = self.function;
        call.args(&function.dfg.value_lists)
            .map(|arg| match arg {
                BlockArg::Value(value) => self.register(value),
                _ => Err(self.unsupported(inst)),
            })
            .collect()
    }

    fn branch_edges(
        &mut self,
        inst: ir::Inst,
        calls: [BlockCall; 2],
    ) -> Result<Vec<Edge>, BackEndError> {
        calls
            .into_iter()
            .map(|call| {
                let block = call.block(&self.function.dfg.value_lists);
                let simple = call.len(&self.function.dfg.value_lists) == 0
                    && self.cfg.pred_iter(block).count() == 1;
                if simple {
                    Ok(to(self.target(call)))
                } else {
                    self.edge_block(inst, call)
                }
            })
            .collect()
    }

    /// Makes a block that only goes on, and the edge to it.
    fn edge_block(&mut self, inst: ir::Inst, call: BlockCall) -> Result<Edge, BackEndError> {
        let code = std::mem::take(&mut self.code);
        let args = self.block_args(inst, call)?;
        self.push(Inst::Jump);
        let insts = std::mem::replace(&mut self.code, code);
        let target = self.target(call);
        Ok(self.new_block(insts, vec![Edge { target, args }]))
    }

    fn new_block(&mut self, insts: Vec<(Inst, ir::SourceLoc)>, edges: Vec<Edge>) -> Edge {
        self.blocks.push(Block {
            params: Vec::new(),
            insts,
            edges,
        });
        to(self.blocks.len() - 1)
    }

    /// BPF has no indirect jumps: a binary tree of comparisons over ranges with the same target.
    fn table(
        &mut self,
        inst: ir::Inst,
        index: Value,
        table: ir::JumpTable,
    ) -> Result<Vec<Edge>, BackEndError> {
        let table = &self.function.stencil.dfg.jump_tables[table];
        let mut ranges: Vec<TableRange> = Vec::new();
        let calls = table
            .as_slice()
            .iter()
            .copied()
            .chain([table.default_block()]);
        for (start, target) in (0..).zip(calls) {
            if ranges
                .last()
                .is_none_or(|last| !self.same(last.target, target))
            {
                ranges.push(TableRange { start, target });
            }
        }
        let index_width = Width::of(self.bits(index));
        let index = self.comparable(index, false)?;
        self.table_tree(inst, index, index_width, &ranges)
    }

    /// Selects the end of a block that goes to the range in which `index` lies.
    fn table_tree(
        &mut self,
        inst: ir::Inst,
        index: Reg,
        width: Width,
        ranges: &[TableRange],
    ) -> Result<Vec<Edge>, BackEndError> {
        if let [only] = ranges {
            let args = self.block_args(inst, only.target)?;
            self.push(Inst::Jump);
            let target = self.target(only.target);
            return Ok(vec![Edge { target, args }]);
        }
        let (low, high) = ranges.split_at(ranges.len() / 2);
        let mut edges = Vec::with_capacity(2);
        for half in [low, high] {
            let code = std::mem::take(&mut self.code);
            let half_edges = self.table_tree(inst, index, width, half)?;
            let insts = std::mem::replace(&mut self.code, code);
            edges.push(self.new_block(insts, half_edges));
        }
        let condition = Condition {
            comparison: Comparison::Lt,
            width,
            lhs: index,
            rhs: Rhs::Imm(high[0].start),
        };
        self.push(Inst::Branch { condition });
        Ok(edges)
    }

    /// Same block, same arguments.
    fn same(&self, a: BlockCall, b: BlockCall) -> bool {
        let lists = &self.function.dfg.value_lists;
        a.block(lists) == b.block(lists) && a.args(lists).eq(b.args(lists))
    }
}

/// An edge without arguments.
fn to(target: usize) -> Edge {
    Edge {
        target,
        args: Vec::new(),
    }
}
