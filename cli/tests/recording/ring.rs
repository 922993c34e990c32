//! Flight recorders, and command lines that make no sense.

use super::{ENGINES, file, replay};
use crate::support::run;
use std::fs;

#[test]
fn a_flight_recorder_is_written_on_request() {
    for engine in ENGINES {
        let into = file(&format!("ring-{engine}"));
        // The shell's parent is the recorder.
        let command = "sh -c 'cat /dev/null; kill -USR1 $PPID; sleep 1.2; kill -USR1 $PPID; kill -USR1 $PPID; sleep 0.3; cd /tmp'";
        let words = ["--engine", engine, "--record", &into, "--ring", "1M", "-F"];
        let run = run(&[
            &words[..],
            &["-e", "syscall:execve,kill,chdir { }", "-c", command],
        ]
        .concat());
        assert_eq!(run.status, 0, "{}", run.stderr);
        let written: Vec<_> = run
            .stderr
            .lines()
            .filter_map(|line| line.rsplit_once(" into "))
            .map(|(_, file)| file)
            .collect();
        assert_eq!(
            written,
            [into.clone(), format!("{into}.2"), format!("{into}.3")],
            "{engine}: {}",
            run.stderr
        );
        // The time before the request is in each, and the last has all.
        for (file, chdirs) in written.iter().zip(["", "", "@: 1"]) {
            let cat = replay(
                file,
                &[
                    "-q",
                    "-F",
                    "-e",
                    "syscall:execve /comm == \"cat\"/ { @ = count(); }",
                ],
            );
            assert_eq!(cat.ok().trim(), "@: 1", "{engine}: {file}");
            let end = replay(file, &["-q", "-F", "-e", "syscall:chdir { @ = count(); }"]);
            assert_eq!(end.ok().trim(), chdirs, "{engine}: {file}");
        }
    }
}

#[test]
fn a_flight_recorder_is_written_when_a_probe_fires() {
    for engine in ENGINES {
        let into = file(&format!("trigger-{engine}"));
        let command = "sh -c 'cat /dev/null; cat /nonexistent/a; cat /nonexistent/b; sleep 1.2; cat /nonexistent/c; sleep 0.3; cd /tmp'";
        let trigger = "syscall:openat /errno == ENOENT && strncmp(str(args.filename), \"/nonexistent/\", 13) == 0/";
        let words = [
            "--engine",
            engine,
            "--record",
            &into,
            "--ring",
            "1M",
            "--dump-on",
            trigger,
            "-F",
            "-c",
            command,
        ];
        let run = run(&words);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let said = |words: &str| run.stderr.matches(words).count();
        // What was not asked for is not written at the end.
        assert_eq!(said("Recorded "), 2, "{engine}: {}", run.stderr);
        assert_eq!(
            said("WARNING: 1 more request to write the flight recorder"),
            1,
            "{}",
            run.stderr
        );
        let opened = |file: &str| {
            let script = "syscall:openat /strncmp(str(args.filename), \"/nonexistent/\", 13) == 0/ { printf(\"%s\\n\", str(args.filename)); }";
            let text = replay(file, &["-q", "-F", "-e", script]).ok();
            text.trim().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(opened(&into)[0], "/nonexistent/a", "{engine}");
        let second = format!("{into}.2");
        assert_eq!(
            opened(&second),
            ["/nonexistent/a", "/nonexistent/b", "/nonexistent/c"],
            "{engine}"
        );
        for file in [&into, &second] {
            let before = replay(
                file,
                &[
                    "-q",
                    "-F",
                    "-e",
                    "syscall:execve /comm == \"cat\"/ { @ = count(); }",
                ],
            );
            assert!(before.ok().contains("@: "), "{engine}: {file}");
            assert_eq!(
                replay(file, &["-q", "-F", "-e", "syscall:chdir { @ = count(); }"])
                    .ok()
                    .trim(),
                "",
                "{file}"
            );
        }
    }
}

#[test]
fn a_ring_keeps_the_newest() {
    for engine in ENGINES {
        let into = file(&format!("newest-{engine}"));
        let command = "dd if=/dev/urandom of=/dev/null bs=64 count=200000 status=none";
        let words = [
            "-q",
            "--engine",
            engine,
            "--record",
            &into,
            "--ring",
            "1M",
            "-F",
            "-e",
            "syscall:read,exit_group { }",
            "-c",
            command,
        ];
        run(&words);
        assert!(fs::metadata(&into).expect("a file").len() <= 1 << 20);
        let run = replay(
            &into,
            &[
                "-F",
                "-e",
                "syscall:exit_group { @end = count(); } syscall:read { @ = count(); }",
            ],
        );
        assert!(
            run.stderr.contains(" had left the flight recorder before"),
            "{engine}: {}",
            run.stderr
        );
        assert!(run.stdout.contains("@end: 1\n"), "{engine}: {}", run.stdout);
    }
}

#[test]
fn what_makes_no_sense_is_refused_at_its_place() {
    let into = file("never");
    let ring = |options: &[&str]| {
        run(&[
            &[
                "--engine", "ptrace", "--record", &into, "--ring", "1M", "-c", "true",
            ],
            options,
        ]
        .concat())
    };
    ring(&["--dump-on", "syscall:opennat /errno == ENOENT/"])
        .refused(&["--dump-on:1:9-16:", "did you mean 'openat'?"]);
    ring(&["--dump-on", "syscall:openat /errno = ENOENT/"])
        .refused(&["--dump-on:1:23-24:", "to compare, write `==`"]);
    ring(&["--dump-on", "syscall:openat /args.nonsense == 1/"])
        .refused(&["--dump-on:1:22-30:", "nonsense"]);
    ring(&["--dump-on", "kprobe:vfs_read"])
        .refused(&["--dump-on:1:1-7:", "the ptrace engine has no kprobe"]);
    for probe in ["", "syscall:openat { exit(); }"] {
        ring(&["--dump-on", probe]).refused(&["--dump-on takes a probe and no action"]);
    }
    // The script and the trigger are both told of.
    let both = ring(&["--dump-on", "syscall:opennat", "-e", "syscall:reed { }"]);
    both.refused(&["opennat", "reed"]);
    let script = ["-e", "BEGIN { }"];
    let refused = |options: &[&str], words: &[&str]| {
        run(&[options, &script[..]].concat()).refused(words);
    };
    refused(&["--ring", "1M"], &["--record <FILE>"]);
    refused(
        &["--record", &into, "--dump-on", "syscall:read"],
        &["--ring <BYTES>"],
    );
    refused(&["--record", &into, "--ring", "5"], &["at least 1M"]);
    refused(&["--record", &into, "--ring", "much"], &["K, M or G"]);
    refused(
        &["--record", &into, "--replay", &into],
        &["cannot be used with"],
    );
    refused(&["--replay", &into, "-c", "true"], &["cannot be used with"]);
    refused(&["--speed", "2"], &["--replay <FILE>"]);
    refused(&["--replay", &into, "--speed", "0"], &["a number above 0"]);
    assert!(!std::path::Path::new(&into).exists());
}
