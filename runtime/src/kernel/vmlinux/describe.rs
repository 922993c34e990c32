//! What a type consists of: an id in, its shape out.

use super::{Btf, HEADER_SIZE, Kind, MEMBER_SIZE, word};

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape<'a> {
    /// No type: what `void *` leads to, functions.
    Void,
    /// An integer.
    Int {
        /// `char`, `unsigned long`.
        name: &'a str,
        /// Bytes.
        size: u32,
        /// Two's complement.
        signed: bool,
        /// `_Bool`
        boolean: bool,
    },
    /// A floating-point number.
    Float {
        /// Bytes.
        size: u32,
    },
    /// A pointer.
    Pointer {
        /// What it leads to.
        target: u32,
    },
    /// An array.
    Array {
        /// Of its elements.
        element: u32,
        /// How many.
        length: u32,
    },
    /// A struct or union.
    Composite {
        /// Empty for an anonymous one.
        name: &'a str,
        /// It is a union.
        union: bool,
        /// Bytes; zero if only its name is known.
        size: u32,
    },
    /// An enum.
    Enum {
        /// Empty for an anonymous one.
        name: &'a str,
        /// Bytes.
        size: u32,
        /// Some constant is negative.
        signed: bool,
    },
    /// `typedef`, `const` and their kin.
    Alias {
        /// What it stands for.
        of: u32,
        /// It says that a pointer leads to the memory of the process.
        user: bool,
    },
}

/// A member of a struct or union.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// Empty for an anonymous one.
    pub name: &'a str,
    /// Its type.
    pub ty: u32,
    /// Bits from the start of the struct.
    pub bit_offset: u32,
    /// How many bits a bitfield has; zero for anything else.
    pub bit_width: u32,
}

impl Btf {
    /// What the type of an id is.
    pub fn shape(&self, id: u32) -> Option<Shape<'_>> {
        if id == 0 {
            return Some(Shape::Void);
        }
        let (at, header) = self.header(id)?;
        let bytes = self.bytes.as_slice();
        let tail = at + HEADER_SIZE;
        let size = header.size_or_type;
        Some(match header.kind {
            1 => {
                // linux v6.12 include/uapi/linux/btf.h: BTF_INT_SIGNED, BTF_INT_BOOL.
                let encoding = word(bytes, tail)? >> 24;
                Shape::Int {
                    name: self.text(header.name),
                    size,
                    signed: encoding & 1 != 0,
                    boolean: encoding & 4 != 0,
                }
            }
            2 => Shape::Pointer { target: size },
            3 => Shape::Array {
                element: word(bytes, tail)?,
                length: word(bytes, tail + 8)?,
            },
            4 | 5 => Shape::Composite {
                name: self.text(header.name),
                union: header.kind == 5,
                size,
            },
            6 | 19 => Shape::Enum {
                name: self.text(header.name),
                size,
                signed: header.bitfields,
            },
            7 => Shape::Composite {
                name: self.text(header.name),
                union: header.bitfields,
                size: 0,
            },
            8..=11 => Shape::Alias {
                of: size,
                user: false,
            },
            18 => Shape::Alias {
                of: size,
                user: self.name_is(header.name, "user"),
            },
            16 => Shape::Float { size },
            _ => Shape::Void,
        })
    }

    /// The members of a struct or union, in order; none for anything else.
    pub fn members(&self, id: u32) -> Vec<Member<'_>> {
        let composite = [Kind::Struct as u8, Kind::Union as u8];
        let Some((at, header)) = self
            .header(id)
            .filter(|(_, header)| composite.contains(&header.kind))
        else {
            return Vec::new();
        };
        let first = at + HEADER_SIZE;
        (0..header.count as usize)
            .filter_map(|n| self.member_at(first + n * MEMBER_SIZE, header.bitfields))
            .collect()
    }

    /// Names and values of an enum's constants, in order; none for anything else.
    pub fn constants(&self, id: u32) -> Vec<(&str, i64)> {
        let enums = [Kind::Enum as u8, Kind::Enum64 as u8];
        let Some((at, header)) = self
            .header(id)
            .filter(|(_, header)| enums.contains(&header.kind))
        else {
            return Vec::new();
        };
        (0..header.count as usize)
            .filter_map(|n| self.constant_at(at + HEADER_SIZE, n, header.kind, header.bitfields))
            .collect()
    }

    fn member_at(&self, at: usize, bitfields: bool) -> Option<Member<'_>> {
        let bytes = self.bytes.as_slice();
        let offset = word(bytes, at + 8)?;
        let (bit_width, bit_offset) = if bitfields {
            (offset >> 24, offset & 0x00ff_ffff)
        } else {
            (0, offset)
        };
        Some(Member {
            name: self.text(word(bytes, at)?),
            ty: word(bytes, at + 4)?,
            bit_offset,
            bit_width,
        })
    }

    /// A constant is a name and 32 bits, or a name and twice 32 bits.
    fn constant_at(&self, tail: usize, n: usize, kind: u8, signed: bool) -> Option<(&str, i64)> {
        let bytes = self.bytes.as_slice();
        if kind == 6 {
            let at = tail + n * 8;
            let low = word(bytes, at + 4)?;
            let value = if signed {
                i64::from(low as i32)
            } else {
                i64::from(low)
            };
            return Some((self.text(word(bytes, at)?), value));
        }
        let at = tail + n * 12;
        let (low, high) = (word(bytes, at + 4)?, word(bytes, at + 8)?);
        let value = (u64::from(high) << 32 | u64::from(low)) as i64;
        Some((self.text(word(bytes, at)?), value))
    }

    /// The enum that has a constant of this name.
    pub fn enum_of(&self, constant: &str) -> Option<u32> {
        let bytes = self.bytes.as_slice();
        let found = (1..=self.types.len() as u32).find(|id| {
            let Some((at, header)) = self.header(*id) else {
                return false;
            };
            let step = match header.kind {
                6 => 8,
                19 => 12,
                _ => return false,
            };
            (0..header.count as usize).any(|n| {
                word(bytes, at + HEADER_SIZE + n * step)
                    .is_some_and(|name| self.name_is(name, constant))
            })
        })?;
        Some(found)
    }
}
