//! Structures that calls take and give: bytes in, the text that strace prints out.
//!
//! One row for each name that [`Pointee::Structure`](trapline_lang::syscall::shape::Pointee::Structure) has. A
//! structure without a row, or of too few bytes, prints as its address.

mod io;
mod poll;
mod process;
mod reader;
mod signal;
mod socket;
mod stat;
mod system;
mod time;

pub(super) use poll::{descriptor_set, events as poll_events};
pub(super) use reader::Reader;
pub(super) use signal::name as signal_name;
pub(super) use socket::endpoint;
pub(super) use time::date;

use trapline_lang::syscall::Abi;
use trapline_lang::syscall::set::Set;

/// Every set that only structures have, for whoever reads what is printed here.
pub(crate) fn sets() -> impl Iterator<Item = &'static Set> {
    let groups = [
        io::SETS,
        poll::SETS,
        process::SETS,
        signal::SETS,
        socket::SETS,
        stat::SETS,
        time::SETS,
    ];
    groups.into_iter().flatten().copied()
}

/// How a structure prints.
pub(super) struct Structure {
    /// As rows of system calls call it.
    name: &'static str,
    /// Bytes of one; for those of any length, the fewest.
    pub(super) size: fn(Abi) -> usize,
    /// One of them; `None` if only the address tells anything.
    pub(super) print: fn(&mut Reader<'_>) -> Option<String>,
    /// How one prints that is no element of an array.
    pub(super) alone: Alone,
    /// How one prints that the call has changed.
    pub(super) change: Change,
}

/// How a structure prints that is no element of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// As it is.
    Plain,
    /// Between brackets: `[5]`.
    Bracketed,
}

/// How a structure prints that the call reads, then overwrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// `{a=1} => {a=2}`, if it was changed.
    Arrow,
    /// `[128 => 16]`, if it was changed.
    Inside,
    /// As it was; what became of it stands behind the result.
    Before,
    /// As it has become.
    After,
}

/// The row of a name.
pub(super) fn by_name(name: &str) -> Option<&'static Structure> {
    ROWS.iter().find(|row| row.name == name)
}

