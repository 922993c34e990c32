//! Blocks of instructions on virtual registers, laid out in the order in which they will be emitted.
//!
//! Instruction selection gives [`Selected`], blocks in no order; [`VCode`] puts them in reverse
//! postorder, so that every forward branch goes forward and the first successor falls through if it can,
//! and is what the register allocator sees.

use super::inst::{Inst, Reg, preg};
use cranelift_codegen::ir::SourceLoc;
use regalloc2::{InstRange, Operand, PRegSet, RegClass, VReg};
use std::ops::Range;

/// What instruction selection gives. The first block is the entry.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) blocks: Vec<Block>,
    /// Number of virtual registers.
    pub(super) registers: u32,
    /// Bytes of explicit stack slots, a multiple of 8.
    pub(super) frame: u32,
}

/// A basic block; its last instruction is its only branch or return.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) params: Vec<Reg>,
    pub(super) insts: Vec<(Inst, SourceLoc)>,
    /// Where the last instruction goes.
    pub(super) edges: Vec<Edge>,
}

/// A way from a block to another.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    /// Index of the block.
    pub(super) target: usize,
    /// One for each of its parameters.
    pub(super) args: Vec<Reg>,
}

/// The function as the allocator sees it. Blocks are in the order of emission.
#[derive(Debug)]
pub(super) struct VCode {
    pub(super) insts: Vec<Inst>,
    pub(super) locations: Vec<SourceLoc>,
    pub(super) frame: u32,
    blocks: Vec<LaidOut>,
    operands: Vec<Operand>,
    operand_ranges: Vec<Range<u32>>,
    registers: usize,
    call_clobbers: PRegSet,
}

#[derive(Debug, Default)]
struct LaidOut {
    insts: Range<usize>,
    params: Vec<VReg>,
    successors: Vec<regalloc2::Block>,
    args: Vec<Vec<VReg>>,
    predecessors: Vec<regalloc2::Block>,
}

impl VCode {
    /// Lays out blocks. Those that nothing leads to are left out.
    pub(super) fn new(selected: Selected) -> Self {
        let order = reverse_postorder(&selected.blocks);
        let mut place = vec![0; selected.blocks.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        let mut code = Self {
            insts: Vec::new(),
            locations: Vec::new(),
            frame: selected.frame,
            blocks: Vec::with_capacity(order.len()),
            operands: Vec::new(),
            operand_ranges: Vec::new(),
            registers: selected.registers as usize,
            call_clobbers: argument_registers(),
        };
        let mut blocks: Vec<Option<Block>> = selected.blocks.into_iter().map(Some).collect();
        for &old in &order {
            let block = blocks[old].take().unwrap_or_default();
            code.append(block, &place);
        }
        for index in 0..code.blocks.len() {
            for successor in code.blocks[index].successors.clone() {
                code.blocks[successor.index()]
                    .predecessors
                    .push(regalloc2::Block::new(index));
            }
        }
        code
    }

    fn append(&mut self, block: Block, place: &[usize]) {
        let start = self.insts.len();
        for (mut inst, location) in block.insts {
            let first = self.operands.len() as u32;
            inst.visit_operands(&mut |reg, role| self.operands.push(role.operand(*reg)));
            self.operand_ranges.push(first..self.operands.len() as u32);
            self.insts.push(inst);
            self.locations.push(location);
        }
        let vregs = |regs: Vec<Reg>| regs.into_iter().map(Reg::vreg).collect();
        let (successors, args) = block
            .edges
            .into_iter()
            .map(|edge| (regalloc2::Block::new(place[edge.target]), vregs(edge.args)))
            .unzip();
        self.blocks.push(LaidOut {
            insts: start..self.insts.len(),
            params: vregs(block.params),
            successors,
            args,
            predecessors: Vec::new(),
        });
    }

    /// How many blocks there are.
    pub(super) fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// Where the last instruction of a block goes.
    pub(super) fn successors(&self, block: usize) -> &[regalloc2::Block] {
        &self.blocks[block].successors
    }
}

/// Blocks that can be reached, each after all that lead to it by a forward edge.
fn reverse_postorder(blocks: &[Block]) -> Vec<usize> {
    let mut order = Vec::with_capacity(blocks.len());
    let mut seen = vec![false; blocks.len()];
    // A block and how many of its successors have been visited: last first, so that the first one
    // comes to stand right after its predecessor.
    let mut stack = vec![(0, blocks[0].edges.len())];
    seen[0] = true;
    while let Some((block, left)) = stack.last_mut() {
        if *left == 0 {
            order.push(*block);
            stack.pop();
            continue;
        }
        *left -= 1;
        let target = blocks[*block].edges[*left].target;
        if !seen[target] {
            seen[target] = true;
            stack.push((target, blocks[target].edges.len()));
        }
    }
    order.reverse();
    order
}

fn argument_registers() -> PRegSet {
    let mut set = PRegSet::empty();
    for number in 1..=5 {
        set.add(preg(number));
    }
    set
}

impl regalloc2::Function for VCode {
    fn num_insts(&self) -> usize {
        self.insts.len()
    }

    fn num_blocks(&self) -> usize {
        self.blocks.len()
    }

    fn entry_block(&self) -> regalloc2::Block {
        regalloc2::Block::new(0)
    }

    fn block_insns(&self, block: regalloc2::Block) -> InstRange {
        let range = &self.blocks[block.index()].insts;
        InstRange::new(
            regalloc2::Inst::new(range.start),
            regalloc2::Inst::new(range.end),
        )
    }

    fn block_succs(&self, block: regalloc2::Block) -> &[regalloc2::Block] {
        &self.blocks[block.index()].successors
    }

    fn block_preds(&self, block: regalloc2::Block) -> &[regalloc2::Block] {
        &self.blocks[block.index()].predecessors
    }

    fn block_params(&self, block: regalloc2::Block) -> &[VReg] {
        &self.blocks[block.index()].params
    }

    fn is_ret(&self, inst: regalloc2::Inst) -> bool {
        self.insts[inst.index()].is_return()
    }

    fn is_branch(&self, inst: regalloc2::Inst) -> bool {
        self.insts[inst.index()].is_branch()
    }

    fn branch_blockparams(
        &self,
        block: regalloc2::Block,
        _inst: regalloc2::Inst,
        successor: usize,
    ) -> &[VReg] {
        &self.blocks[block.index()].args[successor]
    }

    fn inst_operands(&self, inst: regalloc2::Inst) -> &[Operand] {
        let range = &self.operand_ranges[inst.index()];
        &self.operands[range.start as usize..range.end as usize]
    }

    fn inst_clobbers(&self, inst: regalloc2::Inst) -> PRegSet {
        if self.insts[inst.index()].clobbers_arguments() {
            self.call_clobbers
        } else {
            PRegSet::empty()
        }
    }

    fn num_vregs(&self) -> usize {
        self.registers
    }

    fn spillslot_size(&self, _class: RegClass) -> usize {
        1
    }
}
