//! Entries and exits do not pair one to one; what is counted, and with what latency.

use crate::support::trapline;
use crate::{HOOKS, everywhere, lines, scene};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

#[test]
fn trap_4_a_child_s_return_is_no_event() {
    let clones = "syscall:clone { @ = count(); @timed = sum(latency > 0); }";
    everywhere("clones", clones, &["@: 50", "@timed: 50"]);
    let vforks = "syscall:vfork { @ = count(); @timed = sum(latency > 0); }";
    everywhere("vforks", vforks, &["@: 10", "@timed: 10"]);
}

#[test]
fn trap_4_a_refused_call_has_no_latency() {
    everywhere(
        "refused",
        "syscall:getppid { @[errno, latency == -1] = count(); }",
        &["@[0, false]: 1", "@[EPERM, true]: 7"],
    );
    let run = crate::trace(
        "auto",
        &scene("refused"),
        "syscall:getppid { @ = count(); @sum = stats(latency); }",
    );
    assert!(run.stdout.contains("@: 8"), "{}", run.stdout);
    assert!(run.stdout.contains("count = 1"), "{}", run.stdout);
    assert!(run.stderr.contains('7'), "{}", run.stderr);
}

#[test]
fn trap_4_a_call_in_flight_has_no_latency() {
    let program = crate::support::workload("traps");
    for hook in HOOKS {
        let mut command = Command::new(&program);
        let mut reader = command
            .arg("reads")
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let state = format!("/proc/{}/syscall", reader.id());
        while !std::fs::read_to_string(&state).is_ok_and(|call| call.starts_with("0 0x0 ")) {
            std::thread::yield_now();
        }
        let script = "syscall:read { @[retval, latency == -1] = count(); }";
        let pid = reader.id().to_string();
        let mut tracer = trapline()
            .args(["--attach", hook, "-p", &pid, "-e", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut said = BufReader::new(tracer.stderr.take().expect("a pipe"));
        let mut line = String::new();
        while !line.contains("Attached") {
            line.clear();
            assert_ne!(said.read_line(&mut line).expect("text"), 0, "{hook}");
        }
        let mut pipe = reader.stdin.take().expect("a pipe");
        pipe.write_all(b"x").expect("it is read");
        reader.wait().expect("it ends");
        let output = tracer.wait_with_output().expect("it ends with the process");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.trim(), "@[1, true]: 1", "{hook}");
    }
}

#[test]
fn trap_4_calls_that_end_by_killing_are_seen() {
    everywhere(
        "threads",
        "syscall:exit_group,pause { @[syscall, errno] = count(); }",
        &["@[exit_group, 0]: 1", "@[pause, ERESTARTNOHAND]: 64"],
    );
    everywhere(
        "killed",
        "syscall:pause { @[errno, latency > 0] = count(); }",
        &["@[ERESTARTNOHAND, true]: 5"],
    );
}

#[test]
fn trap_4_execve_of_another_thread_is_one_event() {
    let script = r#"syscall:execve { printf("%s %d %d\n", args.pathname, retval, latency > 0); }"#;
    let program = crate::support::workload("traps");
    everywhere(
        "exec_in_thread",
        script,
        &[&format!("{program} 0 1"), "/bin/true 0 1"],
    );
    everywhere(
        "execveat",
        "syscall:execve,execveat { @[syscall, retval] = count(); }",
        &["@[execve, 0]: 1", "@[execveat, 0]: 1"],
    );
}

#[test]
fn trap_4_counts_do_not_depend_on_latency() {
    let plain = "syscall:* { @[syscall] = count(); }";
    let timed = "syscall:* { @[syscall] = count(); @l = max(latency); }";
    for hook in HOOKS {
        for what in ["clones", "vforks", "execveat", "refused"] {
            let mut counted = lines(hook, what, timed);
            counted.retain(|line| !line.starts_with("@l"));
            assert_eq!(lines(hook, what, plain), counted, "{what}, {hook}");
        }
    }
}

#[test]
fn trap_6_each_restart_is_one_event() {
    everywhere(
        "restarts",
        "syscall:read /args.fd == 100/ { @[syscall, errno, retval > 0] = count(); }
         syscall:rt_sigreturn,poll,restart_syscall { @[syscall, errno, retval > 0] = count(); }",
        &[
            "@[poll, ERESTART_RESTARTBLOCK, false]: 1",
            "@[read, 0, true]: 1",
            "@[read, ERESTARTSYS, false]: 1",
            "@[restart_syscall, 0, true]: 1",
            "@[rt_sigreturn, 0, false]: 1",
        ],
    );
}

#[test]
fn trap_6_nested_signals_keep_each_call_s_latency() {
    everywhere(
        "nested",
        "syscall:read /args.fd == 100 || args.fd == 101/ { @[args.fd, errno, latency > 0] = count(); }
         syscall:getppid,rt_sigreturn /pid == cpid/ { @inside[syscall] = count(); }",
        &[
            "@[100, 0, true]: 1",
            "@[100, ERESTARTSYS, true]: 1",
            "@[101, 0, true]: 1",
            "@[101, ERESTARTSYS, true]: 1",
            "@inside[getppid]: 2",
            "@inside[rt_sigreturn]: 2",
        ],
    );
}

#[test]
fn trap_10_a_reused_thread_id_starts_afresh() {
    everywhere(
        "reused",
        "syscall:execve { @[pid == cpid, errno, latency == -1] = count(); }",
        &[
            "@[false, 0, false]: 1",
            "@[false, EPERM, true]: 1",
            "@[true, 0, false]: 1",
        ],
    );
}
