//! Numbers as strace prints them: decimal, octal and hexadecimal, names of constants and flags, and the macros that
//! numbers are written with (`makedev(0x1, 0x3)`, `1<<CAP_KILL`, `8192*1024`).

use super::scan;
use crate::decode::call;
use std::collections::HashMap;
use std::sync::LazyLock;
use trapline_lang::syscall::set::{self, Set};
use trapline_lang::syscall::{errno, signal};

/// What a text is as a number. A name that is in no table is given to `unknown`, and counts as 0. `None` if the text is no
/// number.
pub(super) fn number(text: &[u8], set: Option<&Set>, unknown: &mut dyn FnMut(&str)) -> Option<u64> {
    let bare = scan::bare(text);
    Reader { set, unknown }.sum(&bare, 0)
}

/// Brackets in brackets that are looked into.
const MOST_NESTED: u32 = 8;

struct Reader<'a> {
    set: Option<&'a Set>,
    unknown: &'a mut dyn FnMut(&str),
}

impl Reader<'_> {
    /// Terms joined by `|`.
    fn sum(&mut self, text: &[u8], depth: u32) -> Option<u64> {
        if text.is_empty() || depth > MOST_NESTED {
            return None;
        }
        let mut sum = 0;
        for term in scan::split(text, b"|") {
            sum |= self.term(term, depth)?;
        }
        Some(sum)
    }

    fn term(&mut self, text: &[u8], depth: u32) -> Option<u64> {
        if depth > MOST_NESTED {
            return None;
        }
        let deeper = depth + 1;
        // Some names are expressions themselves: `31<<MFD_HUGE_SHIFT`.
        let name = std::str::from_utf8(text).ok()?;
        let known = || self.set.and_then(|set| set.number(name));
        if let Some(number) = realtime_signal(name).or_else(known) {
            return Some(number as u64);
        }
        if let Some(at) = scan::find(text, b"<<") {
            let left = self.term(text[..at].trim_ascii(), deeper)?;
            let places = self.term(text[at + 2..].trim_ascii(), deeper)?;
            return Some(left.checked_shl(u32::try_from(places).ok()?).unwrap_or(0));
        }
        if let Some(at) = scan::find(text, b"*") {
            let left = self.term(text[..at].trim_ascii(), deeper)?;
            return Some(left.wrapping_mul(self.term(text[at + 1..].trim_ascii(), deeper)?));
        }
        if let Some(number) = literal(text) {
            return Some(number);
        }
        match text {
            [b'~', rest @ ..] => Some(!self.term(rest, deeper)?),
            [b'(', inner @ .., b')'] => self.sum(inner, deeper),
            [.., b')'] => self.macro_call(text, deeper),
            _ => self.name(name),
        }
    }

    /// `makedev(0x1, 0x3)` and what else is written like a call.
    fn macro_call(&mut self, text: &[u8], depth: u32) -> Option<u64> {
        let at = text.iter().position(|byte| *byte == b'(')?;
        let inner = scan::between(&text[at..], b'(', b')')?;
        let parts: Option<Vec<u64>> = scan::split(inner, b",")
            .map(|part| self.sum(part, depth))
            .collect();
        let (name, parts) = (&text[..at], parts?);
        let join = MACROS
            .iter()
            .find(|(known, count, _)| known.as_bytes() == name && *count == parts.len());
        join.map(|(_, _, join)| join(&parts))
    }

    /// A constant: of the set if that has it, else of any. Commands of `ioctl` may have several names.
    fn name(&mut self, text: &str) -> Option<u64> {
        if text == "NULL" {
            return Some(0);
        }
        let mut names = text.split(" or ");
        if !names.clone().all(is_name) {
            return None;
        }
        let first = names.clone().next().unwrap_or(text);
        let known = names.find_map(|name| {
            let known = self.set.and_then(|set| set.number(name));
            known
                .or_else(|| signal_number(name))
                .or_else(|| constant(name))
        });
        if known.is_none() {
            (self.unknown)(first);
        }
        Some(known.unwrap_or(0) as u64)
    }
}

type Join = fn(&[u64]) -> u64;

