//! The lines of each process: the text of a trace in, whose lines begin with the thread's number.

use super::rules;
use std::collections::{BTreeMap, BTreeSet};

/// The lines of each thread, without what differs from run to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Processes(Vec<Vec<String>>);

/// strace puts calls that wait in two lines.
const UNFINISHED: &str = " <unfinished ...>";

/// Reads a trace; `comparable` takes out what only this tracer has.
pub(crate) fn read(text: &str, comparable: fn(&str) -> Option<String>) -> Processes {
    let mut lines: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut begun: BTreeMap<u64, String> = BTreeMap::new();
    for line in text.lines() {
        let (tid, line) = line.trim_start().split_once(' ').unwrap_or((line, ""));
        let tid: u64 = tid.parse().unwrap_or(0);
        let line = line.trim_start();
        if let Some(start) = line.strip_suffix(UNFINISHED) {
            begun.insert(tid, start.to_owned());
            continue;
        }
        let line = match line.split_once(" resumed>") {
            Some((_, rest)) if line.starts_with("<... ") => {
                let start = begun.remove(&tid).unwrap_or_default();
                format!("{start}{rest}")
            }
            _ => line.to_owned(),
        };
        lines.entry(tid).or_default().push(line);
    }
    let tids: BTreeSet<u64> = lines.keys().copied().collect();
    let threads = lines.into_values().map(|lines| {
        lines
            .iter()
            .filter_map(|line| comparable(line))
            .map(|line| rules::apply(&line, &tids))
            .map(|line| unpadded(&line))
            .collect()
    });
    // Numbers of threads go up, but not for ever.
    let mut threads: Vec<Vec<String>> =
        threads.filter(|lines: &Vec<_>| !lines.is_empty()).collect();
    threads.sort();
    Processes(threads)
}

/// Results stand in a column, which moves with what was taken out.
fn unpadded(line: &str) -> String {
    match line.rsplit_once(" = ") {
        Some((call, result)) => format!("{} = {result}", call.trim_end()),
        None => line.to_owned(),
    }
}

/// That both printed the same; else the first lines that differ.
pub(crate) fn same(strace: &Processes, trapline: &Processes) -> Result<(), String> {
    if strace == trapline {
        return Ok(());
    }
    let mut report = String::new();
    for thread in 0..strace.0.len().max(trapline.0.len()) {
        let none = Vec::new();
        let expected = strace.0.get(thread).unwrap_or(&none);
        let printed = trapline.0.get(thread).unwrap_or(&none);
        for line in 0..expected.len().max(printed.len()) {
            let (expected, printed) = (expected.get(line), printed.get(line));
            if expected != printed {
                let text = |line: Option<&String>| line.cloned().unwrap_or_else(|| "(none)".into());
                report.push_str(&format!(
                    "  strace:   {}\n  trapline: {}\n",
                    text(expected),
                    text(printed)
                ));
                // Lines behind a missing one are all shifted.
                if expected.map(|line| name(line)) != printed.map(|line| name(line)) {
                    break;
                }
            }
        }
    }
    Err(report)
}

fn name(line: &str) -> &str {
    line.split('(').next().unwrap_or(line)
}
