//! The eight bytes of a BPF instruction, and the numbers in its opcode byte.
//!
//! Source: linux v6.12 include/uapi/linux/bpf.h, bpf_common.h and Documentation/bpf/standardization.

/// Instruction classes: the low three bits of an opcode.
pub(super) mod class {
    pub(in crate::bpf) const LD: u8 = 0x00;
    pub(in crate::bpf) const LDX: u8 = 0x01;
    pub(in crate::bpf) const ST: u8 = 0x02;
    pub(in crate::bpf) const STX: u8 = 0x03;
    pub(in crate::bpf) const ALU: u8 = 0x04;
    pub(in crate::bpf) const JMP: u8 = 0x05;
    pub(in crate::bpf) const JMP32: u8 = 0x06;
    pub(in crate::bpf) const ALU64: u8 = 0x07;
}

/// Addressing modes of loads and stores.
pub(super) mod mode {
    pub(in crate::bpf) const IMM: u8 = 0x00;
    pub(in crate::bpf) const MEM: u8 = 0x60;
    pub(in crate::bpf) const ATOMIC: u8 = 0xc0;
}

/// The operand is a register rather than the immediate.
pub(super) const SOURCE_REGISTER: u8 = 0x08;
/// `dst = -dst`
pub(super) const NEGATE: u8 = 0x80;
/// `dst = src`
pub(super) const MOVE: u8 = 0xb0;
/// Byte order conversion, with [`SOURCE_REGISTER`] to big-endian.
pub(super) const BYTE_ORDER: u8 = 0xd0;
/// Unconditional jump.
pub(super) const JUMP: u8 = 0x00;
/// Call of a helper, or of a subprogram with [`PSEUDO_CALL`].
pub(super) const CALL: u8 = 0x80;
/// Return.
pub(super) const EXIT: u8 = 0x90;
/// Source register of a call of a subprogram.
pub(super) const PSEUDO_CALL: u8 = 1;
/// An atomic operation gives the old value.
pub(super) const FETCH: i32 = 0x01;
/// Atomic exchange.
pub(super) const EXCHANGE: i32 = 0xe1;
/// Atomic compare and exchange with r0.
pub(super) const COMPARE_EXCHANGE: i32 = 0xf1;
/// The frame pointer.
pub(super) const FRAME_POINTER: u8 = 10;
/// Bytes of an instruction.
pub(super) const INSTRUCTION_SIZE: usize = 8;

/// One instruction of eight bytes (`struct bpf_insn`); a 64-bit constant takes two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) opcode: u8,
    pub(super) dst: u8,
    pub(super) src: u8,
    pub(super) offset: i16,
    pub(super) immediate: i32,
}

impl Word {
    /// The bytes, little-endian.
    pub(super) fn to_bytes(self) -> [u8; INSTRUCTION_SIZE] {
        let [o0, o1] = self.offset.to_le_bytes();
        let [i0, i1, i2, i3] = self.immediate.to_le_bytes();
        [
            self.opcode,
            self.dst | self.src << 4,
            o0,
            o1,
            i0,
            i1,
            i2,
            i3,
        ]
    }

    /// Reads what [`Word::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: [u8; INSTRUCTION_SIZE]) -> Self {
        let [opcode, registers, o0, o1, i0, i1, i2, i3] = bytes;
        Self {
            opcode,
            dst: registers & 0x0f,
            src: registers >> 4,
            offset: i16::from_le_bytes([o0, o1]),
            immediate: i32::from_le_bytes([i0, i1, i2, i3]),
        }
    }

    /// The class bits.
    pub(super) fn class(self) -> u8 {
        self.opcode & 0x07
    }

    /// Takes two words: the 64-bit constant load.
    pub(super) fn is_wide(self) -> bool {
        self.opcode == class::LD | mode::IMM | Size::Double as u8
    }
}

/// Bits of a value that an arithmetic or jump instruction looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// The low half; arithmetic clears the high half of the result.
    W32,
    /// All.
    W64,
}

impl Width {
    /// The width for values of so many bits.
    pub(super) fn of(bits: u32) -> Self {
        if bits <= 32 { Self::W32 } else { Self::W64 }
    }

    /// How many bits.
    pub(super) fn bits(self) -> u32 {
        match self {
            Self::W32 => 32,
            Self::W64 => 64,
        }
    }

    /// Class of arithmetic.
    pub(super) fn alu_class(self) -> u8 {
        match self {
            Self::W32 => class::ALU,
            Self::W64 => class::ALU64,
        }
    }

    /// Class of conditional jumps.
    pub(super) fn jump_class(self) -> u8 {
        match self {
            Self::W32 => class::JMP32,
            Self::W64 => class::JMP,
        }
    }

    /// Size of atomic operations.
    pub(super) fn size(self) -> Size {
        match self {
            Self::W32 => Size::Word,
            Self::W64 => Size::Double,
        }
    }
}

/// Bytes that a load or store moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Size {
    Byte = 0x10,
    Half = 0x08,
    Word = 0x00,
    Double = 0x18,
}

impl Size {
    /// The size of so many bits.
    pub(super) fn of(bits: u32) -> Self {
        match bits {
            0..=8 => Self::Byte,
            9..=16 => Self::Half,
            17..=32 => Self::Word,
            _ => Self::Double,
        }
    }
}

/// Arithmetic with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum AluOp {
    Add = 0x00,
    Sub = 0x10,
    Mul = 0x20,
    /// Unsigned; x / 0 = 0.
    Div = 0x30,
    Or = 0x40,
    And = 0x50,
    Shl = 0x60,
    Shr = 0x70,
    /// Unsigned; x % 0 = x.
    Mod = 0x90,
    Xor = 0xa0,
    /// Arithmetic shift right.
    Sar = 0xc0,
}

/// What a conditional jump compares for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Comparison {
    Eq = 0x10,
    Gt = 0x20,
    Ge = 0x30,
    Ne = 0x50,
    SignedGt = 0x60,
    SignedGe = 0x70,
    Lt = 0xa0,
    Le = 0xb0,
    SignedLt = 0xc0,
    SignedLe = 0xd0,
}

impl Comparison {
    /// True where this one is false.
    pub(super) fn inverse(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Gt => Self::Le,
            Self::Le => Self::Gt,
            Self::Ge => Self::Lt,
            Self::Lt => Self::Ge,
            Self::SignedGt => Self::SignedLe,
            Self::SignedLe => Self::SignedGt,
            Self::SignedGe => Self::SignedLt,
            Self::SignedLt => Self::SignedGe,
        }
    }
}
