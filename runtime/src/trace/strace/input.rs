//! The lines of a log, and what its beginning tells before any of them is read.

use super::line::{self, Body};
use super::stamp::{Clock, Stamp};
use super::{LINE_LIMIT, outcome, scan};
use std::collections::HashSet;
use std::io::{self, BufRead, Cursor, Read};
use trapline_lang::syscall::{self, Abi};

/// Bytes of a log that are looked at before it is read.
const HEAD: usize = 256 * 1024;

/// The lines of a log.
pub(super) struct Lines {
    source: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    /// How many lines were read.
    pub(super) number: u64,
    /// How many bytes they had.
    pub(super) bytes: u64,
}

/// A line of a log.
pub(super) enum Next<'a> {
    /// Without its end.
    Line(&'a [u8]),
    /// It has more than [`LINE_LIMIT`] bytes, and was skipped.
    TooLong,
}

impl Lines {
    /// The lines of a source, and its beginning.
    pub(super) fn new(mut source: impl BufRead + Send + 'static) -> io::Result<(Self, Vec<u8>)> {
        let mut head = Vec::new();
        (&mut source).take(HEAD as u64).read_to_end(&mut head)?;
        let lines = Self {
            source: Box::new(Cursor::new(head.clone()).chain(source)),
            line: Vec::new(),
            number: 0,
            bytes: 0,
        };
        Ok((lines, head))
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Next<'_>>> {
        self.line.clear();
        let mut source = (&mut self.source).take(LINE_LIMIT as u64 + 1);
        let length = source.read_until(b'\n', &mut self.line)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += length as u64;
        if length > LINE_LIMIT && self.line.last() != Some(&b'\n') {
            self.bytes += skip_line(&mut self.source)?;
            self.line.clear();
            return Ok(Some(Next::TooLong));
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some(Next::Line(line.strip_suffix(b"\r").unwrap_or(line))))
    }
}

/// Reads to the end of a line; how many bytes that were.
fn skip_line(source: &mut dyn BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let bytes = source.fill_buf()?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(bytes.len(), |end| end + 1);
        source.consume(length);
        skipped += length as u64;
        if end.is_some() || length == 0 {
            return Ok(skipped);
        }
    }
}

/// What the beginning of a log tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Guess {
    /// The first line has this time on the log's clock.
    pub(super) start: u64,
    /// How times are given; `None`: not at all.
    pub(super) stamp: Option<Stamp>,
    /// The machine is a 64-bit ARM.
    pub(super) is_arm: bool,
    /// The thread that lines without an id are of.
    pub(super) main: Option<u32>,
    /// The command that strace ran; its process has `first` for its id.
    pub(super) command: Option<Vec<u8>>,
    /// The thread of the first call, if its line names one.
    pub(super) first: Option<u32>,
}

/// Looks at the beginning of a log.
pub(super) fn guess(head: &[u8]) -> Guess {
    let mut guess = Guess::default();
    let mut children = HashSet::new();
    let (mut started, mut is_x86, mut calls) = (false, false, 0);
    for text in whole_lines(head) {
        let line = line::parse(text);
        if let Body::Attached { process } = line.body {
            children.insert(process);
        }
        let (Body::Call { name, rest } | Body::Resumed { name, rest }) = line.body else {
            continue;
        };
        children.extend(line::torn(rest).map(|(_, process)| process));
        if !started {
            let mut clock = Clock::default();
            clock.line(line.stamp);
            (guess.start, guess.stamp, started) = (clock.now(), line.stamp, true);
        }
        let arguments = scan::arguments(rest);
        let result = match arguments.ending {
            scan::Ending::Closed(text) => outcome::parse(text).and_then(|outcome| outcome.result),
            _ => None,
        };
        let result = result.and_then(|result| u32::try_from(result).ok());
        if name == b"execve" && calls == 0 && arguments.parts.len() == 3 {
            guess.command = Some(command(arguments.parts[1]));
        }
        calls += 1;
        match (line.thread, name, result) {
            (thread @ Some(_), ..) if calls == 1 => guess.first = thread,
            (None, b"set_tid_address" | b"gettid" | b"getpid", Some(own)) if own > 0 => {
                guess.main.get_or_insert(own);
            }
            _ => {}
        }
        if let (b"clone" | b"clone3" | b"fork" | b"vfork", Some(child)) = (name, result) {
            children.insert(child);
        }
        if let Some(thread) = line.thread
            && !children.contains(&thread)
        {
            // On a terminal the first process has no id until there is another.
            guess.main.get_or_insert(thread);
        }
        let numbers = std::str::from_utf8(name).ok().and_then(syscall::by_name);
        let known = |abi| numbers.is_some_and(|row| syscall::number(abi, row).is_some());
        is_x86 |= known(Abi::X86_64) && !known(Abi::Aarch64);
        guess.is_arm |=
            name == b"faccessat" && rest.starts_with(b"AT_FDCWD, \"/etc/ld.so.preload\"");
    }
    guess.is_arm &= !is_x86;
    guess
}

/// The strings of an array, as people write a command.
fn command(array: &[u8]) -> Vec<u8> {
    let strings = scan::split(scan::between(array, b'[', b']').unwrap_or(b""), b",");
    let words: Vec<_> = strings
        .filter_map(|text| Some(scan::string(text)?.0))
        .collect();
    words.join(&b' ')
}

/// The lines of a text, without a last one that does not end.
fn whole_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let whole = lines.filter_map(|line| line.strip_suffix(b"\n"));
    whole.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Lines that are looked at to tell a log from another file.
const LOOKED_AT: usize = 200;

/// Whether a text has a line that only strace writes: a call that is known, with a result or its end to come.
pub(super) fn looks_like_strace(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').take(LOOKED_AT);
    lines.any(|text| {
        let line = line::parse(text.strip_suffix(b"\r").unwrap_or(text));
        match line.body {
            Body::Call { name, rest } => {
                let name = std::str::from_utf8(name).unwrap_or("");
                let known = syscall::by_name(name).is_some() || name.starts_with("syscall_0x");
                known
                    && match scan::arguments(rest).ending {
                        scan::Ending::Closed(result) => outcome::parse(result).is_some(),
                        scan::Ending::Unfinished | scan::Ending::Detached => true,
                        scan::Ending::Cut => false,
                    }
            }
            Body::Resumed { rest, .. } => rest.windows(3).any(|text| text == b" = "),
            Body::End => true,
            _ => false,
        }
    })
}
