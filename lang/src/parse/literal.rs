//! Numbers and strings as written in, their values out.

use crate::diagnostic::kind::SyntaxKind;

/// The value of a number: `10`, `0x1f`, `077`, `1e6`, `1_000`, `10ul`, `5ms` (in nanoseconds).
///
/// # Errors
///
/// Digits that the base does not have, an unknown ending, or more than 64 bits.
pub(super) fn integer(text: &str) -> Result<u64, SyntaxKind> {
    let invalid = || SyntaxKind::InvalidNumber {
        text: text.to_owned(),
    };
    let too_large = || SyntaxKind::NumberTooLarge {
        text: text.to_owned(),
    };
    let plain = text.replace('_', "");
    if let Some(digits) = plain
        .strip_prefix("0x")
        .or_else(|| plain.strip_prefix("0X"))
    {
        let digits = without_c_suffix(digits);
        if !is_all(digits, u8::is_ascii_hexdigit) {
            return Err(invalid());
        }
        return u64::from_str_radix(digits, 16).map_err(|_| too_large());
    }
    let digits_end = plain
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(plain.len());
    let (digits, ending) = plain.split_at(digits_end);
    if let Some(nanoseconds) = unit(ending) {
        let count: u64 = digits.parse().map_err(|_| too_large())?;
        return count.checked_mul(nanoseconds).ok_or_else(too_large);
    }
    if let Some(exponent) = ending.strip_prefix(['e', 'E']) {
        let exponent = without_c_suffix(exponent);
        if !is_all(exponent, u8::is_ascii_digit) {
            return Err(invalid());
        }
        let mantissa: u64 = digits.parse().map_err(|_| too_large())?;
        if mantissa == 0 {
            return Ok(0);
        }
        let exponent: u32 = exponent.parse().map_err(|_| too_large())?;
        let scale = 10u64.checked_pow(exponent).ok_or_else(too_large)?;
        return mantissa.checked_mul(scale).ok_or_else(too_large);
    }
    if !without_c_suffix(ending).is_empty() {
        return Err(invalid());
    }
    if digits.len() > 1 && digits.starts_with('0') {
        if !is_all(digits, |byte| (b'0'..=b'7').contains(byte)) {
            return Err(invalid());
        }
        return u64::from_str_radix(digits, 8).map_err(|_| too_large());
    }
    digits.parse().map_err(|_| too_large())
}

fn unit(ending: &str) -> Option<u64> {
    Some(match ending {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60 * 1_000_000_000,
        "h" => 3_600 * 1_000_000_000,
        "d" => 86_400 * 1_000_000_000,
        _ => return None,
    })
}

fn without_c_suffix(digits: &str) -> &str {
    const SUFFIXES: [&str; 8] = ["ull", "llu", "ul", "lu", "ll", "u", "l", ""];
    let found = SUFFIXES.into_iter().find(|suffix| {
        let at = digits.len().checked_sub(suffix.len());
        at.and_then(|at| digits.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    });
    &digits[..digits.len() - found.map_or(0, str::len)]
}

fn is_all(text: &str, test: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(|byte| test(&byte))
}

/// An escape that means nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadEscape {
    /// Byte offset in the text between the quotes.
    pub(super) at: usize,
    /// With its backslash.
    pub(super) text: String,
}

/// The bytes of a string: the text between the quotes after its escapes.
pub(super) fn string(text: &str, bad: &mut Vec<BadEscape>) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            out.push(byte);
            at += 1;
            continue;
        }
        let start = at;
        let escape = bytes.get(at + 1).copied().unwrap_or(b'\\');
        at += 2;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'"' | b'\\' => out.push(escape),
            // A line that goes on behind a backslash.
            b'\n' => {}
            b'0'..=b'7' => {
                let digits = digits(bytes, at - 1, 3, |byte| (b'0'..=b'7').contains(byte));
                at += digits.len() - 1;
                out.push(value(digits, 8));
            }
            b'x' if bytes.get(at).is_some_and(u8::is_ascii_hexdigit) => {
                let digits = digits(bytes, at, 2, u8::is_ascii_hexdigit);
                at += digits.len();
                out.push(value(digits, 16));
            }
            _ => {
                let len = text[start + 1..].chars().next().map_or(0, char::len_utf8);
                at = start + 1 + len;
                bad.push(BadEscape {
                    at: start,
                    text: text[start..at].to_owned(),
                });
            }
        }
    }
    out
}

fn digits(bytes: &[u8], from: usize, most: usize, test: impl Fn(&u8) -> bool) -> &[u8] {
    let len = bytes[from..]
        .iter()
        .take(most)
        .take_while(|byte| test(byte))
        .count();
    &bytes[from..from + len]
}

/// The value of digits of a base; `\777` keeps its low eight bits, as in C.
fn value(digits: &[u8], base: u32) -> u8 {
    let value = digits.iter().fold(0, |value, digit| {
        value * base + char::from(*digit).to_digit(base).unwrap_or(0)
    });
    value as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let cases: [(&str, u64); 16] = [
            ("0", 0),
            ("42", 42),
            ("0x1F", 31),
            ("0x1e6", 0x1e6),
            ("0xful", 15),
            ("0775", 0o775),
            ("1e6", 1_000_000),
            ("1_000", 1_000),
            ("10ULL", 10),
            ("18446744073709551615", u64::MAX),
            ("100ns", 100),
            ("5us", 5_000),
            ("20ms", 20_000_000),
            ("2m", 120_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1d", 86_400_000_000_000),
        ];
        for (text, value) in cases {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn bad_numbers() {
        for text in ["0x", "09", "12abc", "1e", "5sec", "1e6x", "10lul"] {
            let text = text.to_owned();
            assert_eq!(
                integer(&text),
                Err(SyntaxKind::InvalidNumber { text: text.clone() }),
            );
        }
        for text in [
            "18446744073709551616",
            "1e20",
            "300000d",
            "0x1_0000_0000_0000_0000",
        ] {
            let text = text.to_owned();
            assert_eq!(
                integer(&text),
                Err(SyntaxKind::NumberTooLarge { text: text.clone() }),
            );
        }
    }

    #[test]
    fn escapes() {
        let mut bad = Vec::new();
        assert_eq!(
            string(r#"a\n\t\r\"\\\033[1m\x41\x4g\0"#, &mut bad),
            b"a\n\t\r\"\\\x1b[1mA\x04g\0"
        );
        assert_eq!(bad, []);
        assert_eq!(string(r"a\qb\é", &mut bad), b"ab");
        assert_eq!(bad[0].at, 1);
        assert_eq!(bad[0].text, r"\q");
        assert_eq!(bad[1].text, r"\é");
    }
}
