//! Exact numbers from the real kernel. All of it needs root and a kernel that allows BPF.

mod support;

use serde_json::Value;
use support::{run, run_script, workload};

/// The system calls of `dd bs=1 count=100000` beyond its 100,000 reads and writes: what `strace` sees.
fn dd_besides(call: &str) -> u64 {
    let log = support::temporary(&format!("strace-{call}"));
    let status = std::process::Command::new("strace")
        .args(["-qq", "-e", &format!("trace={call}"), "-o"])
        .arg(&log)
        .args([
            "dd",
            "if=/dev/zero",
            "of=/dev/null",
            "bs=1",
            "count=1",
            "status=none",
        ])
        .env_remove("LD_LIBRARY_PATH")
        .env("LC_ALL", "C")
        .status()
        .expect("strace runs");
    assert!(status.success());
    let log = std::fs::read_to_string(log).expect("strace's log");
    log.lines().filter(|line| line.contains('(')).count() as u64 - 1
}

#[test]
fn dd_reads_and_writes_as_often_as_it_is_told() {
    let maps = run(&[
        "-f",
        "json",
        "-e",
        "tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @[args.id] = count(); }",
        "-c",
        "dd if=/dev/zero of=/dev/null bs=1 count=100000 status=none",
    ])
    .maps();
    assert_eq!(maps["@"]["0"], 100_000 + dd_besides("read"));
    assert_eq!(maps["@"]["1"], 100_000 + dd_besides("write"));
}

#[test]
fn two_threads_lose_nothing() {
    let command = format!("{} 1000000", workload("threads"));
    // 110: getppid on x86-64.
    let maps = run(&[
        "-f", "json",
        "-e",
        "tracepoint:raw_syscalls:sys_enter /pid == cpid && args.id == 110/ { \
             @count = count(); @x++; @y[args.id]++; @by[args.id] = count(); @sum[comm] = sum(2); @plus[comm] += 3; }",
        "-c", &command,
    ])
    .maps();
    assert_eq!(maps["@count"], 2_000_000);
    assert_eq!(maps["@x"], 2_000_000);
    assert_eq!(maps["@y"]["110"], 2_000_000);
    assert_eq!(maps["@by"]["110"], 2_000_000);
    assert_eq!(maps["@sum"]["threads"], 4_000_000);
    assert_eq!(maps["@plus"]["threads"], 6_000_000);
}

#[test]
fn keys_that_two_threads_meet_first_at_once_lose_nothing() {
    let command = format!("{} 10000", workload("keys"));
    let maps = run(&[
        "-f",
        "json",
        "-e",
        "config = { max_map_keys = 20000 } \
         tracepoint:syscalls:sys_enter_close /pid == cpid && args.fd >= 1000000/ { \
             @step[args.fd]++; @count[args.fd] = count(); }",
        "-c",
        &command,
    ])
    .maps();
    for name in ["@step", "@count"] {
        let entries = maps[name].as_object().expect("a map");
        assert_eq!(entries.len(), 10_000, "{name}");
        let wrong = entries.iter().find(|(_, value)| **value != 2);
        assert_eq!(wrong, None, "{name}");
    }
}

#[test]
fn a_profile_probe_disturbs_no_number_and_no_key() {
    let command = format!("{} 1000000", workload("threads"));
    let maps = run(&[
        "-f", "json",
        "-e",
        "tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @step[comm, \"call\"]++; @count[comm, \"call\"] = count(); } \
         profile:hz:999 { @step[\"profile\", \"a rather long key\"]++; @count[\"profile\", \"another long key\"] = count(); }",
        "-c", &command,
    ])
    .maps();
    for (name, other) in [
        ("@step", "profile,a rather long key"),
        ("@count", "profile,another long key"),
    ] {
        let entries = maps[name].as_object().expect("a map");
        assert_eq!(entries["threads,call"], 2_000_000, "{name}");
        let others: Vec<&String> = entries
            .keys()
            .filter(|key| *key != "threads,call")
            .collect();
        assert!(others.iter().all(|key| *key == other), "{name}: {others:?}");
    }
}

#[test]
fn opened_files_are_named() {
    let text = run(&[
        "-q",
        "-e", "tracepoint:syscalls:sys_enter_openat /pid == cpid/ { printf(\"%s %s\\n\", comm, str(args.filename)); }",
        "-c", "cat /etc/hostname",
    ])
    .ok();
    assert!(
        text.lines().any(|line| line == "cat /etc/hostname"),
        "{text}"
    );
}

#[test]
fn strings_that_were_cut_say_so() {
    let text = run(&[
        "-q",
        "-e",
        "config = { max_strlen = 10 } tracepoint:syscalls:sys_enter_openat /pid == cpid/ { \
            printf(\"%s %s\\n\", str(args.filename), str(args.filename, 4)); }",
        "-c",
        "cat /etc/hostname",
    ])
    .ok();
    assert!(
        text.lines().any(|line| line == "/etc/host.. /etc"),
        "{text}"
    );
}

