//! Which system calls matter, by number: those that were asked for, and those by which the tracer itself learns what
//! becomes of a thread.

use super::arch;
use std::collections::HashSet;
use trapline_lang::syscall::{self, Abi, X32_BIT};

/// The calls whose events are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All, of every ABI.
    All,
    /// These, by ABI and number as the kernel shows it (of x32 with its bit).
    Calls(Vec<(Abi, u32)>),
}

/// Why a call matters; several may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Role(u8);

impl Role {
    /// Its events are told.
    pub(super) const WANTED: Self = Self(1);
    /// It replaces the program.
    pub(super) const EXEC: Self = Self(2);
    /// `prctl`: it may rename the thread, or confine it.
    pub(super) const PRCTL: Self = Self(4);
    /// It may change user or group.
    pub(super) const IDS: Self = Self(8);
    /// It may install a filter.
    pub(super) const SECCOMP: Self = Self(16);
    /// It returns from a signal handler, to another call's number.
    pub(super) const SIGRETURN: Self = Self(32);
    /// `clone`: it may try to make a child that nobody traces, or one of its parent.
    pub(super) const CLONE: Self = Self(64);

    /// With [`Self::EXEC`]: `execveat`, whose program is the second argument.
    pub(super) const AT: Self = Self(128);

    /// One of these holds.
    pub(super) fn has(self, role: Self) -> bool {
        self.0 & role.0 != 0
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The calls by which the tracer learns things, by the names of the table.
#[rustfmt::skip]
const LEARNED_FROM: &[(&str, Role)] = &[
    ("execve", Role::EXEC),
    ("execveat", Role::EXEC.or(Role::AT)),
    ("prctl", Role::PRCTL),
    ("seccomp", Role::SECCOMP),
    ("rt_sigreturn", Role::SIGRETURN),
    ("sigreturn", Role::SIGRETURN),
    ("clone", Role::CLONE),
    ("setuid", Role::IDS),
    ("setgid", Role::IDS),
    ("setreuid", Role::IDS),
    ("setregid", Role::IDS),
    ("setresuid", Role::IDS),
    ("setresgid", Role::IDS),
    ("setuid32", Role::IDS),
    ("setgid32", Role::IDS),
    ("setreuid32", Role::IDS),
    ("setregid32", Role::IDS),
    ("setresuid32", Role::IDS),
    ("setresgid32", Role::IDS),
];

/// What x32 and 32-bit ARM number otherwise or have no table for: linux v6.12 arch/x86/entry/syscalls/syscall_64.tbl,
/// arch/arm64/tools/syscall_32.tbl.
#[rustfmt::skip]
const NUMBERED_APART: &[(Abi, u32, Role)] = &[
    (Abi::X32, X32_BIT | 520, Role::EXEC),
    (Abi::X32, X32_BIT | 545, Role::EXEC.or(Role::AT)),
    (Abi::X32, X32_BIT | 513, Role::SIGRETURN),
    (Abi::Arm, 11, Role::EXEC),
    (Abi::Arm, 387, Role::EXEC.or(Role::AT)),
    (Abi::Arm, 172, Role::PRCTL),
    (Abi::Arm, 383, Role::SECCOMP),
    (Abi::Arm, 119, Role::SIGRETURN),
    (Abi::Arm, 173, Role::SIGRETURN),
    (Abi::Arm, 120, Role::CLONE),
    (Abi::Arm, 203, Role::IDS),
    (Abi::Arm, 204, Role::IDS),
    (Abi::Arm, 206, Role::IDS),
    (Abi::Arm, 208, Role::IDS),
    (Abi::Arm, 210, Role::IDS),
    (Abi::Arm, 213, Role::IDS),
    (Abi::Arm, 214, Role::IDS),
];

/// Numbers above are looked up slowly; there are none but nonsense.
const TABLE: usize = 1024;

/// The roles of all calls.
#[derive(Debug)]
pub(super) struct Calls {
    all: bool,
    tables: [Vec<Role>; Abi::ALL.len()],
    /// Wanted, and in no table: -1, numbers of no call.
    beyond: HashSet<(Abi, u32)>,
}

impl Calls {
    pub(super) fn new(wanted: &Wanted) -> Self {
        let mut calls = Self {
            all: matches!(wanted, Wanted::All),
            tables: std::array::from_fn(|_| vec![Role::default(); TABLE]),
            beyond: HashSet::new(),
        };
        for abi in arch::ARCHES.iter().flat_map(|(_, abis)| *abis) {
            for (name, role) in LEARNED_FROM {
                let call = syscall::by_name(name);
                if let Some(number) = call.and_then(|call| syscall::number(*abi, call)) {
                    calls.add(*abi, number, *role);
                }
            }
        }
        for (abi, number, role) in NUMBERED_APART {
            calls.add(*abi, *number, *role);
        }
        if let Wanted::Calls(wanted) = wanted {
            for (abi, number) in wanted {
                calls.add(*abi, *number, Role::WANTED);
            }
        }
        calls
    }

    fn add(&mut self, abi: Abi, number: u32, role: Role) {
        match self.tables[abi as usize].get_mut(index(abi, number)) {
            Some(slot) => *slot = slot.or(role),
            None if role.has(Role::WANTED) => {
                self.beyond.insert((abi, number));
            }
            None => {}
        }
    }

    /// What a call is to the tracer.
    pub(super) fn role(&self, abi: Abi, number: i32) -> Role {
        let number = number as u32;
        let role = match self.tables[abi as usize].get(index(abi, number)) {
            Some(role) => *role,
            None if self.beyond.contains(&(abi, number)) => Role::WANTED,
            None => Role::default(),
        };
        match self.all {
            true => role.or(Role::WANTED),
            false => role,
        }
    }

    /// All numbers of an ABI that have a role, ascending.
    pub(super) fn numbers(&self, abi: Abi) -> Vec<(u32, Role)> {
        let bit = if abi == Abi::X32 { X32_BIT } else { 0 };
        let table = self.tables[abi as usize].iter().zip(0..);
        let mut numbers: Vec<_> = table
            .map(|(role, index)| (index | bit, *role))
            .filter(|(_, role)| *role != Role::default())
            .collect();
        let beyond = self.beyond.iter().filter(|(other, _)| *other == abi);
        numbers.extend(beyond.map(|(_, number)| (*number, Role::WANTED)));
        numbers.sort_unstable_by_key(|(number, _)| *number);
        numbers
    }
}

fn index(abi: Abi, number: u32) -> usize {
    match abi {
        // A number without the bit is none of its.
        Abi::X32 => number.checked_sub(X32_BIT).unwrap_or(u32::MAX) as usize,
        _ => number as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_table() {
        for (name, _) in LEARNED_FROM {
            assert!(syscall::by_name(name).is_some(), "{name}");
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn calls_have_roles_in_every_abi() {
        let minus_one = (Abi::X86_64, u32::MAX);
        let wanted = Wanted::Calls(vec![(Abi::I386, 11), (Abi::X32, X32_BIT), minus_one]);
        let calls = Calls::new(&wanted);
        assert!(calls.role(Abi::X86_64, 59).has(Role::EXEC));
        assert!(!calls.role(Abi::X86_64, 59).has(Role::WANTED));
        assert!(calls.role(Abi::I386, 11).has(Role::EXEC));
        assert!(calls.role(Abi::I386, 11).has(Role::WANTED));
        assert!(calls.role(Abi::X32, X32_BIT as i32).has(Role::WANTED));
        assert!(calls.role(Abi::X32, (X32_BIT | 520) as i32).has(Role::EXEC));
        assert_eq!(calls.role(Abi::X86_64, 0), Role::default());
        assert_eq!(calls.role(Abi::X86_64, -1), Role::WANTED);
        assert_eq!(calls.role(Abi::I386, -1), Role::default());
        assert_eq!(
            calls.numbers(Abi::X86_64).last(),
            Some(&(u32::MAX, Role::WANTED))
        );
        assert!(
            Calls::new(&Wanted::All)
                .role(Abi::I386, 5000)
                .has(Role::WANTED)
        );
    }
}
