//! The text that strace prints, cut into parts: strings, brackets, comments and decorations of file descriptors are kept
//! whole, whatever stands in them.

/// How the arguments of a call end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending<'a> {
    /// With a parenthesis; this stands behind it.
    Closed(&'a [u8]),
    /// With `<unfinished ...>`: the rest is in a line to come.
    Unfinished,
    /// With `<detached ...>`: strace did not wait for the rest.
    Detached,
    /// With the line.
    Cut,
}

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arguments<'a> {
    /// Each without spaces around it. A comma with nothing behind it begins none.
    pub(super) parts: Vec<&'a [u8]>,
    /// A comma stands behind the last one.
    pub(super) more: bool,
    /// All of the text that is arguments.
    pub(super) text: &'a [u8],
    /// What they end with.
    pub(super) ending: Ending<'a>,
}

const UNFINISHED: &[u8] = b"<unfinished ...>";
const DETACHED: &[u8] = b"<detached ...>";

/// Cuts what stands behind the opening parenthesis of a call.
pub(super) fn arguments(text: &[u8]) -> Arguments<'_> {
    let mut parts = Vec::new();
    let (mut at, mut start, mut depth) = (0, 0, 0u32);
    let (mut ending, mut end) = (Ending::Cut, text.len());
    while at < text.len() {
        let rest = &text[at..];
        if depth == 0 && rest.starts_with(DETACHED) {
            (ending, end) = (Ending::Detached, at);
            break;
        }
        if rest.starts_with(UNFINISHED) {
            // strace before 5.0 closes a call that never ended: `<unfinished ...>) = ?`.
            let behind = &rest[UNFINISHED.len()..];
            ending = match behind.strip_prefix(b")") {
                Some(result) => Ending::Closed(result),
                None => Ending::Unfinished,
            };
            end = at;
            break;
        }
        match rest[0] {
            b')' if depth == 0 => {
                (ending, end) = (Ending::Closed(&rest[1..]), at);
                break;
            }
            b',' if depth == 0 => {
                parts.push(text[start..at].trim_ascii());
                start = at + 1;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += unit(text, at);
    }
    let last = text[start..end].trim_ascii();
    let more = last.is_empty() && !parts.is_empty();
    if !last.is_empty() {
        parts.push(last);
    }
    Arguments {
        parts,
        more,
        text: &text[..end],
        ending,
    }
}

/// The parts between separators that stand in no brackets.
pub(super) fn split<'a>(text: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = find(text, separator);
        rest = end.map(|end| &text[end + separator.len()..]);
        Some(text[..end.unwrap_or(text.len())].trim_ascii())
    })
}

/// Where a text stands first that is in no brackets, strings or comments.
pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0u32);
    while at < text.len() {
        if depth == 0 && text[at..].starts_with(wanted) {
            return Some(at);
        }
        match text[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += unit(text, at);
    }
    None
}

/// What stands between the first byte and the last one, if they are these.
pub(super) fn between(text: &[u8], open: u8, close: u8) -> Option<&[u8]> {
    text.strip_prefix(&[open])?.strip_suffix(&[close])
}

/// A text without the comment behind it.
pub(super) fn without_comment(text: &[u8]) -> &[u8] {
    if !text.ends_with(b"*/") {
        return text;
    }
    let at = text.windows(2).rposition(|text| text == b"/*");
    text[..at.unwrap_or(text.len())].trim_ascii_end()
}

/// A text without comments, and without what stands behind numbers of file descriptors and processes.
pub(super) fn bare(text: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let length = unit(text, at);
        let is_value = length == 1 || text[at] == b'"' || text[at..].starts_with(b"<<");
        if is_value {
            bare.extend(&text[at..at + length]);
        }
        at += length;
    }
    bare.trim_ascii().to_vec()
}

/// How many bytes from here on are not to be looked into: those of a string, a comment, a decoration; else one.
fn unit(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    match rest {
        [b'"', ..] => string_length(rest),
        // `'('`
        [b'\'', _, b'\'', ..] => 3,
        [b'/', b'*', ..] => past(rest, b"*/"),
        [b'<', b'<', ..] => 2,
        // `<... resuming interrupted nanosleep ...>`
        [b'<', b'.', ..] => past(rest, b"...>"),
        [b'<', ..] if at > 0 && decorates(text[at - 1]) => decoration_length(rest),
        _ => 1,
    }
}

fn past(text: &[u8], end: &[u8]) -> usize {
    // What begins is not looked at: `/*/` is no comment.
    let found = text.windows(end.len()).skip(2).position(|at| at == end);
    found.map_or(text.len(), |at| at + 2 + end.len())
}

