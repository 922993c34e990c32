//! The forms that lines of a log have.

use super::super::{StraceError, StraceReader, UNKNOWN_THREAD, looks_like_strace};
use super::{What, reader, shorts};
use std::io::Cursor;

/// A time on the clock of a log whose first line has this second.
const SECOND: u64 = 1_700_000_000_000_000_000;

fn times(log: &str) -> (Vec<String>, Vec<String>) {
    let (events, notes) = shorts(log);
    let relative = |event: &String| {
        let (time, rest) = event.split_once(' ').unwrap();
        let time: u64 = time.parse().unwrap();
        format!("{} {rest}", time.saturating_sub(SECOND) / 1000)
    };
    (events.iter().map(relative).collect(), notes)
}

#[test]
fn calls_begin_and_end() {
    let (events, notes) = times(
        "5 1700000000.000001 execve(\"/bin/cat\", [\"cat\"], 0x7ffd /* 3 vars */) = 0 <0.000004>\n\
         5 1700000000.000010 read(0, \"\", 10) = 0 <0.000002>\n\
         5 1700000000.000020 close(9) = -1 EBADF (Bad file descriptor) <0.000002>\n\
         5 1700000000.000030 pause() = ? ERESTARTNOHAND (To be restarted if no handler) <0.000001>\n\
         5 1700000000.000035 --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---\n\
         5 1700000000.000040 exit_group(0) = ?\n\
         5 1700000000.000041 +++ exited with 0 +++\n",
    );
    assert_eq!(
        events,
        [
            "1 5/5 strace enter execve",
            "5 5/5 cat exec /bin/cat was 5",
            "5 5/5 cat exit execve 0",
            "10 5/5 cat enter read",
            "12 5/5 cat exit read 0",
            "20 5/5 cat enter close",
            "22 5/5 cat exit close -9",
            "30 5/5 cat enter pause",
            "31 5/5 cat exit pause -514",
            "40 5/5 cat enter exit_group",
            "41 5/5 cat end last",
        ]
    );
    assert_eq!(notes, [""; 0]);
}

#[test]
fn lines_that_are_resumed_end_there() {
    let (events, notes) = times(
        "5 1700000000.000001 read(0,  <unfinished ...>\n\
         6 1700000000.000002 write(1, \"x\", 1 <unfinished ...>\n\
         6 1700000000.000003 <... write resumed>) = 1 <0.000001>\n\
         5 1700000000.000004 <... read resumed> \"x\", 1) = 1 <0.000003>\n\
         6 1700000000.000005 wait4(-1,  <unfinished ...>\n\
         6 1700000000.000006 <... wait4 resumed> <unfinished ...>) = ?\n\
         6 1700000000.000007 +++ killed by SIGKILL (core dumped) +++\n",
    );
    assert_eq!(
        events,
        [
            "1 5/5  enter read",
            "2 6/6  enter write",
            "3 6/6  exit write 1",
            "4 5/5  exit read 1",
            "5 6/6  enter wait4",
            "7 6/6  end last",
        ]
    );
    assert_eq!(notes, [""; 0]);
}

#[test]
fn ends_that_are_told_early_come_late() {
    // As `strace-log-merge` puts logs of `-ff` together.
    let (events, _) = times(
        "5 1700000000.000001 pause() = -1 EINTR (Interrupted system call) <0.000100>\n\
         6 1700000000.000002 getpid() = 6 <0.000001>\n\
         6 1700000000.000200 getpid() = 6 <0.000001>\n",
    );
    assert_eq!(
        events,
        [
            "1 5/5  enter pause",
            "2 6/6  enter getpid",
            "3 6/6  exit getpid 6",
            "101 5/5  exit pause -4",
            "200 6/6  enter getpid",
            "201 6/6  exit getpid 6",
        ]
    );
}

#[test]
fn without_durations_calls_take_no_time() {
    let (events, notes) =
        times("5 1700000000.000001 getpid() = 5\n5 1700000000.000004 getpid() = 5\n");
    assert_eq!(events[1], "1 5/5  exit getpid 5");
    assert_eq!(
        notes,
        ["latencies are not known: 2 calls are without (strace -T); first: line 1"]
    );
}

