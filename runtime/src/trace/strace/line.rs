//! One line of a log: who, when, and what kind of line it is.

use super::stamp::{self, Stamp};
use crate::trace::event::{COMM_SIZE, Thread};
use trapline_lang::syscall::Abi;

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The thread; `None` if the line names none.
    pub(super) thread: Option<u32>,
    /// Its name (`-Y`).
    pub(super) comm: Option<[u8; COMM_SIZE]>,
    /// When.
    pub(super) stamp: Option<Stamp>,
    /// What.
    pub(super) body: Body<'a>,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// A call begins. `rest` stands behind the opening parenthesis.
    Call { name: &'a [u8], rest: &'a [u8] },
    /// A call goes on: `<... read resumed>`.
    Resumed { name: &'a [u8], rest: &'a [u8] },
    /// The rest of the line before, which something else has torn: `) = 0`.
    Rest(&'a [u8]),
    /// `+++ exited with 0 +++`, `+++ killed by SIGKILL +++`
    End,
    /// Another thread of the process takes over its id with `execve`.
    Superseded { by: u32 },
    /// `[ Process PID=1 runs in 32 bit mode. ]`; `None`: in the machine's own.
    Mode { process: u32, abi: Option<Abi> },
    /// strace follows another process.
    Attached { process: u32 },
    /// Signals, and what strace tells of itself.
    Other,
    /// The beginning of strace's table of counts (`-c`).
    Summary,
    /// No line of strace.
    Unknown,
}

/// Reads a line, without the end of the line.
pub(super) fn parse(text: &[u8]) -> Line<'_> {
    let mut line = Line {
        thread: None,
        comm: None,
        stamp: None,
        body: Body::Unknown,
    };
    line.body = match text {
        // A stack (`-k`), a dump of a buffer (`-e read=…`).
        [b' ', b'>' | b'|' | b'*', b' ', ..] => Body::Other,
        [b'%', b' ', b't', b'i', b'm', b'e', ..] => Body::Summary,
        _ => message(text).unwrap_or_else(|| {
            let rest = line.thread_of(text);
            let rest = groups(line.stamp_of(rest));
            message(rest).unwrap_or_else(|| body(rest))
        }),
    };
    line
}

impl Line<'_> {
    /// Reads whom the line is of.
    fn thread_of<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        if let Some(rest) = text.strip_prefix(b"[pid ") {
            let found = name(rest.trim_ascii_start());
            return match found {
                Some((thread, comm, [b']', rest @ ..])) => {
                    (self.thread, self.comm) = (Some(thread), comm);
                    rest.trim_ascii_start()
                }
                _ => text,
            };
        }
        match name(text) {
            // More is a time in seconds.
            Some((thread, comm, rest @ [b' ', ..])) if thread < FIRST_TIME => {
                (self.thread, self.comm) = (Some(thread), comm);
                rest.trim_ascii_start()
            }
            _ => text.trim_ascii_start(),
        }
    }

    /// Reads when the line is from.
    fn stamp_of<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let Some((stamp, rest)) = stamp::parse(text) else {
            return text;
        };
        self.stamp = Some(stamp);
        // `-r` with another stamp: `(+     0.000123) `.
        match rest.strip_prefix(b"(+") {
            Some(more) => behind(more, b") ").unwrap_or(rest),
            None => rest,
        }
    }
}

/// `PID_MAX_LIMIT` of linux v6.12 include/linux/threads.h is far below.
const FIRST_TIME: u32 = 100_000_000;

/// A thread's name.
type Comm = [u8; COMM_SIZE];

/// An id, and the name in angle brackets behind it.
fn name(text: &[u8]) -> Option<(u32, Option<Comm>, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let thread = std::str::from_utf8(digits).ok()?.parse().ok()?;
    if rest.first() != Some(&b'<') {
        return Some((thread, None, rest));
    }
    let (decoration, rest) = rest.split_at(super::scan::decoration_length(rest));
    let comm = super::scan::between(decoration, b'<', b'>')?;
    Some((thread, Some(Thread::comm(comm)), rest))
}

