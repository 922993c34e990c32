//! The part behind `=`: the result, its error, and what the call tells by the way.

use super::argument::{Printer, by_set};
use super::event::Moment;
use super::structure;
use super::text;
use trapline_lang::syscall::errno;
use trapline_lang::syscall::set;
use trapline_lang::syscall::shape::Shape;

/// What the kernel means by results that no program sees.
const RESTARTS: [(u32, &str); 4] = [
    (512, "To be restarted if SA_RESTART is set"),
    (513, "To be restarted"),
    (514, "To be restarted if no handler"),
    (516, "Interrupted by signal"),
];

/// An error as it prints behind the result: `ENOENT (No such file or directory)`.
pub(super) fn error(number: u32) -> String {
    if let Some((_, meaning)) = RESTARTS.iter().find(|row| row.0 == number) {
        let name = errno::name(number).unwrap_or("ERESTART");
        return format!("? {name} ({meaning})");
    }
    match (errno::name(number), errno::text(number)) {
        (Some(name), Some(text)) => format!("-1 {name} ({text})"),
        (Some(name), None) => format!("-1 {name} (Unknown error {number})"),
        _ => format!("-1 (errno {number})"),
    }
}

impl Printer<'_> {
    /// All of it: `3`, `-1 ENOENT (No such file or directory)`, `?`.
    pub(super) fn result(&mut self) -> String {
        let Some(result) = self.event.result else {
            return "?".to_owned();
        };
        if let Some(number) = self.event.error() {
            return error(number);
        }
        let value = self.value(result);
        match self.note(result) {
            Some(note) => format!("{value} ({note})"),
            None => value,
        }
    }

    /// The result of a call that has not failed.
    fn value(&mut self, result: i64) -> String {
        let narrow = self.event.word_size() == 4;
        let unsigned = if narrow {
            u64::from(result as u32)
        } else {
            result as u64
        };
        if self.syscall.name.starts_with("fcntl") {
            return match self.raw(1) {
                F_GETFD | F_GETFL | F_GET_SEALS => text::hex(unsigned),
                F_DUPFD | F_DUPFD_CLOEXEC => self.descriptor(result as i32, None),
                _ => result.to_string(),
            };
        }
        match self.syscall.semantics().result {
            // Its name stands behind it.
            Shape::Set("sched_policy") => result.to_string(),
            Shape::Set("fd") => self.descriptor(result as i32, None),
            Shape::Set(name) => match set::by_name(name) {
                Some(set) => by_set(set, unsigned as i64),
                None => text::hex(unsigned),
            },
            Shape::Address | Shape::Memory { .. } => text::address(unsigned),
            Shape::Number if narrow => i64::from(result as i32).to_string(),
            Shape::Number => result.to_string(),
        }
    }

    /// What stands in parentheses behind the result.
    fn note(&mut self, result: i64) -> Option<String> {
        let name = self.syscall.name;
        if let Shape::Set("sched_policy") = self.syscall.semantics().result {
            return set::by_name("sched_policy").map(|set| set.format(result));
        }
        if let Some((_, waiting)) = WAITING.iter().find(|row| row.0 == name) {
            return self.happened(*waiting, result);
        }
        match (name, self.raw(1)) {
            ("fcntl" | "fcntl64", F_GETFD) if result == 1 => Some("flags FD_CLOEXEC".to_owned()),
            ("fcntl" | "fcntl64", F_GETFL) => {
                Some(format!("flags {}", text::by_set("open_flags", result)))
            }
            ("time", _) => structure::date(result),
            _ => None,
        }
    }

    /// What has become of what the call waited for.
    fn happened(&mut self, waiting: Waiting, result: i64) -> Option<String> {
        if result == 0 {
            return Some("Timeout".to_owned());
        }
        let mut parts = Vec::new();
        match waiting {
            Waiting::Poll => {
                let bytes = self.event.memory(0, Moment::Exit)?;
                parts.push(ready(bytes, self.raw(1), result));
            }
            Waiting::Select => {
                let most = self.raw(0);
                for (argument, label) in [(1, "in"), (2, "out"), (3, "except")] {
                    let Some(bytes) = self.event.memory(argument, Moment::Exit) else {
                        continue;
                    };
                    let set = structure::descriptor_set(bytes, most);
                    if self.raw(argument) != 0 && set != "[]" {
                        parts.push(format!("{label} {set}"));
                    }
                }
            }
        }
        let timeout = match waiting {
            Waiting::Poll => 2,
            Waiting::Select => 4,
        };
        if self.raw(timeout) != 0 && self.event.memory(timeout, Moment::Entry).is_some() {
            parts.extend(self.left(timeout).map(|left| format!("left {left}")));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// How calls tell what has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// In an array of `struct pollfd`.
    Poll,
    /// In three sets of descriptors.
    Select,
}

/// The calls that wait for descriptors and overwrite what they are given.
pub(super) static WAITING: &[(&str, Waiting)] = &[
    ("poll", Waiting::Poll),
    ("ppoll", Waiting::Poll),
    ("ppoll_time64", Waiting::Poll),
    ("select", Waiting::Select),
    ("_newselect", Waiting::Select),
    ("pselect6", Waiting::Select),
    ("pselect6_time64", Waiting::Select),
];

/// Commands of `fcntl` (linux v6.12 include/uapi/linux/fcntl.h).
const F_DUPFD: u64 = 0;
const F_GETFD: u64 = 1;
const F_GETFL: u64 = 3;
const F_DUPFD_CLOEXEC: u64 = 1030;
const F_GET_SEALS: u64 = 1034;

/// The descriptors that something has happened to: `[{fd=3, revents=POLLIN}]`. `happened` of `count` have.
fn ready(bytes: &[u8], count: u64, happened: i64) -> String {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let texts: Vec<String> = bytes
        .chunks_exact(8)
        .take(count)
        .filter_map(|element| {
            let (descriptor, events) = element.split_first_chunk::<4>()?;
            let happened = u16::from_le_bytes(*events.last_chunk()?);
            let events = structure::poll_events(happened);
            let descriptor = i32::from_le_bytes(*descriptor);
            (happened != 0).then(|| format!("{{fd={descriptor}, revents={events}}}"))
        })
        .collect();
    text::list(&texts, (texts.len() as i64) < happened)
}
