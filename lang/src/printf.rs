//! printf formats: read once at compile time, carried to the runtime as data.

use serde::{Deserialize, Serialize};

/// A printf format, cut into literal text and conversions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Format {
    /// In order.
    pub pieces: Vec<Piece>,
}

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Printed as it is (bytes, because `\xff` is allowed). `%%` is part of it.
    Literal(Vec<u8>),
    /// One conversion; takes one argument (plus one each for `*`).
    Conversion(Conversion),
}

/// `%-08.3lx`, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// space
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    /// Smallest width.
    pub width: Option<Count>,
    /// Precision.
    pub precision: Option<Count>,
    /// Bits that the length says: `hh` 8, `h` 16, none 32, `l`, `ll`, `j`, `z`, `t` 64.
    pub bits: u8,
    /// What it prints.
    pub specifier: Specifier,
}

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Count {
    /// Written in the format.
    Fixed(u32),
    /// `*`: the next argument.
    Argument,
}

/// What a conversion prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Specifier {
    /// `%d`, `%i`
    Signed,
    /// `%u`
    Unsigned,
    /// `%o`
    Octal,
    /// `%x`
    Hex,
    /// `%X`
    HexUpper,
    /// `%c`
    Char,
    /// `%p`
    Pointer,
    /// `%s`: any type in its default form.
    Default,
    /// `%r`: a buffer, printable bytes as they are.
    Buffer,
    /// `%rx`: a buffer, every byte as `\x..`.
    BufferEscaped,
    /// `%rh`: a buffer as hexadecimal pairs with spaces.
    BufferHex,
}

// STUB
impl Format {
    /// Stub.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut i = 0;
        let mut lit = Vec::new();
        while i < text.len() {
            if text[i] != b'%' { lit.push(text[i]); i += 1; continue; }
            i += 1;
            if text.get(i) == Some(&b'%') { lit.push(b'%'); i += 1; continue; }
            let mut bits = 32;
            while let Some(c) = text.get(i) { match c { b'0'..=b'9' | b'-' | b'.' => i += 1, b'l' => { bits = 64; i += 1 } _ => break } }
            let specifier = match text.get(i) { Some(b'd') => Specifier::Signed, Some(b'u') => Specifier::Unsigned, Some(b'x') => Specifier::Hex, Some(b's') => Specifier::Default, Some(b'r') => Specifier::Buffer, Some(b'c') => Specifier::Char, Some(b'p') => Specifier::Pointer, _ => return Err("bad".into()) };
            i += 1;
            if !lit.is_empty() { pieces.push(Piece::Literal(std::mem::take(&mut lit))); }
            pieces.push(Piece::Conversion(Conversion { left: false, plus: false, space: false, alternate: false, zero: false, width: None, precision: None, bits, specifier }));
        }
        if !lit.is_empty() { pieces.push(Piece::Literal(lit)); }
        Ok(Self { pieces })
    }
}
