//! Waiting for file descriptors.

use super::super::text;
use super::Reader;
use trapline_lang::syscall::Abi;
use trapline_lang::syscall::set::Set;

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[&POLL, &EPOLL];

/// linux v6.12 include/uapi/asm-generic/poll.h
static POLL: Set = text::flags(
    "poll_events",
    &[
        ("POLLIN", 1),
        ("POLLPRI", 2),
        ("POLLOUT", 4),
        ("POLLRDNORM", 0x40),
        ("POLLRDBAND", 0x80),
        ("POLLWRNORM", 0x100),
        ("POLLWRBAND", 0x200),
        ("POLLERR", 8),
        ("POLLHUP", 0x10),
        ("POLLNVAL", 0x20),
        ("POLLMSG", 0x400),
        ("POLLREMOVE", 0x1000),
        ("POLLRDHUP", 0x2000),
    ],
);

/// linux v6.12 include/uapi/linux/eventpoll.h
static EPOLL: Set = text::flags(
    "epoll_events",
    &[
        ("EPOLLIN", 1),
        ("EPOLLPRI", 2),
        ("EPOLLOUT", 4),
        ("EPOLLRDNORM", 0x40),
        ("EPOLLRDBAND", 0x80),
        ("EPOLLWRNORM", 0x100),
        ("EPOLLWRBAND", 0x200),
        ("EPOLLMSG", 0x400),
        ("EPOLLERR", 8),
        ("EPOLLHUP", 0x10),
        ("EPOLLRDHUP", 0x2000),
        ("EPOLLEXCLUSIVE", 1 << 28),
        ("EPOLLWAKEUP", 1 << 29),
        ("EPOLLONESHOT", 1 << 30),
        ("EPOLLET", 1 << 31),
    ],
);

/// Names of the events of `poll`.
pub(in super::super) fn events(events: u16) -> String {
    POLL.format(events.into())
}

/// What is waited for. What has happened stands behind the result.
pub(super) fn pollfd(r: &mut Reader<'_>) -> Option<String> {
    let (descriptor, wanted) = (r.descriptor(), r.u16());
    Some(match descriptor.starts_with('-') {
        true => format!("{{fd={descriptor}}}"),
        false => format!("{{fd={descriptor}, events={}}}", events(wanted)),
    })
}

/// Packed on x86, so that 32-bit and 64-bit programs share it.
pub(super) fn epoll_size(abi: Abi) -> usize {
    match abi {
        Abi::X86_64 | Abi::I386 | Abi::X32 => 12,
        Abi::Aarch64 | Abi::Arm => 16,
    }
}

pub(super) fn epoll_event(r: &mut Reader<'_>) -> Option<String> {
    let events = EPOLL.format(r.u32().into());
    r.skip(epoll_size(r.event.abi) - 12);
    let data = r.u64();
    let low = data as u32;
    Some(format!(
        "{{events={events}, data={{u32={low}, u64={}}}}}",
        text_of(data)
    ))
}

/// Numbers that are addresses print as such.
fn text_of(data: u64) -> String {
    match u32::try_from(data) {
        Ok(number) => number.to_string(),
        Err(_) => data.to_string(),
    }
}

/// The descriptors of `select`; how many are looked at is its first argument.
pub(super) fn fd_set(r: &mut Reader<'_>) -> Option<String> {
    let most = r.event.arguments[0].min(8 * r.all().len() as u64);
    Some(descriptor_set(r.all(), most))
}

/// The bits that are set, of so many: `[3 5]`.
pub(in super::super) fn descriptor_set(bytes: &[u8], most: u64) -> String {
    let bits = bytes.iter().zip(0u64..).flat_map(|(byte, at)| {
        (0..8)
            .filter(move |bit| byte >> bit & 1 == 1)
            .map(move |bit| at * 8 + bit)
    });
    let names: Vec<String> = bits
        .take_while(|bit| *bit < most)
        .map(|bit| bit.to_string())
        .collect();
    format!("[{}]", names.join(" "))
}
