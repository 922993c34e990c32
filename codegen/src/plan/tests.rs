//! What programs a script becomes: halves of calls, kept entries, hooks.

use super::*;
use crate::target::{Arch, CallEvents, Features, Offsets};
use trapline_lang::hir::{CallHook, CallSet, Expr, Stmt, StmtKind, SyscallHook};
use trapline_lang::rewrite;
use trapline_lang::source::{Source, Span};
use trapline_lang::syscall::{self, Abi};
use trapline_lang::types::Type;

fn probe(hook: Hook) -> Probe {
    Probe {
        name: String::new(),
        span: Span::default(),
        hook,
        attach_points: 1,
        internal: false,
        predicate: None,
        body: Vec::new(),
        vars: Vec::new(),
    }
}

fn syscall(edge: Edge, calls: SyscallSet) -> Probe {
    probe(Hook::Syscall(SyscallHook { edge, calls }))
}

fn names(script: &Script, hook: SyscallHookKind, most_arms: usize) -> Vec<(String, usize)> {
    let target = Target {
        arch: Arch::X86_64,
        syscall_hook: hook,
        call_events: CallEvents::Never,
        features: Features::default(),
        offsets: Offsets::default(),
        cpu_count: 1,
        optimize: true,
    };
    let plan = plan(script, &target, most_arms);
    let programs = plan.programs.into_iter();
    programs
        .map(|program| {
            (
                format!("{} {}", program.section, program.name),
                program.arms.len(),
            )
        })
        .collect()
}

#[test]
fn what_records_has_programs_of_its_own() {
    let mut script = Script {
        probes: vec![syscall(Edge::Enter, SyscallSet::All)],
        ..Script::default()
    };
    rewrite::record(&mut script, Abi::X86_64, None);
    let programs = names(&script, SyscallHookKind::Raw, usize::MAX);
    let programs: Vec<_> = programs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        programs,
        [
            "raw_tp/sys_enter record_sys_enter",
            "raw_tp/sys_exit record_sys_exit",
            "raw_tp/sched_process_fork record_sched_process_fork",
            "raw_tp/sched_process_exec record_sched_process_exec",
            "raw_tp/sched_process_exit record_sched_process_exit",
            "raw_tp/sys_enter sys_enter",
        ]
    );
}

#[test]
fn recordings_are_compiled_for_every_architecture() {
    let lifecycle = Some(crate::target::Lifecycle {
        task_pid: 8,
        task_comm: 16,
        task_signal: 32,
        live: 4,
        program_name: 96,
    });
    let offsets = Offsets {
        thread_info_status: Some(16),
        thread_info_flags: Some(0),
        task_real_parent: Some(1500),
        task_tgid: Some(1480),
        task_group_leader: Some(1560),
        task_thread_pid: Some(1600),
        pid_level: Some(4),
        pid_numbers: Some(96),
        upid_nr: Some(0),
        upid_size: Some(16),
        pid_tree: None,
        lifecycle,
    };
    for arch in [Arch::X86_64, Arch::Aarch64] {
        let mut target = target(CallEvents::Never);
        target.arch = arch;
        target.offsets = offsets.clone();
        let mut script = Script::default();
        rewrite::record(&mut script, arch.abi(), None);
        let source = Source::new("test", "");
        let object = crate::compile(&script, &source, &target).unwrap();
        let records = object.manifest.records.iter();
        let records: Vec<_> = records.map(|record| record.action.clone()).collect();
        use trapline_lang::hir::Recorded::{End, Enter, Exec, Exit, Fork};
        let wanted = [Enter, Exit, Fork, Exec, End].map(crate::object::RecordAction::Record);
        assert_eq!(records, wanted);

        // Without the kernel's types, it is refused.
        target.offsets.lifecycle = None;
        let error = crate::compile(&script, &source, &target).unwrap_err();
        assert!(error.to_string().contains("recording"), "{error}");
    }
}

