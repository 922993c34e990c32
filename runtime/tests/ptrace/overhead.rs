//! What tracing costs, beside strace: `cargo test --test ptrace -- --ignored --nocapture overhead`. Prints, and asserts
//! nothing about time.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use crate::support::{calls, on_thread, options, workload};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use trapline_runtime::ptrace::{Capture, Options, Tracer, Wanted};

const RUNS: usize = 5;

fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..RUNS).map(time).min().expect("several runs")
}

fn strace(arguments: &[&str], command: &str) {
    let status = Command::new("strace")
        .args(["-f", "-o", "/dev/null"])
        .args(arguments)
        .args(command.split(' '))
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("strace").code().is_some());
}

/// How many events there were.
fn traced(command: &str, options: &Options) -> u64 {
    on_thread(|| {
        let tracer = Tracer::start(command, options).expect("starts");
        let mut events = 0;
        let outcome = tracer.run(&mut |_, _| events += 1, &mut |_| {});
        assert!(outcome.expect("runs").status.is_some());
        events
    })
}

#[test]
#[ignore = "measures"]
fn overhead() {
    let dd = "dd if=/dev/zero of=/dev/null bs=1 count=20000 status=none".to_owned();
    let forks = format!("{} forks 1000", workload("tracee"));
    let threads = format!("{} threads", workload("tracee"));
    let everything = |wanted| Options {
        capture: Capture::Everything,
        ..options(wanted)
    };
    println!("command, calls: untraced, traced, strace -c, strace (ms); events");
    for command in [&dd, &forks, &threads] {
        for (name, filter, options) in [
            ("all", &[][..], options(Wanted::All)),
            ("all, recorded", &[], everything(Wanted::All)),
            (
                "some",
                &["--seccomp-bpf", "-e", "trace=write,getppid"],
                options(calls(&["write", "getppid"])),
            ),
            (
                "none",
                &["--seccomp-bpf", "-e", "trace=reboot"],
                options(calls(&["reboot"])),
            ),
        ] {
            let untraced = best(|| {
                let mut words = command.split(' ');
                let mut process = Command::new(words.next().expect("a program"));
                assert!(process.args(words).status().expect("runs").code().is_some());
            });
            let mut events = 0;
            let own = best(|| events = traced(command, &options));
            let counting = best(|| strace(&[&["-c"], filter].concat(), command));
            let printing = best(|| strace(filter, command));
            let [untraced, own, counting, printing] =
                [untraced, own, counting, printing].map(|time| time.as_secs_f64() * 1e3);
            println!(
                "{command:.40}, {name}: {untraced:.1}, {own:.1}, {counting:.1}, {printing:.1}; {events} ({:.2} of strace -c, {:.2} of strace)",
                own / counting,
                own / printing,
            );
        }
    }
}

/// One command alone, for `time` and `perf`: `TRACE_COMMAND`, and `TRACE_CALLS` between commas (all without).
#[test]
#[ignore = "run by hand"]
fn one_command() {
    let command = std::env::var("TRACE_COMMAND").expect("TRACE_COMMAND");
    let wanted = std::env::var("TRACE_CALLS").map_or(Wanted::All, |names| {
        calls(&names.split(',').collect::<Vec<_>>())
    });
    println!("{} events", traced(&command, &options(wanted)));
}
