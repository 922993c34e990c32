//! From HIR to Cranelift IR: the only module that knows what the language means.
//!
//! In goes a [`Plan`] and the layouts of the maps; out comes a function for each program and callback,
//! with the maps, the read-only data and the records that they name. A function reads its event only
//! through [`event`], and calls nothing but what [`crate::namespace`] lists.

mod aggregation;
mod argument;
mod arithmetic;
mod build;
mod builtin;
mod call;
mod capture;
pub(crate) mod dump;
mod entry;
mod event;
mod expr;
mod field;
mod keys;
mod loops;
mod lower;
mod map;
mod memory;
mod module;
pub mod optimize;
mod part;
mod program;
mod record;
mod routine;
mod search;
mod site;
mod stack;
mod stmt;
mod string;
mod trace;
mod trace_memory;
mod trace_thread;

use crate::CodegenError;
use crate::layout::Layouts;
use crate::plan::Plan;
use crate::target::Target;
use crate::visit::{self, Node};
use cranelift_codegen::ir::Function;
pub(crate) use module::{Module, Subprogram};
use trapline_lang::hir::{Builtin, ExprKind, Script};

/// `PERF_MAX_STACK_DEPTH`: the kernel gives no more frames.
const MOST_FRAMES: u32 = 127;

/// Lowers all programs; the functions are in the order of the plan's programs.
///
/// # Errors
/// If the script asks for what the target's kernel cannot do.
pub(crate) fn lower<'s>(
    script: &'s Script,
    plan: &Plan<'s>,
    layouts: Layouts,
    target: &'s Target,
) -> Result<(Vec<Function>, Module<'s>), CodegenError> {
    let mut module = Module::new(script, target, layouts, most_frames(script));
    let functions = plan
        .programs
        .iter()
        .map(|program| program::lower(&mut module, program))
        .collect::<Result<_, _>>()?;
    Ok((functions, module))
}

/// The most frames of any stack that the script takes.
fn most_frames(script: &Script) -> u32 {
    let mut most = 1;
    let mut see = |node: Node<'_>| {
        if let Node::Expr(expr) = node
            && let ExprKind::Builtin(Builtin::Stack(stack)) = expr.kind
        {
            most = most.max(stack.limit.min(MOST_FRAMES));
        }
    };
    for probe in &script.probes {
        if let Some(predicate) = &probe.predicate {
            visit::expression(predicate, &mut see);
        }
        visit::statements(&probe.body, &mut see);
    }
    most
}