const fn plain(
    name: &'static str,
    size: fn(Abi) -> usize,
    print: fn(&mut Reader<'_>) -> Option<String>,
) -> Structure {
    Structure {
        name,
        size,
        print,
        alone: Alone::Plain,
        change: Change::Arrow,
    }
}

const fn bracketed(
    name: &'static str,
    size: fn(Abi) -> usize,
    print: fn(&mut Reader<'_>) -> Option<String>,
) -> Structure {
    Structure {
        alone: Alone::Bracketed,
        ..plain(name, size, print)
    }
}

impl Structure {
    const fn changed(self, change: Change) -> Self {
        Self { change, ..self }
    }
}

/// So many words: C's `long` or a pointer.
fn words(abi: Abi, count: usize) -> usize {
    match abi {
        Abi::X86_64 | Abi::Aarch64 => 8 * count,
        Abi::I386 | Abi::X32 | Abi::Arm => 4 * count,
    }
}

#[rustfmt::skip]
static ROWS: &[Structure] = &[
    bracketed("int", |_| 4, |r| Some(r.i32().to_string())),
    bracketed("uid", |_| 4, |r| Some(r.i32().to_string())),
    bracketed("gid", |_| 4, |r| Some(r.i32().to_string())),
    bracketed("uid16", |_| 2, |r| Some(r.u16().to_string())),
    bracketed("gid16", |_| 2, |r| Some(r.u16().to_string())),
    bracketed("fd", |_| 4, |r| Some(r.descriptor())),
    bracketed("size_t", |abi| words(abi, 1), |r| Some(r.word().to_string())),
    bracketed("off_t", |abi| words(abi, 1), |r| Some(r.long().to_string())),
    bracketed("loff_t", |_| 8, |r| Some(r.i64().to_string())),
    bracketed("timer_id", |_| 4, |r| Some(r.i32().to_string())),
    bracketed("aio_context", |abi| words(abi, 1), |r| Some(r.pointer())),
    bracketed("u32", |_| 4, |r| Some(r.u32().to_string())),
    bracketed("u64", |_| 8, |r| Some(r.u64().to_string())),
    bracketed("pointer", |abi| words(abi, 1), |r| Some(r.pointer())),
    bracketed("socklen", |_| 4, |r| Some(r.i32().to_string())).changed(Change::Inside),

    plain("timespec", |_| 16, time::timespec),
    plain("old_timespec32", |_| 8, time::old_timespec32),
    plain("timeval", |abi| words(abi, 2), time::timeval),
    plain("old_timeval32", |_| 8, time::timeval32),
    plain("timezone", |_| 8, time::timezone),
    plain("itimerspec", |_| 32, time::itimerspec),
    plain("old_itimerspec32", |_| 16, time::old_itimerspec32),
    plain("itimerval", |abi| words(abi, 4), time::itimerval),
    plain("old_itimerval32", |_| 16, time::itimerval32),
    plain("file_timespec", |_| 16, time::file_timespec),
    plain("utimbuf", |abi| words(abi, 2), time::utimbuf),
    bracketed("time_t", |abi| words(abi, 1), |r| Some(time::seconds(r.long()))),
    plain("tms", |abi| words(abi, 4), time::tms),
    plain("timex", |_| 208, time::timex).changed(Change::After),
    plain("old_timex32", |_| 128, time::old_timex32).changed(Change::After),

    plain("sockaddr", |_| 2, socket::address),
    plain("msghdr", |abi| words(abi, 7), socket::message),
    plain("mmsghdr", |abi| words(abi, 8), socket::multiple_message),
    plain("mq_attr", |abi| words(abi, 4), io::message_queue),
    plain("sembuf", |_| 6, io::semaphore),
    plain("futex_waitv", |_| 24, io::futex),
    plain("iovec", |abi| words(abi, 2), io::vector),

    plain("stat", stat::size, stat::stat),
    plain("stat64", stat::size64, stat::stat64),
    plain("statx", |_| 256, stat::statx),
    plain("statfs", |abi| if words(abi, 1) == 8 { 120 } else { 64 }, stat::statfs),
    plain("statfs64", |abi| if words(abi, 1) == 8 { 120 } else { 84 }, stat::statfs64),
    plain("dirent", |_| 0, |r| Some(io::directory(r, io::Names::Dirent))),
    plain("dirent64", |_| 0, |r| Some(io::directory(r, io::Names::Dirent64))),
    plain("open_how", |_| 24, io::open_how),

    plain("pollfd", |_| 8, poll::pollfd).changed(Change::Before),
    plain("epoll_event", poll::epoll_size, poll::epoll_event),
    plain("fd_set", |_| 0, poll::fd_set).changed(Change::Before),

    plain("sigset", |_| 0, signal::sigset),
    plain("old_sigset", |_| 4, signal::old_sigset),
    plain("sigset_argpack", |abi| words(abi, 2), signal::set_and_size),
    plain("aio_sigset", |abi| words(abi, 2), signal::set_and_size),
    plain("sigaction", |abi| words(abi, 3) + 8, signal::sigaction),
    plain("old_sigaction", |abi| words(abi, 4), signal::old_sigaction),
    plain("siginfo", |_| 48, signal::siginfo),
    plain("stack_t", |abi| words(abi, 3), signal::stack),

    bracketed("wait_status", |_| 4, process::wait_status),
    plain("rlimit", |abi| words(abi, 2), process::limit),
    plain("rlimit64", |_| 16, process::limit64),
    plain("rusage", |abi| words(abi, 18), process::usage),
    bracketed("sched_param", |_| 4, |r| Some(r.i32().to_string())),
    plain("sched_attr", |_| 48, process::scheduling),
    plain("cpu_mask", |_| 0, process::cpu_mask),
    plain("clone_args", |_| 64, process::clone_args),
    plain("cap_header", |_| 8, process::capability_header),
    plain("cap_data", |_| 12, process::capability_data),

    plain("sysinfo", |abi| if words(abi, 1) == 8 { 112 } else { 64 }, system::information),
    plain("utsname", |_| 390, system::name),
    plain("old_utsname", |_| 325, system::name),
];

#[cfg(test)]
mod tests;
