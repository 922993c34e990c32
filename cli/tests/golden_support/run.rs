//! The stage that runs the real binary: in the real kernel, on a real command, on a recorded trace.

use super::{Case, normalize};
use std::path::Path;
use std::process::Command;

/// What runs scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// A trace is replayed: native code, and no command.
    Native,
    /// A command is traced by ptrace.
    Ptrace,
    /// The kernel.
    Kernel,
}

impl Runner {
    const NAMES: [(&'static str, Self); 3] = [
        ("native", Self::Native),
        ("ptrace", Self::Ptrace),
        ("kernel", Self::Kernel),
    ];

    /// As headers have it.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        let row = Self::NAMES.iter().find(|row| row.0 == name);
        row.map(|row| row.1)
    }

    /// What the command line says for it: for each trace, or once.
    fn options(self, case: &Case) -> Vec<Vec<String>> {
        let words = |words: &[&str]| words.iter().map(|word| word.to_string()).collect();
        match (self, &case.command) {
            (Self::Native, _) => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/traces");
                let replay =
                    |trace: &str| words(&["--replay", &folder.join(trace).to_string_lossy()]);
                match case.traces.as_slice() {
                    [] => vec![replay(EMPTY)],
                    traces => traces.iter().map(|trace| replay(trace)).collect(),
                }
            }
            (Self::Ptrace, command) => {
                let command = command.as_deref().unwrap_or(ANY_COMMAND);
                vec![words(&["--engine", "ptrace", "-c", command])]
            }
            (Self::Kernel, Some(command)) => vec![words(&["--engine", "bpf", "-c", command])],
            (Self::Kernel, None) => vec![words(&["--engine", "bpf"])],
        }
    }
}

/// In it, nothing happened.
const EMPTY: &str = "empty.trace";
/// ptrace cannot do without one.
const ANY_COMMAND: &str = "true";

/// What the script prints, whatever runs it. If not all print the same, the complaint says who does not print what is
/// expected.
pub(crate) fn run(case: &Case) -> Result<String, String> {
    let runs = case.runners.iter().flat_map(|runner| runner.options(case));
    let runs: Vec<_> = runs
        .map(|options| (options.join(" "), run_with(case, &options)))
        .collect();
    if let Some((_, Ok(first))) = runs.first()
        && runs.iter().all(|run| run.1.as_ref() == Ok(first))
    {
        return Ok(first.clone());
    }
    let complaints = runs.into_iter().filter_map(|(options, result)| {
        let why = match result {
            Ok(output) if output == case.expected => return None,
            Ok(output) => super::difference(&case.expected, &output),
            Err(why) => why,
        };
        Some(format!("{options}: {why}"))
    });
    Err(complaints.collect::<Vec<_>>().join("\n"))
}

fn run_with(case: &Case, options: &[String]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_trapline"))
        .args(["-q", "-e", &case.script])
        .args(options)
        .args(&case.options)
        .arg("--")
        .args(&case.args)
        // Commands find nothing but their own libraries.
        .env_remove("LD_LIBRARY_PATH")
        .envs(case.env.iter().map(|(name, value)| (name, value)))
        .output()
        .map_err(|error| error.to_string())?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(case.exit) {
        // A kernel that refuses BPF says so in the first line.
        return Err(format!(
            "ended with {}: {}",
            output.status,
            stderr.trim_end()
        ));
    }
    if case.stderr {
        return Ok(normalize(&format!("{stderr}{stdout}")));
    }
    if !stderr.is_empty() {
        return Err(format!("stderr: {}", stderr.trim_end()));
    }
    Ok(normalize(&stdout))
}
