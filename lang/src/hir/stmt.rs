//! Statements: what they change, and the order in which.

use super::{Action, ArithmeticOp, Expr, MapId, VarId};
use crate::source::Span;

/// A statement and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it stands.
    pub span: Span,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// Runs the expression for its effects.
    Expr(Expr),
    /// Sets a scratch variable (also its first value; a declared one without a value starts as zero).
    SetVar(VarId, Expr),
    /// `@m[k] = e`; the value has the map's type.
    SetMap {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
        /// The value.
        value: Expr,
    },
    /// `@m[k] op= e`, exact under concurrency for `+=` and `-=`; the value has the map's type.
    UpdateMap {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
        /// The operator.
        op: ArithmeticOp,
        /// The right side.
        value: Expr,
    },
    /// `@m[k] = count()` and its kin. Which aggregation it is stands in the map's type.
    Aggregate {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
        /// What is added; `None` for `count()`. A 64-bit integer.
        value: Option<Expr>,
    },
    /// `if (c) { ... } else { ... }`
    If {
        /// A boolean.
        condition: Expr,
        /// If true.
        then: Vec<Stmt>,
        /// If false.
        otherwise: Vec<Stmt>,
    },
    /// `while (c) { ... }`
    While {
        /// A boolean.
        condition: Expr,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `for ($i : start..end) { ... }`
    ForRange {
        /// The loop variable.
        var: VarId,
        /// First value.
        start: Expr,
        /// One past the last.
        end: Expr,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `for ($kv : @m) { ... }`: the variable is the tuple (key, value).
    ForMap {
        /// The loop variable.
        var: VarId,
        /// Which.
        map: MapId,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// Leaves the innermost [`ExprKind::Inline`](super::ExprKind::Inline), else the probe.
    Return,
    /// `debugf(...)`: a line in the kernel's trace buffer.
    Trace {
        /// As `bpf_trace_printk` reads it, without a NUL; it takes every integer as 64 bits.
        format: Vec<u8>,
        /// Scalars and strings, at most three.
        args: Vec<Expr>,
    },
    /// Something that user space does when it reads the event.
    Action(Action),
}
