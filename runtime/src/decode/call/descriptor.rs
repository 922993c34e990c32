//! Calls that open and close file descriptors: what became of which.

use super::event::{CallEvent, Moment};
use super::text;
use crate::symbol::DescriptorChange;
use trapline_lang::syscall;

/// Where a call says which descriptors it has opened or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The result is open on the file that this argument names.
    File(usize),
    /// The result is open on something.
    Result,
    /// The descriptor in this argument is open on something.
    Argument(usize),
    /// Two descriptors stand behind this argument.
    Pair(usize),
    /// The descriptor in the first argument is closed.
    Close,
    /// Those from the first argument to the second are closed.
    CloseRange,
    /// Any may be closed: another program runs now, or none.
    Everything,
}

static PLACES: &[(&str, Place)] = &[
    ("open", Place::File(0)),
    ("creat", Place::File(0)),
    ("openat", Place::File(1)),
    ("openat2", Place::File(1)),
    ("socket", Place::Result),
    ("accept", Place::Result),
    ("accept4", Place::Result),
    ("dup", Place::Result),
    ("dup2", Place::Argument(1)),
    ("dup3", Place::Argument(1)),
    ("pipe", Place::Pair(0)),
    ("pipe2", Place::Pair(0)),
    ("socketpair", Place::Pair(3)),
    ("epoll_create", Place::Result),
    ("epoll_create1", Place::Result),
    ("eventfd", Place::Result),
    ("eventfd2", Place::Result),
    ("signalfd", Place::Result),
    ("signalfd4", Place::Result),
    ("timerfd_create", Place::Result),
    ("inotify_init", Place::Result),
    ("inotify_init1", Place::Result),
    ("memfd_create", Place::Result),
    ("pidfd_open", Place::Result),
    ("pidfd_getfd", Place::Result),
    ("perf_event_open", Place::Result),
    ("close", Place::Close),
    ("close_range", Place::CloseRange),
    ("execve", Place::Everything),
    ("execveat", Place::Everything),
    ("exit_group", Place::Everything),
];

/// What a call has done to the descriptors of its process.
pub(in crate::decode) fn changes<'a>(event: &CallEvent<'a>) -> Vec<DescriptorChange<'a>> {
    let syscall = syscall::by_number(event.abi, event.number);
    let name = syscall.map_or("", |syscall| syscall.name);
    let Some((_, place)) = PLACES.iter().find(|row| row.0 == name) else {
        return Vec::new();
    };
    let never_returns = event.result.is_none() && *place == Place::Everything;
    if !event.succeeded() && !never_returns {
        return Vec::new();
    }
    let opened = |number: i32, path| DescriptorChange::Opened { number, path };
    let result = event.result.unwrap_or(-1) as i32;
    match *place {
        Place::File(argument) => {
            let memory = event.memory(argument, Moment::Exit);
            let memory = memory.or(event.memory(argument, Moment::Entry));
            vec![opened(result, memory.map(text::until_nul))]
        }
        Place::Result => vec![opened(result, None)],
        Place::Argument(argument) => vec![opened(event.arguments[argument] as i32, None)],
        Place::Pair(argument) => {
            let memory = event.memory(argument, Moment::Exit).unwrap_or_default();
            let numbers = memory.chunks_exact(4).take(2);
            let numbers = numbers.filter_map(|number| number.first_chunk());
            numbers
                .map(|number| opened(i32::from_le_bytes(*number), None))
                .collect()
        }
        Place::Close => {
            let number = event.arguments[0] as i32;
            vec![DescriptorChange::Closed(number..=number)]
        }
        Place::CloseRange => {
            let [first, last] = [event.arguments[0], event.arguments[1]];
            let bound = |number: u64| i32::try_from(number as u32).unwrap_or(i32::MAX);
            vec![DescriptorChange::Closed(bound(first)..=bound(last))]
        }
        Place::Everything => vec![DescriptorChange::Everything],
    }
}
