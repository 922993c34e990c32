//! Calls whose arguments depend on one another: which of them count, and in which order they print.

use super::argument::Printer;
use super::{structure, text};

/// What prints in a call's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// An argument by its shape.
    Shape(u8),
    /// An argument by its shape, behind a name.
    Labelled(&'static str, u8),
    /// An argument as a number.
    Decimal(u8),
    /// The same in hexadecimal.
    Hex(u8),
    /// A signal.
    Signal(u8),
    /// A number by a set.
    Set(&'static str, u8),
}

use Part::{Decimal, Hex, Labelled, Set, Shape, Signal};

/// The parts of a call by its words; `None` if all arguments print by their shapes.
type Parts = fn(&Printer<'_>) -> Option<Vec<Part>>;

static RULES: &[(&str, Parts)] = &[
    ("open", |call| flags_then_mode(call, 1)),
    ("openat", |call| flags_then_mode(call, 2)),
    ("fcntl", fcntl),
    ("fcntl64", fcntl),
    ("futex", futex),
    ("futex_time64", futex),
    ("mremap", |call| {
        first_unless(
            call,
            4,
            call.raw(3) & (MREMAP_FIXED | MREMAP_DONTUNMAP) != 0,
        )
    }),
    ("preadv", |call| {
        first_unless(call, 4, call.event.word_size() == 4)
    }),
    ("pwritev", |call| {
        first_unless(call, 4, call.event.word_size() == 4)
    }),
    ("mknod", |call| {
        first_unless(call, 2, is_device(call.raw(1)))
    }),
    ("mknodat", |call| {
        first_unless(call, 3, is_device(call.raw(2)))
    }),
    ("prctl", prctl),
    ("ptrace", |call| {
        first_unless(call, 1, call.raw(0) != PTRACE_TRACEME)
    }),
    ("clone", clone),
    ("rt_sigreturn", |_| Some(Vec::new())),
    ("sigreturn", |_| Some(Vec::new())),
];

/// linux v6.12 include/uapi/asm-generic/fcntl.h
const O_CREAT: u64 = 0o100;
const O_TMPFILE_BIT: u64 = 0o20_000_000;
/// linux v6.12 include/uapi/linux/mman.h
const MREMAP_FIXED: u64 = 2;
const MREMAP_DONTUNMAP: u64 = 4;
const PTRACE_TRACEME: u64 = 0;

/// A mode of `mknod` that goes with a device: linux v6.12 include/uapi/linux/stat.h, S_IFCHR and S_IFBLK.
fn is_device(mode: u64) -> bool {
    matches!(mode & 0o170_000, 0o20_000 | 0o60_000)
}

/// The calls that have a rule print by it, the others all of their arguments.
pub(super) fn parts(call: &Printer<'_>) -> Vec<Part> {
    let name = call.syscall.name;
    let rule = RULES.iter().find(|rule| rule.0 == name);
    let parts = rule.and_then(|rule| rule.1(call));
    parts.unwrap_or_else(|| first(call.syscall.args.len()))
}

/// Flags of `open` that make a file, and so have a mode.
pub(super) fn creates(flags: u64) -> bool {
    flags & (O_CREAT | O_TMPFILE_BIT) != 0
}

/// The bytes of the call are no text.
pub(super) fn is_binary(name: &str) -> bool {
    name == "getrandom"
}

/// What the call changes prints behind its result.
pub(super) fn tells_changes_behind_the_result(name: &str) -> bool {
    super::result::WAITING.iter().any(|row| row.0 == name)
}

fn first(count: usize) -> Vec<Part> {
    (0..count as u8).map(Shape).collect()
}

/// Only the first arguments, unless there is reason for all.
fn first_unless(call: &Printer<'_>, count: usize, all: bool) -> Option<Vec<Part>> {
    (!all && call.syscall.args.len() > count).then(|| first(count))
}

/// The mode counts only if a file may be made.
fn flags_then_mode(call: &Printer<'_>, flags: usize) -> Option<Vec<Part>> {
    first_unless(call, flags + 1, creates(call.raw(flags)))
}

/// Commands of `fcntl` without an argument: `F_GETFD`, `F_GETFL`, `F_GETOWN`, `F_GETSIG`, `F_GETLEASE`,
/// `F_GETPIPE_SZ`, `F_GET_SEALS` (linux v6.12 include/uapi/linux/fcntl.h).
const FCNTL_ALONE: [u64; 7] = [1, 3, 9, 11, 1025, 1032, 1034];
/// Those with a number: `F_DUPFD`, `F_SETOWN`, `F_DUPFD_CLOEXEC`, `F_SETPIPE_SZ`.
const FCNTL_NUMBER: [u64; 4] = [0, 8, 1030, 1031];
const F_SETFD: u64 = 2;
const F_SETFL: u64 = 4;
const F_SETSIG: u64 = 10;

fn fcntl(call: &Printer<'_>) -> Option<Vec<Part>> {
    let command = call.raw(1);
    Some(match command {
        _ if FCNTL_ALONE.contains(&command) => first(2),
        _ if FCNTL_NUMBER.contains(&command) => vec![Shape(0), Shape(1), Decimal(2)],
        F_SETSIG => vec![Shape(0), Shape(1), Signal(2)],
        F_SETFD => vec![Shape(0), Shape(1), Set("fd_flags", 2)],
        F_SETFL => vec![Shape(0), Shape(1), Set("open_flags", 2)],
        _ => return None,
    })
}

/// linux v6.12 include/uapi/linux/futex.h
fn futex(call: &Printer<'_>) -> Option<Vec<Part>> {
    const PRIVATE_AND_CLOCK: u64 = 128 | 256;
    let (address, operation, value) = (Shape(0), Shape(1), Decimal(2));
    Some(match call.raw(1) & !PRIVATE_AND_CLOCK {
        0 => vec![address, operation, value, Shape(3)],
        1 | 2 => vec![address, operation, value],
        3 => vec![address, operation, value, Decimal(3), Shape(4)],
        4 | 12 => vec![address, operation, value, Decimal(3), Shape(4), Decimal(5)],
        5 => vec![address, operation, value, Decimal(3), Shape(4), Hex(5)],
        6 | 13 => vec![address, operation, Shape(3)],
        7 | 8 => vec![address, operation],
        9 => vec![address, operation, value, Shape(3), Hex(5)],
        10 => vec![address, operation, value, Hex(5)],
        11 => vec![address, operation, value, Shape(3), Shape(4)],
        _ => return None,
    })
}

/// Options of `prctl` (linux v6.12 include/uapi/linux/prctl.h): `PR_GET_DUMPABLE`, `PR_GET_KEEPCAPS`, `PR_GET_TIMING`,
/// `PR_GET_SECCOMP`, `PR_GET_TIMERSLACK`, `PR_MCE_KILL_GET`.
const PRCTL_ALONE: [u64; 6] = [3, 7, 13, 21, 30, 34];
/// Those with a number: `PR_SET_DUMPABLE`, `PR_SET_KEEPCAPS`, `PR_SET_TIMING`, `PR_CAPBSET_READ`, `PR_CAPBSET_DROP`,
/// `PR_SET_TIMERSLACK`, `PR_SET_CHILD_SUBREAPER`, `PR_SET_THP_DISABLE`.
const PRCTL_NUMBER: [u64; 8] = [4, 8, 14, 23, 24, 29, 36, 41];
const PR_SET_PDEATHSIG: u64 = 1;
const PR_GET_PDEATHSIG: u64 = 2;
const PR_SET_NAME: u64 = 15;
const PR_GET_NAME: u64 = 16;
const PR_SET_NO_NEW_PRIVS: u64 = 38;
const PR_GET_NO_NEW_PRIVS: u64 = 39;

fn prctl(call: &Printer<'_>) -> Option<Vec<Part>> {
    let option = call.raw(0);
    let numbers = |number: fn(u8) -> Part| {
        let rest = (1..call.syscall.args.len() as u8).map(number);
        [Shape(0)].into_iter().chain(rest).collect::<Vec<_>>()
    };
    Some(match option {
        PR_SET_PDEATHSIG => vec![Shape(0), Signal(1)],
        PR_GET_PDEATHSIG | PR_SET_NAME | PR_GET_NAME => first(2),
        PR_SET_NO_NEW_PRIVS | PR_GET_NO_NEW_PRIVS => numbers(Decimal),
        _ if PRCTL_ALONE.contains(&option) => first(1),
        _ if PRCTL_NUMBER.contains(&option) => vec![Shape(0), Decimal(1)],
        _ => numbers(Hex),
    })
}

/// linux v6.12 include/uapi/linux/sched.h
const CLONE_PIDFD: u64 = 0x1000;
const CLONE_SETTLS: u64 = 0x8_0000;
const CLONE_PARENT_SETTID: u64 = 0x10_0000;
const CLONE_CHILD_TID: u64 = 0x0120_0000;

fn clone(call: &Printer<'_>) -> Option<Vec<Part>> {
    let flags = call.raw(0);
    // The last two arguments change places between architectures.
    let place = |name: &str| {
        let names = call.syscall.args.iter().map(|argument| argument.name);
        names.zip(0u8..).find(|(known, _)| known.contains(name))
    };
    let (tls, child) = (place("tls")?.1, place("child_tid")?.1);
    let mut parts = vec![Labelled("child_stack", 1), Labelled("flags", 0)];
    for (bits, label, argument) in [
        (CLONE_PIDFD, "parent_tid", 2),
        (CLONE_PARENT_SETTID, "parent_tid", 2),
        (CLONE_SETTLS, "tls", tls),
        (CLONE_CHILD_TID, "child_tidptr", child),
    ] {
        let part = Labelled(label, argument);
        if flags & bits != 0 && !parts.contains(&part) {
            parts.push(part);
        }
    }
    Some(parts)
}

impl Part {
    /// Which argument it is.
    pub(super) fn argument(self) -> usize {
        let (Shape(argument)
        | Labelled(_, argument)
        | Decimal(argument)
        | Hex(argument)
        | Signal(argument)
        | Set(_, argument)) = self;
        argument.into()
    }

    /// What stands in front of it.
    pub(super) fn label(self) -> Option<&'static str> {
        match self {
            Labelled(label, _) => Some(label),
            _ => None,
        }
    }

    /// How it prints, without what stands in front of it.
    pub(super) fn print(self, call: &mut Printer<'_>) -> String {
        let raw = call.raw(self.argument());
        match self {
            Shape(argument) | Labelled(_, argument) => call.argument(argument.into()),
            Decimal(_) => raw.to_string(),
            Hex(_) => text::hex(raw),
            Signal(_) => structure::signal_name(raw as u32),
            Set(set, _) => text::by_set(set, raw as i64),
        }
    }
}
