//! Files that are cut, damaged or something else.

use super::super::format::{HEAD, HEADER, Head};
use super::super::{End, Outcome, TraceProblem, TraceReader, is_trace};
use super::{Log, Random, read, rest, trace};
use std::io::Cursor;

fn open(bytes: &[u8]) -> Result<TraceReader, TraceProblem> {
    let opened = TraceReader::new(Cursor::new(bytes.to_vec()), "test");
    opened.map_err(|error| error.problem)
}

/// Where blocks begin, and where the file ends.
fn blocks(bytes: &[u8]) -> Vec<usize> {
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let mut starts = vec![HEADER + length];
    while let Some(head) = bytes[starts[starts.len() - 1]..].first_chunk() {
        let head = Head::parse(head).unwrap();
        starts.push(starts[starts.len() - 1] + HEAD + head.stored as usize);
    }
    starts
}

#[test]
fn a_cut_file_gives_its_whole_blocks() {
    let (bytes, told) = trace(7, 50, &[("lost".to_owned(), 3)]);
    let starts = blocks(&bytes);
    assert_eq!(starts.len(), 5);
    for length in 0..bytes.len() {
        let cut = &bytes[..length];
        let whole = starts.iter().filter(|start| **start <= length).count();
        let Some(whole) = whole.checked_sub(1) else {
            let problem = open(cut).map(|_| ()).unwrap_err();
            match length {
                0 => assert!(matches!(problem, TraceProblem::Empty)),
                _ => assert!(matches!(problem, TraceProblem::Cut), "{length}: {problem}"),
            }
            continue;
        };
        let (given, end) = read(cut);
        assert_eq!(given, told[..(whole * 20).min(told.len())]);
        let cut_bytes = length - starts[whole];
        // How many events the cut block had is known from its head.
        let missing = match cut_bytes {
            HEAD.. if whole < 3 => [20, 20, 10][whole],
            _ => 0,
        };
        let expected = End {
            outcome: Outcome::CutOff,
            events: given.len() as u64,
            missing_events: missing,
            damaged_bytes: 0,
            cut_bytes: cut_bytes as u64,
            evicted_events: 0,
            losses: Vec::new(),
        };
        assert_eq!(end, expected, "{length}");
        assert_eq!(end.notes().len(), if missing == 0 { 1 } else { 2 });
    }
}

/// How many events were reported as lost where damaged blocks were: all others are those that were told, in order.
fn lost(told: &[String], given: &[String]) -> usize {
    let mut rest = told;
    let mut lost = 0;
    for event in given {
        if rest.first() == Some(event) {
            rest = &rest[1..];
            continue;
        }
        let count = event.split("Lost { events: ").nth(1).unwrap();
        let count: usize = count.trim_end_matches([' ', '}']).parse().unwrap();
        rest = &rest[count..];
        lost += count;
    }
    lost
}

#[test]
fn a_flipped_bit_costs_no_more_than_its_block() {
    let (bytes, told) = trace(8, 50, &[]);
    let starts = blocks(&bytes);
    for position in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[position] ^= 1 << (position % 8);
        let mut reader = match open(&flipped) {
            Ok(reader) => reader,
            Err(_) => {
                assert!(position < starts[0]);
                continue;
            }
        };
        // The zeros that nobody reads are in the checksum as well.
        assert!(position >= starts[0]);
        let mut log = Log::default();
        rest(&mut reader, &mut log);
        let end = reader.end().unwrap();
        let block = starts.iter().filter(|start| **start <= position).count() - 1;
        if block < 3 {
            let missing = [20, 20, 10][block];
            assert_eq!((end.events, end.missing_events), (50 - missing, missing));
            assert_eq!(end.outcome, Outcome::Ended);
            assert_eq!(lost(&told, &log.0) as u64, missing);
        } else {
            assert_eq!(log.0, told);
            assert_eq!(end.outcome, Outcome::CutOff);
        }
        let size = starts[block + 1] - starts[block];
        assert_eq!(end.damaged_bytes, size as u64, "{position}");
        assert!(!end.notes().is_empty());
    }
}

