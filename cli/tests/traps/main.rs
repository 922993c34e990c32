//! What tracers of system calls get wrong once: for each such trap a test, named by its number, with a workload whose
//! exact answer is known. The workloads are the scenes of `tests/workloads/traps.c` and a 32-bit program; numbers of calls
//! and the ABIs beside the native one are x86's.
//!
//! | trap | what is easily got wrong | in |
//! | --- | --- | --- |
//! | 1 | numbers and arguments of 32-bit calls | `identity` |
//! | 2 | number -1 is no call | `identity` |
//! | 3 | `execve` into a program of another ABI | `identity` |
//! | 4 | entries and exits that do not pair: clones, refusals, calls in flight, killed threads | `pairing` |
//! | 5 | calls that stand for many: `socketcall`, `ipc` | `identity` |
//! | 6 | restarts | `pairing` |
//! | 7 | negative results that are no errors | `identity` |
//! | 8 | errno is a type with names | `identity` |
//! | 9 | process ids and their namespaces | `process` |
//! | 10 | thread ids that are used again | `pairing` |
//! | 11 | the tracer in its own output | `process` |
//! | 12 | what looks like a call and is none: io_uring, the vDSO | `machine` |
//! | 13 | file names that are not in memory yet | `memory` |
//! | 14 | kernels without the `syscalls` events | `machine` |
//! | 15 | tracing slows every task | `machine` |
//! | 16 | arguments that the call writes | `memory` |

#![cfg(target_arch = "x86_64")]

#[path = "../support/mod.rs"]
mod support;

mod identity;
mod machine;
mod memory;
mod pairing;
mod process;

use support::{Run, run, workload};

/// Every way to hook system calls. Those that see calls of every ABI come first.
const HOOKS: [&str; 5] = ["auto", "btf", "raw", "tracepoint", "event"];
/// How many see calls of every ABI.
const EVERY_ABI: usize = 4;

/// The command that runs a scene of `workloads/traps.c`.
fn scene(what: &str) -> String {
    format!("{} {what}", workload("traps"))
}

/// A 32-bit program that calls getppid three times, and then runs what it is told or exits.
fn program_of_32_bits() -> String {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workloads/traps32.S");
    let program = support::temporary(&format!("traps32-{:?}", std::thread::current().id()));
    let status = std::process::Command::new("cc")
        .args(["-m32", "-nostdlib", "-static", "-o"])
        .args([&program, &source])
        .status()
        .expect("a C compiler (`cc`)");
    assert!(status.success());
    program.to_str().expect("a UTF-8 path").to_owned()
}

/// Runs a script on a command and its descendants.
fn trace(attach: &str, command: &str, script: &str) -> Run {
    let run = run(&["-q", "-F", "--attach", attach, "-e", script, "-c", command]);
    assert_eq!(run.status, 0, "{attach}: {}", run.stderr);
    run
}

/// What a run printed, without blank lines.
fn printed(run: &Run) -> Vec<String> {
    let lines = run.stdout.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a script prints about a scene, line by line.
fn lines(attach: &str, what: &str, script: &str) -> Vec<String> {
    printed(&trace(attach, &scene(what), script))
}

/// The script prints the same about a scene, however system calls are hooked.
#[track_caller]
fn everywhere(what: &str, script: &str, expected: &[&str]) {
    on(&HOOKS, what, script, expected);
}

/// The same of calls of several ABIs.
#[track_caller]
fn on_every_abi(what: &str, script: &str, expected: &[&str]) {
    on(&HOOKS[..EVERY_ABI], what, script, expected);
}

#[track_caller]
fn on(hooks: &[&str], what: &str, script: &str, expected: &[&str]) {
    for hook in hooks {
        assert_eq!(lines(hook, what, script), expected, "{what}, {hook}");
    }
}
