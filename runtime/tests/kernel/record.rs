//! Recordings of ordinary commands, in the running kernel: what a script's probes see becomes events.

use crate::script::{
    Did, HOOKS, Scope, at, count, number, on, printed_counts, record, record_on, run_into, text,
};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use trapline_codegen::target::{Features, SyscallHookKind, Target};
use trapline_runtime::catalog::NATIVE_ABI;
use trapline_runtime::trace::event::{Event, Observer, What};

#[test]
fn counts_are_those_that_the_script_prints_on_every_hook() {
    let script = "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }";
    for hook in HOOKS {
        let recording = record_on(on(hook), script, "ls /usr", Scope::Command);
        assert_eq!(recording.calls, None);
        let printed = printed_counts(&recording.printed);
        assert!(printed.len() > 10, "{}", recording.printed);
        assert_eq!(count(recording.enters()), printed, "{hook:?}");
    }
}

#[test]
fn what_begins_ends() {
    let recording = record("BEGIN { }", "ls /usr", Scope::Command);
    let never = ["exit_group", "rt_sigreturn", "exit"].map(number);
    let mut open = None;
    let mut last = 0;
    for event in &recording.events {
        assert_eq!(event.thread.process, recording.command);
        assert!(last <= event.time);
        last = event.time;
        match event.did {
            Did::Enter { number, .. } => {
                assert_eq!(open, None, "{event:?}");
                open = Some(number).filter(|number| !never.contains(number));
            }
            Did::Exit {
                number, arguments, ..
            } => {
                assert!(arguments.is_some());
                assert_eq!(open.take(), Some(number), "{event:?}");
            }
            _ => {}
        }
    }
    let last = recording.events.last().expect("there are events");
    assert_eq!(last.did, Did::End { last: true });
    assert_eq!(text(&last.thread.comm), "ls");
}

#[test]
fn only_calls_of_the_script_are_recorded() {
    let script = "tracepoint:syscalls:sys_enter_openat { @[probe] = count(); } syscall:read { }";
    let recording = record(script, "cat /etc/passwd", Scope::Command);
    let calls = recording.calls.clone().expect("only some");
    assert!(calls.contains(&(number("openat") as u64)), "{calls:?}");
    assert!(calls.contains(&(number("read") as u64)));
    assert!(calls.is_sorted());
    let seen = count(recording.enters());
    let wanted: Vec<i64> = ["read", "openat"].map(|name| number(name).into()).into();
    assert!(
        seen.keys().all(|number| wanted.contains(number)),
        "{seen:?}"
    );
    assert_eq!(
        recording.printed.trim(),
        format!(
            "@[tracepoint:syscalls:sys_enter_openat]: {}",
            seen[&wanted[1]]
        )
    );
    let exits = count(recording.exits().map(|(_, number, _)| i64::from(number)));
    assert_eq!(exits, seen);
}

#[test]
fn memory_is_found_at_addresses() {
    for hook in HOOKS {
        let recording = record_on(
            on(hook),
            "BEGIN { }",
            // Without an option, cat has the kernel copy the file where both are files.
            "cat -s /etc/passwd /nowhere",
            Scope::Command,
        );
        let (openat, read, write) = (number("openat"), number("read"), number("write"));
        let names = recording.events_of(|event| match &event.did {
            Did::Enter {
                number,
                arguments,
                memory,
                ..
            } if *number == openat => {
                let name = at(memory, arguments[1])?.as_ref().ok()?;
                assert_eq!(name.last(), Some(&0));
                Some(text(name))
            }
            _ => None,
        });
        for name in ["/etc/passwd", "/nowhere"] {
            assert!(names.iter().any(|other| other == name), "{names:?}");
        }
        // Buffers are cut as the script says: 32 bytes.
        let passwd = fs::read("/etc/passwd").expect("readable");
        let start = &passwd[..32];
        let read = recording.events_of(|event| match &event.did {
            Did::Exit {
                number,
                result,
                arguments,
                memory,
                ..
            } if *number == read && *result == passwd.len() as i64 => {
                at(memory, arguments.as_ref()?[1])?.clone().ok()
            }
            _ => None,
        });
        assert_eq!(read, [start], "{hook:?}: {}", recording.printed);
        let written = recording.events_of(|event| match &event.did {
            Did::Enter {
                number,
                arguments,
                memory,
                ..
            } if *number == write && arguments[0] == 1 => at(memory, arguments[1])?.clone().ok(),
            _ => None,
        });
        assert_eq!(written, [start], "{hook:?}");
    }
}

