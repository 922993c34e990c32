//! The encoding of each instruction.

use super::{Address, AtomicOp, Callee, Condition, Inst, Reg, Rhs};
use crate::bpf::encoding::{
    AluOp, BYTE_ORDER, CALL, COMPARE_EXCHANGE, EXCHANGE, EXIT, FETCH, FRAME_POINTER, JUMP, MOVE,
    NEGATE, PSEUDO_CALL, SOURCE_REGISTER, Size, Width, Word, class, mode,
};

impl Condition {
    /// A jump over `offset` instructions if it holds.
    pub(in crate::bpf) fn jump(self, offset: i16) -> Word {
        binary(
            self.width.jump_class() | self.comparison as u8,
            self.lhs,
            self.rhs,
            offset,
        )
    }
}

impl Address {
    /// Base register and offset.
    fn parts(self) -> (u8, i16) {
        match self {
            Self::Frame(offset) => (FRAME_POINTER, offset),
            Self::Register(base, offset) => (base.number(), offset),
        }
    }
}

impl Inst {
    /// Appends the code. Branches have none here: they depend on where blocks lie.
    pub(in crate::bpf) fn encode(&self, words: &mut Vec<Word>) {
        match *self {
            Self::Parameters { .. } | Self::Copy { .. } | Self::Jump | Self::Branch { .. } => {}
            Self::Constant { dst, value } => constant(words, dst, value),
            Self::ZeroExtend { dst, src } => words.push(assign(Width::W32, dst, src.into())),
            Self::Alu {
                op,
                width,
                dst,
                rhs,
                ..
            } => {
                words.push(binary(width.alu_class() | op as u8, dst, rhs, 0));
            }
            Self::Negate { width, dst, .. } => {
                words.push(binary(width.alu_class() | NEGATE, dst, Rhs::Imm(0), 0));
            }
            Self::SwapBytes { bits, dst, .. } => words.push(Word {
                opcode: class::ALU | BYTE_ORDER | SOURCE_REGISTER,
                dst: dst.number(),
                immediate: i32::from(bits),
                ..Word::default()
            }),
            Self::Choose {
                comparison,
                width,
                dst,
                rhs,
                ..
            } => {
                let condition = Condition {
                    comparison,
                    width,
                    lhs: dst,
                    rhs,
                };
                words.extend([condition.jump(1), assign(Width::W64, dst, rhs)]);
            }
            Self::Select {
                dst,
                condition,
                if_false,
                ..
            } => {
                words.extend([condition.jump(1), assign(Width::W64, dst, if_false)]);
            }
            Self::SetIf { dst, condition } => words.extend([
                assign(Width::W64, dst, Rhs::Imm(1)),
                condition.jump(1),
                assign(Width::W64, dst, Rhs::Imm(0)),
            ]),
            Self::Load { size, dst, address } => {
                let (src, offset) = address.parts();
                words.push(load(size, dst.number(), src, offset));
            }
            Self::Store { size, src, address } => {
                let (dst, offset) = address.parts();
                words.push(store(size, dst, offset, src));
            }
            Self::Atomic {
                op,
                width,
                src,
                base,
            } => {
                words.push(atomic(width, base, src, i32::from(op as u8)));
            }
            Self::AtomicFetch {
                op,
                width,
                src,
                base,
                ..
            } => {
                let operation = match op {
                    AtomicOp::Alu(op) => i32::from(op as u8) | FETCH,
                    AtomicOp::Exchange => EXCHANGE,
                };
                words.push(atomic(width, base, src, operation));
            }
            Self::CompareExchange {
                width, src, base, ..
            } => {
                words.push(atomic(width, base, src, COMPARE_EXCHANGE));
            }
            Self::FrameAddress { dst, offset } => words.extend([
                move_register(dst.number(), FRAME_POINTER),
                binary(
                    Width::W64.alu_class() | AluOp::Add as u8,
                    dst,
                    Rhs::Imm(offset),
                    0,
                ),
            ]),
            Self::Symbol { dst, addend, .. } => wide(words, dst, addend, 0),
            Self::Call { callee, .. } => words.push(call(callee)),
            Self::Return { .. } => words.push(Word {
                opcode: class::JMP | EXIT,
                ..Word::default()
            }),
        }
    }
}

/// An operation of a register with another or a constant.
fn binary(opcode: u8, dst: Reg, rhs: Rhs, offset: i16) -> Word {
    let (source, src, immediate) = match rhs {
        Rhs::Reg(reg) => (SOURCE_REGISTER, reg.number(), 0),
        Rhs::Imm(value) => (0, 0, value),
    };
    Word {
        opcode: opcode | source,
        dst: dst.number(),
        src,
        offset,
        immediate,
    }
}

fn assign(width: Width, dst: Reg, rhs: Rhs) -> Word {
    binary(width.alu_class() | MOVE, dst, rhs, 0)
}

fn constant(words: &mut Vec<Word>, dst: Reg, value: i64) {
    if let Ok(value) = i32::try_from(value) {
        words.push(assign(Width::W64, dst, Rhs::Imm(value)));
    } else if let Ok(value) = u32::try_from(value) {
        words.push(assign(Width::W32, dst, Rhs::Imm(value as i32)));
    } else {
        wide(words, dst, value as i32, (value >> 32) as i32);
    }
}

/// The constant load of two words.
fn wide(words: &mut Vec<Word>, dst: Reg, low: i32, high: i32) {
    words.push(Word {
        opcode: class::LD | mode::IMM | Size::Double as u8,
        dst: dst.number(),
        immediate: low,
        ..Word::default()
    });
    words.push(Word {
        immediate: high,
        ..Word::default()
    });
}

fn call(callee: Callee) -> Word {
    let (src, immediate) = match callee {
        Callee::Helper(number) => (0, number),
        // Loaders add where the subprogram lies, counted from the next instruction.
        Callee::Subprogram(_) => (PSEUDO_CALL, -1),
    };
    Word {
        opcode: class::JMP | CALL,
        src,
        immediate,
        ..Word::default()
    }
}

fn atomic(width: Width, base: Reg, src: Reg, operation: i32) -> Word {
    Word {
        opcode: class::STX | mode::ATOMIC | width.size() as u8,
        dst: base.number(),
        src: src.number(),
        immediate: operation,
        ..Word::default()
    }
}

/// `dst = *(size *)(src + offset)`
pub(in crate::bpf) fn load(size: Size, dst: u8, src: u8, offset: i16) -> Word {
    Word {
        opcode: class::LDX | mode::MEM | size as u8,
        dst,
        src,
        offset,
        ..Word::default()
    }
}

/// `*(size *)(dst + offset) = src`
pub(in crate::bpf) fn store(size: Size, dst: u8, offset: i16, src: Rhs) -> Word {
    let (class, src, immediate) = match src {
        Rhs::Reg(reg) => (class::STX, reg.number(), 0),
        Rhs::Imm(value) => (class::ST, 0, value),
    };
    Word {
        opcode: class | mode::MEM | size as u8,
        dst,
        src,
        offset,
        immediate,
    }
}

/// `dst = src`, all 64 bits.
pub(in crate::bpf) fn move_register(dst: u8, src: u8) -> Word {
    Word {
        opcode: class::ALU64 | MOVE | SOURCE_REGISTER,
        dst,
        src,
        ..Word::default()
    }
}

/// An unconditional jump.
pub(in crate::bpf) fn jump(offset: i16) -> Word {
    Word {
        opcode: class::JMP | JUMP,
        offset,
        ..Word::default()
    }
}
