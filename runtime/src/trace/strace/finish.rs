//! What a call that has ended has done to threads: whom it made, which program it started, which name it gave.

use super::argument::PR_SET_NAME;
use super::call::Call;
use crate::trace::event::{COMM_SIZE, Thread};
use crate::trace::memory::MemoryBuffer;

/// A call that has ended.
pub(super) struct Ended<'a> {
    /// Which it is.
    pub(super) call: Call,
    /// Its words.
    pub(super) words: [u64; 6],
    /// Its memory when it began.
    pub(super) before: &'a MemoryBuffer,
    /// What it returned.
    pub(super) result: Option<i64>,
}

impl Ended<'_> {
    /// The thread that it made, and the flags that `clone` would have for it.
    pub(super) fn made(&self) -> Option<(u32, u64)> {
        if !self.call.makes_thread() {
            return None;
        }
        let child = u32::try_from(self.result?)
            .ok()
            .filter(|child| *child > 0)?;
        let flags = match self.name() {
            "clone" => self.words[0],
            "clone3" => self
                .at(self.words[0])
                .first_chunk()
                .map_or(0, |flags| u64::from_le_bytes(*flags)),
            _ => 0,
        };
        Some((child, flags))
    }

    /// The program that runs now, and the name that its thread has from it.
    pub(super) fn replaced(&self) -> Option<(Vec<u8>, Option<[u8; COMM_SIZE]>)> {
        if self.result != Some(0) || !self.call.replaces_program() {
            return None;
        }
        let at = self.name() == "execveat";
        let file = until_nul(self.at(self.words[usize::from(at)])).to_vec();
        let last = file.rsplit(|byte| *byte == b'/').next().unwrap_or(&file);
        let comm = match last {
            // Of a program that was opened before, Linux names the thread after the file descriptor.
            b"" if at => Some(Thread::comm((self.words[0] as u32).to_string().as_bytes())),
            b"" => None,
            last => Some(Thread::comm(last)),
        };
        Some((file, comm))
    }

    /// The name that it gave to its thread.
    pub(super) fn renamed(&self) -> Option<[u8; COMM_SIZE]> {
        let names =
            self.name() == "prctl" && self.words[0] == PR_SET_NAME && self.result == Some(0);
        let name = until_nul(self.at(self.words[1]));
        names.then(|| Thread::comm(name))
    }

    fn name(&self) -> &'static str {
        self.call.syscall.map_or("", |syscall| syscall.name)
    }

    fn at(&self, address: u64) -> &[u8] {
        self.before.memory().at(address).unwrap_or_default()
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

/// The text of a call's arguments that a program's own output has been written behind, without that: on a terminal,
/// `write(1, "hello\n", 6hello`.
pub(super) fn without_output(text: &[u8]) -> &[u8] {
    let start = text
        .iter()
        .rposition(|byte| *byte == b',')
        .map_or(0, |at| at + 1);
    let spaces = text[start..]
        .iter()
        .take_while(|byte| **byte == b' ')
        .count();
    let last = &text[start + spaces..];
    let digits = last.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match digits {
        0 => text,
        digits => &text[..start + spaces + digits],
    }
}
