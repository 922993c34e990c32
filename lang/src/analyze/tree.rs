//! The resolved tree: what [`super::resolve`] makes of the syntax tree and [`super::lower`] gives types to.
//!
//! No names are left but those of fields and members, whose meaning depends on types. Parentheses,
//! positional parameters and operations on literals are gone.

use super::NamedParameter;
use crate::ast::{self, BinaryOp, StepPosition};
use crate::builtin::Builtin;
use crate::function::Function;
use crate::hir::{DeclaredMap, MapId, VarId};
use crate::source::Span;
use crate::types::{Clock, StackType, Type};

/// A whole script.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// In the order of their first use.
    pub(super) maps: Vec<MapName>,
    /// In the order of the script.
    pub(super) probes: Vec<Probe>,
    /// What `getopt` asks for, in the order of the script.
    pub(super) named: Vec<NamedParameter>,
}

/// A map's name and declaration.
#[derive(Debug)]
pub(super) struct MapName {
    pub(super) name: String,
    /// Where it is first used (or declared, if it is not used).
    pub(super) span: Span,
    /// What `let @m = ...` says, and where.
    pub(super) declared: Option<(DeclaredMap, Span)>,
    /// Some probe uses it.
    pub(super) used: bool,
}

/// A probe.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) attach_points: Vec<ast::AttachPoint>,
    pub(super) predicate: Option<Expr>,
    pub(super) body: Vec<Stmt>,
    /// Subprograms that nothing calls, to be checked in its place.
    pub(super) uncalled: Vec<(Subprogram, Span)>,
    /// Its scratch variables; [`VarId`] is the index.
    pub(super) vars: Vec<Variable>,
    /// The fields of the event that it uses, each use.
    pub(super) fields: Vec<FieldUse>,
    /// It uses `args` as a whole.
    pub(super) whole_args: Option<Span>,
    /// It asks where the traced program was loaded, which each place in it tells in its own way.
    pub(super) wants_load_address: bool,
}

/// A scratch variable.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) span: Span,
}

/// A use of `args.name`.
#[derive(Clone, Debug)]
pub(super) struct FieldUse {
    pub(super) name: String,
    /// Of the name.
    pub(super) span: Span,
}

/// Name of the variable that takes the result of a `fn`; no script can write it.
pub(super) const SUBPROGRAM_RESULT: &str = "#result";

/// The body of a `fn` in the place of its call.
#[derive(Debug)]
pub(super) struct Subprogram {
    pub(super) name: String,
    /// Variables for its parameters, their types and what is given for them.
    pub(super) params: Vec<(VarId, TypeRef, Option<Expr>)>,
    /// The variable that takes the result; `None` if it is `void`.
    pub(super) result: Option<(VarId, TypeRef)>,
    pub(super) body: Vec<Stmt>,
}

/// A type as written, or the type of an expression.
#[derive(Debug)]
pub(super) enum TypeRef {
    Known(Type),
    /// The type of an expression.
    Of(Box<Expr>),
    /// A pointer to it.
    Pointer(Box<TypeRef>),
    /// An array of it; without a length, as many elements as fit in the value that is cast.
    Array(Box<TypeRef>, Option<u32>),
    Tuple(Vec<TypeRef>),
}

/// Statements and the value they end in.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) stmts: Vec<Stmt>,
    pub(super) value: Option<Box<Expr>>,
    pub(super) span: Span,
}

/// A statement.
#[derive(Debug)]
pub(super) struct Stmt {
    pub(super) kind: StmtKind,
    pub(super) span: Span,
}

/// Something that is assigned to.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) kind: PlaceKind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum PlaceKind {
    Var(VarId),
    Map(MapId, Option<Vec<Expr>>),
}

#[derive(Debug)]
pub(super) enum StmtKind {
    Expr(Expr),
    Discard(Expr),
    Let {
        var: VarId,
        ty: Option<TypeRef>,
        value: Option<Expr>,
    },
    Assign {
        place: Place,
        op: Option<BinaryOp>,
        value: Expr,
    },
    Aggregate {
        map: MapId,
        key: Option<Vec<Expr>>,
        function: Function,
        args: Vec<Expr>,
        /// Of the map with its key.
        place: Span,
    },
    While {
        condition: Expr,
        body: Vec<Stmt>,
    },
    Unroll {
        count: u32,
        body: Vec<Stmt>,
    },
    ForMap {
        var: VarId,
        map: MapId,
        over: Span,
        body: Vec<Stmt>,
    },
    ForRange {
        var: VarId,
        start: Expr,
        end: Expr,
        body: Vec<Stmt>,
    },
    Break,
    Continue,
    Return,
    /// `return e;` of a subprogram; its result is kept in the variable.
    ReturnValue(VarId, Expr),
    /// `return e;` of a test.
    ReturnStatus(Expr),
}

/// An expression.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: ExprKind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Int(i128),
    Str(Vec<u8>),
    Bool(bool),
    Var(VarId),
    Builtin(Builtin),
    Nsecs(Clock),
    Stack(StackType),
    /// `args` as a whole.
    Args,
    /// `args.name`
    Field(FieldUse),
    Map {
        map: MapId,
        key: Option<Vec<Expr>>,
    },
    Call {
        function: Function,
        args: Vec<Expr>,
    },
    Neg(Box<Expr>),
    BitNot(Box<Expr>),
    Not(Box<Expr>),
    Deref(Box<Expr>),
    Step {
        place: Place,
        op: ast::StepOp,
        position: StepPosition,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Conditional {
        condition: Box<Expr>,
        /// `None`: the condition's own value.
        then: Option<Box<Expr>>,
        otherwise: Box<Expr>,
    },
    If {
        condition: Box<Expr>,
        then: Block,
        otherwise: Option<Block>,
    },
    Block(Block),
    Member {
        base: Box<Expr>,
        name: String,
        name_span: Span,
    },
    TupleField {
        base: Box<Expr>,
        index: u32,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    Cast {
        ty: TypeRef,
        operand: Box<Expr>,
    },
    Sizeof(TypeRef),
    /// `offsetof(T, a.b)`
    Offsetof {
        ty: TypeRef,
        path: Vec<ast::Ident>,
    },
    /// `container_of(pointer, T, a.b)`
    ContainerOf {
        pointer: Box<Expr>,
        ty: TypeRef,
        path: Vec<ast::Ident>,
    },
    /// The task of a thread id, or the task itself.
    TaskOf(Box<Expr>),
    /// `&$x`, `&@m[k]`
    AddressOf(Box<Expr>),
    /// A constant of an enum.
    Constant(Type, i64),
    Tuple(Vec<Expr>),
    Record(Vec<(String, Expr)>),
    /// A call of a `fn`.
    Subprogram(Box<Subprogram>),
    /// `comptime e`, where that is more than a literal.
    Comptime(Box<Expr>),
    /// Already complained about.
    Error,
}
