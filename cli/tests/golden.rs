//! Runs `tests/golden/**/*.bt`: one file is header, script and expected output.
//!
//! ```text
//! //! stage = "hir"
//! BEGIN { $x = 1 + 2; }
//!
//! //> probe BEGIN
//! ```
//!
//! Header keys: `stage` (ast, hir, clif, bpf, diagnostics) or `run = ["native", "ptrace", "kernel"]`: the script runs on
//! each engine named, and each has to print the same. For all there are `args` (what scripts see as `$1`) and `env`
//! (`NAME=value`); for stages that compile `engine` (bpf, ptrace, replay); for `run` also
//!
//! * `trace`: what `native` replays, a file of `tests/golden/traces/` (a recording of ours, or a log of strace), or a
//!   list of such files; without it, one in which nothing happens;
//! * `command`: what `ptrace` and `kernel` run and trace; without it, nothing (for ptrace, `true`);
//! * `options` of the command line;
//! * `exit`, the expected status, and `stderr = true`: it is compared too, before stdout.
//!
//! The script stands between header and expectation. A file may hold several cases: each begins with
//! `//! case = "NAME"`, and the header before the first is theirs, too, unless their own says something else.
//!
//! `BLESS=1 cargo test --test golden [filter]` writes what came out into the files whose paths hold `filter`, if all
//! engines agree on it.

#![expect(clippy::print_stdout, reason = "a test harness reports on stdout")]

mod golden_support;

use golden_support::{Case, GoldenFile, Stage, compile, run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let bless = std::env::var_os("BLESS").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    paths.retain(|path| {
        let path = path.to_string_lossy();
        filters.is_empty() || filters.iter().any(|filter| path.contains(filter.as_str()))
    });
    if words.iter().any(|word| word == "--list") {
        for path in &paths {
            println!("{}: test", name(&root, path));
        }
        return ExitCode::SUCCESS;
    }
    let mut failures = Vec::new();
    for path in &paths {
        let name = name(&root, path);
        match check(path, bless) {
            Ok(()) => println!("golden {name} ... ok"),
            Err(why) => {
                println!("golden {name} ... FAILED");
                failures.push((name, why));
            }
        }
    }
    for (name, why) in &failures {
        println!("\n---- {name} ----\n{why}");
    }
    println!(
        "\ngolden: {} passed; {} failed",
        paths.len() - failures.len(),
        failures.len()
    );
    ExitCode::from(u8::from(!failures.is_empty()))
}

/// Runs the cases of a file and compares, or writes down what came out.
fn check(path: &Path, bless: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file = GoldenFile::read(&text)?;
    let result = |case: &Case| match case.stage {
        Stage::Run => run::run(case),
        stage => compile::dump(case, stage),
    };
    let results: Vec<_> = file.cases.iter().map(result).collect();
    let pairs = file.cases.iter().zip(&results);
    let wrong = pairs.filter(|(case, result)| result.as_ref() != Ok(&case.expected));
    let complaints: Vec<String> = wrong
        .map(|(case, result)| {
            let why = match result {
                Ok(actual) => golden_support::difference(&case.expected, actual),
                Err(why) => why.clone(),
            };
            match &case.name {
                Some(name) => format!("case {name}: {why}"),
                None => why,
            }
        })
        .collect();
    if complaints.is_empty() {
        return Ok(());
    }
    if bless {
        let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
        return std::fs::write(path, file.with_expected(&results))
            .map_err(|error| error.to_string());
    }
    Err(complaints.join("\n"))
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("tests/golden can be read") {
        let path = entry.expect("tests/golden can be read").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "bt") {
            paths.push(path);
        }
    }
}

fn name(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.with_extension("").display().to_string()
}
