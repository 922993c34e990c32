//! Processes, threads and their names.

use super::shorts;

fn events(log: &str) -> Vec<String> {
    let (events, notes) = shorts(log);
    assert_eq!(notes, [""; 0]);
    let without_times = events.iter().map(|event| event.split_once(' ').unwrap().1);
    without_times.map(str::to_owned).collect()
}

#[test]
fn threads_belong_to_processes() {
    let events = events(
        "5 1700000000.01 execve(\"/usr/bin/a.out\", [\"a.out\"], 0x7ffd /* 3 vars */) = 0 <0.001>\n\
         5 1700000000.02 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0, stack=0x1, stack_size=0x2} => {parent_tid=[6]}, 88) = 6 <0.001>\n\
         6 1700000000.03 prctl(PR_SET_NAME, \"worker\") = 0 <0.001>\n\
         6 1700000000.04 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>\n\
         7 1700000000.05 getpid( <unfinished ...>\n\
         6 1700000000.06 <... clone resumed>, child_tidptr=0x7ff9) = 7 <0.001>\n\
         7 1700000000.07 <... getpid resumed>) = 7 <0.001>\n\
         6 1700000000.08 +++ exited with 0 +++\n\
         5 1700000000.09 +++ exited with 0 +++\n",
    );
    assert_eq!(
        events,
        [
            "5/5 strace enter execve",
            "5/5 a.out exec /usr/bin/a.out was 5",
            "5/5 a.out exit execve 0",
            "5/5 a.out enter clone3",
            "5/5 a.out fork 5/6 of 0",
            "5/5 a.out exit clone3 6",
            "5/6 a.out enter prctl",
            "5/6 worker exit prctl 0",
            "5/6 worker enter clone",
            "5/6 worker fork 7/7 of 5",
            "5/6 worker exit clone 7",
            "7/7 worker enter getpid",
            "7/7 worker exit getpid 7",
            "5/6 worker end",
            "5/5 a.out end last",
        ]
    );
}

#[test]
fn threads_that_run_programs_become_the_first_of_their_process() {
    let events = events(
        "5 1700000000.01 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 6 <0.001>\n\
         5 1700000000.02 pause( <unfinished ...>\n\
         6 1700000000.03 execve(\"/bin/true\", [\"true\"], NULL <unfinished ...>\n\
         5 1700000000.04 <... pause resumed>) = ?\n\
         5 1700000000.05 +++ superseded by execve in pid 6 +++\n\
         5 1700000000.06 <... execve resumed>) = 0 <0.030>\n\
         5 1700000000.07 +++ exited with 0 +++\n",
    );
    assert_eq!(
        events,
        [
            "5/5  enter clone",
            "5/5  fork 5/6 of 0",
            "5/5  exit clone 6",
            "5/5  enter pause",
            "5/6  enter execve",
            "5/5  end",
            "5/5 true exec /bin/true was 6",
            "5/5 true exit execve 0",
            "5/5 true end last",
        ]
    );
}

#[test]
fn names_that_the_log_shows_are_believed() {
    let events = events(
        "5<strace> 1700000000.01 execve(\"/bin/sh\", [\"sh\"], NULL) = 0 <0.001>\n\
         5<sh> 1700000000.02 vfork( <unfinished ...>\n\
         6<sh> 1700000000.03 execve(\"/bin/cat\", [\"cat\"], NULL <unfinished ...>\n\
         5<sh> 1700000000.04 <... vfork resumed>) = 6<sh> <0.02>\n\
         6<other> 1700000000.05 <... execve resumed>) = 0 <0.02>\n\
         6<changed> 1700000000.06 getpid() = 6<changed> <0.01>\n",
    );
    assert_eq!(
        events,
        [
            "5/5 strace enter execve",
            "5/5 sh exec /bin/sh was 5",
            "5/5 sh exit execve 0",
            "5/5 sh enter vfork",
            "5/5 sh fork 6/6 of 5",
            "6/6 sh enter execve",
            "5/5 sh exit vfork 6",
            "6/6 cat exec /bin/cat was 6",
            "6/6 cat exit execve 0",
            "6/6 changed enter getpid",
            "6/6 changed exit getpid 6",
        ]
    );
}

#[test]
fn names_are_those_of_the_line_that_begins() {
    let events = events(
        "5<cat> 1700000000.01 read(0,  <unfinished ...>\n\
         5<cat> 1700000000.02 <... read resumed>\"\", 5) = 0 <0.01>\n",
    );
    assert_eq!(events, ["5/5 cat enter read", "5/5 cat exit read 0"]);
}

#[test]
fn ids_are_used_again() {
    let events = events(
        "5 1700000000.01 fork() = 6 <0.001>\n\
         6 1700000000.02 +++ killed by SIGKILL +++\n\
         5 1700000000.03 fork() = 6 <0.001>\n\
         6 1700000000.04 +++ exited with 0 +++\n",
    );
    assert_eq!(
        events
            .iter()
            .filter(|event| *event == "6/6  end last")
            .count(),
        2
    );
}

#[test]
fn children_of_children_without_a_word_of_their_own() {
    let events = events(
        "5 1700000000.01 clone(child_stack=NULL, flags=CLONE_PARENT|SIGCHLD) = 6 <0.001>\n\
         5 1700000000.02 fork() = 7 <0.001>\n\
         7 1700000000.03 clone(child_stack=NULL, flags=CLONE_PARENT|SIGCHLD) = 8 <0.001>\n",
    );
    let forks: Vec<_> = events
        .iter()
        .filter(|event| event.contains("fork "))
        .collect();
    assert!(
        forks.contains(&&"5/5  fork 6/6 of 0".to_owned()),
        "{forks:?}"
    );
    assert!(
        forks.contains(&&"7/7  fork 8/8 of 5".to_owned()),
        "{forks:?}"
    );
}
