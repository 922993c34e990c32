//! How sessions end: by the script, an interrupt, a reader that has gone, or the command.

use super::{script, signal, start};
use crate::support::{Run, nobody};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn exit_ends_the_command() {
    let since = Instant::now();
    let run = script("interval:ms:100 { exit(5); }", "sleep 60");
    assert_eq!((run.status, run.stderr.as_str()), (5, ""));
    let run = script(
        "syscall:openat { printf(\"one\\n\"); exit(); }",
        "sh -c 'cat /dev/null; sleep 60'",
    );
    assert_eq!(run.printed().trim(), "one");
    assert!(since.elapsed() < Duration::from_secs(30));
}

/// Starts a script on `sleep 60` and waits until that sleeps.
fn sleeper(group: Option<i32>) -> std::process::Child {
    let mut command = nobody::trapline();
    if let Some(group) = group {
        command.process_group(group);
    }
    command
        .args([
            "-e",
            "syscall:clock_nanosleep:enter { printf(\"sleeps\\n\"); } END { printf(\"end\\n\"); }",
        ])
        .args(["-c", "sleep 60"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut byte = [0; 1];
    let stdout = child.stdout.as_mut().expect("a pipe");
    while byte != *b"p" {
        stdout.read_exact(&mut byte).expect("it sleeps");
    }
    child
}

#[test]
fn an_interrupt_ends_the_session_and_prints_what_there_is() {
    for (group, how) in [(None, ""), (Some(0), "-")] {
        let child = sleeper(group);
        signal("-INT", &format!("{how}{}", child.id()));
        let run = Run::from(child.wait_with_output().expect("it ends"));
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.trim_end().ends_with("\nend"), "{}", run.stdout);
        // It is gone by the interrupt itself or by us, or goes now.
        let ended = run.stderr.lines().last().expect("an end");
        let ends = ["The command ended with signal: ", "Waiting for the command"];
        assert!(
            ends.iter().any(|end| ended.starts_with(end)),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_reader_that_has_had_enough_is_an_end() {
    let trapline = nobody::trapline();
    let words = trapline.get_args().map(|word| word.to_string_lossy());
    let program = trapline.get_program().to_string_lossy();
    let words: Vec<_> = std::iter::once(program).chain(words).collect();
    let line = format!(
        "{} -q -e 'syscall:* {{ print(args); }}' -c 'find /usr/bin /etc' | head -n 1; exit ${{PIPESTATUS[0]}}",
        words.join(" ")
    );
    let output = Command::new("bash")
        .args(["-c", &line])
        .output()
        .expect("bash");
    let run = Run::from(output);
    assert!(run.stdout.starts_with("execve("), "{}", run.stdout);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

#[test]
fn commands_that_cannot_be_run_say_why_once() {
    for (command, why) in [
        ("/nonexistent/command", "No such file or directory"),
        ("/dev/null", "Permission denied"),
        ("", "it is empty"),
        ("sh -c 'x", "a single quote is not closed"),
    ] {
        let said = nobody::run(&[
            "--engine",
            "ptrace",
            "-e",
            "syscall:read { @ = count(); }",
            "-c",
            command,
        ])
        .refused(&[&format!("`{command}`"), why]);
        assert_eq!(said.matches(why).count(), 1, "{said}");
    }
}

#[test]
fn what_the_command_leaves_behind_is_waited_for() {
    let command = "sh -c 'sleep 1 & exit 0'";
    let words = [
        "--engine",
        "ptrace",
        "-e",
        "syscall:getppid { @ = count(); }",
        "-c",
        command,
    ];
    let since = Instant::now();
    let run = nobody::run(&words);
    assert_eq!(run.status, 0);
    assert!(since.elapsed() >= Duration::from_millis(900));
    assert!(
        run.stderr
            .contains("Waiting for what the command has left behind"),
        "{}",
        run.stderr
    );
    nobody::run(&[&["-q"], &words[..]].concat()).ok();
    // Without a filter, they do as well without us.
    let words = [
        "-q",
        "-e",
        "tracepoint:raw_syscalls:sys_enter { @ = count(); }",
        "-c",
        "sh -c 'sleep 20 & exit 0'",
    ];
    let since = Instant::now();
    let child = start(&words);
    let status = { child }.wait().expect("it ends");
    assert!(status.success() && since.elapsed() < Duration::from_secs(10));
}
