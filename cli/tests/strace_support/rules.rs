//! What differs between two runs of one program, whoever traces it: a line in, the line without it out.

use std::collections::BTreeSet;

/// A rule.
pub(crate) struct Rule {
    /// As `docs/strace.md` has it.
    pub(crate) sentence: &'static str,
    apply: fn(&str, &BTreeSet<u64>) -> String,
}

/// All, in the order in which they apply.
pub(crate) const ALL: &[Rule] = &[
    Rule {
        sentence: "addresses of the stack, the heap and of mappings",
        apply: addresses,
    },
    Rule {
        sentence: "numbers of processes and threads",
        apply: processes,
    },
    Rule {
        sentence: "what `getrandom` gives",
        apply: random,
    },
    Rule {
        sentence: "what is left of a timeout",
        apply: time_left,
    },
    Rule {
        sentence: "the time of day",
        apply: time_of_day,
    },
];

/// A line without what differs. `pids` are the processes and threads of the run.
pub(crate) fn apply(line: &str, pids: &BTreeSet<u64>) -> String {
    ALL.iter()
        .fold(line.to_owned(), |line, rule| (rule.apply)(&line, pids))
}

/// Replaces words of letters and digits.
fn words(line: &str, replace: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let end = match is_word(first) {
            true => rest
                .find(|character| !is_word(character))
                .unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, behind) = rest.split_at(end);
        out.push_str(replace(word).unwrap_or(word));
        rest = behind;
    }
    out
}

/// Smaller ones are fixed when a program is linked, or no addresses.
const FIRST_ADDRESS: u64 = 0x50_0000;

fn addresses(line: &str, _: &BTreeSet<u64>) -> String {
    words(line, |word| {
        let address = u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()?;
        (address >= FIRST_ADDRESS).then_some("ADDRESS")
    })
}

fn processes(line: &str, pids: &BTreeSet<u64>) -> String {
    words(line, |word| {
        let number = word.parse().ok()?;
        pids.contains(&number).then_some("PID")
    })
}

fn random(line: &str, _: &BTreeSet<u64>) -> String {
    match (line.strip_prefix("getrandom(\""), line.rfind("\", ")) {
        (Some(_), Some(end)) => format!("getrandom(RANDOM{}", &line[end + 1..]),
        _ => line.to_owned(),
    }
}

fn time_of_day(line: &str, _: &BTreeSet<u64>) -> String {
    let Some((before, behind)) = line.split_once("{tv_sec=") else {
        return line.to_owned();
    };
    let seconds = behind.find(|character: char| !character.is_ascii_digit());
    let end = behind.find('}');
    match (line.starts_with("clock_gettime("), seconds, end) {
        (true, Some(seconds), Some(end)) if seconds > 8 => {
            format!("{before}TIME{}", &behind[end + 1..])
        }
        _ => line.to_owned(),
    }
}

fn time_left(line: &str, _: &BTreeSet<u64>) -> String {
    let left = line.split_once("left {");
    match left.and_then(|(before, behind)| Some((before, behind.split_once('}')?.1))) {
        Some((before, behind)) => format!("{before}left TIME{behind}"),
        None => line.to_owned(),
    }
}
