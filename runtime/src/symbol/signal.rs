//! What signals mean: glibc 2.36 `strsignal` in the C locale.

/// Texts of 1 to 31.
#[rustfmt::skip]
static TEXTS: [&str; 31] = [
    "Hangup", "Interrupt", "Quit", "Illegal instruction", "Trace/breakpoint trap", "Aborted", "Bus error",
    "Floating point exception", "Killed", "User defined signal 1", "Segmentation fault",
    "User defined signal 2", "Broken pipe", "Alarm clock", "Terminated", "Stack fault", "Child exited",
    "Continued", "Stopped (signal)", "Stopped", "Stopped (tty input)", "Stopped (tty output)",
    "Urgent I/O condition", "CPU time limit exceeded", "File size limit exceeded",
    "Virtual timer expired", "Profiling timer expired", "Window changed", "I/O possible",
    "Power failure", "Bad system call",
];

/// What a signal number means.
pub(crate) fn text(number: i64) -> String {
    match number {
        1..=31 => TEXTS[number as usize - 1].to_owned(),
        34..=64 => format!("Real-time signal {}", number - 34),
        0 | 32 | 33 => format!("Unknown signal {number}"),
        _ => "N/A".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_table_have_a_text_too() {
        for (number, expected) in [
            (2, "Interrupt"),
            (31, "Bad system call"),
            (0, "Unknown signal 0"),
            (34, "Real-time signal 0"),
            (1024, "N/A"),
            (-1, "N/A"),
        ] {
            assert_eq!(text(number), expected);
        }
    }
}
