//! Functions that compute a value in the kernel. What acts in user space is an [`Action`](super::Action).

use super::{Expr, MapId};
use crate::types::AddressSpace;

/// Functions that compute a value in the kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// A string argument of a system call, in `syscall:` probes: the text; `NULL` for a null pointer, `<fault>`
    /// where it cannot be read. Read at exit; of calls that lose their arguments at entry, and at exit if it could not
    /// be read there.
    ArgumentString {
        /// Which, from 0.
        argument: u8,
    },
    /// An argument of a system call with the memory that belongs to it: a [`crate::types::Type::CallArgument`], only among what an
    /// action prints.
    ArgumentMemory {
        /// Which, from 0.
        argument: u8,
    },
    /// `args.fd.path`: a [`crate::types::Type::FilePath`] of a descriptor of the current process.
    FilePath(Box<Expr>),
    /// `str(pointer, max)`: reads a NUL-terminated string; the type's capacity bounds it.
    ReadString {
        /// The address.
        pointer: Box<Expr>,
        /// At most so many bytes, the NUL included; `None`: the capacity.
        length: Option<Box<Expr>>,
        /// Whose memory.
        space: AddressSpace,
    },
    /// `buf(pointer, length)`: the type is a [`Type::Buffer`](crate::types::Type::Buffer).
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
    /// The `struct task_struct` of a thread id, as Trapline's pid namespace has them; 0 if there is none.
    TaskOf(Box<Expr>),
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
    /// `ntop(family, address)`: a [`Type::Inet`](crate::types::Type::Inet).
    InetAddress {
        /// `AF_INET` or `AF_INET6`.
        family: Box<Expr>,
        /// An integer or array of 4 bytes, or an array of 16.
        address: Box<Expr>,
    },
    /// `macaddr(address)`: a [`Type::MacAddress`](crate::types::Type::MacAddress) of an array of 6 bytes.
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
    /// `usym(address)`: the address with the process that it belongs to ([`Type::UserSymbol`](crate::types::Type::UserSymbol)).
    UserSymbol(Box<Expr>),
    /// `signal(n)`, `signal_thread(n)`: sends a signal to the traced process or thread.
    Signal {
        /// The signal.
        signal: Box<Expr>,
        /// To the thread only.
        thread: bool,
    },
}