#[test]
fn system_calls_share_a_program_for_each_edge() {
    let native = || SyscallSet::Native(Vec::new());
    let script = Script {
        probes: vec![
            probe(Hook::Begin),
            syscall(Edge::Enter, SyscallSet::All),
            syscall(Edge::Exit, native()),
            syscall(Edge::Enter, native()),
            syscall(Edge::Enter, native()),
        ],
        ..Script::default()
    };
    let expect = |names: Vec<(String, usize)>, expected: &[(&str, usize)]| {
        let names: Vec<_> = names
            .iter()
            .map(|(name, arms)| (name.as_str(), *arms))
            .collect();
        assert_eq!(names, expected);
    };
    expect(
        names(&script, SyscallHookKind::Btf, usize::MAX),
        &[
            ("raw_tp/begin begin_0", 1),
            ("tp_btf/sys_enter sys_enter", 3),
            ("tp_btf/sys_exit sys_exit", 1),
        ],
    );
    expect(
        names(&script, SyscallHookKind::Tracepoint, 2),
        &[
            ("raw_tp/begin begin_0", 1),
            ("tracepoint/raw_syscalls/sys_enter sys_enter", 2),
            ("tracepoint/raw_syscalls/sys_exit sys_exit", 1),
            ("tracepoint/raw_syscalls/sys_enter sys_enter_1", 1),
        ],
    );
}

/// Calls of these names; a name may stand behind `i386:`.
fn calls(names: &[&str]) -> CallSet {
    let call = |name: &&str| {
        let (abi, name) = match name.strip_prefix("i386:") {
            Some(name) => (Abi::I386, name),
            None => (Abi::X86_64, *name),
        };
        let number = syscall::by_name(name).and_then(|row| syscall::number(abi, row));
        let number = number.expect("a known call");
        CallRef { abi, number }
    };
    CallSet::Some(names.iter().map(call).collect())
}

fn call(edge: Edge, calls: CallSet) -> Probe {
    probe(Hook::Call(CallHook { edge, calls }))
}

fn timed(mut probe: Probe) -> Probe {
    let latency = Expr {
        kind: ExprKind::Builtin(Builtin::Latency),
        ty: Type::I64,
        span: Span::default(),
    };
    probe.body.push(Stmt {
        kind: StmtKind::Expr(latency),
        span: Span::default(),
    });
    probe
}

fn target(call_events: CallEvents) -> Target {
    Target {
        arch: Arch::X86_64,
        syscall_hook: SyscallHookKind::Btf,
        call_events,
        features: Features::ALL,
        offsets: Offsets::default(),
        cpu_count: 1,
        optimize: true,
    }
}

/// Each program: its section, how many bodies it runs, what it does about entries, what it is attached to.
fn described(probes: Vec<Probe>, call_events: CallEvents) -> Vec<String> {
    let script = Script {
        probes,
        ..Script::default()
    };
    let plan = plan(&script, &target(call_events), usize::MAX);
    let describe = |program: Program<'_>| {
        let entries = match program.entries {
            Entries::Ignores => "",
            Entries::Keeps(keep) if keep.every => ", keeps all",
            Entries::Keeps(_) => ", keeps",
            Entries::Finds { .. } => ", finds",
        };
        let events = match program.attach {
            Attach::Tracepoints(events) => events.into_iter().map(|event| event.name).collect(),
            _ => Vec::new(),
        };
        let (section, bodies) = (program.section, program.arms.len());
        format!("{section}: {bodies}{entries} {}", events.join(" "))
            .trim_end()
            .to_owned()
    };
    plan.programs.into_iter().map(describe).collect()
}

#[test]
fn a_finished_call_needs_its_entry_only_where_that_is_asked_for() {
    let never = CallEvents::Never;
    let finished = |names: &[&str]| call(Edge::Exit, calls(names));
    assert_eq!(
        described(vec![finished(&["openat"])], never),
        ["tp_btf/sys_exit: 1"]
    );
    assert_eq!(
        described(vec![timed(finished(&["openat"]))], never),
        ["tp_btf/sys_exit: 1, finds", "tp_btf/sys_enter: 0, keeps"]
    );
    // It may end as another call than it began.
    assert_eq!(
        described(vec![finished(&["execve"])], never),
        ["tp_btf/sys_exit: 1, finds", "tp_btf/sys_enter: 0, keeps"]
    );
    assert_eq!(
        described(vec![finished(&["exit_group", "close"])], never),
        ["tp_btf/sys_enter: 1", "tp_btf/sys_exit: 1"]
    );
    assert_eq!(
        described(vec![call(Edge::Enter, calls(&["openat"]))], never),
        ["tp_btf/sys_enter: 1"]
    );
    assert_eq!(
        described(vec![timed(call(Edge::Exit, CallSet::All))], never),
        [
            "tp_btf/sys_enter: 1, keeps all",
            "tp_btf/sys_exit: 1, finds"
        ]
    );
}

