//! How long it takes to write and to read a trace, and how large it is: `cargo bench -p trapline-runtime --bench trace_read`.
//!
//! Five million events of twenty threads that read, write, wait, open and close, without memory and with names of files.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

use std::io::Cursor;
use std::time::{Duration, Instant};
use trapline_lang::syscall::Abi;
use trapline_runtime::trace::event::{Enter, Event, Exit, Observer, Origin, Thread, What};
use trapline_runtime::trace::file::{TraceReader, TraceWriter};
use trapline_runtime::trace::memory::MemoryBuffer;

/// Calls that are made.
const CALLS: u64 = 2_500_000;

/// How often the trace is read; the fastest counts.
const ROUNDS: usize = 5;

/// Numbers of calls on x86_64, each as often as servers make them.
const MIX: [i32; 16] = [0, 0, 0, 1, 1, 1, 232, 232, 44, 45, 202, 202, 257, 3, 9, 35];

/// Whether events carry memory.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Without,
    With,
}

fn main() {
    for names in [Names::Without, Names::With] {
        let started = Instant::now();
        let (bytes, events) = record(names);
        let writing = started.elapsed();
        let (reading, sum) = (0..ROUNDS).map(|_| read(&bytes, events)).min().unwrap();
        let of_each = |time: Duration| time.as_nanos() as f64 / events as f64;
        let what = match names {
            Names::Without => "without memory",
            Names::With => "with names of files",
        };
        println!(
            "{what}: {events} events, {:.2} bytes an event; written in {:.1} ns an event, read in {:.1} (sum {sum})",
            bytes.len() as f64 / events as f64,
            of_each(writing),
            of_each(reading),
        );
    }
}

/// Reads all, and looks at what a count by call would look at.
fn read(bytes: &[u8], events: u64) -> (Duration, u64) {
    let mut reader = TraceReader::new(Cursor::new(bytes.to_vec()), "memory").unwrap();
    let started = Instant::now();
    let (mut count, mut sum) = (0, 0u64);
    while let Some(event) = reader.next().unwrap() {
        count += 1;
        sum = sum.wrapping_add(u64::from(event.thread.thread));
        sum = sum.wrapping_add(match event.what {
            What::Enter(enter) => enter.number as u64 ^ enter.arguments[2],
            What::Exit(exit) => exit.result as u64,
            _ => 0,
        });
    }
    let took = started.elapsed();
    assert_eq!(count, events);
    (took, sum)
}

/// A trace, and how many events are in it.
fn record(names: Names) -> (Vec<u8>, u64) {
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random >> 11
    };
    let threads: Vec<Thread> = (0..20)
        .map(|index| Thread {
            process: 1000 + index / 5,
            thread: 1000 + index,
            parent: 1,
            cgroup: 4_242,
            comm: Thread::comm(format!("worker-{index}").as_bytes()),
            ..Thread::default()
        })
        .collect();
    let mut bytes = Vec::with_capacity(CALLS as usize * 16);
    let mut writer = TraceWriter::new(&mut bytes, &Origin::default()).unwrap();
    let mut buffer = MemoryBuffer::default();
    let mut time = 1_000_000_000_u64;
    // What each thread is in, to be ended some events later.
    let mut open: Vec<Option<(i32, [u64; 6])>> = vec![None; threads.len()];
    let mut events = 0;
    while events < 2 * CALLS {
        let index = (next() % 20) as usize;
        time += 100 + next() % 2_000;
        let cpu = (index % 8) as u32;
        let what = match open[index].take() {
            Some((number, arguments)) => What::Exit(Exit {
                abi: Abi::X86_64,
                number,
                result: (next() % 8_192) as i64 - 11,
                arguments: Some(arguments),
                memory: Default::default(),
            }),
            None => {
                let number = MIX[(next() % 16) as usize];
                let buffer_at = 0x7f00_0000_0000 + index as u64 * 0x80_0000 + next() % 64 * 0x1000;
                // The registers behind a call's arguments hold what they held.
                let arguments = [next() % 64, buffer_at, next() % 8_192, 0, buffer_at / 3, 7];
                open[index] = Some((number, arguments));
                buffer.clear();
                if names == Names::With && number == 257 {
                    let name = format!(
                        "/var/lib/service/{}/data-{}.bin\0",
                        next() % 16,
                        next() % 4_096
                    );
                    buffer.push(buffer_at, Ok(name.as_bytes()));
                }
                What::Enter(Enter {
                    abi: Abi::X86_64,
                    number,
                    arguments,
                    memory: buffer.memory(),
                })
            }
        };
        let event = Event {
            time,
            cpu,
            thread: &threads[index],
            what,
        };
        writer.event(&event).unwrap();
        events += 1;
    }
    writer.finish(&[]).unwrap();
    (bytes, events)
}
