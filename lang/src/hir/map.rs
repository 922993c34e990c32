//! Maps: their keys, their values and what is known of both. Where a map is stored is for the code generator.

use crate::source::Span;
use crate::types::Type;

/// A map.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Without its sign; empty for `@`.
    pub name: String,
    /// Parts of the key; empty for a map without one.
    pub key: Vec<KeyPart>,
    /// Of what it holds; [`Type::Aggregation`] if it is filled by one.
    pub value: Type,
    /// From `let @m = lruhash(100)`, else `None`.
    pub declared: Option<DeclaredMap>,
    /// Some program writes it other than by an aggregation: its value is shared by all CPUs.
    /// (False for aggregations, whose values are per CPU.)
    pub shared: bool,
    /// It is not the script's own: nobody prints it.
    pub internal: bool,
    /// What its counts are multiplied by when they are printed: more than 1 if only some of the events were seen.
    pub scale: u32,
    /// Where it is first used.
    pub span: Span,
}

/// One part of a map's key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyPart {
    /// Source text of the first use, for column headers: `args.id`, `comm`.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// What its values are known to be, if every use agrees.
    pub domain: Domain,
}

/// A small set of integers that a key is known to come from (values outside it are still allowed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Nothing is known.
    Any,
    /// Numbers of system calls: 0..512.
    Syscall,
    /// Error numbers: 0..4096 (only 0..256 are common).
    Errno,
    /// Signals: 0..65.
    Signal,
    /// CPUs: below the number of CPUs.
    Cpu,
    /// 0 and 1.
    Bool,
}

/// `let @m = kind(entries)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredMap {
    /// Which kernel map.
    pub kind: MapKind,
    /// How many entries.
    pub entries: u32,
}

/// Kernel map types that a script can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// `hash`
    Hash,
    /// `lruhash`
    LruHash,
    /// `percpuhash`
    PerCpuHash,
    /// `percpulruhash`
    PerCpuLruHash,
}
