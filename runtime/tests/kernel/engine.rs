//! Loading, attaching, counting, refusing.

use crate::support::{Assembler, object};
use std::thread::sleep;
use std::time::{Duration, Instant};
use trapline_codegen::object::{Attach, Manifest, TimerCpus, TimerPeriod, TracepointTarget};
use trapline_runtime::child::Child;
use trapline_runtime::engine::{Command, Engine, EngineError, MapStore};
use trapline_runtime::kernel::{KernelEngine, KernelError};

fn engine(elf: &[u8], manifest: &Manifest, child: Option<u32>) -> KernelEngine {
    KernelEngine::load(elf, manifest, child).unwrap_or_else(|error| panic!("{error}"))
}

/// Slots in use, with their counts.
fn counts(engine: &mut KernelEngine) -> Vec<(u64, u64)> {
    let word = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().expect("a word"));
    let entries = engine.read(0).expect("readable");
    let mut counts: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                word(&entry.key),
                entry.values.iter().map(|value| word(value)).sum(),
            )
        })
        .collect();
    counts.sort_unstable();
    counts
}

fn raw_tracepoint(name: &str, btf: bool) -> Attach {
    Attach::RawTracepoint {
        name: name.to_owned(),
        btf,
    }
}

fn wait(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.status().expect("our child") {
            return status.code();
        }
        sleep(Duration::from_millis(1));
    }
    panic!("it does not end");
}

/// Counts the child's system calls by number, from its start to its end.
fn count_of_child(btf: bool, command: &str) -> Vec<(u64, u64)> {
    let section = if btf {
        "tp_btf/sys_enter"
    } else {
        "raw_tp/sys_enter"
    };
    // The number is the second argument of the tracepoint; the first must be saved across the call.
    let program = Assembler::default()
        .load(6, 1, 8)
        .only_in_child()
        .count_slot();
    let (elf, manifest) = object(vec![program.program(
        "enter",
        section,
        raw_tracepoint("sys_enter", btf),
    )]);
    let mut child = Child::start(command).expect("it exists");
    let mut engine = engine(&elf, &manifest, Some(child.pid()));
    engine.attach().expect("attaches");
    child.release().expect("it runs");
    assert_eq!(wait(&mut child), Some(0));
    engine.detach();
    counts(&mut engine)
}

#[test]
fn nothing_is_counted_before_execve() {
    const EXECVE: u64 = libc::SYS_execve as u64;
    for btf in [true, false] {
        let counts = count_of_child(btf, "true");
        let of = |number: i64| counts.iter().find(|(slot, _)| *slot == number as u64);
        assert_eq!(of(EXECVE as i64), Some(&(EXECVE, 1)), "{counts:?}");
        for number in [libc::SYS_kill, libc::SYS_getpid, libc::SYS_rt_sigaction] {
            assert_eq!(of(number), None, "{counts:?}");
        }
    }
}

#[test]
fn every_call_is_counted_once() {
    let dd = count_of_child(
        true,
        "dd if=/dev/zero of=/dev/null bs=1 count=20000 status=none",
    );
    let (read, write) = (libc::SYS_read as u64, libc::SYS_write as u64);
    let of = |number: u64| {
        dd.iter()
            .find(|(slot, _)| *slot == number)
            .map_or(0, |(_, count)| *count)
    };
    assert_eq!(of(write), 20_000);
    // The dynamic linker and the locale read some files besides.
    assert!((20_000..20_100).contains(&of(read)), "{}", of(read));
}

#[test]
fn perf_tracepoints_are_told_apart_by_their_cookies() {
    let target = |category: &str, name: &str, cookie| TracepointTarget {
        category: category.to_owned(),
        name: name.to_owned(),
        cookie,
    };
    let attach = Attach::Tracepoints(vec![
        target("sched", "sched_process_exec", 7),
        target("sched", "sched_process_exit", 9),
    ]);
    let program = Assembler::default()
        .copy(7, 1)
        .only_in_child()
        .copy(1, 7)
        .call(174)
        .copy(6, 0)
        .count_slot();
    let (elf, manifest) = object(vec![program.program("sched", "tracepoint/sched", attach)]);
    let mut child = Child::start("true").expect("it exists");
    let mut engine = engine(&elf, &manifest, Some(child.pid()));
    engine.attach().expect("attaches");
    child.release().expect("it runs");
    wait(&mut child);
    engine.detach();
    assert_eq!(counts(&mut engine), [(7, 1), (9, 1)]);
}

