//! The BPF back end: optimized Cranelift IR in, BPF instructions out.
//!
//! `isel` (instructions on virtual registers) → `vcode` (blocks in the order in which they are
//! emitted) → `regalloc` → `emit` (bytes, relocations, lines); [`disasm`] prints what came out.
//! `inst` knows what each instruction reads, writes and looks like; `encoding` the eight bytes.
//!
//! Registers hold a value in their low bits; what stands above a value's type is undefined, unless
//! instruction selection knows better. Byte order is little-endian.

pub mod disasm;
mod emit;
mod encoding;
pub(crate) mod helper_name;
mod inst;
mod isel;
mod regalloc;
#[cfg(test)]
mod tests;
mod vcode;

use crate::object::{LineEntry, Relocation};
use cranelift_codegen::ir::Function;

/// Bytes of stack that the kernel gives a function (linux v6.12 include/linux/filter.h `MAX_BPF_STACK`).
pub const MAX_STACK: u32 = 512;

/// Machine code of one function.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// 8 bytes an instruction.
    pub bytes: Vec<u8>,
    /// Places to be filled in.
    pub relocations: Vec<Relocation>,
    /// Which instruction comes from which byte of the script, from CLIF source locations.
    pub lines: Vec<LineEntry>,
    /// Bytes of stack used, spill slots included.
    pub stack_size: u32,
}

/// Why no code could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BackEndError {
    /// An instruction that BPF cannot express. Always a bug of ours.
    #[error("the BPF back end has no code for `{instruction}`; this is a bug in Trapline")]
    Unsupported {
        /// As Cranelift prints it.
        instruction: String,
    },
    /// The IR itself is wrong. Always a bug of ours.
    #[error("the code generator made wrong Cranelift IR ({reason}); this is a bug in Trapline")]
    InvalidIr {
        /// What Cranelift's verifier says.
        reason: String,
    },
    /// Registers could not be allocated. Always a bug of ours.
    #[error("the BPF back end could not allocate registers ({reason}); this is a bug in Trapline")]
    Allocation {
        /// What the allocator says.
        reason: String,
    },
    /// The function's variables and spilled registers do not fit on the stack.
    #[error(
        "a program needs {bytes} bytes of stack, more than the {MAX_STACK} that BPF has; split the probe into smaller ones"
    )]
    StackTooLarge {
        /// How many it needs.
        bytes: u32,
    },
    /// A branch does not reach its target.
    #[error(
        "a program branches over {distance} instructions, more than the 32767 that BPF allows; split the probe into smaller ones"
    )]
    BranchTooFar {
        /// Instructions between the two.
        distance: u64,
    },
}

/// Makes BPF of a function that has been optimized (or not: any valid IR will do).
///
/// # Errors
/// If the function holds something that BPF has no code for, needs over 512 bytes of stack, or
/// branches over more than 32,767 instructions.
pub fn compile(function: &Function) -> Result<Compiled, BackEndError> {
    let selected = isel::select(function)?;
    let mut code = vcode::VCode::new(selected);
    let allocation = regalloc::allocate(&mut code)?;
    emit::emit(&code, &allocation)
}