/// How they join their parts: linux v6.12 include/linux/kdev_t.h as libc's `makedev` has it, uapi/asm-generic/ioctl.h,
/// uapi/linux/quota.h, uapi/linux/ioprio.h.
static MACROS: &[(&str, usize, Join)] = &[
    ("makedev", 2, |parts| {
        let (major, minor) = (parts[0], parts[1]);
        (major & 0xfff) << 8
            | (major & 0xffff_f000) << 32
            | minor & 0xff
            | (minor & 0xffff_ff00) << 12
    }),
    ("_IOC", 4, |parts| {
        (parts[0] & 3) << 30 | (parts[3] & 0x3fff) << 16 | (parts[1] & 0xff) << 8 | parts[2] & 0xff
    }),
    ("QCMD", 2, |parts| {
        (parts[0] & 0xff_ffff) << 8 | parts[1] & 0xff
    }),
    ("IOPRIO_PRIO_VALUE", 2, |parts| {
        parts[0] << 13 | parts[1] & 0x1fff
    }),
    ("htons", 1, |parts| {
        u64::from((parts[0] as u16).swap_bytes())
    }),
    ("htonl", 1, |parts| {
        u64::from((parts[0] as u32).swap_bytes())
    }),
];

/// A number in digits.
pub(super) fn literal(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let number = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None if digits.len() > 1 && digits.starts_with('0') => {
            u64::from_str_radix(digits, 8).ok()?
        }
        None => digits.parse().ok()?,
    };
    Some(if negative {
        number.wrapping_neg()
    } else {
        number
    })
}

fn is_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'+';
    text.bytes().all(inside)
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// The number of a signal.
pub(super) fn signal_number(name: &str) -> Option<i64> {
    realtime_signal(name).or_else(|| signal::by_name(name).map(i64::from))
}

/// strace counts the real-time signals from the kernel's first: `SIGRTMIN` is 32, `SIGRT_1` is 33. The C library, and with
/// it the table of signals, begins two later.
fn realtime_signal(name: &str) -> Option<i64> {
    if name == "SIGRTMIN" {
        return Some(32);
    }
    let place: i64 = name.strip_prefix("SIGRT_")?.parse().ok()?;
    (0..=32).contains(&place).then_some(32 + place)
}

/// The number of a name that the set of its argument does not have.
fn constant(name: &str) -> Option<i64> {
    static ALL: LazyLock<HashMap<&str, i64>> = LazyLock::new(|| {
        let sets = set::constants().chain(call::structure_sets());
        let rows = sets.flat_map(|set| set.rows.iter().copied());
        // Of several numbers with one name the first one is meant.
        let mut all = HashMap::new();
        for (name, number) in rows.chain(OTHERS.iter().copied()) {
            all.entry(name).or_insert(number);
        }
        all
    });
    let known = ALL.get(name).copied();
    known.or_else(|| errno::by_name(name).map(i64::from))
}

