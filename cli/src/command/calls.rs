//! The system calls of a machine, told by its own ABI, by name, and attach points for sets of them.

use std::collections::BTreeSet;
use trapline_lang::provider;
use trapline_lang::syscall::{self, Abi, Syscall};

/// The machine's own ABI, then the others that it serves.
pub(super) fn abis(own: Abi) -> impl Iterator<Item = Abi> {
    std::iter::once(own).chain(own.compat().iter().copied())
}

/// Every call that one of the ABIs has; some names come several times.
pub(super) fn all(own: Abi) -> impl Iterator<Item = &'static Syscall> {
    abis(own).flat_map(|abi| syscall::all(abi).map(|(_, call)| call))
}

/// Their names, each once.
pub(super) fn names(own: Abi) -> BTreeSet<&'static str> {
    all(own).map(|call| call.name).collect()
}

/// The attach points of a set of names and classes.
pub(super) fn attach_points(names: &[&str]) -> String {
    // In a list, `uprobe` would begin another provider's attach point.
    let (alone, listed): (Vec<&str>, Vec<&str>) = names
        .iter()
        .partition(|name| provider::by_name(name).is_some());
    let mut points = Vec::new();
    if !listed.is_empty() {
        points.push(format!("syscall:{}", listed.join(",")));
    }
    points.extend(alone.iter().map(|name| format!("syscall:{name}")));
    points.join(",\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_providers_stand_alone() {
        let points = attach_points(&["read", "uprobe", "write"]);
        assert_eq!(points, "syscall:read,write,\nsyscall:uprobe");
        assert_eq!(
            attach_points(&["%net", "uretprobe"]),
            "syscall:%net,\nsyscall:uretprobe"
        );
    }
}
