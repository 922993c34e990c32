//! The high-level intermediate representation: a script whose every name is resolved and whose every
//! expression has a type.
//!
//! Made by [`crate::analyze`], lowered by `trapline-codegen`. What holds of it:
//!
//! * wildcards are expanded: a [`Probe`] has a set of events with one body, split only where fields differ;
//! * every implicit conversion is an [`ExprKind::Cast`]; the operands of an operation have one type;
//! * macros, `sizeof`, positional parameters and constants are gone;
//! * keys have the type that the map declares: casts and string lengths are adapted to it;
//! * a function that only changes how a value prints (`strerror`, `syscall_name`, `ksym`, `strftime`,
//!   `cgroup_path`) is a cast to the type that prints so.

mod action;
mod builtin;
mod call;
mod call_hook;
mod config;
mod expr;
mod hook;
mod map;
mod operator;
mod stmt;

pub use self::action::{Action, MessageLevel, Recorded};
pub use self::builtin::Builtin;
pub use self::call::Call;
pub use self::call_hook::{CallHook, CallRef, CallSet};
pub use self::config::{Config, MAX_ENTRIES, MissingProbes};
pub use self::expr::{Expr, ExprKind, Place};
pub use self::hook::{
    CounterHook, Edge, FunctionHook, FunctionRef, Hook, Period, SyscallHook, SyscallRef,
    SyscallSet, TracepointRef, UserHook, UserSite, WatchpointHook,
};
pub use self::map::{DeclaredMap, Domain, KeyPart, Map, MapKind};
pub use self::operator::{ArithmeticOp, CompareOp, LogicOp, UnaryOp};
pub use self::stmt::{Stmt, StmtKind};
pub use crate::types::Bitfield;

use crate::engine::Engine;
use crate::printf::Format;
use crate::source::Span;
use crate::types::{NamedType, Type};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index into the table it numbers.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

id!(
    /// A map of the script: an index into [`Script::maps`].
    MapId, "map"
);
id!(
    /// A scratch variable: an index into [`Probe::vars`].
    VarId, "var"
);
id!(
    /// A string that the runtime needs (time formats): an index into [`Script::strings`].
    StringId, "string"
);
id!(
    /// A printf format: an index into [`Script::formats`].
    FormatId, "format"
);

/// A whole script, ready for the code generator.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// What is to run it.
    pub engine: Engine,
    /// Options from the config block and the environment.
    pub config: Config,
    /// Maps in the order of their first use.
    pub maps: Vec<Map>,
    /// Probes in the order of the script; `BEGIN` and `END` among them.
    pub probes: Vec<Probe>,
    /// printf formats, read.
    pub formats: Vec<Format>,
    /// Other strings that the runtime needs.
    pub strings: Vec<String>,
    /// Enums and structs that values print as.
    pub types: Vec<NamedType>,
}

/// Attach points with one predicate and one body.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The attach point as written in the script, for messages: `tracepoint:syscalls:sys_enter_*`.
    pub name: String,
    /// Where the attach point stands.
    pub span: Span,
    /// What fires it.
    pub hook: Hook,
    /// How many attach points it counts for ("Attached N probes").
    pub attach_points: u32,
    /// It is not the script's own: it sees everything, whoever is traced.
    pub internal: bool,
    /// Of type [`Type::Bool`]; the body runs if it holds.
    pub predicate: Option<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
    /// Its scratch variables, with their types.
    pub vars: Vec<Var>,
}

impl Probe {
    /// It has what it sees written to a trace, and does nothing else.
    pub fn is_recorder(&self) -> bool {
        let records = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Action(Action::Record(_)));
        self.internal && self.body.iter().any(records)
    }
}

/// A scratch variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// Without `$`.
    pub name: String,
    /// Its type.
    pub ty: Type,
}
