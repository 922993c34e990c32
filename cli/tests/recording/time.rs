//! The clock of a trace, and how fast it is replayed.

use super::{a_second, replay, signal, start, wait_for};
use crate::support::{self, Run};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn time_is_that_of_the_trace() {
    let trace = a_second("time");
    let script = "interval:ms:100 { printf(\"%s \", strftime(\"%S.%L\", nsecs)); time(\"%H:%M:%S\\n\"); print(@); clear(@); } \
                  syscall:execve { @[comm] = count(); } END { clear(@); }";
    let once = replay(&trace, &["-q", "-e", script]).ok();
    assert!(once.matches("@[cat]: 1\n").count() > 5, "{once}");
    std::thread::sleep(Duration::from_millis(1100));
    // To the last letter: neither the machine's clock nor its load is in it.
    for _ in 0..3 {
        assert_eq!(replay(&trace, &["-q", "-e", script]).ok(), once);
    }
    let count = ["-q", "-e", "syscall:execve { @ = count(); }"];
    let fast = replay(&trace, &count).ok();
    for (speed, least) in [("1", 900), ("4", 200), ("0.8", 1200)] {
        let since = Instant::now();
        let slow = replay(&trace, &[&["--speed", speed], &count[..]].concat()).ok();
        let took = since.elapsed().as_millis();
        assert!(took >= least, "{speed}: {took} ms");
        assert_eq!(slow, fast);
    }
    let ended = replay(
        &trace,
        &[
            "-e",
            "syscall:execve /comm == \"cat\"/ { @++; exit(7); } END { printf(\"end\\n\"); }",
        ],
    );
    assert_eq!(ended.status, 7, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("end\n") && ended.stdout.contains("@: 1\n"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_interrupt_ends_a_slow_replay() {
    let trace = a_second("interrupt");
    let script =
        "BEGIN { printf(\"begun\\n\"); } END { printf(\"end\\n\"); }  syscall:* { @ = count(); }";
    let mut child = start(&["-q", "--replay", &trace, "--speed", "0.01", "-e", script]);
    wait_for(&mut child, "begun");
    std::thread::sleep(Duration::from_millis(200));
    signal("-INT", &child);
    let run = Run::from(child.wait_with_output().expect("it ends"));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("end\n"), "{}", run.stdout);
}

#[test]
fn progress_is_shown_on_a_terminal_only() {
    let trace = a_second("progress");
    let replayed = |options: &str, redirection: &str| {
        let line = format!(
            "{} --replay {trace} --speed 0.5 {options} -e 'END {{ printf(\"end\\n\"); }} syscall:* {{ @ = count(); }}' {redirection}",
            support::binary()
        );
        // Everything of the terminal is in script's stdout.
        let mut command = Command::new("script");
        command
            .args(["-qec", &line, "/dev/null"])
            .stdin(Stdio::null())
            .env_remove("LD_LIBRARY_PATH");
        command.process_group(0);
        let output = command.output().expect("script");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let bar = replayed("", "");
    assert!(bar.contains(" %") && bar.contains("[#"), "{bar:?}");
    // It is gone before results come.
    let gone = bar.rfind("\r\x1b[K").expect("it is hidden");
    assert!(gone < bar.find("end").expect("an end"), "{bar:?}");
    for (options, redirection) in [("-q", ""), ("", "2> /dev/null")] {
        let text = replayed(options, redirection);
        assert!(text.contains("end") && !text.contains(" %"), "{text:?}");
    }
    let run = replay(
        &trace,
        &["--speed", "1", "-e", "syscall:* { @ = count(); }"],
    );
    assert!(
        run.stderr.starts_with("Attached ") && run.stderr.lines().count() == 1,
        "{:?}",
        run.stderr
    );
}
