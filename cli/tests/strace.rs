//! `trapline trace` prints what strace prints: each program of `tests/strace/` runs under both, and the lines are
//! compared process by process.
//!
//! What may differ from run to run is taken out of both by the rules of [`strace_support::rules`], where strace
//! differs from us by those of [`strace_support::differences`]; `docs/strace.md` has the same lists.

mod strace_support;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use strace_support::{differences, processes, rules};

/// How many programs run side by side.
const WORKERS: usize = 2;

#[test]
fn trace_prints_what_strace_prints() {
    let programs = programs();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(source) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(report) = compare(source) {
                        wrong.lock().expect("no panic").push(report);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no panic");
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of {} programs differ:\n{}",
        wrong.len(),
        programs.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/strace.md");
    let document = std::fs::read_to_string(path).expect("docs/strace.md");
    let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentences = rules::ALL.iter().map(|rule| rule.sentence);
    let differences = differences::ALL
        .iter()
        .map(|difference| difference.sentence);
    let undecoded = differences::UNDECODED.iter().map(|calls| calls.sentence);
    for sentence in sentences.chain(differences).chain(undecoded) {
        assert!(
            document.contains(sentence),
            "not in docs/strace.md: {sentence}"
        );
    }
}

/// All of them, or those whose paths hold `$STRACE_PROGRAM`.
fn programs() -> Vec<PathBuf> {
    let wanted = std::env::var("STRACE_PROGRAM").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/strace");
    let entries = std::fs::read_dir(folder).expect("tests/strace");
    let mut programs: Vec<_> = entries
        .map(|entry| entry.expect("tests/strace").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    programs.sort();
    programs
}

fn compare(source: &Path) -> Result<(), String> {
    let name = source.file_stem().unwrap_or_default().to_string_lossy();
    let program = support::temporary(&format!("program-{name}"));
    let status = Command::new("cc")
        .args(["-static", "-O0", "-w", "-pthread", "-o"])
        .args([&program, source])
        .status()
        .expect("a C compiler (`cc`)");
    assert!(status.success(), "{name} does not compile");
    let run = |tool: &str, command: &mut Command| {
        let output = support::temporary(&format!("{tool}-{name}.txt"));
        let folder = support::temporary(&format!("{tool}-{name}"));
        std::fs::create_dir(&folder).expect("a folder");
        // The same name for both, which is as long.
        std::os::unix::fs::symlink(&program, folder.join("p")).expect("a link");
        let ran = command
            .arg("-o")
            .arg(&output)
            .args(match tool {
                "strace" => &["-f", "./p"][..],
                _ => &["-F", "--columns", "tid", "-c", "./p"],
            })
            .current_dir(&folder)
            .env_clear()
            .env("A", "1")
            .stdin(std::process::Stdio::null())
            .output()
            .expect("it runs");
        let text = std::fs::read_to_string(&output).unwrap_or_default();
        std::fs::remove_dir_all(&folder).expect("the folder goes");
        (text, String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let (expected, _) = run("strace", &mut Command::new("strace"));
    let (printed, complaints) = run("trace", support::trapline().arg("trace"));
    let expected = processes::read(&expected, differences::of_strace);
    let printed = processes::read(&printed, differences::of_trapline);
    processes::same(&expected, &printed)
        .map_err(|difference| format!("== {name}\n{difference}{complaints}"))
}
