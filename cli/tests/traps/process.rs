//! Who is seen, and by which numbers.

use crate::support::{Run, binary};
use crate::{HOOKS, lines, scene};
use std::process::Command;

const IDS: &str = r#"syscall:getppid { printf("seen %d %d\n", pid, tid); }"#;

/// What the program said that its ids are, and what was seen.
fn ids(printed: &[String]) -> (String, String) {
    let of = |word: &str| {
        let mut lines = printed.iter().filter_map(|line| line.strip_prefix(word));
        let only = lines
            .next()
            .unwrap_or_else(|| panic!("{word} in {printed:?}"));
        assert_eq!(lines.next(), None, "{printed:?}");
        only.to_owned()
    };
    (of("ids "), of("seen "))
}

#[test]
fn trap_9_ids_are_those_of_the_tracer_s_namespace() {
    for hook in HOOKS {
        // A process in a namespace of its own.
        let (said, seen) = ids(&lines(hook, "namespaces", IDS));
        assert_eq!(said, seen, "{hook}");
        // The tracer in a namespace of its own.
        let output = Command::new("unshare")
            .args(["--pid", "--fork", "--mount-proc", binary(), "-q", "-F"])
            .args(["--attach", hook, "-e", IDS, "-c", &scene("ids")])
            .output()
            .expect("unshare runs");
        let run = Run::from(output);
        let (said, seen) = ids(&crate::printed(&run));
        assert_eq!(said, seen, "{hook}");
        let number: u32 = said
            .split(' ')
            .next()
            .and_then(|pid| pid.parse().ok())
            .expect("a pid");
        assert!(number < 50, "not in a new namespace: {said}");
    }
}

#[test]
fn trap_11_the_tracer_does_not_see_itself() {
    // The shell becomes the tracer, by the same number.
    let seen = |options: &str| {
        let script = "syscall:* /pid == $1/ { @[pid == $1] = count(); }
            tracepoint:raw_syscalls:sys_enter /pid == $1/ { @raw[pid == $1] = count(); }
            interval:100ms { exit(); }";
        let command = format!("exec {} {options} -q -e \"$SCRIPT\" $$", binary());
        let output = Command::new("sh")
            .args(["-c", &command])
            .env("SCRIPT", script)
            .output()
            .expect("sh runs");
        crate::printed(&Run::from(output))
    };
    for hook in HOOKS {
        let printed = seen(&format!("--attach {hook}"));
        assert_eq!(printed.len(), 1, "{hook}: {printed:?}");
        assert!(
            printed[0].starts_with("@raw[true]: "),
            "{hook}: {printed:?}"
        );
        let printed = seen(&format!("--attach {hook} --self"));
        assert!(printed[0].starts_with("@[true]: "), "{hook}: {printed:?}");
    }
}

#[test]
fn trap_11_a_command_is_seen_from_its_execve_on() {
    // Without libc: these are all the calls that there are.
    let program = crate::program_of_32_bits();
    let script = "syscall:* { @[syscall] = count(); @all = count(); }";
    for hook in HOOKS {
        assert_eq!(
            crate::printed(&crate::trace(hook, &program, script)),
            [
                "@[execve]: 1",
                "@[i386:exit]: 1",
                "@[i386:getppid]: 3",
                "@all: 5"
            ],
            "{hook}"
        );
    }
}
