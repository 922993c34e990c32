//! What differs between the machines that programs run on: linux v7.2.12 include/uapi/asm-generic/fcntl.h, and for
//! 32-bit and 64-bit ARM arch/arm64/include/uapi/asm/fcntl.h.

const ARM: bool = cfg!(target_arch = "aarch64");

pub(super) const O_DIRECTORY: i64 = if ARM { 0o40000 } else { 0o200_000 };
pub(super) const O_NOFOLLOW: i64 = if ARM { 0o100_000 } else { 0o400_000 };
pub(super) const O_DIRECT: i64 = if ARM { 0o200_000 } else { 0o40000 };
pub(super) const O_LARGEFILE: i64 = if ARM { 0o400_000 } else { 0o100_000 };
pub(super) const O_TMPFILE: i64 = 0o20_000_000 | O_DIRECTORY;