#[test]
fn whatever_is_done_to_a_file_gives_whole_blocks() {
    let (bytes, told) = trace(14, 80, &[]);
    let start = blocks(&bytes)[0];
    let mut random = Random::new(15);
    for _ in 0..1_000 {
        let mut bytes = bytes.clone();
        for _ in 0..random.below(5) + 1 {
            let size = (bytes.len() - start) as u64;
            let from = start + random.below(size) as usize;
            let to = (from + random.below(300) as usize).min(bytes.len());
            let junk: Vec<u8> = (0..random.below(300))
                .map(|_| random.next() as u8)
                .collect();
            bytes.splice(from..to, junk);
        }
        let (given, end) = read(&bytes);
        let lost = lost(&told, &given) as u64;
        assert!(lost <= end.missing_events && end.events + end.missing_events <= 80);
        assert_eq!(end.events % 20, 0);
        assert!(end.events == 80 || !end.notes().is_empty());
    }
}

#[test]
fn foreign_bytes_between_blocks_are_passed_over() {
    let (bytes, told) = trace(9, 60, &[]);
    let (other, _) = trace(10, 60, &[("a".to_owned(), 1)]);
    let mut other_origin = super::origin();
    other_origin.start += 1;
    let (header, _) = super::super::header::encode(&other_origin).unwrap();
    assert_eq!(header.len(), blocks(&other)[0]);
    // Blocks of another trace are whole, but are not of this one: they have the checksum of its header.
    let crc = &header[16..20];
    let mut foreign = other[blocks(&other)[0]..blocks(&other)[1]].to_vec();
    foreign[12..16].copy_from_slice(crc);
    let head_crc = crc32fast::hash(&foreign[..60]);
    foreign[60..64].copy_from_slice(&head_crc.to_le_bytes());
    let at = blocks(&bytes)[2];
    for junk in [&b"\xf5\x0btblock\xf5"[..], &[0; 1000], &foreign] {
        let mixed = [&bytes[..at], junk, &bytes[at..]].concat();
        let (given, end) = read(&mixed);
        assert_eq!(given, told);
        assert_eq!(end.damaged_bytes, junk.len() as u64);
        assert_eq!((end.outcome, end.missing_events), (Outcome::Ended, 0));
    }
}

#[test]
fn a_block_that_comes_twice_is_given_once() {
    let (bytes, told) = trace(11, 60, &[]);
    let starts = blocks(&bytes);
    let block = &bytes[starts[1]..starts[2]];
    let twice = [&bytes[..starts[2]], block, &bytes[starts[2]..]].concat();
    let (given, end) = read(&twice);
    assert_eq!(given, told);
    assert_eq!(end.damaged_bytes, block.len() as u64);
}

#[test]
fn other_files_are_told_apart() {
    let mut elf = b"\x7fELF\x02\x01\x01\0".to_vec();
    elf.resize(4096, 0);
    let cases: [(&[u8], &str); 6] = [
        (b"", "the file is empty: nothing was recorded to it"),
        (
            b"1234 openat(AT_FDCWD, \"/\") = 3\n",
            "this is no trace that `--record` made (it looks like text)",
        ),
        (
            &elf,
            "this is no trace that `--record` made (it looks like an ELF file)",
        ),
        (
            b"\x1f\x8b\x08",
            "this is no trace that `--record` made (it looks like a file that gzip compressed: decompress it first)",
        ),
        (&[0; 100], "this is no trace that `--record` made"),
        (
            b"\x89TRAPL",
            "the trace is cut off within its header: no event is in it",
        ),
    ];
    for (bytes, message) in cases {
        let error = TraceReader::new(Cursor::new(bytes.to_vec()), "it").map(|_| ());
        assert_eq!(error.unwrap_err().to_string(), format!("it: {message}"));
        assert!(!is_trace(bytes));
    }
}

#[test]
fn a_future_version_is_named() {
    let (mut bytes, _) = trace(12, 1, &[]);
    bytes[8] = 2;
    assert!(is_trace(&bytes));
    let problem = open(&bytes).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        problem,
        "the trace has version 2 of the format, and this program reads version 1 only"
    );
}

#[test]
fn a_header_that_claims_more_than_there_is_allocates_nothing() {
    let (mut bytes, _) = trace(13, 1, &[]);
    bytes[12..16].copy_from_slice(&(16u32 << 20).to_le_bytes());
    assert!(matches!(open(&bytes), Err(TraceProblem::Cut)));
    bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(open(&bytes), Err(TraceProblem::Damaged)));
}
