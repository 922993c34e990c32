//! One argument of a call, as strace prints it: by its [`Shape`], with the memory that was captured of it.

use super::event::{CallEvent, Moment};
use super::structure::{self, Alone, Change, Reader, Structure};
use super::{rule, text};
use trapline_lang::syscall::set::{self, Kind, Set};
use trapline_lang::syscall::shape::{Access, Length, Pointee, Shape};
use trapline_lang::syscall::{Abi, Argument, ArgumentKind, Syscall};

/// `AT_FDCWD` (linux v6.12 include/uapi/linux/fcntl.h).
const AT_FDCWD: i32 = -100;

/// Most bytes that strings of `execve`'s arrays show, as strace has it without `-s`.
const ARRAY_STRING: usize = 32;

/// What prints the arguments of a call.
pub(super) struct Printer<'a> {
    /// The call.
    pub(super) event: &'a CallEvent<'a>,
    /// What it is.
    pub(super) syscall: &'static Syscall,
    /// What stands behind the number of a file descriptor: `</etc/hosts>`; mostly nothing.
    pub(super) path: &'a mut dyn FnMut(i32) -> String,
}

impl<'a> Printer<'a> {
    /// The word of an argument, without what its register holds beyond its C type.
    pub(super) fn raw(&self, argument: usize) -> u64 {
        let word = self.event.arguments.get(argument).copied().unwrap_or(0);
        let bits = self
            .syscall
            .args
            .get(argument)
            .map_or(64, |known| bits(known, self.event.abi));
        zero_extended(word, bits)
    }

    /// The same as a number with the sign of its C type.
    pub(super) fn signed(&self, argument: usize) -> i128 {
        let raw = self.raw(argument);
        match self.syscall.args.get(argument) {
            Some(known) if matches!(known.kind, ArgumentKind::Int { signed: true, .. }) => {
                sign_extended(raw, bits(known, self.event.abi)).into()
            }
            _ => raw.into(),
        }
    }

    /// An argument of which nothing but its memory is known, neither the result nor the other arguments.
    pub(super) fn alone(&mut self, argument: usize, bytes: Option<&[u8]>, cut: bool) -> String {
        let word = self.raw(argument);
        let (Some(bytes), Some(shape)) = (bytes, self.syscall.shape_in(self.event.abi, argument))
        else {
            return text::address(word);
        };
        let Shape::Memory { what, length, .. } = shape.shape else {
            return self.argument(argument);
        };
        let shown = match (word, what) {
            (0, _) => None,
            (_, Pointee::Bytes) => Some(text::quoted_start(bytes, cut)),
            (_, Pointee::Structure("sockaddr")) => self.endpoint(bytes),
            (_, Pointee::Structure(name)) => {
                let elements = matches!(length, Length::Argument(_, 2..) | Length::Result(2..));
                match structure::by_name(name) {
                    Some(row) if elements => {
                        let size = (row.size)(self.event.abi).max(1);
                        self.array(row, size, (bytes.len() / size) as u64, bytes)
                    }
                    _ => self.structure(argument, name, Length::Terminated, bytes),
                }
            }
            _ => self.content(argument, what, Length::Terminated, Some(bytes)),
        };
        shown.unwrap_or_else(|| text::address(word))
    }

    /// The address of a socket as people write it; as strace does if it has no such form.
    fn endpoint(&mut self, bytes: &[u8]) -> Option<String> {
        let mut number = |number: i32| number.to_string();
        structure::endpoint(&mut Reader::new(self.event, bytes, &mut number))
            .or_else(|| self.structure(0, "sockaddr", Length::Terminated, bytes))
    }

    /// An argument by its shape.
    pub(super) fn argument(&mut self, argument: usize) -> String {
        let (Some(known), Some(row)) = (
            self.syscall.args.get(argument),
            self.syscall.shape_in(self.event.abi, argument),
        ) else {
            return text::hex(self.raw(argument));
        };
        let words = &self.event.arguments;
        let shape = self.syscall.dependent_shape(argument, words);
        match shape.unwrap_or(row.shape) {
            Shape::Number if known.kind == ArgumentKind::Pointer => {
                text::address(self.raw(argument))
            }
            Shape::Number => self.number(argument, known),
            Shape::Set(set) => self.named(argument, known, set),
            Shape::Address => text::address(self.raw(argument)),
            Shape::Memory {
                what,
                access,
                length,
            } => self.memory(argument, what, access, length),
        }
    }

    /// A number in decimal, with the sign of its type.
    fn number(&self, argument: usize, known: &Argument) -> String {
        let raw = self.raw(argument);
        match known.kind {
            ArgumentKind::Int { signed: true, .. } => {
                sign_extended(raw, bits(known, self.event.abi)).to_string()
            }
            _ => raw.to_string(),
        }
    }

