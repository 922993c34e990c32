//! Files that are no traces, that are damaged, or that grow.

use super::{ENGINES, file, recorded, replay, replay_with, signal, start, wait_for};
use crate::support::{self, Run, run};
use std::fs;
use std::process::Command;

#[test]
fn files_that_are_no_traces_each_say_so() {
    let whole = fs::read(recorded("ptrace", "whole", "ls /usr/bin")).expect("a trace");
    let written = |name: &str, bytes: &[u8]| {
        let path = file(name);
        fs::write(&path, bytes).expect("written");
        path
    };
    let script = ["-e", "syscall:* { @ = count(); }"];
    for (path, words) in [
        ("/nonexistent/trace".to_owned(), "No such file or directory"),
        ("/usr".to_owned(), "Is a directory"),
        (written("empty", b""), "is empty"),
        (written("text", b"nothing of the kind\n"), "is no trace"),
        (
            written(
                "elf",
                &fs::read(support::binary()).expect("it runs")[..9999],
            ),
            "is no trace",
        ),
        (written("head", &whole[..40]), "cut off within its header"),
    ] {
        let said = replay(&path, &script).refused(&[&path, words]);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let shell = format!(
        "true | {} --replay /dev/stdin -e 'BEGIN {{ }}'",
        support::binary()
    );
    let piped = Command::new("sh").args(["-c", &shell]).output();
    Run::from(piped.expect("a shell")).refused(&["/dev/stdin is a pipe"]);
    let mut version = whole.clone();
    let middle = whole.len() / 2;
    version[8] = 99;
    replay(&written("version", &version), &script).refused(&["version 99 of the format"]);
    // What is whole counts, and what is missing is said.
    let mut damaged = whole.clone();
    damaged[middle] ^= 1;
    for (name, bytes, words) in [
        ("cut", &whole[..middle], "the trace is cut off after "),
        ("damaged", &damaged[..], "the trace is damaged: "),
    ] {
        let run = replay(&written(name, bytes), &script);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stderr.contains(words), "{name}: {}", run.stderr);
        assert!(
            run.stderr.contains("missing in the trace: "),
            "{name}: {}",
            run.stderr
        );
    }
    let behind = [&whole[..], b"rubbish"].concat();
    let run = replay(&written("behind", &behind), &script);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("@: "), "{}", run.stdout);
    // Ready-made commands say the same.
    replay_with("stat", &file("text"), &[]).refused(&["is no trace"]);
    let cut = replay_with("stat", &file("cut"), &[]);
    assert!(
        cut.stderr.contains("the trace is cut off after "),
        "{}",
        cut.stderr
    );
}

#[test]
fn a_trace_is_read_while_it_is_written() {
    for engine in ENGINES {
        let into = file(&format!("growing-{engine}"));
        let command = "sh -c 'cat /dev/null; sleep 2; echo late; exec sleep 60'";
        let mut child = start(&[
            "--engine",
            engine,
            "--record",
            &into,
            "-F",
            "-e",
            "syscall:execve { }",
            "-c",
            command,
        ]);
        wait_for(&mut child, "late");
        let early = replay(
            &into,
            &["-e", "syscall:execve /comm == \"cat\"/ { @ = count(); }"],
        );
        assert!(
            early.stderr.contains("still being recorded"),
            "{engine}: {}",
            early.stderr
        );
        assert!(
            early.stdout.contains("@: 1\n"),
            "{engine}: {}",
            early.stdout
        );
        // Nobody else may write it.
        run(&["--engine", "ptrace", "--record", &into, "-c", "true"])
            .refused(&[&into, "another recording"]);
        // An interrupt ends it properly.
        signal("-INT", &child);
        let ended = Run::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.status, 0, "{engine}: {}", ended.stderr);
        assert!(ended.stderr.contains("Recorded "), "{}", ended.stderr);
        let whole = replay(
            &into,
            &[
                "-q",
                "-e",
                "syscall:execve /errno == 0/ { @[comm] = count(); }",
            ],
        )
        .ok();
        assert!(whole.contains("@[sleep]: 2\n"), "{engine}: {whole}");
    }
}

#[test]
fn a_recording_that_is_killed_is_whole_up_to_then() {
    let into = file("killed");
    let command = "sh -c 'cat /dev/null; sleep 2; echo late; exec sleep 60'";
    let mut child = start(&[
        "--engine",
        "ptrace",
        "--record",
        &into,
        "-e",
        "syscall:execve { }",
        "-c",
        command,
    ]);
    wait_for(&mut child, "late");
    signal("-KILL", &child);
    child.wait().expect("it ends");
    let run = replay(
        &into,
        &["-e", "syscall:execve /comm == \"cat\"/ { @ = count(); }"],
    );
    assert!(
        run.stderr.contains("its recording was not ended properly"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("@: 1\n"), "{}", run.stdout);
}
