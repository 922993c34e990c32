//! Look-ups in the generated tables.

use super::{Abi, Syscall};

/// The system call of a number.
pub fn by_number(abi: Abi, number: u32) -> Option<&'static Syscall> {
    let _ = (abi, number);
    None
}

/// The system call of a name as in the manual.
pub fn by_name(name: &str) -> Option<&'static Syscall> {
    let _ = name;
    None
}

/// The system call of an event's name without `sys_enter_` (`newstat`).
pub fn by_event(event: &str) -> Option<&'static Syscall> {
    let _ = event;
    None
}

/// The number of a system call, if the ABI has it.
pub fn number(abi: Abi, syscall: &Syscall) -> Option<u32> {
    let _ = (abi, syscall);
    None
}
