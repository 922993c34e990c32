//! The instructions that the back end works with: what each reads and writes ([`encode`]: its encoding).
//!
//! Until allocation a [`Reg`] is a virtual register, afterwards a number from 0 to 9;
//! [`Inst::visit_operands`] serves both, so that the two can never disagree about an operand's place.

mod encode;

use super::encoding::{AluOp, Comparison, Size, Width};
pub(super) use encode::{jump, load, move_register, store};

use crate::object::RelocationTarget;
use regalloc2::{Operand, PReg, RegClass, VReg};

/// A register: virtual before allocation, the machine's after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reg(u32);

impl Reg {
    /// A register by its index.
    pub(super) fn new(index: u32) -> Self {
        Self(index)
    }

    /// As the allocator names it.
    pub(super) fn vreg(self) -> VReg {
        VReg::new(self.0 as usize, RegClass::Int)
    }

    /// The machine's number, once allocated.
    fn number(self) -> u8 {
        self.0 as u8
    }
}

/// Right-hand operand: a register, or a constant that is sign-extended to the operation's width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rhs {
    Reg(Reg),
    Imm(i32),
}

impl From<Reg> for Rhs {
    fn from(reg: Reg) -> Self {
        Self::Reg(reg)
    }
}

impl From<i32> for Rhs {
    fn from(value: i32) -> Self {
        Self::Imm(value)
    }
}

/// Where memory is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// On the stack, from the frame pointer.
    Frame(i16),
    /// From a register.
    Register(Reg, i16),
}

/// A comparison of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) comparison: Comparison,
    pub(super) width: Width,
    pub(super) lhs: Reg,
    pub(super) rhs: Rhs,
}

impl Condition {
    /// True where this one is false.
    pub(super) fn inverse(self) -> Self {
        Self {
            comparison: self.comparison.inverse(),
            ..self
        }
    }
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    Helper(i32),
    Subprogram(u32),
}

/// An atomic change of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtomicOp {
    /// Add, Or, And or Xor.
    Alu(AluOp),
    Exchange,
}

/// An instruction.
#[derive(Clone, Debug)]
pub(super) enum Inst {
    /// Parameters arrive in r1 to r5. No code.
    Parameters { dsts: Vec<Reg> },
    /// `dst = src`, in the same register. No code; the allocator moves what it must.
    Copy { dst: Reg, src: Reg },
    /// A constant.
    Constant { dst: Reg, value: i64 },
    /// The low half of `src`.
    ZeroExtend { dst: Reg, src: Reg },
    /// `dst = lhs op rhs`
    Alu {
        op: AluOp,
        width: Width,
        dst: Reg,
        lhs: Reg,
        rhs: Rhs,
    },
    /// `dst = -src`
    Negate { width: Width, dst: Reg, src: Reg },
    /// Bytes of the low `bits` in reverse order, zero above.
    SwapBytes { bits: u8, dst: Reg, src: Reg },
    /// `dst = lhs if lhs comparison rhs else rhs`: minimum and maximum.
    Choose {
        comparison: Comparison,
        width: Width,
        dst: Reg,
        lhs: Reg,
        rhs: Rhs,
    },
    /// `dst = if_true if condition else if_false`
    Select {
        dst: Reg,
        condition: Condition,
        if_true: Reg,
        if_false: Rhs,
    },
    /// `dst = 1 if condition else 0`
    SetIf { dst: Reg, condition: Condition },
    /// Zero above `size`.
    Load {
        size: Size,
        dst: Reg,
        address: Address,
    },
    /// The low bits of `src`.
    Store {
        size: Size,
        src: Rhs,
        address: Address,
    },
    /// `*address op= src`
    Atomic {
        op: AluOp,
        width: Width,
        src: Reg,
        base: Reg,
    },
    /// `dst = *address; *address op= src`, at once.
    AtomicFetch {
        op: AtomicOp,
        width: Width,
        dst: Reg,
        src: Reg,
        base: Reg,
    },
    /// `dst = *address; if dst == expected { *address = src }`, at once.
    CompareExchange {
        width: Width,
        dst: Reg,
        expected: Reg,
        src: Reg,
        base: Reg,
    },
    /// The address of a byte of the stack.
    FrameAddress { dst: Reg, offset: i32 },
    /// The address of a map, of a byte of a data section, or of a subprogram.
    Symbol {
        dst: Reg,
        target: RelocationTarget,
        addend: i32,
    },
    /// A call; `r0` is written even if nobody wants it.
    Call {
        callee: Callee,
        args: Vec<Reg>,
        dst: Reg,
    },
    /// To the block's only successor.
    Jump,
    /// To the first successor if the condition holds, else to the second.
    Branch { condition: Condition },
    /// Leaves the function.
    Return { value: Reg },
}

/// How an operand is bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    /// Read.
    Use,
    /// Read, from this register.
    UseIn(u8),
    /// Written after all is read.
    Def,
    /// Written, to this register.
    DefIn(u8),
    /// Written while operands are still to be read.
    EarlyDef,
    /// Written, in the register of the operand that follows; all others are read after it changed.
    Reuse,
}

