//! What arguments point to, and when it is read.

use crate::support::{run, temporary};
use crate::{HOOKS, everywhere, lines};

#[test]
fn trap_13_a_name_that_is_not_in_memory_yet() {
    let script = "syscall:openat /errno != 0/ { @[args.filename] = count(); }";
    let entry = "syscall:openat:enter { @[args.filename] = count(); }";
    for hook in HOOKS {
        let file = temporary(&format!("page-{hook}"));
        let what = format!("pointers {}", file.display());
        let printed = lines(hook, &what, script);
        for name in ["NULL", "<fault>", "/nonexistent/page"] {
            let line = format!("@[{name}]: 1");
            assert!(printed.contains(&line), "{hook}: {printed:?}");
        }
        // A new page for the program: nobody has touched it when the call begins.
        let printed = lines(hook, &what, entry);
        assert!(
            printed.contains(&"@[<fault>]: 2".into()),
            "{hook}: {printed:?}"
        );
    }
}

#[test]
fn trap_16_arguments_that_the_call_writes() {
    everywhere(
        "in_out",
        r#"syscall:getsockname:enter { printf("enter %d\n", *(int32*)args.addrlen); }
           syscall:getsockname { printf("exit %d\n", *(int32*)args.addrlen); print(args); }"#,
        &[
            "enter 110",
            "exit 2",
            "getsockname(3, {sa_family=AF_UNIX}, [110 => 2]) = 0",
        ],
    );
}

#[test]
fn trap_16_is_told_for_each_argument() {
    let listed = run(&["-lv", "syscall:getsockname"]).ok();
    for line in [
        "sockaddr, written by the call",
        "socklen, read before the call and after it",
    ] {
        assert!(listed.contains(line), "no `{line}` in {listed}");
    }
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/syscalls.md");
    let document = std::fs::read_to_string(document).expect("docs/syscalls.md");
    let row = document
        .lines()
        .find(|line| line.starts_with("| `getsockname` |"));
    let cells: Vec<_> = row.expect("its row").split(" | ").collect();
    assert_eq!(cells[3..], ["`addrlen`", "`addr`, `addrlen` |"]);
}

#[test]
fn trap_13_names_of_other_calls_stand_beside_those_of_execve() {
    let script = r#"
        syscall:openat /errno == ENOENT/ { @[args.filename, errno] = count(); }
        syscall:execve { printf("%s\n", args.filename); }"#;
    for hook in HOOKS {
        let run = crate::support::run(&[
            "-q",
            "--attach",
            hook,
            "-e",
            script,
            "-c",
            "cat /nonexistent",
        ]);
        let counted = "@[/nonexistent, ENOENT]: 1\n";
        assert!(run.stdout.contains(counted), "{hook}: {}", run.stdout);
        assert!(run.stdout.contains("/cat\n"), "{hook}: {}", run.stdout);
    }
}
