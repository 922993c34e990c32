//! Numbers are those of strace, and the engine is told once.

use super::{INSTEAD, script};
use crate::support::{self, nobody, strace_counts};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use trapline_lang::syscall::{self, Abi};

#[test]
fn counts_are_those_of_strace() {
    let (count, command) = (
        "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }",
        "ls /usr",
    );
    let expected = strace_counts(nobody::command("strace"), command);
    let run = nobody::run(&["-f", "json", "-e", count, "-c", command]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let (said, rest) = run.stderr.split_once(INSTEAD).expect("it is said");
    assert!(
        said.starts_with("BPF needs CAP_") && !said.contains('\n'),
        "{said}"
    );
    assert_eq!(rest, "");
    let line = run.stdout.lines().find(|line| line.contains("\"map\""));
    let line: Json = serde_json::from_str(line.expect("a map")).expect("JSON");
    let counts = line["data"]["@"].as_object().expect("a map").iter();
    let abi = Abi::by_name(std::env::consts::ARCH).expect("an ABI of ours");
    let mut counts: Vec<_> = counts
        .map(|(id, count)| {
            let id = id.parse().expect("a number");
            let call = syscall::by_number(abi, id).expect("a call");
            (call.name.to_owned(), count.as_u64().expect("a count"))
        })
        // strace counts calls when they return.
        .filter(|(name, _)| name != "exit_group")
        .collect();
    counts.sort();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, count, _)| (name, count))
        .collect();
    assert_eq!(counts, expected);
}

#[test]
fn it_is_said_once_and_not_if_it_was_asked_for() {
    let words = ["-e", "BEGIN { }", "-c", "true"];
    let found = nobody::run(&words);
    assert_eq!(
        found.stderr.matches("ptrace").count(),
        1,
        "{}",
        found.stderr
    );
    assert!(
        found.stderr.ends_with("Attached 1 probe\n"),
        "{}",
        found.stderr
    );
    let asked = nobody::run(&[&["--engine", "ptrace"], &words[..]].concat());
    assert_eq!(asked.stderr, "Attached 1 probe\n");
    nobody::run(&[&["-q"], &words[..]].concat()).ok();
    nobody::run(&[&["--engine", "bpf"], &words[..]].concat()).refused(&["CAP_BPF"]);
    nobody::run(&["-e", "BEGIN { }"]).refused(&["-c COMMAND", "CAP_BPF"]);
}

#[test]
fn ready_made_commands_need_no_privileges() {
    let command = support::workload("children");
    let run = nobody::run(&["trace", "-e", "getppid,close", "-c", &command]);
    assert!(
        run.stderr.ends_with(INSTEAD) && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout.matches("getppid()").count(), 5, "{}", run.stdout);
    assert_eq!(run.stdout.matches("close(-1) ").count(), 100);
    let words = ["stat", "--engine", "ptrace", "-f", "json", "-c", &command];
    let counts: BTreeMap<_, _> = nobody::run(&words)
        .ok()
        .lines()
        .map(calls_and_errors)
        .collect();
    let expected = strace_counts(nobody::command("strace"), &command);
    for (name, calls, errors) in expected {
        assert_eq!(counts.get(&name), Some(&(calls, errors)), "{name}");
    }
    let learned = nobody::file("profile.json");
    nobody::run(&[
        "seccomp", "--engine", "ptrace", "-o", &learned, "-c", &command,
    ])
    .ok();
    let checked = nobody::run(&[
        "seccomp", "--engine", "ptrace", "--check", &learned, "-c", &command,
    ]);
    assert_eq!(checked.ok(), "");
    nobody::run(&["stat", "--engine", "ptrace"]).refused(&["-c"]);
    nobody::run(&["stat"]).refused(&["-c COMMAND"]);
}

fn calls_and_errors(line: &str) -> (String, (u64, u64)) {
    let row: Json = serde_json::from_str(line).expect("an object");
    let number = |name: &str| row[name].as_u64().expect("a number");
    let name = row["syscall"].as_str().expect("a name").to_owned();
    (name, (number("calls"), number("errors")))
}

#[test]
fn commands_are_quoted_as_in_a_shell() {
    let run = script(
        "syscall:execve /errno == 0/ { printf(\"%s\\n\", str(args.filename)); join(args.argv, \"|\"); }",
        r#"sh -c 'echo "a  b" > /dev/null' 'c d' "e f""#,
    );
    let printed = run.ok();
    assert!(
        printed.contains("sh|-c|echo \"a  b\" > /dev/null|c d|e f\n"),
        "{printed}"
    );
}

#[test]
fn timers_fire_while_the_command_runs() {
    let printed = script(
        "interval:ms:100 { @ = count(); } interval:s:30 { exit(); }",
        "sleep 1.05",
    )
    .printed();
    let count: u32 = printed
        .trim()
        .strip_prefix("@: ")
        .and_then(|count| count.parse().ok())
        .expect("a count");
    assert!((5..=10).contains(&count), "{printed}");
}