/// Without the number of the call (`-n`), the instruction pointer (`-i`) and the security context in front of it.
fn groups(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(group) = rest.strip_prefix(b"[") {
        let Some(end) = group.iter().position(|byte| *byte == b']') else {
            break;
        };
        let content = group[..end].trim_ascii();
        let is_group = |byte: &u8| !byte.is_ascii_whitespace() && !b"={(\"".contains(byte);
        let Some(behind) = group[end + 1..].strip_prefix(b" ") else {
            break;
        };
        if !content.iter().all(is_group) {
            break;
        }
        rest = behind.trim_ascii_start();
    }
    rest
}

fn body(text: &[u8]) -> Body<'_> {
    if let Some(rest) = text.strip_prefix(b"+++ ") {
        return end(rest);
    }
    if text.starts_with(b"--- ") {
        return Body::Other;
    }
    if let Some(rest) = text.strip_prefix(b"<... ") {
        return resumed(rest).unwrap_or(Body::Unknown);
    }
    if text.starts_with(b"<unfinished ...>") {
        return Body::Rest(text);
    }
    if let Some(rest) = text.strip_prefix(b")") {
        return match rest.trim_ascii_start().starts_with(b"= ") {
            true => Body::Rest(text),
            false => Body::Unknown,
        };
    }
    let end = text.iter().position(|byte| *byte == b'(');
    let Some((name, rest)) = end.map(|end| (&text[..end], &text[end + 1..])) else {
        return Body::Unknown;
    };
    match is_name(name) {
        true => Body::Call { name, rest },
        false => Body::Unknown,
    }
}

/// A name of a call; where strace does not know which it is, question marks.
fn is_name(text: &[u8]) -> bool {
    let letters = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    let known = text.iter().all(letters) && !text.first().is_none_or(u8::is_ascii_digit);
    let unknown = text.iter().all(|byte| *byte == b'?');
    !text.is_empty() && (known || unknown)
}

/// Behind `<... `: `read resumed>`, with a space behind it in old versions.
fn resumed(text: &[u8]) -> Option<Body<'_>> {
    let (name, rest) = split(text, b" ")?;
    let rest = rest.strip_prefix(b"resumed>")?;
    is_name(name).then_some(Body::Resumed { name, rest })
}

/// Behind `+++ `.
fn end(text: &[u8]) -> Body<'_> {
    if let Some(rest) = text.strip_prefix(b"superseded by execve in pid ") {
        return match name(rest) {
            Some((by, ..)) => Body::Superseded { by },
            None => Body::Unknown,
        };
    }
    let ends = [&b"exited with "[..], b"killed by "];
    match ends.iter().any(|start| text.starts_with(start)) {
        true => Body::End,
        false => Body::Unknown,
    }
}

/// What strace tells of itself.
fn message(text: &[u8]) -> Option<Body<'_>> {
    let own = text.strip_prefix(b"strace: ");
    let text = own.unwrap_or(text);
    if let Some(rest) = text.strip_prefix(b"[ Process PID=") {
        let (process, _, rest) = name(rest)?;
        let modes = [
            (&b"32 bit"[..], Some(Abi::I386)),
            (b"x32", Some(Abi::X32)),
            (b"64 bit", None),
        ];
        let named = |mode: &[u8]| rest.windows(mode.len()).any(|text| text == mode);
        let abi = modes.iter().find(|(mode, _)| named(mode))?.1;
        return Some(Body::Mode { process, abi });
    }
    if let Some(rest) = text.strip_prefix(b"Process ") {
        let (process, _, rest) = name(rest)?;
        let told = [&b" attached"[..], b" detached", b" resumed", b" suspended"];
        return match told.iter().position(|told| rest.starts_with(told))? {
            0 => Some(Body::Attached { process }),
            _ => Some(Body::Other),
        };
    }
    own.map(|_| Body::Other)
}

/// A message of strace that tore a line: where it begins, and the process that it tells of.
pub(super) fn torn(text: &[u8]) -> Option<(usize, u32)> {
    const START: &[u8] = b"strace: Process ";
    let at = text.windows(START.len()).rposition(|text| text == START)?;
    match message(&text[at..])? {
        Body::Attached { process } => Some((at, process)),
        _ => None,
    }
}