/// Names that stand in no set, because they print by rules of their own: linux v6.12 include/uapi/linux/stat.h,
/// uapi/asm-generic/ioctl.h, uapi/linux/resource.h, uapi/linux/futex.h, uapi/asm-generic/signal-defs.h,
/// uapi/asm-generic/siginfo.h, uapi/linux/fs.h.
#[rustfmt::skip]
const OTHERS: &[(&str, i64)] = &[
    ("_IOC_NONE", 0), ("_IOC_WRITE", 1), ("_IOC_READ", 2),
    ("RLIM_INFINITY", -1), ("RLIM64_INFINITY", -1),
    ("SIG_DFL", 0), ("SIG_IGN", 1), ("SIG_ERR", -1),
    ("UTIME_NOW", (1 << 30) - 1), ("UTIME_OMIT", (1 << 30) - 2),
    ("FUTEX_OP_SET", 0), ("FUTEX_OP_ADD", 1), ("FUTEX_OP_OR", 2), ("FUTEX_OP_ANDN", 3), ("FUTEX_OP_XOR", 4),
    ("FUTEX_OP_OPARG_SHIFT", 8), ("FUTEX_OP_CMP_EQ", 0), ("FUTEX_OP_CMP_NE", 1), ("FUTEX_OP_CMP_LT", 2),
    ("FUTEX_OP_CMP_LE", 3), ("FUTEX_OP_CMP_GT", 4), ("FUTEX_OP_CMP_GE", 5),
    ("SUID_DUMP_DISABLE", 0), ("SUID_DUMP_USER", 1), ("SUID_DUMP_ROOT", 2),
    ("F_RDLCK", 0), ("F_WRLCK", 1), ("F_UNLCK", 2),
    ("FIOCLEX", 0x5451), ("FIONCLEX", 0x5450),
    ("SEGV_MAPERR", 1), ("SEGV_ACCERR", 2), ("SEGV_BNDERR", 3), ("SEGV_PKUERR", 4),
    ("BUS_ADRALN", 1), ("BUS_ADRERR", 2), ("BUS_OBJERR", 3), ("FPE_INTDIV", 1), ("FPE_INTOVF", 2),
    ("ILL_ILLOPC", 1), ("ILL_ILLOPN", 2), ("TRAP_BRKPT", 1), ("TRAP_TRACE", 2), ("SYS_SECCOMP", 1),
    ("SIGEV_SIGNAL", 0), ("SIGEV_NONE", 1), ("SIGEV_THREAD", 2), ("SIGEV_THREAD_ID", 4),
    ("AT_STATX_SYNC_AS_STAT", 0), ("AT_EMPTY_PATH", 0x1000),
    ("DT_UNKNOWN", 0), ("DT_FIFO", 1), ("DT_CHR", 2), ("DT_DIR", 4), ("DT_BLK", 6), ("DT_REG", 8),
    ("DT_LNK", 10), ("DT_SOCK", 12), ("DT_WHT", 14), ("STATX_ALL", 0xfff), ("TIME_OK", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, set: &str) -> (Option<u64>, Vec<String>) {
        let mut names = Vec::new();
        let mut unknown = |name: &str| names.push(name.to_owned());
        let number = number(text.as_bytes(), set::by_name(set), &mut unknown);
        (number, names)
    }

    #[test]
    fn numbers_are_read_as_they_are_printed() {
        for (text, set, number) in [
            ("0", "", 0),
            ("-1", "", -1i64),
            ("022", "mode", 0o22),
            ("0x5 /* CLOCK_??? */", "clock_id", 5),
            ("3</etc/passwd>", "fd", 3),
            ("AT_FDCWD</root>", "dirfd", -100),
            ("O_RDONLY|O_CLOEXEC", "open_flags", 0o2_000_000),
            ("S_IFREG|S_ISUID|0755", "mknod_mode", 0o104_755),
            (
                "CLONE_CHILD_SETTID|SIGCHLD",
                "clone_flags",
                0x0100_0000 | 17,
            ),
            ("8192*1024", "", 8192 * 1024),
            ("1<<CAP_KILL|1<<CAP_CHOWN", "", 0x21),
            ("makedev(0x1, 0x3)", "device", 0x103),
            (
                "_IOC(_IOC_READ|_IOC_WRITE, 0xfe, 0x1, 0x4)",
                "ioctl_cmd",
                0xc004_fe01,
            ),
            ("QCMD(Q_GETQUOTA, USRQUOTA)", "quotactl_cmd", 0x8000_0700),
            ("IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)", "ioprio", 0x4004),
            (
                "FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_GT<<24|0x1",
                "",
                0x0400_0001,
            ),
            ("SIGRT_3", "signal", 35),
            ("SIGINT", "signal", 2),
            ("SIGRTMIN", "signal", 32),
            ("NULL", "", 0),
            ("EPOLLIN|EPOLLET", "", 0x8000_0001),
            ("RLIM64_INFINITY", "", -1),
            ("SNDCTL_TMR_TIMEBASE or TCGETS", "ioctl_cmd", 0x5401),
        ] {
            let (found, unknown) = read(text, set);
            assert_eq!(found, Some(number as u64), "{text}");
            assert_eq!(unknown, [""; 0], "{text}");
        }
        assert_eq!(
            read("O_NEW|0x1", "open_flags"),
            (Some(1), vec!["O_NEW".to_owned()])
        );
        for text in [
            "",
            "{a=1}",
            "\"a\"",
            "[1]",
            "a b",
            "0x",
            "-",
            "1|",
            "((((((((((1))))))))))",
        ] {
            assert_eq!(read(text, "").0, None, "{text}");
        }
    }

    /// What every set prints of a number is read back as that number.
    #[test]
    fn what_sets_print_is_read_back() {
        use set::Kind;
        let own = |set: &&Set| !matches!(set.kind, Kind::Nanoseconds | Kind::Errno | Kind::Signal);
        for set in set::constants().filter(own) {
            let rows = set.rows.iter().map(|(_, value)| *value);
            for value in rows.chain([0, 1, 3, 0x40]) {
                let text = set.format(value);
                let (found, unknown) = read(&text, set.name);
                let found = found.map(|found| set.format(found as i64));
                assert_eq!(
                    found.as_deref(),
                    Some(text.as_str()),
                    "{} {value:#x}",
                    set.name
                );
                assert_eq!(unknown, [""; 0], "{} {value:#x} {text}", set.name);
            }
        }
    }
}
