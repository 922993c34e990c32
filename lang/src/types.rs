//! The types of values.
//!
//! A type says three things: which operations the analyzer allows, how many bytes a value takes in
//! memory ([`Type::size`]), and how it prints. Integers that print as something else (a user name, a
//! system call's name, a time) are types of their own that hold a 64-bit integer.

use serde::{Deserialize, Serialize};
use std::fmt;

/// In which address space a pointer's target lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AddressSpace {
    /// Kernel memory.
    Kernel,
    /// The memory of the traced process.
    User,
}

/// The width of an integer and whether it has a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IntType {
    /// 8, 16, 32 or 64.
    pub bits: u8,
    /// Two's complement.
    pub signed: bool,
}

impl IntType {
    /// `int64`
    pub const I64: Self = Self {
        bits: 64,
        signed: true,
    };
    /// `uint64`
    pub const U64: Self = Self {
        bits: 64,
        signed: false,
    };
    /// `int32`
    pub const I32: Self = Self {
        bits: 32,
        signed: true,
    };
    /// `uint32`
    pub const U32: Self = Self {
        bits: 32,
        signed: false,
    };

    /// Bytes in memory.
    pub fn size(self) -> u32 {
        u32::from(self.bits) / 8
    }
}

impl fmt::Display for IntType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}int{}", if self.signed { "" } else { "u" }, self.bits)
    }
}

/// How a stack prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StackMode {
    /// `symbol+offset`, a frame a line, indented.
    Bpftrace,
    /// `address symbol+offset (module)`.
    Perf,
    /// Addresses.
    Raw,
    /// Build id and offset in the file.
    BuildId,
}

/// A call stack's kind: whose, how it prints, and how many frames at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StackType {
    /// The kernel's or the process's.
    pub space: AddressSpace,
    /// How it prints.
    pub mode: StackMode,
    /// Frames, at most 127.
    pub limit: u32,
}

/// The clock that a timestamp counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Clock {
    /// `CLOCK_MONOTONIC`
    Monotonic,
    /// `CLOCK_BOOTTIME`
    Boot,
    /// `CLOCK_TAI`
    Tai,
    /// `CLOCK_TAI` computed in user space from the boot clock.
    SoftwareTai,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// No value: the result of `print()` and its kin.
    Void,
    /// `true`, `false`; one byte.
    Bool,
    /// An integer.
    Int(IntType),
    /// A NUL-terminated string that holds at most `capacity` bytes, the NUL included.
    String {
        /// Bytes in memory.
        capacity: u32,
    },
    /// Bytes with a length: a 4-byte length, then `capacity` bytes.
    Buffer {
        /// Most bytes that it holds.
        capacity: u32,
    },
    /// `(a, b)`; members aligned to their natural alignment, at most 8.
    Tuple(Vec<Type>),
    /// `(a=1, b=2)`; laid out as a tuple.
    Record(Vec<(String, Type)>),
    /// `T[n]`.
    Array {
        /// Of its elements.
        element: Box<Type>,
        /// How many.
        length: u32,
    },
    /// `T *`.
    Pointer {
        /// What it leads to.
        target: Box<Type>,
        /// Where that lies.
        space: AddressSpace,
    },
    /// A struct or union by its name, whose members the catalog knows; `size` bytes by value.
    Struct {
        /// With its tag: `struct task_struct`, `union x`.
        name: String,
        /// Bytes.
        size: u32,
    },
    /// An enum: prints as the constant's name.
    Enum {
        /// Its name.
        name: String,
        /// What it is stored as.
        repr: IntType,
    },
    /// Nanoseconds on a clock, printed by a `strftime` format: an index into [`crate::hir::Script::strings`].
    Timestamp {
        /// Which format.
        format: u32,
        /// Which clock.
        clock: Clock,
    },
    /// A user id that prints as the user's name.
    Username,
    /// A system call number that prints as its name; of another ABI than the native one, see
    /// [`crate::syscall::encode`].
    SyscallName,
    /// An integer that prints by a set of [`crate::syscall::set`]: `open_flags`, `errno`, `fd`.
    Named {
        /// The set's name.
        set: String,
        /// What it is stored as.
        repr: IntType,
    },
    /// A finished system call with the memory that belongs to it (`args` as a whole): only what user space prints
    /// has it. The layout is `trapline_codegen::object::CallRecord`.
    CallRecord,
    /// An argument of a system call with the memory that belongs to it, which prints decoded: 8 bytes of the
    /// argument, 8 bytes of the length that was read (or a negative error number), then the bytes.
    CallArgument {
        /// The call, by its name; all calls of a body have the argument with one shape.
        syscall: String,
        /// Which argument, from 0.
        argument: u8,
        /// Most bytes that are read.
        capacity: u32,
    },
    /// A file descriptor and its process, that prints as what the descriptor is open on: two 64-bit words,
    /// descriptor and process id.
    FilePath,
    /// An error number that prints as its text (`No such file or directory`).
    ErrorText,
    /// A signal number that prints as its name.
    SignalName,
    /// A cgroup v2 id that prints as its path.
    CgroupPath {
        /// A shell pattern on the controller's name: an index into [`crate::hir::Script::strings`].
        filter: Option<u32>,
    },
    /// A cgroup v2 id that prints as the container or unit that its path tells, else as the path.
    Container,
    /// The name of the probe that fired.
    ProbeName,
    /// A kernel address that prints as a symbol.
    KernelSymbol,
    /// A user address with its process, that prints as a symbol: two 64-bit words, address and pid.
    UserSymbol,
    /// A call stack; 64-bit id of its frames, and the pid beside it for user stacks.
    Stack(StackType),
    /// A link-layer address; 6 bytes, stored in 8.
    MacAddress,
    /// An internet address: 8 bytes of family, 16 bytes of address.
    Inet,
    /// What a map holds that is only ever assigned an aggregation.
    Aggregation(Aggregation),
}

