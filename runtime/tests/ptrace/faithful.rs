//! Whatever a command does, it ends as it does untraced.

use crate::support::{Did, both_ways, calls, on_thread, trace, untraced, workload};
use std::os::unix::process::ExitStatusExt;

/// Traces a mode of the workload both ways, and compares how it ends.
fn ends_as_untraced(program: &str, arguments: &str, name: &str) -> [crate::support::Traced; 2] {
    let command = format!("{} {arguments}", workload(program));
    let command = command.trim_end();
    let expected = untraced(command);
    let traced = both_ways(command, name);
    for traced in &traced {
        assert_eq!(traced.status, Some(expected), "{command}");
        assert!(traced.notes.is_empty());
    }
    traced
}

#[test]
fn a_thousand_children() {
    for traced in ends_as_untraced("tracee", "forks 1000", "getppid") {
        assert_eq!(traced.count(|did| matches!(did, Did::Fork(_))), 1000);
        assert_eq!(traced.enters("getppid"), 1000);
        assert_eq!(traced.count(|did| *did == Did::End { last: true }), 1001);
    }
}

#[test]
fn hostile_signals() {
    let [all, some] = ends_as_untraced("tracee", "signals", "rt_sigqueueinfo");
    assert_eq!(all.status.and_then(|status| status.code()), Some(7));
    for traced in [all, some] {
        assert_eq!(traced.enters("rt_sigqueueinfo"), 9);
    }
}

#[test]
fn stopped_and_continued() {
    let [all, some] = ends_as_untraced("tracee", "stops", "clock_nanosleep");
    assert_eq!(all.status.and_then(|status| status.code()), Some(11));
    // The sleep goes on by a call of its own.
    assert!(all.enters("restart_syscall") >= 1);
    assert!(all.results("clock_nanosleep").contains(&-516));
    assert!(some.results("clock_nanosleep").contains(&-516));
}

#[test]
fn sixty_four_threads() {
    for program in ["tracee", "tracee-static"] {
        for traced in ends_as_untraced(program, "threads", "getppid") {
            assert_eq!(traced.enters("getppid"), 6400);
            assert_eq!(traced.results("getppid").len(), 6400);
            assert_eq!(traced.count(|did| matches!(did, Did::Fork(_))), 64);
            assert_eq!(traced.count(|did| *did == Did::End { last: false }), 64);
            assert_eq!(traced.count(|did| *did == Did::End { last: true }), 1);
        }
    }
}

#[test]
fn programs_of_32_bits() {
    let narrow = workload("narrow");
    for traced in ends_as_untraced("tracee", &format!("exec {narrow}"), "getppid") {
        assert_eq!(traced.enters("getppid"), 3);
        let files = traced.seen.iter().filter_map(|seen| match &seen.did {
            Did::Exec { file, .. } => Some(file.as_str()),
            _ => None,
        });
        assert_eq!(files.collect::<Vec<_>>(), [workload("tracee"), narrow]);
    }
    // And from there to 64 bits.
    let command = format!("exec {narrow} /bin/true");
    for traced in ends_as_untraced("tracee", &command, "getppid") {
        assert_eq!(traced.enters("getppid"), 3);
    }
}

#[test]
fn children_that_share_memory() {
    let [all, some] = ends_as_untraced("tracee", "vfork", "execve");
    assert_eq!(all.enters("execve"), 2);
    assert_eq!(some.enters("execve"), 2);
}

#[test]
fn programs_executed_by_threads() {
    let program = format!("exec-from-thread {} forks 2", workload("tracee"));
    for traced in ends_as_untraced("tracee", &program, "getppid") {
        let leader = traced.command;
        assert_eq!(traced.enters("getppid"), 2);
        let exec = traced
            .seen
            .iter()
            .find(|seen| matches!(seen.did, Did::Exec { old_thread, .. } if old_thread != leader));
        let exec = exec.expect("another thread executes");
        assert_eq!((exec.thread.process, exec.thread.thread), (leader, leader));
        // The first thread and the five that do nothing; nobody of them is the last.
        let end = |seen: &&crate::support::Seen| {
            seen.thread.process == leader && seen.did == Did::End { last: false }
        };
        assert_eq!(traced.seen.iter().filter(end).count(), 6);
        assert_eq!(traced.count(|did| *did == Did::End { last: true }), 3);
    }
}

#[test]
fn ends_by_signals() {
    for signal in [
        libc::SIGKILL,
        libc::SIGTERM,
        libc::SIGABRT,
        libc::SIGRTMAX(),
    ] {
        let traced = ends_as_untraced("tracee", &format!("die {signal}"), "kill");
        for traced in traced {
            let ended = traced.status.and_then(|status| status.signal());
            assert_eq!(ended, Some(signal));
            assert_eq!(traced.enters("kill"), 1);
            assert_eq!(traced.count(|did| *did == Did::End { last: true }), 1);
        }
    }
}

#[test]
fn killed_while_it_makes_children() {
    for traced in ends_as_untraced("tracee", "storm", "kill") {
        let forks = traced.count(|did| matches!(did, Did::Fork(_)));
        assert!(forks > 1);
        for seen in &traced.seen {
            if let Did::Fork(child) = seen.did {
                assert_ne!(child.thread, seen.thread.thread);
            }
        }
    }
}

#[test]
fn children_that_nobody_is_to_trace() {
    for traced in ends_as_untraced("tracee", "untraced", "getppid") {
        assert_eq!(traced.enters("getppid"), 1);
    }
}

#[test]
fn other_filters_refuse_calls() {
    let [all, some] = ends_as_untraced("tracee", "confine", "getppid");
    assert_eq!(all.results("getppid")[1..], [-1, -1]);
    assert_eq!(some.results("getppid")[1..], [-1, -1]);
    // As in the kernel: what is refused does not begin.
    assert_eq!(some.enters("getppid"), 1);
}

#[test]
fn programs_that_cannot_run_say_why() {
    for wanted in [trapline_runtime::ptrace::Wanted::All, calls(&["read"])] {
        for command in ["/dev/null", "no-such-command-anywhere", "'", ""] {
            let result = on_thread(|| crate::support::try_trace(command, wanted.clone()));
            let error = result.expect_err(command).to_string();
            let reason = match command {
                "/dev/null" => "Permission denied",
                "'" => "not closed",
                "" => "empty",
                _ => "not found",
            };
            assert!(error.contains(reason), "{error}");
        }
    }
}

#[test]
fn several_tracers_do_not_disturb_each_other() {
    let command = format!("{} forks 50", workload("tracee"));
    let expected = untraced(&command);
    std::thread::scope(|scope| {
        let tracers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| trace(&command, calls(&["getppid"]))))
            .collect();
        for tracer in tracers {
            let traced = tracer.join().expect("traced");
            assert_eq!(traced.status, Some(expected));
            assert_eq!(traced.enters("getppid"), 50);
        }
    });
}
