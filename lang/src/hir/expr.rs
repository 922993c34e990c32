//! Expressions: each with its type and its place, every conversion written out.

use super::{ArithmeticOp, Builtin, Call, CompareOp, LogicOp, MapId, Stmt, UnaryOp, VarId};
use crate::catalog::FieldLocation;
use crate::source::Span;
use crate::types::{AddressSpace, Bitfield, Type};

/// An expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Of its value.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is. "Scalar" is what [`Type::is_scalar`] says.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A scalar constant, sign- or zero-extended to 64 bits as its type says.
    Int(i64),
    /// A string constant without its NUL; the type's capacity may be larger.
    Str(Vec<u8>),
    /// A scratch variable.
    Var(VarId),
    /// A builtin value.
    Builtin(Builtin),
    /// A field of the event.
    Field(FieldLocation),
    /// The value of a map's entry (0, "" or an empty tuple where there is none). For aggregations, the
    /// number that they stand for, summed over all CPUs: then the type is an integer.
    Map {
        /// Which.
        map: MapId,
        /// One expression per part of the key, of the key's types.
        key: Vec<Expr>,
    },
    /// `-e` and `~e` on integers.
    Unary(UnaryOp, Box<Expr>),
    /// `!e` on a boolean.
    Not(Box<Expr>),
    /// Arithmetic at the width and sign of the expression's type; both operands have that type (for
    /// shifts, the right one is any integer).
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    /// Comparison of two scalars of one type, by that type's sign; gives a boolean.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// Equality of two strings (of any capacity), buffers, tuples, records or arrays of one type.
    Equal {
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
        /// `!=`
        negated: bool,
    },
    /// `&&` and `||` of booleans; the right side runs only if it matters.
    Logic(LogicOp, Box<Expr>, Box<Expr>),
    /// `c ? a : b`; only the chosen side runs.
    Conditional {
        /// A boolean.
        condition: Box<Expr>,
        /// If true.
        then: Box<Expr>,
        /// If false.
        otherwise: Box<Expr>,
    },
    /// The value at another type: integers are cut and extended, a scalar becomes another scalar with the
    /// same 64 bits, integer or pointer to bool is `!= 0`, a string gets another capacity.
    Cast(Box<Expr>),
    /// A tuple or record of the expression's type.
    Tuple(Vec<Expr>),
    /// A member of a tuple or record.
    Member(Box<Expr>, u32),
    /// An element of an array value.
    Index {
        /// The array.
        base: Box<Expr>,
        /// Which element; out of range gives 0.
        index: Box<Expr>,
    },
    /// A member of a struct or union in memory: `ty` bytes at `offset` of the value.
    Part {
        /// The struct.
        base: Box<Expr>,
        /// Bytes from its start.
        offset: u32,
        /// The bits of a bitfield in what was read, else `None`.
        bits: Option<Bitfield>,
    },
    /// Where a value lies in the kernel's memory: a variable or an entry of a map (null if there is none);
    /// anything else in memory that lasts until the end of the statement.
    AddressOf(Box<Expr>),
    /// What a pointer leads to: `ty` bytes at `pointer + offset`, zero if they cannot be read.
    Load {
        /// The address.
        pointer: Box<Expr>,
        /// Bytes to add to it.
        offset: i64,
        /// Whose memory.
        space: AddressSpace,
        /// The bits of a bitfield in what was read, else `None`.
        bits: Option<Bitfield>,
    },
    /// A function that computes something in the kernel.
    Call(Call),
    /// `++x`, `x--` and so on, with its value.
    Step {
        /// What changes.
        target: Place,
        /// +1 or -1 (or the size of what a pointer leads to).
        by: i64,
        /// Gives the value before the change.
        old: bool,
    },
    /// Statements, then a value.
    Block(Vec<Stmt>, Box<Expr>),
    /// The body of a subprogram, then a value. [`StmtKind::Return`](super::StmtKind::Return) ends this body only.
    Inline(Vec<Stmt>, Box<Expr>),
}

/// Something that can be assigned to.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A scratch variable.
    Var(VarId),
    /// An entry of a map.
    Map {
        /// Which.
        map: MapId,
        /// One expression per part of the key.
        key: Vec<Expr>,
    },
}
