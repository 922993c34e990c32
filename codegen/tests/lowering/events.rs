//! Programs on real hooks.

use crate::kernel::{load, target};
use crate::script::*;
use std::os::fd::AsRawFd;
use std::os::unix::process::parent_id;
use trapline_codegen::target::SyscallHookKind;
use trapline_lang::catalog::FieldLocation;
use trapline_lang::hir::{
    ArithmeticOp, Builtin, CompareOp, Domain, Edge, Expr, ExprKind, Hook, LogicOp, MapId, Place,
    Probe, Script, Stmt, StmtKind, SyscallHook, SyscallRef, SyscallSet, TracepointRef,
};
use trapline_lang::types::{AddressSpace, Aggregation, IntType, StackMode, StackType, Type};

const GETPPID: u32 = if cfg!(target_arch = "x86_64") {
    110
} else {
    173
};
const CLOSE: u32 = if cfg!(target_arch = "x86_64") { 3 } else { 57 };
const DUP: u32 = if cfg!(target_arch = "x86_64") { 32 } else { 23 };

fn field(location: FieldLocation, ty: Type) -> Expr {
    expr(ExprKind::Field(location), ty)
}

fn number() -> Expr {
    field(FieldLocation::SyscallNumber, Type::I64)
}

/// `/tid == this thread's/`: other tests run in other threads.
fn this_thread() -> Expr {
    let link = std::fs::read_link("/proc/thread-self").expect("procfs");
    let tid: i64 = link
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.parse().ok())
        .expect("a thread id");
    compare(
        CompareOp::Eq,
        builtin(Builtin::Tid, Type::U64),
        typed(tid, Type::U64),
    )
}

fn native(edge: Edge, calls: &[(u32, &str)]) -> Hook {
    Hook::Syscall(SyscallHook {
        edge,
        calls: SyscallSet::Native(
            calls
                .iter()
                .map(|(number, event)| SyscallRef {
                    number: *number,
                    event: (*event).to_owned(),
                })
                .collect(),
        ),
    })
}

fn all(edge: Edge) -> Hook {
    Hook::Syscall(SyscallHook {
        edge,
        calls: SyscallSet::All,
    })
}

fn guarded(hook: Hook, predicate: Expr, body: Vec<Stmt>) -> Probe {
    Probe {
        predicate: Some(predicate),
        ..probe(hook, &[], body)
    }
}

fn count(name: &str, key: &[(Type, Domain)]) -> trapline_lang::hir::Map {
    map(name, key, Type::Aggregation(Aggregation::Count))
}

#[test]
fn system_calls_are_counted_exactly_on_every_hook() {
    for hook in [
        SyscallHookKind::Btf,
        SyscallHookKind::Raw,
        SyscallHookKind::Tracepoint,
    ] {
        let dup = || {
            vec![
                aggregate(3, vec![builtin(Builtin::Probe, Type::ProbeName)], None),
                aggregate(
                    4,
                    vec![],
                    Some(field(FieldLocation::SyscallArgument(0), Type::U64)),
                ),
            ]
        };
        let script = Script {
            maps: vec![
                count("enter", &[(Type::I64, Domain::Syscall)]),
                count("exit", &[(Type::I64, Domain::Syscall)]),
                map(
                    "ret",
                    &[],
                    Type::Aggregation(Aggregation::Max { signed: true }),
                ),
                count("probe", &[(Type::ProbeName, Domain::Any)]),
                map(
                    "arg",
                    &[],
                    Type::Aggregation(Aggregation::Max { signed: false }),
                ),
            ],
            probes: vec![
                guarded(
                    all(Edge::Enter),
                    this_thread(),
                    vec![aggregate(0, vec![number()], None)],
                ),
                guarded(
                    all(Edge::Exit),
                    this_thread(),
                    vec![aggregate(1, vec![number()], None)],
                ),
                guarded(
                    native(
                        Edge::Enter,
                        &[(DUP, "sys_enter_dup"), (GETPPID, "sys_enter_getppid")],
                    ),
                    this_thread(),
                    dup(),
                ),
                guarded(
                    native(Edge::Exit, &[(GETPPID, "sys_exit_getppid")]),
                    this_thread(),
                    vec![aggregate(
                        2,
                        vec![],
                        Some(field(FieldLocation::SyscallReturn, Type::I64)),
                    )],
                ),
            ],
            ..Script::default()
        };
        let mut target = target();
        target.syscall_hook = hook;
        let mut running = load(&script, &target);
        assert_eq!(running.object.programs.len(), 2);
        running.attach();
        for _ in 0..1000 {
            let _ = parent_id();
        }
        running.detach();
        assert_eq!(running.per_cpu_slot(0, GETPPID), [1000, 1], "{hook:?}");
        assert_eq!(running.per_cpu_slot(1, GETPPID), [1000, 1], "{hook:?}");
        assert_eq!(running.slot_max(2), u64::from(parent_id()), "{hook:?}");
        let probes = running.per_cpu_hash::<u64, 1>(3);
        assert_eq!(probes[&(2 << 32 | u64::from(GETPPID))], [1000], "{hook:?}");
    }
}

