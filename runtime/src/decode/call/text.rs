//! The spelling of strace: quoted bytes, addresses, names of flags.

use std::fmt::Write;
use trapline_lang::syscall::set::{self, Kind, Set};

/// `NULL`, or the address.
pub(super) fn address(word: u64) -> String {
    match word {
        0 => "NULL".to_owned(),
        word => format!("{word:#x}"),
    }
}

/// In hexadecimal; 0 is `0`.
pub(super) fn hex(word: u64) -> String {
    match word {
        0 => "0".to_owned(),
        word => format!("{word:#x}"),
    }
}

/// Bytes between quotation marks: `"a\tb\0"`.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    escape(&mut text, bytes);
    text.push('"');
    text
}

/// Bytes of which there may be more: `"abc"...`.
pub(super) fn quoted_start(bytes: &[u8], cut: bool) -> String {
    let mut text = quoted(bytes);
    if cut {
        text.push_str("...");
    }
    text
}

/// Bytes that are no text, in hexadecimal: `"\x89\x66"`.
pub(super) fn quoted_hex(bytes: &[u8], cut: bool) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "\\x{byte:02x}");
    }
    text.push_str(if cut { "\"..." } else { "\"" });
    text
}

/// The bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

fn escape(text: &mut String, bytes: &[u8]) {
    for (at, byte) in bytes.iter().enumerate() {
        let known = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\t' => "\\t",
            b'\n' => "\\n",
            0x0b => "\\v",
            0x0c => "\\f",
            b'\r' => "\\r",
            b' '..=b'~' => {
                text.push(char::from(*byte));
                continue;
            }
            // As few digits as can be told from what follows.
            _ => {
                let digit_follows = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
                let width = if digit_follows { 3 } else { 1 };
                let _ = write!(text, "\\{byte:0width$o}");
                continue;
            }
        };
        text.push_str(known);
    }
}

/// By a set of the language's tables; in hexadecimal if there is none of that name.
pub(super) fn by_set(name: &str, number: i64) -> String {
    match set::by_name(name) {
        Some(set) => set.format(number),
        None => hex(number as u64),
    }
}

/// A set of flags that only structures have.
pub(super) const fn flags(name: &'static str, rows: &'static [(&'static str, i64)]) -> Set {
    Set {
        name,
        kind: Kind::Flags,
        rows,
    }
}

/// A set of values that only structures have.
pub(super) const fn values(name: &'static str, rows: &'static [(&'static str, i64)]) -> Set {
    Set {
        name,
        kind: Kind::HexValues,
        rows,
    }
}

/// `[a, b]`, with `...` if there are more.
pub(super) fn list(items: &[String], more: bool) -> String {
    let mut text = format!("[{}", items.join(", "));
    if more {
        text.push_str(if items.is_empty() { "..." } else { ", ..." });
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_escaped_as_strace_escapes_them() {
        for (bytes, text) in [
            (
                b"a\x001\x01\tb\"\\\xff\xc3\xa9".as_slice(),
                r#""a\0001\1\tb\"\\\377\303\251""#,
            ),
            (b"\x7fELF\x02\x011", r#""\177ELF\2\0011""#),
            (b"\n\x0b\x0c\r~ ", r#""\n\v\f\r~ ""#),
            (b"", r#""""#),
        ] {
            assert_eq!(quoted(bytes), text);
        }
        assert_eq!(quoted_start(b"ab", true), "\"ab\"...");
        assert_eq!(quoted_hex(b"\x89f", false), r#""\x89\x66""#);
        assert_eq!(list(&[], true), "[...]");
    }
}
