//! Recordings of programs that do what tracers get wrong: threads, 32-bit calls, memory that is not there, seccomp.

use crate::script::{Did, HOOKS, Scope, at, count, number, on, record, record_on, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use trapline_lang::syscall::Abi;

const EFAULT: u32 = libc::EFAULT as u32;

/// A program made from source that stands in these tests or beside those of the command line.
fn built(compiler: &str, name: &str, flags: &[&str], source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
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
