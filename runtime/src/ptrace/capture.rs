//! Which memory belongs to a system call, by the rows of its arguments: a call in, pieces out.
//!
//! What is read when: at entry what the call reads ([`Access::In`]), overwrites or takes with it; at exit, if it did not
//! fail, what it has written.

use crate::trace::memory::{AddressSpace, MemoryBuffer};
use std::collections::HashMap;
use trapline_lang::syscall::shape::{Access, Length, Pointee, Shape};
use trapline_lang::syscall::{self, Abi, ArgumentKind};

/// Most bytes of a string, the NUL included: `PATH_MAX`.
const STRING: usize = 4096;
/// Most bytes of a structure, or of an array of them.
const STRUCTURES: u32 = 4096;
/// Most strings of an array, and most bytes of all of them together.
const STRINGS: usize = 1024;
const STRINGS_BYTES: usize = 128 * 1024;

/// How much memory events come with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// None: whoever wants it reads it from the stopped thread.
    Nothing,
    /// At entry what the exit will not have any more: [`Access::Lost`] and [`Access::InOut`].
    #[default]
    Lost,
    /// All that belongs to calls, for a recording.
    Everything,
}

/// A call, as it was at its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whose number.
    pub abi: Abi,
    /// The number as the kernel shows it.
    pub number: i32,
    /// The six words.
    pub arguments: [u64; 6],
}

/// Reads memory of calls; remembers what belongs to which.
#[derive(Debug)]
pub struct Capturer {
    capture: Capture,
    buffer_bytes: u32,
    plans: HashMap<(Abi, i32), Vec<Item>>,
}

/// What belongs to an argument.
#[derive(Clone, Copy, Debug)]
struct Item {
    argument: usize,
    what: What,
    access: Access,
    length: Length,
    /// The bits of the argument that says the length.
    length_bits: u8,
}

#[derive(Clone, Copy, Debug)]
enum What {
    String,
    Strings,
    /// At most so many.
    Bytes(u32),
}

/// At which edge of a call memory is read.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Entry,
    Exit(i64),
}

impl Capturer {
    /// Of buffers (`read`, `write`) at most so many bytes are read.
    pub fn new(capture: Capture, buffer_bytes: u32) -> Self {
        Self {
            capture,
            buffer_bytes,
            plans: HashMap::new(),
        }
    }

    /// Adds what belongs to a call that begins.
    pub fn enter(&mut self, call: &Call, space: &mut dyn AddressSpace, to: &mut MemoryBuffer) {
        self.read(call, Moment::Entry, space, to);
    }

    /// Adds what belongs to a call that has returned this.
    pub fn exit(
        &mut self,
        call: &Call,
        result: i64,
        space: &mut dyn AddressSpace,
        to: &mut MemoryBuffer,
    ) {
        self.read(call, Moment::Exit(result), space, to);
    }

    fn read(
        &mut self,
        call: &Call,
        moment: Moment,
        space: &mut dyn AddressSpace,
        to: &mut MemoryBuffer,
    ) {
        let wanted: &[Access] = match (self.capture, moment) {
            (Capture::Lost, Moment::Entry) => &[Access::InOut, Access::Lost],
            (Capture::Everything, Moment::Entry) => &[Access::In, Access::InOut, Access::Lost],
            (Capture::Everything, Moment::Exit(result)) if !(-4095..0).contains(&result) => {
                &[Access::Out, Access::InOut]
            }
            _ => return,
        };
        let plan = self
            .plans
            .entry((call.abi, call.number))
            .or_insert_with(|| plan(call.abi, call.number, self.buffer_bytes));
        for item in plan.iter().filter(|item| wanted.contains(&item.access)) {
            item.read(call, moment, space, to);
        }
    }
}

/// What belongs to the arguments of a call; nothing if it is not known.
fn plan(abi: Abi, number: i32, buffer_bytes: u32) -> Vec<Item> {
    let Some(definition) = syscall::by_number(abi, number as u32) else {
        return Vec::new();
    };
    let item = |argument: usize| {
        let Shape::Memory {
            what,
            access,
            length,
        } = definition.shape_in(abi, argument)?.shape
        else {
            return None;
        };
        let what = match what {
            Pointee::String => What::String,
            Pointee::Strings | Pointee::Environment => What::Strings,
            Pointee::Bytes => What::Bytes(buffer_bytes),
            Pointee::Structure(_) => What::Bytes(STRUCTURES),
        };
        let length_bits = match length {
            Length::Argument(n, _) => match definition.args.get(usize::from(n))?.kind {
                ArgumentKind::Int { bits, .. } => bits,
                ArgumentKind::CString | ArgumentKind::Pointer => 64,
            },
            _ => 64,
        };
        Some(Item {
            argument,
            what,
            access,
            length,
            length_bits,
        })
    };
    (0..definition.args.len().min(6)).filter_map(item).collect()
}

