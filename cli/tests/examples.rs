//! Every script of `examples/` runs and answers its question.

mod support;

use std::path::Path;
use support::{run, workload};

/// An example: its arguments, a command that gives it something to see, and lines that must be in its output, each
/// alone.
struct Example {
    name: &'static str,
    args: &'static [&'static str],
    command: &'static str,
    answer: &'static str,
}

const fn example(
    name: &'static str,
    args: &'static [&'static str],
    command: &'static str,
    answer: &'static str,
) -> Example {
    Example {
        name,
        args,
        command,
        answer,
    }
}

/// Stands for the process id of the test, which reads and waits for the tracer.
const OWN_PID: &str = "OWN_PID";
const CAT: &str = "cat /etc/hostname";
const DIRECT_WRITE: &str = "dd if=/dev/zero of=TEMPORARY bs=4k count=4 oflag=direct status=none";
const SYNCED_WRITE: &str = "dd if=/dev/zero of=TEMPORARY bs=4k count=4 conv=fsync status=none";
/// As a user who may not: one file to open, two signals to send.
const REFUSED_WRITE: &str = "python3 -c 'import os\nos.setresuid(65534, 65534, 65534)\nfor call in [lambda: os.open(\"/etc/shadow\", 0), lambda: os.kill(1, 0), lambda: os.kill(1, 0)]:\n try: call()\n except PermissionError: pass'";
/// Nobody listens on the port.
const REFUSED: &str = "python3 -c 'import socket; socket.socket().connect_ex((\"127.0.0.1\", 9))'";
/// Stands for `tests/workloads/lab.c`, whose calls are known.
const LAB: &str = "LAB";
/// Only the command's own calls.
const FOLLOW: &str = "-F";
/// The compiler says that old 32-bit calls have other arguments.
const NO_WARNINGS: &str = "--no-warnings";
/// Stands for a file of the test.
const TEMPORARY: &str = "TEMPORARY";

/// Stands for a program that starts two threads.
const THREADS: &str = "THREADS";

