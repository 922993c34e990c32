//! What is told of commands.

use crate::support::{Did, calls, on_thread, trace, workload};
use trapline_runtime::ptrace::Wanted;

#[test]
fn the_first_thing_is_the_execve_of_the_command() {
    let traced = on_thread(|| trace("/bin/true", Wanted::All));
    let first = &traced.seen[0];
    let native = trapline_runtime::catalog::NATIVE_ABI;
    assert!(matches!(first.did, Did::Enter { abi, .. } if abi == native));
    assert_eq!(first.thread.process, traced.command);
    assert_eq!(first.thread.parent, std::process::id());
    assert_eq!(traced.enters("execve"), 1);
    assert_eq!(traced.results("execve"), [0]);
    let exec = traced.seen[1].did.clone();
    assert_eq!(
        exec,
        Did::Exec {
            file: "/bin/true".into(),
            old_thread: traced.command
        }
    );
    assert_eq!(traced.seen[1].name(), "true");
    assert_eq!(traced.enters("exit_group"), 1);
    assert_eq!(traced.seen.last().unwrap().did, Did::End { last: true });
    let times = traced
        .seen
        .windows(2)
        .all(|pair| pair[0].time <= pair[1].time);
    assert!(times);
}

#[test]
fn names_and_users_are_those_of_the_moment() {
    let command = format!("{} names", workload("tracee"));
    for wanted in [Wanted::All, calls(&["getppid"])] {
        let traced = on_thread(|| trace(&command, wanted));
        let calls = traced.seen.iter().filter(|seen| match seen.did {
            Did::Enter { number, .. } => number == libc::SYS_getppid as i32,
            _ => false,
        });
        let calls: Vec<_> = calls.map(|seen| (seen.name(), seen.thread.user)).collect();
        // SAFETY: takes nothing.
        let user = unsafe { libc::getuid() };
        let then = if user == 0 { 65534 } else { user };
        let expected = ["tracee", "first", "second", "first", "first"];
        let users = [user, user, user, user, then];
        let expected: Vec<_> = expected.map(String::from).into_iter().zip(users).collect();
        assert_eq!(calls, expected);
    }
}

#[test]
fn parents_are_known() {
    let command = format!("{} sibling", workload("tracee"));
    for wanted in [Wanted::All, calls(&["getppid"])] {
        let traced = on_thread(|| trace(&command, wanted));
        assert_eq!(traced.status.unwrap().code(), Some(25));
        let children = traced.seen.iter().filter_map(|seen| match seen.did {
            Did::Fork(child) => Some((seen.thread.process, child)),
            _ => None,
        });
        let children: Vec<_> = children.collect();
        let [(first, middle), (second, sibling)] = children[..] else {
            panic!("{children:?}");
        };
        assert_eq!((first, second), (traced.command, middle.process));
        assert_eq!(middle.parent, traced.command);
        assert_eq!(sibling.parent, traced.command);
    }
    // Whose parent ends gets another one.
    let command = "sh -c \"sh -c '(sleep 0.3; exec true) &'; sleep 0.5\"";
    let traced = on_thread(|| trace(command, calls(&["exit_group"])));
    let exec = |seen: &&crate::support::Seen| seen.name() == "true";
    let seen = traced.seen.iter().find(exec).expect("the orphan executes");
    let parents = traced.seen.iter().map(|seen| seen.thread.process);
    assert!(
        parents
            .into_iter()
            .all(|process| process != seen.thread.parent)
    );
}
