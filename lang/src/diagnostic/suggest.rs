//! "Did you mean": the nearest of the names that exist.

/// Longer names are not compared.
const LONGEST: usize = 64;

/// Names of other languages (C, D, Python), and what is meant by them here.
const FOREIGN: &[(&str, &str)] = &[
    ("execname", "comm"),
    ("procname", "comm"),
    ("timestamp", "nsecs"),
    ("walltimestamp", "nsecs"),
    ("curthread", "curtask"),
    ("curpsinfo", "curtask"),
    ("NULL", "0"),
    ("null", "0"),
    ("nil", "0"),
    ("None", "0"),
    ("stack", "kstack"),
    ("puts", "printf"),
    ("echo", "print"),
    ("println", "print"),
    ("trace", "print"),
    ("copyinstr", "str"),
    ("stringof", "str"),
    ("tracemem", "buf"),
    ("strcmp", "=="),
    ("length", "len"),
    ("size", "len"),
    ("quantize", "hist"),
    ("lquantize", "lhist"),
    ("raise", "signal"),
    ("sarg0", "*(uint64 *)uptr(reg(\"sp\") + 8)"),
    ("sarg1", "*(uint64 *)uptr(reg(\"sp\") + 16)"),
    ("sarg2", "*(uint64 *)uptr(reg(\"sp\") + 24)"),
];

/// What a name of another language is called here.
pub fn foreign(name: &str) -> Option<&'static str> {
    let row = FOREIGN.iter().find(|(other, _)| *other == name)?;
    Some(row.1)
}

/// The candidate that a misspelt name most likely meant; the first of equally near ones.
///
/// At most a third of the name's letters may differ (a swap of neighbours is one difference, upper and
/// lower case are none).
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let mut most = (name.len() / 3).max(1);
    let mut found = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if letters.len().abs_diff(name.len()) > most || letters.len() > LONGEST {
            continue;
        }
        let distance = distance(&name, &letters);
        // A name of one or two letters is near to every other.
        let shares = distance < name.len().max(letters.len());
        if shares && (distance < most || (distance == most && found.is_none())) {
            most = distance;
            found = Some(candidate);
        }
    }
    found
}

/// How many insertions, deletions, changes and swaps of neighbours lie between two words
/// (Damerau-Levenshtein, each part edited once).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let change = last[j] + usize::from(x != y);
            row[j + 1] = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let fields = ["dfd", "filename", "flags", "mode"];
        assert_eq!(nearest("filname", fields), Some("filename"));
        assert_eq!(nearest("fielname", fields), Some("filename"));
        assert_eq!(nearest("FLAGS", fields), Some("flags"));
        assert_eq!(nearest("comm", fields), None);
        assert_eq!(nearest("x", ["a", "b"]), None);
        assert_eq!(nearest("", fields), None);
        assert_eq!(foreign("execname"), Some("comm"));
        assert_eq!(foreign("comm"), None);
        assert_eq!(nearest("pdi", ["uid", "pid", "tid"]), Some("pid"));
    }
}
