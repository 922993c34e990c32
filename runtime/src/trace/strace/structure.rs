//! Structures as strace prints them, member by member, turned into bytes.
//!
//! What strace leaves out (`...`) is not known: of such a structure only the members that it shows get into memory, so
//! that reading another one fails instead of giving a zero.

use super::layout::{self, Kind, Layout};
use super::material::{Material, Moment};
use super::notes::{self, Notes};
use super::{scan, special, word};
use std::ops::Range;
use trapline_lang::syscall::Abi;

/// Turns text into structures.
pub(super) struct Filler<'a> {
    /// Whose structures.
    pub(super) abi: Abi,
    /// Where they go.
    pub(super) material: &'a mut Material,
    /// Where what is not understood goes.
    pub(super) notes: &'a mut Notes,
    /// When the structures are as shown.
    pub(super) moment: Moment,
    /// When the buffers that they point to are.
    pub(super) buffers: Moment,
}

/// Bytes in the making.
#[derive(Default)]
struct Image {
    bytes: Vec<u8>,
    /// Which of them are known, if not all.
    known: Vec<Range<usize>>,
    /// Something is not known.
    partial: bool,
}

/// Elements of an array that are looked at, and structures in structures.
const MOST_ELEMENTS: usize = 65_536;
const MOST_NESTED: u32 = 8;

impl Image {
    fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[at..end].copy_from_slice(bytes);
        match self.known.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => self.known.push(at..end),
        }
    }

    fn reach(&mut self, end: usize) {
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
    }
}

