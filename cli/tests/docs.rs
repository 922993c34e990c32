//! The documentation is true: its tables are made from the rows that the compiler uses, its scripts compile, its
//! commands are understood.
//!
//! `BLESS=1 cargo test --test docs` rewrites the tables of `docs/language.md` and `docs/syscalls.md`.

mod docs_support;
#[path = "golden_support/machine.rs"]
mod machine;
mod support;

use docs_support::blocks::{Block, blocks};
use docs_support::{commands, compile, complaints, read, root, tables};
use support::trapline;
use trapline_lang::diagnostic::Diagnostic;
use trapline_lang::engine::Engine;
use trapline_lang::function;
use trapline_lang::provider::Support;

#[test]
fn tables_are_made_from_the_rows() {
    for name in ["docs/language.md", "docs/syscalls.md"] {
        let path = root().join(name);
        let text = read(&path);
        let made = tables::filled(&text);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, made).expect("the documentation can be written");
            continue;
        }
        assert!(
            made == text,
            "the tables of {name} are out of date: BLESS=1 cargo test --test docs"
        );
    }
}

#[test]
fn the_example_of_each_function_compiles() {
    // An example takes its arguments from whatever event has them.
    const PROBES: [&str; 11] = [
        "BEGIN",
        "tracepoint:syscalls:sys_enter_openat",
        "tracepoint:syscalls:sys_enter_read",
        "tracepoint:syscalls:sys_exit_read",
        "tracepoint:syscalls:sys_enter_execve",
        "tracepoint:syscalls:sys_enter_kill",
        "tracepoint:syscalls:sys_enter_sethostname",
        "tracepoint:raw_syscalls:sys_enter",
        "tracepoint:raw_syscalls:sys_exit",
        "tracepoint:timer:hrtimer_start",
        "uprobe:libc:getpid",
    ];
    let ready = function::all()
        .iter()
        .filter(|row| row.support == Support::Ready);
    let mut wrong = String::new();
    for row in ready {
        let found = PROBES.map(|probe| {
            let script = format!(
                "{probe} {{ {} }} END {{ @bytes[comm] = 1; @start[tid] = nsecs; }}",
                row.example
            );
            compile(&script)
        });
        // A machine without cgroup v2 has no ids; some functions belong to events that no machine has for certain.
        let elsewhere = |result: &Result<(), String>| {
            let reasons = ["Failed to get cgroup id", "can not be used with begin"];
            matches!(result, Err(why) if reasons.iter().any(|reason| why.contains(reason)))
        };
        let compiles = |result| Result::is_ok(result) || elsewhere(result);
        if let (Err(why), false) = (&found[0], found.iter().any(compiles)) {
            wrong.push_str(&format!("{}(): {}\n{why}\n", row.name, row.example));
        }
    }
    assert!(
        wrong.is_empty(),
        "no event is known for the example of {wrong}"
    );
}

#[test]
fn scripts_in_the_documentation_compile() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "docs/language.md",
        "docs/syscalls.md",
        "docs/commands.md",
        "docs/strace.md",
        "examples/README.md",
    ] {
        for Block { line, text } in blocks(&read(&root().join(name))) {
            if let Err(why) = compile(&text) {
                panic!("{name}:{line}: {why}");
            }
        }
    }
}

#[test]
fn examples_compile() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("examples")).expect("the examples") {
        let path = entry.expect("the examples").path();
        if path.extension().is_some_and(|extension| extension == "bt") {
            count += 1;
            if let Err(why) = compile(&read(&path)) {
                panic!("{}: {why}", path.display());
            }
        }
    }
    assert!(count > 10);
}

#[test]
fn examples_work_on_native_engines_or_name_the_one_that_they_need() {
    let mut works = 0;
    for entry in std::fs::read_dir(root().join("examples")).expect("the examples") {
        let path = entry.expect("the examples").path();
        if path.extension().is_none_or(|extension| extension != "bt") {
            continue;
        }
        let said = [Engine::Ptrace, Engine::Replay].map(|engine| complaints(&read(&path), engine));
        let is_explained = |report: &Diagnostic| {
            let names_it = report.hint.as_ref().map(|hint| hint.contains("bpf engine"));
            names_it.unwrap_or_default()
        };
        for report in said.iter().flatten() {
            assert!(
                is_explained(report),
                "{}: {}",
                path.display(),
                report.kind.message()
            );
        }
        works += usize::from(said.iter().all(Vec::is_empty));
    }
    assert!(works > 10, "{works}");
}

#[test]
fn commands_in_the_documentation_are_understood() {
    let texts = ["README.md", "docs/commands.md"].map(|name| read(&root().join(name)));
    let found: Vec<_> = texts.iter().flat_map(|text| commands(text)).collect();
    assert!(found.len() > 5, "{found:?}");
    let folder = std::env::temp_dir().join(format!("trapline-docs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for mut command in found {
        if command.words.is_empty() {
            continue;
        }
        // There is no such container.
        let cgroup = command.words.iter().position(|word| word == "--cgroup");
        if let Some(value) = cgroup.and_then(|at| command.words.get_mut(at + 1)) {
            "/".clone_into(value);
        }
        // They say which script they are.
        let stop: &[&str] = match command.words[0].as_str() {
            "trace" | "stat" | "seccomp" => &["--print-script"],
            _ => &["--emit", "hir"],
        };
        // There are no such profiles, groups and traces.
        let reads = ["--check", "--diff", "--cgroup", "--replay"];
        if command
            .words
            .iter()
            .any(|word| reads.contains(&word.as_str()))
        {
            continue;
        }
        let output = trapline()
            .args(&command.words)
            .args(stop)
            .current_dir(&folder)
            .stdin(std::process::Stdio::null())
            .output()
            .expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("USAGE:"), "{:?}: {stderr}", command.words);
        assert_eq!(
            output.status.success(),
            !command.fails,
            "{:?}: {stderr}",
            command.words
        );
    }
}