#[test]
fn many_probes_share_a_program_and_each_sees_its_calls() {
    // One probe per number around getppid's, one on a bitmap of even numbers, one that leaves early.
    let mut probes: Vec<Probe> = (0..10)
        .map(|n| {
            guarded(
                native(Edge::Enter, &[(GETPPID - 4 + n, "sys_enter_x")]),
                this_thread(),
                vec![aggregate(0, vec![typed(n.into(), Type::U64)], None)],
            )
        })
        .collect();
    let even: Vec<(u32, &str)> = (0..400).step_by(2).map(|n| (n, "sys_enter_y")).collect();
    probes.push(guarded(
        native(Edge::Enter, &even),
        this_thread(),
        vec![
            stmt(StmtKind::Return),
            aggregate(0, vec![typed(99, Type::U64)], None),
        ],
    ));
    probes.push(guarded(
        native(Edge::Enter, &even),
        this_thread(),
        vec![aggregate(0, vec![typed(100, Type::U64)], None)],
    ));
    let script = Script {
        maps: vec![count("c", &[(Type::U64, Domain::Any)])],
        probes,
        ..Script::default()
    };
    for optimize in [true, false] {
        let mut target = target();
        target.optimize = optimize;
        let mut running = load(&script, &target);
        assert_eq!(running.object.programs.len(), 1);
        running.attach();
        for _ in 0..100 {
            let _ = parent_id();
        }
        running.detach();
        let counts = running.per_cpu_hash::<u64, 1>(0);
        assert_eq!(counts[&4], [100]);
        assert_eq!(counts.get(&5), None);
        assert_eq!(counts.get(&99), None);
        if GETPPID.is_multiple_of(2) {
            assert!(counts[&100][0] >= 100);
        }
    }
}

#[test]
fn arguments_are_read_by_number_and_as_an_array() {
    let arguments = Type::Array {
        element: Box::new(Type::U64),
        length: 6,
    };
    let argument = |index: Expr| {
        expr(
            ExprKind::Index {
                base: Box::new(field(FieldLocation::SyscallArguments, arguments.clone())),
                index: Box::new(index),
            },
            Type::U64,
        )
    };
    let is_close = compare(CompareOp::Eq, number(), int(CLOSE.into()));
    let ours = expr(
        ExprKind::Logic(LogicOp::And, Box::new(is_close), Box::new(this_thread())),
        Type::Bool,
    );
    for hook in [
        SyscallHookKind::Btf,
        SyscallHookKind::Raw,
        SyscallHookKind::Tracepoint,
    ] {
        let script = Script {
            maps: vec![results()],
            probes: vec![guarded(
                all(Edge::Enter),
                ours.clone(),
                vec![
                    set_map(0, vec![argument(int(0))], int(1)),
                    set_map(0, vec![argument(opaque(0, Type::I64))], int(2)),
                ],
            )],
            ..Script::default()
        };
        let mut target = target();
        target.syscall_hook = hook;
        let mut running = load(&script, &target);
        running.attach();
        let file = std::fs::File::open("/dev/null").expect("/dev/null");
        let descriptor = file.as_raw_fd() as u64;
        drop(file);
        running.detach();
        assert_eq!(running.hash::<u64, i64>(0)[&descriptor], 2, "{hook:?}");
    }
}

