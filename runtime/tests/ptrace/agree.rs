//! What is counted is what strace counts.

use crate::support::{calls, folder, on_thread, trace, workload};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use trapline_runtime::ptrace::Wanted;

/// Calls by name, from the table of `strace -c`; `None` without strace.
fn strace(command: &str, name: &str) -> Option<BTreeMap<String, usize>> {
    let output = folder().join(format!("strace-{name}.txt"));
    let status = Command::new("strace")
        .args(["-f", "-c", "-o"])
        .arg(&output)
        .args(["sh", "-c", &format!("exec {command} >/dev/null")])
        .stdout(Stdio::null())
        .status();
    status.ok()?;
    let table = std::fs::read_to_string(&output).expect("strace has written");
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let count: usize = words.get(3)?.parse().ok()?;
        let name = *words.last()?;
        (name != "total").then(|| (name.to_owned(), count))
    };
    let mut counts = BTreeMap::new();
    // Calls of 32 bits have a table of their own.
    for (name, count) in table.lines().filter_map(row) {
        *counts.entry(name).or_default() += count;
    }
    Some(counts)
}

#[test]
#[expect(clippy::print_stderr, reason = "says what is not tested")]
fn counts_are_those_of_strace() {
    let tracee = workload("tracee");
    for (name, command) in [
        ("ls", "ls /usr".to_owned()),
        ("forks", format!("{tracee} forks 20")),
        ("vfork", format!("{tracee} vfork")),
        ("signals", format!("{tracee} signals")),
        ("narrow", format!("{tracee} exec {}", workload("narrow"))),
    ] {
        let Some(expected) = strace(&command, name) else {
            eprintln!("strace is not installed");
            return;
        };
        let shell = format!("sh -c 'exec {command} >/dev/null'");
        let traced = on_thread(|| trace(&shell, Wanted::All));
        let counts: BTreeMap<String, usize> = traced
            .returned()
            .into_iter()
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        assert_eq!(counts, expected, "{command}");
    }
}

#[test]
fn filtered_counts_are_those_of_all_calls() {
    let tracee = workload("tracee");
    for command in [
        format!("{tracee} forks 20"),
        format!("{tracee} exec-from-thread {tracee} forks 2"),
        "sh -c 'ls /usr | sort | tail -n 1 >/dev/null'".to_owned(),
    ] {
        let all = on_thread(|| trace(&command, Wanted::All));
        for names in [&["openat", "close", "getppid"][..], &["mmap"], &["clone"]] {
            let some = on_thread(|| trace(&command, calls(names)));
            assert_eq!(some.status, all.status);
            for name in names {
                assert_eq!(some.enters(name), all.enters(name), "{name}");
                assert_eq!(some.results(name).len(), all.results(name).len(), "{name}");
            }
        }
    }
}
