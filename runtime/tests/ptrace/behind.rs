//! A tracer that ends for its user and stays for those who need it.

use crate::support::{calls, eventually, folder, options, trace_with, workload};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use trapline_runtime::ptrace::{Goal, behind};

const DO: &str = "PTRACE_TEST_BEHIND";

/// A process without other threads that splits itself.
fn splitter(what: &str) -> Child {
    Command::new(std::env::current_exe().expect("we have one"))
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg("behind::splits_itself")
        .env(DO, what)
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs")
}

#[test]
fn users_do_not_wait_for_who_is_left() {
    let file = folder().join("behind");
    let _ = std::fs::remove_file(&file);
    let mut child = splitter(&format!(
        "{} outlive {}",
        workload("tracee"),
        file.display()
    ));
    let mut output = String::new();
    let mut pipe = child.stdout.take().expect("piped");
    // Nobody keeps it open.
    pipe.read_to_string(&mut output).expect("text");
    assert_eq!(child.wait().expect("ends").code(), Some(7));
    assert!(output.contains("left: 1"), "{output}");
    assert_eq!(eventually(|| std::fs::read(&file).ok()), b"fine");
}

#[test]
fn the_front_ends_as_the_process_behind_it() {
    assert_eq!(splitter("exit").wait().expect("ends").code(), Some(9));
    let status = splitter("die").wait().expect("ends");
    assert_eq!(status.signal(), Some(libc::SIGABRT));
}

#[test]
fn signals_reach_the_process_behind() {
    let mut child = splitter("sleep");
    let mut pipe = child.stdout.take().expect("piped");
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("asleep") {
        let mut byte = [0];
        pipe.read_exact(&mut byte).expect("it says so");
        seen.extend(byte);
    }
    // SAFETY: takes integers; the process is our child.
    unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGINT) };
    let status = child.wait().expect("ends");
    assert_eq!(status.signal(), Some(libc::SIGINT));
}

#[test]
#[ignore = "run by other tests, as a process of its own"]
fn splits_itself() {
    let what = std::env::var(DO).expect("set by those tests");
    let behind = behind::split().expect("allowed");
    let mut output = std::io::stdout();
    match what.as_str() {
        "exit" => std::process::exit(9),
        "die" => std::process::abort(),
        "sleep" => {
            output.write_all(b"asleep\n").expect("a pipe");
            loop {
                std::thread::park();
            }
        }
        command => {
            let wanted = options(calls(&["getppid"]));
            let traced = trace_with(command, &wanted, &mut |_, _| {}, drop);
            let mut left = traced.expect("traced").1.left.expect("a grandchild");
            writeln!(output, "left: {}", left.processes().len()).expect("a pipe");
            behind.leave(7).expect("there is a front");
            left.serve(Goal::AllEnded).expect("served");
            std::process::exit(0);
        }
    }
}
