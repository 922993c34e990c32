//! 64-bit x86, with the 32-bit calls and those of x32.

#![expect(
    unsafe_code,
    reason = "registers are read and written by requests that take addresses"
)]

use crate::ptrace::stop::{self, Stop};
use std::ffi::c_long;
use trapline_lang::syscall::{Abi, X32_BIT};

// linux v6.12 include/uapi/linux/audit.h
const AUDIT_X86_64: u32 = 0xc000_003e;
const AUDIT_I386: u32 = 0x4000_0003;

// linux v6.12 include/uapi/linux/ptrace.h; the place of registers: arch/x86/include/asm/user_64.h
const PEEKUSER: c_long = 3;
const POKEUSER: c_long = 6;
const AX: usize = 10 * 8;
const ORIG_AX: usize = 15 * 8;
const BX: usize = 5 * 8;
const DI: usize = 14 * 8;

/// The architectures as seccomp and ptrace name them, and the ABIs whose numbers they have.
pub(in crate::ptrace) const ARCHES: &[(u32, &[Abi])] = &[
    (AUDIT_X86_64, &[Abi::X86_64, Abi::X32]),
    (AUDIT_I386, &[Abi::I386]),
];

/// Whose number it is.
pub(in crate::ptrace) fn abi(arch: u32, number: i32) -> Option<Abi> {
    match arch {
        // -1 has every bit, and is no call of anybody.
        AUDIT_X86_64 if number > 0 && number as u32 & X32_BIT != 0 => Some(Abi::X32),
        AUDIT_X86_64 => Some(Abi::X86_64),
        AUDIT_I386 => Some(Abi::I386),
        _ => None,
    }
}

/// Arguments are 32 bits wide; what stands above them in the registers is no part of the call.
pub(in crate::ptrace) fn is_narrow(abi: Abi) -> bool {
    abi == Abi::I386
}

/// The number as the registers have it now; `None` if the thread is gone.
pub(in crate::ptrace) fn number(stop: &Stop) -> Option<i32> {
    register(stop, ORIG_AX).map(|value| value as i32)
}

/// What a call that has returned has left in the registers; `None` if the thread is gone.
pub(in crate::ptrace) fn result(stop: &Stop) -> Option<i64> {
    register(stop, AX).map(|value| value as i64)
}

fn register(stop: &Stop, place: usize) -> Option<libc::c_ulong> {
    let mut value: libc::c_ulong = 0;
    // SAFETY: the kernel writes one long.
    let read = unsafe { stop::request(PEEKUSER, stop.thread(), place, &raw mut value as usize) };
    read.ok().map(|_| value)
}

/// Changes the first argument of a call that begins; in vain if the thread is gone.
pub(in crate::ptrace) fn set_argument(stop: &Stop, abi: Abi, value: u64) {
    let register = if is_narrow(abi) { BX } else { DI };
    // SAFETY: the request takes numbers.
    let _ = unsafe { stop::request(POKEUSER, stop.thread(), register, value as usize) };
}

/// After the call, programs find their arguments in the registers as they left them.
pub(in crate::ptrace) fn restore_argument(stop: &Stop, abi: Abi, value: u64) {
    set_argument(stop, abi, value);
}
