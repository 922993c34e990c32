//! Traces written, read, cut, damaged and forged.

mod damage;
mod forgery;
mod growth;
mod names;
mod ring;
mod round_trip;

use super::super::event::{Enter, Event, Exit, Observer, Origin, Thread, What};
use super::super::memory::MemoryBuffer;
use super::format::ABIS;
use super::{End, TraceReader, TraceWriter};
use std::io::{self, Cursor};

/// Numbers that look random and are the same every time.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 16) % limit
    }

    /// Of any size, small ones as often as large ones.
    fn any(&mut self) -> u64 {
        let shift = self.below(64);
        self.next() >> shift
    }

    fn words(&mut self) -> [u64; 6] {
        std::array::from_fn(|_| self.any())
    }
}

/// Events as text, in the order in which they came.
#[derive(Default)]
pub(super) struct Log(pub(super) Vec<String>);

impl Observer for Log {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.0.push(format!("{event:?}"));
        Ok(())
    }
}

pub(super) fn origin() -> Origin {
    Origin {
        abi: "x86_64".to_owned(),
        cpu_count: 8,
        start: 5_000,
        realtime_offset: -3,
        command: "ls \"/usr\"".to_owned(),
        calls: Some(vec![0, 1, 257]),
        ..Origin::default()
    }
}

fn thread(random: &mut Random, id: u32) -> Thread {
    Thread {
        process: id / 4,
        thread: id,
        parent: 1,
        user: 1000,
        group: random.below(2) as u32,
        cgroup: random.any(),
        comm: Thread::comm(
            b"a name that is too long"
                .split_at(random.below(20) as usize)
                .0,
        ),
    }
}

/// Some bytes and some errors at some addresses.
fn memory(random: &mut Random, buffer: &mut MemoryBuffer) {
    buffer.clear();
    for _ in 0..random.below(4).saturating_sub(1) {
        let bytes: Vec<u8> = (0..random.below(40)).map(|_| random.next() as u8).collect();
        let piece = match random.below(4) {
            0 => Err(14),
            _ => Ok(&bytes[..]),
        };
        let address = random.any();
        buffer.push(address, piece);
    }
}

/// Tells somebody of so many events of all kinds, of several threads whose names and groups change.
pub(super) fn tell(seed: u64, count: usize, to: &mut [&mut dyn Observer]) {
    let mut random = Random::new(seed);
    let mut threads: Vec<Thread> = (1..6).map(|id| thread(&mut random, id)).collect();
    let mut pending = [(ABIS[0], 0, [0; 6]); 5];
    let mut buffer = MemoryBuffer::default();
    let mut time = (1 << 40) + (random.any() >> 2);
    for _ in 0..count {
        time = time.wrapping_add(random.below(5_000)).wrapping_sub(500);
        let index = random.below(5) as usize;
        if random.below(20) == 0 {
            threads[index] = thread(&mut random, index as u32 + 1);
        }
        let subject = &threads[index];
        let child = &threads[random.below(5) as usize];
        memory(&mut random, &mut buffer);
        let memory = buffer.memory();
        let what = match random.below(16) {
            0..7 => {
                let abi = ABIS[random.below(5) as usize];
                let number = random.below(4) as i32 - 1;
                let arguments = random.words();
                pending[index] = (abi, number, arguments);
                What::Enter(Enter {
                    abi,
                    number,
                    arguments,
                    memory,
                })
            }
            7..12 => {
                let (abi, number, arguments) = pending[index];
                let arguments = match random.below(4) {
                    0 => None,
                    1 => Some(random.words()),
                    _ => Some(arguments),
                };
                What::Exit(Exit {
                    abi,
                    number,
                    result: random.any() as i64,
                    arguments,
                    memory,
                })
            }
            12 => What::Fork { child },
            13 => What::Exec {
                file: b"/usr/bin/env\xff",
                old_thread: random.any() as u32,
            },
            14 => What::End {
                last: random.below(2) == 0,
            },
            _ => What::Lost {
                events: random.any(),
            },
        };
        let is_lost = matches!(what, What::Lost { .. });
        let event = Event {
            time,
            cpu: random.below(3) as u32,
            thread: if is_lost {
                &super::decode::NOBODY
            } else {
                subject
            },
            what,
        };
        for observer in to.iter_mut() {
            observer.event(&event).unwrap();
        }
    }
}

/// A trace of so many events in blocks of twenty, and the events as text.
pub(super) fn trace(seed: u64, count: usize, losses: &[(String, u64)]) -> (Vec<u8>, Vec<String>) {
    let mut bytes = Vec::new();
    let mut log = Log::default();
    let mut writer = TraceWriter::new(&mut bytes, &origin()).unwrap();
    for block in 0..count.div_ceil(20) {
        let count = (count - block * 20).min(20);
        tell(seed + block as u64, count, &mut [&mut writer, &mut log]);
        writer.flush().unwrap();
    }
    let summary = writer.finish(losses).unwrap();
    assert_eq!(summary.events, count as u64);
    assert_eq!(summary.bytes, bytes.len() as u64);
    (bytes, log.0)
}

/// All events of a trace as text, and how it ends.
pub(super) fn read(bytes: &[u8]) -> (Vec<String>, End) {
    let mut reader = TraceReader::new(Cursor::new(bytes.to_vec()), "test").unwrap();
    let mut log = Log::default();
    rest(&mut reader, &mut log);
    (log.0, reader.end().unwrap().clone())
}

/// The events that come now.
pub(super) fn rest(reader: &mut TraceReader, log: &mut Log) {
    while let Some(event) = reader.next().unwrap() {
        log.event(&event).unwrap();
    }
}
