//! The kernel's own type information: names in, BTF ids and member offsets out.
//!
//! The file has some hundred thousand types; a script wants a handful. So it is mapped (Linux 6.16; read
//! before that) and scanned as raw bytes, and nothing of it is kept but an index of where types start.
//! Format: linux v6.12 Documentation/bpf/btf.rst, include/uapi/linux/btf.h.

mod describe;
mod prototype;

pub use prototype::Prototype;

use super::mapping::Mapping;
use std::path::Path;
use std::sync::OnceLock;
use std::{fs, io};

/// Where the kernel shows it.
pub const PATH: &str = "/sys/kernel/btf/vmlinux";

/// The kinds of types that can be looked up by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// `struct`
    Struct = 4,
    /// `union`
    Union = 5,
    /// `enum`
    Enum = 6,
    /// `typedef`
    Typedef = 8,
    /// A function.
    Func = 12,
    /// A variable.
    Var = 14,
    /// `enum` with constants of 64 bits.
    Enum64 = 19,
}

pub use describe::{Member, Shape};

enum Bytes {
    Mapped(Mapping),
    Read(Vec<u8>),
}

impl Bytes {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Mapped(mapping) => mapping,
            Self::Read(bytes) => bytes,
        }
    }
}

/// Type information in BTF form.
pub struct Btf {
    bytes: Bytes,
    /// Byte offset of each type, by id minus one.
    types: Vec<u32>,
    strings: usize,
}

/// A type's fixed part.
#[derive(Clone, Copy)]
struct Header {
    name: u32,
    kind: u8,
    /// How many members, parameters or the like follow.
    count: u32,
    /// Members keep the width of a bitfield in the high byte of their offset.
    bitfields: bool,
    /// Size, or the id of another type.
    size_or_type: u32,
}

const HEADER_SIZE: usize = 12;
const MEMBER_SIZE: usize = 12;

/// The running kernel's type information, opened once; `None` if the kernel shows none.
pub fn kernel() -> Option<&'static Btf> {
    static KERNEL: OnceLock<Option<Btf>> = OnceLock::new();
    KERNEL.get_or_init(|| Btf::vmlinux().ok()).as_ref()
}

impl Btf {
    /// Opens the kernel's.
    ///
    /// # Errors
    /// If the kernel shows none, or it is not BTF.
    fn vmlinux() -> io::Result<Self> {
        let file = fs::File::open(PATH)?;
        match Mapping::whole(&file) {
            Ok(mapping) => Self::new(Bytes::Mapped(mapping)),
            Err(_) => Self::open(Path::new(PATH)),
        }
    }

    /// Reads a file of raw BTF.
    ///
    /// # Errors
    /// If it cannot be read, or is not BTF.
    fn open(path: &Path) -> io::Result<Self> {
        Self::new(Bytes::Read(fs::read(path)?))
    }