/// A byte that a decoration may stand behind: `3</etc>`, `AT_FDCWD</root>`.
fn decorates(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bytes of a quoted string with its quotation marks.
pub(super) fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// The bytes of `<…>`. strace escapes both in names of files; but `<TCP:[1.2.3.4:5->6.7.8.9:10]>` and
/// `</dev/tty<char 5:0>>` have them.
pub(super) fn decoration_length(text: &[u8]) -> usize {
    let (mut at, mut depth, mut bracket) = (0, 0u32, false);
    while at < text.len() {
        match text[at] {
            b'"' => at += string_length(&text[at..]) - 1,
            b'[' => bracket = true,
            b'<' => depth += 1,
            b'>' if bracket && text[at - 1] == b'-' => {}
            b'>' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1 + deleted(&text[at + 1..]);
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Files that are gone have this behind the decoration.
fn deleted(behind: &[u8]) -> usize {
    const DELETED: &[u8] = b"(deleted)";
    match behind.starts_with(DELETED) {
        true => DELETED.len(),
        false => 0,
    }
}

/// The bytes of a string as it begins here, and whether it is whole: `"ab\n"`, `"abc"...`. `None` if none begins here.
pub(super) fn string(text: &[u8]) -> Option<(Vec<u8>, bool)> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let length = string_length(text);
    let closed = length > 1 && text[length - 1] == b'"';
    let content = &text[1..length - usize::from(closed)];
    let whole = closed && !text[length..].starts_with(b"...");
    Some((unescaped(content), whole))
}

/// Bytes as strace escapes them: `\n`, `\33`, `\x1b`, `\"`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let Some((kind, behind)) = rest.split_first() else {
            bytes.push(b'\\');
            break;
        };
        let (byte, digits) = match kind {
            b'n' => (b'\n', 1),
            b't' => (b'\t', 1),
            b'r' => (b'\r', 1),
            b'v' => (0x0b, 1),
            b'f' => (0x0c, 1),
            b'x' => {
                let (byte, digits) = digits(behind, 16, 2);
                (byte, digits + 1)
            }
            b'0'..=b'7' => digits(rest, 8, 3),
            other => (*other, 1),
        };
        bytes.push(byte);
        rest = &rest[digits..];
    }
    bytes
}

/// The number that at most so many digits here make, and how many there are.
fn digits(text: &[u8], radix: u32, most: usize) -> (u8, usize) {
    let digits = text.iter().take(most);
    let values = digits.map_while(|digit| char::from(*digit).to_digit(radix));
    let (number, count) = values.fold((0, 0), |(number, count), digit| {
        (number * radix + digit, count + 1)
    });
    // Three octal digits may say more than a byte has; strace never does.
    (number as u8, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let arguments = arguments(text.as_bytes());
        let text = |part: &&[u8]| String::from_utf8_lossy(part).into_owned();
        arguments.parts.iter().map(text).collect()
    }

    #[test]
    fn arguments_are_cut_at_their_own_commas() {
        let text = r#"3</a (b), c>, "x), \"y"..., [{a=1, b="]"}, 2], 0x3 /* X, ) */, 1<<4) = 0"#;
        assert_eq!(
            parts(text),
            [
                "3</a (b), c>",
                r#""x), \"y"..."#,
                r#"[{a=1, b="]"}, 2]"#,
                "0x3 /* X, ) */",
                "1<<4"
            ]
        );
        assert_eq!(parts(") = 5"), [""; 0]);
        let tcp = "4<TCP:[127.0.0.1:1->127.0.0.1:2]>, 1</dev/tty<char 5:0>>, 3</a>(deleted)) = 0";
        assert_eq!(
            parts(tcp),
            [
                "4<TCP:[127.0.0.1:1->127.0.0.1:2]>",
                "1</dev/tty<char 5:0>>",
                "3</a>(deleted)"
            ]
        );
    }

    #[test]
    fn arguments_end_in_four_ways() {
        let ending = |text: &'static str| {
            let arguments = arguments(text.as_bytes());
            (arguments.ending, arguments.more, arguments.parts.len())
        };
        assert_eq!(ending("1, 2) = 0"), (Ending::Closed(b" = 0"), false, 2));
        assert_eq!(
            ending("3,  <unfinished ...>"),
            (Ending::Unfinished, true, 1)
        );
        assert_eq!(ending("3 <unfinished ...>"), (Ending::Unfinished, false, 1));
        assert_eq!(
            ending(" <unfinished ...>) = ?"),
            (Ending::Closed(b" = ?"), false, 0)
        );
        assert_eq!(ending("0,  <detached ...>"), (Ending::Detached, true, 1));
        assert_eq!(ending("3, \"ab"), (Ending::Cut, false, 2));
        let resumed = "<... resuming interrupted nanosleep ...>) = 0";
        assert_eq!(ending(resumed), (Ending::Closed(b" = 0"), false, 1));
    }

    #[test]
    fn strings_become_bytes() {
        for (text, bytes, whole) in [
            (
                r#""a\n\t\"\\\33\0001\x0a\x7""#,
                &b"a\n\t\"\\\x1b\x001\n\x07"[..],
                true,
            ),
            (r#""abc"..."#, b"abc", false),
            (r#""abc"#, b"abc", false),
            (r#""\"#, b"\\", false),
            ("\"", b"", false),
        ] {
            assert_eq!(
                string(text.as_bytes()),
                Some((bytes.to_vec(), whole)),
                "{text}"
            );
        }
        assert_eq!(string(b"NULL"), None);
    }

    #[test]
    fn bare_text_has_neither_comments_nor_decorations() {
        assert_eq!(bare(b"3</etc/x>"), b"3");
        assert_eq!(bare(b"0x5 /* CLOCK_??? */"), b"0x5");
        assert_eq!(bare(b"AT_FDCWD</root>"), b"AT_FDCWD");
        assert_eq!(bare(b"1<<CAP_KILL"), b"1<<CAP_KILL");
    }
}