    fn named(&mut self, argument: usize, known: &Argument, name: &str) -> String {
        let raw = self.raw(argument);
        match (name, set::by_name(name)) {
            ("fd" | "dirfd", set) => self.descriptor(raw as i32, set),
            (_, Some(set)) => {
                let signed = matches!(known.kind, ArgumentKind::Int { signed: true, .. });
                let number = match set.kind {
                    Kind::Values | Kind::Errno | Kind::Nanoseconds if signed => {
                        sign_extended(raw, bits(known, self.event.abi))
                    }
                    _ => raw as i64,
                };
                by_set(set, number)
            }
            (_, None) => text::hex(raw),
        }
    }

    /// A file descriptor; behind it what it is open on, if that is wanted.
    pub(super) fn descriptor(&mut self, number: i32, set: Option<&Set>) -> String {
        let text = match set {
            Some(set) => set.format(number.into()),
            None => number.to_string(),
        };
        if number >= 0 || number == AT_FDCWD && text != number.to_string() {
            return text + &(self.path)(number);
        }
        text
    }

    /// What was captured of an argument; its address if that tells nothing.
    fn memory(&mut self, argument: usize, what: Pointee, access: Access, length: Length) -> String {
        let word = self.raw(argument);
        if word == 0 {
            return text::address(word);
        }
        let entry = self.captured(argument, Moment::Entry, length);
        let exit = self.captured(argument, Moment::Exit, length);
        let succeeded = self.event.succeeded();
        let shown = match access {
            Access::In => self.content(argument, what, length, exit.or(entry)),
            Access::Lost => self.content(argument, what, length, entry.or(exit)),
            Access::Out if succeeded => self.content(argument, what, length, exit),
            Access::Out => None,
            Access::InOut => {
                let exit = exit.filter(|_| succeeded);
                self.changed(argument, what, length, entry, exit)
            }
        };
        shown.unwrap_or_else(|| match what {
            Pointee::Environment => format!("{} /* ? vars */", text::address(word)),
            _ => text::address(word),
        })
    }

    /// The bytes that were read, without those that do not belong to the argument.
    fn captured(&self, argument: usize, moment: Moment, length: Length) -> Option<&'a [u8]> {
        let full = self.full_length(length);
        match self.event.memory(argument, moment) {
            Some(bytes) => {
                let full = full.and_then(|full| usize::try_from(full).ok());
                Some(&bytes[..full.unwrap_or(bytes.len()).min(bytes.len())])
            }
            // Of nothing, nothing needs to be captured.
            None if full == Some(0) => Some(&[]),
            None => None,
        }
    }

    /// How many bytes belong to an argument, if that is known.
    fn full_length(&self, length: Length) -> Option<u64> {
        let length = match length {
            Length::Terminated => return None,
            Length::Fixed(size) => size.into(),
            Length::Argument(argument, size) => {
                let count = self.raw(argument.into());
                count.saturating_mul(size.into())
            }
            Length::Behind(argument) => {
                let argument = argument.into();
                let exit = self.event.memory(argument, Moment::Exit);
                let bytes = exit.or(self.event.memory(argument, Moment::Entry))?;
                u32::from_le_bytes(*bytes.first_chunk()?).into()
            }
            Length::Result(size) => {
                let result = u64::try_from(self.event.result?).ok()?;
                result.saturating_mul(size.into())
            }
        };
        Some(length)
    }

    fn content(
        &mut self,
        argument: usize,
        what: Pointee,
        length: Length,
        bytes: Option<&[u8]>,
    ) -> Option<String> {
        let bytes = bytes?;
        match what {
            Pointee::String => {
                let string = text::until_nul(bytes);
                Some(text::quoted_start(string, string.len() == bytes.len()))
            }
            Pointee::Bytes => {
                let cut = self
                    .full_length(length)
                    .is_some_and(|full| full > bytes.len() as u64);
                Some(match rule::is_binary(self.syscall.name) {
                    true => text::quoted_hex(bytes, cut),
                    false => text::quoted_start(bytes, cut),
                })
            }
            Pointee::Strings => Some(strings(bytes)),
            Pointee::Environment => Some(format!(
                "{} {}",
                text::address(self.raw(argument)),
                variables(bytes)?
            )),
            Pointee::Structure(name) => self.structure(argument, name, length, bytes),
        }
    }

    /// What is left of the time that a call was to wait for.
    pub(super) fn left(&mut self, argument: usize) -> Option<String> {
        let Shape::Memory { what, length, .. } =
            self.syscall.shape_in(self.event.abi, argument)?.shape
        else {
            return None;
        };
        let bytes = self.captured(argument, Moment::Exit, length);
        self.content(argument, what, length, bytes)
    }

    /// Memory that the call has read and then overwritten.
    fn changed(
        &mut self,
        argument: usize,
        what: Pointee,
        length: Length,
        entry: Option<&[u8]>,
        exit: Option<&[u8]>,
    ) -> Option<String> {
        let before = self.content(argument, what, length, entry);
        let after = self.content(argument, what, length, exit);
        let change = match what {
            Pointee::Structure(name) => structure::by_name(name).map(|row| row.change),
            _ => None,
        };
        let change = match rule::tells_changes_behind_the_result(self.syscall.name) {
            true => Change::Before,
            false => change.unwrap_or(Change::Arrow),
        };
        match (before, after, change) {
            (Some(before), _, Change::Before) => Some(before),
            (_, Some(after), Change::After) => Some(after),
            (Some(before), Some(after), _) if before == after => Some(after),
            (Some(before), Some(after), Change::Inside) => {
                let (before, after) = (before.strip_suffix(']')?, after.strip_prefix('[')?);
                Some(format!("{before} => {after}"))
            }
            (Some(before), Some(after), _) => Some(format!("{before} => {after}")),
            (before, after, _) => before.or(after),
        }
    }

    /// A structure or an array of them.
    fn structure(
        &mut self,
        argument: usize,
        name: &str,
        length: Length,
        bytes: &[u8],
    ) -> Option<String> {
        let (name, count) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((name, count)) => (name, count.parse().ok()),
            None => (name, None),
        };
        let row = structure::by_name(name)?;
        let size = (row.size)(self.event.abi);
        let count = count.or(match length {
            Length::Argument(counter, 2..) => Some(self.raw(counter.into())),
            Length::Result(2..) => u64::try_from(self.event.result?).ok(),
            _ => None,
        });
        if let Some(count) = count {
            return self.array(row, size, count, bytes);
        }
        if bytes.len() < size {
            return None;
        }
        let text = self.one(row, bytes)?;
        Some(match row.alone {
            Alone::Plain if text.starts_with("/*") => {
                format!("{} {text}", text::address(self.raw(argument)))
            }
            Alone::Plain => text,
            Alone::Bracketed => format!("[{text}]"),
        })
    }

    fn array(&mut self, row: &Structure, size: usize, count: u64, bytes: &[u8]) -> Option<String> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let elements = bytes.chunks_exact(size.max(1)).take(count);
        let texts: Option<Vec<String>> = elements.map(|element| self.one(row, element)).collect();
        let texts = texts?;
        match texts.is_empty() && count > 0 {
            true => None,
            false => Some(text::list(&texts, texts.len() < count)),
        }
    }

    fn one(&mut self, row: &Structure, bytes: &[u8]) -> Option<String> {
        let path = &mut *self.path;
        let mut descriptor = |number: i32| match number {
            0.. => format!("{number}{}", path(number)),
            _ => number.to_string(),
        };
        (row.print)(&mut Reader::new(self.event, bytes, &mut descriptor))
    }
}

