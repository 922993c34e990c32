//! The ptrace engine as an ordinary user has it: commands without any privilege, and everything that they may do.
//!
//! | what | in |
//! | --- | --- |
//! | numbers, and what is said beside them | `counts` |
//! | commands end as they do untraced | `faithful` |
//! | how sessions end | `ends` |
//! | what the engine offers and what it lacks | `offer` |

#![expect(clippy::print_stderr, reason = "what is not run is said")]

#[path = "../support/mod.rs"]
mod support;

mod counts;
mod ends;
mod faithful;
mod offer;

use std::path::Path;
use std::process::{Command, Stdio};
use support::{Run, built, nobody};

/// What is said when the kernel refuses BPF.
pub(crate) const INSTEAD: &str = "; tracing the command and its children with ptrace instead\n";

/// The program with everything in it that is hard to trace, in a mode.
pub(crate) fn tracee(mode: &str) -> String {
    format!(
        "{} {mode}",
        hostile("tracee", "tracee.c", &["-O1", "-pthread"])
    )
}

/// A program of the tests of the tracer itself.
pub(crate) fn hostile(name: &str, source: &str, options: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/tests/ptrace/workloads");
    built(name, options, &folder.join(source))
}

/// Runs a script on a command, and says nothing but what the script does.
pub(crate) fn script(script: &str, command: &str) -> Run {
    nobody::run(&["-q", "-e", script, "-c", command])
}

pub(crate) fn start(args: &[&str]) -> std::process::Child {
    nobody::trapline()
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

pub(crate) fn signal(name: &str, target: &str) {
    let sent = Command::new("kill").args([name, "--", target]).status();
    assert!(sent.expect("kill").success());
}
