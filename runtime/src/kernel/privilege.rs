//! Which capabilities this process has, and which it would need: said before the kernel refuses.

use super::error::KernelError;
use super::sys::{Map, MapSpec, map_type};
use std::{fs, io};

/// A capability that tracing needs, or one that stands for it on kernels before 5.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// To load programs and create maps.
    Bpf,
    /// To attach programs and to read kernel memory.
    Perfmon,
    /// Stands for all of them.
    SysAdmin,
}

impl Capability {
    /// As in the manual.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bpf => "CAP_BPF",
            Self::Perfmon => "CAP_PERFMON",
            Self::SysAdmin => "CAP_SYS_ADMIN",
        }
    }

    /// linux v6.12 include/uapi/linux/capability.h
    fn bit(self) -> u32 {
        match self {
            Self::SysAdmin => 21,
            Self::Perfmon => 38,
            Self::Bpf => 39,
        }
    }

    fn is_in(self, set: u64) -> bool {
        set & (1 << self.bit()) != 0
    }
}

/// Capabilities that tracing needs and this process lacks; empty if nothing stands in the way, or if it
/// cannot be told.
pub fn missing() -> Vec<Capability> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    effective(&status).map(missing_in).unwrap_or_default()
}

/// Refuses to start what the kernel would refuse for want of capabilities.
///
/// # Errors
/// [`KernelError::Privilege`], with the names.
pub fn check() -> Result<(), KernelError> {
    let missing = missing();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(KernelError::Privilege { missing })
    }
}

/// Why this process may not use BPF, for people; `None` if it may.
pub fn refusal() -> Option<String> {
    let missing = missing();
    if !missing.is_empty() {
        let names: Vec<_> = missing.into_iter().map(Capability::name).collect();
        return Some(format!("BPF needs {}", names.join(" and ")));
    }
    let spec = MapSpec {
        name: "trial",
        map_type: map_type::ARRAY,
        key_size: 4,
        value_size: 8,
        max_entries: 1,
        flags: 0,
        btf: None,
    };
    match Map::create(&spec, 1) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Some(format!("the kernel refuses BPF ({error})"))
        }
        _ => None,
    }
}

fn missing_in(set: u64) -> Vec<Capability> {
    if Capability::SysAdmin.is_in(set) {
        return Vec::new();
    }
    [Capability::Bpf, Capability::Perfmon]
        .into_iter()
        .filter(|capability| !capability.is_in(set))
        .collect()
}

fn effective(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_from_proc() {
        let all = effective("Name:\tx\nCapEff:\t000001ffffffffff\n").expect("has the line");
        assert_eq!(missing_in(all), []);
        assert_eq!(missing_in(0), [Capability::Bpf, Capability::Perfmon]);
        assert_eq!(missing_in(1 << 39), [Capability::Perfmon]);
        assert_eq!(missing_in(1 << 21), [], "CAP_SYS_ADMIN stands for both");
        assert_eq!(effective("no such line"), None);
    }
}
