//! The BPF back end: optimized Cranelift IR in, BPF instructions out.
//!
//! [`isel`] → [`regalloc`] → [`emit`]; [`disasm`] prints what came out.

use crate::object::{LineEntry, Relocation};
use cranelift_codegen::ir::Function;

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
}

/// Makes BPF of a function that has been optimized (or not: any valid IR will do).
///
/// # Errors
/// If the function holds something that BPF has no code for, needs over 512 bytes of stack, or
/// branches over more than 32,767 instructions.
pub fn compile(function: &Function) -> Result<Compiled, BackEndError> {
    Err(BackEndError::Unsupported {
        instruction: function.name.to_string(),
    })
}
