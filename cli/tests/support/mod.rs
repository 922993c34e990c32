//! Runs the binary and strace; makes workloads.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod nobody;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run gave.
pub(crate) struct Run {
    /// Exit status; -1 if it was killed.
    pub(crate) status: i32,
    /// All of stdout.
    pub(crate) stdout: String,
    /// All of stderr.
    pub(crate) stderr: String,
}

impl Run {
    /// It ended well and said nothing on stderr.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(
            (self.status, self.stderr.as_str()),
            (0, ""),
            "stdout: {}",
            self.stdout
        );
        self.stdout
    }

    /// As [`Self::ok`], without the blank lines that stand before the maps even if there are none.
    #[track_caller]
    pub(crate) fn printed(self) -> String {
        format!("{}\n", self.ok().trim_end())
    }

    /// It refused with status 1, with a message that holds all of the words.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) -> String {
        assert_eq!(self.status, 1, "{}{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert!(self.stderr.contains("ERROR"), "{}", self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "no `{word}` in: {}",
                self.stderr
            );
        }
        self.stderr
    }

    /// The maps of a JSON run: the data of all lines of type `map`.
    #[track_caller]
    pub(crate) fn maps(self) -> serde_json::Map<String, serde_json::Value> {
        let mut maps = serde_json::Map::new();
        for line in self.ok().lines().filter(|line| !line.is_empty()) {
            let mut value: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
            if value["type"] == "map"
                && let serde_json::Value::Object(data) = value["data"].take()
            {
                maps.extend(data);
            }
        }
        maps
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The binary, to be given arguments.
pub(crate) fn trapline() -> Command {
    let mut command = Command::new(binary());
    // Commands that are traced find nothing but their own libraries.
    command
        .env_remove("NO_COLOR")
        .env_remove("LD_LIBRARY_PATH")
        .env("LC_ALL", "C");
    command
}

/// Where the binary is.
pub(crate) fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_trapline")
}

/// Runs the binary with arguments.
pub(crate) fn run(args: &[&str]) -> Run {
    trapline()
        .args(args)
        .output()
        .expect("the binary runs")
        .into()
}

/// Runs a script of `-e`.
pub(crate) fn run_script(script: &str) -> Run {
    run(&["-e", script])
}

/// A folder of this test process, for files that others may read.
pub(crate) fn temporary(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("trapline-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder.join(name)
}

/// What `strace -f -c` counts: calls and errors by name, sorted. Who runs it is given: `strace`, to be given arguments.
#[track_caller]
pub(crate) fn strace_counts(mut strace: Command, command: &str) -> Vec<(String, u64, u64)> {
    let file = nobody::file(&format!("strace-{:?}", std::thread::current().id()));
    let output = strace
        .args(["-f", "-c", "-o", &file])
        .args(command.split(' '))
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .expect("strace");
    assert!(output.status.success());
    let table = std::fs::read_to_string(file).expect("a table");
    let mut counts: Vec<_> = table
        .lines()
        .skip(2)
        .take_while(|line| !line.starts_with("---"))
        .map(|line| {
            let cells: Vec<_> = line.split_whitespace().collect();
            let number = |cell: &str| cell.parse().expect("a number");
            let errors = if cells.len() == 6 {
                number(cells[4])
            } else {
                0
            };
            let name = cells[cells.len() - 1];
            (name.to_owned(), number(cells[3]), errors)
        })
        .collect();
    counts.sort();
    counts
}

/// Compiles `tests/workloads/NAME.c`.
pub(crate) fn workload(name: &str) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/workloads")
        .join(format!("{name}.c"));
    built(name, &["-O1", "-pthread"], &source)
}

/// Compiles a file with these options into a program of that name.
pub(crate) fn built(name: &str, options: &[&str], source: &Path) -> String {
    let program = temporary(name);
    // Tests run side by side: another one may be running the program already.
    let fresh = temporary(&format!("{name}-{:?}", std::thread::current().id()));
    let status = Command::new("cc")
        .args(options)
        .arg("-o")
        .args([fresh.as_path(), source])
        .status()
        .expect("a C compiler (`cc`)");
    assert!(status.success());
    std::fs::rename(&fresh, &program).expect("the program gets its name");
    program.to_str().expect("a UTF-8 path").to_string()
}
