//! What is the same in two runs of one command: output in, lines to compare out.

use crate::support::Run;

/// What is not the same in two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Varies {
    /// A word of each line that is not a map's.
    Column(usize),
    /// A part of each map's keys.
    Key(usize),
    /// What maps hold. Of histograms, only the keys remain.
    Values,
    /// All numbers.
    Digits,
}

/// What the tracer says of memory that could not be read.
const FAILED_READS: &str = "memory read";
/// Stands for what varies.
const ANY: &str = "*";

/// The output without what varies. Lines are sorted: who is first when two run at once is up to the kernel, and maps are
/// sorted by what may vary.
pub(crate) fn normalize(output: &str, varies: &[Varies]) -> Vec<String> {
    let mut lines: Vec<String> = output
        .lines()
        .filter_map(|line| {
            let line = line.to_owned();
            varies
                .iter()
                .try_fold(line, |line, varies| varies.take_out(line))
        })
        .collect();
    lines.sort();
    lines
}

impl Varies {
    fn take_out(self, line: String) -> Option<String> {
        if line.contains(FAILED_READS) {
            return Some(line);
        }
        let is_map = line.starts_with('@');
        Some(match self {
            Self::Column(column) if !is_map => replace_word(&line, column),
            Self::Key(part) if is_map => replace_key(&line, part),
            Self::Values if is_map => match line.rsplit_once(':') {
                Some((key, _)) => format!("{key}: {ANY}"),
                None => line,
            },
            Self::Values if line.starts_with(['[', '(']) => return None,
            Self::Digits => line
                .split(|c: char| c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(ANY),
            _ => line,
        })
    }
}

fn replace_word(line: &str, column: usize) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if let Some(word) = words.get_mut(column) {
        *word = ANY;
    }
    words.join(" ")
}

fn replace_key(line: &str, part: usize) -> String {
    let Some((start, rest)) = line.split_once('[') else {
        return line.to_owned();
    };
    let Some((keys, rest)) = rest.rsplit_once(']') else {
        return line.to_owned();
    };
    let mut keys: Vec<&str> = keys.split(", ").collect();
    if let Some(key) = keys.get_mut(part) {
        *key = ANY;
    }
    format!("{start}[{}]{rest}", keys.join(", "))
}

/// What a run printed that ended well and lost nothing; what it says of failed reads is part of it.
///
/// # Errors
/// What it complained about.
pub(crate) fn ran_well(run: &Run) -> Result<String, String> {
    /// Every run says that.
    const USUAL: [&str; 3] = ["Attached ", "Recorded ", "The command ended with "];
    let said = run.stderr.lines();
    let said = said.filter(|line| !USUAL.iter().any(|usual| line.starts_with(usual)));
    let (reads, strange): (Vec<_>, Vec<_>) = said.partition(|line| line.contains(FAILED_READS));
    if run.status != 0 || !strange.is_empty() {
        return Err(format!(
            "ended with {}: {}\n",
            run.status,
            strange.join("\n")
        ));
    }
    Ok(run.stdout.clone() + &reads.join("\n"))
}

/// Which lines only one of them has.
pub(crate) fn difference(left: &[String], right: &[String]) -> String {
    let only = |mark: &str, these: &[String], those: &[String]| -> String {
        let mut those = those.to_vec();
        let lines = these.iter().filter(|line| {
            let found = those.iter().position(|other| other == *line);
            found.map(|at| those.swap_remove(at)).is_none()
        });
        lines.map(|line| format!("{mark} {line}\n")).collect()
    };
    only("-", left, right) + &only("+", right, left)
}