#[test]
fn debugf_writes_to_the_trace_buffer() {
    let mark = format!("mark-{}", std::process::id());
    let script = format!(
        "BEGIN {{ debugf(\"{mark} %d %s %5x|%%\", (int8)-7, \"text\", (uint64)1 << 36); exit(); }}"
    );
    run(&["-q", "-e", &script]).ok();
    let trace = [
        "/sys/kernel/tracing/trace",
        "/sys/kernel/debug/tracing/trace",
    ]
    .iter()
    .find_map(|path| std::fs::read_to_string(path).ok())
    .expect("the trace buffer can be read");
    let line = trace.lines().find(|line| line.contains(&mark));
    let line = line.unwrap_or_else(|| panic!("{mark} is not in the trace buffer"));
    assert!(
        line.ends_with(&format!("bpf_trace_printk: {mark} -7 text 1000000000|%")),
        "{line}"
    );
}

#[test]
fn the_context_of_any_probe_is_an_address() {
    let text = run(&[
        "-q",
        "-e",
        "struct word { unsigned long first } \
         interval:ms:1 { print((is_ptr(ctx), (uint64)ctx >> 47 == 0x1ffff, ((struct word *)ctx).first & 0)); exit(); }",
    ])
    .printed();
    assert_eq!(text, "(true, true, 0)\n");
}

#[test]
fn what_needs_more_memory_than_a_program_has_is_refused() {
    run_script(
        "config = { max_strlen = 65536 } BEGIN { @[str(curtask), str(curtask)] = 1; exit(); }",
    )
    .refused(&["stdin:1:33-38", "131072 bytes at once", "max_strlen"]);
}

#[test]
fn what_changes_a_process_needs_leave() {
    let write = "tracepoint:syscalls:sys_enter_openat /pid == 0xffffffff/ { \
         print(write_user(args.filename, \"x\", 1)); } BEGIN { exit(); }";
    run_script(write).refused(&["write_user()", "--unsafe"]);
    let run = run(&["-q", "--unsafe", "-e", write]);
    if run.status != 0 {
        run.refused(&[
            "this kernel does not offer write_user()",
            "bpf_probe_write_user",
        ]);
    }
    let signalled = support::run(&[
        "-q",
        "--unsafe",
        "-B",
        "none",
        "-e",
        "tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { signal_thread(\"SIGKILL\"); } \
               tracepoint:sched:sched_process_exit /pid == cpid/ { print(\"over\"); exit(); }",
        "-c",
        &format!("{} 1000", workload("threads")),
    ]);
    assert_eq!(signalled.stdout.trim_end(), "over", "{}", signalled.stderr);
}

#[test]
fn a_signal_to_the_tracer_fires_its_probe() {
    let text = run(&[
        "-q",
        "-e",
        "self:signal:SIGUSR1 { print(\"told\"); exit(); }",
        "-c",
        "sh -c 'kill -USR1 $PPID; sleep 5'",
    ]);
    assert_eq!(text.stdout.trim_end(), "told", "{}", text.stderr);
}

#[test]
fn places_in_programs_have_names() {
    let functions = workload("functions");
    let text = run(&[
        "-q",
        "-k",
        "-e",
        &format!(
            "uprobe:{functions}:twice {{ printf(\"%s %d\\n\", usym(reg(\"ip\")), uaddr(\"twice\") != 0); exit(); }}"
        ),
        "-c",
        &functions,
    ]);
    assert!(
        text.stdout.contains("twice 1\n"),
        "{}{}",
        text.stdout,
        text.stderr
    );
}

#[test]
fn returns_are_signed() {
    let maps = run(&[
        "-f", "json",
        "-e", "tracepoint:syscalls:sys_exit_openat /comm == \"cat\" && args.ret < 0/ { @[args.ret, strerror(-args.ret)] = count(); }",
        "-c", "sh -c 'cat /nonexistent/file 2>/dev/null || true'",
    ])
    .maps();
    assert_eq!(maps["@"]["-2,No such file or directory"], 1);
}

#[test]
fn nothing_is_counted_before_execve() {
    let maps = run(&[
        "-f", "json",
        "-e",
        "tracepoint:raw_syscalls:sys_enter /pid == cpid/ { if (!@seen) { @first = args.id; @seen = 1; } @[comm] = count(); }",
        "-c", "true",
    ])
    .maps();
    // 59: execve on x86-64.
    assert_eq!(maps["@first"], 59);
    let comms: Vec<&String> = maps["@"].as_object().expect("a map").keys().collect();
    assert!(
        comms.len() <= 2 && comms.iter().any(|comm| *comm == "true"),
        "{comms:?}"
    );
}

