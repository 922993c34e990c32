//! How long it takes to write and to read a trace, and how large it is: `cargo bench -p trapline-runtime --bench trace_read`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

mod support;

use std::io::Cursor;
use std::time::{Duration, Instant};
use support::{Names, record};
use trapline_runtime::trace::event::What;
use trapline_runtime::trace::file::TraceReader;

/// How often the trace is read; the fastest counts.
const ROUNDS: usize = 5;

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
