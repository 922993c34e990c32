//! What reading, writing, opening and synchronizing takes and gives.

use super::super::text;
use super::Reader;
use trapline_lang::syscall::set::Set;

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[&SEMAPHORE_FLAGS, &RESOLVE];

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

pub(super) fn message_queue(r: &mut Reader<'_>) -> Option<String> {
    let flags = text::by_set("open_flags", r.long());
    let (most, size, now) = (r.long(), r.long(), r.long());
    Some(format!(
        "{{mq_flags={flags}, mq_maxmsg={most}, mq_msgsize={size}, mq_curmsgs={now}}}"
    ))
}

pub(super) fn semaphore(r: &mut Reader<'_>) -> Option<String> {
    let (number, operation, flags) = (r.u16(), r.u16() as i16, r.u16());
    let flags = SEMAPHORE_FLAGS.format(flags.into());
    Some(format!(
        "{{sem_num={number}, sem_op={operation}, sem_flg={flags}}}"
    ))
}

/// linux v6.12 include/uapi/linux/sem.h, include/uapi/linux/ipc.h
static SEMAPHORE_FLAGS: Set = text::flags(
    "semaphore_flags",
    &[("SEM_UNDO", 0x1000), ("IPC_NOWAIT", 0o4000)],
);

pub(super) fn futex(r: &mut Reader<'_>) -> Option<String> {
    let (value, address) = (text::hex(r.u64()), text::address(r.u64()));
    let flags = text::by_set("futex2_flags", r.u32().into());
    Some(format!("{{val={value}, uaddr={address}, flags={flags}}}"))
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
