//! The header of a trace file, written and read.

use super::super::event::Origin;
use super::error::TraceProblem;
use super::format::{HEADER, MAGIC, MAX_ORIGIN, VERSION};
use super::input::Input;
use std::io;

/// Whether a file that begins so is a trace of ours, of whatever version. Eight bytes are enough.
pub fn is_trace(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(&MAGIC)
}

/// A header, and its checksum.
///
/// # Errors
/// If the origin is longer than one may be.
pub(super) fn encode(origin: &Origin) -> io::Result<(Vec<u8>, u32)> {
    let json = serde_json::to_vec(origin)?;
    if json.len() > MAX_ORIGIN {
        let problem = format!("a trace cannot begin with {} bytes of facts", json.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    let mut bytes = Vec::with_capacity(HEADER + json.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend((json.len() as u32).to_le_bytes());
    let crc = checksum(&bytes[8..16], &json);
    bytes.extend(crc.to_le_bytes());
    bytes.extend(json);
    Ok((bytes, crc))
}

/// The origin and the checksum from the beginning of a file.
///
/// # Errors
/// Whatever else the file is.
pub(super) fn read(input: &mut Input) -> Result<(Origin, u32), TraceProblem> {
    let is_whole = input.fill(HEADER)?;
    let bytes = input.bytes();
    let magic = &bytes[..bytes.len().min(MAGIC.len())];
    if magic.is_empty() {
        return Err(TraceProblem::Empty);
    }
    if !MAGIC.starts_with(magic) {
        return Err(TraceProblem::foreign(bytes));
    }
    let head: [u8; HEADER] = match bytes.first_chunk() {
        Some(head) if is_whole => *head,
        _ => return Err(TraceProblem::Cut),
    };
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let version = u16::from_le_bytes([head[8], head[9]]);
    if version != VERSION {
        return Err(TraceProblem::Version(version));
    }
    let length = word(12) as usize;
    if length > MAX_ORIGIN {
        return Err(TraceProblem::Damaged);
    }
    if !input.fill(HEADER + length)? {
        return Err(TraceProblem::Cut);
    }
    let json = &input.bytes()[HEADER..HEADER + length];
    let crc = word(16);
    if checksum(&head[8..16], json) != crc {
        return Err(TraceProblem::Damaged);
    }
    let origin = serde_json::from_slice(json).map_err(|_| TraceProblem::Damaged)?;
    input.consume(HEADER + length);
    Ok((origin, crc))
}

fn checksum(head: &[u8], json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(json);
    hasher.finalize()
}