#[test]
fn a_wildcard_counts_its_attach_points() {
    let ran = run(&[
        "-e",
        "tracepoint:syscalls:sys_enter_* { @[probe] = count(); }",
        "-c",
        "true",
    ]);
    let probes = std::fs::read_dir("/sys/kernel/tracing/events/syscalls")
        .expect("tracefs")
        .filter(|entry| {
            let name = entry.as_ref().expect("tracefs").file_name();
            name.to_string_lossy().starts_with("sys_enter_")
        })
        .count();
    assert_eq!(ran.stderr, format!("Attached {probes} probes\n"));
    assert!(
        ran.stdout
            .contains("@[tracepoint:syscalls:sys_enter_execve]: "),
        "{}",
        ran.stdout
    );
}

#[test]
fn tracepoints_have_their_fields() {
    let maps = run(&[
        "-f", "json",
        "-e", "tracepoint:sched:sched_process_exec /pid == cpid/ { @[str(args.filename), args.pid == pid] = count(); }",
        "-c", "/bin/true",
    ])
    .maps();
    let entries = maps["@"].as_object().expect("a map");
    assert_eq!(
        entries.values().collect::<Vec<_>>(),
        [&Value::from(1)],
        "{entries:?}"
    );
    assert!(
        entries
            .keys()
            .all(|key| key.starts_with("/") && key.contains("bin/true,")),
        "{entries:?}"
    );
}

#[test]
fn latencies_are_measured() {
    let text = run(&[
        "-q",
        "-e",
        "tracepoint:syscalls:sys_enter_clock_nanosleep /pid == cpid/ { @start[tid] = nsecs; } \
         tracepoint:syscalls:sys_exit_clock_nanosleep /@start[tid]/ { \
             $ms = (nsecs - @start[tid]) / 1000000; printf(\"%d\\n\", $ms >= 50 && $ms < 1000); delete(@start, tid); }",
        "-c", "sleep 0.05",
    ])
    .ok();
    assert_eq!(text.trim(), "1");
}

#[test]
fn each_way_of_attaching_counts_the_same() {
    for attach in ["btf", "raw", "tracepoint"] {
        let maps = run(&[
            "-f",
            "json",
            "--attach",
            attach,
            "-e",
            "tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @[args.id] = count(); } \
             tracepoint:syscalls:sys_exit_write /pid == cpid/ { @ret = sum(args.ret); } \
             tracepoint:syscalls:sys_enter_write /pid == cpid/ { @size = sum(args.count); }",
            "-c",
            "dd if=/dev/zero of=/dev/null bs=3 count=1000 status=none",
        ])
        .maps();
        assert_eq!(maps["@"]["1"], 1000, "{attach}");
        assert_eq!(
            (&maps["@ret"], &maps["@size"]),
            (&Value::from(3000), &Value::from(3000)),
            "{attach}"
        );
    }
}

#[test]
fn calls_named_are_counted_by_their_own_events_too() {
    let named = "tracepoint:syscalls:sys_exit_write /pid == cpid/ { @ret = sum(args.ret); } \
                 tracepoint:syscalls:sys_enter_write /pid == cpid/ { @size = sum(args.count); } \
                 tracepoint:syscalls:sys_enter_close /pid == cpid/ { @[probe, args.fd] = count(); }";
    let dd = "dd if=/dev/zero of=/dev/null bs=3 count=1000 status=none";
    let of = |attach| run(&["-f", "json", "--attach", attach, "-e", named, "-c", dd]).maps();
    let (own, common) = (of("event"), of("btf"));
    assert_eq!(own["@ret"], 3000);
    assert_eq!(own, common);
}

#[test]
fn functions_and_markers_of_programs_are_hit_each_time() {
    let program = workload("functions");
    let script = format!(
        "uprobe:{program}:twice {{ @argument[(int32)arg0] = count(); @stack[ustack(1)] = count(); }} \
         uretprobe:{program}:twice {{ @returned[(int32)retval] = count(); }} \
         usdt:{program}:workload:doubling {{ @marker[arg0] = count(); }}"
    );
    let maps = run(&["-f", "json", "-e", &script, "-c", &program]).maps();
    for n in 0..5 {
        assert_eq!(maps["@argument"][n.to_string()], 1);
        assert_eq!(maps["@returned"][(2 * n).to_string()], 1);
        assert_eq!(maps["@marker"][n.to_string()], 1);
    }
    let stacks = maps["@stack"].as_object().expect("a map of stacks");
    assert_eq!(stacks.len(), 1);
    assert!(
        stacks.keys().all(|stack| stack.contains("twice+0")),
        "{stacks:?}"
    );
}
