//! Recordings, replays and flight recorders as a user would try them. What the kernel records needs root.
//!
//! | what | in |
//! | --- | --- |
//! | a replay tells what was told live | `replay` |
//! | the clock of a trace | `time` |
//! | files that are no traces, damaged, or still growing | `files` |
//! | disks that are full | `disk` |
//! | flight recorders, and what makes no sense | `ring` |

#![expect(clippy::print_stderr, reason = "what is not run is said")]

#[path = "../support/mod.rs"]
mod support;

mod disk;
mod files;
mod replay;
mod ring;
mod time;

use std::io::Read;
use std::process::{Child, Command, Stdio};
use support::{Run, nobody, run, temporary, trapline};

/// Engines that record.
pub(crate) const ENGINES: [&str; 2] = ["bpf", "ptrace"];

/// A file of this test process.
pub(crate) fn file(name: &str) -> String {
    let path = temporary(name);
    path.to_str().expect("a UTF-8 path").to_owned()
}

/// Records what a command does with a script, or all; what that printed.
#[track_caller]
pub(crate) fn record(engine: &str, into: &str, options: &[&str], command: &str) -> Run {
    let words = ["-q", "--engine", engine, "--record", into, "-c", command];
    let run = run(&[&words, options].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{engine}");
    run
}

/// Records all that a command does.
#[track_caller]
pub(crate) fn recorded(engine: &str, name: &str, command: &str) -> String {
    let into = file(&format!("{name}-{engine}"));
    record(engine, &into, &[], command);
    into
}

/// A second of a command that counts to ten.
pub(crate) fn a_second(test: &str) -> String {
    let command = "sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do cat /dev/null; sleep 0.1; done'";
    recorded("ptrace", test, command)
}

/// Replays a file, which is read by nobody in particular.
pub(crate) fn replay(trace: &str, options: &[&str]) -> Run {
    nobody::run(&[&["--replay", trace], options].concat())
}

/// A ready-made command on a trace.
pub(crate) fn replay_with(command: &str, trace: &str, options: &[&str]) -> Run {
    nobody::run(&[&[command, "--replay", trace], options].concat())
}

pub(crate) fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill").success());
}

/// Starts the binary on a command that says on its stdout, a line each, how far it is.
pub(crate) fn start(words: &[&str]) -> Child {
    trapline()
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// Waits for this line.
pub(crate) fn wait_for(child: &mut Child, line: &str) {
    let stdout = child.stdout.as_mut().expect("a pipe");
    let mut text = String::new();
    while !text.ends_with(&format!("{line}\n")) {
        let mut byte = [0];
        stdout.read_exact(&mut byte).expect("it goes on");
        text.push(byte[0].into());
    }
}