#[test]
fn trace_records_are_read() {
    let exec = TracepointRef {
        category: "sched".into(),
        name: "sched_process_exec".into(),
    };
    let switch = TracepointRef {
        category: "sched".into(),
        name: "sched_switch".into(),
    };
    let name = || {
        field(
            FieldLocation::DataLoc { offset: 8 },
            Type::String { capacity: 64 },
        )
    };
    let previous = field(
        FieldLocation::Record { offset: 8 },
        Type::String { capacity: 16 },
    );
    let script = Script {
        maps: vec![
            map(
                "file",
                &[(Type::String { capacity: 64 }, Domain::Any)],
                Type::I64,
            ),
            map(
                "comm",
                &[(Type::String { capacity: 16 }, Domain::Any)],
                Type::I64,
            ),
            map("which", &[(Type::ProbeName, Domain::Any)], Type::I64),
        ],
        probes: vec![
            probe(
                Hook::Tracepoint(vec![exec.clone()]),
                &[],
                vec![set_map(
                    0,
                    vec![name()],
                    field(FieldLocation::Record { offset: 12 }, Type::I32),
                )],
            ),
            probe(
                Hook::Tracepoint(vec![switch.clone()]),
                &[],
                vec![set_map(1, vec![previous], int(1))],
            ),
            probe(
                Hook::Tracepoint(vec![exec, switch]),
                &[],
                vec![set_map(
                    2,
                    vec![builtin(Builtin::Probe, Type::ProbeName)],
                    int(1),
                )],
            ),
        ],
        ..Script::default()
    };
    let mut script = script;
    script.maps[0].value = Type::I32;
    let mut running = load(&script, &target());
    running.attach();
    let status = std::process::Command::new("/bin/true")
        .status()
        .expect("/bin/true");
    assert!(status.success());
    running.detach();
    let mut key = [0u8; 64];
    key[..9].copy_from_slice(b"/bin/true");
    assert!(running.hash::<[u8; 64], u32>(0).contains_key(&key));
    assert!(!running.hash::<[u8; 16], i64>(1).is_empty());
    assert!(running.hash::<u64, i64>(2).contains_key(&(2 << 32)));

    // Where the kernel cannot tell events apart, each has a program of its own.
    let mut without = target();
    without.features.attach_cookie = false;
    assert_eq!(load(&script, &without).object.programs.len(), 4);
}

#[test]
fn arrays_of_trace_records_are_pointers() {
    let byte = Type::Int(IntType {
        bits: 8,
        signed: false,
    });
    let exec = TracepointRef {
        category: "sched".into(),
        name: "sched_process_exec".into(),
    };
    let pointer = Type::Pointer {
        target: Box::new(byte.clone()),
        space: AddressSpace::Kernel,
    };
    let first = expr(
        ExprKind::Load {
            pointer: Box::new(field(FieldLocation::DataLoc { offset: 8 }, pointer)),
            offset: 1,
            space: AddressSpace::Kernel,
            bits: None,
        },
        byte.clone(),
    );
    let script = Script {
        maps: vec![map("byte", &[(byte, Domain::Any)], Type::I64)],
        probes: vec![probe(
            Hook::Tracepoint(vec![exec]),
            &[],
            vec![set_map(0, vec![first], int(1))],
        )],
        ..Script::default()
    };
    let mut running = load(&script, &target());
    running.attach();
    let status = std::process::Command::new("/bin/true")
        .status()
        .expect("/bin/true");
    assert!(status.success());
    running.detach();
    assert!(running.hash::<u8, i64>(0).contains_key(&b'b'));
}

#[test]
fn stacks_are_kept_under_their_hash() {
    let stack = StackType {
        space: AddressSpace::Kernel,
        mode: StackMode::Bpftrace,
        limit: 127,
    };
    let user = StackType {
        space: AddressSpace::User,
        ..stack
    };
    let ty = || Type::Stack(stack);
    let script = Script {
        maps: vec![
            map("k", &[(ty(), Domain::Any)], Type::I64),
            map("u", &[(Type::Stack(user), Domain::Any)], Type::I64),
            map("p", &[(ty(), Domain::Any)], Type::I64),
        ],
        probes: vec![
            guarded(
                native(Edge::Enter, &[(GETPPID, "sys_enter_getppid")]),
                this_thread(),
                vec![
                    set_map(0, vec![builtin(Builtin::Stack(stack), ty())], int(1)),
                    set_map(
                        1,
                        vec![builtin(Builtin::Stack(user), Type::Stack(user))],
                        int(1),
                    ),
                ],
            ),
            probe(
                Hook::Profile(trapline_lang::hir::Period::Hertz(99)),
                &[],
                vec![set_map(
                    2,
                    vec![builtin(Builtin::Stack(stack), ty())],
                    int(1),
                )],
            ),
        ],
        ..Script::default()
    };
    let mut running = load(&script, &target());
    running.attach();
    for _ in 0..10 {
        let _ = parent_id();
    }
    running.detach();
    let ids = running.hash::<u64, i64>(0);
    assert_eq!(ids.len(), 1, "the same stack has the same id");
    let stacks = running.stacks::<127>();
    let id = ids.keys().next().expect("an id");
    let frames = stacks[id];
    let depth = frames.iter().position(|frame| *frame == 0).expect("an end");
    assert!(depth > 0);
    assert!(frames[depth..].iter().all(|frame| *frame == 0));
    let pids: Vec<u64> = running
        .hash::<[u64; 2], i64>(1)
        .keys()
        .map(|key| key[1])
        .collect();
    assert!(pids.iter().all(|pid| *pid == u64::from(std::process::id())));
    assert!(running.failures().iter().all(|count| *count == 0));
}

