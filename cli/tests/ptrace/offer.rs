//! What the engine offers, and what it lacks.

use crate::support::{nobody, temporary};
use std::collections::BTreeSet;

#[test]
fn what_ptrace_lacks_is_named_with_the_engine_that_has_it() {
    nobody::run(&["--engine", "ptrace", "-e", "syscall:read { @ = count(); }"]).refused(&["-c"]);
    let said = nobody::run(&[
        "--engine",
        "ptrace",
        "-e",
        "kprobe:vfs_read { @a = count(); } software:cpu:1 { @b = kstack; } syscall:read { @c = count(); }",
        "-c",
        "true",
    ])
    .refused(&["no kprobe probes", "no software probes", "no kstack", "as root with --engine bpf"]);
    assert_eq!(said.matches("ERROR").count(), 3, "{said}");
    nobody::run(&[
        "--engine",
        "ptrace",
        "--attach",
        "raw",
        "-e",
        "BEGIN { }",
        "-c",
        "true",
    ])
    .refused(&["--attach"]);
    nobody::run(&[
        "--engine",
        "ptrace",
        "--cgroup",
        "/",
        "-e",
        "syscall:read { }",
        "-c",
        "true",
    ])
    .refused(&["--cgroup"]);
    nobody::run(&["--engine", "nonsense", "-e", "BEGIN { }"])
        .refused(&["nonsense", "auto, bpf, ptrace"]);
}

#[test]
fn what_ptrace_offers_is_listed() {
    let listed = |words: &[&str]| nobody::run(&[&["--engine", "ptrace", "-l"], words].concat());
    assert_eq!(
        listed(&["tracepoint:sched:*"]).ok(),
        "tracepoint:sched:sched_process_exec\ntracepoint:sched:sched_process_exit\ntracepoint:sched:sched_process_fork\n"
    );
    let all = listed(&[]).ok();
    let providers: BTreeSet<_> = all
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        Vec::from_iter(providers),
        ["interval", "syscall", "tracepoint"]
    );
    let detailed = listed(&["-v", "tracepoint:syscalls:sys_enter_openat"]).ok();
    assert!(
        detailed.contains("    const char * filename\n"),
        "{detailed}"
    );
    listed(&["kprobe:*"]).refused(&["no kprobe probes", "--engine bpf"]);
    listed(&["tracepoint:net:*"]).refused(&["no probe matches"]);
    let of_script = listed(&["-e", "kprobe:vfs_read { } syscall:read,write { }"]);
    assert_eq!(of_script.stdout, "syscall:read\nsyscall:write\n");
    assert!(
        of_script.stderr.contains("kprobe:vfs_read is left out"),
        "{}",
        of_script.stderr
    );
}

#[test]
fn stages_are_those_of_the_engine() {
    let emitted = |stage: &str| {
        let script = "syscall:openat { @[comm] = count(); }";
        nobody::run(&["--engine", "ptrace", "--emit", stage, "-e", script])
    };
    assert!(emitted("hir").ok().contains("syscall:openat"));
    let clif = emitted("clif").ok();
    assert!(clif.contains("function u0:0(i64) -> i64"), "{clif}");
    for stage in ["bpf", "elf"] {
        emitted(stage).refused(&["the ptrace engine has no BPF", "--emit clif"]);
    }
    let file = temporary("object");
    let elf = [
        "--emit-elf",
        file.to_str().expect("a UTF-8 path"),
        "--engine",
        "ptrace",
        "-e",
        "BEGIN { }",
    ];
    nobody::run(&elf).refused(&["no BPF"]);
}
