//! What strace says in parentheses behind the result of calls that wait for file descriptors: what has happened to them,
//! and what is left of the time.

use super::call::Call;
use super::material::{Material, Moment};
use super::notes::Notes;
use super::structure::{self, Filler};
use super::{scan, word};

/// Puts what the text behind a result says into the memory that is there at the end.
pub(super) fn read(
    call: &Call,
    text: &[u8],
    words: &[u64; 6],
    material: &mut Material,
    notes: &mut Notes,
) {
    let name = call.syscall.map_or("", |syscall| syscall.name);
    if let Some(found) = DETAILS.iter().find(|row| row.0 == name) {
        let inner = scan::between(text, b'(', b')').unwrap_or(b"");
        let mut filler = Filler {
            abi: call.abi,
            material,
            notes,
            moment: Moment::After,
            buffers: Moment::After,
        };
        (found.1)(inner, words, &mut filler);
    }
}

/// What stands in parentheses behind the result.
type Detail = fn(&[u8], &[u64; 6], &mut Filler<'_>);

static DETAILS: &[(&str, Detail)] = &[
    ("poll", |text, words, filler| poll(text, words, filler)),
    ("ppoll", |text, words, filler| poll(text, words, filler)),
    ("select", |text, words, filler| {
        select(text, words, "timeval", filler)
    }),
    ("pselect6", |text, words, filler| {
        select(text, words, "timespec", filler)
    }),
];

/// Whether what a call has changed stands behind its result.
pub(super) fn changes(name: &str) -> bool {
    DETAILS.iter().any(|row| row.0 == name)
}

/// Bytes of `struct pollfd`, and where its last member lies.
const POLLFD: usize = 8;
const REVENTS: u64 = 6;

/// `[{fd=4, revents=POLLOUT}], left {tv_sec=0, tv_nsec=999369}`: of which descriptors something has happened, in the order
/// in which they were given.
fn poll(text: &[u8], words: &[u64; 6], filler: &mut Filler<'_>) {
    let (address, count) = (words[0], words[1]);
    for left in scan::split(text, b",").filter_map(|part| part.strip_prefix(b"left ")) {
        filler.place_again(words[2], "timespec", left);
    }
    let given = filler
        .material
        .before
        .memory()
        .at(address)
        .map(<[u8]>::to_vec);
    let Some(mut fds) = given else {
        return;
    };
    // An array that was not shown whole cannot be told of.
    if (fds.len() / POLLFD) as u64 != count {
        return;
    }
    let happened = scan::split(text, b",").next().unwrap_or(b"");
    let Some(entries) = scan::between(happened, b'[', b']') else {
        // `Timeout`: nothing has.
        filler.material.after.push(address, Ok(&fds));
        return;
    };
    let mut next = 0;
    for entry in scan::split(entries, b",") {
        let inner = scan::between(entry, b'{', b'}').unwrap_or(b"");
        let member = |name: &[u8]| {
            let mut parts = scan::split(inner, b",").map(structure::label);
            let value = parts.find(|(label, _)| *label == Some(name))?.1;
            word::number(value, None, &mut |_| {})
        };
        let (Some(fd), Some(events)) = (member(b"fd"), member(b"revents")) else {
            return;
        };
        let fd = (fd as u32).to_le_bytes();
        let mut rest = fds.chunks_exact(POLLFD).skip(next);
        let Some(position) = rest.position(|given| given[..4] == fd) else {
            return;
        };
        next += position + 1;
        let at = (next - 1) * POLLFD + REVENTS as usize;
        fds[at..at + 2].copy_from_slice(&(events as u16).to_le_bytes());
    }
    filler.material.after.push(address, Ok(&fds));
}

/// `in [3], out [4], left {tv_sec=0, tv_usec=5}`: the sets that are not empty, and what is left of the time.
fn select(text: &[u8], words: &[u64; 6], time: &str, filler: &mut Filler<'_>) {
    let parts = || {
        scan::split(text, b",").filter_map(|part| {
            let at = part.iter().position(|byte| *byte == b' ')?;
            Some((&part[..at], part[at..].trim_ascii()))
        })
    };
    for (name, address) in [
        (&b"in"[..], words[1]),
        (b"out", words[2]),
        (b"except", words[3]),
    ] {
        if address != 0 {
            let set = parts().find(|(part, _)| *part == name);
            filler.place_again(address, "fd_set", set.map_or(b"[]", |(_, set)| set));
        }
    }
    if let Some((_, left)) = parts().find(|(part, _)| *part == b"left") {
        filler.place_again(words[4], time, left);
    }
}
