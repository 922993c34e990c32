//! What is written comes back.

use super::super::super::event::{Enter, Event, Observer, Thread, What};
use super::super::super::memory::{Memory, MemoryBuffer};
use super::super::format::{MAX_BYTES, MAX_ROWS};
use super::super::{Outcome, TraceReader, TraceWriter, is_trace};
use super::{Log, origin, read, tell, trace};
use std::io::Cursor;
use trapline_lang::syscall::Abi;

#[test]
fn events_of_all_kinds_come_back() {
    for seed in 0..50 {
        let losses = [("ring full".to_owned(), seed), ("x".to_owned(), u64::MAX)];
        let (bytes, told) = trace(seed, 110, &losses);
        let (given, end) = read(&bytes);
        assert_eq!(given, told);
        assert_eq!(end.outcome, Outcome::Ended);
        assert_eq!(end.events, 110);
        assert_eq!(end.losses, losses);
        assert_eq!(end.notes(), Vec::<String>::new());
    }
}

#[test]
fn the_origin_comes_back() {
    let (bytes, _) = trace(1, 1, &[]);
    let reader = TraceReader::new(Cursor::new(bytes), "test").unwrap();
    assert_eq!(*reader.origin(), origin());
    assert!(reader.end().is_none());
}

#[test]
fn a_trace_without_events_is_whole() {
    let (bytes, _) = trace(1, 0, &[]);
    assert!(is_trace(&bytes[..8]));
    let (given, end) = read(&bytes);
    assert_eq!(given, Vec::<String>::new());
    assert_eq!((end.outcome, end.events), (Outcome::Ended, 0));
}

#[test]
fn full_blocks_are_ended_by_themselves() {
    let mut bytes = Vec::new();
    let mut log = Log::default();
    let mut writer = TraceWriter::new(&mut bytes, &origin()).unwrap();
    tell(3, 60_000, &mut [&mut writer, &mut log]);
    assert!(writer.written().events > 30_000);
    writer.finish(&[]).unwrap();
    let (given, end) = read(&bytes);
    assert!(given == log.0);
    assert_eq!(end.outcome, Outcome::Ended);
}

#[test]
fn blocks_are_ended_after_a_second() {
    let mut bytes = Vec::new();
    let mut writer = TraceWriter::new(&mut bytes, &origin()).unwrap();
    let thread = Thread::default();
    for tenth in 0..25 {
        let event = Event {
            time: tenth * 100_000_000,
            cpu: 0,
            thread: &thread,
            what: What::End { last: false },
        };
        writer.event(&event).unwrap();
    }
    assert_eq!(writer.written().events, 22);
}

fn enter(arguments: [u64; 6], number: i32, memory: Memory<'_>) -> What<'_> {
    What::Enter(Enter {
        abi: Abi::X86_64,
        number,
        arguments,
        memory,
    })
}

#[test]
fn tables_that_are_full_end_a_block() {
    let mut bytes = Vec::new();
    let mut log = Log::default();
    let mut writer = TraceWriter::new(&mut bytes, &origin()).unwrap();
    let thread = Thread::default();
    for number in 0..MAX_ROWS as i32 + 10 {
        let event = Event {
            time: 1,
            cpu: 0,
            thread: &thread,
            what: enter([0; 6], number, Memory::NONE),
        };
        writer.event(&event).unwrap();
        log.event(&event).unwrap();
    }
    writer.finish(&[]).unwrap();
    assert!(read(&bytes).0 == log.0);
}

#[test]
fn an_event_that_fits_no_block_is_refused_and_the_rest_is_kept() {
    let mut bytes = Vec::new();
    let mut log = Log::default();
    let mut writer = TraceWriter::new(&mut bytes, &origin()).unwrap();
    let mut buffer = MemoryBuffer::default();
    for size in [100, MAX_BYTES, MAX_BYTES - 16, 1] {
        buffer.clear();
        buffer.push(1, Ok(&vec![b'x'; size]));
        let event = Event {
            time: 1,
            cpu: 0,
            thread: &Thread::default(),
            what: enter([1; 6], 1, buffer.memory()),
        };
        assert_eq!(writer.event(&event).is_ok(), size != MAX_BYTES);
        if size != MAX_BYTES {
            log.event(&event).unwrap();
        }
    }
    writer.finish(&[]).unwrap();
    assert!(read(&bytes).0 == log.0);
}

#[test]
fn calls_whose_end_repeats_their_beginning_are_small() {
    let (mut small, mut large) = (0, 0);
    for (size, known) in [(&mut small, true), (&mut large, false)] {
        let mut writer = TraceWriter::new(Vec::new(), &origin()).unwrap();
        let thread = Thread::default();
        for time in 0..1_000 {
            let arguments = [time * 0x1234_5678; 6];
            let what = enter(arguments, 1, Memory::NONE);
            let what_then = What::Exit(super::Exit {
                abi: Abi::X86_64,
                number: 1,
                result: 0,
                arguments: Some(if known { arguments } else { [time << 40; 6] }),
                memory: Memory::NONE,
            });
            for what in [what, what_then] {
                let event = Event {
                    time,
                    cpu: 0,
                    thread: &thread,
                    what,
                };
                writer.event(&event).unwrap();
            }
        }
        *size = writer.finish(&[]).unwrap().bytes;
    }
    assert!(small * 3 < large * 2, "{small} {large}");
}