/// An aggregation: the value type of a map, filled by `count()` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Aggregation {
    /// `count()`
    Count,
    /// `sum(n)`
    Sum {
        /// Of what was added.
        signed: bool,
    },
    /// `min(n)`
    Min {
        /// Of what was compared.
        signed: bool,
    },
    /// `max(n)`
    Max {
        /// Of what was compared.
        signed: bool,
    },
    /// `avg(n)`
    Avg {
        /// Of what was added.
        signed: bool,
    },
    /// `stats(n)`
    Stats {
        /// Of what was added.
        signed: bool,
    },
    /// `hist(n, k)`: powers of two, each cut in `2^k`.
    Hist {
        /// 0 to 5.
        sub_bits: u8,
    },
    /// `lhist(n, min, max, step)`
    Lhist {
        /// Lowest value of the first bucket.
        min: i64,
        /// One past the highest.
        max: i64,
        /// Width of a bucket.
        step: i64,
    },
    /// `tseries(n, interval, count, how)`
    TimeSeries {
        /// Of what was given.
        signed: bool,
        /// Nanoseconds, [`Clock::Boot`].
        interval: u64,
        /// How many intervals are kept, the last ones.
        count: u32,
        /// What becomes of several values in an interval.
        reduce: Reduce,
    },
}

/// What becomes of several values in one interval of a time series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reduce {
    /// The last one stays.
    Last,
    /// `"sum"`
    Sum,
    /// `"min"`
    Min,
    /// `"max"`
    Max,
    /// `"avg"`
    Avg,
}

impl Aggregation {
    /// The function that makes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum { .. } => "sum",
            Self::Min { .. } => "min",
            Self::Max { .. } => "max",
            Self::Avg { .. } => "avg",
            Self::Stats { .. } => "stats",
            Self::Hist { .. } => "hist",
            Self::Lhist { .. } => "lhist",
            Self::TimeSeries { .. } => "tseries",
        }
    }

    /// What it adds up has a sign. False for those that do not tell.
    pub fn is_signed(self) -> bool {
        match self {
            Self::Sum { signed }
            | Self::Min { signed }
            | Self::Max { signed }
            | Self::Avg { signed }
            | Self::Stats { signed }
            | Self::TimeSeries { signed, .. } => signed,
            Self::Count | Self::Hist { .. } | Self::Lhist { .. } => false,
        }
    }

    /// The same with or without a sign, where that makes a difference.
    #[must_use]
    pub fn with_sign(self, signed: bool) -> Self {
        match self {
            Self::Sum { .. } => Self::Sum { signed },
            Self::Min { .. } => Self::Min { signed },
            Self::Max { .. } => Self::Max { signed },
            Self::Avg { .. } => Self::Avg { signed },
            Self::Stats { .. } => Self::Stats { signed },
            Self::TimeSeries {
                interval,
                count,
                reduce,
                ..
            } => Self::TimeSeries {
                signed,
                interval,
                count,
                reduce,
            },
            Self::Count | Self::Hist { .. } | Self::Lhist { .. } => self,
        }
    }
}