#[test]
fn logs_without_dates_or_times_say_so() {
    let (events, notes) = shorts("23:59:59.5 getpid() = 5 <0.1>\n00:00:01.5 getpid() = 5 <0.1>\n");
    assert!(events[0].starts_with("86399500000000 "), "{events:?}");
    assert!(events[2].starts_with("86401500000000 "), "{events:?}");
    assert_eq!(
        notes,
        ["the log has no date (strace -ttt): 1970-01-01 was taken"]
    );
    let (events, notes) =
        shorts("     0.000000 getpid() = 5 <0.1>\n     0.500000 getpid() = 5 <0.1>\n");
    assert!(events[2].starts_with("500000000 "), "{events:?}");
    assert_eq!(notes.len(), 1);
    let (events, notes) = shorts("getpid() = 5 <0.000000>\ngetpid() = 5 <0.000000>\n");
    assert_eq!(events[2], "2000 5/5  enter getpid");
    assert_eq!(
        notes,
        ["times are made up: 2 lines are without (strace -ttt); first: line 1"]
    );
    let origin = reader("5 1700000000.5 getpid() = 5\n").origin().clone();
    assert_eq!(
        (origin.start, origin.realtime_offset),
        (SECOND + 500_000_000, 0)
    );
    assert_eq!(
        (origin.engine.as_str(), origin.abi.as_str()),
        ("strace", "x86_64")
    );
}

#[test]
fn what_is_earlier_takes_the_time_of_the_line_before() {
    let (events, notes) = times(
        "5 1700000000.000009 getpid() = 5 <0.000001>\n5 1700000000.000002 getpid() = 5 <0.000001>\n",
    );
    assert_eq!(
        events[2..],
        ["10 5/5  enter getpid", "11 5/5  exit getpid 5"]
    );
    assert_eq!(
        notes,
        ["1 line is earlier than the one before; first: line 2"]
    );
}

