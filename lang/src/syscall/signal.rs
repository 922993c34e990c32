//! Signals: names and numbers.
//!
//! linux v6.12 include/uapi/asm-generic/signal.h; all ABIs here share the numbers. Real-time signals are named as
//! glibc counts them, from 34: it keeps the kernel's first two to itself.

/// The name of a number: `SIGHUP`, `SIGRTMIN+3`.
pub fn name(number: u32) -> Option<&'static str> {
    NAMES
        .get(usize::try_from(number).ok()?.checked_sub(1)?)
        .copied()
}

/// The number of a name, second names (`SIGIOT`, `SIGRTMAX`) included.
pub fn by_name(name: &str) -> Option<u32> {
    let first = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |&(_, first)| first);
    (1..)
        .zip(NAMES)
        .find(|&(_, other)| other == first)
        .map(|(number, _)| number)
}

static ALIASES: [(&str, &str); 4] = [
    ("SIGCLD", "SIGCHLD"),
    ("SIGIOT", "SIGABRT"),
    ("SIGPOLL", "SIGIO"),
    ("SIGRTMAX", "SIGRTMIN+30"),
];

/// The names of 1 to 64.
#[rustfmt::skip]
static NAMES: [&str; 64] = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
    "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
    "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
    "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS", "SIGCANCEL",
    "SIGSETXID", "SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+2", "SIGRTMIN+3", "SIGRTMIN+4", "SIGRTMIN+5", "SIGRTMIN+6",
    "SIGRTMIN+7", "SIGRTMIN+8", "SIGRTMIN+9", "SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12", "SIGRTMIN+13", "SIGRTMIN+14",
    "SIGRTMIN+15", "SIGRTMIN+16", "SIGRTMIN+17", "SIGRTMIN+18", "SIGRTMIN+19", "SIGRTMIN+20", "SIGRTMIN+21", "SIGRTMIN+22",
    "SIGRTMIN+23", "SIGRTMIN+24", "SIGRTMIN+25", "SIGRTMIN+26", "SIGRTMIN+27", "SIGRTMIN+28", "SIGRTMIN+29", "SIGRTMIN+30",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_number() {
        assert_eq!(name(1), Some("SIGHUP"));
        assert_eq!(name(9), Some("SIGKILL"));
        assert_eq!(name(31), Some("SIGSYS"));
        assert_eq!(name(34), Some("SIGRTMIN"));
        assert_eq!(name(37), Some("SIGRTMIN+3"));
        assert_eq!(name(64), Some("SIGRTMIN+30"));
        assert_eq!([name(0), name(65), name(u32::MAX)], [None; 3]);
    }

    #[test]
    fn numbers_by_name() {
        assert_eq!(by_name("SIGTERM"), Some(15));
        assert_eq!(by_name("SIGIOT"), Some(6));
        assert_eq!(by_name("SIGRTMAX"), Some(64));
        assert_eq!(by_name("TERM"), None);
    }
}
