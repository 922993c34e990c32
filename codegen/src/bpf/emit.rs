//! Encoding: allocated code in, bytes, relocations and line entries out.

use super::encoding::{INSTRUCTION_SIZE, Size, Word};
use super::inst::{self, Inst, Reg, Rhs};
use super::vcode::VCode;
use super::{BackEndError, Compiled, MAX_STACK};
use crate::object::{LineEntry, Relocation};
use cranelift_codegen::ir::SourceLoc;
use regalloc2::{Allocation, Edit, InstOrEdit, Output, SpillSlot};

/// Bytes of a spilled register.
const SPILL_SIZE: u32 = 8;

/// Writes the code.
///
/// # Errors
/// If the stack is too small or a branch too far.
pub(super) fn emit(code: &VCode, allocation: &Output) -> Result<Compiled, BackEndError> {
    let stack_size = code.frame + allocation.num_spillslots as u32 * SPILL_SIZE;
    if stack_size > MAX_STACK {
        return Err(BackEndError::StackTooLarge { bytes: stack_size });
    }
    let destinations = forward_jumps(code, allocation);
    let order: Vec<usize> = (0..code.block_count())
        .filter(|&block| destinations[block] == block)
        .collect();
    let mut emitter = Emitter {
        frame: code.frame,
        ..Emitter::default()
    };
    let mut starts = vec![0; code.block_count()];
    for (place, &block) in order.iter().enumerate() {
        starts[block] = emitter.words.len();
        let next = order.get(place + 1).copied();
        for item in allocation.block_insts_and_edits(code, regalloc2::Block::new(block)) {
            match item {
                InstOrEdit::Edit(Edit::Move { from, to }) => emitter.transfer(*from, *to),
                InstOrEdit::Inst(index) => {
                    emitter.locate(code.locations[index.index()]);
                    let targets = || {
                        let successors = code.successors(block).iter();
                        successors.map(|successor| destinations[successor.index()])
                    };
                    emitter.instruction(&code.insts[index.index()], targets(), next);
                }
            }
        }
    }
    emitter.finish(&starts, stack_size)
}

/// For each block the one that a jump to it ends in: itself, unless all it does is jump on.
fn forward_jumps(code: &VCode, allocation: &Output) -> Vec<usize> {
    let mut destinations: Vec<usize> = (0..code.block_count()).collect();
    let jump_of = |block: usize| {
        let mut items = allocation.block_insts_and_edits(code, regalloc2::Block::new(block));
        match (items.next(), items.next()) {
            (Some(InstOrEdit::Inst(index)), None) => match code.insts[index.index()] {
                Inst::Jump => Some(code.successors(block)[0].index()),
                _ => None,
            },
            _ => None,
        }
    };
    for block in (1..code.block_count()).rev() {
        let Some(target) = jump_of(block) else {
            continue;
        };
        if target > block {
            destinations[block] = destinations[target];
        } else if jump_of(target).is_none() {
            // Two empty blocks that jump to each other are an endless loop; one of them must stay.
            destinations[block] = target;
        }
    }
    destinations
}

#[derive(Default)]
struct Emitter {
    words: Vec<Word>,
    relocations: Vec<Relocation>,
    lines: Vec<LineEntry>,
    /// Source offset of what comes next.
    location: Option<u32>,
    /// Branches: the word and the block that it goes to.
    branches: Vec<(usize, usize)>,
    frame: u32,
}

impl Emitter {
    /// What is pushed from now on comes from there. An instruction without a place belongs to the one before it.
    fn locate(&mut self, location: SourceLoc) {
        if !location.is_default() {
            self.location = Some(location.bits());
        }
    }

    /// Adds a line entry for a word if the place has changed since the last one.
    fn mark_line(&mut self, word: usize) {
        if let Some(source_offset) = self.location
            && self.lines.last().map(|line| line.source_offset) != Some(source_offset)
        {
            self.lines.push(LineEntry {
                instruction: word as u32,
                source_offset,
            });
        }
    }

    fn push(&mut self, word: Word) {
        self.mark_line(self.words.len());
        self.words.push(word);
    }

    fn spill_offset(&self, slot: SpillSlot) -> i16 {
        -((self.frame + SPILL_SIZE * (slot.index() as u32 + 1)) as i16)
    }

    /// A move that the allocator asks for.
    fn transfer(&mut self, from: Allocation, to: Allocation) {
        let frame = super::encoding::FRAME_POINTER;
        match (from.as_reg(), to.as_reg()) {
            (Some(from), Some(to)) if from == to => {}
            (Some(from), Some(to)) => {
                self.push(inst::move_register(to.hw_enc() as u8, from.hw_enc() as u8));
            }
            (Some(from), None) => {
                if let Some(slot) = to.as_stack() {
                    let source = Rhs::Reg(Reg::new(from.hw_enc() as u32));
                    let offset = self.spill_offset(slot);
                    self.push(inst::store(Size::Double, frame, offset, source));
                }
            }
            (None, Some(to)) => {
                if let Some(slot) = from.as_stack() {
                    let offset = self.spill_offset(slot);
                    self.push(inst::load(Size::Double, to.hw_enc() as u8, frame, offset));
                }
            }
            (None, None) => unreachable!("regalloc2 never moves from stack to stack"),
        }
    }

    fn instruction(
        &mut self,
        inst: &Inst,
        mut targets: impl Iterator<Item = usize>,
        next: Option<usize>,
    ) {
        match (inst, targets.next(), targets.next()) {
            (Inst::Jump, Some(target), _) => self.jump(target, next),
            (Inst::Branch { condition }, Some(then), Some(otherwise)) => {
                if then == otherwise {
                    self.jump(then, next);
                } else if next == Some(then) {
                    self.branch(condition.inverse().jump(0), otherwise);
                } else {
                    self.branch(condition.jump(0), then);
                    self.jump(otherwise, next);
                }
            }
            _ => {
                let start = self.words.len();
                if let Some(target) = inst.relocation() {
                    self.relocations.push(Relocation {
                        offset: (start * INSTRUCTION_SIZE) as u32,
                        target,
                    });
                }
                inst.encode(&mut self.words);
                if self.words.len() != start {
                    self.mark_line(start);
                }
            }
        }
    }

    fn jump(&mut self, target: usize, next: Option<usize>) {
        if next != Some(target) {
            self.branch(inst::jump(0), target);
        }
    }

    fn branch(&mut self, word: Word, target: usize) {
        self.branches.push((self.words.len(), target));
        self.push(word);
    }

    fn finish(mut self, starts: &[usize], stack_size: u32) -> Result<Compiled, BackEndError> {
        for &(at, target) in &self.branches {
            let distance = starts[target] as i64 - at as i64 - 1;
            self.words[at].offset =
                i16::try_from(distance).map_err(|_| BackEndError::BranchTooFar {
                    distance: distance.unsigned_abs(),
                })?;
        }
        Ok(Compiled {
            bytes: self.words.iter().flat_map(|word| word.to_bytes()).collect(),
            relocations: self.relocations,
            lines: with_first_instruction(self.lines),
            stack_size,
        })
    }
}

/// Loaders want to know where the first instruction comes from.
fn with_first_instruction(mut lines: Vec<LineEntry>) -> Vec<LineEntry> {
    match lines.first_mut() {
        Some(first) => first.instruction = 0,
        None => lines.push(LineEntry {
            instruction: 0,
            source_offset: 0,
        }),
    }
    lines
}
