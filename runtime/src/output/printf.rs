//! `printf`: a format that was read at compile time and values in, bytes out.
//!
//! As in C, with two differences: integers come with their whole width and are cut to the conversion's, and `%s`
//! takes any value in its default form.

use super::gfp;
use super::render;
use crate::value::Value;
use std::io::Write;
use trapline_lang::printf::{Conversion, Count, Format, Piece, Specifier};

/// Widest field; more would only fill memory.
const WIDEST: usize = 1 << 16;

/// Fills a format. Missing values print as nothing.
pub(super) fn fill(format: &Format, values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut values = values.iter();
    for piece in &format.pieces {
        match piece {
            Piece::Literal(bytes) => out.extend_from_slice(bytes),
            Piece::Conversion(conversion) => {
                let field = Field::new(conversion, &mut values);
                field.write(&mut out, values.next().unwrap_or(&Value::Str(Vec::new())));
            }
        }
    }
    out
}

/// A conversion whose `*` were filled in.
struct Field<'a> {
    conversion: &'a Conversion,
    left: bool,
    width: usize,
    precision: Option<usize>,
}

impl<'a> Field<'a> {
    /// Takes the values for `*`, as C does: a negative width means `-`, a negative precision none.
    fn new<'v>(conversion: &'a Conversion, values: &mut impl Iterator<Item = &'v Value>) -> Self {
        let mut count = |count: Option<Count>| {
            count.map(|count| match count {
                Count::Fixed(count) => i128::from(count),
                Count::Argument => {
                    i128::from(values.next().and_then(Value::number).unwrap_or(0) as i32)
                }
            })
        };
        let width = count(conversion.width).unwrap_or(0);
        let precision = count(conversion.precision);
        Self {
            conversion,
            left: conversion.left || width < 0,
            width: (width.unsigned_abs() as usize).min(WIDEST),
            precision: precision
                .and_then(|n| usize::try_from(n).ok())
                .map(|n| n.min(WIDEST)),
        }
    }

    fn write(&self, out: &mut Vec<u8>, value: &Value) {
        match (self.conversion.specifier, value, value.number()) {
            (Specifier::Default, ..) => self.text(out, value),
            (Specifier::Buffer, Value::Buffer(bytes), _) => {
                let mut text = Vec::new();
                render::escaped(&mut text, bytes);
                self.pad(out, &text);
            }
            (Specifier::BufferEscaped, Value::Buffer(bytes), _) => {
                let pairs = bytes.iter().map(|byte| format!("\\x{byte:02x}"));
                self.pad(out, pairs.collect::<String>().as_bytes());
            }
            (Specifier::BufferHex, Value::Buffer(bytes), _) => {
                let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                self.pad(out, pairs.join(" ").as_bytes());
            }
            (Specifier::GfpFlags, _, Some(number)) => {
                self.pad(out, gfp::names(number as u64).as_bytes());
            }
            (Specifier::Char, _, Some(number)) => self.pad(out, &[number as u8]),
            // bpftrace prints no address as 0, without a prefix.
            (Specifier::Pointer, _, Some(0)) => self.pad(out, b"0"),
            (Specifier::Pointer, _, Some(number)) => {
                self.pad(out, format!("{:#x}", number as u64).as_bytes());
            }
            (Specifier::Signed, _, Some(number)) => {
                let number = self.signed(number);
                let sign = match number {
                    ..0 => "-",
                    _ if self.conversion.plus => "+",
                    _ if self.conversion.space => " ",
                    _ => "",
                };
                self.integer(out, sign, &number.unsigned_abs().to_string());
            }
            (Specifier::Unsigned, _, Some(number)) => {
                self.integer(out, "", &self.unsigned(number).to_string());
            }
            (Specifier::Octal, _, Some(number)) => {
                let digits = format!("{:o}", self.unsigned(number));
                let leading = self.conversion.alternate && !digits.starts_with('0');
                self.integer(
                    out,
                    "",
                    &format!("{}{digits}", if leading { "0" } else { "" }),
                );
            }
            (Specifier::Hex, _, Some(number)) => {
                let number = self.unsigned(number);
                self.integer(out, self.prefix("0x", number), &format!("{number:x}"));
            }
            (Specifier::HexUpper, _, Some(number)) => {
                let number = self.unsigned(number);
                self.integer(out, self.prefix("0X", number), &format!("{number:X}"));
            }
            // The compiler lets nothing else through; an old object may.
            _ => self.text(out, value),
        }
    }

    /// The lowest bits of a number.
    fn unsigned(&self, number: i128) -> u64 {
        let unused = 64 - u32::from(self.conversion.bits.clamp(1, 64));
        (number as u64) << unused >> unused
    }

    fn signed(&self, number: i128) -> i64 {
        let unused = 64 - u32::from(self.conversion.bits.clamp(1, 64));
        (number as i64) << unused >> unused
    }

    fn prefix(&self, prefix: &'static str, number: u64) -> &'static str {
        if self.conversion.alternate && number != 0 {
            prefix
        } else {
            ""
        }
    }

    /// The default form of a value, cut to the precision.
    fn text(&self, out: &mut Vec<u8>, value: &Value) {
        let mut text = Vec::new();
        render::value(&mut text, value);
        text.truncate(self.precision.unwrap_or(text.len()));
        self.pad(out, &text);
    }

    /// Digits, with zeros in front up to the precision or, with `0`, to the width.
    fn integer(&self, out: &mut Vec<u8>, sign: &str, digits: &str) {
        let digits = if self.precision == Some(0) && digits == "0" {
            ""
        } else {
            digits
        };
        let least = match self.precision {
            Some(precision) => precision,
            None if self.conversion.zero && !self.left => self.width.saturating_sub(sign.len()),
            None => 0,
        };
        self.pad(out, format!("{sign}{digits:0>least$}").as_bytes());
    }

    /// Text, with spaces up to the width.
    fn pad(&self, out: &mut Vec<u8>, text: &[u8]) {
        let spaces = self.width.saturating_sub(text.len());
        let before = if self.left { 0 } else { spaces };
        // Writing to memory does not fail.
        let _ = write!(out, "{:before$}", "");
        out.extend_from_slice(text);
        let _ = write!(out, "{:1$}", "", spaces - before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Conversion = Conversion {
        left: false,
        plus: false,
        space: false,
        alternate: false,
        zero: false,
        width: None,
        precision: None,
        bits: 32,
        specifier: Specifier::Signed,
    };

    /// Reads what these tests need of a conversion.
    fn conversion(text: &str) -> Conversion {
        let mut conversion = PLAIN;
        let mut rest = text.trim_start_matches('%');
        while let Some(flag) = rest.chars().next().filter(|flag| "-+ #0".contains(*flag)) {
            match flag {
                '-' => conversion.left = true,
                '+' => conversion.plus = true,
                ' ' => conversion.space = true,
                '#' => conversion.alternate = true,
                _ => conversion.zero = true,
            }
            rest = &rest[1..];
        }
        let count = |text: &mut &str| {
            let length = text
                .find(|c: char| !c.is_ascii_digit() && c != '*')
                .unwrap();
            let (digits, after) = text.split_at(length);
            *text = after;
            match digits {
                "" => None,
                "*" => Some(Count::Argument),
                digits => Some(Count::Fixed(digits.parse().unwrap())),
            }
        };
        conversion.width = count(&mut rest);
        if let Some(mut after) = rest.strip_prefix('.') {
            conversion.precision = count(&mut after).or(Some(Count::Fixed(0)));
            rest = after;
        }
        for (length, bits) in [("hh", 8), ("h", 16), ("l", 64), ("j", 64)] {
            if let Some(after) = rest.strip_prefix(length) {
                (conversion.bits, rest) = (bits, after);
                break;
            }
        }
        conversion.specifier = match rest {
            "d" => Specifier::Signed,
            "u" => Specifier::Unsigned,
            "o" => Specifier::Octal,
            "x" => Specifier::Hex,
            "X" => Specifier::HexUpper,
            "c" => Specifier::Char,
            "p" => Specifier::Pointer,
            "s" => Specifier::Default,
            "r" => Specifier::Buffer,
            "rx" => Specifier::BufferEscaped,
            "rh" => Specifier::BufferHex,
            other => panic!("{other}"),
        };
        conversion
    }

    fn print(text: &str, values: &[Value]) -> String {
        let format = Format {
            pieces: vec![Piece::Conversion(conversion(text))],
        };
        String::from_utf8(fill(&format, values)).unwrap()
    }

    #[test]
    fn integers_print_as_in_c() {
        const LONG: i128 = 0x12_3456_78ab_cdef;
        for (text, number, expected) in [
            ("%d", -2, "-2"),
            ("%d", u64::MAX.into(), "-1"),
            ("%d", 1 << 32, "0"),
            ("%ld", 1 << 32, "4294967296"),
            ("%u", -2, "4294967294"),
            ("%lu", -2, "18446744073709551614"),
            ("%hhx", LONG, "ef"),
            ("%hx", LONG, "cdef"),
            ("%x", LONG, "78abcdef"),
            ("%jx", LONG, "12345678abcdef"),
            ("%hhd", 0xff, "-1"),
            ("%04x", 2, "0002"),
            ("%#x", 255, "0xff"),
            ("%#X", 255, "0XFF"),
            ("%#x", 0, "0"),
            ("%#06x", 255, "0x00ff"),
            ("%o", 0o775, "775"),
            ("%#o", 8, "010"),
            ("%#o", 0, "0"),
            ("%5d", 42, "   42"),
            ("%-5d", 42, "42   "),
            ("%05d", -42, "-0042"),
            ("%-05d", 42, "42   "),
            ("%+d", 42, "+42"),
            ("% d", 42, " 42"),
            ("%+d", -42, "-42"),
            ("%.3d", 7, "007"),
            ("%6.3d", -7, "  -007"),
            ("%06.3d", 7, "   007"),
            ("%.0d", 0, ""),
            ("%c", 0x41, "A"),
            ("%3c", 0x141, "  A"),
            ("%p", 0xffff_0000, "0xffff0000"),
            ("%p", 0, "0"),
        ] {
            assert_eq!(
                print(text, &[Value::Int(number)]),
                expected,
                "{text} of {number}"
            );
        }
    }

    #[test]
    fn anything_prints_with_s() {
        let string = Value::Str(b"abc".to_vec());
        for (text, value, expected) in [
            ("%s", &string, "abc"),
            ("%5s", &string, "  abc"),
            ("%-5s", &string, "abc  "),
            ("%.2s", &string, "ab"),
            ("%s", &Value::Bool(true), "true"),
            ("%d", &Value::Bool(true), "1"),
            (
                "%s",
                &Value::Tuple(vec![Value::Int(1), string.clone()]),
                "(1, abc)",
            ),
            (
                "%d",
                &Value::Name {
                    text: "root".into(),
                    number: 7,
                },
                "7",
            ),
            ("%d", &string, "abc"),
        ] {
            assert_eq!(
                print(text, std::slice::from_ref(value)),
                expected,
                "{text} of {value:?}"
            );
        }
        assert_eq!(print("%d", &[]), "");
    }

    #[test]
    fn buffers_print_in_three_forms() {
        let buffer = Value::Buffer(b"Hello\0".to_vec());
        for (text, expected) in [
            ("%r", "Hello\\x00"),
            ("%s", "Hello\\x00"),
            ("%rx", "\\x48\\x65\\x6c\\x6c\\x6f\\x00"),
            ("%rh", "48 65 6c 6c 6f 00"),
            ("%20rh", "   48 65 6c 6c 6f 00"),
        ] {
            assert_eq!(
                print(text, std::slice::from_ref(&buffer)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn stars_take_values() {
        let values = [Value::Int(5), Value::Int(2), Value::Str(b"abc".to_vec())];
        assert_eq!(print("%*.*s", &values), "   ab");
        assert_eq!(print("%*d", &[Value::Int(-4), Value::Int(7)]), "7   ");
        assert_eq!(print("%.*d", &[Value::Int(-4), Value::Int(7)]), "7");
    }
}
