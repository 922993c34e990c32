//! The filter that lets a thread stop at the calls that matter, and run at full speed through all others.
//!
//! A classic BPF program over `struct seccomp_data`: the architecture first, then a tree of comparisons over intervals of
//! numbers. Since 5.11 the kernel finds out by itself which numbers a filter always allows, and does not run it for them.

use super::arch;
use super::calls::{Calls, Role};

/// An instruction: `struct sock_filter`.
pub(super) type Insn = libc::sock_filter;

// linux v6.12 include/uapi/linux/bpf_common.h, include/uapi/linux/filter.h
const LOAD: u16 = 0x20;
const JUMP: u16 = 0x05;
const IF_EQUAL: u16 = 0x15;
const IF_AT_LEAST: u16 = 0x35;
const IF_SET: u16 = 0x45;
const RETURN: u16 = 0x06;

// linux v6.12 include/uapi/linux/seccomp.h: `struct seccomp_data`
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
/// The low half of the first argument: both processors that there are have little-endian words.
const FIRST_ARGUMENT: u32 = 16;

pub(super) const PR_SET_NAME: u32 = libc::PR_SET_NAME as u32;
pub(super) const PR_SET_SECCOMP: u32 = libc::PR_SET_SECCOMP as u32;
pub(super) const CLONE_UNTRACED: u32 = libc::CLONE_UNTRACED as u32;
pub(super) const CLONE_PARENT: u32 = libc::CLONE_PARENT as u32;

/// What is done with the numbers of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allow,
    Trace,
    /// Stops for some first arguments only.
    TracePrctl,
    TraceClone,
}

/// The whole filter.
pub(super) fn program(calls: &Calls) -> Vec<Insn> {
    let mut program = vec![insn(LOAD, ARCH)];
    for (arch, abis) in arch::ARCHES {
        let numbers = abis.iter().flat_map(|abi| calls.numbers(*abi));
        let mut numbers: Vec<_> = numbers
            .map(|(number, role)| (number, verdict(role)))
            .collect();
        numbers.sort_unstable_by_key(|(number, _)| *number);
        let tree = tree(&intervals(&numbers));
        program.push(jump(IF_EQUAL, *arch, 1, 0));
        program.push(insn(JUMP, tree.len() as u32 + 1));
        program.push(insn(LOAD, NUMBER));
        program.extend(tree);
    }
    program.push(insn(RETURN, libc::SECCOMP_RET_ALLOW));
    program
}

fn verdict(role: Role) -> Verdict {
    let always = Role::WANTED.or(Role::EXEC).or(Role::IDS).or(Role::SECCOMP);
    match role {
        role if role.has(always) => Verdict::Trace,
        role if role.has(Role::PRCTL) => Verdict::TracePrctl,
        role if role.has(Role::CLONE) => Verdict::TraceClone,
        _ => Verdict::Allow,
    }
}

/// Where each verdict begins, from 0 on; neighbours differ.
fn intervals(numbers: &[(u32, Verdict)]) -> Vec<(u32, Verdict)> {
    let mut intervals: Vec<(u32, Verdict)> = vec![(0, Verdict::Allow)];
    let mut begin = |at: u32, verdict| {
        match intervals.last_mut() {
            Some(last) if last.0 == at => last.1 = verdict,
            _ => intervals.push((at, verdict)),
        };
    };
    for (number, verdict) in numbers {
        begin(*number, *verdict);
        if let Some(next) = number.checked_add(1) {
            begin(next, Verdict::Allow);
        }
    }
    intervals.dedup_by_key(|(_, verdict)| *verdict);
    intervals
}

/// The comparisons over these intervals; every path through them returns.
fn tree(intervals: &[(u32, Verdict)]) -> Vec<Insn> {
    if let [(_, verdict)] = intervals {
        return leaf(*verdict);
    }
    let (below, above) = intervals.split_at(intervals.len() / 2);
    let (left, right) = (tree(below), tree(above));
    let mut code = match u8::try_from(left.len()) {
        Ok(over) => vec![jump(IF_AT_LEAST, above[0].0, over, 0)],
        // Conditional jumps do not reach further than 255.
        Err(_) => vec![
            jump(IF_AT_LEAST, above[0].0, 0, 1),
            insn(JUMP, left.len() as u32),
        ],
    };
    code.extend(left);
    code.extend(right);
    code
}