fn split<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = text.windows(at.len()).position(|text| text == at)?;
    Some((&text[..found], &text[found + at.len()..]))
}

fn behind<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    split(text, end).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(rest: &str) -> Body<'_> {
        let rest = rest.as_bytes();
        Body::Call {
            name: b"close",
            rest,
        }
    }

    #[test]
    fn lines_begin_in_many_ways() {
        let epoch = Some(Stamp::Epoch(1_700_000_000_500_000_000));
        let day = Some(Stamp::Day(3_600_000_000_000));
        for (text, thread, stamp) in [
            ("close(3) = 0", None, None),
            ("12 close(3) = 0", Some(12), None),
            ("12    1700000000.5 close(3) = 0", Some(12), epoch),
            ("1700000000.500 close(3) = 0", None, epoch),
            ("[pid    12] 01:00:00 close(3) = 0", Some(12), day),
            ("[pid 12<cat>] close(3) = 0", Some(12), None),
            (
                "     0.001000 close(3) = 0",
                None,
                Some(Stamp::Relative(1_000_000)),
            ),
            (
                "12      0.001000 close(3) = 0",
                Some(12),
                Some(Stamp::Relative(1_000_000)),
            ),
            ("01:00:00 (+     0.000417) close(3) = 0", None, day),
            (
                "12 01:00:00 [   3] [00007fcb6c3abad7] close(3) = 0",
                Some(12),
                day,
            ),
            (
                "12 [unconfined_u:unconfined_r:t:s0-s0:c0.c1] close(3) = 0",
                Some(12),
                None,
            ),
        ] {
            let line = parse(text.as_bytes());
            assert_eq!((line.thread, line.stamp), (thread, stamp), "{text}");
            assert_eq!(line.body, call("3) = 0"), "{text}");
        }
        let line = parse(b"12<cat> 01:00:00 close(3) = 0");
        assert_eq!(line.comm, Some(Thread::comm(b"cat")));
    }

    #[test]
    fn lines_are_of_many_kinds() {
        let mode = |abi| Body::Mode { process: 5, abi };
        for (text, body) in [
            (
                "5 <... close resumed>) = 0",
                Body::Resumed {
                    name: b"close",
                    rest: b") = 0",
                },
            ),
            ("5 +++ exited with 1 +++", Body::End),
            ("+++ killed by SIGSEGV (core dumped) +++", Body::End),
            (
                "5 +++ superseded by execve in pid 7 +++",
                Body::Superseded { by: 7 },
            ),
            ("5 --- SIGCHLD {si_signo=SIGCHLD} ---", Body::Other),
            ("--- stopped by SIGTSTP ---", Body::Other),
            ("strace: Process 5 attached", Body::Attached { process: 5 }),
            ("Process 5 attached", Body::Attached { process: 5 }),
            ("strace: Process 5 detached", Body::Other),
            (
                "[ Process PID=5 runs in 32 bit mode. ]",
                mode(Some(Abi::I386)),
            ),
            (
                "strace: [ Process PID=5 runs in x32 mode. ]",
                mode(Some(Abi::X32)),
            ),
            ("5 [ Process PID=5 runs in 64 bit mode. ]", mode(None)),
            (" > /lib/libc.so.6(read+0x10) [0x1234]", Body::Other),
            (" | 00000  76 6d 0a   vm.              |", Body::Other),
            (
                "% time     seconds  usecs/call     calls    errors syscall",
                Body::Summary,
            ),
            (" <unfinished ...>", Body::Rest(b"<unfinished ...>")),
            (") = 6", Body::Rest(b") = 6")),
            ("hello, world", Body::Unknown),
            ("Hello(1) = 2", Body::Unknown),
            ("", Body::Unknown),
            ("5", Body::Unknown),
        ] {
            assert_eq!(parse(text.as_bytes()).body, body, "{text}");
        }
        assert_eq!(torn(b"8strace: Process 12 attached"), Some((1, 12)));
    }
}