impl Item {
    fn read(
        &self,
        call: &Call,
        moment: Moment,
        space: &mut dyn AddressSpace,
        to: &mut MemoryBuffer,
    ) {
        let address = call.arguments[self.argument];
        if address == 0 {
            return;
        }
        match self.what {
            What::String => {
                string(address, space, to);
            }
            What::Strings => strings(address, pointer_size(call.abi), space, to),
            What::Bytes(most) => {
                let length = self.length(call, moment, space).min(u64::from(most));
                bytes(address, length as usize, space, to);
            }
        }
    }

    fn length(&self, call: &Call, moment: Moment, space: &mut dyn AddressSpace) -> u64 {
        match (self.length, moment) {
            (Length::Terminated, _) => STRING as u64,
            (Length::Fixed(bytes), _) => bytes.into(),
            (Length::Argument(n, unit), _) => {
                let bits = self.length_bits.clamp(1, 64);
                let count = call.arguments.get(usize::from(n)).copied().unwrap_or(0);
                let count = count & u64::MAX >> (64 - bits);
                count.saturating_mul(unit.into())
            }
            (Length::Behind(n), _) => {
                let at = call.arguments.get(usize::from(n)).copied().unwrap_or(0);
                let mut length = [0; 4];
                match space.read(at, &mut length) {
                    Ok(()) => u32::from_le_bytes(length).into(),
                    Err(_) => 0,
                }
            }
            (Length::Result(unit), Moment::Exit(result)) => {
                u64::try_from(result).map_or(0, |count| count.saturating_mul(unit.into()))
            }
            (Length::Result(_), Moment::Entry) => 0,
        }
    }
}

/// `execve` of x32 takes pointers as wide as those of 32-bit programs, as all its structures have them.
fn pointer_size(abi: Abi) -> usize {
    match abi {
        Abi::X86_64 | Abi::Aarch64 => 8,
        Abi::I386 | Abi::X32 | Abi::Arm => 4,
    }
}

/// How many bytes were added.
fn string(address: u64, space: &mut dyn AddressSpace, to: &mut MemoryBuffer) -> usize {
    let mut text = [0; STRING];
    match space.read_string(address, &mut text) {
        Ok(length) => {
            to.push(address, Ok(&text[..length]));
            length
        }
        Err(error) => {
            to.push(address, Err(error));
            0
        }
    }
}

/// The array of pointers with the null at its end, then each string.
fn strings(address: u64, pointer_size: usize, space: &mut dyn AddressSpace, to: &mut MemoryBuffer) {
    let mut array = Vec::new();
    let mut pointers = Vec::new();
    let mut failed = None;
    while pointers.len() < STRINGS {
        let mut word = [0; 8];
        let Some(at) = address.checked_add(array.len() as u64) else {
            break;
        };
        if let Err(error) = space.read(at, &mut word[..pointer_size]) {
            failed = Some((at, error));
            break;
        }
        array.extend(&word[..pointer_size]);
        match u64::from_le_bytes(word) {
            0 => break,
            pointer => pointers.push(pointer),
        }
    }
    if !array.is_empty() {
        to.push(address, Ok(&array));
    }
    if let Some((at, error)) = failed {
        to.push(at, Err(error));
    }
    let mut bytes = 0;
    for pointer in pointers {
        if bytes >= STRINGS_BYTES {
            break;
        }
        bytes += string(pointer, space, to);
    }
}

/// As many as can be read: a buffer may be larger than what is there of it.
fn bytes(address: u64, length: usize, space: &mut dyn AddressSpace, to: &mut MemoryBuffer) {
    const PAGE: u64 = 4096;
    if length == 0 {
        return;
    }
    let mut content = vec![0; length];
    let Err(error) = space.read(address, &mut content) else {
        return to.push(address, Ok(&content));
    };
    let mut done = 0;
    while done < length {
        let at = address.saturating_add(done as u64);
        let end = length.min(done + (PAGE - at % PAGE) as usize);
        if space.read(at, &mut content[done..end]).is_err() {
            break;
        }
        done = end;
    }
    if done > 0 {
        to.push(address, Ok(&content[..done]));
    }
    // Where reading stops, and why.
    to.push(address.saturating_add(done as u64), Err(error));
}

#[cfg(test)]
mod tests;