/// Which bits of an integer a bitfield takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bitfield {
    /// Lowest bit.
    pub shift: u8,
    /// How many.
    pub width: u8,
}

/// What printing a value needs to know of a type that [`Type`] only names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedType {
    /// As in [`Type::Enum`] or [`Type::Struct`].
    pub name: String,
    /// What it is.
    pub kind: NamedTypeKind,
}

/// What a type with a name is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NamedTypeKind {
    /// An enum.
    Enum {
        /// Values and their names, in order; the first name of a value is the one that prints.
        constants: Vec<(i64, String)>,
    },
    /// A struct or union.
    Struct {
        /// In order.
        members: Vec<StructMember>,
    },
}

/// A member of a struct or union.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StructMember {
    /// Empty for an anonymous struct or union, whose members print as if they were the outer one's.
    pub name: String,
    /// Bytes from the start of the struct; for a bitfield, of the integer that holds it.
    pub offset: u32,
    /// Its type; for a bitfield, the integer that holds it.
    pub ty: Type,
    /// Which bits, for a bitfield.
    pub bits: Option<Bitfield>,
}

impl Type {
    /// `int64`
    pub const I64: Self = Self::Int(IntType::I64);
    /// `uint64`
    pub const U64: Self = Self::Int(IntType::U64);
    /// `int32`
    pub const I32: Self = Self::Int(IntType::I32);
    /// `uint32`
    pub const U32: Self = Self::Int(IntType::U32);

    /// Bytes that a value takes in memory: in a map's key or value, in an event, in a tuple.
    pub fn size(&self) -> u32 {
        match self {
            Self::Void => 0,
            Self::Bool => 1,
            Self::Int(int) => int.size(),
            Self::String { capacity } => *capacity,
            Self::Buffer { capacity } => 4 + capacity,
            Self::Tuple(members) => layout(members.iter()).1,
            Self::Record(members) => layout(members.iter().map(|(_, ty)| ty)).1,
            Self::Array { element, length } => element.size() * length,
            Self::Struct { size, .. } => *size,
            Self::Enum { repr, .. } | Self::Named { repr, .. } => repr.size(),
            Self::UserSymbol | Self::FilePath => 16,
            Self::CallArgument { capacity, .. } => 16 + capacity.next_multiple_of(8),
            // Most that there can be; the record is as long as what was read.
            Self::CallRecord => crate::syscall::shape::CALL_RECORD_SIZE,
            Self::Inet => 24,
            Self::Stack(stack) => match stack.space {
                AddressSpace::Kernel => 8,
                AddressSpace::User => 16,
            },
            Self::Pointer { .. }
            | Self::Timestamp { .. }
            | Self::Username
            | Self::Container
            | Self::SyscallName
            | Self::ErrorText
            | Self::SignalName
            | Self::CgroupPath { .. }
            | Self::ProbeName
            | Self::KernelSymbol
            | Self::MacAddress => 8,
            // How an aggregation is stored is the code generator's affair.
            Self::Aggregation(_) => 8,
        }
    }

    /// The alignment of a value in memory: 1, 2, 4 or 8.
    pub fn align(&self) -> u32 {
        match self {
            Self::Void | Self::Bool | Self::String { .. } => 1,
            Self::Int(int) => int.size(),
            Self::Enum { repr, .. } | Self::Named { repr, .. } => repr.size(),
            Self::Buffer { .. } => 4,
            Self::Tuple(members) => members.iter().map(Self::align).max().unwrap_or(1),
            Self::Record(members) => members.iter().map(|(_, ty)| ty.align()).max().unwrap_or(1),
            Self::Array { element, .. } => element.align(),
            _ => 8,
        }
    }

    /// Offsets of the members of a tuple or record; empty for everything else.
    pub fn member_offsets(&self) -> Vec<u32> {
        match self {
            Self::Tuple(members) => layout(members.iter()).0,
            Self::Record(members) => layout(members.iter().map(|(_, ty)| ty)).0,
            _ => Vec::new(),
        }
    }

