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

use crate::catalog::FieldLocation;
use crate::printf::Format;
use crate::source::Span;
use crate::types::{AddressSpace, Clock, NamedType, StackType, Type};
use std::fmt;

pub use crate::types::Bitfield;

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

/// Options, with bpftrace's names and defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Most bytes of a string, its NUL included.
    pub max_strlen: u32,
    /// Most keys of a map.
    pub max_map_keys: u32,
    /// Most attach points.
    pub max_probes: u32,
    /// Most BPF programs.
    pub max_bpf_progs: u32,
    /// Pages of the ring buffer; `None`: by the machine's memory.
    pub perf_rb_pages: Option<u32>,
    /// Bytes of the verifier's log.
    pub log_size: u32,
    /// Maps print at the end.
    pub print_maps_on_exit: bool,
    /// What to append to a cut string.
    pub str_trunc_trailer: String,
    /// Most bytes that `cat()` prints.
    pub max_cat_bytes: u32,
    /// What a wildcard without a match, or a missing event, is.
    pub missing_probes: MissingProbes,
    /// The mode of `kstack` and `ustack` without one.
    pub stack_mode: crate::types::StackMode,
    /// The BPF licence string.
    pub license: String,
    /// `-k`: reads that fail and keys that are missing are told at once, each with its place.
    pub runtime_warnings: bool,
}

/// The most entries of a map. Its description in BTF is an array of so many integers, which must stay below 4 GiB.
pub const MAX_ENTRIES: u32 = (1 << 30) - 1;

impl Default for Config {
    fn default() -> Self {
        Self {
            max_strlen: 1024,
            max_map_keys: 4096,
            max_probes: 1024,
            max_bpf_progs: 1024,
            perf_rb_pages: None,
            log_size: 1_000_000,
            print_maps_on_exit: true,
            str_trunc_trailer: "..".into(),
            max_cat_bytes: 10_240,
            missing_probes: MissingProbes::Error,
            stack_mode: crate::types::StackMode::Bpftrace,
            license: "GPL".into(),
            runtime_warnings: false,
        }
    }
}

/// What to do about an attach point that matches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingProbes {
    /// The script does not run.
    Error,
    /// It runs without it, with a warning.
    Warn,
    /// It runs without it.
    Ignore,
}

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
    /// Of type [`Type::Bool`]; the body runs if it holds.
    pub predicate: Option<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
    /// Its scratch variables, with their types.
    pub vars: Vec<Var>,
}

/// A scratch variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// Without `$`.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// What fires a probe.
#[derive(Clone, Debug, PartialEq)]
pub enum Hook {
    /// Once, before the others attach.
    Begin,
    /// Once, after the others have detached.
    End,
    /// Once, by `--test`.
    Test,
    /// Many times, by `--bench`.
    Bench,
    /// A timer on one CPU.
    Interval(Period),
    /// A timer on every CPU.
    Profile(Period),
    /// System calls, at entry or at exit.
    Syscall(SyscallHook),
    /// Tracepoints whose fields are read from the trace record; all have the fields that the body uses
    /// at the same places.
    Tracepoint(Vec<TracepointRef>),
}

/// How often a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Every so many nanoseconds.
    Nanoseconds(u64),
    /// So many times a second.
    Hertz(u64),
}

/// Which system calls, and which half of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SyscallHook {
    /// Entry or exit.
    pub edge: Edge,
    /// Which calls.
    pub calls: SyscallSet,
}

/// The two ends of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Entry.
    Enter,
    /// Exit.
    Exit,
}

/// Which system calls a probe wants.
#[derive(Clone, Debug, PartialEq)]
pub enum SyscallSet {
    /// `raw_syscalls`: every call of every ABI, unknown numbers and -1 included.
    All,
    /// `syscalls:*`: these calls of the native ABI, sorted by number; compat calls are left out, as by the
    /// kernel's own events.
    Native(Vec<SyscallRef>),
}

/// One system call event of the native ABI.
#[derive(Clone, Debug, PartialEq)]
pub struct SyscallRef {
    /// Its number.
    pub number: u32,
    /// The name of the tracepoint (`sys_enter_newstat`).
    pub event: String,
}

/// A tracepoint by name.
#[derive(Clone, Debug, PartialEq)]
pub struct TracepointRef {
    /// `sched`
    pub category: String,
    /// `sched_switch`
    pub name: String,
}

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
    /// The body of a subprogram, then a value. [`StmtKind::Return`] ends this body only.
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

/// Prefix operators on integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `~`
    BitNot,
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`: by the type's sign; x / 0 = 1, which is told.
    Div,
    /// `%`: by the type's sign; x % 0 = 1, which is told.
    Rem,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`
    Shl,
    /// `>>`: arithmetic if the type has a sign.
    Shr,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
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
}

/// `&&` and `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogicOp {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Builtin values as the code generator knows them. The names and documentation of what scripts write
/// are rows of [`crate::builtin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// Process id (thread group) in the tracer's pid namespace.
    Pid,
    /// Thread id in the tracer's pid namespace.
    Tid,
    /// Process id of the parent.
    Ppid,
    /// User id.
    Uid,
    /// Group id.
    Gid,
    /// The thread's name: `string[16]`.
    Comm,
    /// Nanoseconds on a clock.
    Nsecs(Clock),
    /// Nanoseconds (monotonic) since the script started.
    Elapsed,
    /// Number of the CPU.
    Cpu,
    /// How many CPUs there are.
    CpuCount,
    /// cgroup v2 id.
    Cgroup,
    /// 32 random bits.
    Random,
    /// The probe that fired ([`Type::ProbeName`]).
    Probe,
    /// Process id of the `-c` command; a load-time constant.
    ChildPid,
    /// The current `task_struct`, as an address in the kernel.
    CurrentTask,
    /// NUMA node.
    NumaNode,
    /// Kernel ticks since boot.
    Jiffies,
    /// A call stack ([`Type::Stack`]).
    Stack(StackType),
}

