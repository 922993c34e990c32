//! What the command line adds to a script: following a process and its descendants, a cgroup, a sample of the calls.
//!
//! Each is a change of the script itself, so that every engine runs the same. [`follow`] adds text of the language
//! before analysis; [`sample`] and [`cgroup`] change the typed script.

mod cgroup;
mod follow;
mod sample;

pub use cgroup::{Cgroup, cgroup};
pub use follow::{Root, follow};
pub use sample::sample;

use crate::hir::{Expr, ExprKind, LogicOp};
use crate::types::Type;

/// `filter && predicate`
fn both(filter: Expr, predicate: Option<Expr>) -> Expr {
    let span = filter.span;
    match predicate {
        None => filter,
        Some(predicate) => Expr {
            kind: ExprKind::Logic(LogicOp::And, Box::new(filter), Box::new(predicate)),
            ty: Type::Bool,
            span,
        },
    }
}
