//! printf formats: read once at compile time, carried to the runtime as data. What the conversions print is
//! the runtime's business; whether the arguments fit, the analyzer's.

use std::fmt;

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
    /// `%gr`: the kernel's flags of an allocation, by name.
    GfpFlags,
}

/// What kind of value a conversion takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentClass {
    /// A `*`: an integer that is a width or precision.
    Count,
    /// Integers, booleans, enums, pointers.
    Integer,
    /// Anything.
    Any,
    /// A buffer.
    Buffer,
}

/// A format that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// Byte offset of the conversion in the format (after string escapes).
    pub at: usize,
    /// What is wrong with it.
    pub reason: FormatReason,
}

/// What is wrong with a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatReason {
    /// The format ends within it.
    Unfinished,
    /// No conversion is called so.
    Unknown {
        /// From its `%` to the letter.
        text: String,
    },
    /// A width or precision over [`MAX_COUNT`].
    TooLarge {
        /// From its `%` to the end of the number.
        text: String,
    },
}

/// The largest width or precision.
pub const MAX_COUNT: u32 = 65_535;

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            FormatReason::Unfinished => f.write_str("the format ends within a conversion"),
            FormatReason::Unknown { text } => {
                write!(f, "unknown conversion `{}`", text.escape_debug())
            }
            FormatReason::TooLarge { text } => {
                write!(f, "width or precision of `{text}` is over {MAX_COUNT}")
            }
        }
    }
}

impl std::error::Error for FormatError {}

impl Format {
    /// Reads a format, after its string escapes.
    ///
    /// # Errors
    ///
    /// The first conversion that cannot be read.
    pub fn parse(text: &[u8]) -> Result<Self, FormatError> {
        let mut pieces = Vec::new();
        let mut literal = Vec::new();
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if byte != b'%' {
                literal.push(byte);
                at += 1;
            } else if text.get(at + 1) == Some(&b'%') {
                literal.push(b'%');
                at += 2;
            } else {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                let mut reader = ConversionReader {
                    text,
                    start: at,
                    at: at + 1,
                };
                pieces.push(Piece::Conversion(reader.conversion()?));
                at = reader.at;
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Self { pieces })
    }

    /// What it takes, in order, the counts of `*` included.
    pub fn arguments(&self) -> Vec<ArgumentClass> {
        let mut classes = Vec::new();
        for piece in &self.pieces {
            if let Piece::Conversion(conversion) = piece {
                let counts = [conversion.width, conversion.precision];
                let taken = counts
                    .into_iter()
                    .filter(|count| *count == Some(Count::Argument));
                classes.extend(taken.map(|_| ArgumentClass::Count));
                classes.push(conversion.specifier.class());
            }
        }
        classes
    }
}

impl Specifier {
    /// What kind of value it prints.
    pub fn class(self) -> ArgumentClass {
        match self {
            Self::Signed
            | Self::Unsigned
            | Self::Octal
            | Self::Hex
            | Self::HexUpper
            | Self::Char
            | Self::GfpFlags
            | Self::Pointer => ArgumentClass::Integer,
            Self::Default => ArgumentClass::Any,
            Self::Buffer | Self::BufferEscaped | Self::BufferHex => ArgumentClass::Buffer,
        }
    }
}

/// Reads one conversion, behind its `%`.
struct ConversionReader<'t> {
    text: &'t [u8],
    start: usize,
    at: usize,
}

impl ConversionReader<'_> {
    fn conversion(&mut self) -> Result<Conversion, FormatError> {
        let mut conversion = Conversion {
            left: false,
            plus: false,
            space: false,
            alternate: false,
            zero: false,
            width: None,
            precision: None,
            bits: 32,
            specifier: Specifier::Default,
        };
        while let Some(flag) = self.peek() {
            match flag {
                b'-' => conversion.left = true,
                b'+' => conversion.plus = true,
                b' ' => conversion.space = true,
                b'#' => conversion.alternate = true,
                b'0' => conversion.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        conversion.width = self.count()?;
        if self.take(b".") {
            // As in C, a lone `.` is a precision of zero.
            conversion.precision = Some(self.count()?.unwrap_or(Count::Fixed(0)));
        }
        let length = LENGTHS.into_iter().find(|(length, _)| self.take(length));
        if let Some((_, bits)) = length {
            conversion.bits = bits;
        }
        let specifier = SPECIFIERS.into_iter().find(|(name, _)| self.take(name));
        conversion.specifier = match specifier {
            Some((_, specifier)) => specifier,
            None if self.peek().is_none() => return Err(self.error(FormatReason::Unfinished)),
            None => {
                self.at += 1;
                let text = self.so_far();
                return Err(self.error(FormatReason::Unknown { text }));
            }
        };
        if matches!(
            conversion.specifier,
            Specifier::Pointer | Specifier::GfpFlags
        ) {
            conversion.bits = 64;
        }
        Ok(conversion)
    }

    fn count(&mut self) -> Result<Option<Count>, FormatError> {
        if self.take(b"*") {
            return Ok(Some(Count::Argument));
        }
        let mut value: Option<u32> = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            let digit = u32::from(digit - b'0');
            let so_far = value.unwrap_or(0).saturating_mul(10).saturating_add(digit);
            value = Some(so_far);
        }
        if value.is_some_and(|value| value > MAX_COUNT) {
            let text = self.so_far();
            return Err(self.error(FormatReason::TooLarge { text }));
        }
        Ok(value.map(Count::Fixed))
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: &[u8]) -> bool {
        let found = self.text[self.at..].starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text[self.start..self.at]).into_owned()
    }

    fn error(&self, reason: FormatReason) -> FormatError {
        FormatError {
            at: self.start,
            reason,
        }
    }
}