#[test]
fn few_calls_are_hooked_by_their_own_events() {
    let auto = CallEvents::Auto { compat: false };
    let asked = CallEvents::Asked { compat: true };
    let opens = || call(Edge::Exit, calls(&["openat", "i386:openat"]));
    let by_event = ["tracepoint/syscalls/sys_exit_openat: 1 sys_exit_openat"];
    assert_eq!(described(vec![opens()], auto), by_event);
    assert_eq!(described(vec![opens()], asked), by_event);
    // Of processes that were named, no call goes unseen.
    let exact = CallEvents::Exact;
    assert_eq!(described(vec![opens()], exact), ["tp_btf/sys_exit: 1"]);
    // Nor does one of a 32-bit program where the script tells ABIs apart.
    let compat = CallEvents::Auto { compat: true };
    assert_eq!(described(vec![opens()], compat), by_event);
    let mut told_apart = opens();
    told_apart.predicate = Some(Expr {
        kind: ExprKind::Builtin(Builtin::Abi),
        ty: Type::Bool,
        span: Span::default(),
    });
    assert_eq!(described(vec![told_apart], compat), ["tp_btf/sys_exit: 1"]);
    // Those have no such events in the first place.
    let stat = || {
        let event = "sys_enter_newstat".to_owned();
        let calls = SyscallSet::Native(vec![SyscallRef { number: 4, event }]);
        syscall(Edge::Enter, calls)
    };
    let by_event = ["tracepoint/syscalls/sys_enter_newstat: 1 sys_enter_newstat"];
    assert_eq!(described(vec![stat()], compat), by_event);
    // Entries are kept by the events of the same calls.
    assert_eq!(
        described(
            vec![timed(call(Edge::Exit, calls(&["close", "dup"])))],
            auto
        ),
        [
            "tracepoint/syscalls/sys_exit_close: 1, finds sys_exit_close sys_exit_dup",
            "tracepoint/syscalls/sys_enter_close: 0, keeps sys_enter_close sys_enter_dup",
        ]
    );
    let many = ["read", "write", "close", "dup", "openat"];
    let many = || call(Edge::Exit, calls(&many));
    assert_eq!(described(vec![many()], auto), ["tp_btf/sys_exit: 1"]);
    assert!(described(vec![many()], asked)[0].starts_with("tracepoint/syscalls/"));
    // One probe on all calls runs for each of them anyway.
    let all = call(Edge::Exit, CallSet::All);
    let programs = described(vec![opens(), all], asked);
    let on_all = |program: &String| program.starts_with("tp_btf/");
    assert!(programs.iter().all(on_all), "{programs:?}");
}

#[test]
fn what_is_not_as_asked_is_said() {
    let warnings = |probe: Probe, call_events| {
        let script = Script {
            probes: vec![probe],
            ..Script::default()
        };
        plan(&script, &target(call_events), usize::MAX)
            .hooks
            .warnings
    };
    let asked = CallEvents::Asked { compat: true };
    let opens = || call(Edge::Exit, calls(&["openat"]));
    assert_eq!(
        warnings(opens(), asked),
        ["--attach event: system calls of 32-bit programs are not seen"]
    );
    assert_eq!(
        warnings(call(Edge::Exit, CallSet::All), asked),
        ["--attach event: the script asks for all calls; using tp_btf"]
    );
    assert_eq!(
        warnings(opens(), CallEvents::Auto { compat: true }),
        [
            "system calls of 32-bit programs are not seen; --attach btf sees them, and costs every system call of the \
          machine about 12 ns more"
        ]
    );
    assert!(warnings(opens(), CallEvents::Auto { compat: false }).is_empty());
    assert!(warnings(opens(), CallEvents::Exact).is_empty());
}