#[test]
fn timers_fire_on_one_cpu_or_all_and_stop() {
    let timer = |cpus, period| Attach::Timer { cpus, period };
    let program = |name: &str, slot, attach| {
        Assembler::default()
            .set(6, slot)
            .count_slot()
            .program(name, "perf_event", attach)
    };
    let (elf, manifest) = object(vec![
        program(
            "interval",
            1,
            timer(TimerCpus::One, TimerPeriod::Nanoseconds(10_000_000)),
        ),
        program("profile", 2, timer(TimerCpus::All, TimerPeriod::Hertz(100))),
    ]);
    let mut engine = engine(&elf, &manifest, None);
    engine.attach().expect("attaches");
    sleep(Duration::from_millis(300));
    engine.detach();
    let counted = counts(&mut engine);
    let cpus = std::thread::available_parallelism().expect("known").get() as u64;
    let [(1, interval), (2, profile)] = counted[..] else {
        panic!("{counted:?}")
    };
    // The machine may be busy, but clocks do not run fast.
    assert!((10..=40).contains(&interval), "{counted:?}");
    assert!(
        (10 * cpus..=40 * cpus.max(4)).contains(&profile),
        "{counted:?}"
    );
    sleep(Duration::from_millis(50));
    assert_eq!(counts(&mut engine), counted, "detached");
}

#[test]
fn begin_and_end_run_once_and_send_records() {
    let section = "raw_tp/begin";
    let begin = Assembler::default().set(6, 1).count_slot().send(0).program(
        "BEGIN",
        section,
        Attach::Begin,
    );
    let end = Assembler::default()
        .set(6, 2)
        .count_slot()
        .program("END", section, Attach::End);
    let (elf, manifest) = object(vec![begin, end]);
    let mut engine = engine(&elf, &manifest, None);
    let mut record = Vec::new();
    assert!(!engine.next_event(&mut record));
    engine.run_begin().expect("runs");
    assert!(engine.next_event(&mut record));
    assert_eq!(record[..8], [16, 0, 0, 0, 0, 0, 0, 0], "length and kind");
    assert!(!engine.next_event(&mut record));
    assert_eq!(counts(&mut engine), [(1, 1)]);
    engine.run_end().expect("runs");
    assert_eq!(counts(&mut engine), [(1, 1), (2, 1)]);
    assert_eq!(engine.losses().missed_runs, []);
}

#[test]
fn a_refused_program_shows_the_verifier_and_the_script() {
    // Reads through a register that holds nothing.
    let program = Assembler::default().load(0, 5, 0).program(
        "bad",
        "raw_tp/sys_enter",
        raw_tracepoint("sys_enter", false),
    );
    let (elf, manifest) = object(vec![program]);
    let Err(error) = KernelEngine::load(&elf, &manifest, None) else {
        panic!("it was accepted")
    };
    let excerpt = error.verifier_excerpt().expect("the verifier refused it");
    assert_eq!(excerpt.message, "R5 !read_ok");
    let (text, place) = excerpt.place.expect("line information is there");
    assert_eq!(
        (text.as_str(), place.as_str()),
        ("the first line of the script", "test:1")
    );
}

#[test]
fn what_is_not_there_is_named() {
    let target = TracepointTarget {
        category: "no".into(),
        name: "such".into(),
        cookie: 0,
    };
    let program = |attach, section| Assembler::default().program("p", section, attach);
    let (elf, manifest) = object(vec![program(
        Attach::Tracepoints(vec![target]),
        "tracepoint/x",
    )]);
    let error = engine(&elf, &manifest, None)
        .attach()
        .expect_err("no such event");
    assert!(
        matches!(error, EngineError::Kernel(KernelError::NoTracepoint { .. })),
        "{error}"
    );

    let (elf, manifest) = object(vec![program(
        raw_tracepoint("no_such", false),
        "raw_tp/no_such",
    )]);
    let error = engine(&elf, &manifest, None)
        .attach()
        .expect_err("no such event");
    assert!(
        error
            .to_string()
            .contains("this kernel has no such attach point"),
        "{error}"
    );

    let (elf, manifest) = object(vec![program(
        raw_tracepoint("no_such", true),
        "tp_btf/no_such",
    )]);
    let Err(error) = KernelEngine::load(&elf, &manifest, None) else {
        panic!("no such type")
    };
    assert!(matches!(error, KernelError::NoKernelType { .. }), "{error}");
}

#[test]
fn an_object_and_another_ones_manifest_do_not_load() {
    let begin = |name| Assembler::default().program(name, "raw_tp/begin", Attach::Begin);
    let (elf, _) = object(vec![begin("one")]);
    let (_, manifest) = object(vec![begin("two")]);
    let Err(error) = KernelEngine::load(&elf, &manifest, None) else {
        panic!("it was accepted")
    };
    assert!(matches!(error, KernelError::Object { .. }), "{error}");
}
