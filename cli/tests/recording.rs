//! Recordings, replays and flight recorders as a user would try them. What the kernel records needs root.

mod support;

use serde_json::Value as Json;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Run, nobody, run, temporary, trapline, workload};

/// Engines that record.
const ENGINES: [&str; 2] = ["bpf", "ptrace"];

/// A file of this test process.
fn file(name: &str) -> String {
    let path = temporary(name);
    path.to_str().expect("a UTF-8 path").to_owned()
}

/// Records what a command does with a script, or all; what that printed.
#[track_caller]
fn record(engine: &str, into: &str, options: &[&str], command: &str) -> Run {
    let words = ["-q", "--engine", engine, "--record", into, "-c", command];
    let run = run(&[&words, options].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{engine}");
    run
}

/// Records all that a command does.
#[track_caller]
fn recorded(engine: &str, name: &str, command: &str) -> String {
    let into = file(&format!("{name}-{engine}"));
    record(engine, &into, &[], command);
    into
}

/// Replays a file, which is read by nobody in particular.
fn replay(trace: &str, options: &[&str]) -> Run {
    nobody::run(&[&["--replay", trace], options].concat())
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill").success());
}

/// Starts the binary on a command that says on its stdout, a line each, how far it is.
fn start(words: &[&str]) -> Child {
    trapline()
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// Waits for this line.
fn wait_for(child: &mut Child, line: &str) {
    let stdout = child.stdout.as_mut().expect("a pipe");
    let mut text = String::new();
    while !text.ends_with(&format!("{line}\n")) {
        let mut byte = [0];
        stdout.read_exact(&mut byte).expect("it goes on");
        text.push(byte[0].into());
    }
}

#[test]
fn a_replay_gives_the_numbers_of_then() {
    let command = workload("children");
    let script = "syscall:getppid,close,access,pause { @[comm, syscall, errno] = count(); @bytes[probe] = sum(retval); }";
    for engine in ENGINES {
        let into = file(&format!("numbers-{engine}"));
        let then = record(engine, &into, &["-F", "-e", script], &command);
        let later = replay(&into, &["-q", "-F", "-e", script]).ok();
        assert_eq!(later, then.stdout, "{engine}");
        assert!(
            later.contains("@[children, access, ENOENT]: 8\n"),
            "{later}"
        );
        // Without a script, all is recorded: as many of these, too.
        let all = recorded(engine, "all", &command);
        let counted =
            "syscall:getppid,close,access /comm == \"children\"/ { @[syscall, errno] = count(); }";
        let of_all = replay(&all, &["-q", "-F", "-e", counted]).ok();
        assert_eq!(
            of_all,
            replay(&into, &["-q", "-F", "-e", counted]).ok(),
            "{engine}"
        );
        let execs = replay(
            &all,
            &[
                "-q",
                "-F",
                "-e",
                "tracepoint:sched:sched_process_fork { @ = count(); }",
            ],
        );
        assert_eq!(execs.printed(), "\n\n@: 3\n", "{engine}");
    }
}

#[test]
fn a_recording_without_a_script_says_what_it_has() {
    let into = file("said");
    let run = run(&["--engine", "ptrace", "--record", &into, "-c", "true"]);
    assert_eq!(run.status, 0);
    let line = run.stderr.lines().last().expect("a line");
    assert!(
        line.starts_with("Recorded ") && line.ends_with(&format!(" into {into}")),
        "{line}"
    );
    assert_eq!(run.stdout.trim(), "");
}

#[test]
fn calls_that_were_not_recorded_are_missed() {
    for engine in ENGINES {
        let into = file(&format!("few-{engine}"));
        record(
            engine,
            &into,
            &["-F", "-e", "syscall:getppid,close /errno == 0/ { }"],
            &workload("children"),
        );
        // All that the probes see, whatever their predicates say.
        let closed = "syscall:close /errno == EBADF/ { @ = count(); }";
        assert_eq!(
            replay(&into, &["-q", "-F", "-e", closed]).printed(),
            "\n\n@: 100\n",
            "{engine}"
        );
        let other = replay(&into, &["-e", "syscall:getppid,pause { @ = count(); }"]);
        let said = "WARNING: only these system calls were recorded: ";
        assert!(other.stderr.starts_with(said), "{engine}: {}", other.stderr);
        let (recorded, missing) = other.stderr.split_once(';').expect("what is missing");
        assert!(
            recorded.contains("close") && recorded.contains("getppid"),
            "{recorded}"
        );
        assert!(
            missing.contains(" pause") && missing.contains("left out"),
            "{missing}"
        );
        let all = replay(
            &into,
            &["-e", "tracepoint:raw_syscalls:sys_enter { @ = count(); }"],
        );
        assert!(
            all.stderr.contains("the script asks for all system calls"),
            "{}",
            all.stderr
        );
        let stat = replay_with("stat", &into, &[]);
        assert!(stat.stderr.starts_with(said), "{}", stat.stderr);
    }
}

/// A ready-made command on a trace.
fn replay_with(command: &str, trace: &str, options: &[&str]) -> Run {
    nobody::run(&[&[command, "--replay", trace], options].concat())
}

#[test]
fn files_that_are_no_traces_each_say_so() {
    let whole = fs::read(recorded("ptrace", "whole", "ls /usr/bin")).expect("a trace");
    let written = |name: &str, bytes: &[u8]| {
        let path = file(name);
        fs::write(&path, bytes).expect("written");
        path
    };
    let script = ["-e", "syscall:* { @ = count(); }"];
    for (path, words) in [
        ("/nonexistent/trace".to_owned(), "No such file or directory"),
        ("/usr".to_owned(), "Is a directory"),
        (written("empty", b""), "is empty"),
        (written("text", b"nothing of the kind\n"), "is no trace"),
        (
            written(
                "elf",
                &fs::read(support::binary()).expect("it runs")[..9999],
            ),
            "is no trace",
        ),
        (written("head", &whole[..40]), "cut off within its header"),
    ] {
        let said = replay(&path, &script).refused(&[&path, words]);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let mut version = whole.clone();
    let middle = whole.len() / 2;
    version[8] = 99;
    replay(&written("version", &version), &script).refused(&["version 99 of the format"]);
    // What is whole counts, and what is missing is said.
    let mut damaged = whole.clone();
    damaged[middle] ^= 1;
    for (name, bytes, words) in [
        ("cut", &whole[..middle], "the trace is cut off after "),
        ("damaged", &damaged[..], "the trace is damaged: "),
    ] {
        let run = replay(&written(name, bytes), &script);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stderr.contains(words), "{name}: {}", run.stderr);
        assert!(
            run.stderr.contains("missing in the trace: "),
            "{name}: {}",
            run.stderr
        );
    }
    let behind = [&whole[..], b"rubbish"].concat();
    let run = replay(&written("behind", &behind), &script);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("@: "), "{}", run.stdout);
    // Ready-made commands say the same.
    replay_with("stat", &file("text"), &[]).refused(&["is no trace"]);
    let cut = replay_with("stat", &file("cut"), &[]);
    assert!(
        cut.stderr.contains("the trace is cut off after "),
        "{}",
        cut.stderr
    );
}

#[test]
fn a_trace_is_read_while_it_is_written() {
    for engine in ENGINES {
        let into = file(&format!("growing-{engine}"));
        let command = "sh -c 'cat /dev/null; sleep 2; echo late; exec sleep 60'";
        let mut child = start(&[
            "--engine",
            engine,
            "--record",
            &into,
            "-F",
            "-e",
            "syscall:execve { }",
            "-c",
            command,
        ]);
        wait_for(&mut child, "late");
        let early = replay(
            &into,
            &["-e", "syscall:execve /comm == \"cat\"/ { @ = count(); }"],
        );
        assert!(
            early.stderr.contains("still being recorded"),
            "{engine}: {}",
            early.stderr
        );
        assert!(
            early.stdout.contains("@: 1\n"),
            "{engine}: {}",
            early.stdout
        );
        // Nobody else may write it.
        run(&["--engine", "ptrace", "--record", &into, "-c", "true"])
            .refused(&[&into, "another recording"]);
        // An interrupt ends it properly.
        signal("-INT", &child);
        let ended = Run::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.status, 0, "{engine}: {}", ended.stderr);
        assert!(ended.stderr.contains("Recorded "), "{}", ended.stderr);
        let whole = replay(
            &into,
            &[
                "-q",
                "-e",
                "syscall:execve /errno == 0/ { @[comm] = count(); }",
            ],
        )
        .ok();
        assert!(whole.contains("@[sleep]: 2\n"), "{engine}: {whole}");
    }
}

