//! A replay tells what was told live, and nothing of this machine.

use super::{ENGINES, file, record, recorded, replay, replay_with};
use crate::support::{run, temporary, workload};
use serde_json::Value as Json;
use std::fs;

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
        let by = ["-f", "json", "--by", "cgroup"];
        let live = run(&[&["stat"], &by[..], &words[..], &[&counted]].concat()).ok();
        let later = replay_with("stat", &counted, &by).ok();
        let groups = |text: &str| -> Vec<Json> {
            let rows = text.lines();
            let rows = rows.map(|line| serde_json::from_str(line).expect("an object"));
            rows.map(|row: Json| row["cgroup"].clone()).collect()
        };
        assert!(!groups(&live).is_empty(), "{live}");
        assert_eq!(groups(&later), groups(&live), "{engine}");
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
    let log = file("log");
    let logged = "1 1700000000.000001 getppid() = 7 <0.000002>
";
    fs::write(&log, logged).expect("written");
    assert!(
        replay_with("trace", &log, &[])
            .stdout
            .starts_with("getppid() ")
    );
    replay_with("stat", &log, &["--by", "cgroup"]).refused(&["--by cgroup", "a log of strace"]);
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
