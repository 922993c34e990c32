//! What reading, writing, opening and locking files takes and gives.

use super::super::text;
use super::Reader;
use trapline_lang::syscall::set::Set;

/// An element of `writev`'s array. What it leads to is not captured.
pub(super) fn vector(r: &mut Reader<'_>) -> Option<String> {
    let (base, length) = (r.pointer(), r.word());
    Some(format!("{{iov_base={base}, iov_len={length}}}"))
}

/// Which structure a directory's entries have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// `struct linux_dirent`
    Dirent,
    /// `struct linux_dirent64`
    Dirent64,
}

/// How many entries there are; the address in front of it is the caller's.
pub(super) fn directory(r: &mut Reader<'_>, names: Names) -> String {
    let length_at = match names {
        Names::Dirent64 => 16,
        Names::Dirent => 2 * r.event.word_size(),
    };
    let (mut rest, mut entries) = (r.all(), 0u32);
    while let Some(length) = rest.get(length_at..).and_then(|rest| rest.first_chunk()) {
        let length = usize::from(u16::from_le_bytes(*length));
        if length <= length_at {
            break;
        }
        entries += 1;
        rest = rest.get(length..).unwrap_or_default();
    }
    let plural = if entries == 1 { "entry" } else { "entries" };
    format!("/* {entries} {plural} */")
}

/// linux v6.12 include/uapi/asm-generic/fcntl.h
static LOCKS: Set = text::values(
    "lock_type",
    &[("F_RDLCK", 0), ("F_WRLCK", 1), ("F_UNLCK", 2)],
);

static WHENCE: Set = text::values(
    "whence",
    &[
        ("SEEK_SET", 0),
        ("SEEK_CUR", 1),
        ("SEEK_END", 2),
        ("SEEK_DATA", 3),
        ("SEEK_HOLE", 4),
    ],
);

pub(super) fn lock(r: &mut Reader<'_>) -> Option<String> {
    let (kind, whence) = (r.u16(), r.u16());
    if r.is_wide() {
        r.skip(4);
    }
    let (start, length) = (r.long(), r.long());
    Some(lock_text(r, kind, whence, start, length))
}

pub(super) fn lock64(r: &mut Reader<'_>) -> Option<String> {
    let (kind, whence) = (r.u16(), r.u16());
    if r.is_wide() {
        r.skip(4);
    }
    let (start, length) = (r.i64(), r.i64());
    Some(lock_text(r, kind, whence, start, length))
}

/// The commands that tell whose lock is in the way: `F_GETLK`, `F_GETLK64`, `F_OFD_GETLK`.
const ASKING: [u64; 3] = [5, 12, 36];

fn lock_text(r: &mut Reader<'_>, kind: u16, whence: u16, start: i64, length: i64) -> String {
    let (kind, whence) = (LOCKS.format(kind.into()), WHENCE.format(whence.into()));
    let text = format!("{{l_type={kind}, l_whence={whence}, l_start={start}, l_len={length}");
    match ASKING.contains(&r.event.arguments[1]) {
        true => format!("{text}, l_pid={}}}", r.i32()),
        false => format!("{text}}}"),
    }
}

/// linux v6.12 include/uapi/linux/openat2.h
static RESOLVE: Set = text::flags(
    "resolve",
    &[
        ("RESOLVE_NO_XDEV", 1),
        ("RESOLVE_NO_MAGICLINKS", 2),
        ("RESOLVE_NO_SYMLINKS", 4),
        ("RESOLVE_BENEATH", 8),
        ("RESOLVE_IN_ROOT", 0x10),
        ("RESOLVE_CACHED", 0x20),
    ],
);

pub(super) fn open_how(r: &mut Reader<'_>) -> Option<String> {
    let (flags, mode, resolve) = (r.u64(), r.u64(), r.u64());
    let mut text = format!("{{flags={}", text::by_set("open_flags", flags as i64));
    if mode != 0 || super::super::rule::creates(flags) {
        text.push_str(&format!(", mode={}", text::by_set("mode", mode as i64)));
    }
    text.push_str(&format!(", resolve={}}}", RESOLVE.format(resolve as i64)));
    Some(text)
}
