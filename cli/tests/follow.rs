//! Who is traced, and how much of it: `--follow`, `--cgroup`, `--sample`, `--rate`.
//!
//! Everything is exact: what is left out is counted.

mod support;

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{binary, run, trapline, workload};

/// What the members of `workloads/family.c` make in all.
const FAMILY_CALLS: u64 = 2500;
const COUNT_CALLS: &str = "tracepoint:syscalls:sys_enter_getppid { @ = count(); }";

/// A process that makes the same calls all the time, and is none of ours.
struct Stranger(Child);

impl Stranger {
    fn new() -> Self {
        let child = Command::new(workload("threads")).arg("2000000000").spawn();
        Self(child.expect("a workload"))
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn count(run: support::Run, map: &str) -> u64 {
    run.maps()[map].as_u64().expect("a number")
}

#[test]
fn a_command_is_followed_through_forks_orphans_threads_and_executions() {
    let _stranger = Stranger::new();
    let family = workload("family");
    for (script, map) in [
        (COUNT_CALLS, "@"),
        (
            "rawtracepoint:sys_enter /args.id == 110/ { @ = count(); }",
            "@",
        ),
        ("syscall:getppid,mq_unlink { @ = count(); }", "@"),
        (
            "begin { @begun = 1; } begin, syscall:getppid { @all = count(); }",
            "@all",
        ),
    ] {
        let json = run(&["-F", "-f", "json", "-e", script, "-c", &family]);
        assert_eq!(json.stderr, "", "{script}");
        let expected = FAMILY_CALLS + u64::from(map == "@all");
        assert_eq!(count(json, map), expected, "{script}");
    }
}

#[test]
fn without_follow_a_process_is_alone() {
    let script = "tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @ = count(); }";
    let family = workload("family");
    assert_eq!(
        count(run(&["-f", "json", "-e", script, "-c", &family]), "@"),
        100
    );
}

#[test]
fn pid_namespaces_hide_nobody() {
    let family = workload("family");
    let inside = format!("unshare --pid --fork {family}");
    let json = run(&["--follow", "-f", "json", "-e", COUNT_CALLS, "-c", &inside]);
    assert_eq!(count(json, "@"), FAMILY_CALLS);
    let tracer = Command::new("unshare")
        .args(["--pid", "--fork", "--mount-proc", binary()])
        .args(["-F", "-f", "json", "-e", COUNT_CALLS, "-c", &family])
        .output()
        .expect("unshare");
    assert_eq!(count(tracer.into(), "@"), FAMILY_CALLS);
}

#[test]
fn a_process_is_followed_with_the_children_that_it_has() {
    let _stranger = Stranger::new();
    let mut family = Command::new(workload("family"))
        .arg("wait")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a workload");
    let mut ready = String::new();
    let output = family.stdout.take().expect("a pipe");
    BufReader::new(output).read_line(&mut ready).expect("text");
    let pid = family.id().to_string();
    let mut tracer = trapline()
        .args(["-F", "-f", "json", "-e", COUNT_CALLS, "-p", &pid])
        .env("__BPFTRACE_NOTIFY_PROBES_ATTACHED", "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut lines = BufReader::new(tracer.stdout.take().expect("a pipe")).lines();
    while lines.next().expect("a line").expect("text") != "__BPFTRACE_NOTIFY_PROBES_ATTACHED" {}
    let input = family.stdin.as_mut().expect("a pipe");
    input.write_all(b"x").expect("written");
    assert!(family.wait().expect("an end").success());
    let found = lines
        .map(|line| serde_json::from_str::<Value>(&line.expect("text")).expect("JSON"))
        .find_map(|line| line["data"]["@"].as_u64());
    assert!(tracer.wait().expect("an end").success());
    assert_eq!(found, Some(FAMILY_CALLS));
}

#[test]
fn following_adds_nothing_that_shows() {
    let listed = run(&["-F", "-l", "-e", "syscall:getppid { }", "-c", "true"]).ok();
    assert_eq!(listed, "syscall:getppid\n");
    let text = run(&[
        "-F",
        "-e",
        "begin { @x = 1; } syscall:getppid { }",
        "-c",
        "true",
    ]);
    assert!(text.stderr.contains("Attached 2 probes"), "{}", text.stderr);
    assert_eq!(text.stdout.trim(), "@x: 1");
    run(&["-F", "-e", "begin { }"]).refused(&["--follow", "(-c)", "(-p)"]);
    run(&["-F", "-e", "syscall:getppid { $x }", "-c", "true"]).refused(&["stdin:1"]);
}

#[test]
fn other_probes_are_limited_to_the_followed() {
    let _stranger = Stranger::new();
    let family = workload("family");
    let script = "profile:hz:999, software:context-switches:1 { @[comm] = count(); }";
    let maps = run(&["-F", "-f", "json", "-e", script, "-c", &family]).maps();
    let Some(Value::Object(programs)) = maps.get("@") else {
        return;
    };
    assert!(!programs.contains_key("threads"), "{programs:?}");
}

/// The number in `Left out N ...`, 0 if nothing was.
fn left_out(stderr: &str) -> u64 {
    let line = stderr.lines().find_map(|line| line.split_once("Left out "));
    line.map_or(0, |(_, rest)| {
        let number = rest.split(' ').next().expect("a word");
        number.parse().expect("a number")
    })
}

#[test]
fn a_sample_is_scaled_and_what_it_leaves_out_is_counted() {
    let command = format!("{} 50000", workload("threads"));
    for probe in [
        "tracepoint:syscalls:sys_enter_getppid",
        "tracepoint:syscalls:sys_exit_getppid",
        "syscall:getppid",
    ] {
        let script = format!(
            "{probe} /pid == cpid/ {{ @n = count(); @sum = sum(3); @stats = stats(5); @avg = avg(7); \
                 @max = max(9); @hist = hist(5); @plain++; }} \
             end {{ printf(\"in the script %d\\n\", @n); }}"
        );
        let text = run(&["--sample", "1/2", "-e", &script, "-c", &command]);
        assert_eq!(text.status, 0, "{}", text.stderr);
        let value = |name: &str| {
            let line = text.stdout.lines().find(|line| line.starts_with(name));
            line.expect(name)[name.len()..].to_owned()
        };
        let number = |name: &str| value(name).parse::<u64>().expect(name);
        let seen = number("@plain: ");
        // Six times a hundred standard deviations.
        assert!((40_000..60_000).contains(&seen), "{seen}");
        assert_eq!(seen + left_out(&text.stderr), 100_000, "{probe}");
        assert_eq!(number("@n: "), 2 * seen);
        assert_eq!(number("in the script "), 2 * seen);
        assert_eq!(number("@sum: "), 6 * seen);
        assert_eq!((number("@avg: "), number("@max: ")), (7, 9));
        let stats = format!(
            "{{ .count = {}, .average = 5, .total = {} }}",
            2 * seen,
            10 * seen
        );
        assert_eq!(value("@stats: "), stats);
        assert!(
            value("[4, 8)").contains(&(2 * seen).to_string()),
            "{}",
            text.stdout
        );
        let warning = "what is counted in @plain is not multiplied";
        assert_eq!(text.stderr.matches(warning).count(), 1, "{}", text.stderr);
    }
}

#[test]
fn sampled_calls_are_seen_whole() {
    let command = format!("{} 50000", workload("threads"));
    let script = "tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @enter = count(); @start[tid] = nsecs; } \
         tracepoint:syscalls:sys_exit_getppid /@start[tid]/ { @pairs = count(); delete(@start, tid); } \
         tracepoint:raw_syscalls:sys_exit /pid == cpid && args.id == 110/ { @exit = count(); }";
    let text = run(&[
        "--sample", "1/4", "-f", "json", "-e", script, "-c", &command,
    ]);
    let mut maps = serde_json::Map::new();
    for line in text.stdout.lines().filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        if let Value::Object(data) = &line["data"] {
            maps.extend(data.clone());
        }
    }
    let seen = maps["@enter"].as_u64().expect("a number");
    assert!((80_000..120_000).contains(&seen), "{seen}");
    assert_eq!(maps["@pairs"], seen);
    assert_eq!(maps["@exit"], seen);
}

#[test]
fn a_sample_wants_system_calls_and_a_number() {
    let text = run(&["--sample", "1/2", "-e", "begin { }"]);
    assert!(
        text.stderr
            .contains("no probe of the script sees system calls")
    );
    for wrong in ["0", "1/0", "2/3", "often"] {
        let text = run(&["--sample", wrong, "-e", "begin { }"]);
        assert_eq!(text.status, 1);
        assert!(text.stderr.contains("write 1/N"), "{}", text.stderr);
    }
}

#[test]
fn a_rate_leaves_lines_out_and_says_how_many() {
    let command = format!("{} 5000", workload("threads"));
    let script = "begin { printf(\"always\\n\"); } \
         tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { @ = count(); printf(\"call\\n\"); }";
    let text = run(&["--rate", "10", "-e", script, "-c", &command]);
    assert_eq!(text.status, 0, "{}", text.stderr);
    let printed = text.stdout.lines().filter(|line| *line == "call").count() as u64;
    assert!((1..5000).contains(&printed), "{printed}");
    assert_eq!(printed + left_out(&text.stderr), 10_000);
    assert!(text.stdout.contains("always\n") && text.stdout.contains("@: 10000\n"));
    let wrong = run(&["--rate", "0", "-e", "begin { }"]);
    assert_eq!(wrong.status, 1);
}

/// A cgroup of the test, with others in it.
struct Groups {
    top: PathBuf,
    made: Vec<PathBuf>,
}

impl Groups {
    fn new(name: &str, below: &[&str]) -> Self {
        let mounts = fs::read_to_string("/proc/self/mounts").expect("mounts");
        let root = mounts
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .find(|words| words[2] == "cgroup2")
            .map(|words| PathBuf::from(words[1]));
        let root = root.unwrap_or_else(|| {
            let root = support::temporary("cgroup2");
            fs::create_dir_all(&root).expect("a folder");
            let mount = Command::new("mount")
                .args(["-t", "cgroup2", "none"])
                .arg(&root)
                .status();
            assert!(mount.expect("mount").success());
            root
        });
        let top = root.join(format!("trapline-{name}-{}", std::process::id()));
        let made: Vec<PathBuf> = [""]
            .iter()
            .chain(below)
            .map(|name| top.join(name))
            .collect();
        for group in &made {
            fs::create_dir_all(group).expect("a cgroup");
        }
        Self { top, made }
    }

    /// A shell command that runs another in a group.
    fn within(group: &Path, command: &str) -> String {
        let procs = group.join("cgroup.procs");
        format!("sh -c 'echo $$ > {}; exec {command}'", procs.display())
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for group in self.made.iter().rev() {
            let mut tries = 0;
            // A process that has ended may be counted a moment longer.
            while fs::remove_dir(group).is_err() && tries < 100 {
                std::thread::sleep(std::time::Duration::from_millis(20));
                tries += 1;
            }
        }
    }
}

const ID: &str = "5e1f0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";

#[test]
fn a_cgroup_is_named_by_path_or_name_and_holds_those_below_it() {
    let _stranger = Stranger::new();
    let scope = format!("docker-{ID}.scope");
    let inner = format!("{scope}/inner");
    let groups = Groups::new("cgroup", &[&scope, &inner, "other"]);
    let (scope, inner) = (groups.top.join(scope), groups.top.join(inner));
    let threads = format!("{} 1000", workload("threads"));
    let name = groups.top.file_name().and_then(|name| name.to_str());
    let path = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
    let other = path(&groups.top.join("other"));
    for (wanted, expected) in [
        (path(&groups.top), 2000),
        (name.expect("a name").to_owned(), 2000),
        (format!("/{}", name.expect("a name")), 2000),
        (path(&scope), 2000),
        ("docker:5e1f01234567".to_owned(), 2000),
        (ID.to_owned(), 2000),
        (path(&inner), 2000),
        (other, 0),
    ] {
        let script = "syscall:getppid { @ = count(); }";
        let command = Groups::within(&inner, &threads);
        let args = [
            "--cgroup", &wanted, "-f", "json", "-e", script, "-c", &command,
        ];
        let maps = run(&args).maps();
        let found = maps.get("@").and_then(Value::as_u64).unwrap_or(0);
        assert_eq!(found, expected, "{wanted}");
    }
    run(&["--cgroup", "/no/such", "-e", "begin { }"]).refused(&["--cgroup /no/such", "no cgroup"]);
}

#[test]
fn a_container_is_named_where_the_path_tells_it() {
    let scope = format!("docker-{ID}.scope");
    let groups = Groups::new("container", &[&scope, "web.service", "plain"]);
    let dd = "dd if=/dev/zero of=/dev/null count=1 status=none";
    for (group, expected) in [
        (scope.as_str(), "docker:5e1f01234567".to_owned()),
        ("web.service", "web.service".to_owned()),
        ("plain", {
            let top = groups.top.file_name().and_then(|name| name.to_str());
            format!("/{}/plain", top.expect("a name"))
        }),
    ] {
        let path = groups.top.join(group);
        let script = "syscall:read /comm == \"dd\" && retval == 512/ { \
             printf(\"%s\\n\", container); @[container] = count(); @id[cgroup] = count(); }";
        let text = run(&["-e", script, "-c", &Groups::within(&path, dd)]).stdout;
        let first = text.lines().next().unwrap_or_default();
        assert!(first.ends_with(&expected), "{text}");
        assert!(text.contains(&format!("{first}]: 1\n")), "{text}");
        let id = fs::metadata(&path).expect("a cgroup").ino();
        assert!(text.contains(&format!("@id[{id}]: 1\n")), "{text}");
    }
}

#[test]
fn busy_containers_are_counted_to_the_last_call() {
    let busy = format!("docker-{ID}.scope");
    let groups = Groups::new("busy", &[&busy, "calm.service"]);
    let dd = "dd if=/dev/zero of=/dev/null bs=1 count=50000 status=none";
    let calm = Groups::within(&groups.top.join("calm.service"), dd);
    let busy = Groups::within(&groups.top.join(&busy), dd);
    let all = temporary_script(&format!(
        "{busy} & {busy} & {busy} & {busy} & {calm} & wait"
    ));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/busy-containers.bt");
    let example = example.to_str().expect("a UTF-8 path");
    let maps = run(&["-f", "json", example, "-c", &format!("sh {all}")]).maps();
    let calls = maps["@calls"].as_object().expect("a map");
    let of = |name: &str| {
        let mut found = calls.iter().filter(|(key, _)| key.contains(name));
        found.next().expect(name).1.as_u64().expect("a number")
    };
    let (busy, calm) = (of("docker:5e1f01234567"), of("calm.service"));
    assert!(calm > 100_000);
    assert_eq!(busy, 4 * calm);
}

fn temporary_script(text: &str) -> String {
    let path = support::temporary("busy.sh");
    fs::write(&path, text).expect("written");
    path.to_str().expect("a UTF-8 path").to_owned()
}
