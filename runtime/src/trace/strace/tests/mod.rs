//! Logs are read as the events that they tell of.

mod forms;
mod memory;
mod random;
mod real;
mod threads;

use super::{Note, StraceReader};
use crate::trace::event::{Event, What};
use crate::trace::memory::Memory;
use std::io::Cursor;
use trapline_lang::syscall;

/// The reader of a log.
fn reader(log: &str) -> StraceReader {
    StraceReader::new(Cursor::new(log.as_bytes().to_vec())).expect("a log")
}

/// Every event of a log, printed by `print`, and the notes.
fn read(log: &str, print: impl Fn(&Event<'_>) -> Option<String>) -> (Vec<String>, Vec<Note>) {
    let mut reader = reader(log);
    let mut printed = Vec::new();
    while let Some(event) = reader.next().expect("a string can be read") {
        printed.extend(print(&event));
    }
    (printed, reader.notes().to_vec())
}

/// What happened, in a line: `10 5/5 cat enter read(0x3, ...)`.
fn short(event: &Event<'_>) -> String {
    let thread = event.thread;
    let name = String::from_utf8_lossy(thread.name());
    let head = format!("{} {}/{} {name}", event.time, thread.process, thread.thread);
    let call =
        |abi, number: i32| syscall::by_number(abi, number as u32).map_or("?", |row| row.name);
    match event.what {
        What::Enter(enter) => format!("{head} enter {}", call(enter.abi, enter.number)),
        What::Exit(exit) => format!(
            "{head} exit {} {}",
            call(exit.abi, exit.number),
            exit.result
        ),
        What::Fork { child } => format!(
            "{head} fork {}/{} of {}",
            child.process, child.thread, child.parent
        ),
        What::Exec { file, old_thread } => {
            format!(
                "{head} exec {} was {old_thread}",
                String::from_utf8_lossy(file)
            )
        }
        What::End { last } => format!("{head} end{}", if last { " last" } else { "" }),
        What::Lost { events } => format!("{head} lost {events}"),
    }
}

/// Everything that happened in a log, and the notes as they print.
fn shorts(log: &str) -> (Vec<String>, Vec<String>) {
    let (events, notes) = read(log, |event| Some(short(event)));
    (events, notes.iter().map(ToString::to_string).collect())
}

/// The words of the only call in a log, its memory when it begins and when it ends.
struct OneCall {
    words: [u64; 6],
    before: Vec<u8>,
    after: Vec<u8>,
    notes: Vec<String>,
}

impl OneCall {
    fn of(line: &str) -> Self {
        let mut reader = reader(&format!("{line} <0.000001>\n"));
        let mut call = Self {
            words: [0; 6],
            before: Vec::new(),
            after: Vec::new(),
            notes: Vec::new(),
        };
        while let Some(event) = reader.next().expect("a string can be read") {
            match event.what {
                What::Enter(enter) => {
                    call.words = enter.arguments;
                    call.before = enter.memory.as_bytes().to_vec();
                }
                What::Exit(exit) => {
                    assert_eq!(exit.arguments, Some(call.words), "{line}");
                    call.after = exit.memory.as_bytes().to_vec();
                }
                _ => {}
            }
        }
        let notes = reader.notes().iter().map(ToString::to_string);
        call.notes = notes.filter(|note| !note.contains("strace -ttt")).collect();
        call
    }

    fn before(&self, argument: usize) -> Option<&[u8]> {
        Memory::from_bytes(&self.before).at(self.words[argument])
    }

    fn after(&self, argument: usize) -> Option<&[u8]> {
        Memory::from_bytes(&self.after).at(self.words[argument])
    }
}
