//! Whatever a command does, it ends as it does untraced.

use super::{hostile, script, signal, start, tracee};
use crate::support::{Run, nobody};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

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
        eprintln!("not run: only root makes such programs");
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
