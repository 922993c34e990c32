//! `--cgroup`: a cgroup v2 in, the condition that a task is in it or in one below it out.

use super::{compare, expr};
use crate::hir::{Builtin, Expr, ExprKind};
use crate::types::Type;

/// A cgroup v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cgroup {
    /// Its id: the inode number of its directory.
    pub id: u64,
    /// How many lie above it; 0 for the root.
    pub level: u32,
}

/// The condition that the task is in the cgroup or in one below it.
pub fn is_in_cgroup(cgroup: Cgroup) -> Expr {
    let level = cgroup.level;
    let ancestor = ExprKind::Builtin(Builtin::AncestorCgroup { level });
    // Ids take all 64 bits.
    compare(expr(ancestor, Type::U64), cgroup.id as i64)
}
