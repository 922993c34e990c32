//! The code generator of Trapline: [`trapline_lang::hir::Script`] and a [`target::Target`] in, an
//! [`object::Object`] out: programs, maps and the manifest that says how to read what they write.
//!
//! The passes, in order: [`plan`] (which programs run on which hooks) → [`clif`] (language semantics as
//! Cranelift IR, then its optimizer) → [`bpf`] (instruction selection, register allocation, encoding) →
//! [`elf`] with [`btf`]. Nothing here loads or attaches anything.

#![deny(unsafe_code)]

pub mod bpf;
pub mod btf;
pub mod clif;
pub mod elf;
pub mod layout;
pub mod namespace;
pub mod object;
pub mod plan;
pub mod target;

use trapline_lang::hir;
use trapline_lang::source::Source;

/// Why a script could not be compiled though its analysis found nothing wrong.
#[derive(Debug, thiserror::Error)]
pub enum CodegenError {
    /// The back end refused.
    #[error(transparent)]
    BackEnd(#[from] bpf::BackEndError),
}

/// Compiles a script.
///
/// # Errors
/// If it asks for what the target's kernel cannot do, or is too large for a BPF program.
pub fn compile(
    script: &hir::Script,
    source: &Source,
    target: &target::Target,
) -> Result<object::Object, CodegenError> {
    let _ = (script, source, target);
    todo!()
}
