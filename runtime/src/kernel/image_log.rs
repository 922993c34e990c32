//! What the processes of a command load: a process in, what it and its children map, execute and fork out.
//!
//! The kernel writes a record at each such step, as it does for `perf record`; nothing runs in the traced processes. So
//! even a process that has ended before anybody could look at it leaves behind what its addresses mean.

use super::cpu;
use super::sys::{self, PerfEvent, PerfRecords};
use std::io;

/// A step of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It mapped code.
    Mapped {
        /// The process.
        pid: u32,
        /// Of the mapping.
        start: u64,
        /// Bytes.
        length: u64,
        /// Of its start, in the file.
        offset: u64,
        /// Major and minor number.
        device: (u32, u32),
        /// Of the file; 0 for memory without one.
        inode: u64,
        /// The file, as the process calls it.
        path: Vec<u8>,
    },
    /// It became another program: whatever was mapped is gone.
    Executed {
        /// The process.
        pid: u32,
    },
    /// It made another process, which has the same mapped.
    Forked {
        /// The process.
        parent: u32,
        /// The new one.
        child: u32,
    },
}

/// Steps of a process and of all that come from it.
#[derive(Debug)]
pub(crate) struct ImageLog(Vec<PerfRecords>);

impl ImageLog {
    /// From now on.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(crate) fn of_process(pid: u32) -> io::Result<Self> {
        let open = |cpu| PerfRecords::open(sys::open_perf_event(PerfEvent::Images { pid, cpu })?);
        cpu::online()?
            .into_iter()
            .map(open)
            .collect::<io::Result<_>>()
            .map(Self)
    }

    /// The steps since the last call, in order.
    pub(crate) fn take(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for records in &mut self.0 {
            steps.extend(parse(&records.take()));
        }
        // A process runs on one CPU, then on another, each of which has records of its own.
        steps.sort_by_key(|(time, _)| *time);
        steps.into_iter().map(|(_, step)| step).collect()
    }
}

// linux v6.12 include/uapi/linux/perf_event.h, `enum perf_event_type`.
const RECORD_COMM: u32 = 3;
const RECORD_FORK: u32 = 7;
const RECORD_MMAP2: u32 = 10;
/// `PERF_RECORD_MISC_COMM_EXEC`: not just a new name.
const BY_EXECVE: u16 = 1 << 13;

const HEADER: usize = 8;

/// Records with the time of each, a word at its end.
fn parse(mut bytes: &[u8]) -> Vec<(u64, Step)> {
    let mut steps = Vec::new();
    while let Some(header) = bytes.first_chunk::<HEADER>() {
        let [a, b, c, d, flags @ .., low, high] = *header;
        let size = usize::from(u16::from_ne_bytes([low, high]));
        let Some(body) = bytes.get(HEADER..size) else {
            break;
        };
        let (kind, flags) = (u32::from_ne_bytes([a, b, c, d]), u16::from_ne_bytes(flags));
        if let Some((body, time)) = body.split_last_chunk() {
            let step = step(kind, flags, body);
            steps.extend(step.map(|step| (u64::from_ne_bytes(*time), step)));
        }
        bytes = &bytes[size..];
    }
    steps
}

fn step(kind: u32, flags: u16, body: &[u8]) -> Option<Step> {
    let half = |at: usize| {
        let bytes = body.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    };
    let word = |at: usize| {
        let bytes = body.get(at..at + 8)?;
        Some(u64::from_ne_bytes(bytes.try_into().ok()?))
    };
    match kind {
        RECORD_COMM if flags & BY_EXECVE != 0 => Some(Step::Executed { pid: half(0)? }),
        // struct { u32 pid, ppid, tid, ptid; u64 time; }: not for threads.
        RECORD_FORK if half(0)? != half(4)? => Some(Step::Forked {
            parent: half(4)?,
            child: half(0)?,
        }),
        // struct { u32 pid, tid; u64 start, length, offset; u32 major, minor; u64 inode, generation;
        //          u32 protection, flags; char path[]; }
        RECORD_MMAP2 => Some(Step::Mapped {
            pid: half(0)?,
            start: word(8)?,
            length: word(16)?,
            offset: word(24)?,
            device: (half(32)?, half(36)?),
            inode: word(40)?,
            path: body.get(64..)?.split(|byte| *byte == 0).next()?.to_owned(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u32, flags: u16, body: &[u8]) -> Vec<u8> {
        let size = (HEADER + body.len() + 8) as u16;
        let header = [
            &kind.to_ne_bytes()[..],
            &flags.to_ne_bytes(),
            &size.to_ne_bytes(),
        ]
        .concat();
        [&header, body, &7u64.to_ne_bytes()].concat()
    }

    #[test]
    fn records_are_read() {
        let halves = |words: &[u32]| {
            words
                .iter()
                .flat_map(|w| w.to_ne_bytes())
                .collect::<Vec<_>>()
        };
        let words = |words: &[u64]| {
            words
                .iter()
                .flat_map(|w| w.to_ne_bytes())
                .collect::<Vec<_>>()
        };
        let mapped = [
            halves(&[5, 6]),
            words(&[0x1000, 0x2000, 0x3000]),
            halves(&[8, 1]),
            words(&[99, 0]),
            halves(&[5, 2]),
            b"/bin/x\0\0".to_vec(),
        ]
        .concat();
        let fork = |pid| {
            record(
                RECORD_FORK,
                0,
                &[halves(&[pid, 5, 9, 5]), words(&[0])].concat(),
            )
        };
        let all = [
            record(RECORD_MMAP2, 0, &mapped),
            fork(9),
            fork(5),
            record(RECORD_COMM, 0, &halves(&[9, 9, 0])),
            record(RECORD_COMM, BY_EXECVE, &halves(&[9, 9, 0])),
        ]
        .concat();
        let steps: Vec<Step> = parse(&all).into_iter().map(|(_, step)| step).collect();
        let expected = [
            Step::Mapped {
                pid: 5,
                start: 0x1000,
                length: 0x2000,
                offset: 0x3000,
                device: (8, 1),
                inode: 99,
                path: b"/bin/x".to_vec(),
            },
            Step::Forked {
                parent: 5,
                child: 9,
            },
            Step::Executed { pid: 9 },
        ];
        assert_eq!(steps, expected);
        for length in 0..all.len() {
            assert!(parse(&all[..length]).len() < 3, "{length}");
        }
    }
}