#[test]
fn nothing_is_lost_between_threads_and_interrupts() {
    const CALLS: u64 = 20_000;
    const KEYS: i64 = 64;
    let text = Type::String { capacity: 16 };
    let step = |map, key: Vec<Expr>| {
        stmt(StmtKind::Expr(expr(
            ExprKind::Step {
                target: Place::Map {
                    map: MapId(map),
                    key,
                },
                by: 1,
                old: true,
            },
            Type::I64,
        )))
    };
    let comm = || builtin(Builtin::Comm, text.clone());
    // Many keys, all of them new to both threads at about the same time.
    let key = |n: i64| {
        let now = builtin(
            Builtin::Nsecs(trapline_lang::types::Clock::Monotonic),
            Type::U64,
        );
        let slice = arith(ArithmeticOp::Shr, now, typed(14, Type::U64));
        vec![arith(ArithmeticOp::Rem, slice, typed(n, Type::U64))]
    };
    let ours = expr(
        ExprKind::Logic(
            LogicOp::And,
            Box::new(compare(CompareOp::Eq, number(), int(GETPPID.into()))),
            Box::new(equal(comm(), string("counted", 8))),
        ),
        Type::Bool,
    );
    let script = Script {
        maps: vec![
            count("c", &[]),
            map("x", &[], Type::I64),
            map("y", &[(Type::I64, Domain::Syscall)], Type::I64),
            map("k", &[(Type::U64, Domain::Any)], Type::I64),
            count("p", &[(Type::U64, Domain::Any)]),
            count("s", &[(text.clone(), Domain::Any)]),
        ],
        probes: vec![
            guarded(
                all(Edge::Enter),
                ours,
                vec![
                    aggregate(0, vec![], None),
                    step(1, vec![]),
                    step(2, vec![number()]),
                    step(3, key(KEYS)),
                    aggregate(4, key(KEYS), None),
                    aggregate(5, vec![comm()], None),
                ],
            ),
            probe(
                Hook::Profile(trapline_lang::hir::Period::Hertz(999)),
                &[],
                vec![
                    aggregate(4, vec![typed(KEYS, Type::U64)], None),
                    aggregate(5, vec![string("interrupt", 16)], None),
                ],
            ),
        ],
        ..Script::default()
    };
    let mut running = load(&script, &target());
    running.attach();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            std::thread::Builder::new()
                .name("counted".into())
                .spawn(|| (0..CALLS).for_each(|_| _ = parent_id()))
                .expect("a thread")
        })
        .collect();
    for thread in threads {
        thread.join().expect("the thread");
    }
    running.detach();
    let all = 2 * CALLS;
    assert_eq!(running.per_cpu_slot(0, 0), [all, 1], "count()");
    assert_eq!(running.slot(1, 0), [all, 1], "@x++");
    assert_eq!(running.slot(2, GETPPID), [all, 1], "@y[args.id]++");
    let keyed: i64 = running.hash::<u64, i64>(3).values().sum();
    assert_eq!(keyed as u64, all, "@k[...]++");
    let mut counted = running.per_cpu_hash::<u64, 1>(4);
    counted.remove(&(KEYS as u64));
    assert_eq!(counted.values().map(|words| words[0]).sum::<u64>(), all);
    let names = running.per_cpu_hash::<[u8; 16], 1>(5);
    assert_eq!(names[b"counted\0\0\0\0\0\0\0\0\0"], [all]);
    assert!(running.failures().iter().all(|count| *count == 0));
}