impl Filler<'_> {
    /// Puts a structure, or an array of them, into memory; its address. `None` if the text was not understood.
    pub(super) fn place(&mut self, name: &str, text: &[u8]) -> Option<u64> {
        self.place_at(None, name, text, 0)
    }

    /// The same at an address that the call has already.
    pub(super) fn place_again(&mut self, address: u64, name: &str, text: &[u8]) -> Option<u64> {
        self.place_at(Some(address), name, text, 0)
    }

    fn place_at(
        &mut self,
        address: Option<u64>,
        name: &str,
        text: &[u8],
        depth: u32,
    ) -> Option<u64> {
        let mut image = Image::default();
        if !self.any(name, text, &mut image, 0, depth) {
            return None;
        }
        let address = address.unwrap_or_else(|| self.material.reserve(image.bytes.len()));
        if !image.partial {
            self.material.put(address, &image.bytes, self.moment);
            return Some(address);
        }
        for known in image.known {
            let at = address + known.start as u64;
            self.material.put(at, &image.bytes[known], self.moment);
        }
        Some(address)
    }

    /// One structure, or several between brackets.
    fn any(&mut self, name: &str, text: &[u8], image: &mut Image, at: usize, depth: u32) -> bool {
        if depth > MOST_NESTED {
            return false;
        }
        let text = scan::without_comment(text);
        if let Some(read) = special::reader(name) {
            let bytes = read(text);
            return bytes.map(|bytes| image.write(at, &bytes)).is_some();
        }
        match scan::between(text, b'[', b']') {
            Some(elements) => self.several(name, elements, image, at, depth),
            None => self.one(name, text, image, at, depth),
        }
    }

    fn several(
        &mut self,
        name: &str,
        text: &[u8],
        image: &mut Image,
        at: usize,
        depth: u32,
    ) -> bool {
        let size = match (
            layout::number(name, self.abi),
            layout::by_name(name, self.abi),
        ) {
            (Some(size), _) => size,
            (None, Some(layout)) => layout.size,
            (None, None) => return false,
        };
        let mut place = at;
        for element in scan::split(text, b",").take(MOST_ELEMENTS) {
            match element {
                b"" => {}
                // The rest of the array is not known, and lies behind.
                b"..." => break,
                _ if !self.one(name, element, image, place, depth) => return false,
                _ => place += size,
            }
        }
        true
    }

    fn one(&mut self, name: &str, text: &[u8], image: &mut Image, at: usize, depth: u32) -> bool {
        if let Some(size) = layout::number(name, self.abi) {
            return self.number(text, size, image, at);
        }
        let Some(layout) = layout::by_name(name, self.abi) else {
            return false;
        };
        if name == "file_timespec"
            && let Some(nanoseconds) = self.word(text)
        {
            // `UTIME_NOW`
            image.write(at, &[0; 8]);
            image.write(at + 8, &nanoseconds.to_le_bytes());
            return true;
        }
        let text = scan::without_comment(text);
        let Some(members) = scan::between(text, b'{', b'}') else {
            return false;
        };
        let others = std::mem::take(&mut image.partial);
        let partial = self.members(layout, name, members, image, at, depth) | image.partial;
        image.partial = partial | others;
        image.reach(at + layout.size);
        if !partial {
            image.known.push(at..at + layout.size);
        }
        true
    }

    /// The members of a structure; whether some are not known.
    fn members(
        &mut self,
        layout: &Layout,
        name: &str,
        text: &[u8],
        image: &mut Image,
        at: usize,
        depth: u32,
    ) -> bool {
        let mut partial = false;
        for (position, part) in scan::split(text, b",").enumerate() {
            if part.is_empty() {
                continue;
            }
            if part == b"..." {
                partial = true;
                continue;
            }
            let (label, value) = label(part);
            let member = match label {
                Some(label) => layout
                    .members
                    .iter()
                    .find(|member| member.name.as_bytes() == label),
                None => layout.members.get(position),
            };
            let filled = member.is_some_and(|member| {
                self.member(member.kind, value, image, at + member.at, depth + 1)
            });
            if !filled {
                partial = true;
                let label = label.map_or_else(|| "?".into(), String::from_utf8_lossy);
                self.notes
                    .add(notes::Kind::Structure(format!("{name}.{label}")));
            }
        }
        partial
    }

    fn member(
        &mut self,
        kind: Kind,
        text: &[u8],
        image: &mut Image,
        at: usize,
        depth: u32,
    ) -> bool {
        match kind {
            Kind::Number(size) => self.number(text, size, image, at),
            Kind::Text(size) => match scan::string(text) {
                Some((mut bytes, _)) => {
                    bytes.truncate(size - 1);
                    bytes.resize(size, 0);
                    image.write(at, &bytes);
                    true
                }
                None => false,
            },
            Kind::Structure(name) => self.any(name, text, image, at, depth),
            Kind::Pointer(name) => {
                let address = self
                    .word(text)
                    .or_else(|| self.place_at(None, name, text, depth));
                address
                    .map(|address| image.write(at, &address.to_le_bytes()))
                    .is_some()
            }
            Kind::Buffer => {
                let address = match scan::string(text) {
                    Some((bytes, _)) => Some(self.material.place(&bytes, self.buffers)),
                    None => self.word(text),
                };
                address
                    .map(|address| image.write(at, &address.to_le_bytes()))
                    .is_some()
            }
        }
    }

    fn number(&mut self, text: &[u8], size: usize, image: &mut Image, at: usize) -> bool {
        let number = self.word(text);
        number
            .map(|number| image.write(at, &number.to_le_bytes()[..size]))
            .is_some()
    }

    /// `None` if the text is no number.
    fn word(&mut self, text: &[u8]) -> Option<u64> {
        let notes = &mut *self.notes;
        let mut unknown = |name: &str| notes.add(notes::Kind::Constant(name.to_owned()));
        word::number(text, None, &mut unknown)
    }
}

/// The name in front of `=`, and what stands behind it.
pub(super) fn label(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    match end {
        Some(end) if end > 0 && text[end] == b'=' && !text[end + 1..].starts_with(b"=") => {
            (Some(&text[..end]), &text[end + 1..])
        }
        _ => (None, text),
    }
}
