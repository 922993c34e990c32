//! The ready-made commands `stat`, `seccomp` and `trace`, on commands whose calls are known.

mod support;

use serde_json::Value as Json;
use std::process::Command;
use support::{run, strace_counts, temporary, workload};

#[test]
fn stat_counts_what_strace_counts() {
    let command = workload("children");
    let expected = strace_counts(Command::new("strace"), &command);
    let printed = run(&["stat", "-f", "json", "-c", &command]).ok();
    let mut counts: Vec<_> = printed
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("an object"))
        .map(|row| {
            assert!(row["max_ns"].as_u64() <= row["total_ns"].as_u64());
            let number = |name: &str| row[name].as_u64().expect("a number");
            let name = row["syscall"].as_str().expect("a name").to_owned();
            (name, number("calls"), number("errors"))
        })
        // strace counts calls when they return to the program; a kill ends `pause`.
        .filter(|(name, _, _)| !["exit", "exit_group", "pause"].contains(&name.as_str()))
        .collect();
    counts.sort();
    assert_eq!(counts, expected);
}

#[test]
fn stat_tells_programs_apart() {
    let table = run(&[
        "stat",
        "--by",
        "comm,syscall",
        "-c",
        "sh -c 'true; cat /dev/null; true'",
    ])
    .ok();
    let header = table.lines().next().expect("a header");
    assert!(header.ends_with("errors comm syscall"), "{table}");
    let row = |comm: &str, syscall: &str| {
        let end = format!(" {comm:<4} {syscall}");
        table.lines().any(|line| line.ends_with(&end))
    };
    assert!(row("sh", "wait4") && row("cat", "fadvise64"), "{table}");
    assert!(!row("sh", "fadvise64") && !row("cat", "wait4"), "{table}");
    assert!(table.trim_end().ends_with("total"), "{table}");
}

/// The profile of a command.
fn profile(args: &[&str]) -> (String, Json) {
    let text = run(&[&["seccomp"], args].concat()).ok();
    let json = serde_json::from_str(&text).expect("a profile");
    (text, json)
}

#[test]
fn a_profile_holds_what_was_called() {
    let command = workload("children");
    let (_, json) = profile(&["-c", &command]);
    assert_eq!(json["defaultAction"], "SCMP_ACT_ERRNO");
    assert_eq!(json["syscalls"][0]["action"], "SCMP_ACT_ALLOW");
    let names = json["syscalls"][0]["names"].as_array().expect("names");
    // The last is made by a grandchild alone, and never returns.
    for name in ["execve", "getppid", "exit_group", "pause"] {
        assert!(names.contains(&name.into()), "no {name} in {names:?}");
    }
    assert!(!names.contains(&"getpgid".into()), "{names:?}");
}

#[test]
fn a_check_reports_what_a_profile_refuses() {
    let program = workload("children");
    let learned = temporary("learned.json");
    let learned = learned.to_str().expect("a UTF-8 path");
    run(&["seccomp", "-o", learned, "-c", &program]).ok();
    let silent = run(&["seccomp", "--check", learned, "-c", &program]);
    assert_eq!(
        (silent.status, silent.stdout.as_str()),
        (0, ""),
        "{}",
        silent.stderr
    );

    let mut profile: Json =
        serde_json::from_str(&std::fs::read_to_string(learned).expect("a profile")).expect("JSON");
    let names = profile["syscalls"][0]["names"]
        .as_array_mut()
        .expect("names");
    names.retain(|name| {
        !["getppid", "access", "kill", "close"].contains(&name.as_str().unwrap_or(""))
    });
    let rules = profile["syscalls"].as_array_mut().expect("rules");
    let rule = |name: &str, index: u8, value: u64, operator: &str, two: u64| {
        serde_json::json!({"names": [name], "action": "SCMP_ACT_ALLOW",
            "args": [{"index": index, "value": value, "valueTwo": two, "op": operator}]})
    };
    // Of close, only descriptors that exist; of kill, all signals with the bit of SIGKILL.
    rules.push(rule("close", 0, 1024, "SCMP_CMP_LT", 0));
    rules.push(rule("kill", 1, 8, "SCMP_CMP_MASKED_EQ", 8));
    rules.push(rule("access", 1, 4, "SCMP_CMP_EQ", 0));
    std::fs::write(learned, profile.to_string()).expect("a file");
    let checked = run(&["seccomp", "--check", learned, "-c", &program]);
    assert_eq!(checked.status, 3, "{}", checked.stderr);
    let lines = |call: &str| {
        let is_such = |line: &&str| line.starts_with("children[") && line.contains(call);
        checked.stdout.lines().filter(is_such).count()
    };
    let counts = [
        lines("] getppid()"),
        lines("] access(\"/nonexistent\", F_OK)"),
        lines("] close(-1)"),
    ];
    assert_eq!(counts, [5, 7, 100], "{}", checked.stdout);
    assert_eq!(checked.stdout.lines().count(), 112, "{}", checked.stdout);
}

