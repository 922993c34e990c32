//! File descriptors: what they are open on.
//!
//! The truth is `/proc/PID/fd`, but it is that of now: events are printed some time after they happened. So calls
//! that open and close are told to us, and what was found then is kept. Where the two disagree and nothing says which
//! is right, both are given; where neither is known, that is said. No path is guessed.

use super::Sources;
use super::socket::Sockets;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

/// So many descriptors are remembered; of more, all are forgotten, and `/proc` is asked again.
const MOST: usize = 65_536;

/// `AT_FDCWD` (linux v6.12 include/uapi/linux/fcntl.h).
const AT_FDCWD: i32 = -100;

/// What a call has done to the descriptors of its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DescriptorChange<'a> {
    /// One is open.
    Opened {
        /// Its number.
        number: i32,
        /// The file as the call named it, if it named one.
        path: Option<&'a [u8]>,
    },
    /// These are closed.
    Closed(RangeInclusive<i32>),
    /// Any may have been closed.
    Everything,
}

/// What is known of descriptors.
#[derive(Debug, Default)]
pub(super) struct Descriptors {
    /// What process and descriptor were open on when that was told.
    open: HashMap<(u32, i32), String>,
    /// Processes whose closing of descriptors is told to us.
    complete: HashSet<u32>,
    sockets: Sockets,
}

/// What `/proc` says of a descriptor now.
enum Now {
    Open(String),
    /// There is no such descriptor.
    Closed,
    /// There is no such process.
    Ended,
    /// The process is one of a trace, which does not tell.
    NotInTrace,
    Unreadable(io::Error),
}

impl Descriptors {
    /// What a descriptor is open on: a path, `socket:[1]`, `pipe:[2]`; else why that is not known: `<closed>`.
    pub(super) fn target(&self, sources: &Sources, process: u32, number: i32) -> String {
        let now = look(&sources.proc, process, number);
        match (self.open.get(&(process, number)), now) {
            (Some(told), Now::Open(now)) if *told != now && !self.complete.contains(&process) => {
                format!("{told} or {now}")
            }
            (Some(told), _) => told.clone(),
            (None, Now::Open(now)) => now,
            (None, Now::Closed) => "<closed>".to_owned(),
            (None, Now::Ended) => "<process ended>".to_owned(),
            (None, Now::NotInTrace) => "<not in the trace>".to_owned(),
            (None, Now::Unreadable(error)) => format!("<{}>", error.kind()),
        }
    }

    /// The same, with sockets by their addresses: `TCP 127.0.0.1:80->127.0.0.1:51722`.
    pub(super) fn description(&mut self, sources: &Sources, process: u32, number: i32) -> String {
        let target = self.target(sources, process, number);
        let inode = target.strip_prefix("socket:[");
        let inode = inode.and_then(|rest| rest.strip_suffix(']')?.parse().ok());
        let described = inode.and_then(|inode| self.sockets.describe(sources, process, inode));
        described.unwrap_or(target)
    }

    /// Takes note of what a call has done.
    pub(super) fn note(&mut self, sources: &Sources, process: u32, change: &DescriptorChange<'_>) {
        match change {
            DescriptorChange::Opened { number, path } => {
                let place = (process, *number);
                let named = path.map(|path| String::from_utf8_lossy(path).into_owned());
                let target = match (look(&sources.proc, process, *number), named) {
                    // The descriptor may be another one's already; then it is as the call named it.
                    (Now::Open(now), Some(named)) if leads_to(&named, &now) => Some(now),
                    (_, Some(named)) => Some(named),
                    (Now::Open(now), None) => Some(now),
                    (_, None) => None,
                };
                if self.open.len() >= MOST {
                    self.open.clear();
                }
                match target {
                    Some(target) => self.open.insert(place, target),
                    None => self.open.remove(&place),
                };
            }
            DescriptorChange::Closed(numbers) => {
                self.complete.insert(process);
                if numbers.start() == numbers.end() {
                    self.open.remove(&(process, *numbers.start()));
                } else {
                    self.open
                        .retain(|(of, number), _| *of != process || !numbers.contains(number));
                }
            }
            DescriptorChange::Everything => {
                self.complete.remove(&process);
                self.open.retain(|(of, _), _| *of != process);
            }
        }
    }
}

/// A name can have led to this file: they end alike, or the name is a link to it.
fn leads_to(name: &str, target: &str) -> bool {
    let end = |path: &str| Path::new(path).file_name().map(ToOwned::to_owned);
    end(name).is_some() && end(name) == end(target)
        || fs::canonicalize(name).is_ok_and(|path| path == Path::new(target))
}

fn look(proc: &Path, process: u32, number: i32) -> Now {
    let directory = proc.join(process.to_string());
    let link = match number {
        AT_FDCWD => directory.join("cwd"),
        number => directory.join("fd").join(number.to_string()),
    };
    match fs::read_link(link) {
        Ok(target) => Now::Open(target.to_string_lossy().into_owned()),
        // Below a file that is no directory there are no processes: those of a trace are elsewhere.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Now::NotInTrace,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match directory.join("fd").exists() {
                true => Now::Closed,
                false => Now::Ended,
            }
        }
        Err(error) => Now::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsRawFd;

    fn opened(number: i32, path: &str) -> DescriptorChange<'_> {
        DescriptorChange::Opened {
            number,
            path: Some(path.as_bytes()),
        }
    }

    #[test]
    fn what_was_told_and_what_is_now() {
        let (sources, me) = (Sources::default(), std::process::id());
        let mut descriptors = Descriptors::default();
        let file = File::open("/proc/version").unwrap();
        let number = file.as_raw_fd();
        let here = std::env::current_dir().unwrap();
        assert_eq!(descriptors.target(&sources, me, number), "/proc/version");
        assert_eq!(
            descriptors.target(&sources, me, AT_FDCWD),
            here.to_str().unwrap()
        );
        assert_eq!(descriptors.target(&sources, me, 99_999), "<closed>");
        assert_eq!(descriptors.target(&sources, u32::MAX, 0), "<process ended>");

        // It was open on something else when that was told, and nobody told of its end.
        descriptors.note(&sources, me, &opened(number, "/etc/gone"));
        assert_eq!(
            descriptors.target(&sources, me, number),
            "/etc/gone or /proc/version"
        );
        // Who tells of closing would have told of that.
        descriptors.note(&sources, me, &DescriptorChange::Closed(5000..=5000));
        assert_eq!(descriptors.target(&sources, me, number), "/etc/gone");
        descriptors.note(&sources, me, &DescriptorChange::Closed(0..=i32::MAX));
        assert_eq!(descriptors.target(&sources, me, number), "/proc/version");
        // A process that has ended is known by what was told.
        descriptors.note(&sources, u32::MAX, &opened(3, "x"));
        assert_eq!(descriptors.target(&sources, u32::MAX, 3), "x");
        descriptors.note(&sources, u32::MAX, &DescriptorChange::Everything);
        assert_eq!(descriptors.target(&sources, u32::MAX, 3), "<process ended>");
    }
}
