//! Disks that are full, and places where nothing can be written.

use super::{ENGINES, replay, signal, wait_for};
use crate::support::{Run, run, temporary, trapline};
use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A file system of 64 kB; `None`, with a word about it, if this user may mount none.
pub(crate) struct Small(std::path::PathBuf);

impl Small {
    pub(crate) fn mount(name: &str) -> Option<Self> {
        let place = temporary(name);
        fs::create_dir_all(&place).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "none"])
            .arg(&place)
            .status();
        match mounted.is_ok_and(|status| status.success()) {
            true => Some(Self(place)),
            false => {
                eprintln!("not run: only root mounts a small file system");
                None
            }
        }
    }

    pub(crate) fn file(&self, name: &str) -> String {
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