#[test]
fn trace_prints_calls_in_several_forms() {
    let program = workload("children");
    let own = run(&["trace", "-e", "trace=access,getppid", "-c", &program]).ok();
    let lines: Vec<_> = own.lines().collect();
    assert_eq!(lines.len(), 6, "{own}");
    assert!(
        lines[0].starts_with("access(\"/etc/ld.so.preload\", R_OK)"),
        "{own}"
    );
    let failed = [
        "trace",
        "-F",
        "-e",
        "access",
        "--status",
        "failed",
        "--columns",
        "comm",
        "-T",
    ];
    let all = run(&[&failed[..], &["-c", &program]].concat()).ok();
    let is_such = |line: &&str| {
        line.contains(" children ")
            && line.contains(" access(\"/nonexistent\", F_OK) ")
            && line.contains(" = -1 ENOENT (No such file or directory) <0.0")
    };
    assert_eq!(all.lines().filter(is_such).count(), 7, "{all}");
    let json = run(&["trace", "-f", "json", "-e", "getppid", "-c", &program]).ok();
    for line in json.lines() {
        let call: Json = serde_json::from_str(line).expect("an object");
        assert_eq!(call["syscall"], "getppid", "{line}");
        assert!(call["result"].as_u64() > Some(0), "{line}");
    }
    assert_eq!(json.lines().count(), 5, "{json}");
}

#[test]
fn calls_print_as_names_or_numbers_and_with_what_descriptors_are_open_on() {
    let folder = temporary("open");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("file");
    std::fs::write(&file, "0123456789").expect("a file");
    let file = file.to_str().expect("a UTF-8 path");
    let command = format!("cat {file}");
    let calls = "openat,read,close";
    let traced = run(&["trace", "-y", "-s", "4", "-e", calls, "-c", &command]).ok();
    let line = format!("read(3<{file}>, \"0123\"..., 131072)");
    assert!(traced.contains(&line), "no {line} in {traced}");
    let script = "syscall:openat /pid == cpid/ { print(args); }";
    let raw = [
        "-q",
        "--decode",
        "raw",
        "--fd-paths",
        "-e",
        script,
        "-c",
        &command,
    ];
    let raw = run(&raw).ok();
    assert!(
        raw.contains("openat(0xffffff9c, 0x") && !raw.contains("O_RDONLY"),
        "{raw}"
    );
}

#[test]
fn profiles_are_compared_by_what_they_say() {
    let folder = |name: &str| temporary(name).to_str().expect("a UTF-8 path").to_owned();
    let (first, second) = (folder("first.json"), folder("second.json"));
    let command = workload("children");
    run(&["seccomp", "-o", &first, "-c", &command]).ok();
    run(&["seccomp", "-o", &second, "-c", "true"]).ok();
    let same = run(&["seccomp", "--diff", &first, &first]);
    assert_eq!((same.status, same.stdout.as_str()), (0, ""));
    let different = run(&["seccomp", "--diff", &first, &second]);
    assert_eq!(different.status, 1, "{}", different.stderr);
    let lines: Vec<_> = different.stdout.lines().collect();
    assert!(
        lines.contains(&"-getppid") && !lines.contains(&"-execve"),
        "{lines:?}"
    );
    run(&["seccomp", "--diff", &first, "/nonexistent/file"]).refused(&["/nonexistent/file"]);
    std::fs::write(&second, r#"{"defaultAction": "SCMP_ACT_ALOW"}"#).expect("a file");
    run(&["seccomp", "--diff", &first, &second])
        .refused(&["second.json", "defaultAction is 'SCMP_ACT_ALOW'"]);
}

#[test]
fn words_that_make_no_sense_are_refused() {
    run(&["seccomp"]).refused(&["Name a command with -c"]);
    run(&["stat", "--by", "nonsense"]).refused(&["nonsense", "trapline stat"]);
    run(&["stat", "-p", "0"]).refused(&["out of range"]);
    run(&["trace", "-e", "opennat"]).refused(&["did you mean 'openat'?"]);
    let help = run(&["trace", "-h"]).ok();
    assert!(help.contains("trapline trace [options] -c CMD"), "{help}");
}

#[test]
fn a_script_may_be_called_like_a_command() {
    let folder = temporary("folder");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("stat"), "BEGIN { printf(\"a script\\n\"); }").expect("a file");
    let output = support::trapline()
        .args(["-q", "./stat"])
        .current_dir(&folder)
        .output()
        .expect("the binary runs");
    assert_eq!(support::Run::from(output).ok().trim_end(), "a script");
}
