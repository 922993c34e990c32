//! Signals: numbers, names and texts.
//!
//! linux v7.2 include/uapi/asm-generic/signal.h; all ABIs here share the numbers. Real-time signals are named as
//! glibc counts them, from 34: it keeps the kernel's first two to itself. Texts: glibc 2.36 `strsignal` in the C locale.

/// The name of a number: `SIGHUP`, `SIGRTMIN+3`.
pub fn name(number: u32) -> Option<&'static str> {
    row(number).map(|&(name, _)| name)
}

/// What `strsignal` says of a number: `Hangup`, `Real-time signal 3`.
pub fn text(number: u32) -> Option<&'static str> {
    row(number).map(|&(_, text)| text)
}

/// The number of a name, second names (`SIGIOT`, `SIGRTMAX`) included.
pub fn by_name(name: &str) -> Option<u32> {
    let first = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |&(_, first)| first);
    (1..)
        .zip(&ROWS)
        .find(|(_, row)| row.0 == first)
        .map(|(number, _)| number)
}

type Row = (&'static str, &'static str);

fn row(number: u32) -> Option<&'static Row> {
    ROWS.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

static ALIASES: [(&str, &str); 4] = [
    ("SIGCLD", "SIGCHLD"),
    ("SIGIOT", "SIGABRT"),
    ("SIGPOLL", "SIGIO"),
    ("SIGRTMAX", "SIGRTMIN+30"),
];

/// Names and texts of 1 to 64.
static ROWS: [Row; 64] = [
    ("SIGHUP", "Hangup"),
    ("SIGINT", "Interrupt"),
    ("SIGQUIT", "Quit"),
    ("SIGILL", "Illegal instruction"),
    ("SIGTRAP", "Trace/breakpoint trap"),
    ("SIGABRT", "Aborted"),
    ("SIGBUS", "Bus error"),
    ("SIGFPE", "Floating point exception"),
    ("SIGKILL", "Killed"),
    ("SIGUSR1", "User defined signal 1"),
    ("SIGSEGV", "Segmentation fault"),
    ("SIGUSR2", "User defined signal 2"),
    ("SIGPIPE", "Broken pipe"),
    ("SIGALRM", "Alarm clock"),
    ("SIGTERM", "Terminated"),
    ("SIGSTKFLT", "Stack fault"),
    ("SIGCHLD", "Child exited"),
    ("SIGCONT", "Continued"),
    ("SIGSTOP", "Stopped (signal)"),
    ("SIGTSTP", "Stopped"),
    ("SIGTTIN", "Stopped (tty input)"),
    ("SIGTTOU", "Stopped (tty output)"),
    ("SIGURG", "Urgent I/O condition"),
    ("SIGXCPU", "CPU time limit exceeded"),
    ("SIGXFSZ", "File size limit exceeded"),
    ("SIGVTALRM", "Virtual timer expired"),
    ("SIGPROF", "Profiling timer expired"),
    ("SIGWINCH", "Window changed"),
    ("SIGIO", "I/O possible"),
    ("SIGPWR", "Power failure"),
    ("SIGSYS", "Bad system call"),
    ("SIGCANCEL", "Unknown signal 32"),
    ("SIGSETXID", "Unknown signal 33"),
    ("SIGRTMIN", "Real-time signal 0"),
    ("SIGRTMIN+1", "Real-time signal 1"),
    ("SIGRTMIN+2", "Real-time signal 2"),
    ("SIGRTMIN+3", "Real-time signal 3"),
    ("SIGRTMIN+4", "Real-time signal 4"),
    ("SIGRTMIN+5", "Real-time signal 5"),
    ("SIGRTMIN+6", "Real-time signal 6"),
    ("SIGRTMIN+7", "Real-time signal 7"),
    ("SIGRTMIN+8", "Real-time signal 8"),
    ("SIGRTMIN+9", "Real-time signal 9"),
    ("SIGRTMIN+10", "Real-time signal 10"),
    ("SIGRTMIN+11", "Real-time signal 11"),
    ("SIGRTMIN+12", "Real-time signal 12"),
    ("SIGRTMIN+13", "Real-time signal 13"),
    ("SIGRTMIN+14", "Real-time signal 14"),
    ("SIGRTMIN+15", "Real-time signal 15"),
    ("SIGRTMIN+16", "Real-time signal 16"),
    ("SIGRTMIN+17", "Real-time signal 17"),
    ("SIGRTMIN+18", "Real-time signal 18"),
    ("SIGRTMIN+19", "Real-time signal 19"),
    ("SIGRTMIN+20", "Real-time signal 20"),
    ("SIGRTMIN+21", "Real-time signal 21"),
    ("SIGRTMIN+22", "Real-time signal 22"),
    ("SIGRTMIN+23", "Real-time signal 23"),
    ("SIGRTMIN+24", "Real-time signal 24"),
    ("SIGRTMIN+25", "Real-time signal 25"),
    ("SIGRTMIN+26", "Real-time signal 26"),
    ("SIGRTMIN+27", "Real-time signal 27"),
    ("SIGRTMIN+28", "Real-time signal 28"),
    ("SIGRTMIN+29", "Real-time signal 29"),
    ("SIGRTMIN+30", "Real-time signal 30"),
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
    fn texts_by_number() {
        assert_eq!(text(2), Some("Interrupt"));
        assert_eq!(text(31), Some("Bad system call"));
        assert_eq!(text(33), Some("Unknown signal 33"));
        assert_eq!(text(34), Some("Real-time signal 0"));
        assert_eq!(text(64), Some("Real-time signal 30"));
        assert_eq!([text(0), text(65)], [None; 2]);
    }

    #[test]
    fn numbers_by_name() {
        assert_eq!(by_name("SIGTERM"), Some(15));
        assert_eq!(by_name("SIGIOT"), Some(6));
        assert_eq!(by_name("SIGRTMAX"), Some(64));
        assert_eq!(by_name("TERM"), None);
    }
}
