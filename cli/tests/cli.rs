//! The command line: options, exit status, and what is said about bad input.

mod support;

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use support::{Run, binary, run, run_script, temporary, trapline};

#[test]
fn help_shows_usage_and_examples() {
    let help = run(&["--help"]).ok();
    for word in [
        "USAGE:",
        "EXAMPLES:",
        "EXIT STATUS:",
        "--emit",
        "-c, --cmd <CMD>",
    ] {
        assert!(help.contains(word), "no `{word}` in: {help}");
    }
    assert_eq!(
        run(&["-V"]).ok(),
        concat!("trapline ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn wrong_words_show_usage() {
    run(&["--nonsense"]).refused(&["--nonsense", "USAGE:"]);
    run(&["-f", "xml", "-e", "BEGIN { }"]).refused(&["xml", "text, json"]);
    run(&["-p", "1", "-c", "true", "-e", "BEGIN { }"]).refused(&["cannot be used with"]);
    run(&["-p", "111a1", "-e", "BEGIN { }"])
        .refused(&["ERROR: Failed to parse pid: invalid trailing bytes: 111a1"]);
}

#[test]
fn without_a_terminal_there_is_no_prompt() {
    let output = trapline()
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    Run::from(output).refused(&["no script given", "--help"]);
}

#[test]
fn scripts_come_from_files_and_stdin() {
    let file = temporary("script.bt");
    std::fs::write(
        &file,
        "#!/usr/bin/env trapline\nBEGIN { printf(\"%s %d\\n\", str($1), $#); exit(); }",
    )
    .expect("written");
    let path = file.to_str().expect("a UTF-8 path");
    assert_eq!(run(&["-q", path, "one", "two"]).printed(), "one 2\n");
    let output = trapline()
        .args(["-q", "-", "word"])
        .stdin(std::fs::File::open(&file).expect("opened"))
        .output()
        .expect("the binary runs");
    assert_eq!(Run::from(output).printed(), "word 1\n");
    let words = [
        "-q",
        "-e",
        "BEGIN { print(1); }",
        "-e",
        "BEGIN { print(2); exit(); }",
    ];
    let last = run(&words);
    assert_eq!(last.stdout.trim_end(), "2");
    assert_eq!(
        last.stderr,
        "WARNING: of several -e, only the last is taken\n"
    );
    assert_eq!(
        run(&[&["--no-warnings"], &words[..]].concat()).printed(),
        "2\n"
    );
}

#[test]
fn the_script_s_exit_status_is_ours() {
    assert_eq!(run_script("BEGIN { exit(42); }").status, 42);
    assert_eq!(run_script("BEGIN { exit(); }").status, 0);
}

#[test]
fn the_command_s_status_is_reported() {
    let failed = run(&["-q", "-e", "BEGIN { }", "-c", "sh -c 'exit 3'"]);
    assert_eq!((failed.status, failed.stderr.as_str()), (0, ""));
    let failed = run(&["-e", "BEGIN { }", "-c", "sh -c 'exit 3'"]);
    assert_eq!(failed.status, 0, "{}", failed.stderr);
    assert!(failed.stderr.contains('3'), "{}", failed.stderr);
    run(&["-e", "BEGIN { }", "-c", "/nonexistent/command"])
        .refused(&["/nonexistent/command", "No such file"]);
}

#[test]
fn output_goes_to_a_file() {
    let file = temporary("output");
    let path = file.to_str().expect("a UTF-8 path");
    assert_eq!(
        run(&["-q", "-o", path, "-e", "BEGIN { print(1); exit(); }"]).ok(),
        ""
    );
    assert_eq!(std::fs::read_to_string(&file).expect("written").trim(), "1");
    run(&["-o", "/nonexistent/file", "-e", "BEGIN { exit(); }"]).refused(&["/nonexistent/file"]);
}

#[test]
fn json_lines_are_json() {
    let text = run(&[
        "-f",
        "json",
        "-e",
        "BEGIN { @[1, \"a\\\"b\"] = count(); printf(\"x\\n\"); exit(); }",
    ])
    .ok();
    let lines: Vec<Value> = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    assert_eq!(kinds, ["attached_probes", "printf", "map"]);
    assert_eq!(lines[0]["data"]["probes"], 1);
    assert_eq!(lines[2]["data"]["@"]["1,a\"b"], 1);
}

#[test]
fn a_dry_run_attaches_and_stops() {
    let dry = run(&[
        "--dry-run",
        "-e",
        "tracepoint:raw_syscalls:sys_enter { @ = count(); }",
    ]);
    assert_eq!(dry.status, 0, "{}", dry.stderr);
    assert!(!dry.stdout.contains("@:"), "{}", dry.stdout);
}

#[test]
fn each_stage_can_be_emitted() {
    let script = "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }";
    for (stage, word) in [
        ("ast", "sys_enter"),
        ("hir", "@[args.id"),
        ("clif", "function"),
        ("bpf", "exit"),
    ] {
        let text = run(&["--emit", stage, "-e", script]).ok();
        assert!(text.contains(word), "{stage}: {text}");
    }
    let file = temporary("object.o");
    let path = file.to_str().expect("a UTF-8 path");
    assert_eq!(run(&["--emit", "elf", "-o", path, "-e", script]).ok(), "");
    assert!(
        std::fs::read(&file)
            .expect("written")
            .starts_with(b"\x7fELF")
    );
}

#[test]
fn probes_are_listed() {
    let names = run(&["-l", "tracepoint:syscalls:sys_enter*"]).ok();
    let mut expected: Vec<String> = std::fs::read_dir("/sys/kernel/tracing/events/syscalls")
        .expect("tracefs")
        .filter_map(|entry| entry.expect("tracefs").file_name().into_string().ok())
        .filter(|name| name.starts_with("sys_enter"))
        .map(|name| format!("tracepoint:syscalls:{name}"))
        .collect();
    expected.sort();
    assert_eq!(names.lines().collect::<Vec<_>>(), expected);
    let arguments = run(&["-lv", "t:syscalls:sys_enter_openat"]).ok();
    assert_eq!(
        arguments,
        "tracepoint:syscalls:sys_enter_openat\n    int __syscall_nr\n    int dfd\n    \
         const char * filename\n    int flags\n    umode_t mode\n"
    );
    let all = run(&["-l"]).ok();
    for line in [
        "software:cpu:",
        "hardware:cpu-cycles:",
        "profile:hz:",
        "interval:s:",
    ] {
        assert!(all.lines().any(|found| found == line), "{line}");
    }
    let of_script = run(&["-l", "-e", "interval:s:1 { } t:sched:sched_w* { }"]).ok();
    assert!(
        of_script.starts_with("interval:s:\ntracepoint:sched:sched_wait_task\n"),
        "{of_script}"
    );
    run(&["-l", "tracepoint:no_such:*"]).refused(&["no probe matches"]);
}

#[test]
fn system_calls_are_listed() {
    let described = run(&["-lv", "syscall:openat"]).ok();
    assert_eq!(
        described,
        "syscall:openat\n    int dirfd (dfd): dirfd\n    \
         const char * pathname (filename): string, read when the call has finished\n    \
         int flags: open_flags\n    umode_t mode: mode\n    long retval: fd\n    in %file, %desc\n"
    );
    let of_class = run(&["-l", "sc:%file"]).ok();
    assert!(of_class.lines().any(|line| line == "syscall:openat"));
    assert!(!of_class.contains("getppid"), "{of_class}");
    let of_list = run(&["-l", "-e", "syscall:getpid,getpp*:enter { }"]).ok();
    assert_eq!(of_list, "syscall:getpid:enter\nsyscall:getppid:enter\n");
    run(&["-l", "syscall:no_such"]).refused(&["no probe matches"]);
}

#[test]
fn captured_buffers_have_a_length() {
    let script = "syscall:write { print(args.buf); }";
    let dump = |words: &[&str]| {
        let words = [words, &["--emit", "hir", "-e", script]].concat();
        run(&words).ok()
    };
    assert!(dump(&["--self"]).contains("print("), "--self");
    dump(&["-s", "8"]);
    run(&["-s", "5000", "-e", script]).refused(&["0..=1024"]);
}

#[test]
fn features_are_one_a_line() {
    let info = run(&["--info"]).ok();
    assert!(
        info.lines().any(|line| line.starts_with("btf: yes ")),
        "{info}"
    );
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let mut child = trapline()
        .args(["-q", "-e", "interval:ms:1 { printf(\"line\\n\"); }"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe"))
        .read_line(&mut line)
        .expect("a line");
    assert_eq!(line, "line\n");
    // The reader is gone with the pipe's end.
    let status = child.wait().expect("it ends");
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut stderr)
        .expect("text");
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn bad_scripts_are_explained() {
    for (script, words) in [
        ("tracepont:a:b { }", &["stdin:1:1", "tracepoint"] as &[&str]),
        (
            "tracepoint:syscalls:sys_enter_opnat { }",
            &["sys_enter_opnat", "sys_enter_openat"],
        ),
        (
            "tracepoint:syscalls:sys_enter_openat { print(args.filname); }",
            &["filname", "filename"],
        ),
        ("BEGIN { pritnf(\"\"); }", &["pritnf", "printf"]),
        ("BEGIN { print(pdi); }", &["pdi", "pid"]),
        ("BEGIN { @ = hist(); }", &["hist"]),
        ("BEGIN { @ = sum(\"a\"); }", &["sum", "string"]),
        ("BEGIN { @m[1] = 1; @m[\"a\"] = 1; }", &["@m"]),
        ("BEGIN { if (comm == 1) { } }", &["string"]),
        ("BEGIN { print(1);", &["`{` is never closed"]),
        ("", &["empty"]),
        ("BEGIN { print(1 / 0); }", &["zero"]),
        (
            "tracepoint:syscalls:sys_enter_* { print(args.filename); }",
            &["filename"],
        ),
    ] {
        run_script(script).refused(words);
    }
    let both = run_script("BEGIN { pritnf(1); }\nEND { print(pdi); }").refused(&["pritnf", "pdi"]);
    assert!(
        both.contains("stdin:1:") && both.contains("stdin:2:"),
        "{both}"
    );
}

#[test]
fn bad_files_are_explained() {
    run(&["/nonexistent/script.bt"]).refused(&["/nonexistent/script.bt", "No such file"]);
    run(&["/tmp"]).refused(&["/tmp is a directory"]);
    let program = temporary("program");
    std::fs::write(&program, b"\x7fELF\x02\x01\x01\0\xff").expect("written");
    run(&[program.to_str().expect("a UTF-8 path")]).refused(&["is not a script"]);
}

#[test]
fn a_large_script_and_deep_nesting_are_no_trouble() {
    let file = temporary("large.bt");
    let line = "// a comment that makes the script large, and says nothing at all about it\n";
    let text = format!(
        "{}BEGIN {{ print(1); exit(); }}\n",
        line.repeat((1 << 20) / line.len())
    );
    std::fs::write(&file, text).expect("written");
    assert_eq!(
        run(&["-q", file.to_str().expect("a UTF-8 path")]).printed(),
        "1\n"
    );
    let statements = format!("BEGIN {{ {} }}", "$x = 1 + 2;\n".repeat(90_000));
    std::fs::write(&file, statements).expect("written");
    let run_of_it = run(&["--emit", "hir", file.to_str().expect("a UTF-8 path")]);
    assert_eq!(run_of_it.status, 0, "{}", run_of_it.stderr);
    let nested = format!(
        "BEGIN {{ print({}1{}); }}",
        "(".repeat(20_000),
        ")".repeat(20_000)
    );
    std::fs::write(&file, nested).expect("written");
    run(&[file.to_str().expect("a UTF-8 path")]).refused(&["nest"]);
}

#[test]
fn messages_have_no_colours_when_nobody_looks() {
    assert!(!run_script("BEGIN { pdi }").stderr.contains('\x1b'));
}

#[test]
fn without_privileges_it_says_which_are_missing() {
    // Somewhere that everybody can reach.
    let program = temporary("unprivileged");
    std::fs::copy(binary(), &program).expect("copied");
    let output = Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=-all",
        ])
        .arg(&program)
        .args(["-e", "tracepoint:raw_syscalls:sys_enter { @ = count(); }"])
        .output()
        .expect("setpriv runs");
    Run::from(output).refused(&["CAP_BPF", "CAP_PERFMON", "root"]);
}

#[test]
fn tracefs_is_mounted_where_it_is_missing() {
    let script = format!(
        "umount -q -l /sys/kernel/tracing /sys/kernel/debug/tracing; \
         exec {} -q -e 'tracepoint:sched:sched_switch {{ @ = count(); }} interval:ms:100 {{ exit(); }}'",
        binary()
    );
    let output = Command::new("unshare")
        .args(["-m", "--propagation", "private", "sh", "-c", &script])
        .output()
        .expect("unshare runs");
    let output = Run::from(output);
    // Either it could be mounted, or it says how.
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    if output.status == 0 {
        assert!(
            output.stdout.contains("@: "),
            "{}{}",
            output.stdout,
            output.stderr
        );
    } else {
        output.refused(&["tracefs", "mount"]);
    }
}

#[test]
fn a_program_without_its_e_is_recognized() {
    run(&["BEGIN { exit(); }"]).refused(&["failed to open file", "behind -e"]);
    run(&["BEGIN", "{ exit(); }"]).refused(&["behind -e"]);
    let plain = run(&["missing.bt"]).refused(&["failed to open file 'missing.bt'"]);
    assert!(!plain.contains("-e"), "{plain}");
}

#[test]
fn a_full_disk_is_named_whatever_is_written() {
    for words in [
        &["-l"][..],
        &["--help"],
        &["--emit", "hir", "-e", "BEGIN { }"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("opened");
        let output = trapline()
            .args(words)
            .stdout(full)
            .output()
            .expect("the binary runs");
        Run::from(output).refused(&["cannot write the output: No space left"]);
    }
}

#[test]
fn options_have_bounds() {
    for (option, range) in [
        ("perf_rb_pages = 4294967295", "1 to 131072"),
        ("max_map_keys = 4294967295", "1 to 1073741823"),
        ("max_strlen = 0", "1 to 65536"),
        ("capture_bytes = 2000", "0 to 1024"),
        ("license = \"Proprietary\"", "GPL"),
    ] {
        let script = format!("config = {{ {option} }} BEGIN {{ exit(); }}");
        run_script(&script).refused(&["Invalid value", range]);
    }
}

#[test]
fn a_lack_of_descriptors_is_no_bug_of_ours() {
    let script = format!("ulimit -n 6; exec {} -q -e 'BEGIN {{ exit(); }}'", binary());
    let output = Command::new("sh")
        .args(["-c", &script])
        .output()
        .expect("sh runs");
    let text = Run::from(output).refused(&["Too many open files"]);
    assert!(!text.contains("bug"), "{text}");
}