/// Functions that compute a value in the kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// `str(pointer, max)`: reads a NUL-terminated string; the type's capacity bounds it.
    ReadString {
        /// The address.
        pointer: Box<Expr>,
        /// At most so many bytes, the NUL included; `None`: the capacity.
        length: Option<Box<Expr>>,
        /// Whose memory.
        space: AddressSpace,
    },
    /// `buf(pointer, length)`: the type is a [`Type::Buffer`].
    ReadBuffer {
        /// The address.
        pointer: Box<Expr>,
        /// How many bytes.
        length: Box<Expr>,
        /// Whose memory.
        space: AddressSpace,
    },
    /// `strncmp(a, b, n)`: 0 if the first `n` bytes are equal; else 1 (only zero is meant).
    StrNCmp {
        /// A string.
        left: Box<Expr>,
        /// A string.
        right: Box<Expr>,
        /// How many bytes at most; a constant.
        length: u32,
    },
    /// `strlen(s)`.
    StrLen(Box<Expr>),
    /// `strstr(a, b)`: where the second string first occurs in the first; -1 if nowhere.
    StrFind {
        /// A string.
        haystack: Box<Expr>,
        /// A string.
        needle: Box<Expr>,
    },
    /// `str_concat(a, b)`: one string behind the other; the type's capacity holds both.
    StrConcat {
        /// A string.
        left: Box<Expr>,
        /// A string.
        right: Box<Expr>,
    },
    /// `memcmp(a, b, n)`: 0 if `length` bytes of two values in memory are equal; else -1 or 1, by the first
    /// byte that differs.
    MemCmp {
        /// A value that is no scalar, of at least so many bytes.
        left: Box<Expr>,
        /// As the left one.
        right: Box<Expr>,
        /// How many bytes; a constant.
        length: u32,
    },
    /// `ntop(family, address)`: a [`Type::Inet`].
    InetAddress {
        /// `AF_INET` or `AF_INET6`.
        family: Box<Expr>,
        /// An integer or array of 4 bytes, or an array of 16.
        address: Box<Expr>,
    },
    /// `macaddr(address)`: a [`Type::MacAddress`] of an array of 6 bytes.
    MacAddress(Box<Expr>),
    /// `write_user(to, from, length)`: true if the bytes were written.
    WriteUser {
        /// An address of the process.
        to: Box<Expr>,
        /// A value in memory.
        from: Box<Expr>,
        /// How many of its bytes; a constant.
        length: u32,
    },
    /// `delete(@m, key)`: true if there was such a key.
    Delete {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
    },
    /// `has_key(@m, key)`.
    HasKey {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
    },
    /// `len(@m)`: how many keys.
    MapLength(MapId),
    /// `len(kstack)`: how many frames.
    StackLength(Box<Expr>),
    /// `bswap(n)` at the width of its type.
    ByteSwap(Box<Expr>),
    /// `signal(n)`, `signal_thread(n)`: sends a signal to the traced process or thread.
    Signal {
        /// The signal.
        signal: Box<Expr>,
        /// To the thread only.
        thread: bool,
    },
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
    /// Leaves the innermost [`ExprKind::Inline`], else the probe.
    Return,
    /// Something that user space does when it reads the event.
    Action(Action),
}

/// What the script has user space do: an event record carries the values.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `printf(...)`
    Printf {
        /// Its format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `errorf(...)` and `warnf(...)`: printf to stderr, with the script's place.
    Message {
        /// Error or warning.
        level: MessageLevel,
        /// The calls of macros that it comes from, innermost first.
        expanded_from: Vec<Span>,
        /// Its format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `print(e)`: a value in its default form.
    PrintValue(Expr),
    /// `print(@m, top, div)`: a whole map.
    PrintMap {
        /// Which.
        map: MapId,
        /// Only so many of the largest entries; 0 for all.
        top: u32,
        /// Divides what is printed; 0 for none.
        div: u32,
    },
    /// `print(@m[k])` of an aggregation, or of any entry: prints as `@m[k]: value`.
    PrintMapEntry {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
        /// Divides what is printed; 0 for none.
        div: u32,
    },
    /// `clear(@m)`: drops all keys.
    Clear(MapId),
    /// `zero(@m)`: sets all values to zero.
    Zero(MapId),
    /// `exit(code)`. The probe ends here as well.
    Exit(Option<Expr>),
    /// `time(format)`: the wall clock.
    Time(StringId),
    /// `join(argv, separator)`: the pointer leads to an array of strings in the process.
    Join {
        /// `char **`
        argv: Expr,
        /// Between the strings.
        separator: StringId,
    },
    /// `cat(format, ...)`: prints a file.
    Cat {
        /// The file's name, as a format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `system(format, ...)`: runs a shell command.
    System {
        /// The command, as a format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
}

/// How bad a message of the script itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageLevel {
    /// `errorf`
    Error,
    /// `warnf`
    Warning,
}