#[test]
fn a_recording_that_is_killed_is_whole_up_to_then() {
    let into = file("killed");
    let command = "sh -c 'cat /dev/null; sleep 2; echo late; exec sleep 60'";
    let mut child = start(&[
        "--engine",
        "ptrace",
        "--record",
        &into,
        "-e",
        "syscall:execve { }",
        "-c",
        command,
    ]);
    wait_for(&mut child, "late");
    signal("-KILL", &child);
    child.wait().expect("it ends");
    let run = replay(
        &into,
        &["-e", "syscall:execve /comm == \"cat\"/ { @ = count(); }"],
    );
    assert!(
        run.stderr.contains("its recording was not ended properly"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("@: 1\n"), "{}", run.stdout);
}

/// A second of a command that counts to ten.
fn a_second(test: &str) -> String {
    let command = "sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do cat /dev/null; sleep 0.1; done'";
    recorded("ptrace", test, command)
}

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
    let since = Instant::now();
    let count = ["-q", "-e", "syscall:execve { @ = count(); }"];
    let fast = replay(&trace, &count).ok();
    assert!(since.elapsed() < Duration::from_millis(900));
    for (speed, least, most) in [("1", 900, 5000), ("4", 200, 900), ("0.8", 1200, 6000)] {
        let since = Instant::now();
        let slow = replay(&trace, &[&["--speed", speed], &count[..]].concat()).ok();
        let took = since.elapsed().as_millis();
        assert!((least..most).contains(&took), "{speed}: {took} ms");
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
fn processes_are_those_of_the_trace() {
    for engine in ENGINES {
        let trace = recorded(engine, "family", &workload("children"));
        let count = |options: &[&str], predicate: &str| {
            let script = format!("syscall:access {predicate} {{ @ = count(); }}");
            replay(&trace, &[&["-q", "-e", &script], options].concat())
                .ok()
                .trim()
                .to_owned()
        };
        // The grandchild's are seven, the loader makes one more.
        assert_eq!(count(&[], "/pid == cpid/"), "@: 1", "{engine}");
        assert_eq!(count(&["-F"], ""), "@: 8", "{engine}");
        let cpid = replay(&trace, &["-q", "-e", "BEGIN { printf(\"%d\", cpid); }"]).ok();
        let cpid = cpid.trim();
        assert_eq!(count(&["-p", cpid], ""), "@: 1", "{engine}");
        assert_eq!(count(&["-F", "-p", cpid], ""), "@: 8", "{engine}");
        assert_eq!(count(&["-p", "1"], "/1/"), "", "{engine}");
    }
}

#[test]
fn nothing_of_this_machine_is_in_a_replay() {
    let folder = temporary("here");
    fs::create_dir_all(&folder).expect("a folder");
    let open = folder.join("a-file");
    fs::write(&open, "text").expect("written");
    let open = open.to_str().expect("a UTF-8 path");
    let into = file("elsewhere");
    record("ptrace", &into, &[], &format!("cat {open}"));
    // The process has ended; a descriptor that was opened there is known all the same.
    let lines = replay_with("trace", &into, &["-F", "-y", "-e", "openat,read,close"]).ok();
    let line = format!("read(3<{open}>, \"text\", ");
    assert!(lines.contains(&line), "{lines}");
    let unknown = replay_with("trace", &into, &["-y", "-e", "read"]).ok();
    assert!(unknown.contains("read(3<not in the trace>, "), "{unknown}");
    let script =
        "BEGIN { printf(\"%s|%s|%s\", username, cgroup_path(1), ksym(0xffffffff81000000)); }";
    let run = replay(&into, &["-q", "-e", script]);
    assert!(
        !run.stdout.contains("root") && !run.stdout.contains("nobody"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('/'), "{}", run.stdout);
    replay(
        &into,
        &["-e", "BEGIN { print(cgroupid(\"/sys/fs/cgroup\")); }"],
    )
    .refused(&["cgroupid"]);
    let environment = ["-q", "-e", "BEGIN { printf(\"%s %d\", comm, pid); }"];
    let recorder = replay(&into, &environment).ok();
    assert!(
        recorder.trim().starts_with("trapline ") && recorder == replay(&into, &environment).ok()
    );
    for options in [["--cgroup", "/"], ["--attach", "raw"]] {
        replay(&into, &[&options[..], &["-e", "syscall:read { }"]].concat()).refused(&[options[0]]);
    }
}

#[test]
fn ready_made_commands_tell_of_a_trace_what_they_told_live() {
    let command = workload("children");
    for engine in ENGINES {
        let into = |name: &str| file(&format!("{name}-{engine}"));
        let words = ["-c", &command, "--engine", engine, "--record"];
        let traced = into("traced");
        let live = run(&[
            &["trace", "-F", "-e", "getppid,access"],
            &words[..],
            &[&traced],
        ]
        .concat())
        .ok();
        let later = replay_with("trace", &traced, &["-F", "-e", "getppid,access"]).ok();
        assert_eq!(later, live, "{engine}");
        let own = replay_with("trace", &traced, &["-e", "access", "-t"]).ok();
        assert_eq!(own.lines().count(), 1, "{own}");
        let counted = into("counted");
        let by = ["-f", "json", "--by", "comm,syscall,errno"];
        let live = run(&[&["stat"], &by[..], &words[..], &[&counted]].concat()).ok();
        let later = replay_with("stat", &counted, &by).ok();
        let rows = |text: &str| -> Vec<[Json; 5]> {
            let rows = text.lines().map(|line| {
                let row: Json = serde_json::from_str(line).expect("an object");
                ["comm", "syscall", "errno", "calls", "errors"].map(|name| row[name].clone())
            });
            let mut rows: Vec<_> = rows.collect();
            rows.sort_by_key(|row| format!("{row:?}"));
            rows
        };
        assert_eq!(rows(&later), rows(&live), "{engine}");
        let learned = into("learned");
        let live = run(&[&["seccomp"], &words[..], &[&learned]].concat()).ok();
        assert_eq!(replay_with("seccomp", &learned, &[]).ok(), live, "{engine}");
        let profile = into("profile.json");
        fs::write(&profile, live.replace("\"getppid\",", "")).expect("written");
        let checked = replay_with("seccomp", &learned, &["--check", &profile]);
        assert_eq!(checked.status, 3, "{}", checked.stderr);
        assert_eq!(
            checked.stdout.matches("] getppid()").count(),
            5,
            "{}",
            checked.stdout
        );
    }
    let traced = file("traced-ptrace");
    replay_with("stat", &traced, &["--by", "cgroup"])
        .refused(&["--by cgroup", "paths of control groups"]);
    replay_with("stat", &traced, &["-c", "true"]).refused(&["cannot be used with"]);
    replay_with("trace", &traced, &["--engine", "ptrace"]).refused(&["cannot be used with"]);
    replay_with("seccomp", "/nonexistent/trace", &[]).refused(&["/nonexistent/trace"]);
}

#[test]
fn what_a_trace_offers_is_listed() {
    let trace = recorded("ptrace", "listed", "true");
    let listed = replay(&trace, &["-l", "tracepoint:sched:*"]).ok();
    assert_eq!(listed.lines().count(), 3, "{listed}");
    replay(&trace, &["-l", "kprobe:*"]).refused(&["the replay engine has no kprobe probes"]);
    let clif = replay(
        &trace,
        &["--emit", "clif", "-e", "syscall:read { @ = count(); }"],
    )
    .ok();
    assert!(clif.contains("function"), "{clif}");
    replay(
        &trace,
        &["--emit", "elf", "-o", "/dev/null", "-e", "BEGIN { }"],
    )
    .refused(&["the replay engine has no BPF"]);
}

/// A file system of 64 kB; `None`, with a word about it, if this user may mount none.
struct Small(std::path::PathBuf);

impl Small {
    fn mount(name: &str) -> Option<Self> {
        let place = temporary(name);
        fs::create_dir_all(&place).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "none"])
            .arg(&place)
            .status();
        match mounted.is_ok_and(|status| status.success()) {
            true => Some(Self(place)),
            false => {
                println!("not run: only root mounts a small file system");
                None
            }
        }
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a UTF-8 path").to_owned()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_costs_no_counts() {
    let Some(small) = Small::mount("small") else {
        return;
    };
    let script = "tracepoint:syscalls:sys_enter_read { @ = count(); }";
    let command = "dd if=/dev/zero of=/dev/null bs=1 count=100000 status=none";
    for engine in ENGINES {
        let into = small.file(engine);
        let words = [
            "--engine", engine, "--record", &into, "-F", "-e", script, "-c", command,
        ];
        let run = run(&words);
        assert_eq!(run.status, 1, "{engine}: {}", run.stderr);
        let said = "ERROR: cannot write the recording: No space left on device";
        assert_eq!(
            run.stderr.matches(said).count(),
            1,
            "{engine}: {}",
            run.stderr
        );
        let count: u32 = run
            .stdout
            .trim()
            .strip_prefix("@: ")
            .and_then(|count| count.parse().ok())
            .expect("a count");
        assert!((100_000..100_100).contains(&count), "{engine}: {count}");
        let part = replay(&into, &["-F", "-e", script]);
        assert_eq!(part.status, 0, "{engine}: {}", part.stderr);
        assert!(
            part.stderr.contains("cut off") && part.stdout.contains("@: "),
            "{engine}: {}",
            part.stderr
        );
        fs::remove_file(into).expect("it is there");
    }
    run(&["--engine", "ptrace", "--record", "/dev/full", "-c", "true"])
        .refused(&["/dev/full", "No space left"]);
    run(&[
        "--engine",
        "ptrace",
        "--record",
        "/nonexistent/file",
        "-c",
        "true",
    ])
    .refused(&["/nonexistent/file"]);
    run(&["--engine", "ptrace", "--record", "/usr", "-c", "true"])
        .refused(&["/usr", "Is a directory"]);
}

#[test]
fn a_flight_recorder_that_cannot_be_written_goes_on() {
    let Some(small) = Small::mount("small-ring") else {
        return;
    };
    let (into, full) = (small.file("ring"), small.file("full"));
    let mut filler = File::create(&full).expect("a file");
    while filler.write_all(&[0; 4096]).is_ok() {}
    let script = "END { printf(\"end\\n\"); }";
    let command = "sh -c 'echo ready; read line; exit 0'";
    let mut child = trapline()
        .args([
            "--engine", "ptrace", "--record", &into, "--ring", "1M", "-e", script, "-c", command,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    wait_for(&mut child, "ready");
    signal("-USR1", &child);
    std::thread::sleep(Duration::from_millis(300));
    drop(filler);
    fs::remove_file(full).expect("it is there");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"go\n").expect("it reads");
    let run = Run::from(child.wait_with_output().expect("it ends"));
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stdout.contains("end\n"), "{}", run.stdout);
    assert!(
        run.stderr
            .contains("WARNING: the recording cannot be written: No space left"),
        "{}",
        run.stderr
    );
    let last = replay(
        &format!("{into}.2"),
        &["-q", "-F", "-e", "syscall:read { @ = count(); }"],
    )
    .ok();
    assert!(last.contains("@: "), "{last}");
}

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