impl Role {
    /// For the allocator; a reused operand is always the second.
    pub(super) fn operand(self, reg: Reg) -> Operand {
        match self {
            Self::Use => Operand::reg_use(reg.vreg()),
            Self::UseIn(number) => Operand::reg_fixed_use(reg.vreg(), preg(number)),
            Self::Def => Operand::reg_def(reg.vreg()),
            Self::DefIn(number) => Operand::reg_fixed_def(reg.vreg(), preg(number)),
            Self::EarlyDef => Operand::reg_def_at_start(reg.vreg()),
            Self::Reuse => Operand::reg_reuse_def(reg.vreg(), 1),
        }
    }
}

/// A register of the machine as the allocator names it.
pub(super) fn preg(number: u8) -> PReg {
    PReg::new(usize::from(number), RegClass::Int)
}

/// Something that takes operands one by one, in their order.
type Visitor<'a> = dyn FnMut(&mut Reg, Role) + 'a;

impl Rhs {
    fn visit(&mut self, visit: &mut Visitor<'_>) {
        if let Self::Reg(reg) = self {
            visit(reg, Role::Use);
        }
    }
}

impl Address {
    fn visit(&mut self, visit: &mut Visitor<'_>) {
        if let Self::Register(base, _) = self {
            visit(base, Role::Use);
        }
    }
}

impl Condition {
    fn visit(&mut self, visit: &mut Visitor<'_>) {
        visit(&mut self.lhs, Role::Use);
        self.rhs.visit(visit);
    }
}

impl Inst {
    /// Visits every register operand. An operand with [`Role::Reuse`] comes first, what it reuses second.
    pub(super) fn visit_operands(&mut self, visit: &mut Visitor<'_>) {
        match self {
            Self::Parameters { dsts } => {
                for (dst, number) in dsts.iter_mut().zip(1..) {
                    visit(dst, Role::DefIn(number));
                }
            }
            Self::Copy { dst, src }
            | Self::Negate { dst, src, .. }
            | Self::SwapBytes { dst, src, .. } => {
                visit(dst, Role::Reuse);
                visit(src, Role::Use);
            }
            Self::Constant { dst, .. }
            | Self::FrameAddress { dst, .. }
            | Self::Symbol { dst, .. } => {
                visit(dst, Role::Def);
            }
            Self::ZeroExtend { dst, src } => {
                visit(dst, Role::Def);
                visit(src, Role::Use);
            }
            Self::Alu { dst, lhs, rhs, .. } | Self::Choose { dst, lhs, rhs, .. } => {
                visit(dst, Role::Reuse);
                visit(lhs, Role::Use);
                rhs.visit(visit);
            }
            Self::Select {
                dst,
                condition,
                if_true,
                if_false,
            } => {
                visit(dst, Role::Reuse);
                visit(if_true, Role::Use);
                if_false.visit(visit);
                condition.visit(visit);
            }
            Self::SetIf { dst, condition } => {
                visit(dst, Role::EarlyDef);
                condition.visit(visit);
            }
            Self::Load { dst, address, .. } => {
                visit(dst, Role::Def);
                address.visit(visit);
            }
            Self::Store { src, address, .. } => {
                src.visit(visit);
                address.visit(visit);
            }
            Self::Atomic { src, base, .. } => {
                visit(src, Role::Use);
                visit(base, Role::Use);
            }
            Self::AtomicFetch { dst, src, base, .. } => {
                visit(dst, Role::Reuse);
                visit(src, Role::Use);
                visit(base, Role::Use);
            }
            Self::CompareExchange {
                dst,
                expected,
                src,
                base,
                ..
            } => {
                visit(dst, Role::DefIn(0));
                visit(expected, Role::UseIn(0));
                visit(src, Role::Use);
                visit(base, Role::Use);
            }
            Self::Call { args, dst, .. } => {
                for (arg, number) in args.iter_mut().zip(1..) {
                    visit(arg, Role::UseIn(number));
                }
                visit(dst, Role::DefIn(0));
            }
            Self::Jump => {}
            Self::Branch { condition } => condition.visit(visit),
            Self::Return { value } => visit(value, Role::UseIn(0)),
        }
    }

    /// Leaves r1 to r5 unreadable.
    pub(super) fn clobbers_arguments(&self) -> bool {
        matches!(self, Self::Call { .. })
    }

    /// Goes to the block's successors.
    pub(super) fn is_branch(&self) -> bool {
        matches!(self, Self::Jump | Self::Branch { .. })
    }

    /// Leaves the function.
    pub(super) fn is_return(&self) -> bool {
        matches!(self, Self::Return { .. })
    }

    /// What must be filled in at the first word, if anything.
    pub(super) fn relocation(&self) -> Option<RelocationTarget> {
        match *self {
            Self::Symbol { target, .. } => Some(target),
            Self::Call {
                callee: Callee::Subprogram(index),
                ..
            } => Some(RelocationTarget::SubprogramCall(index)),
            _ => None,
        }
    }
}
