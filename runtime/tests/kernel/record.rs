//! Recordings: what a script's probes see becomes events, in the running kernel.

use crate::script::{Did, Kept, Recording, Scope, record, record_on, run_into};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use trapline_codegen::target::{Features, SyscallHookKind, Target};
use trapline_lang::syscall::{self, Abi};
use trapline_runtime::catalog::NATIVE_ABI;
use trapline_runtime::trace::event::{Event, Observer, What};

const HOOKS: [SyscallHookKind; 3] = [
    SyscallHookKind::Btf,
    SyscallHookKind::Raw,
    SyscallHookKind::Tracepoint,
];
/// A target with this hook.
fn on(hook: SyscallHookKind) -> impl FnOnce(&mut Target) {
    move |target| target.syscall_hook = hook
}

const EFAULT: u32 = libc::EFAULT as u32;

/// The counts that a script printed: `@[257]: 3`.
fn printed_counts(text: &str) -> BTreeMap<i64, u64> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("@["));
    let pairs = lines.map(|line| line.split_once("]: ").expect("key and value"));
    pairs
        .map(|(key, value)| {
            (
                key.parse().expect("a number"),
                value.parse().expect("a count"),
            )
        })
        .collect()
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

impl Recording {
    fn enters(&self) -> impl Iterator<Item = i64> {
        self.events.iter().filter_map(|event| match event.did {
            Did::Enter { number, .. } => Some(number.into()),
            _ => None,
        })
    }

    /// Numbers of calls as they ended, with what they returned.
    fn exits(&self) -> impl Iterator<Item = (Abi, i32, i64)> {
        self.events.iter().filter_map(|event| match event.did {
            Did::Exit {
                abi,
                number,
                result,
                ..
            } => Some((abi, number, result)),
            _ => None,
        })
    }

    fn events_of<'a, T>(&'a self, pick: impl Fn(&'a Kept) -> Option<T>) -> Vec<T> {
        self.events.iter().filter_map(pick).collect()
    }
}