/// Numbers by a set, signals as strace counts them.
pub(super) fn by_set(set: &Set, number: i64) -> String {
    match (set.kind, u32::try_from(number)) {
        (Kind::Signal, Ok(number)) => structure::signal_name(number),
        _ => set.format(number),
    }
}

/// Bits of an argument's register that its C type has.
fn bits(argument: &Argument, abi: Abi) -> u32 {
    let register = match abi {
        Abi::I386 | Abi::Arm => 32,
        Abi::X86_64 | Abi::Aarch64 | Abi::X32 => 64,
    };
    match argument.kind {
        ArgumentKind::Int { bits, .. } => u32::from(bits).clamp(1, register),
        ArgumentKind::CString | ArgumentKind::Pointer => register,
    }
}

fn zero_extended(word: u64, bits: u32) -> u64 {
    let unused = 64 - bits.clamp(1, 64);
    word << unused >> unused
}

/// The number of a word's lowest bits.
fn sign_extended(word: u64, bits: u32) -> i64 {
    let unused = 64 - bits.clamp(1, 64);
    (word << unused) as i64 >> unused
}

/// `["ls", "/usr"]`; the last string is empty if there were more.
fn strings(bytes: &[u8]) -> String {
    let mut strings: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == 0).collect();
    // A string without its NUL was cut; only the capture's end can cut one.
    let full = trapline_codegen::object::CallRecord::STRINGS as usize;
    let more = strings.len() > full && strings.last() == Some(&b"\0".as_slice());
    if more {
        strings.pop();
    }
    let texts: Vec<String> = strings
        .iter()
        .map(|string| {
            let (content, ended) = match string.strip_suffix(b"\0") {
                Some(content) => (content, true),
                None => (*string, false),
            };
            let shown = &content[..content.len().min(ARRAY_STRING)];
            text::quoted_start(shown, !ended || shown.len() < content.len())
        })
        .collect();
    text::list(&texts, more)
}

/// The capture counts no further.
const MOST_VARIABLES: u64 = 256;

/// How many variables an environment has, which is all that is captured of it.
fn variables(bytes: &[u8]) -> Option<String> {
    let count = u64::from_le_bytes(*bytes.first_chunk()?);
    Some(match count {
        1 => "/* 1 var */".to_owned(),
        MOST_VARIABLES.. => format!("/* {MOST_VARIABLES} or more vars */"),
        count => format!("/* {count} vars */"),
    })
}
