//! Cranelift's optimizer, run without a machine: a function in, the same function faster out.
//!
//! `Context::optimize` asks for a `TargetIsa`, which cannot be written for BPF outside Cranelift; its passes
//! need none. The order of passes is that of `Context::optimize`.

use crate::bpf::BackEndError;
use cranelift_codegen::ir::Function;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_codegen::{CodegenError, Context};

/// How much is optimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Only what makes the function valid input for the back end.
    None,
    /// Everything: the egraph rewrites, merging and hoisting of pure instructions, dead code.
    Speed,
}

/// Optimizes a function.
///
/// # Errors
/// If it is not valid Cranelift IR.
pub fn optimize(function: Function, level: Level) -> Result<Function, BackEndError> {
    if function.layout.entry_block().is_none() {
        return Err(BackEndError::InvalidIr {
            reason: "a function without blocks".to_owned(),
        });
    }
    let flags = flags(level)?;
    let mut context = Context::for_function(function);
    context
        .verify(&flags)
        .map_err(|errors| BackEndError::InvalidIr {
            reason: errors.to_string(),
        })?;
    run_passes(&mut context, &flags, level).map_err(|error| BackEndError::InvalidIr {
        reason: error.to_string(),
    })?;
    Ok(context.func)
}

fn run_passes(context: &mut Context, flags: &Flags, level: Level) -> Result<(), CodegenError> {
    context.compute_cfg();
    context.compute_domtree();
    context.eliminate_unreachable_code(flags)?;
    context.remove_constant_phis(flags)?;
    context.func.dfg.resolve_all_aliases();
    match level {
        Level::None => Ok(()),
        Level::Speed => context.egraph_pass(flags, &mut Default::default()),
    }
}

fn flags(level: Level) -> Result<Flags, BackEndError> {
    let mut builder = settings::builder();
    let level = match level {
        Level::None => "none",
        Level::Speed => "speed",
    };
    // Between passes only debug builds verify; the input is always verified.
    let verify = if cfg!(debug_assertions) {
        "true"
    } else {
        "false"
    };
    builder
        .set("opt_level", level)
        .and_then(|()| builder.set("enable_verifier", verify))
        .map_err(|error| BackEndError::InvalidIr {
            reason: error.to_string(),
        })?;
    Ok(Flags::new(builder))
}
