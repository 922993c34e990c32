//! What a native engine hands to programs on system calls.

/// The context of programs on system calls of native engines: [`Self::SIZE`] bytes, words of 64 bits at these offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallContext;

impl CallContext {
    /// The number as the kernel shows it at this moment, with its sign.
    pub const NUMBER: u32 = 8;
    /// Six arguments; at exit as they were at entry, where that was seen.
    pub const ARGUMENTS: u32 = 16;
    /// What the call returned; 0 at entry.
    pub const RESULT: u32 = 64;
    /// The call, as [`trapline_lang::syscall::encode`] has it; at exit as it was at entry, where that was seen.
    pub const CALL: u32 = 72;
    /// Nanoseconds since the entry; -1 at entry, and where that was not seen.
    pub const LATENCY: u32 = 80;
    /// Bytes.
    pub const SIZE: u32 = 88;
}