fn leaf(verdict: Verdict) -> Vec<Insn> {
    let allow = insn(RETURN, libc::SECCOMP_RET_ALLOW);
    let trace = insn(RETURN, libc::SECCOMP_RET_TRACE);
    let argument = insn(LOAD, FIRST_ARGUMENT);
    match verdict {
        Verdict::Allow => vec![allow],
        Verdict::Trace => vec![trace],
        Verdict::TracePrctl => vec![
            argument,
            jump(IF_EQUAL, PR_SET_NAME, 2, 0),
            jump(IF_EQUAL, PR_SET_SECCOMP, 1, 0),
            allow,
            trace,
        ],
        Verdict::TraceClone => vec![
            argument,
            jump(IF_SET, CLONE_UNTRACED | CLONE_PARENT, 1, 0),
            allow,
            trace,
        ],
    }
}

fn insn(code: u16, k: u32) -> Insn {
    jump(code, k, 0, 0)
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Insn {
    Insn { code, jt, jf, k }
}

#[cfg(test)]
#[cfg(target_arch = "x86_64")]
mod tests {
    use super::*;
    use crate::ptrace::calls::Wanted;
    use trapline_lang::syscall::{self, Abi, X32_BIT};

    /// What the program does with a call, as the kernel would run it.
    fn run(program: &[Insn], arch: u32, number: u32, argument: u32) -> u32 {
        let (mut at, mut value) = (0, 0);
        loop {
            let insn = program[at];
            at += 1;
            let choose = |yes: bool| usize::from(if yes { insn.jt } else { insn.jf });
            match insn.code {
                LOAD => {
                    value = match insn.k {
                        NUMBER => number,
                        ARCH => arch,
                        FIRST_ARGUMENT => argument,
                        other => panic!("load {other}"),
                    }
                }
                JUMP => at += insn.k as usize,
                IF_EQUAL => at += choose(value == insn.k),
                IF_AT_LEAST => at += choose(value >= insn.k),
                IF_SET => at += choose(value & insn.k != 0),
                RETURN => return insn.k,
                other => panic!("code {other}"),
            }
        }
    }

    const X86_64: u32 = 0xc000_003e;
    const I386: u32 = 0x4000_0003;

    fn stops(wanted: &Wanted) -> impl Fn(u32, u32, u32) -> bool + use<> {
        let program = program(&Calls::new(wanted));
        assert!(program.len() <= 4096, "{} instructions", program.len());
        move |arch, number, argument| {
            run(&program, arch, number, argument) == libc::SECCOMP_RET_TRACE
        }
    }

    #[test]
    fn wanted_calls_stop_and_others_do_not() {
        let wanted = [(Abi::X86_64, 0), (Abi::X86_64, 257), (Abi::I386, 20)];
        let stops = stops(&Wanted::Calls(wanted.to_vec()));
        for (arch, number, expected) in [
            (X86_64, 0, true),
            (X86_64, 1, false),
            (X86_64, 256, false),
            (X86_64, 257, true),
            (X86_64, 258, false),
            (X86_64, X32_BIT, false),
            (X86_64, 59, true),
            (X86_64, u32::MAX, false),
            (I386, 20, true),
            (I386, 0, false),
            (I386, 11, true),
            (0x1234, 0, false),
        ] {
            assert_eq!(stops(arch, number, 0), expected, "{arch:x} {number}");
        }
    }

    #[test]
    fn some_calls_stop_for_some_arguments() {
        let stops = stops(&Wanted::Calls(Vec::new()));
        assert!(stops(X86_64, 157, PR_SET_NAME));
        assert!(stops(X86_64, 157, PR_SET_SECCOMP));
        assert!(!stops(X86_64, 157, 16));
        assert!(stops(X86_64, 56, CLONE_UNTRACED | 17));
        assert!(stops(X86_64, 56, CLONE_PARENT | 17));
        assert!(!stops(X86_64, 56, 17));
        assert!(stops(I386, 172, PR_SET_NAME));
    }

    #[test]
    fn every_second_call_of_every_abi_fits() {
        let every_second = [Abi::X86_64, Abi::I386, Abi::X32]
            .into_iter()
            .flat_map(|abi| {
                let bit = if abi == Abi::X32 { X32_BIT } else { 0 };
                syscall::all(Abi::X86_64)
                    .map(move |(number, _)| (abi, number | bit))
                    .filter(|(_, number)| number % 2 == 0)
            });
        let wanted: Vec<_> = every_second.chain([(Abi::X86_64, u32::MAX)]).collect();
        let stops = stops(&Wanted::Calls(wanted.clone()));
        for (abi, number) in wanted {
            let arch = if abi == Abi::I386 { I386 } else { X86_64 };
            assert!(stops(arch, number, 0), "{abi:?} {number}");
            let next = number.wrapping_add(1);
            let learned = Calls::new(&Wanted::Calls(Vec::new())).role(abi, next as i32);
            if learned == Role::default() && next != 0 {
                assert!(!stops(arch, next, 0), "{abi:?} {next}");
            }
        }
    }
}
