//! Files that are read while they are written.

use super::super::{Outcome, TraceReader, TraceWriter};
use super::{Log, origin, rest, tell};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

/// A file that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("trapline-{}-{name}.trace", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_file_is_read_while_it_is_written() {
    let file = Scratch::new("growing");
    let mut told = Log::default();
    let mut given = Log::default();
    let mut writer = TraceWriter::create(&file.0, &origin()).unwrap();
    let mut reader = TraceReader::open(&file.0).unwrap();
    for round in 0..20 {
        tell(round, 50, &mut [&mut writer, &mut told]);
        writer.flush().unwrap();
        rest(&mut reader, &mut given);
        assert_eq!(given.0, told.0);
        let end = reader.end().unwrap();
        assert_eq!(end.outcome, Outcome::Growing);
        assert_eq!(end.events, told.0.len() as u64);
        let (done, total) = reader.progress();
        assert_eq!((done, total), (total, writer.written().bytes));
    }
    tell(99, 50, &mut [&mut writer, &mut told]);
    writer.finish(&[("late".to_owned(), 1)]).unwrap();
    rest(&mut reader, &mut given);
    assert_eq!(given.0, told.0);
    let end = reader.end().unwrap();
    assert_eq!(end.outcome, Outcome::Ended);
    assert_eq!(end.losses, [("late".to_owned(), 1)]);
}

#[test]
fn blocks_that_come_in_pieces_are_waited_for() {
    let (bytes, told) = super::trace(4, 60, &[]);
    let file = Scratch::new("pieces");
    let mut write = File::create(&file.0).unwrap();
    write.lock().unwrap();
    let mut given = Log::default();
    let mut pieces = bytes.chunks(97);
    let mut reader = loop {
        write.write_all(pieces.next().unwrap()).unwrap();
        if let Ok(reader) = TraceReader::open(&file.0) {
            break reader;
        }
    };
    for piece in pieces {
        rest(&mut reader, &mut given);
        let end = reader.end().unwrap();
        assert_eq!((end.outcome, end.missing_events), (Outcome::Growing, 0));
        write.write_all(piece).unwrap();
    }
    rest(&mut reader, &mut given);
    assert_eq!(given.0, told);
    assert_eq!(reader.end().unwrap().outcome, Outcome::Ended);
    assert_eq!(reader.end().unwrap().damaged_bytes, 0);
}

#[test]
fn a_writer_that_is_dropped_leaves_a_cut_trace_with_all_events() {
    let file = Scratch::new("dropped");
    let mut told = Log::default();
    let mut writer = TraceWriter::create(&file.0, &origin()).unwrap();
    tell(1, 50, &mut [&mut writer, &mut told]);
    drop(writer);
    let mut reader = TraceReader::open(&file.0).unwrap();
    let mut given = Log::default();
    rest(&mut reader, &mut given);
    assert_eq!(given.0, told.0);
    assert_eq!(reader.end().unwrap().outcome, Outcome::CutOff);
}

#[test]
fn two_recordings_do_not_share_a_file() {
    let file = Scratch::new("shared");
    let mut first = TraceWriter::create(&file.0, &origin()).unwrap();
    let second = TraceWriter::create(&file.0, &origin());
    assert_eq!(
        second.map(|_| ()).unwrap_err().to_string(),
        "another recording writes to this file"
    );
    tell(1, 50, &mut [&mut first]);
    first.finish(&[]).unwrap();
    let mut reader = TraceReader::open(&file.0).unwrap();
    let mut given = Log::default();
    rest(&mut reader, &mut given);
    assert_eq!(given.0.len(), 50);
    // A recording replaces an older one.
    let third = TraceWriter::create(&file.0, &origin()).unwrap();
    assert_eq!(third.finish(&[]).unwrap().events, 0);
    let mut reader = TraceReader::open(&file.0).unwrap();
    assert!(reader.next().unwrap().is_none());
}

/// A device that refuses one write.
#[derive(Default)]
struct Faulty {
    bytes: Vec<u8>,
    writes: usize,
}

impl Write for &mut Faulty {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writes += 1;
        match self.writes {
            // The header is the first, and the third is the second block: half of it is written.
            3 => {
                self.bytes.extend(&bytes[..bytes.len() / 2]);
                Ok(bytes.len() / 2)
            }
            4 => Err(std::io::ErrorKind::StorageFull.into()),
            _ => {
                self.bytes.extend(bytes);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_block_that_could_not_be_written_is_counted() {
    let mut device = Faulty::default();
    let mut told = Log::default();
    let mut writer = TraceWriter::new(&mut device, &origin()).unwrap();
    tell(1, 50, &mut [&mut writer, &mut told]);
    writer.flush().unwrap();
    tell(2, 50, &mut [&mut writer]);
    let error = writer.flush().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    // Its place, where the reader says that it is missing.
    told.0.push(String::new());
    tell(3, 50, &mut [&mut writer, &mut told]);
    writer.finish(&[]).unwrap();
    let (mut given, end) = super::read(&device.bytes);
    assert!(given[50].contains("Lost { events: 50 }"));
    given[50].clear();
    assert_eq!(given, told.0);
    assert_eq!((end.outcome, end.events), (Outcome::Ended, 100));
    assert_eq!(end.missing_events, 50);
    assert!(end.damaged_bytes > 0);
}

#[test]
fn an_end_behind_a_block_that_could_not_be_written_is_found() {
    let mut device = Faulty::default();
    let mut writer = TraceWriter::new(&mut device, &origin()).unwrap();
    tell(1, 50, &mut [&mut writer]);
    writer.flush().unwrap();
    tell(2, 500, &mut [&mut writer]);
    writer.flush().unwrap_err();
    let losses = [("ring full".to_owned(), 3)];
    writer.finish(&losses).unwrap();
    let (given, end) = super::read(&device.bytes);
    assert_eq!(given.len(), 51);
    assert!(given[50].contains("Lost { events: 500 }"));
    assert_eq!((end.outcome, end.missing_events), (Outcome::Ended, 500));
    assert_eq!((end.cut_bytes, end.losses), (0, losses.to_vec()));
}
