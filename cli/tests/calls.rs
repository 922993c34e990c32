//! System calls as events, in the cases that tracers get wrong: what is counted, what is known of it.

mod support;

use support::{run, temporary, workload};

/// What a script prints about `workloads/calls.c` doing `what`, line by line.
fn lines(attach: &str, what: &str, script: &str) -> Vec<String> {
    let command = format!("{} {what}", workload("calls"));
    let run = run(&["-q", "--attach", attach, "-e", script, "-c", &command]);
    // What could not be read is said on stderr.
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines = run
        .stdout
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Those of all calls first.
const HOOKS: [&str; 4] = ["auto", "raw", "tracepoint", "event"];

#[test]
fn a_child_s_return_is_no_event() {
    let clone = "syscall:clone /pid == cpid || ppid == cpid/ { @ = count(); @l = stats(latency); }";
    let vfork = "syscall:vfork /pid == cpid || ppid == cpid/ { @ = count(); }";
    for hook in HOOKS {
        let printed = lines(hook, "clones", clone);
        assert!(printed.contains(&"@: 50".into()), "{hook}: {printed:?}");
        let timed = printed.iter().any(|line| line.contains(".count = 50"));
        assert!(timed, "{hook}: {printed:?}");
        assert_eq!(lines(hook, "vforks", vfork), ["@: 10"], "{hook}");
    }
}

#[test]
fn a_refused_call_is_an_event_without_latency() {
    let script = "syscall:getppid /pid == cpid/ { @[errno, latency == -1] = count(); }";
    for hook in HOOKS {
        assert_eq!(
            lines(hook, "refused", script),
            ["@[0, false]: 1", "@[EPERM, true]: 7"],
            "{hook}"
        );
    }
}

#[test]
fn counts_do_not_depend_on_latency() {
    let plain = "syscall:* /pid == cpid/ { @[syscall] = count(); }";
    let timed = "syscall:* /pid == cpid/ { @[syscall] = count(); @l = max(latency); }";
    for what in ["clones", "vforks", "execveat"] {
        let mut counted = lines("auto", what, timed);
        counted.retain(|line| !line.starts_with("@l"));
        assert_eq!(lines("auto", what, plain), counted, "{what}");
    }
}

#[test]
fn calls_that_end_by_killing_are_seen() {
    let script = "syscall:exit_group,pause /pid == cpid/ { @[syscall, errno] = count(); }";
    assert_eq!(
        lines("auto", "threads", script),
        ["@[exit_group, 0]: 1", "@[pause, ERESTARTNOHAND]: 64"]
    );
}

#[test]
fn what_execve_replaces_is_known() {
    let script = r#"
        syscall:execve,execveat /pid == cpid/ {
            printf("%s %s %d %d\n", comm, args.filename, retval, latency > 0);
        }"#;
    for hook in HOOKS {
        let printed = lines(hook, "exec_in_thread", script);
        assert!(printed[0].ends_with("calls 0 1"), "{hook}: {printed:?}");
        assert_eq!(printed[1..], ["true /bin/true 0 1"], "{hook}");
    }
    let script = "syscall:execve,execveat /pid == cpid/ { @[syscall, retval] = count(); }";
    assert_eq!(
        lines("auto", "execveat", script),
        ["@[execve, 0]: 1", "@[execveat, 0]: 1"]
    );
}

#[test]
fn other_calls_keep_their_names_beside_execve() {
    let script = r#"
        syscall:openat /pid == cpid && errno == ENOENT/ { @[args.filename, errno] = count(); }
        syscall:execve /pid == cpid/ { printf("%s\n", args.filename); }"#;
    for hook in ["auto", "event"] {
        let run = run(&[
            "-q",
            "--attach",
            hook,
            "-e",
            script,
            "-c",
            "cat /nonexistent",
        ]);
        let counted = "@[/nonexistent, ENOENT]: 1\n";
        assert!(run.stdout.contains(counted), "{hook}: {}", run.stdout);
        assert!(run.stdout.contains("/cat\n"), "{hook}: {}", run.stdout);
    }
}

#[test]
fn names_that_cannot_be_read_say_so() {
    let file = temporary("page");
    let what = format!("pointers {}", file.display());
    let script = "syscall:openat /pid == cpid && errno != 0/ { @[args.filename] = count(); }";
    let printed = lines("auto", &what, script);
    for name in ["NULL", "<fault>", "/nonexistent/page"] {
        assert!(printed.contains(&format!("@[{name}]: 1")), "{printed:?}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_32_bit_programs_are_told_apart() {
    let script = "syscall:openat,getppid /pid == cpid && errno != 0/ { @[abi, errno] = count(); }";
    let all = "syscall:* /pid == cpid && abi != 0/ { @[abi, syscall] = count(); }";
    for hook in &HOOKS[..3] {
        assert_eq!(
            lines(hook, "compat", script),
            ["@[i386, ENOENT]: 5"],
            "{hook}"
        );
        assert_eq!(
            lines(hook, "compat", all),
            ["@[i386, i386:getppid]: 3", "@[i386, i386:openat]: 5"],
            "{hook}"
        );
    }
    // They have no events of their own, and that is said.
    let command = format!("{} compat", workload("calls"));
    let ran = run(&["--attach", "event", "-e", script, "-c", &command]);
    assert!(!ran.stdout.contains("i386"), "{}", ran.stdout);
    let said = "system calls of 32-bit programs are not seen";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let names = "syscall:openat /pid == cpid && errno != 0/ { @[abi, args.filename] = count(); }";
    assert_eq!(
        lines("auto", "compat", names),
        ["@[i386, /nonexistent/32]: 5"]
    );
}
