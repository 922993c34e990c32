//! What programs see of events.

use super::support::{Run, THREAD, enter, exit, piece};
use trapline_codegen::object::{Attach, Counter};
use trapline_lang::syscall::Abi;
use trapline_runtime::trace::event::{Thread, What};
use trapline_runtime::trace::memory::Memory;

const NONE: Memory<'static> = Memory::NONE;
const READ: i32 = 0;
const OPENAT: i32 = 257;
const CLONE: i32 = 56;
const EXECVE: i32 = 59;
const EXIT_GROUP: i32 = 231;

#[test]
fn calls_are_counted() {
    let mut run = Run::new(
        "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); @n++; @by[comm, pid, tid, uid, gid, cpu] = count(); }
         tracepoint:raw_syscalls:sys_exit /args.ret < 0/ { @failed[args.id] = sum(args.ret); }
         tracepoint:syscalls:sys_enter_read { @fds = max(args.fd); @h = hist(args.count); }",
    );
    for n in 0..100 {
        run.enter(READ, [n, 0, n, 0, 0, 0], NONE);
        run.exit(READ, if n % 10 == 0 { -9 } else { 1 }, NONE);
    }
    run.enter(-1, [0; 6], NONE);
    run.enter(9999, [0; 6], NONE);
    assert_eq!(run.map(""), ["-1: 1", "0: 100", "9999: 1"]);
    assert_eq!(run.map("n"), [": 102"]);
    assert_eq!(run.map("by"), ["cat, 41, 42, 1000, 100, 3: 102"]);
    assert_eq!(run.map("failed"), ["0: -90"]);
    assert_eq!(run.map("fds"), [": 99"]);
}