#[test]
fn arguments_of_programs_are_found_by_their_pointers() {
    let words: Vec<String> = (0..40).map(|n| format!("word{n}")).collect();
    let command = format!("sh -c '/bin/echo {}; exit 3'", words.join(" "));
    let recording = record("syscall:execve { }", &command, Scope::Family);
    let execve = number("execve");
    let pointer = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("8 bytes"));
    let programs = recording.events_of(|event| match &event.did {
        Did::Enter {
            number,
            arguments,
            memory,
            ..
        } if *number == execve => {
            let array = at(memory, arguments[1])
                .expect("argv")
                .clone()
                .expect("read");
            let strings = array.chunks(8).map(pointer).map_while(|pointer| {
                let string = at(memory, pointer)?.as_ref().expect("read");
                Some(text(string))
            });
            let environment = at(memory, arguments[2]).expect("envp").clone();
            let environment = environment.expect("read");
            assert_eq!(pointer(environment.last_chunk::<8>().expect("a null")), 0);
            assert!(environment.len() > 8);
            Some((strings.collect::<Vec<_>>(), array.len() / 8))
        }
        _ => None,
    });
    let [(shell, shell_pointers), (echo, echo_pointers)] = &programs[..] else {
        panic!("{programs:?}")
    };
    assert_eq!(shell[..2], ["sh", "-c"]);
    assert_eq!(*shell_pointers, 4);
    // 32 strings, and a pointer that says that there are more.
    assert_eq!((echo.len(), *echo_pointers), (32, 33));
    assert_eq!(echo[1..], words[..31]);
    let results = recording.exits().collect::<Vec<_>>();
    assert_eq!(results, [(NATIVE_ABI, execve, 0); 2]);
}

#[test]
fn the_family_of_a_command_is_known() {
    let command = "sh -c 'echo a | cat | cat; true'";
    let recording = record("syscall:getppid { }", command, Scope::Family);
    let forks = recording.events_of(|event| match &event.did {
        Did::Fork(child) => Some((event.thread.process, *child)),
        _ => None,
    });
    assert_eq!(forks.len(), 3, "echo is the shell's own");
    for (maker, child) in &forks {
        assert_eq!(*maker, recording.command);
        assert_eq!(child.parent, recording.command);
        assert_eq!(child.process, child.thread);
        assert_eq!(text(&child.comm), "sh");
    }
    let programs = recording.events_of(|event| match &event.did {
        Did::Exec { file, old_thread } => {
            assert_eq!(*old_thread, event.thread.thread);
            let name = file.rsplit('/').next().expect("a name").to_owned();
            assert_eq!(text(&event.thread.comm), name, "the new name");
            Some(name)
        }
        _ => None,
    });
    assert_eq!(programs, ["sh", "cat", "cat"]);
    let mut ended = recording.events_of(|event| match event.did {
        Did::End { last } => {
            assert!(last);
            Some(event.thread.process)
        }
        _ => None,
    });
    ended.sort_unstable();
    let mut expected: Vec<u32> = forks.iter().map(|(_, child)| child.process).collect();
    expected.push(recording.command);
    expected.sort_unstable();
    assert_eq!(ended, expected);
}

#[cfg(target_arch = "x86_64")]
/// Counts, as a writer that is fast enough would.
#[derive(Clone, Default)]
struct Counter(std::sync::Arc<std::sync::Mutex<(BTreeMap<i32, u64>, u64)>>);

impl Observer for Counter {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let mut counts = self.0.lock().expect("not poisoned");
        match event.what {
            What::Exit(exit) => *counts.0.entry(exit.number).or_default() += 1,
            What::Lost { events } => counts.1 += events,
            _ => {}
        }
        Ok(())
    }
}

