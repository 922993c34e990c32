//! The syntax tree: what was written, before any name means anything.
//!
//! Made by [`crate::parse`], printed by [`crate::format`]. Every node keeps its [`Span`]. Nodes that
//! were written with parentheses keep them ([`ExprKind::Paren`]), so that printing and parsing again
//! gives the same tree.

use crate::source::Span;

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The `#!` line.
    pub shebang: Option<Span>,
    /// The C part at the head of the script, item by item (`#include`, `#define`, `struct`, ...).
    pub c_items: Vec<CItem>,
    /// Everything else, in order.
    pub items: Vec<Item>,
    /// All comments, in order, wherever they stand.
    pub comments: Vec<Comment>,
    /// Parts that could not be read are left out: what they defined may seem to be missing.
    pub incomplete: bool,
}

/// One `//` or `/* */` comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// The comment with its marks.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One preprocessor line or C declaration, kept as text.
#[derive(Clone, Debug, PartialEq)]
pub struct CItem {
    /// The item as written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A top-level item.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `config = { ... }`
    Config(ConfigBlock),
    /// `import "file";`
    Import(Import),
    /// `let @m = hash(100);`
    MapDecl(MapDecl),
    /// `macro name(...) { ... }`
    Macro(Macro),
    /// `fn name(...) : type { ... }`
    Subprogram(Subprogram),
    /// `probe[, probe] /predicate/ { ... }`
    Probe(Probe),
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name; for variables without `$`, for maps without `@`.
    pub name: String,
    /// Where it stands, sigil included.
    pub span: Span,
}

/// `config = { key = value; ... }`
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigBlock {
    /// The assignments in order.
    pub entries: Vec<ConfigEntry>,
    /// The whole block.
    pub span: Span,
}

/// One `key = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    /// The option.
    pub key: Ident,
    /// The value as written: an integer, a string's contents or a word.
    pub value: ConfigValue,
    /// The value's place.
    pub value_span: Span,
}

/// The value of a configuration option.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigValue {
    /// `100`, `1e3`, `5s`.
    Integer(Integer),
    /// `"text"`.
    String(String),
    /// `error`, `PER_PID`, `true`.
    Word(String),
}

/// `import "file";`
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The path as written.
    pub path: String,
    /// The whole item.
    pub span: Span,
}

/// `let @m = hash(100);`
#[derive(Clone, Debug, PartialEq)]
pub struct MapDecl {
    /// The map.
    pub map: Ident,
    /// `hash`, `lruhash`, `percpuhash`, `percpulruhash`, ...
    pub kind: Ident,
    /// Arguments; the first is the number of entries.
    pub args: Vec<Expr>,
    /// The whole item.
    pub span: Span,
}

/// `macro name($v, e, @m) { ... }`
#[derive(Clone, Debug, PartialEq)]
pub struct Macro {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<MacroParam>,
    /// Its body.
    pub body: Block,
    /// The whole item.
    pub span: Span,
}

/// A parameter of a macro: what may be given for it.
#[derive(Clone, Debug, PartialEq)]
pub enum MacroParam {
    /// `$v`: a scratch variable, by reference.
    Var(Ident),
    /// `@m`: a map, by reference.
    Map(Ident),
    /// `e`: any expression.
    Expr(Ident),
}

/// `fn name($a : type) : type { ... }`
#[derive(Clone, Debug, PartialEq)]
pub struct Subprogram {
    /// Its name.
    pub name: Ident,
    /// Parameters with their types.
    pub params: Vec<(Ident, TypeName)>,
    /// Type of the result.
    pub result: TypeName,
    /// Its body.
    pub body: Block,
    /// The whole item.
    pub span: Span,
}

/// One probe: attach points, a predicate and an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// At least one.
    pub attach_points: Vec<AttachPoint>,
    /// Between slashes.
    pub predicate: Option<Expr>,
    /// The action.
    pub body: Block,
    /// The whole item.
    pub span: Span,
}

/// One attach point, cut at its colons: `tracepoint:sched:sched_switch`.
///
/// Quotes are taken off the parts; colons inside quotes do not cut.
#[derive(Clone, Debug, PartialEq)]
pub struct AttachPoint {
    /// An optional `name=` in front.
    pub label: Option<Ident>,
    /// The parts between colons; the first is the provider as written.
    pub parts: Vec<Ident>,
    /// The whole attach point.
    pub span: Span,
}

impl AttachPoint {
    /// The attach point spelt with colons.
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.parts.iter().map(|part| part.name.as_str()).collect();
        names.join(":")
    }
}

/// `{ ... }`: statements and, where the last expression has no semicolon, its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The statements in order; a trailing expression without `;` is also the last statement.
    pub stmts: Vec<Stmt>,
    /// The last statement is an expression without a semicolon, thus a value where one is wanted.
    pub ends_in_value: bool,
    /// With its braces.
    pub span: Span,
}

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
    /// An expression for its effects. `if`, blocks and calls in statement position stand here too.
    Expr(Expr),
    /// `_ = e;`
    Discard(Expr),
    /// `let $x : type = e;`, both optional.
    Let {
        /// The variable.
        var: Ident,
        /// Its declared type.
        ty: Option<TypeName>,
        /// Its first value.
        value: Option<Expr>,
    },
    /// `place = e;` or `place op= e;`
    Assign {
        /// A variable, a map, a map entry; anything else is refused by analysis.
        target: Expr,
        /// The operator of a compound assignment.
        op: Option<BinaryOp>,
        /// The right side.
        value: Expr,
    },
    /// `while (c) { ... }`
    While {
        /// The condition.
        condition: Expr,
        /// The body.
        body: Block,
    },
    /// `unroll (n) { ... }`
    Unroll {
        /// How often.
        count: Expr,
        /// The body.
        body: Block,
    },
    /// `for ($kv : @m) { ... }` and `for ($i : a..b) { ... }`
    For {
        /// The loop variable.
        var: Ident,
        /// What is walked.
        over: ForOver,
        /// The body.
        body: Block,
    },
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `return;` and `return e;`
    Return(Option<Expr>),
    /// `import "..."` inside a block.
    Import(String),
}