    fn new(bytes: Bytes) -> io::Result<Self> {
        index(bytes.as_slice())
            .map(|(types, strings)| Self {
                types,
                strings,
                bytes,
            })
            .ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    "not BTF of this machine's byte order",
                )
            })
    }

    fn header(&self, id: u32) -> Option<(usize, Header)> {
        let at = *self.types.get(id.checked_sub(1)? as usize)? as usize;
        Some((at, header(self.bytes.as_slice(), at)?))
    }

    /// A string of the type information; empty if there is none at the offset.
    fn text(&self, offset: u32) -> &str {
        let bytes = self.bytes.as_slice();
        let rest = bytes
            .get(self.strings + offset as usize..)
            .unwrap_or_default();
        let end = rest
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).unwrap_or_default()
    }

    fn name_is(&self, offset: u32, name: &str) -> bool {
        let start = self.strings + offset as usize;
        let Some(text) = self.bytes.as_slice().get(start..) else {
            return false;
        };
        text.starts_with(name.as_bytes()) && text.get(name.len()) == Some(&0)
    }

    /// The id of the first type of that kind and name.
    pub fn find(&self, kind: Kind, name: &str) -> Option<u32> {
        let bytes = self.bytes.as_slice();
        let found = self.types.iter().position(|at| {
            header(bytes, *at as usize)
                .is_some_and(|header| header.kind == kind as u8 && self.name_is(header.name, name))
        })?;
        Some(found as u32 + 1)
    }

    /// The id that a `tp_btf` program for this tracepoint is loaded with.
    pub fn tracepoint(&self, name: &str) -> Option<u32> {
        self.find(Kind::Typedef, &format!("btf_trace_{name}"))
    }

    /// The size of a struct or union in bytes.
    pub fn size(&self, id: u32) -> Option<u32> {
        self.header(id).map(|(_, header)| header.size_or_type)
    }

    /// The byte offset of a member of a struct or union, found in its anonymous members as well; `None`
    /// for bitfields.
    pub fn member_offset(&self, id: u32, name: &str) -> Option<u32> {
        // Anonymous members nest a few levels deep; a cycle would be broken BTF.
        self.member_in(id, name, 8)
    }

    fn member_in(&self, id: u32, name: &str, depth: u32) -> Option<u32> {
        let (at, header) = self.header(self.strip(id)?)?;
        if ![Kind::Struct as u8, Kind::Union as u8].contains(&header.kind) {
            return None;
        }
        (0..header.count as usize).find_map(|n| {
            let member = at + HEADER_SIZE + n * MEMBER_SIZE;
            let bytes = self.bytes.as_slice();
            let (member_name, ty, bits) = (
                word(bytes, member)?,
                word(bytes, member + 4)?,
                word(bytes, member + 8)?,
            );
            let (width, bits) = if header.bitfields {
                (bits >> 24, bits & 0x00ff_ffff)
            } else {
                (0, bits)
            };
            if self.name_is(member_name, name) {
                return (width == 0 && bits % 8 == 0).then_some(bits / 8);
            }
            let anonymous = self.name_is(member_name, "") && depth > 0;
            let inner = if anonymous {
                self.member_in(ty, name, depth - 1)
            } else {
                None
            };
            inner.map(|offset| bits / 8 + offset)
        })
    }

    /// Follows `const`, `volatile`, `typedef` and type tags.
    fn strip(&self, mut id: u32) -> Option<u32> {
        const THROUGH: [u8; 5] = [8, 9, 10, 11, 18];
        for _ in 0..16 {
            let (_, header) = self.header(id)?;
            if !THROUGH.contains(&header.kind) {
                return Some(id);
            }
            id = header.size_or_type;
        }
        None
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

fn header(bytes: &[u8], at: usize) -> Option<Header> {
    let info = word(bytes, at + 4)?;
    Some(Header {
        name: word(bytes, at)?,
        kind: (info >> 24) as u8 & 0x1f,
        count: info & 0xffff,
        bitfields: info >> 31 != 0,
        size_or_type: word(bytes, at + 8)?,
    })
}

/// Where each type starts, and where the strings do.
fn index(bytes: &[u8]) -> Option<(Vec<u32>, usize)> {
    const MAGIC: [u8; 2] = 0xeb9f_u16.to_ne_bytes();
    if bytes.get(..2)? != MAGIC {
        return None;
    }
    let header_length = word(bytes, 4)? as usize;
    let mut at = header_length.checked_add(word(bytes, 8)? as usize)?;
    let end = at.checked_add(word(bytes, 12)? as usize)?;
    let strings = header_length.checked_add(word(bytes, 16)? as usize)?;
    // Types and strings together: some 30 bytes a type.
    let mut types = Vec::with_capacity(bytes.len() / 30);
    while at < end {
        types.push(u32::try_from(at).ok()?);
        let Header { kind, count, .. } = header(bytes, at)?;
        at += HEADER_SIZE + tail(kind, count as usize)?;
    }
    Some((types, strings))
}

/// Bytes that follow a type's fixed part, by its kind.
fn tail(kind: u8, count: usize) -> Option<usize> {
    Some(match kind {
        // INT, VAR, DECL_TAG
        1 | 14 | 17 => 4,
        // ARRAY
        3 => 12,
        // STRUCT, UNION, DATASEC, ENUM64
        4 | 5 | 15 | 19 => 12 * count,
        // ENUM, FUNC_PROTO
        6 | 13 => 8 * count,
        // PTR, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FLOAT, TYPE_TAG
        2 | 7..=12 | 16 | 18 => 0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `struct inner { int b; }`, then `struct outer { int a; struct { const inner_t; }; }` in raw BTF.
    fn sample() -> Vec<u8> {
        let strings = b"\0int\0outer\0a\0b\0btf_trace_x\0";
        let at = |name: &str| {
            let mut needle = vec![0];
            needle.extend(name.bytes());
            needle.push(0);
            let found = strings
                .windows(needle.len())
                .position(|window| window == needle);
            found.expect("in the strings") as u32 + 1
        };
        let kind = |kind: u32, count: u32| kind << 24 | count;
        let words = [
            // 1: int
            at("int"),
            kind(1, 0),
            4,
            32,
            // 2: struct { int b at 4 }
            0,
            kind(4, 1),
            8,
            at("b"),
            1,
            32,
            // 3: const of 2
            0,
            kind(10, 0),
            2,
            // 4: struct outer { int a; (anonymous) at 8 }
            at("outer"),
            kind(4, 2),
            16,
            at("a"),
            1,
            0,
            0,
            3,
            64,
            // 5: typedef btf_trace_x
            at("btf_trace_x"),
            kind(8, 0),
            1,
        ];
        let mut bytes = 0xeb9f_u16.to_ne_bytes().to_vec();
        bytes.extend([1, 0]);
        let types = words.len() as u32 * 4;
        for word in [24, 0, types, types, strings.len() as u32]
            .iter()
            .chain(&words)
        {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(strings);
        bytes
    }

    #[test]
    fn types_and_members_are_found() {
        let btf = Btf::new(Bytes::Read(sample())).expect("is BTF");
        let outer = btf.find(Kind::Struct, "outer").expect("has it");
        assert_eq!(outer, 4);
        assert_eq!(btf.find(Kind::Struct, "out"), None);
        assert_eq!(btf.member_offset(outer, "a"), Some(0));
        assert_eq!(
            btf.member_offset(outer, "b"),
            Some(12),
            "through an anonymous member"
        );
        assert_eq!(btf.member_offset(outer, "c"), None);
        assert_eq!(btf.size(outer), Some(16));
        assert_eq!(btf.tracepoint("x"), Some(5));
    }

    #[test]
    fn what_is_not_btf_is_refused() {
        for length in 0..sample().len() {
            let cut = sample()[..length].to_vec();
            // Whatever opens answers without panicking.
            if let Ok(btf) = Btf::new(Bytes::Read(cut)) {
                btf.member_offset(4, "b");
            }
        }
        assert!(Btf::new(Bytes::Read(b"\x7fELF".repeat(10))).is_err());
    }
}
