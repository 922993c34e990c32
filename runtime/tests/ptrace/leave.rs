//! What becomes of those who still run when the tracer has had enough.

use crate::support::{
    Traced, calls, eventually, folder, on_thread, options, trace_with, try_trace, untraced,
    workload,
};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use trapline_runtime::ptrace::{Goal, Outcome, Tracer, Wanted};

/// Traces a command on this thread, and asks the tracer to stop after a moment.
fn stop_soon(command: &str, wanted: Wanted) -> (Traced, Outcome) {
    let ask = |stopper: trapline_runtime::ptrace::Stopper| {
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(150));
            stopper.stop();
        });
    };
    trace_with(command, &options(wanted), &mut |_, _| {}, ask).expect("traced")
}

/// Waits for a process that was left by a thread that is gone.
fn wait_for(pid: u32) -> ExitStatus {
    let mut status = 0;
    // SAFETY: `status` is valid for writes; the process is a child of this one.
    let waited = unsafe { libc::waitpid(pid as libc::pid_t, &raw mut status, libc::__WALL) };
    assert_eq!(waited, pid as libc::pid_t);
    ExitStatus::from_raw(status)
}

fn kill(pid: u32, signal: i32) {
    // SAFETY: takes integers; the process is a child of this one, not yet waited for.
    unsafe { libc::kill(pid as libc::pid_t, signal) };
}

#[test]
fn without_a_filter_descendants_go_on_untraced() {
    let file = folder().join("outlived");
    let _ = std::fs::remove_file(&file);
    let command = format!("{} outlive {}", workload("tracee"), file.display());
    let left = on_thread(|| {
        let traced = trace_with(&command, &options(Wanted::All), &mut |_, _| {}, drop);
        let (traced, outcome) = traced.expect("traced");
        assert_eq!(traced.status.and_then(|status| status.code()), Some(0));
        outcome.left.is_some()
    });
    assert!(!left);
    let text = eventually(|| std::fs::read(&file).ok());
    assert_eq!(text, b"fine");
}

#[test]
fn with_a_filter_descendants_are_kept_going() {
    let file = folder().join("served");
    let _ = std::fs::remove_file(&file);
    let command = format!("{} outlive {}", workload("tracee"), file.display());
    on_thread(|| {
        let traced = trace_with(
            &command,
            &options(calls(&["getppid"])),
            &mut |_, _| {},
            drop,
        );
        let (traced, outcome) = traced.expect("traced");
        assert_eq!(traced.status.and_then(|status| status.code()), Some(0));
        let mut left = outcome.left.expect("a grandchild still runs");
        assert_eq!(left.processes().len(), 1);
        assert!(left.serve(Goal::AllEnded).expect("served"));
        assert!(left.processes().is_empty());
    });
    assert_eq!(std::fs::read(&file).expect("written"), b"fine");
}

#[test]
fn a_stopped_tracer_lets_the_command_go_on() {
    let command = format!("{} stops", workload("tracee"));
    let expected = untraced(&command);
    let pid = on_thread(|| {
        let (traced, outcome) = stop_soon(&command, Wanted::All);
        assert_eq!(outcome.status, None);
        assert!(outcome.left.is_none());
        traced.command
    });
    assert_eq!(wait_for(pid), expected);
    on_thread(|| {
        let (_, outcome) = stop_soon(&command, calls(&["kill", "wait4"]));
        assert_eq!(outcome.status, None);
        let mut left = outcome.left.expect("needs the tracer");
        assert!(left.serve(Goal::CommandEnded).expect("served"));
        assert_eq!(left.status(), Some(expected));
    });
}

#[test]
fn a_tracer_that_waits_for_a_sleeper_stops() {
    let pid = on_thread(|| {
        let (traced, outcome) = stop_soon("sleep 1000", Wanted::All);
        assert_eq!(outcome.status, None);
        traced.command
    });
    kill(pid, libc::SIGTERM);
    assert_eq!(wait_for(pid).signal(), Some(libc::SIGTERM));
}

#[test]
fn who_needs_the_tracer_ends_with_it() {
    let pid = on_thread(|| {
        let (traced, outcome) = stop_soon("sleep 1000", calls(&["read"]));
        let left = outcome.left.expect("needs the tracer");
        assert_eq!(left.processes(), [traced.command]);
        traced.command
    });
    assert_eq!(wait_for(pid).signal(), Some(libc::SIGKILL));
}

#[test]
fn serving_can_be_stopped_too() {
    let (sender, receiver) = mpsc::channel();
    on_thread(move || {
        let tracer = Tracer::start("sleep 1000", &options(calls(&["read"]))).expect("sleep");
        let stopper = tracer.stopper();
        stopper.stop();
        let outcome = tracer.run(&mut |_, _| {}, &mut |_| {}).expect("runs");
        let mut left = outcome.left.expect("sleeps");
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            stopper.stop();
            sender.send(()).expect("somebody waits");
        });
        assert!(!left.serve(Goal::AllEnded).expect("served"));
        receiver.recv().expect("sent");
    });
}

#[test]
fn a_command_that_is_never_let_go_is_killed() {
    for wanted in [Wanted::All, calls(&["read"])] {
        let pid = on_thread(|| {
            let tracer = Tracer::start("sleep 1000", &options(wanted)).expect("sleep exists");
            let pid = tracer.pid();
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).expect("it lives");
            let own = std::fs::read_to_string("/proc/self/comm").expect("we do");
            assert_eq!(name, own);
            pid
        });
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}

#[test]
fn the_command_does_not_hold_signals_back() {
    let status = on_thread(|| try_trace("grep SigBlk /proc/self/status", Wanted::All));
    assert!(status.expect("grep").status.expect("ended").success());
    // Signals that the tracer's thread holds back reach the command.
    on_thread(|| {
        let tracer = Tracer::start("sleep 1000", &options(Wanted::All)).expect("sleep exists");
        let pid = tracer.pid();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            kill(pid, libc::SIGINT);
        });
        let outcome = tracer.run(&mut |_, _| {}, &mut |_| {}).expect("runs");
        let signal = outcome.status.and_then(|status| status.signal());
        assert_eq!(signal, Some(libc::SIGINT));
    });
}
