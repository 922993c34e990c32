//! Why a file cannot be read as a trace.

use super::format::VERSION;
use std::io;

/// A file cannot be read as a trace.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct TraceError {
    /// The file.
    pub name: String,
    /// Why. The message has it already, so it is no source.
    pub problem: TraceProblem,
}

/// Why a file cannot be read as a trace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceProblem {
    /// It could not be opened or read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It has no bytes.
    #[error("the file is empty: nothing was recorded to it")]
    Empty,
    /// Something else.
    #[error("this is no trace that `--record` made{}", looks_like(.0))]
    Foreign(&'static str),
    /// A trace that another version of the program made.
    #[error(
        "the trace has version {0} of the format, and this program reads version {VERSION} only"
    )]
    Version(u16),
    /// It ends before the first event could stand there.
    #[error("the trace is cut off within its header: no event is in it")]
    Cut,
    /// The header's checksum is wrong.
    #[error("the header of the trace is damaged")]
    Damaged,
}

fn looks_like(what: &str) -> String {
    match what {
        "" => String::new(),
        what => format!(" (it looks like {what})"),
    }
}

impl TraceProblem {
    /// What a file that begins so is, if it is no trace.
    pub(super) fn foreign(bytes: &[u8]) -> Self {
        let row = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic));
        if let Some((_, what)) = row {
            return Self::Foreign(what);
        }
        let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
        Self::Foreign(if bytes.iter().take(256).all(is_text) {
            "text"
        } else {
            ""
        })
    }
}

/// What people may take for a trace, by its first bytes.
const KNOWN: &[(&[u8], &str)] = &[
    (b"\x7fELF", "an ELF file"),
    (
        b"\x1f\x8b",
        "a file that gzip compressed: decompress it first",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "a file that zstd compressed: decompress it first",
    ),
    (
        b"\xfd7zXZ\0",
        "a file that xz compressed: decompress it first",
    ),
    (b"PERFILE2", "a recording of perf"),
    (b"\xc1\x1f\xfc\xc1", "a trace of LTTng"),
    (b"\xd4\xc3\xb2\xa1", "a capture of network packets"),
    (b"\x0a\x0d\x0d\x0a", "a capture of network packets"),
];