/// What a `for` walks.
#[derive(Clone, Debug, PartialEq)]
pub enum ForOver {
    /// An expression that must be a map.
    Map(Expr),
    /// `start..end`, half open.
    Range(Expr, Expr),
}

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// An integer literal: the value and how it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Integer {
    /// The value; literals above `i64::MAX` are unsigned.
    pub value: u64,
    /// As written (`0x10`, `1e6`, `5ms`, `077`).
    pub text: String,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `1`, `0x1f`, `1e6`, `1_000`, `5ms`.
    Integer(Integer),
    /// A string after its escapes; bytes, because `\xff` is allowed.
    String(Vec<u8>),
    /// `true`, `false`.
    Bool(bool),
    /// `$1`.
    Positional(u32),
    /// `$#`.
    PositionalCount,
    /// A bare word: builtin, macro without arguments, enum constant, type name.
    Ident(String),
    /// `$x`.
    Var(String),
    /// `@m` (the name without its sign, empty for `@`), with the key in brackets if there is one.
    Map {
        /// Without the sign.
        name: String,
        /// `None` without brackets.
        key: Option<Vec<Expr>>,
    },
    /// `f(a, b)`.
    Call {
        /// The function.
        name: Ident,
        /// Arguments; some functions take a type.
        args: Vec<CallArg>,
    },
    /// `sizeof(T)`, `sizeof(e)`, `offsetof(T, a.b)`, `typeof(..)`, `typeinfo(..)`.
    TypeCall {
        /// Which of them.
        name: Ident,
        /// The type or expression.
        arg: Box<CallArg>,
        /// The member path of `offsetof`.
        path: Vec<Ident>,
    },
    /// `-e`, `!e`, `~e`, `*e`, `&e`.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `++x`, `x++`, `--x`, `x--`.
    Step {
        /// `++` or `--`.
        op: StepOp,
        /// Before or after.
        position: StepPosition,
        /// The place that changes.
        target: Box<Expr>,
    },
    /// `a op b`.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `c ? a : b` and `c ?: b` (`then` is `None`).
    Conditional {
        /// The condition.
        condition: Box<Expr>,
        /// If true.
        then: Option<Box<Expr>>,
        /// If false.
        otherwise: Box<Expr>,
    },
    /// `e.name`, `e->name`.
    Field {
        /// The value or pointer.
        base: Box<Expr>,
        /// The field.
        name: Ident,
        /// `.` or `->`.
        access: Access,
    },
    /// `e.0`.
    TupleField {
        /// The tuple.
        base: Box<Expr>,
        /// Which, from zero.
        index: u32,
    },
    /// `e[i]`.
    Index {
        /// Array, pointer, string or tuple.
        base: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
    /// `(type)e`.
    Cast {
        /// The type.
        ty: TypeName,
        /// The value.
        operand: Box<Expr>,
    },
    /// `(a, b)`, `(a,)`, `()`.
    Tuple(Vec<Expr>),
    /// `(a=1, b=2)`.
    Record(Vec<(Ident, Expr)>),
    /// `(e)`.
    Paren(Box<Expr>),
    /// `if c { .. } else if .. { .. } else { .. }`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// If true.
        then: Block,
        /// If false: a block, or a block that holds just the next `if`.
        otherwise: Option<Block>,
    },
    /// `{ ... }` as a value or a statement.
    Block(Block),
    /// `comptime e`.
    Comptime(Box<Expr>),
    /// What stood here could not be read; a diagnostic says why.
    Error,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallArg {
    /// A value.
    Expr(Expr),
    /// A type that cannot be read as an expression (`struct foo`, `uint64 *`).
    Type(TypeName),
}

/// How a member was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `.`
    Dot,
    /// `->`
    Arrow,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// What it is.
    pub kind: TypeNameKind,
    /// Where it stands.
    pub span: Span,
}

/// What a written type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeNameKind {
    /// `uint64`, `string`, `count_t`, a typedef; several words of C (`unsigned long`) joined by a space.
    Name(String),
    /// `struct x`, `union x`, `enum x`.
    Tagged {
        /// `struct`, `union` or `enum`.
        tag: Tag,
        /// The name after it.
        name: String,
    },
    /// `T *`.
    Pointer(Box<TypeName>),
    /// `T[8]`; `string[8]`; `None` for `T[]`.
    Array(Box<TypeName>, Option<u64>),
    /// `(T, U)`.
    Tuple(Vec<TypeName>),
    /// `typeof(e)`.
    TypeOf(Box<CallArg>),
}

/// `struct`, `union` or `enum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `struct`
    Struct,
    /// `union`
    Union,
    /// `enum`
    Enum,
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
    /// `~`
    BitNot,
    /// `*`
    Deref,
    /// `&`
    AddressOf,
}

/// `++` or `--`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOp {
    /// `++`
    Increment,
    /// `--`
    Decrement,
}

/// Whether the value of a step is the new or the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepPosition {
    /// `++x`: the new value.
    Prefix,
    /// `x++`: the old value.
    Postfix,
}

/// An operator between two operands, with C's meaning and precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `&&`
    And,
    /// `||`
    Or,
}

impl BinaryOp {
    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}
