//! Captured system calls: bytes in, what strace would print of them out.
//!
//! [`event`] takes the bytes apart. A call prints by the rows of `trapline_lang::syscall`: [`argument`] prints one
//! argument, [`structure`] the memory behind it, [`rule`] says which arguments count, [`result`] prints what stands
//! behind `=`, [`descriptor`] what happens to file descriptors. Calls and structures without rows print as words and addresses.

mod argument;
mod descriptor;
mod event;
mod result;
mod rule;
mod structure;
mod text;

pub(super) use descriptor::changes;
pub(crate) use event::CallEvent;
pub(crate) use structure::sets as structure_sets;

use crate::value::{Call, CallArgument};
use argument::Printer;
use event::{Moment, Piece};
use trapline_lang::syscall::shape::{Fate, Shape};
use trapline_lang::syscall::{self, Abi, Syscall, errno};

/// How system calls print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// Words as what they mean, or as numbers.
    pub words: Words,
    /// File descriptors with what they are open on.
    pub descriptors: Descriptors,
}

/// How words of system calls print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// As what they mean: names of flags, strings, structures.
    #[default]
    Names,
    /// As numbers.
    Raw,
}

/// How file descriptors print in the lines of system calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Descriptors {
    /// As numbers.
    #[default]
    Numbers,
    /// With what they are open on: `3</etc/hosts>`.
    Paths,
}

/// Results stand in this column, if the call leaves room.
const RESULT_COLUMN: usize = 39;

/// A call. `path` gives what stands behind the number of a file descriptor.
pub(super) fn call(
    event: &CallEvent<'_>,
    native: Abi,
    words: Words,
    time: u64,
    path: &mut dyn FnMut(i32) -> String,
) -> Call {
    let known = syscall::by_number(event.abi, event.number);
    let (name, arguments, result) = match known {
        None => unknown(event),
        Some(syscall) => {
            let mut printer = Printer {
                event,
                syscall,
                path,
            };
            let arguments = match words {
                Words::Names => named(&mut printer),
                Words::Raw => raw(&printer),
            };
            let result = match words {
                Words::Names => printer.result(),
                Words::Raw => raw_result(event, syscall),
            };
            (syscall.name.to_owned(), arguments, result)
        }
    };
    let prefix = match event.abi == native {
        true => String::new(),
        false => format!("[{}] ", event.abi.name()),
    };
    let shown: Vec<String> = arguments.iter().map(shown).collect();
    let begun = format!("{prefix}{name}({}", shown.join(", "));
    let never_returns = known.is_some_and(|known| known.semantics().fate == Fate::NeverReturns);
    let line = match event.result {
        None if !never_returns => format!("{begun} <unfinished ...>"),
        _ => format!("{:<RESULT_COLUMN$} = {result}", format!("{begun})")),
    };
    Call {
        line,
        syscall: name,
        abi: event.abi.name(),
        process: event.process,
        thread: event.thread,
        comm: String::from_utf8_lossy(event.comm).into_owned(),
        arguments,
        result: event.result,
        error: event.error().map(error_name),
        latency: event.latency,
        time,
    }
}

fn error_name(number: u32) -> String {
    errno::name(number).map_or_else(|| number.to_string(), str::to_owned)
}

fn shown(argument: &CallArgument) -> String {
    match argument.label {
        Some(label) => format!("{label}={}", argument.text),
        None => argument.text.clone(),
    }
}

/// A call whose number is in no table: all of its words.
fn unknown(event: &CallEvent<'_>) -> (String, Vec<CallArgument>, String) {
    let arguments = event
        .arguments
        .iter()
        .enumerate()
        .map(|(n, word)| CallArgument {
            name: format!("arg{n}"),
            label: None,
            raw: (*word).into(),
            text: text::hex(*word),
        });
    let result = match (event.result, event.error()) {
        (None, _) => "?".to_owned(),
        (_, Some(number)) => result::error(number),
        (Some(result), None) => text::hex(result as u64),
    };
    let name = format!("syscall_{:#x}", event.number);
    (name, arguments.collect(), result)
}

fn named(printer: &mut Printer<'_>) -> Vec<CallArgument> {
    let parts = rule::parts(printer).into_iter();
    parts
        .map(|part| CallArgument {
            name: name(printer.syscall, part.argument()),
            label: part.label(),
            raw: printer.signed(part.argument()),
            text: part.print(printer),
        })
        .collect()
}

fn raw(printer: &Printer<'_>) -> Vec<CallArgument> {
    let arguments = 0..printer.syscall.args.len();
    arguments
        .map(|argument| CallArgument {
            name: name(printer.syscall, argument),
            label: None,
            raw: printer.signed(argument),
            text: text::hex(printer.raw(argument)),
        })
        .collect()
}

fn name(syscall: &Syscall, argument: usize) -> String {
    let shape = syscall.shape(argument);
    shape.map_or_else(|| format!("arg{argument}"), |shape| shape.name.to_owned())
}

/// A result as a number, in hexadecimal where it is an address.
fn raw_result(event: &CallEvent<'_>, syscall: &Syscall) -> String {
    let Some(result) = event.result else {
        return "?".to_owned();
    };
    match syscall.semantics().result {
        Shape::Address | Shape::Set("hex") if result >= 0 => text::hex(result as u64),
        _ => result.to_string(),
    }
}

/// An argument of a call by itself: the bytes of a [`trapline_lang::types::Type::CallArgument`] in, its word and text
/// out.
pub(super) fn argument(
    native: Abi,
    (name, argument, capacity): (&str, u8, u32),
    words: Words,
    bytes: &[u8],
    path: &mut dyn FnMut(i32) -> String,
) -> (u64, String) {
    let (head, content) = bytes.split_at(bytes.len().min(16));
    let word = super::word(head);
    // The length, or the error, and the ABI, as the high half of `syscall::encode`.
    let second = super::word(head.get(8..).unwrap_or_default());
    let length = second as i32;
    let abi = syscall::decode(native, second).map_or(native, |(abi, _)| abi);
    if words == Words::Raw {
        return (word, text::hex(word));
    }
    let Some(syscall) = syscall::by_name(name) else {
        return (word, text::address(word));
    };
    let capacity = capacity as usize;
    let read = usize::try_from(length).ok();
    let content = read.map(|read| &content[..read.min(capacity).min(content.len())]);
    // What was captured to the last byte may go on.
    let cut = read.is_some_and(|read| read >= capacity);
    let mut arguments = [0; 6];
    if let Some(place) = arguments.get_mut(usize::from(argument)) {
        *place = word;
    }
    let number = syscall::number(abi, syscall).unwrap_or(u32::MAX);
    let syscall = syscall::by_number(abi, number).unwrap_or(syscall);
    let piece = Piece {
        argument,
        moment: Moment::Exit,
        bytes: content,
    };
    let event = CallEvent {
        abi,
        number,
        arguments,
        // It has succeeded as far as is known; errors leave no memory to print.
        result: Some(i64::MAX),
        latency: None,
        process: 0,
        thread: 0,
        comm: &[],
        pieces: vec![piece],
    };
    let mut printer = Printer {
        event: &event,
        syscall,
        path,
    };
    (word, printer.alone(argument.into(), content, cut))
}

#[cfg(test)]
mod tests;
