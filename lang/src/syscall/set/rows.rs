//! The rows of the sets: which numbers have which names.
//!
//! Names and values: linux v6.1, from the headers for user space that each set names; where 64-bit ARM differs,
//! see [`crate::constant`].

use super::{Kind, Set};

const fn set(name: &'static str, kind: Kind, rows: &'static [(&'static str, i64)]) -> Set {
    Set { name, kind, rows }
}

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    set("hex", Kind::Hex, &[]),
    set("mode", Kind::Octal, &[]),
    set("errno", Kind::Errno, &[]),
    set("signal", Kind::Signal, &[]),
    set("latency", Kind::Nanoseconds, &[]),
    set("fd", Kind::Values, &[]),
    // include/uapi/linux/fcntl.h
    set("dirfd", Kind::Values, &[("AT_FDCWD", -100)]),
    // arch/x86/include/asm/syscall.h and its kin; numbers as in [`crate::syscall::Abi`]
    set("abi", Kind::Values, &[("x86_64", 0), ("i386", 1), ("arm64", 2), ("x32", 3), ("arm", 4)]),
    // include/uapi/asm-generic/fcntl.h
    set("open_flags", Kind::FlagsWithField(3), &[
        ("O_RDONLY", 0), ("O_WRONLY", 1), ("O_RDWR", 2), ("O_ACCMODE", 3), ("O_CREAT", 0o100), ("O_EXCL", 0o200),
        ("O_NOCTTY", 0o400), ("O_TRUNC", 0o1000), ("O_APPEND", 0o2000), ("O_NONBLOCK", 0o4000),
        ("O_SYNC", 0o4_010_000), ("O_DSYNC", 0o10000), ("O_ASYNC", 0o20000), ("O_DIRECT", 0o40000),
        ("O_LARGEFILE", 0o100_000), ("O_NOFOLLOW", 0o400_000), ("O_NOATIME", 0o1_000_000),
        ("O_CLOEXEC", 0o2_000_000), ("O_PATH", 0o10_000_000), ("O_TMPFILE", 0o20_200_000),
        ("O_DIRECTORY", 0o200_000),
    ]),
];
