//! Patterns of `-l`: `*`, `?`, `[abc]`, `[a-z]`, `[!a]` against whole probe names.

/// Whether a pattern matches all of a text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on if what follows the last star does not fit: behind it, one byte of text later.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some(length) = one(&pattern[p..], text[t]) {
            p += length;
            t += 1;
        } else if let Some((behind, from)) = star {
            star = Some((behind, from + 1));
            (p, t) = (behind, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// The pattern holds wildcards.
pub(crate) fn is_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// Bytes of the first element of a pattern, if it matches the byte.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern.first()? {
        b'?' => Some(1),
        b'[' => match pattern.iter().position(|end| *end == b']') {
            Some(end) => in_set(&pattern[1..end], byte).then_some(end + 1),
            None => (byte == b'[').then_some(1),
        },
        literal => (*literal == byte).then_some(1),
    }
}

fn in_set(set: &[u8], byte: u8) -> bool {
    let (set, wanted) = match set {
        [b'!' | b'^', rest @ ..] => (rest, false),
        _ => (set, true),
    };
    let mut rest = set;
    let mut found = false;
    while let Some(first) = rest.first() {
        if let [low, b'-', high, ..] = rest {
            found |= (*low..=*high).contains(&byte);
            rest = &rest[3..];
        } else {
            found |= *first == byte;
            rest = &rest[1..];
        }
    }
    found == wanted
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*ab*", "xaab", true),
            ("?b", "ab", true),
            ("[a-c]x[!y]", "bxz", true),
            ("[a-c]x[!y]", "bxy", false),
            ("a**", "a", true),
            ("", "", true),
            ("*", "", true),
            ("a[", "a[", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
