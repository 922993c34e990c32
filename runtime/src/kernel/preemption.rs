//! Whether raw tracepoint programs can be put aside halfway, found by running one that looks.
//!
//! The kernel skips a program on a CPU where it is already running. Where the scheduler may take the CPU away in the
//! middle of the program (seen on Linux 7.2), every event of other threads on that CPU is skipped until the first one
//! goes on. Perf tracepoints keep the scheduler out on every kernel.

use super::feature::{EXIT, RETURN_ZERO, helper, load, program};
use super::sys::{self, Map, MapSpec, map_type, prog_type};
use super::vmlinux::{self, Kind};
use std::io;
use std::os::fd::{AsFd, AsRawFd};

const LOOKUP: i32 = 1;
const THIS_CPU_PTR: i32 = 154;

/// The kernel counts what keeps the scheduler out, per CPU, in `__preempt_count` (x86; linux v6.15
/// arch/x86/include/asm/preempt.h). Kernels without this variable keep it out of all tracepoints.
///
/// # Errors
/// If the kernel refuses the program that looks, or does not run it; `NotFound` if it keeps no addresses of variables
/// (`CONFIG_KALLSYMS_ALL`).
pub(crate) fn in_raw_tracepoints() -> io::Result<bool> {
    let Some(variable) = vmlinux::kernel().and_then(|btf| btf.find(Kind::Var, "__preempt_count"))
    else {
        return Ok(false);
    };
    let seen = Map::create(
        &MapSpec {
            name: "preempt",
            map_type: map_type::ARRAY,
            key_size: 4,
            value_size: 4,
            max_entries: 1,
            flags: 0,
            btf: None,
        },
        1,
    )?;
    let code = look(variable, seen.as_fd().as_raw_fd());
    let looker =
        load(program(prog_type::RAW_TRACEPOINT, &code)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(
                io::ErrorKind::NotFound,
                "unknown, for this kernel has no addresses of its variables",
            ),
            _ => error,
        })?;
    let attached = sys::open_raw_tracepoint(looker.as_fd(), Some(c"sys_enter"))?;
    // The look-up is a system call too: if no other came before, it runs the program.
    let mut depth = [0; 4];
    seen.lookup(&[0; 4], &mut depth)?;
    drop(attached);
    match u32::from_le_bytes(depth) {
        0 => Err(io::Error::other("the kernel did not run the program")),
        depth => Ok(depth == 1),
    }
}

/// Stores one plus how many times preemption is off.
fn look(variable: u32, map: i32) -> Vec<u8> {
    let [a, b, c, d] = variable.to_le_bytes();
    let [e, f, g, h] = map.to_le_bytes();
    [
        // r1 = variable of the kernel (BPF_PSEUDO_BTF_ID)
        [0x18, 0x31, 0, 0, a, b, c, d],
        [0; 8],
        helper(THIS_CPU_PTR),
        // r6 = *(u32 *)r0
        [0x61, 0x06, 0, 0, 0, 0, 0, 0],
        // r6 &= PREEMPT_MASK
        [0x57, 0x06, 0, 0, 0xff, 0, 0, 0],
        // r6 += 1
        [0x07, 0x06, 0, 0, 1, 0, 0, 0],
        // *(u32 *)(r10 - 4) = 0
        [0x62, 0x0a, 0xfc, 0xff, 0, 0, 0, 0],
        // r2 = r10 - 4
        [0xbf, 0xa2, 0, 0, 0, 0, 0, 0],
        [0x07, 0x02, 0, 0, 0xfc, 0xff, 0xff, 0xff],
        // r1 = map
        [0x18, 0x11, 0, 0, e, f, g, h],
        [0; 8],
        helper(LOOKUP),
        // if r0 == 0 goto +1
        [0x15, 0x00, 1, 0, 0, 0, 0, 0],
        // *(u32 *)r0 = r6
        [0x63, 0x60, 0, 0, 0, 0, 0, 0],
        RETURN_ZERO,
        EXIT,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_the_program_that_looks() {
        if let Err(error) = in_raw_tracepoints() {
            assert_eq!(
                error.kind(),
                io::ErrorKind::NotFound,
                "these tests want root: {error}"
            );
        }
    }
}
