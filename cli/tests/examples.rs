//! Every script of `examples/` runs and answers its question.

mod support;

use std::path::Path;
use support::run;

/// An example: its arguments, a command that gives it something to see, and what must be in its output.
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

const EXAMPLES: &[Example] = &[
    example(
        "bad-closes",
        &[],
        "sh -c 'exec 9<&-; python3 -c \"import os; os.closerange(77, 78)\" || true'",
        "",
    ),
    example("busy-cgroups", &[], "sleep 1.2", "@calls["),
    example("count-by-call", &[OWN_PID], "sleep 0.1", "@calls["),
    example(
        "errors",
        &[],
        "cat /nonexistent/file",
        "@errors[cat, openat, No such file or directory]: 1",
    ),
    example("mapping-sharing", &[], CAT, "private"),
    example("mapping-sizes", &[], CAT, "@bytes_by_program[cat]:"),
    example("most-mapping", &[], CAT, ", cat]: "),
    example("new-processes", &[], "sh -c 'true; sleep 1.2'", "@started["),
    example("opens", &[], CAT, "/etc/hostname"),
    example("stream", &[], CAT, "openat"),
    example("stream-json", &[], CAT, "\"syscall_name\":\"openat\""),
    example("temporary-files", &[], "mktemp -u -p /dev/shm", ""),
    example("time-by-call", &[], CAT, "@average[openat]: "),
    example(
        "unusual-calls",
        &[OWN_PID, "1"],
        "true",
        "learning from process",
    ),
];

#[test]
fn examples_answer_their_questions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let own_pid = std::process::id().to_string();
    for example in EXAMPLES {
        let script = folder.join(format!("{}.bt", example.name));
        let mut args = vec![script.to_str().expect("a UTF-8 path")];
        args.extend(example.args.iter().map(|arg| {
            if *arg == OWN_PID {
                own_pid.as_str()
            } else {
                arg
            }
        }));
        args.extend(["-c", example.command]);
        let ran = run(&args);
        let name = example.name;
        assert_eq!(ran.status, 0, "{name}: {}", ran.stderr);
        assert!(
            !ran.stderr.contains("ERROR") && !ran.stderr.contains("WARNING"),
            "{name}: {}",
            ran.stderr
        );
        assert!(
            ran.stdout.contains(example.answer),
            "{name}: {}",
            ran.stdout
        );
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
