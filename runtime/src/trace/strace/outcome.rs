//! What stands behind `=`: the result, what strace says of it, and how long the call took.

use super::{scan, stamp, word};
use trapline_lang::syscall::errno;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome<'a> {
    /// What it returned, errors and restart codes negative; `None` if it did not return: `?`.
    pub(super) result: Option<i64>,
    /// Nanoseconds that it took.
    pub(super) duration: Option<u64>,
    /// In parentheses, behind the result: `(Timeout)`, `([{fd=4, revents=POLLOUT}])`.
    pub(super) detail: &'a [u8],
}

/// The highest error number (linux v6.12 include/linux/err.h).
const MAX_ERRNO: u64 = 4095;

/// Reads what stands behind the closing parenthesis of a call.
pub(super) fn parse(text: &[u8]) -> Option<Outcome<'_>> {
    let text = text.trim_ascii().strip_prefix(b"=")?.trim_ascii_start();
    let (text, duration) = match duration(text) {
        Some((text, duration)) => (text, Some(duration)),
        None => (text, None),
    };
    let (value, rest) = token(text);
    let (result, rest) = match value {
        b"?" => match restart(token(rest).0) {
            Some(code) => (Some(code), token(rest).1),
            // `= ? <unavailable>`
            None => (None, rest),
        },
        b"-1" => match error(rest) {
            Some((number, rest)) => (Some(-number), rest),
            // An error of which the number is not known is no result.
            None if rest.starts_with(b"E") => return None,
            None => (Some(-1), rest),
        },
        _ => {
            let number = word::literal(&scan::bare(value))?;
            (Some(number as i64), rest)
        }
    };
    let detail = match rest {
        [b'(', ..] => rest,
        _ => b"",
    };
    Some(Outcome {
        result,
        duration,
        detail,
    })
}

/// Without the duration at the end: ` <0.000012>`.
fn duration(text: &[u8]) -> Option<(&[u8], u64)> {
    let inner = text.strip_suffix(b">")?;
    let at = inner.iter().rposition(|byte| *byte == b'<')?;
    let duration = stamp::duration(&inner[at + 1..])?;
    let before = &text[..at];
    before
        .ends_with(b" ")
        .then(|| (before.trim_ascii_end(), duration))
}

/// What stands in front of a space, with its decoration, and what behind it.
fn token(text: &[u8]) -> (&[u8], &[u8]) {
    let end = scan::find(text, b" ").unwrap_or(text.len());
    (&text[..end], text[end..].trim_ascii_start())
}

/// `ENOENT (No such file or directory)`, `(errno 999)`
fn error(text: &[u8]) -> Option<(i64, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"(errno ") {
        let end = rest.iter().position(|byte| *byte == b')')?;
        let number = word::literal(&rest[..end]).filter(|number| *number <= MAX_ERRNO)?;
        return Some((number as i64, &rest[end + 1..]));
    }
    let (name, rest) = token(text);
    let number = errno::by_name(std::str::from_utf8(name).ok()?)?;
    Some((number.into(), rest))
}

/// The code that the kernel has for a call that begins again.
fn restart(name: &[u8]) -> Option<i64> {
    let number = errno::by_name(std::str::from_utf8(name).ok()?)?;
    Some(-i64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_they_are_printed() {
        for (text, result, duration, detail) in [
            (" = 3", Some(3), None, ""),
            (
                "        = 3</etc/passwd> <0.000012>",
                Some(3),
                Some(12_000),
                "",
            ),
            (" = 4<TCP:[1.2.3.4:5->6.7.8.9:10]>", Some(4), None, ""),
            (" = 0x7f0000001000", Some(0x7f00_0000_1000), None, ""),
            (" = 022", Some(0o22), None, ""),
            (
                " = -1 ENOENT (No such file or directory) <0.1>",
                Some(-2),
                Some(100_000_000),
                "(No such file or directory)",
            ),
            (" = -1 (errno 524)", Some(-524), None, ""),
            (
                " = -1 ENOSYS (Function not implemented) (INJECTED)",
                Some(-38),
                None,
                "(Function not implemented) (INJECTED)",
            ),
            (
                " = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
                Some(-512),
                None,
                "(To be restarted if SA_RESTART is set)",
            ),
            (" = ?", None, None, ""),
            (" = ? <unavailable>", None, None, ""),
            (" = 0 (Timeout)", Some(0), None, "(Timeout)"),
            (
                " = 0x8002 (flags O_RDWR|O_LARGEFILE)",
                Some(0x8002),
                None,
                "(flags O_RDWR|O_LARGEFILE)",
            ),
            (" = 18072<sh>", Some(18072), None, ""),
            (
                " = 1 ([{fd=4, revents=POLLOUT}]) <0.5>",
                Some(1),
                Some(500_000_000),
                "([{fd=4, revents=POLLOUT}])",
            ),
        ] {
            let outcome = Outcome {
                result,
                duration,
                detail: detail.as_bytes(),
            };
            assert_eq!(parse(text.as_bytes()), Some(outcome), "{text}");
        }
        for text in ["", "3", " = ", " = x y", "= {}", "= -1 EWHAT (What)"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
