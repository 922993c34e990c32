//! 64-bit ARM, with the 32-bit calls.

#![expect(
    unsafe_code,
    reason = "registers are read and written by requests that take addresses"
)]

use crate::ptrace::stop::{self, Stop};
use std::ffi::c_long;
use trapline_lang::syscall::Abi;

// linux v6.12 include/uapi/linux/audit.h
const AUDIT_AARCH64: u32 = 0xc000_00b7;
const AUDIT_ARM: u32 = 0x4000_0028;

// linux v6.12 include/uapi/linux/ptrace.h, include/uapi/linux/elf.h
const GETREGSET: c_long = 0x4204;
const SETREGSET: c_long = 0x4205;
const NT_PRSTATUS: usize = 1;
const NT_ARM_SYSTEM_CALL: usize = 0x404;

/// `struct user_pt_regs`: 31 registers, sp, pc, pstate. Of 32-bit programs less is written.
const REGISTERS: usize = 34;

/// The architectures as seccomp and ptrace name them, and the ABIs whose numbers they have.
pub(in crate::ptrace) const ARCHES: &[(u32, &[Abi])] =
    &[(AUDIT_AARCH64, &[Abi::Aarch64]), (AUDIT_ARM, &[Abi::Arm])];

/// Whose number it is.
pub(in crate::ptrace) fn abi(arch: u32, _number: i32) -> Option<Abi> {
    match arch {
        AUDIT_AARCH64 => Some(Abi::Aarch64),
        AUDIT_ARM => Some(Abi::Arm),
        _ => None,
    }
}

/// Arguments are 32 bits wide; what stands above them in the registers is no part of the call.
pub(in crate::ptrace) fn is_narrow(abi: Abi) -> bool {
    abi == Abi::Arm
}

/// The number as the kernel has it now; `None` if the thread is gone.
pub(in crate::ptrace) fn number(stop: &Stop) -> Option<i32> {
    let mut number: i32 = -1;
    let mut vector = libc::iovec {
        iov_base: (&raw mut number).cast(),
        iov_len: size_of::<i32>(),
    };
    // SAFETY: the kernel writes what the vector has room for.
    let read = unsafe {
        stop::request(
            GETREGSET,
            stop.thread(),
            NT_ARM_SYSTEM_CALL,
            &raw mut vector as usize,
        )
    };
    read.ok().map(|_| number)
}

/// What a call that has returned has left in the registers; `None` if the thread is gone.
pub(in crate::ptrace) fn result(stop: &Stop) -> Option<i64> {
    let mut registers = [0; REGISTERS];
    let size = get(stop, &mut registers)?;
    // Registers of 32-bit programs are half as wide.
    Some(match size < size_of_val(&registers) {
        true => i64::from(registers[0] as u32 as i32),
        false => registers[0] as i64,
    })
}

/// Changes the first argument of a call that begins; in vain if the thread is gone.
pub(in crate::ptrace) fn set_argument(stop: &Stop, abi: Abi, value: u64) {
    let mut registers = [0; REGISTERS];
    let Some(size) = get(stop, &mut registers) else {
        return;
    };
    registers[0] = match is_narrow(abi) {
        true => registers[0] & !0xffff_ffff | value & 0xffff_ffff,
        false => value,
    };
    let mut vector = libc::iovec {
        iov_base: registers.as_mut_ptr().cast(),
        iov_len: size,
    };
    // SAFETY: the kernel reads as much as it wrote before.
    let _ = unsafe {
        stop::request(
            SETREGSET,
            stop.thread(),
            NT_PRSTATUS,
            &raw mut vector as usize,
        )
    };
}

/// How many bytes of registers there are.
fn get(stop: &Stop, registers: &mut [u64; REGISTERS]) -> Option<usize> {
    let mut vector = libc::iovec {
        iov_base: registers.as_mut_ptr().cast(),
        iov_len: size_of_val(registers),
    };
    // SAFETY: the kernel writes what the vector has room for, and says how much that was.
    let read = unsafe {
        stop::request(
            GETREGSET,
            stop.thread(),
            NT_PRSTATUS,
            &raw mut vector as usize,
        )
    };
    read.ok().map(|_| vector.iov_len)
}

/// After the call, the register of the first argument holds the result.
pub(in crate::ptrace) fn restore_argument(_stop: &Stop, _abi: Abi, _value: u64) {}
