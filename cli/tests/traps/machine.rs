//! What the machine has to do with it.

use crate::support::{Run, binary, run, temporary};
use crate::{HOOKS, lines, scene};
use std::process::Command;

#[test]
fn trap_12_what_io_uring_does_is_no_call() {
    let script = "
        syscall:io_uring_setup,io_uring_enter { @[syscall] = count(); }
        syscall:read,readv,pread64,preadv,preadv2 /retval == 6/ { @[syscall] = count(); }";
    for hook in HOOKS {
        let mut printed = lines(hook, "ring", script);
        if printed.iter().any(|line| line == "no io_uring") {
            return;
        }
        let said = printed.remove(0);
        assert_eq!(said, "ring read 6");
        assert_eq!(
            printed,
            ["@[io_uring_enter]: 1", "@[io_uring_setup]: 1"],
            "{hook}"
        );
    }
}

#[test]
fn trap_12_what_the_vdso_answers_is_told() {
    let run = run(&["--dry-run", "-e", "syscall:clock_gettime { @ = count(); }"]);
    assert!(run.stderr.contains("vDSO"), "{}", run.stderr);
    let quiet = crate::support::run(&["--dry-run", "-e", "syscall:getppid { @ = count(); }"]);
    assert!(!quiet.stderr.contains("vDSO"), "{}", quiet.stderr);
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language.md");
    let document = std::fs::read_to_string(document).expect("docs/language.md");
    assert!(document.contains("What io_uring does for a process is no call"));
}

#[test]
fn trap_14_kernels_without_the_syscalls_events() {
    let script =
        "tracepoint:syscalls:sys_enter_lseek { @enter[args.offset, args.whence] = count(); }
        tracepoint:syscalls:sys_exit_lseek { @exit[args.ret] = count(); }
        syscall:lseek { @[args.offset, errno] = count(); }";
    // Such a kernel, as seen through tracefs: neither are they listed, nor have they folders.
    let events = temporary("available_events");
    let hidden = format!(
        "cd /sys/kernel/tracing && grep -v ^syscalls: available_events > {0}
         mount --bind {0} available_events && mount -t tmpfs none events/syscalls && exec \"$@\"",
        events.display()
    );
    let expected = [
        "@[-65536, 0]: 1",
        "@[0, EBADF]: 1",
        "@enter[-65536, 0]: 1",
        "@enter[0, 0]: 1",
        "@exit[-65536]: 1",
        "@exit[-9]: 1",
    ];
    for hook in HOOKS {
        let output = Command::new("unshare")
            .args(["--mount", "sh", "-c", &hidden, "sh", binary(), "-q", "-F"])
            .args(["--attach", hook, "-e", script, "-c", &scene("negative")])
            .output()
            .expect("unshare runs");
        let run = Run::from(output);
        assert_eq!(run.status, 0, "{hook}: {}", run.stderr);
        assert_eq!(crate::printed(&run), expected, "{hook}: {}", run.stderr);
    }
    assert_eq!(lines("auto", "negative", script), expected);
}

#[test]
fn trap_15_the_cost_is_said() {
    let said = |attach: &str, script: &str| {
        let run = run(&["-v", "--dry-run", "--attach", attach, "-e", script]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.stderr
    };
    let cost = "every system call of the machine pays for it, about";
    let one = "syscall:getppid { @ = count(); }";
    for (attach, script, hook) in [
        ("btf", one, "hooked at exit by tp_btf"),
        ("raw", one, "hooked at exit by raw_tp"),
        (
            "tracepoint",
            one,
            "hooked at exit by perf tracepoints of all calls",
        ),
        (
            "event",
            "syscall:getppid { @ = sum(latency); }",
            "hooked at entry and exit by perf tracepoints of the calls named",
        ),
    ] {
        let said = said(attach, script);
        assert!(said.contains(cost) && said.contains(hook), "{said}");
    }
    let said = said("auto", "interval:1s { exit(); }");
    assert!(!said.contains(cost), "{said}");
}
