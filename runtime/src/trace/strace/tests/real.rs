//! Logs that strace writes here: every line is understood, and nothing is counted otherwise than in the log's text.

#![expect(
    clippy::print_stdout,
    reason = "a test says in one line why it did not run"
)]

use super::super::{Kind, StraceReader};
use crate::trace::event::What;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use trapline_lang::syscall::{self, errno};

type Counts = BTreeMap<String, usize>;

fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("trapline-strace-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// The log of a command; `None` where there is no strace, or it may not trace.
fn log(folder: &Path, options: &[&str], command: &[&str]) -> Option<PathBuf> {
    let file = folder.join("log");
    let run = Command::new("strace")
        .args(options)
        .arg("-o")
        .arg(&file)
        .args(command)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    run.ok()?;
    std::fs::metadata(&file)
        .is_ok_and(|file| file.len() > 0)
        .then_some(file)
}

/// What a log's text says, by the simplest means: calls that begin, errors, names of files.
struct Text {
    begun: Counts,
    errors: Counts,
    files: Vec<String>,
}

impl Text {
    fn of(log: &str) -> Self {
        let (mut begun, mut errors, mut files) = (Counts::new(), Counts::new(), Vec::new());
        for line in log.lines() {
            // The id and the time.
            let (_, rest) = line.split_once(' ').expect("an id");
            let (_, body) = rest.trim_start().split_once(' ').expect("a time");
            let body = body.trim_start();
            if body.starts_with("---") || body.starts_with("+++") {
                continue;
            }
            let resumed = body
                .strip_prefix("<... ")
                .and_then(|rest| rest.split_once(' '));
            let name = match resumed {
                Some((name, _)) => name,
                None => {
                    let name = body.split('(').next().unwrap_or("");
                    *begun.entry(name.to_owned()).or_default() += 1;
                    name
                }
            };
            if let Some((_, rest)) = body.rsplit_once(" = -1 E") {
                let error = rest.split(' ').next().unwrap_or("");
                *errors.entry(format!("{name} E{error}")).or_default() += 1;
            }
            if let Some(rest) = body.strip_prefix("openat(") {
                let from = rest.find('"').map(|at| &rest[at + 1..]);
                files.extend(from.and_then(|rest| Some(rest[..rest.find('"')?].to_owned())));
            }
        }
        Self {
            begun,
            errors,
            files,
        }
    }
}

/// The same of the events that the log is read as.
fn events(file: &Path) -> (Text, Vec<String>, Counts) {
    let mut reader = StraceReader::open(file).expect("a log");
    let (mut begun, mut errors, mut files) = (Counts::new(), Counts::new(), Vec::new());
    let (mut kinds, mut last) = (Counts::new(), 0);
    while let Some(event) = reader.next().expect("a file that can be read") {
        assert!(
            event.time >= last,
            "{}: {} after {last}",
            file.display(),
            event.time
        );
        last = event.time;
        let name = |abi, number: i32| match syscall::by_number(abi, number as u32) {
            Some(row) => row.name.to_owned(),
            None => format!("syscall_{number:#x}"),
        };
        let kind = match event.what {
            What::Enter(enter) => {
                let name = name(enter.abi, enter.number);
                if let Some(path) = enter
                    .memory
                    .at(enter.arguments[1])
                    .filter(|_| name == "openat")
                {
                    let path = path.strip_suffix(b"\0").expect("a name ends with a NUL");
                    files.push(String::from_utf8_lossy(path).into_owned());
                }
                *begun.entry(name).or_default() += 1;
                "enter"
            }
            What::Exit(exit) => {
                let error = u32::try_from(-exit.result)
                    .ok()
                    .filter(|error| *error < 512);
                if let Some(error) = error.and_then(errno::name) {
                    *errors
                        .entry(format!("{} {error}", name(exit.abi, exit.number)))
                        .or_default() += 1;
                }
                "exit"
            }
            What::Fork { .. } => "fork",
            What::Exec { .. } => "exec",
            What::End { .. } => "end",
            What::Lost { .. } => "lost",
        };
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    let (read, total) = reader.progress();
    assert_eq!(read, total);
    let structures = |kind: &Kind| matches!(kind, Kind::Structure(_));
    let notes = reader.notes().iter().filter(|note| !structures(&note.kind));
    let notes = notes.map(ToString::to_string).collect();
    (
        Text {
            begun,
            errors,
            files,
        },
        notes,
        kinds,
    )
}

fn check(file: &Path, what: &str) -> Counts {
    let log = std::fs::read_to_string(file).expect("strace escapes what is no text");
    let text = Text::of(&log);
    let (read, notes, kinds) = events(file);
    assert_eq!(notes, [""; 0], "{what}");
    assert_eq!(read.begun, text.begun, "{what}");
    assert_eq!(read.errors, text.errors, "{what}");
    assert_eq!(read.files, text.files, "{what}");
    let made = log.lines().filter(|line| makes_thread(line)).count();
    let ended = log.lines().filter(|line| line.contains(" +++ ")).count();
    let count = |kind: &str| kinds.get(kind).copied().unwrap_or(0);
    assert_eq!((count("fork"), count("end")), (made, ended), "{what}");
    kinds
}

/// A line with the result of a call that has made a thread or a process.
fn makes_thread(line: &str) -> bool {
    let calls = [
        " clone(",
        " clone3(",
        " vfork(",
        " fork(",
        "... clone res",
        "... clone3 res",
        "... vfork res",
    ];
    let made = |text: &str| text.starts_with(|digit: char| ('1'..='9').contains(&digit));
    let result = line.rsplit_once(") = ");
    calls.iter().any(|call| line.contains(call)) && result.is_some_and(|(_, result)| made(result))
}

const OPTIONS: &[&str] = &["-f", "-ttt", "-T"];

#[test]
fn commands_are_read_as_they_ran() {
    let folder = folder("commands");
    let commands: &[&[&str]] = &[
        &["ls", "/usr"],
        &["sh", "-c", "cat /etc/passwd | wc; exec true"],
        &[
            "sh",
            "-c",
            "for i in 1 2 3; do /bin/true & done; wait; kill -9 $$",
        ],
    ];
    for options in [
        &[][..],
        &["-yy"],
        &["-y", "-v", "-s", "4096"],
        &["-xx", "-Y"],
        &["-n", "-i"],
        &["-X", "raw"],
        &["-X", "verbose"],
    ] {
        for command in commands {
            let options = [OPTIONS, options].concat();
            let Some(file) = log(&folder, &options, command) else {
                println!("skipped: strace cannot run here");
                return;
            };
            let kinds = check_with(&file, &format!("{options:?} {command:?}"), &options);
            assert!(kinds["exec"] >= 1 && kinds["end"] >= 1, "{kinds:?}");
        }
    }
    std::fs::remove_dir_all(&folder).expect("the temporary folder");
}

/// With options that [`Text`] does not know only the events and notes are looked at.
fn check_with(file: &Path, what: &str, options: &[&str]) -> Counts {
    if options.len() <= OPTIONS.len() + 1 {
        return check(file, what);
    }
    let (_, notes, kinds) = events(file);
    assert_eq!(notes, [""; 0], "{what}");
    kinds
}

/// On a terminal, lines name no thread while there is only one, and messages tear them.
#[test]
fn logs_of_terminals_are_read_as_the_commands_ran() {
    let folder = folder("terminal");
    let script = "/bin/true; (sleep 0.01; /bin/true) & wait; cat /etc/passwd | wc";
    let file = std::fs::File::create(folder.join("log")).expect("a file");
    let run = Command::new("strace")
        .args(["-f", "-tt", "sh", "-c", script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .status();
    let path = folder.join("log");
    let text = std::fs::read_to_string(&path).expect("the log");
    if !run.is_ok_and(|run| run.success()) || !text.contains(" +++") {
        println!("skipped: strace cannot run here");
        return;
    }
    let (_, notes, kinds) = events(&path);
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes
            .iter()
            .all(|note| note.contains("-T)") || note.contains("no date")),
        "{notes:?}"
    );
    let count = |wanted: &str| text.matches(wanted).count();
    assert_eq!(kinds["end"], count("+++ exited"));
    assert_eq!(kinds["fork"], count(" attached"));
    let mut reader = StraceReader::open(&path).expect("a log");
    let mut threads = std::collections::BTreeSet::new();
    while let Some(event) = reader.next().expect("a file that can be read") {
        threads.insert(event.thread.thread);
    }
    // None of them is made up, and each has ended.
    assert_eq!((threads.len(), threads.contains(&1)), (kinds["end"], false));
    std::fs::remove_dir_all(&folder).expect("the temporary folder");
}

/// The programs that `trapline trace` is compared with strace by.
#[test]
fn programs_are_read_as_they_ran() {
    let folder = folder("programs");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/strace");
    for entry in std::fs::read_dir(sources).expect("tests/strace") {
        let source = entry.expect("tests/strace").path();
        let program = folder.join("program");
        let built = Command::new("cc")
            .args(["-O0", "-w", "-pthread", "-o"])
            .args([&program, &source])
            .status();
        let Some(program) = program
            .to_str()
            .filter(|_| built.is_ok_and(|built| built.success()))
        else {
            continue;
        };
        let Some(file) = log(&folder, OPTIONS, &[program]) else {
            println!("skipped: strace cannot run here");
            return;
        };
        check(&file, &source.display().to_string());
    }
    std::fs::remove_dir_all(&folder).expect("the temporary folder");
}
