//! What is told is what the kernel's own tracepoints tell, thread by thread, event by event.

use crate::support::{Did, Seen, Traced, on_thread, trace, workload};
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use trapline_lang::syscall::Abi;
use trapline_runtime::ptrace::Wanted;

/// What each thread did, in the order in which the threads appeared. Threads of the same kind at the same place do the
/// same whatever their ids are.
type Story = Vec<Vec<String>>;

const EVENTS: [&str; 5] = [
    "raw_syscalls/sys_enter",
    "raw_syscalls/sys_exit",
    "sched/sched_process_fork",
    "sched/sched_process_exec",
    "sched/sched_process_exit",
];

/// A tracing instance of our own, which is removed again.
struct Instance(PathBuf);

impl Instance {
    fn new() -> Option<Self> {
        let name = format!("ptrace-{}", std::process::id());
        let path = Path::new("/sys/kernel/tracing/instances").join(name);
        fs::create_dir(&path).ok()?;
        Some(Self(path))
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = fs::write(self.0.join(format!("events/{event}/enable")), "0");
        }
        let _ = fs::remove_dir(&self.0);
    }
}

#[derive(Default)]
struct Telling {
    threads: HashMap<u32, usize>,
    story: Story,
}

impl Telling {
    fn add(&mut self, thread: u32, what: String) {
        let index = *self.threads.entry(thread).or_insert_with(|| {
            self.story.push(Vec::new());
            self.story.len() - 1
        });
        self.story[index].push(what);
    }

    /// The id is given to a thread before that does anything.
    fn add_thread(&mut self, thread: u32) {
        self.threads.insert(thread, self.story.len());
        self.story.push(Vec::new());
    }
}

/// Errors are told; other results are ids and addresses.
fn exit(number: Option<&str>, result: Option<&str>) -> String {
    let (number, result) = (number.expect("a number"), result.expect("a result"));
    match result.starts_with('-') {
        true => format!("exit {number}: {result}"),
        false => format!("exit {number}"),
    }
}

/// What the kernel tells of a command from its first execve on.
fn kernel(instance: &Instance, command: &str) -> Story {
    let mut shell = Command::new("sh")
        .args(["-c", &format!("read go; exec {command}")])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    instance.write("trace", "");
    instance.write("options/event-fork", "1");
    instance.write("set_event_pid", &shell.id().to_string());
    for event in EVENTS {
        instance.write(&format!("events/{event}/enable"), "1");
    }
    shell
        .stdin
        .take()
        .expect("a pipe")
        .write_all(b"go\n")
        .expect("it reads");
    shell.wait().expect("it ends");
    let text = fs::read_to_string(instance.0.join("trace")).expect("readable");
    instance.write("set_event_pid", "");
    let mut telling = Telling::default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    // Up to its execve it is the shell.
    for line in lines.skip_while(|line| !line.contains("sys_enter: NR 59 (")) {
        let (task, _) = line.split_once(" [").expect("a processor");
        let (_, thread) = task.rsplit_once('-').expect("an id");
        let thread = thread.trim().parse().expect("a number");
        let word = |name: &str| {
            let (_, rest) = line.split_once(name)?;
            rest.split_whitespace().next()
        };
        let what = match word("): sys_").or(word(": sys_")) {
            Some("enter:") => format!("enter {}", word("NR ").expect("a number")),
            Some("exit:") => exit(word("NR "), word(" = ")),
            _ if line.contains(": sched_process_fork:") => {
                let child = word("child_pid=").and_then(|child| child.parse().ok());
                telling.add_thread(child.expect("a child"));
                "fork".to_owned()
            }
            _ if line.contains(": sched_process_exec:") => {
                format!("exec {}", word("filename=").expect("a name"))
            }
            _ if line.contains(": sched_process_exit:") => {
                format!("end {}", word("group_dead=").unwrap_or("?"))
            }
            _ => panic!("{line}"),
        };
        telling.add(thread, what);
    }
    telling.story
}

/// What we tell of it.
fn own(traced: &Traced) -> Story {
    let mut telling = Telling::default();
    for Seen { thread, did, .. } in &traced.seen {
        let what = match did {
            Did::Enter { number, .. } => format!("enter {number}"),
            Did::Exit { number, result, .. } => {
                exit(Some(&number.to_string()), Some(&result.to_string()))
            }
            Did::Fork(child) => {
                telling.add_thread(child.thread);
                "fork".to_owned()
            }
            Did::Exec { file, .. } => format!("exec {file}"),
            Did::End { last } => format!("end {last}"),
        };
        telling.add(thread.thread, what);
    }
    telling.story
}

/// The first place where they differ, rather than all that they have in common.
fn compare(command: &str, own: &Story, kernel: &Story) {
    for (own, kernel) in own.iter().zip(kernel) {
        for at in 0..own.len().max(kernel.len()) {
            let near = at.saturating_sub(3)..at + 2;
            let tail = |story: &[String]| {
                let tail = story.iter().skip(near.start).take(near.len());
                tail.cloned().collect::<Vec<_>>().join(", ")
            };
            let same = own.get(at) == kernel.get(at);
            assert!(same, "{command}: {} instead of {}", tail(own), tail(kernel));
        }
    }
    assert_eq!(own.len(), kernel.len(), "{command}: threads");
}

#[test]
#[cfg(target_arch = "x86_64")]
#[expect(clippy::print_stderr, reason = "says what is not tested")]
fn events_are_those_of_the_kernel() {
    let Some(instance) = Instance::new() else {
        eprintln!("not compared with the kernel's events: no tracing instance can be made");
        return;
    };
    let (tracee, narrow) = (workload("tracee"), workload("narrow"));
    let abis = [Abi::X86_64, Abi::I386];
    let numbers = (0..600).chain([u32::MAX]);
    let every: Vec<_> = numbers
        .flat_map(|number| abis.map(|abi| (abi, number)))
        .collect();
    for command in [
        "/bin/true".to_owned(),
        format!("{tracee} forks 5"),
        format!("{tracee} vfork"),
        format!("{tracee} exec {narrow}"),
        format!("{tracee} exec {narrow} {tracee} vfork"),
        format!("{tracee} die 9"),
        format!("{tracee} die 15"),
        format!("{tracee} sleeper"),
        format!("{tracee} confine"),
        format!("{tracee} signals"),
    ] {
        let expected = kernel(&instance, &command);
        assert!(
            expected.iter().map(Vec::len).sum::<usize>() > 30,
            "{command}"
        );
        let chosen = Wanted::Calls(every.clone());
        compare(
            &command,
            &own(&on_thread(|| trace(&command, chosen))),
            &expected,
        );
        // Without a filter, calls are seen before others refuse them.
        if !command.ends_with("confine") {
            let traced = on_thread(|| trace(&command, Wanted::All));
            compare(&command, &own(&traced), &expected);
        }
    }
}