#[test]
fn lines_without_a_thread_are_of_the_one_that_lives() {
    let (events, _) = shorts("close(1) = 0\n");
    assert!(
        events[0].contains(&format!(" {UNKNOWN_THREAD}/{UNKNOWN_THREAD} ")),
        "{events:?}"
    );
    let (events, notes) = shorts(
        "12:00:00 fork(strace: Process 8 attached\n\
         \x20<unfinished ...>\n\
         [pid     8] 12:00:00 getppid() = 7 <0.0>\n\
         [pid     7] 12:00:00 <... fork resumed>) = 8 <0.0>\n\
         [pid     7] 12:00:01 exit_group(0) = ?\n\
         [pid     7] 12:00:01 +++ exited with 0 +++\n\
         12:00:02 getppid() = 1 <0.0>\n\
         12:00:02 +++ exited with 3 +++\n",
    );
    let without_times: Vec<&str> = events
        .iter()
        .map(|event| event.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(
        without_times,
        [
            "7/7  enter fork",
            "7/7  fork 8/8 of 7",
            "8/8  enter getppid",
            "8/8  exit getppid 7",
            "7/7  exit fork 8",
            "7/7  enter exit_group",
            "7/7  end last",
            "8/8  enter getppid",
            "8/8  exit getppid 1",
            "8/8  end last",
        ]
    );
    assert_eq!(
        notes,
        ["the log has no date (strace -ttt): 1970-01-01 was taken"]
    );
}

#[test]
fn names_of_files_tell_whose_lines_they_have() {
    // `strace -ff -o log` writes a file for each process.
    let folder = std::env::temp_dir().join(format!("trapline-strace-{}-names", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("log.4242");
    std::fs::write(&file, "1700000000.5 close(3) = 0 <0.1>\n").unwrap();
    let mut reader = StraceReader::open(&file).unwrap();
    assert_eq!(
        reader.next().unwrap().map(|event| event.thread.thread),
        Some(4242)
    );
    while reader.next().unwrap().is_some() {}
    assert_eq!(reader.progress(), (32, 32));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn torn_lines_are_put_together() {
    let (events, notes) = times(
        "5 1700000000.000001 write(1, \"hello\\n\", 6hello\n\
         ) = 6 <0.000001>\n\
         5 1700000000.000002 clone(child_stack=NULL, flags=SIGCHLDstrace: Process 7 attached\n\
         , child_tidptr=0x7f3c) = 7 <0.000000>\n\
         5 1700000000.000002 rt_sigsuspend([], 8strace: Process 6 attached\n\
         \x20<unfinished ...>\n\
         5 1700000000.000003 <... rt_sigsuspend resumed>) = ? ERESTARTNOHAND (To be restarted) <0.000001>\n",
    );
    assert_eq!(
        events,
        [
            "1 5/5  enter write",
            "2 5/5  exit write 6",
            "2 5/5  enter clone",
            "2 5/5  fork 7/7 of 5",
            "2 5/5  exit clone 7",
            "2 5/5  enter rt_sigsuspend",
            "3 5/5  exit rt_sigsuspend -514",
        ]
    );
    assert_eq!(notes, [""; 0]);
}

#[test]
fn what_is_no_line_is_counted() {
    let (events, notes) = times(
        "hello\n\
         5 1700000000.000001 getpid() = 5 <0.000001>\n\
         5 1700000000.000002 getpid() = what\n\
         5 1700000000.000003 nonsense_call(1, 2) = 0 <0.000001>\n\
         5 1700000000.000004 <... read resumed>\"\", 1) = 0 <0.000001>\n\
         5 1700000000.000005 write(1, \"cu\n",
    );
    assert_eq!(
        events,
        [
            "1 5/5  enter getpid",
            "2 5/5  exit getpid 5",
            "4 5/5  exit read 0",
            "5 5/5  enter write",
        ]
    );
    assert_eq!(
        notes,
        [
            "3 lines were not understood; first: line 1",
            "1 call of nonsense_call, which is not known; first: line 4",
            "1 call ended without its beginning; first: line 5",
        ]
    );
}

#[test]
fn long_lines_are_skipped() {
    let long = "x".repeat(super::super::LINE_LIMIT + 5);
    let log = format!(
        "5 1700000000.000001 getpid() = 5 <0.1>\n{long}\n5 1700000000.000002 getppid() = 1 <0.1>\n"
    );
    let (events, notes) = times(&log);
    assert_eq!(events.len(), 4);
    assert_eq!(notes, ["1 line was too long; first: line 2"]);
    let mut reader = reader(&log);
    while reader.next().unwrap().is_some() {}
    assert_eq!(reader.progress().0, log.len() as u64);
    let string = "a".repeat(super::super::LINE_LIMIT / 2);
    let call = super::OneCall::of(&format!(
        "getppid() = 1\nwrite(1, \"{string}\", {}) = 1",
        string.len()
    ));
    assert_eq!(call.before(1).map(<[u8]>::len), Some(string.len()));
}

#[test]
fn tables_and_stacks_are_no_events() {
    let (events, notes) = times(
        "5 1700000000.000001 getpid() = 5 <0.000001>\n\
         \x20> /lib/libc.so.6(getpid+0x7) [0x1234]\n\
         \x20| 00000  76 6d 0a                                          vm.              |\n\
         % time     seconds  usecs/call     calls    errors syscall\n\
         ------ ----------- ----------- --------- --------- ----------------\n\
         100.00    0.000000           0         1           getpid\n",
    );
    assert_eq!((events.len(), notes.len()), (2, 0));
}

#[test]
fn beginnings_do_not_keep_everything_back() {
    let calls = "6 getpid() = 6 <0.000000>\n".repeat(70_000);
    let log =
        format!("5 read(3,  <unfinished ...>\n{calls}5 <... read resumed>\"a\", 9) = 1 <0.07>\n");
    let mut reader = reader(&log);
    let mut first = None;
    let mut last = None;
    while let Some(event) = reader.next().unwrap() {
        if event.thread.thread == 5 {
            match event.what {
                What::Enter(enter) => first = Some(enter.arguments),
                What::Exit(exit) => last = exit.arguments,
                _ => {}
            }
        } else {
            assert!(first.is_some(), "the call of 5 began before those of 6");
        }
    }
    assert_eq!(first, Some([3, 0, 0, 0, 0, 0]));
    assert_eq!(last.map(|words| words[2]), Some(9));
    let notes: Vec<_> = reader.notes().iter().map(ToString::to_string).collect();
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("1 call began before all arguments were known")),
        "{notes:?}"
    );
}

#[test]
fn other_files_are_refused() {
    for text in [
        "#include <stdio.h>\nint main() { return f(x); }\n",
        "\0\x01\x02",
        "5 hello\n",
        "f(x) = 1\n",
    ] {
        assert!(!looks_like_strace(text.as_bytes()), "{text}");
        let error = StraceReader::new(Cursor::new(text.as_bytes().to_vec())).err();
        assert!(matches!(error, Some(StraceError::Foreign)), "{text}");
    }
    let empty = StraceReader::new(Cursor::new(Vec::new())).err();
    assert!(matches!(empty, Some(StraceError::Empty)));
    let missing = StraceReader::open(std::path::Path::new("/nonexistent/log")).err();
    assert!(matches!(missing, Some(StraceError::Open { .. })));
    for text in [
        "execve(\"/bin/true\", [\"true\"], 0x7ffe /* 3 vars */) = 0",
        "warning: something\n12 getpid() = 12\n",
        "[pid 12] 12:00:00.5 <... read resumed>\"\", 5) = 0\r\n",
    ] {
        assert!(looks_like_strace(text.as_bytes()), "{text}");
    }
}

#[test]
fn machines_and_modes_are_told_apart() {
    let log = "5 1700000000.5 faccessat(AT_FDCWD, \"/etc/ld.so.preload\", R_OK) = -1 ENOENT (No such file) <0.1>\n\
               5 1700000000.6 read(0, \"\", 1) = 0 <0.1>\n";
    assert_eq!(reader(log).origin().abi, "arm64");
    let (events, _) = super::read(log, |event| match event.what {
        super::What::Enter(enter) => Some(enter.number.to_string()),
        _ => None,
    });
    assert_eq!(events, ["48", "63"]);
    let log = "5 1700000000.5 read(0, \"\", 1) = 0 <0.1>\n\
               strace: [ Process PID=5 runs in 32 bit mode. ]\n\
               5 1700000000.6 read(0, \"\", 1) = 0 <0.1>\n\
               5 1700000000.7 [ Process PID=5 runs in 64 bit mode. ]\n\
               5 1700000000.8 _llseek(0, 1, [1], SEEK_SET) = 0 <0.1>\n\
               5 1700000000.9 syscall_0x14d(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function) <0.1>\n";
    let (events, notes) = super::read(log, |event| match event.what {
        super::What::Enter(enter) => Some(format!(
            "{} {} {:?}",
            enter.abi.name(),
            enter.number,
            enter.arguments[5]
        )),
        _ => None,
    });
    assert_eq!(
        events,
        ["x86_64 0 0", "i386 3 0", "i386 140 0", "x86_64 333 6"]
    );
    assert_eq!(notes, []);
    let narrow = "5 1700000000.5 mmap2(NULL, 5, PROT_NONE, MAP_PRIVATE, -1, 0) = 0xf7000000 <0.1>\n\
                  strace: [ Process PID=5 runs in 32 bit mode. ]\n\
                  5 1700000000.6 execve(\"/bin/x\", [\"x\"], NULL) = 0 <0.1>\n";
    let (files, _) = super::read(narrow, |event| match event.what {
        super::What::Enter(enter) if enter.number == 11 => {
            assert!(enter.arguments.iter().all(|word| *word <= u32::MAX.into()));
            let array = enter.memory.at(enter.arguments[1])?;
            let first = u32::from_le_bytes(array[..4].try_into().unwrap());
            Some(String::from_utf8_lossy(enter.memory.at(first.into())?).into_owned())
        }
        _ => None,
    });
    assert_eq!(files, ["x\0"]);
}
