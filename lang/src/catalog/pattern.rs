//! Shell-like patterns on names: `*` stands for any text, `[...]` for one of some characters.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// This character.
    Char(char),
    /// `*`
    Any,
    /// `[a-z]`, `[!a-z]`.
    OneOf {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Pattern {
    /// Reads a pattern; `None` if a `[` is not closed.
    pub fn new(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            pieces.push(match c {
                '*' => Piece::Any,
                '[' => {
                    let (inside, after) = rest.as_str().split_once(']')?;
                    rest = after.chars();
                    set(inside)
                }
                _ => Piece::Char(c),
            });
        }
        pieces.dedup_by(|a, b| *a == Piece::Any && *b == Piece::Any);
        Some(Self { pieces })
    }

    /// The text has signs that only patterns have.
    pub fn is_pattern(text: &str) -> bool {
        text.contains(['*', '['])
    }

    /// The whole name fits.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut piece) = (0, 0);
        // Where to go on if what followed the last `*` did not fit.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match self.pieces.get(piece) {
                Some(Piece::Any) => {
                    piece += 1;
                    retry = Some((at, piece));
                    continue;
                }
                Some(Piece::Char(c)) => name.get(at) == Some(c),
                Some(Piece::OneOf { ranges, negated }) => name.get(at).is_some_and(|c| {
                    ranges.iter().any(|(from, to)| (from..=to).contains(&c)) != *negated
                }),
                None if at == name.len() => return true,
                None => false,
            };
            if fits {
                at += 1;
                piece += 1;
            } else {
                match &mut retry {
                    Some((start, after)) if *start < name.len() => {
                        *start += 1;
                        (at, piece) = (*start, *after);
                    }
                    _ => return false,
                }
            }
        }
    }
}

fn set(inside: &str) -> Piece {
    let (negated, inside) = match inside.strip_prefix(['!', '^']) {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let chars: Vec<char> = inside.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if at + 2 < chars.len() && chars[at + 1] == '-' {
            ranges.push((chars[at], chars[at + 2]));
            at += 3;
        } else {
            ranges.push((chars[at], chars[at]));
            at += 1;
        }
    }
    Piece::OneOf { ranges, negated }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        let cases = [
            ("sys_enter_*", "sys_enter_open", true),
            ("sys_enter_*", "sys_enter", false),
            ("*open*", "sys_enter_openat", true),
            ("*at", "sys_enter_openat2", false),
            ("a*b*c", "aXbYbZc", true),
            ("sys_e[nx]*t", "sys_exit", true),
            ("read[!v]", "readv", false),
            ("p[a-z]3", "pq3", true),
            ("**", "", true),
            ("", "x", false),
        ];
        for (pattern, name, fits) in cases {
            assert_eq!(
                Pattern::new(pattern).map(|p| p.matches(name)),
                Some(fits),
                "{pattern} {name}"
            );
        }
        assert_eq!(Pattern::new("a[b"), None);
    }
}