/// Lengths and their bits; `hh` stands before `h`.
const LENGTHS: [(&[u8], u8); 7] = [
    (b"hh", 8),
    (b"h", 16),
    (b"ll", 64),
    (b"l", 64),
    (b"j", 64),
    (b"z", 64),
    (b"t", 64),
];

/// Letters and what they print; `rx` and `rh` stand before `r`.
const SPECIFIERS: [(&[u8], Specifier); 13] = [
    (b"d", Specifier::Signed),
    (b"i", Specifier::Signed),
    (b"u", Specifier::Unsigned),
    (b"o", Specifier::Octal),
    (b"x", Specifier::Hex),
    (b"X", Specifier::HexUpper),
    (b"c", Specifier::Char),
    (b"p", Specifier::Pointer),
    (b"s", Specifier::Default),
    (b"rx", Specifier::BufferEscaped),
    (b"rh", Specifier::BufferHex),
    (b"r", Specifier::Buffer),
    (b"gr", Specifier::GfpFlags),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Conversion {
        let format = Format::parse(text.as_bytes()).expect("readable");
        match format.pieces.as_slice() {
            [Piece::Conversion(conversion)] => *conversion,
            pieces => panic!("{pieces:?}"),
        }
    }

    #[test]
    fn flags_width_precision_and_length() {
        let conversion = only("%-+ #08.3llx");
        assert!(conversion.left && conversion.plus && conversion.space);
        assert!(conversion.alternate && conversion.zero);
        assert_eq!(conversion.width, Some(Count::Fixed(8)));
        assert_eq!(conversion.precision, Some(Count::Fixed(3)));
        assert_eq!(conversion.bits, 64);
        assert_eq!(conversion.specifier, Specifier::Hex);
        assert_eq!(only("%.s").precision, Some(Count::Fixed(0)));
    }

    #[test]
    fn lengths_say_bits() {
        let bits = |text| only(text).bits;
        assert_eq!(bits("%hhd"), 8);
        assert_eq!(bits("%hd"), 16);
        assert_eq!(bits("%d"), 32);
        for text in ["%ld", "%lld", "%jd", "%zu", "%td", "%p"] {
            assert_eq!(bits(text), 64, "{text}");
        }
    }

    #[test]
    fn every_conversion() {
        let specifiers: Vec<Specifier> = [
            "%d", "%i", "%u", "%o", "%x", "%X", "%c", "%p", "%s", "%r", "%rx", "%rh",
        ]
        .into_iter()
        .map(|text| only(text).specifier)
        .collect();
        assert_eq!(
            specifiers,
            [
                Specifier::Signed,
                Specifier::Signed,
                Specifier::Unsigned,
                Specifier::Octal,
                Specifier::Hex,
                Specifier::HexUpper,
                Specifier::Char,
                Specifier::Pointer,
                Specifier::Default,
                Specifier::Buffer,
                Specifier::BufferEscaped,
                Specifier::BufferHex,
            ]
        );
    }

    #[test]
    fn literals_and_arguments() {
        let format = Format::parse(b"100%% %*.*d\xff\x1b[1m%-5s %rh").expect("readable");
        assert_eq!(format.pieces[0], Piece::Literal(b"100% ".to_vec()));
        assert_eq!(
            format.arguments(),
            [
                ArgumentClass::Count,
                ArgumentClass::Count,
                ArgumentClass::Integer,
                ArgumentClass::Any,
                ArgumentClass::Buffer,
            ]
        );
        assert_eq!(Format::parse(b"").expect("readable").arguments(), []);
    }

    #[test]
    fn errors_say_where() {
        let error = |text: &str| {
            let error = Format::parse(text.as_bytes()).expect_err("unreadable");
            (error.at, error.to_string())
        };
        let said = |at, text: &str| (at, text.to_owned());
        assert_eq!(error("ab%"), said(2, "the format ends within a conversion"));
        assert_eq!(
            error("%08l"),
            said(0, "the format ends within a conversion")
        );
        assert_eq!(error("%d %-3n"), said(3, "unknown conversion `%-3n`"));
        assert_eq!(
            error("%99999999999d"),
            said(0, "width or precision of `%99999999999` is over 65535")
        );
    }
}
