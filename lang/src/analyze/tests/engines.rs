//! What native engines make of scripts.

use super::super::Options;
use super::{complaints_with, dump_with};
use crate::engine::Engine;

fn on(engine: Engine) -> Options {
    Options {
        engine,
        has_child: true,
        ..Options::default()
    }
}

#[test]
fn numbers_lead_to_the_memory_of_the_process() {
    let script = "i:s:1 { print(str(0xffffffff81000000)); print(*(uint64 *)0xffff888000000000); }";
    let kernel = dump_with(script, &on(Engine::Bpf));
    assert!(
        kernel.contains("kernel") && !kernel.contains("user"),
        "{kernel}"
    );
    for engine in [Engine::Ptrace, Engine::Replay] {
        let native = dump_with(script, &on(engine));
        assert!(
            native.contains("user") && !native.contains("kernel"),
            "{native}"
        );
    }
}

#[test]
fn arguments_of_calls_lead_to_the_memory_of_the_process_on_every_engine() {
    for engine in Engine::ALL {
        let dump = dump_with(
            "syscall:read { $p = (uint64)args.buf; print(str($p)); }",
            &on(engine),
        );
        assert!(
            dump.contains("user") && !dump.contains("kernel"),
            "{engine}: {dump}"
        );
    }
}

#[test]
fn what_an_engine_lacks_is_said_once() {
    let script = "syscall:read { print(curtask); $x = curtask; @[kstack] = count(); }";
    let said = complaints_with(script, &on(Engine::Replay));
    let hint = "(use the bpf engine (as root with --engine bpf))";
    let expected = ["curtask", "curtask", "kstack"]
        .map(|name| format!("{name}: the replay engine has no {name} {hint}"));
    assert_eq!(said, expected);
    assert!(complaints_with(script, &on(Engine::Bpf)).is_empty());
    // What only such a probe sets is not undefined on top of it.
    let script = "profile:hz:99 { @busy[cpu] = count(); } syscall:read { print(@busy[cpu]); }";
    let said = complaints_with(script, &on(Engine::Ptrace));
    assert_eq!(
        said,
        [format!(
            "profile: the ptrace engine has no profile probes {hint}"
        )]
    );
    let script = "syscall:read { @task = curtask; } END { print(@task); }";
    let said = complaints_with(script, &on(Engine::Ptrace));
    assert_eq!(
        said,
        [format!("curtask: the ptrace engine has no curtask {hint}")]
    );
}
