//! What is known only when a script runs: values for the words of `.rodata` that the manifest names.

use super::sys;
use std::os::linux::fs::MetadataExt;
use std::{fs, process};
use trapline_codegen::object::{ConstantKind, LoadConstant};

/// Values of load-time constants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    /// Process id of the `-c` command, 0 if none.
    pub(crate) child_pid: u32,
    /// CPUs that there can be.
    pub(crate) cpu_count: u32,
    /// Nanoseconds, `CLOCK_MONOTONIC`.
    pub(crate) start_time: u64,
}

impl Constants {
    fn value(&self, kind: ConstantKind) -> u64 {
        match kind {
            ConstantKind::ChildPid => self.child_pid.into(),
            ConstantKind::OwnPid => process::id().into(),
            ConstantKind::StartTime => self.start_time,
            ConstantKind::CpuCount => self.cpu_count.into(),
            ConstantKind::TaiOffset => sys::boot_to_tai(),
            ConstantKind::PidNamespaceDevice => pid_namespace().map_or(0, |(device, _)| device),
            ConstantKind::PidNamespaceInode => pid_namespace().map_or(0, |(_, inode)| inode),
        }
    }

    /// Writes the values into a copy of `.rodata`.
    pub(crate) fn fill(&self, rodata: &mut [u8], constants: &[LoadConstant]) -> Result<(), String> {
        for constant in constants {
            let start = constant.offset as usize;
            let word = rodata
                .get_mut(start..start + 8)
                .ok_or_else(|| format!("constant {:?} lies outside .rodata", constant.kind))?;
            word.copy_from_slice(&self.value(constant.kind).to_ne_bytes());
        }
        Ok(())
    }
}

/// Device (as the kernel encodes it) and inode of our pid namespace; `None` for the initial one.
fn pid_namespace() -> Option<(u64, u64)> {
    /// linux v6.12 include/linux/proc_ns.h, `PROC_PID_INIT_INO`
    const INITIAL: u64 = 0xEFFF_FFFC;
    let namespace = fs::metadata("/proc/self/ns/pid").ok()?;
    let (device, inode) = (namespace.st_dev(), namespace.st_ino());
    // User space and kernel pack major and minor numbers differently.
    let device = u64::from(libc::major(device)) << 20 | u64::from(libc::minor(device));
    (inode != INITIAL).then_some((device, inode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_in_and_nothing_else() {
        let constants = Constants {
            child_pid: 7,
            cpu_count: 2,
            start_time: 99,
        };
        let mut rodata = [0xff; 24];
        let at = |kind, offset| LoadConstant { kind, offset };
        let words = [
            at(ConstantKind::ChildPid, 0),
            at(ConstantKind::StartTime, 16),
        ];
        constants
            .fill(&mut rodata, &words)
            .expect("both lie inside");
        assert_eq!(rodata[..8], 7u64.to_ne_bytes());
        assert_eq!(rodata[8..16], [0xff; 8]);
        assert_eq!(rodata[16..], 99u64.to_ne_bytes());
        assert!(
            constants
                .fill(&mut rodata, &[at(ConstantKind::OwnPid, 20)])
                .is_err()
        );
    }
}