/// What `dd` writes byte by byte, as the script counts it and as the recording has it; what the recording lost, and what
/// was printed.
fn record_dd(config: &str, calls: u64) -> (u64, u64, u64, String) {
    let script = format!("{config} tracepoint:raw_syscalls:sys_exit {{ @[args.id] = count(); }}");
    let command = format!("dd if=/dev/zero of=/dev/null bs=1 count={calls} status=none");
    let counter = Counter::default();
    let observer = Box::new(counter.clone());
    let (printed, _, _) = run_into(|_| {}, &script, &command, Scope::Command, observer);
    let (recorded, lost) = counter.0.lock().expect("not poisoned").clone();
    let write = number("write");
    let counted = printed_counts(&printed)[&write.into()];
    (counted, recorded[&write], lost, printed)
}

#[test]
fn a_million_calls_are_recorded() {
    const CALLS: u64 = 1_000_000;
    let (counted, recorded, lost, printed) = record_dd("", CALLS);
    assert_eq!(counted, CALLS);
    // On a machine that is busy with other things, the reader may come too late; then it is said.
    assert_eq!(
        printed.contains("The recording lost"),
        lost > 0,
        "{printed}"
    );
    assert!(
        recorded <= CALLS && recorded + lost >= CALLS,
        "{recorded} {lost}"
    );
}

#[test]
fn what_a_recording_lacks_is_in_it_and_counts_stay_exact() {
    const CALLS: u64 = 100_000;
    let (counted, recorded, lost, printed) = record_dd("config = { perf_rb_pages = 4 }", CALLS);
    assert_eq!(counted, CALLS);
    assert!(lost > 0 && recorded < CALLS, "{recorded} {lost}");
    assert!(recorded + lost >= CALLS);
    let told = format!("The recording lost {lost} events: ");
    assert!(printed.contains(&told), "{printed}");
}

#[test]
fn older_kernels_record_what_they_show() {
    // Linux 5.10: nothing is kept with a task, and registers are seen by raw tracepoints only.
    let old = |features: &mut Features| {
        features.current_task_btf = false;
        features.task_storage = false;
        features.task_pt_regs = false;
        features.bpf_loop = false;
    };
    let script = "tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }";
    for hook in HOOKS {
        for optimize in [true, false] {
            let target = |target: &mut Target| {
                target.syscall_hook = hook;
                target.optimize = optimize;
                old(&mut target.features);
            };
            let recording = record_on(target, script, "sh -c 'true | cat /nowhere'", Scope::Family);
            let printed = printed_counts(&recording.printed);
            assert_eq!(count(recording.enters()), printed, "{hook:?}");
            let names = recording.events_of(|event| match &event.did {
                Did::Enter {
                    arguments, memory, ..
                } => Some(text(at(memory, arguments[1])?.as_ref().ok()?)),
                _ => None,
            });
            assert!(names.contains(&"/nowhere".to_owned()), "{names:?}");
            let known = recording.events_of(|event| match &event.did {
                Did::Exit { arguments, .. } => Some(arguments.is_some()),
                _ => None,
            });
            let shown = hook != SyscallHookKind::Tracepoint;
            assert!(known.iter().all(|known| *known == shown), "{hook:?}");
            let forks = recording.events_of(|event| match &event.did {
                Did::Fork(child) => Some(child.process),
                _ => None,
            });
            assert_eq!(forks.len(), 2);
        }
    }
}

#[test]
fn everybody_is_recorded_but_the_tracer() {
    let recording = record_on(|_| {}, "BEGIN { }", "ls /usr", Scope::Machine);
    let processes = count(recording.events.iter().map(|event| event.thread.process));
    assert!(processes[&recording.command] > 100);
    assert!(
        !processes.contains_key(&std::process::id()),
        "{processes:?}"
    );
}

#[test]
fn scripts_that_do_much_are_recorded_too() {
    let script = "config = { capture_bytes = 64 }\n\
        syscall:* { print(args); @[syscall, comm, errno] = count(); @h = hist(latency); }\n\
        tracepoint:syscalls:sys_enter_openat { @names[str(args.filename)] = count(); }";
    for hook in HOOKS {
        let recording = record_on(on(hook), script, "sh -c 'ls / | cat'", Scope::Family);
        let printed = recording.printed.lines();
        let opened = printed.filter(|line| line.starts_with("@names[")).count();
        let execs = count(recording.enters())[&i64::from(number("execve"))];
        assert!(opened > 3, "{hook:?} {}", recording.printed);
        assert_eq!(execs, 3, "{hook:?}");
    }
}
