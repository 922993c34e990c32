//! What differs between processors: which ABIs there are, where the number of a call stands.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
pub(super) use aarch64::{ARCHES, abi, is_narrow, number, restore_argument, result, set_argument};
#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::{ARCHES, abi, is_narrow, number, restore_argument, result, set_argument};
