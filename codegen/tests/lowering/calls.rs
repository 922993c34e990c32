//! System calls as events.

use crate::kernel::{Running, load, target};
use crate::script::*;
use std::os::unix::process::parent_id;
use trapline_codegen::object::Counter;
use trapline_codegen::target::{SyscallHookKind, Target};
use trapline_lang::hir::{
    Builtin, CallHook, CallRef, CallSet, CompareOp, Config, Domain, Edge, Expr, Hook, Map, Probe,
    Script, Stmt,
};
use trapline_lang::syscall::{Abi, by_number};
use trapline_lang::types::{Aggregation, Type};

const NATIVE: Abi = if cfg!(target_arch = "x86_64") {
    Abi::X86_64
} else {
    Abi::Aarch64
};

/// The calls of a name, of every ABI.
fn named(name: &str) -> Vec<CallRef> {
    let abis = std::iter::once(NATIVE).chain(NATIVE.compat().iter().copied());
    abis.filter(|abi| *abi != Abi::X32)
        .flat_map(|abi| {
            (0..512)
                .filter(move |n| by_number(abi, *n).is_some_and(|row| row.name == name))
                .map(move |number| CallRef { abi, number })
        })
        .collect()
}

fn hook(edge: Edge, calls: CallSet) -> Hook {
    Hook::Call(CallHook { edge, calls })
}

fn some(names: &[&str]) -> CallSet {
    CallSet::Some(names.iter().flat_map(|name| named(name)).collect())
}

/// Of the thread that makes the script: other tests run in others.
fn this_thread() -> Expr {
    let link = std::fs::read_link("/proc/thread-self").expect("proc");
    let number = link.file_name().and_then(|name| name.to_str());
    let thread: i64 = number.expect("a number").parse().expect("a number");
    compare(
        CompareOp::Eq,
        builtin(Builtin::Tid, Type::U64),
        typed(thread, Type::U64),
    )
}

fn latency() -> Expr {
    builtin(Builtin::Latency, Type::I64)
}

fn count(name: &str, key: &[(Type, Domain)]) -> Map {
    map(name, key, Type::Aggregation(Aggregation::Count))
}

fn here(hook: Hook, body: Vec<Stmt>) -> Probe {
    Probe {
        predicate: Some(this_thread()),
        ..probe(hook, &[], body)
    }
}

fn script(maps: Vec<Map>, probes: Vec<Probe>) -> Script {
    Script {
        maps,
        probes,
        config: Config {
            include_self: true,
            ..Config::default()
        },
        ..Script::default()
    }
}

/// Every way to hook and to keep.
fn targets() -> Vec<Target> {
    let mut targets = Vec::new();
    for hook in [
        SyscallHookKind::Btf,
        SyscallHookKind::Raw,
        SyscallHookKind::Tracepoint,
    ] {
        for task_storage in [true, false] {
            for optimize in [true, false] {
                let mut target = target();
                target.syscall_hook = hook;
                target.features.task_storage = task_storage;
                target.optimize = optimize;
                targets.push(target);
            }
        }
    }
    targets
}

fn run(script: &Script, target: &Target, work: impl FnOnce()) -> Running {
    let mut running = load(script, target);
    running.attach();
    work();
    running.detach();
    running
}

/// Entries that are seen with latency, those without, and failures of each kind.
#[test]
fn finished_calls_have_latency_on_every_hook() {
    let script = script(
        vec![
            map(
                "latency",
                &[(Type::U64, Domain::Syscall)],
                Type::Aggregation(Aggregation::Stats { signed: true }),
            ),
            count("all", &[(Type::U64, Domain::Syscall)]),
        ],
        vec![
            here(
                hook(Edge::Exit, some(&["getppid", "dup"])),
                vec![aggregate(
                    0,
                    vec![builtin(Builtin::Syscall, Type::U64)],
                    Some(latency()),
                )],
            ),
            here(
                hook(Edge::Exit, CallSet::All),
                vec![aggregate(
                    1,
                    vec![builtin(Builtin::Syscall, Type::U64)],
                    None,
                )],
            ),
        ],
    );
    let getppid = named("getppid")[0].number;
    for target in targets() {
        let running = run(&script, &target, || {
            for _ in 0..1000 {
                let _ = parent_id();
            }
        });
        assert_eq!(running.object.programs.len(), 2);
        let [count, total, _] = running.per_cpu_slot::<3>(0, getppid);
        assert_eq!(count, 1000, "{target:?}");
        assert!(
            (1000..1_000_000_000).contains(&total),
            "{target:?}: {total}"
        );
        assert_eq!(
            running.per_cpu_slot::<2>(1, getppid),
            [1000, 1],
            "{target:?}"
        );
        let failures = running.failures();
        let of = |counter: Counter| failures.get(counter as usize).copied().unwrap_or(0);
        assert_eq!(of(Counter::NoLatency), 0);
        assert_eq!(of(Counter::LostEntry), 0);
    }
}
