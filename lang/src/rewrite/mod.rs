//! What the command line adds to a script: following a process and its descendants, a cgroup, a sample of the calls, a
//! recording of them.
//!
//! Each is a change of the script itself, so that every engine runs the same. [`follow`] adds text of the language
//! before analysis; everything else changes the typed script. A [`scope`](narrow) says whose events count; a
//! [`sample`] is one of the calls in scope. [`calls_wanted`] tells which system calls are left.

mod calls;
mod cgroup;
mod follow;
mod record;
mod sample;

pub use calls::calls_wanted;
pub use cgroup::{Cgroup, is_in_cgroup};
pub use follow::{ROOTS, Root, follow, is_followed, is_followed_natively};
pub use record::{dump, record, recorded_calls};
pub use sample::{Sampled, sample};

use crate::hir::{Builtin, CompareOp, Expr, ExprKind, Hook, LogicOp, Script};
use crate::source::Span;
use crate::types::Type;

/// The condition that the task is one of this process, by its number in the tracer's pid namespace.
pub fn is_process(pid: u32) -> Expr {
    compare(expr(ExprKind::Builtin(Builtin::Pid), Type::U32), pid.into())
}

/// Limits every probe of the script that fires for a task to those that the condition holds for.
pub fn narrow(script: &mut Script, condition: &Expr) {
    for probe in &mut script.probes {
        if !probe.internal && has_task(&probe.hook) {
            let predicate = probe.predicate.take();
            probe.predicate = Some(both(condition.clone(), predicate));
        }
    }
}

/// Probes of the hook fire for a task that may be anybody's: those of all others see only the tracer's own.
fn has_task(hook: &Hook) -> bool {
    !matches!(
        hook,
        Hook::Begin
            | Hook::End
            | Hook::Test
            | Hook::Bench
            | Hook::Interval(_)
            | Hook::Signal(_)
            | Hook::Iterator(_)
    )
}

/// `first && second`
pub fn both(first: Expr, second: Option<Expr>) -> Expr {
    let span = first.span;
    match second {
        None => first,
        Some(second) => Expr {
            kind: ExprKind::Logic(LogicOp::And, Box::new(first), Box::new(second)),
            ty: Type::Bool,
            span,
        },
    }
}

fn compare(left: Expr, number: i64) -> Expr {
    let right = expr(ExprKind::Int(number), left.ty.clone());
    let kind = ExprKind::Compare(CompareOp::Eq, Box::new(left), Box::new(right));
    expr(kind, Type::Bool)
}

/// An expression that stands nowhere in the script.
fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr {
        kind,
        ty,
        span: Span::NOWHERE,
    }
}