    /// The value is held in one register (as a 64-bit integer); all others live in memory.
    pub fn is_scalar(&self) -> bool {
        match self {
            Self::Void
            | Self::String { .. }
            | Self::Buffer { .. }
            | Self::Tuple(_)
            | Self::Record(_)
            | Self::Array { .. }
            | Self::Struct { .. }
            | Self::UserSymbol
            | Self::FilePath
            | Self::CallRecord
            | Self::CallArgument { .. }
            | Self::Inet
            | Self::Aggregation(_) => false,
            Self::Stack(stack) => stack.space == AddressSpace::Kernel,
            _ => true,
        }
    }

    /// The width and sign that arithmetic on a scalar of this type uses; `None` if not scalar.
    pub fn int(&self) -> Option<IntType> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Enum { repr, .. } | Self::Named { repr, .. } => Some(*repr),
            Self::Bool => Some(IntType {
                bits: 8,
                signed: false,
            }),
            Self::ErrorText | Self::SignalName | Self::SyscallName => Some(IntType::I64),
            _ if self.is_scalar() => Some(IntType::U64),
            _ => None,
        }
    }
}

/// Offsets and size of members one after the other, each at its natural alignment; the size is a
/// multiple of the largest alignment.
fn layout<'a>(members: impl Iterator<Item = &'a Type>) -> (Vec<u32>, u32) {
    let (mut offsets, mut end, mut align) = (Vec::new(), 0u32, 1);
    for member in members {
        let at = end.next_multiple_of(member.align());
        offsets.push(at);
        end = at + member.size();
        align = align.max(member.align());
    }
    (offsets, end.next_multiple_of(align))
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => f.write_str("void"),
            Self::Bool => f.write_str("bool"),
            Self::Int(int) => int.fmt(f),
            Self::String { capacity } => write!(f, "string[{capacity}]"),
            Self::Buffer { capacity } => write!(f, "buffer[{capacity}]"),
            Self::Tuple(members) => {
                f.write_str("(")?;
                for (n, member) in members.iter().enumerate() {
                    write!(f, "{}{member}", if n == 0 { "" } else { "," })?;
                }
                f.write_str(")")
            }
            Self::Record(members) => {
                f.write_str("record { ")?;
                for (name, ty) in members {
                    write!(f, ".{name} = {ty}; ")?;
                }
                f.write_str("}")
            }
            Self::Array { element, length } => write!(f, "{element}[{length}]"),
            Self::Pointer { target, .. } => write!(f, "{target} *"),
            Self::Struct { name, .. } => f.write_str(name),
            Self::Enum { name, .. } => write!(f, "enum {name}"),
            Self::Timestamp { .. } => f.write_str("timestamp"),
            Self::Username => f.write_str("username_t"),
            Self::Container => f.write_str("container_t"),
            Self::SyscallName => f.write_str("syscall_name_t"),
            Self::Named { set, .. } => write!(f, "{set}_t"),
            Self::CallRecord => f.write_str("call_t"),
            Self::CallArgument {
                syscall, argument, ..
            } => write!(f, "argument {argument} of {syscall}"),
            Self::FilePath => f.write_str("file_path_t"),
            Self::ErrorText => f.write_str("strerror_t"),
            Self::SignalName => f.write_str("signal_name_t"),
            Self::CgroupPath { .. } => f.write_str("cgroup_path_t"),
            Self::ProbeName => f.write_str("probe_name_t"),
            Self::KernelSymbol => f.write_str("ksym_t"),
            Self::UserSymbol => f.write_str("usym_t"),
            Self::Stack(stack) => f.write_str(match stack.space {
                AddressSpace::Kernel => "kstack_t",
                AddressSpace::User => "ustack_t",
            }),
            Self::MacAddress => f.write_str("macaddr_t"),
            Self::Inet => f.write_str("inet_t"),
            Self::Aggregation(aggregation) => write!(f, "{}_t", aggregation.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_are_laid_out_as_c_would() {
        let ty = Type::Tuple(vec![
            Type::Bool,
            Type::U32,
            Type::String { capacity: 3 },
            Type::I64,
        ]);
        assert_eq!(ty.member_offsets(), [0, 4, 8, 16]);
        assert_eq!((ty.size(), ty.align()), (24, 8));
    }
}