#[test]
fn a_call_is_one_thing() {
    let mut run = Run::new(
        "syscall:openat { printf(\"%s %d %s %d\", args.filename, retval, errno, latency); }
         syscall:* { @[syscall] = count(); @ns[syscall] = sum(latency); }
         syscall:read { print(args); }",
    );
    let name = piece(0x1000, b"/etc/passwd\0");
    run.enter(OPENAT, [-100i64 as u64, 0x1000, 0, 0, 0, 0], name.memory());
    run.exit(OPENAT, 3, NONE);
    run.enter(READ, [3, 0x2000, 4096, 0, 0, 0], NONE);
    run.exit(READ, 5, piece(0x2000, b"root\n").memory());
    run.enter(EXIT_GROUP, [0; 6], NONE);
    let lines = run.records();
    assert_eq!(lines[0], "/etc/passwd 3 0 100");
    assert_eq!(lines[1], r#"read(3, "root\n", 4096)                 = 5"#);
    assert_eq!(
        run.map(""),
        ["exit_group: 1", "openat: 1", "read: 1"],
        "calls that never return count, too"
    );
    assert_eq!(run.map("ns"), ["openat: 100", "read: 100"]);
    let counters = run.machine.counters();
    assert_eq!(counters[Counter::NoLatency as usize], 0);
    assert_eq!(counters[Counter::ReadFailed as usize], 0);
}

#[test]
fn ends_without_beginnings_have_no_latency() {
    let mut run = Run::new(
        "syscall:* { @[syscall] = count(); @ns[syscall] = sum(latency); }
         tracepoint:raw_syscalls:sys_exit { @exits = count(); }",
    );
    run.exit(READ, 1, NONE);
    let child = Thread {
        process: 50,
        thread: 50,
        ..THREAD
    };
    run.enter(CLONE, [0; 6], NONE);
    run.happens(&THREAD, What::Fork { child: &child });
    run.happens(&child, exit(Abi::X86_64, CLONE, 0, NONE));
    run.exit(CLONE, 50, NONE);
    assert_eq!(run.map(""), ["clone: 1", "read: 1"]);
    assert_eq!(run.map("ns"), ["clone: 300"]);
    assert_eq!(run.map("exits"), [": 3"]);
    assert_eq!(run.machine.counters()[Counter::NoLatency as usize], 1);
}

#[test]
fn execve_keeps_what_it_loses() {
    let mut run = Run::new(
        "syscall:execve { printf(\"%s %s %s\", syscall, args.filename, abi); print(args); }
         tracepoint:sched:sched_process_exec { printf(\"%s %d %d\", args.filename, args.pid, args.old_pid); }",
    );
    let mut memory = piece(0x1000, b"/bin/true\0");
    memory.push(0x2000, Ok(&[0x3000u64.to_le_bytes(), [0; 8]].concat()));
    memory.push(0x3000, Ok(b"true\0"));
    run.enter(EXECVE, [0x1000, 0x2000, 0, 0, 0, 0], memory.memory());
    let other = Thread {
        thread: 41,
        ..THREAD
    };
    run.happens(
        &other,
        What::Exec {
            file: b"/bin/true",
            old_thread: 42,
        },
    );
    run.happens(&other, exit(Abi::I386, 11, 0, NONE));
    assert_eq!(
        run.records(),
        [
            "/bin/true 41 42",
            "execve /bin/true x86_64",
            r#"execve("/bin/true", ["true"], NULL)     = 0"#
        ]
    );
}

#[test]
fn abis_are_told_apart() {
    let mut run = Run::new(
        "syscall:read { @[abi] = count(); } tracepoint:syscalls:sys_enter_read { @native = count(); }",
    );
    for (abi, number) in [(Abi::X86_64, 0), (Abi::I386, 3), (Abi::X32, 0x4000_0000)] {
        run.happens(&THREAD, enter(abi, number, [0; 6], NONE));
        run.happens(&THREAD, exit(abi, number, 0, NONE));
    }
    assert_eq!(run.map(""), ["i386: 1", "x32: 1", "x86_64: 1"]);
    assert_eq!(run.map("native"), [": 1"]);
}

#[test]
fn memory_that_is_not_known_counts_as_failed() {
    let mut run =
        Run::new("tracepoint:syscalls:sys_enter_openat { @[str(args.filename)] = count(); }");
    run.enter(OPENAT, [0, 0xdead, 0, 0, 0, 0], NONE);
    assert_eq!(run.map(""), [": 1"]);
    assert_eq!(run.machine.counters()[Counter::ReadFailed as usize], 1);
}

#[test]
fn loops_maps_and_strings_work() {
    let mut run = Run::new(
        "BEGIN {
            for ($i : 0..5) { @squares[$i] = $i * $i; }
            for ($kv : @squares) { @sum += (int64)$kv.1; }
            delete(@squares, 3);
            $n = 0;
            while ($n < 10) { $n++; if ($n == 7) { break; } }
            @n = $n;
            @text[\"key\"] = str_concat(\"a\", \"b\");
            @has = has_key(@squares, 3);
            @length = len(@squares);
            @div = 7 / 2;
         }",
    );
    run.machine.run_attached(&Attach::Begin, 1_000);
    assert_eq!(run.map("squares"), ["0: 0", "1: 1", "2: 4", "4: 16"]);
    assert_eq!(run.map("sum"), [": 30"]);
    assert_eq!(run.map("n"), [": 7"]);
    assert_eq!(run.map("text"), ["key: ab"]);
    assert_eq!(run.map("has"), [": false"]);
    assert_eq!(run.map("length"), [": 4"]);
    assert_eq!(run.map("div"), [": 3"]);
}

#[test]
fn timers_follow_the_clock_of_the_events() {
    let mut run = Run::new(
        "interval:us:1 { printf(\"%d %d\", nsecs, elapsed); } interval:us:2 { printf(\"two\"); }",
    );
    run.machine.start_timers(1_000);
    assert_eq!(run.machine.next_timer(), Some(2_000));
    assert!(!run.machine.run_timer(1_999));
    while run.machine.run_timer(3_500) {}
    assert_eq!(run.records(), ["2050 1000", "3050 2000", ""]);
    run.machine.skip_missed_timers(10_100);
    while run.machine.run_timer(10_100) {}
    assert_eq!(run.records().len(), 2);
}

#[test]
fn maps_can_be_cleared_and_zeroed() {
    use trapline_runtime::engine::MapStore;
    let mut run =
        Run::new("tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); @c[comm] = count(); }");
    run.enter(READ, [0; 6], NONE);
    run.enter(9999, [0; 6], NONE);
    for map in 0..2 {
        run.machine.zero(map).expect("works");
    }
    assert_eq!(run.map(""), ["0: 0", "9999: 0"]);
    assert_eq!(run.map("c"), ["cat: 0"]);
    for map in 0..2 {
        run.machine.clear(map).expect("works");
    }
    assert_eq!(run.map(""), Vec::<String>::new());
    assert_eq!(run.map("c"), Vec::<String>::new());
}
