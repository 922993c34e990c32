//! `--cgroup`: a typed script in, one that sees only the tasks of one cgroup v2 and of those below it out.

use super::both;
use crate::hir::{Builtin, CompareOp, Expr, ExprKind, Hook, Script};
use crate::types::Type;

/// A cgroup v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cgroup {
    /// Its id: the inode number of its directory.
    pub id: u64,
    /// How many lie above it; 0 for the root.
    pub level: u32,
}

/// Limits every probe that fires for a task to those of the cgroup.
pub fn cgroup(script: &mut Script, of: Cgroup) {
    for probe in &mut script.probes {
        if probe.attach_points == 0 || !has_task(&probe.hook) {
            continue;
        }
        let span = probe.span;
        let expr = |kind, ty| Expr { kind, ty, span };
        let builtin = Builtin::AncestorCgroup { level: of.level };
        let left = expr(ExprKind::Builtin(builtin), Type::U64);
        // Ids take all 64 bits.
        let right = expr(ExprKind::Int(of.id as i64), Type::U64);
        let compare = ExprKind::Compare(CompareOp::Eq, Box::new(left), Box::new(right));
        let predicate = probe.predicate.take();
        probe.predicate = Some(both(expr(compare, Type::Bool), predicate));
    }
}

/// Probes of the hook fire for a task that may be anybody's.
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