/// The bytes of a piece that begins there.
fn at(memory: &[(u64, Result<Vec<u8>, u32>)], address: u64) -> Option<&Result<Vec<u8>, u32>> {
    memory
        .iter()
        .find(|(other, _)| *other == address)
        .map(|(_, bytes)| bytes)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

fn number(name: &str) -> i32 {
    let call = syscall::by_name(name).expect("a call");
    syscall::number(NATIVE_ABI, call).expect("native") as i32
}

/// A program made from source that stands in these tests or beside those of the command line.
fn built(compiler: &str, name: &str, flags: &[&str], source: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("trapline-record-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (from, to) = (folder.join(format!("{name}.{compiler}")), folder.join(name));
    fs::write(&from, source).expect("writable");
    let status = Command::new("gcc")
        .args(flags)
        .arg("-o")
        .arg(&to)
        .arg(&from)
        .status()
        .expect("gcc");
    assert!(status.success());
    to
}

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
            "cat /etc/passwd /nowhere",
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
        assert_eq!(read, [start], "{hook:?}");
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

#[test]
fn threads_are_told_from_processes_and_the_last_one_is_known() {
    let source = "#include <pthread.h>\n#include <unistd.h>\n\
        static void *run(void *p) { return p; }\n\
        int main(void) { pthread_t t; pthread_create(&t, 0, run, 0); pthread_join(t, 0); return 0; }\n";
    let program = built("c", "threads", &["-pthread"], source);
    let command = program.display().to_string();
    let recording = record("BEGIN { }", &command, Scope::Command);
    let threads = recording.events_of(|event| match &event.did {
        Did::Fork(child) => {
            assert_eq!(child.process, recording.command);
            assert_eq!(child.parent, event.thread.parent);
            Some(child.thread)
        }
        _ => None,
    });
    let [thread] = threads[..] else {
        panic!("{threads:?}")
    };
    assert_ne!(thread, recording.command);
    let ends = recording.events_of(|event| match event.did {
        Did::End { last } => Some((event.thread.thread, last)),
        _ => None,
    });
    assert_eq!(ends, [(thread, false), (recording.command, true)]);
    // The child's return from clone is an event of its own, without a beginning.
    let first = recording
        .events
        .iter()
        .find(|event| event.thread.thread == thread)
        .expect("it runs");
    assert!(
        matches!(first.did, Did::Exit { result: 0, .. }),
        "{first:?}"
    );
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_32_bits_and_a_change_of_abi_are_seen_as_they_are() {
    let source = include_str!("../../../cli/tests/workloads/traps32.S");
    let program = built("S", "traps32", &["-m32", "-nostdlib", "-static"], source);
    // It makes three calls, and becomes the program of its first argument.
    let command = format!("{} /bin/true", program.display());
    for hook in HOOKS {
        for script in ["BEGIN { }", "syscall:getppid, syscall:execve { }"] {
            let recording = record_on(on(hook), script, &command, Scope::Command);
            let calls = recording.events_of(|event| match event.did {
                Did::Enter {
                    abi: Abi::I386,
                    number,
                    ..
                } => Some(number),
                _ => None,
            });
            assert_eq!(calls, [64, 64, 64, 11], "{hook:?} {script}");
            let ends = recording.exits().filter(|(abi, number, _)| {
                [(Abi::I386, 64), (Abi::I386, 11), (Abi::X86_64, 59)].contains(&(*abi, *number))
            });
            let ends: Vec<_> = ends.map(|(abi, number, _)| (abi, number)).collect();
            // Each `execve` ends with the number of the new program's ABI.
            assert_eq!(
                ends,
                [
                    (Abi::I386, 11),
                    (Abi::I386, 64),
                    (Abi::I386, 64),
                    (Abi::I386, 64),
                    (Abi::X86_64, 59)
                ],
                "{hook:?} {script}"
            );
            let programs = recording.events_of(|event| match &event.did {
                Did::Enter {
                    abi: Abi::I386,
                    number: 11,
                    arguments,
                    memory,
                } => {
                    let array = at(memory, arguments[1])?.as_ref().ok()?;
                    let first = u32::from_le_bytes(*array.first_chunk()?);
                    Some((
                        text(at(memory, arguments[0])?.as_ref().ok()?),
                        text(at(memory, first.into())?.as_ref().ok()?),
                    ))
                }
                _ => None,
            });
            let name = "/bin/true".to_owned();
            assert_eq!(programs, [(name.clone(), name)], "{hook:?} {script}");
        }
    }
}

#[test]
fn what_cannot_be_read_says_so_and_is_read_again_at_the_end() {
    // A name in a page of the program that nobody has touched, one that is nowhere, and calls that are none.
    let source = "#define _GNU_SOURCE\n#include <fcntl.h>\n#include <sys/mman.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n\
        const char far[1 << 20] __attribute__((aligned(4096), section(\".rodata.far\"))) = { [1 << 19] = '/', 'f', 'a', 'r', 0 };\n\
        int main(void) {\n\
          madvise((void *)far, sizeof far, MADV_DONTNEED);\n\
          syscall(SYS_access, far + (1 << 19), 0);\n\
          syscall(SYS_access, (char *)16, 0);\n\
          syscall(-1); syscall(9999); return 0; }\n";
    let program = built("c", "unread", &[], source);
    let command = program.display().to_string();
    let recording = record("BEGIN { }", &command, Scope::Command);
    let access = number("access");
    let reads = recording.events_of(|event| match &event.did {
        Did::Enter {
            number,
            arguments,
            memory,
            ..
        } if *number == access => Some(("enter", at(memory, arguments[0]).cloned())),
        Did::Exit {
            number,
            arguments: Some(arguments),
            memory,
            ..
        } if *number == access => Some(("exit", at(memory, arguments[0]).cloned())),
        _ => None,
    });
    let tail = &reads[reads.len() - 4..];
    assert_eq!(
        tail,
        [
            ("enter", Some(Err(EFAULT))),
            ("exit", Some(Ok(b"/far\0".to_vec()))),
            ("enter", Some(Err(EFAULT))),
            ("exit", Some(Err(EFAULT))),
        ]
    );
    let unknown = count(recording.enters());
    assert_eq!((unknown[&-1], unknown[&9999]), (1, 1));
    let refused = recording.exits().filter(|(_, number, _)| *number == 9999);
    let refused: Vec<i64> = refused.map(|(_, _, result)| result).collect();
    assert_eq!(refused, [-i64::from(libc::ENOSYS)]);
}

#[test]
fn calls_that_seccomp_refuses_have_their_memory_at_the_end() {
    let source = "#include <linux/filter.h>\n#include <linux/seccomp.h>\n#include <stddef.h>\n#include <sys/prctl.h>\n\
        #include <sys/syscall.h>\n#include <unistd.h>\n\
        int main(void) {\n\
          struct sock_filter rules[] = {\n\
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),\n\
            BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_access, 0, 1),\n\
            BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | 42), BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW) };\n\
          struct sock_fprog program = { 4, rules };\n\
          char allowed[] = \"/allowed\", refused[] = \"/refused\";\n\
          syscall(SYS_access, allowed, 0);\n\
          prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);\n\
          syscall(SYS_access, refused, 0); return 0; }\n";
    let program = built("c", "refused", &[], source);
    for hook in HOOKS {
        let command = program.display().to_string();
        let recording = record_on(on(hook), "syscall:access { }", &command, Scope::Command);
        let access = number("access");
        let calls = recording.events_of(|event| match &event.did {
            Did::Enter { number, memory, .. } if *number == access => Some((0, memory.clone())),
            Did::Exit {
                number,
                memory,
                result,
                ..
            } if *number == access => Some((*result, memory.clone())),
            _ => None,
        });
        let last = calls.into_iter().rev().take(3).rev();
        let tail: Vec<_> = last
            .map(|(result, memory)| {
                let names = memory
                    .into_iter()
                    .map(|(_, name)| text(&name.expect("read")));
                (result, names.collect::<Vec<_>>())
            })
            .collect();
        let name = |name: &str| vec![name.to_owned()];
        assert_eq!(
            tail,
            [(0, name("/allowed")), (-2, vec![]), (-42, name("/refused"))],
            "{hook:?}"
        );
    }
}

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