const EXAMPLES: &[Example] = &[
    example("bad-closes", &[], LAB, ", lab, 99]: 5\n"),
    example(
        "bashreadline",
        &[],
        "sh -c 'echo \"echo hello world\" | bash --norc -i'",
        "  echo hello world\n",
    ),
    example("biolatency", &[], DIRECT_WRITE, "@microseconds:"),
    example("biosnoop", &[], DIRECT_WRITE, "dd  "),
    example("bitesize", &[], DIRECT_WRITE, "@bytes[dd]:"),
    example("busy-cgroups", &[], "sleep 1.2", "@calls["),
    example("busy-containers", &[], "sleep 1.2", "@calls["),
    example("count-by-call", &[OWN_PID], "sleep 0.1", "@calls["),
    example("compat-calls", &[], LAB, ", lab, i386, i386:getuid]: 7\n"),
    example(
        "errors",
        &[],
        LAB,
        "@errors[lab, write, EBADF]: 6\n@errors[lab, close, EBADF]: 5\n@errors[lab, setns, EINVAL]: 3\n@errors[lab, ptrace, ESRCH]: 1\n",
    ),
    example("execsnoop", &[], "env true one two", " true one two\n"),
    example(
        "gethostlatency",
        &[],
        "python3 -c 'import socket; socket.getaddrinfo(\"localhost\", 80)'",
        "  localhost\n",
    ),
    example(
        "killsnoop",
        &[],
        "sh -c 'kill -s USR1 4194999 || true'",
        "User defined signal 1    4194999  No such process\n",
    ),
    example(
        "mapping-sharing",
        &[NO_WARNINGS, FOLLOW],
        LAB,
        "shared         1 ",
    ),
    example(
        "mapping-sizes",
        &[NO_WARNINGS],
        LAB,
        "@bytes_by_program[lab]:\n[64M, 128M)            4 |",
    ),
    example("most-mapping", &[NO_WARNINGS], LAB, ", lab]: "),
    example("naptime", &[], "sleep 0.25", " sleep            250\n"),
    example("new-processes", &[], "sh -c 'true; sleep 1.2'", "@started["),
    example(
        "opens",
        &[],
        CAT,
        "cat              0        /etc/hostname\n",
    ),
    example(
        "opensnoop",
        &["--", "--failed"],
        "sh -c 'cat /nonexistent/file || true'",
        " - No such file or directory    /nonexistent/file\n",
    ),
    example("pidpersec", &[], "sh -c 'true; sleep 1.2'", ":"),
    example(
        "runqlat",
        &["--", "--by-program"],
        "sleep 0.2",
        "@microseconds_by_program[sleep]:",
    ),
    example(
        "setuids",
        &[],
        "python3 -c 'import os; os.setresuid(-1, 1, -1)'",
        " setresuid  0      1      done\n",
    ),
    example(
        "statsnoop",
        &["--", "--missing"],
        "sh -c 'stat /nonexistent/file || true'",
        "  2 /nonexistent/file\n",
    ),
    example("stream", &[], CAT, "openat"),
    example("stream-json", &[], CAT, "\"syscall_name\":\"openat\""),
    example("syncsnoop", &[], SYNCED_WRITE, "@microseconds[dd]: "),
    example("syscount", &["--", "--top=1000"], CAT, "@by_program[cat]: "),
    example("tcpconnect", &[], REFUSED, " 127.0.0.1 port 9\n"),
    example("tcpdrop", &[], REFUSED, "  IPv4\n"),
    example(
        "refused-access",
        &[],
        REFUSED_WRITE,
        "@refused[python3, openat, EACCES]: 1\n@refused[python3, kill, EPERM]: 2\n",
    ),
    example("reverse-shells", &[], LAB, " lab              /bin/true\n"),
    example(
        "sensitive-calls",
        &[],
        LAB,
        " lab              ptrace               ESRCH\n lab              chroot               ENOENT\n",
    ),
    example(
        "temporary-files",
        &[],
        LAB,
        "@temporary[lab, new]: 2\n@temporary[lab, unnamed]: 2\n",
    ),
    example("threadsnoop", &[], THREADS, " threads          work\n"),
    example("time-by-call", &[], CAT, "@average[openat]: "),
    example(
        "unusual-calls",
        &[OWN_PID, "1"],
        "true",
        "learning from process",
    ),
    example("writeback", &[], "sync", "MICROSECONDS\n"),
];

#[test]
fn examples_answer_their_questions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let own_pid = std::process::id().to_string();
    for example in EXAMPLES {
        let script = folder.join(format!("{}.bt", example.name));
        // On a disk: what is written to memory alone makes no requests.
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(example.name);
        let mut command = example
            .command
            .replace(TEMPORARY, file.to_str().expect("a UTF-8 path"));
        if command == THREADS {
            command = workload("threads");
        } else if command == LAB {
            command = workload("lab");
        }
        let script = script.to_str().expect("a UTF-8 path");
        // Options first: what stands behind `--` is the script's.
        let mut args = vec!["-c", command.as_str(), script];
        args.extend(example.args.iter().map(|arg| {
            if *arg == OWN_PID {
                own_pid.as_str()
            } else {
                arg
            }
        }));
        let ran = run(&args);
        let name = example.name;
        assert_eq!(ran.status, 0, "{name}: {}", ran.stderr);
        assert!(
            !ran.stderr.contains("ERROR") && !ran.stderr.contains("WARNING"),
            "{name}: {}",
            ran.stderr
        );
        for answer in example.answer.lines() {
            assert!(
                ran.stdout.contains(answer),
                "{name}: no `{answer}` in {}",
                ran.stdout
            );
        }
    }
}

#[test]
fn every_example_is_tested_and_says_its_question() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    for entry in std::fs::read_dir(folder).expect("examples") {
        let path = entry.expect("examples").path();
        if path.extension().is_none_or(|extension| extension != "bt") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(
            EXAMPLES.iter().any(|example| example.name == name),
            "{name} is not tested"
        );
        let text = std::fs::read_to_string(&path).expect("an example");
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("// ") && first.contains('?'),
            "{name}: {first}"
        );
    }
}
