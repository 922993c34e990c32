//! The ptrace engine as an ordinary user has it: commands without any privilege, and everything that they may do.

mod support;

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Run, built, nobody, strace_counts, temporary};
use trapline_lang::syscall::{self, Abi};

/// What is said when the kernel refuses BPF.
const INSTEAD: &str = "; tracing the command and its children with ptrace instead\n";

/// The program with everything in it that is hard to trace, in a mode.
fn tracee(mode: &str) -> String {
    format!(
        "{} {mode}",
        hostile("tracee", "tracee.c", &["-O1", "-pthread"])
    )
}

/// A program of the tests of the tracer itself.
fn hostile(name: &str, source: &str, options: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/tests/ptrace/workloads");
    built(name, options, &folder.join(source))
}

/// Runs a script on a command, and says nothing but what the script does.
fn script(script: &str, command: &str) -> Run {
    nobody::run(&["-q", "-e", script, "-c", command])
}

fn start(args: &[&str]) -> std::process::Child {
    nobody::trapline()
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

fn signal(name: &str, target: &str) {
    let sent = Command::new("kill").args([name, "--", target]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn counts_are_those_of_strace() {
    let (count, command) = (
        "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }",
        "ls /usr",
    );
    let expected = strace_counts(nobody::command("strace"), command);
    let run = nobody::run(&["-f", "json", "-e", count, "-c", command]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let (said, rest) = run.stderr.split_once(INSTEAD).expect("it is said");
    assert!(
        said.starts_with("BPF needs CAP_") && !said.contains('\n'),
        "{said}"
    );
    assert_eq!(rest, "");
    let line = run.stdout.lines().find(|line| line.contains("\"map\""));
    let line: Json = serde_json::from_str(line.expect("a map")).expect("JSON");
    let counts = line["data"]["@"].as_object().expect("a map").iter();
    let abi = Abi::by_name(std::env::consts::ARCH).expect("an ABI of ours");
    let mut counts: Vec<_> = counts
        .map(|(id, count)| {
            let id = id.parse().expect("a number");
            let call = syscall::by_number(abi, id).expect("a call");
            (call.name.to_owned(), count.as_u64().expect("a count"))
        })
        // strace counts calls when they return.
        .filter(|(name, _)| name != "exit_group")
        .collect();
    counts.sort();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, count, _)| (name, count))
        .collect();
    assert_eq!(counts, expected);
}

#[test]
fn it_is_said_once_and_not_if_it_was_asked_for() {
    let words = ["-e", "BEGIN { }", "-c", "true"];
    let found = nobody::run(&words);
    assert_eq!(
        found.stderr.matches("ptrace").count(),
        1,
        "{}",
        found.stderr
    );
    assert!(
        found.stderr.ends_with("Attached 1 probe\n"),
        "{}",
        found.stderr
    );
    let asked = nobody::run(&[&["--engine", "ptrace"], &words[..]].concat());
    assert_eq!(asked.stderr, "Attached 1 probe\n");
    nobody::run(&[&["-q"], &words[..]].concat()).ok();
    nobody::run(&[&["--engine", "bpf"], &words[..]].concat()).refused(&["CAP_BPF"]);
    nobody::run(&["-e", "BEGIN { }"]).refused(&["-c COMMAND", "CAP_BPF"]);
}

/// The command ends as it does untraced, and so many calls of getppid are counted.
#[track_caller]
fn ends_as_untraced(command: &str, calls: Option<u64>) {
    let mut words = command.split(' ');
    let untraced = nobody::command(words.next().expect("a program"))
        .args(words)
        .status()
        .expect("it runs");
    let script = "syscall:getppid { @ = count(); }";
    let run = nobody::run(&[
        "--engine", "ptrace", "-f", "json", "-e", script, "-c", command,
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let said = match untraced.success() {
        true => String::new(),
        false => format!("The command ended with {untraced}.\n"),
    };
    assert_eq!(run.stderr, said, "{command}");
    if let Some(calls) = calls {
        let counted = format!("\"@\": {calls}}}");
        assert!(run.stdout.contains(&counted), "{command}: {}", run.stdout);
    }
}

#[test]
fn whatever_a_command_does_it_ends_as_untraced() {
    for (mode, calls) in [
        ("forks 1000", Some(1000)),
        ("signals", None),
        ("stops", None),
        ("threads", Some(6400)),
        ("vfork", None),
        ("die 9", None),
        ("die 15", None),
    ] {
        ends_as_untraced(&tracee(mode), calls);
    }
    let still = hostile("tracee-static", "tracee.c", &["-O1", "-pthread", "-static"]);
    ends_as_untraced(&format!("{still} threads"), Some(6400));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn programs_of_32_bits_are_traced_too() {
    let options = ["-m32", "-nostdlib", "-static"];
    let narrow = hostile("narrow", "narrow.S", &options);
    ends_as_untraced(&tracee(&format!("exec {narrow}")), Some(3));
}

#[test]
fn a_stopped_command_goes_on_when_it_is_continued() {
    let ready = nobody::file("ready");
    let command =
        format!("sh -c 'echo $$ > {ready}.new; mv {ready}.new {ready}; kill -STOP $$; exit 6'");
    let traced = start(&[
        "-q",
        "-e",
        "syscall:kill { @[retval] = count(); }",
        "-c",
        &command,
    ]);
    let stopped = || {
        let pid = fs::read_to_string(&ready).ok()?.trim().to_owned();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // `t` while its tracer looks at it, `T` once it is stopped for everybody.
        let state = stat.rsplit(") ").next()?.chars().next()?;
        "tT".contains(state).then_some(pid)
    };
    let pid = loop {
        match stopped() {
            Some(pid) => break pid,
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    std::thread::sleep(Duration::from_millis(100));
    signal("-CONT", &pid);
    let run = Run::from(traced.wait_with_output().expect("it ends"));
    assert_eq!(run.printed(), "\n\n@[0]: 1\n");
}

#[test]
fn set_user_id_programs_run_without_their_privileges() {
    if !nobody::are_root() {
        println!("not run: only root makes such programs");
        return;
    }
    let program = nobody::file("set-user-id");
    fs::copy(tracee("").trim(), &program).expect("copied");
    fs::set_permissions(&program, Permissions::from_mode(0o4755)).expect("it is ours");
    let run = nobody::run(&[
        "--engine",
        "ptrace",
        "-e",
        "BEGIN { }",
        "-c",
        &format!("{program} euid"),
    ]);
    assert_eq!(run.status, 0);
    assert!(
        run.stderr.contains("ended with exit status: 51"),
        "{}",
        run.stderr
    );
    let warning = format!("WARNING: {program} has privileges by its file");
    assert_eq!(run.stderr.matches(&warning).count(), 1, "{}", run.stderr);
    // Who asks for nothing but the output has it so.
    script("BEGIN { }", &format!("{program} euid")).ok();
    // Ready-made commands say it, too.
    let run = nobody::run(&["stat", "-c", &format!("{program} euid")]);
    assert!(run.stderr.contains(&warning), "{}", run.stderr);
}

#[test]
fn exit_ends_the_command() {
    let since = Instant::now();
    let run = script("interval:ms:100 { exit(5); }", "sleep 60");
    assert_eq!((run.status, run.stderr.as_str()), (5, ""));
    let run = script(
        "syscall:openat { printf(\"one\\n\"); exit(); }",
        "sh -c 'cat /dev/null; sleep 60'",
    );
    assert_eq!(run.printed().trim(), "one");
    assert!(since.elapsed() < Duration::from_secs(30));
}

/// Starts a script on `sleep 60` and waits until that sleeps.
fn sleeper(group: Option<i32>) -> std::process::Child {
    let mut command = nobody::trapline();
    if let Some(group) = group {
        std::os::unix::process::CommandExt::process_group(&mut command, group);
    }
    command
        .args([
            "-e",
            "syscall:clock_nanosleep:enter { printf(\"sleeps\\n\"); } END { printf(\"end\\n\"); }",
        ])
        .args(["-c", "sleep 60"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut byte = [0; 1];
    let stdout = child.stdout.as_mut().expect("a pipe");
    while byte != *b"p" {
        std::io::Read::read_exact(stdout, &mut byte).expect("it sleeps");
    }
    child
}

#[test]
fn an_interrupt_ends_the_session_and_prints_what_there_is() {
    for (group, how) in [(None, ""), (Some(0), "-")] {
        let child = sleeper(group);
        signal("-INT", &format!("{how}{}", child.id()));
        let run = Run::from(child.wait_with_output().expect("it ends"));
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.trim_end().ends_with("\nend"), "{}", run.stdout);
        // It is gone by the interrupt itself or by us, or goes now.
        let ended = run.stderr.lines().last().expect("an end");
        let ends = ["The command ended with signal: ", "Waiting for the command"];
        assert!(
            ends.iter().any(|end| ended.starts_with(end)),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_reader_that_has_had_enough_is_an_end() {
    let trapline = nobody::trapline();
    let words = trapline.get_args().map(|word| word.to_string_lossy());
    let program = trapline.get_program().to_string_lossy();
    let words: Vec<_> = std::iter::once(program).chain(words).collect();
    let line = format!(
        "{} -q -e 'syscall:* {{ print(args); }}' -c 'find /usr/bin /etc' | head -n 1; exit ${{PIPESTATUS[0]}}",
        words.join(" ")
    );
    let output = Command::new("bash")
        .args(["-c", &line])
        .output()
        .expect("bash");
    let run = Run::from(output);
    assert!(run.stdout.starts_with("execve("), "{}", run.stdout);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

#[test]
fn commands_that_cannot_be_run_say_why_once() {
    for (command, why) in [
        ("/nonexistent/command", "No such file or directory"),
        ("/dev/null", "Permission denied"),
        ("", "it is empty"),
        ("sh -c 'x", "a single quote is not closed"),
    ] {
        let said = nobody::run(&[
            "--engine",
            "ptrace",
            "-e",
            "syscall:read { @ = count(); }",
            "-c",
            command,
        ])
        .refused(&[&format!("`{command}`"), why]);
        assert_eq!(said.matches(why).count(), 1, "{said}");
    }
}

#[test]
fn commands_are_quoted_as_in_a_shell() {
    let run = script(
        "syscall:execve /errno == 0/ { printf(\"%s\\n\", str(args.filename)); join(args.argv, \"|\"); }",
        r#"sh -c 'echo "a  b" > /dev/null' 'c d' "e f""#,
    );
    let printed = run.ok();
    assert!(
        printed.contains("sh|-c|echo \"a  b\" > /dev/null|c d|e f\n"),
        "{printed}"
    );
}

#[test]
fn timers_fire_while_the_command_runs() {
    let printed = script(
        "interval:ms:100 { @ = count(); } interval:s:30 { exit(); }",
        "sleep 1.05",
    )
    .printed();
    let count: u32 = printed
        .trim()
        .strip_prefix("@: ")
        .and_then(|count| count.parse().ok())
        .expect("a count");
    assert!((5..=10).contains(&count), "{printed}");
}

#[test]
fn what_the_command_leaves_behind_is_waited_for() {
    let command = "sh -c 'sleep 1 & exit 0'";
    let words = [
        "--engine",
        "ptrace",
        "-e",
        "syscall:getppid { @ = count(); }",
        "-c",
        command,
    ];
    let since = Instant::now();
    let run = nobody::run(&words);
    assert_eq!(run.status, 0);
    assert!(since.elapsed() >= Duration::from_millis(900));
    assert!(
        run.stderr
            .contains("Waiting for what the command has left behind"),
        "{}",
        run.stderr
    );
    nobody::run(&[&["-q"], &words[..]].concat()).ok();
    // Without a filter, they do as well without us.
    let words = [
        "-q",
        "-e",
        "tracepoint:raw_syscalls:sys_enter { @ = count(); }",
        "-c",
        "sh -c 'sleep 20 & exit 0'",
    ];
    let since = Instant::now();
    let child = start(&words);
    let status = { child }.wait().expect("it ends");
    assert!(status.success() && since.elapsed() < Duration::from_secs(10));
}

#[test]
fn what_ptrace_lacks_is_named_with_the_engine_that_has_it() {
    nobody::run(&["--engine", "ptrace", "-e", "syscall:read { @ = count(); }"]).refused(&["-c"]);
    let said = nobody::run(&[
        "--engine",
        "ptrace",
        "-e",
        "kprobe:vfs_read { @a = count(); } software:cpu:1 { @b = kstack; } syscall:read { @c = count(); }",
        "-c",
        "true",
    ])
    .refused(&["no kprobe probes", "no software probes", "no kstack", "as root with --engine bpf"]);
    assert_eq!(said.matches("ERROR").count(), 3, "{said}");
    nobody::run(&[
        "--engine",
        "ptrace",
        "--attach",
        "raw",
        "-e",
        "BEGIN { }",
        "-c",
        "true",
    ])
    .refused(&["--attach"]);
    nobody::run(&[
        "--engine",
        "ptrace",
        "--cgroup",
        "/",
        "-e",
        "syscall:read { }",
        "-c",
        "true",
    ])
    .refused(&["--cgroup"]);
    nobody::run(&["--engine", "nonsense", "-e", "BEGIN { }"])
        .refused(&["nonsense", "auto, bpf, ptrace"]);
}

#[test]
fn ready_made_commands_need_no_privileges() {
    let command = support::workload("children");
    let run = nobody::run(&["trace", "-e", "getppid,close", "-c", &command]);
    assert!(
        run.stderr.ends_with(INSTEAD) && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout.matches("getppid()").count(), 5, "{}", run.stdout);
    assert_eq!(run.stdout.matches("close(-1) ").count(), 100);
    let words = ["stat", "--engine", "ptrace", "-f", "json", "-c", &command];
    let counts: BTreeMap<_, _> = nobody::run(&words)
        .ok()
        .lines()
        .map(calls_and_errors)
        .collect();
    let expected = strace_counts(nobody::command("strace"), &command);
    for (name, calls, errors) in expected {
        assert_eq!(counts.get(&name), Some(&(calls, errors)), "{name}");
    }
    let learned = nobody::file("profile.json");
    nobody::run(&[
        "seccomp", "--engine", "ptrace", "-o", &learned, "-c", &command,
    ])
    .ok();
    let checked = nobody::run(&[
        "seccomp", "--engine", "ptrace", "--check", &learned, "-c", &command,
    ]);
    assert_eq!(checked.ok(), "");
    nobody::run(&["stat", "--engine", "ptrace"]).refused(&["-c"]);
    nobody::run(&["stat"]).refused(&["-c COMMAND"]);
}

fn calls_and_errors(line: &str) -> (String, (u64, u64)) {
    let row: Json = serde_json::from_str(line).expect("an object");
    let number = |name: &str| row[name].as_u64().expect("a number");
    let name = row["syscall"].as_str().expect("a name").to_owned();
    (name, (number("calls"), number("errors")))
}

#[test]
fn what_ptrace_offers_is_listed() {
    let listed = |words: &[&str]| nobody::run(&[&["--engine", "ptrace", "-l"], words].concat());
    assert_eq!(
        listed(&["tracepoint:sched:*"]).ok(),
        "tracepoint:sched:sched_process_exec\ntracepoint:sched:sched_process_exit\ntracepoint:sched:sched_process_fork\n"
    );
    let all = listed(&[]).ok();
    let providers: std::collections::BTreeSet<_> = all
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        Vec::from_iter(providers),
        ["interval", "syscall", "tracepoint"]
    );
    let detailed = listed(&["-v", "tracepoint:syscalls:sys_enter_openat"]).ok();
    assert!(
        detailed.contains("    const char * filename\n"),
        "{detailed}"
    );
    listed(&["kprobe:*"]).refused(&["no kprobe probes", "--engine bpf"]);
    listed(&["tracepoint:net:*"]).refused(&["no probe matches"]);
    let of_script = listed(&["-e", "kprobe:vfs_read { } syscall:read,write { }"]);
    assert_eq!(of_script.stdout, "syscall:read\nsyscall:write\n");
    assert!(
        of_script.stderr.contains("kprobe:vfs_read is left out"),
        "{}",
        of_script.stderr
    );
}

#[test]
fn stages_are_those_of_the_engine() {
    let emitted = |stage: &str| {
        let script = "syscall:openat { @[comm] = count(); }";
        nobody::run(&["--engine", "ptrace", "--emit", stage, "-e", script])
    };
    assert!(emitted("hir").ok().contains("syscall:openat"));
    let clif = emitted("clif").ok();
    assert!(clif.contains("function u0:0(i64) -> i64"), "{clif}");
    for stage in ["bpf", "elf"] {
        emitted(stage).refused(&["the ptrace engine has no BPF", "--emit clif"]);
    }
    let file = temporary("object");
    let elf = [
        "--emit-elf",
        file.to_str().expect("a UTF-8 path"),
        "--engine",
        "ptrace",
        "-e",
        "BEGIN { }",
    ];
    nobody::run(&elf).refused(&["no BPF"]);
}
