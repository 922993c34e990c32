//! The same script on every engine: in the kernel, under ptrace, and on recordings of both.
//!
//! Every example that only looks at system calls and processes runs on one command whose calls are known. What it prints
//! in the kernel is printed again by a replay of what was recorded meanwhile, byte for byte; ptrace prints the same but
//! for times and ids, which are other ones in another run.

mod engines_support;
mod support;

use engines_support::{Varies, difference, normalize, ran_well};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{run, temporary, workload};

/// An example on all engines.
struct Example {
    name: &'static str,
    args: &'static [&'static str],
    /// What is not the same in two runs of one command: times and ids.
    varies: &'static [Varies],
    /// What a recording does not have from the run that it was made of.
    not_recorded: &'static [Varies],
    /// It asks for the number of a process, which is the command's here.
    of_command: bool,
}

const fn example(name: &'static str, varies: &'static [Varies]) -> Example {
    Example {
        name,
        args: &[],
        varies,
        not_recorded: &[],
        of_command: false,
    }
}

impl Example {
    const fn args(self, args: &'static [&'static str]) -> Self {
        Self { args, ..self }
    }

    const fn not_recorded(self, not_recorded: &'static [Varies]) -> Self {
        Self {
            not_recorded,
            ..self
        }
    }

    const fn of_command(self) -> Self {
        Self {
            of_command: true,
            ..self
        }
    }
}

/// The compiler says that old 32-bit calls have other arguments.
const NO_WARNINGS: &[&str] = &["--no-warnings"];
/// Script and recording look at the clock one after the other, and both before the call goes on.
const CLOCK: &[Varies] = &[Varies::Column(0)];

const EXAMPLES: &[Example] = &[
    example("bad-closes", &[Varies::Key(0)]),
    // A recording's clock begins some time before its probes are attached: their seconds are others.
    example("busy-cgroups", CLOCK).not_recorded(CLOCK),
    example("busy-containers", CLOCK).not_recorded(CLOCK),
    example("compat-calls", &[Varies::Key(0)]),
    example("count-by-call", &[]).of_command(),
    example("errors", &[]),
    example("execsnoop", EXECSNOOP).not_recorded(CLOCK),
    example("killsnoop", &[Varies::Column(0)]),
    example("mapping-sharing", &[]).args(NO_WARNINGS),
    example("mapping-sizes", &[]).args(NO_WARNINGS),
    example("most-mapping", &[Varies::Key(0)]).args(NO_WARNINGS),
    example("naptime", &[Varies::Column(0), Varies::Column(2)]),
    example("new-processes", CLOCK).not_recorded(CLOCK),
    example("opens", &[Varies::Column(0), Varies::Key(0)]),
    example("opensnoop", &[Varies::Column(0)]),
    example("pidpersec", CLOCK),
    example("refused-access", &[]),
    example("reverse-shells", &[Varies::Column(0), Varies::Column(1)]),
    example("sensitive-calls", &[Varies::Column(0), Varies::Column(1)]),
    example("setuids", &[Varies::Column(0)]),
    example("statsnoop", &[Varies::Column(0)]),
    example("stream", &[Varies::Column(0)]),
    example("stream-json", &[Varies::Digits]).not_recorded(&[Varies::Digits]),
    example("syncsnoop", SYNCSNOOP).not_recorded(&[Varies::Column(3), Varies::Values]),
    example("syscount", &[]).args(&["--", "--top=1000"]),
    example("temporary-files", &[Varies::Column(0)]),
    example("time-by-call", &[Varies::Values]).not_recorded(&[Varies::Values]),
    example("unusual-calls", UNUSUAL_CALLS).of_command(),
];

const EXECSNOOP: &[Varies] = &[Varies::Column(0), Varies::Column(1), Varies::Column(2)];
const SYNCSNOOP: &[Varies] = &[Varies::Column(0), Varies::Column(3), Varies::Values];
const UNUSUAL_CALLS: &[Varies] = &[Varies::Column(0), Varies::Column(1), Varies::Column(3)];

/// Those that ask for more than a command's own calls, and a word that says what.
const REFUSED: [(&str, &str); 10] = [
    ("bashreadline", "uretprobe"),
    ("biolatency", "block:"),
    ("biosnoop", "block:"),
    ("bitesize", "block:"),
    ("gethostlatency", "uprobe"),
    ("runqlat", "sched:sched_wakeup"),
    ("tcpconnect", "sock:"),
    ("tcpdrop", "skb:"),
    ("threadsnoop", "uprobe"),
    ("writeback", "writeback:"),
];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// The command that all of them look at. For those that print every second, it takes so long that one second ends.
fn command(script: &str, folder: &str) -> String {
    let folder = temporary(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let (rounds, lab) = (workload("rounds"), workload("lab"));
    let command = format!("{rounds} {} {lab}", folder.display());
    match script.contains("interval:s:1\n{\n\ttime(") {
        true => format!("sh -c '{command} && sleep 1.2'"),
        false => command,
    }
}

impl Example {
    /// The script, written down anew where it asks for the number of a process: it is the command's then.
    fn script(&self) -> String {
        let path = examples().join(format!("{}.bt", self.name));
        let text = std::fs::read_to_string(&path).expect("an example");
        let path = match self.of_command {
            true => {
                let path = temporary(&format!("{}.bt", self.name));
                let text = text.replace("$1", "cpid").replace("$2", "0");
                std::fs::write(&path, text).expect("a file");
                path
            }
            false => path,
        };
        path.to_str().expect("a UTF-8 path").to_owned()
    }

    fn run(&self, options: &[&str], what: &str) -> Result<String, String> {
        let script = self.script();
        let mut args = options.to_vec();
        args.extend(["--follow", &script]);
        args.extend(self.args);
        ran_well(&run(&args)).map_err(|why| format!("{} {what} {why}", self.name))
    }

    /// Compares all four runs; what differs, if something does.
    fn check(&self) -> Result<(), String> {
        let text = std::fs::read_to_string(self.script()).expect("an example");
        let command = command(&text, "files-of-examples");
        let mut complaints = String::new();
        let mut outputs = Vec::new();
        for engine in ["bpf", "ptrace"] {
            let file = temporary(&format!("{}-{engine}.trace", self.name));
            let file = file.to_str().expect("a UTF-8 path");
            let live = self.run(
                &["--engine", engine, "--record", file, "-c", &command],
                engine,
            )?;
            let replayed = self.run(&["--replay", file], &format!("replayed from {engine}"))?;
            let (live, replayed) = match self.not_recorded {
                [] => (lines(&live), lines(&replayed)),
                varies => (normalize(&live, varies), normalize(&replayed, varies)),
            };
            if live != replayed {
                let difference = difference(&live, &replayed);
                complaints += &format!("a recording by {engine} replayed:\n{difference}");
                if difference.is_empty() {
                    complaints += "the lines are the same in another order\n";
                }
            }
            outputs.push(live.join("\n"));
            std::fs::remove_file(file).expect("a trace");
        }
        let [kernel, ptrace] = [&outputs[0], &outputs[1]].map(|text| normalize(text, self.varies));
        if kernel != ptrace {
            complaints += &format!("ptrace:\n{}", difference(&kernel, &ptrace));
        }
        match complaints.is_empty() {
            true => Ok(()),
            false => Err(format!("{}: {complaints}", self.name)),
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn examples_print_the_same_on_every_engine() {
    let only = std::env::var("EXAMPLE").ok();
    let examples = EXAMPLES.iter();
    let wanted = examples.filter(|example| only.as_ref().is_none_or(|only| only == example.name));
    let wrong: Vec<_> = wanted.filter_map(|example| example.check().err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_native_engines_lack_is_refused_with_the_engine_that_has_it() {
    for (name, lacking) in REFUSED {
        let script = examples().join(format!("{name}.bt"));
        let script = script.to_str().expect("a UTF-8 path");
        for engine in [
            ["--engine", "ptrace", "-c", "true"].as_slice(),
            &["--replay", A_TRACE],
        ] {
            let refusal = run(&[engine, &[script]].concat()).refused(&[lacking]);
            assert!(refusal.contains("use the bpf engine"), "{name}: {refusal}");
        }
    }
}

#[test]
fn every_example_is_run_or_refused() {
    for entry in std::fs::read_dir(examples()).expect("examples") {
        let path = entry.expect("examples").path();
        if path.extension().is_none_or(|extension| extension != "bt") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let runs = EXAMPLES.iter().any(|example| example.name == name);
        let refused = REFUSED.iter().any(|(refused, _)| *refused == name);
        assert!(runs != refused, "{name}: {runs} {refused}");
        let listed = run(&["-l", path.to_str().expect("a UTF-8 path")]).ok();
        let native = listed.lines().all(|probe| {
            let native = NATIVE_PROBES.iter();
            native.clone().any(|native| probe.starts_with(native))
        });
        assert!(runs == native, "{name}: {listed}");
    }
}

/// What all engines have.
const NATIVE_PROBES: [&str; 9] = [
    "begin",
    "BEGIN",
    "END",
    "end",
    "interval:",
    "syscall:",
    "tracepoint:syscalls:",
    "tracepoint:raw_syscalls:",
    "tracepoint:sched:sched_process_",
];
const A_TRACE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/golden/traces/family.trace"
);

/// The tables of `strace -c`: names and how often each was called. Those of 32 bits have a table of their own.
fn strace_counts(command: &str) -> BTreeMap<String, u64> {
    let table = temporary("strace-counts");
    let status = Command::new("strace")
        .args(["-f", "-c", "-U", "calls,name", "-o"])
        .arg(&table)
        .args(command.split(' '))
        .env_remove("LD_LIBRARY_PATH")
        .status()
        .expect("strace");
    assert!(status.success());
    let text = std::fs::read_to_string(table).expect("a table");
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        if let Some((calls, name)) = line.trim().split_once(' ')
            && let Ok(calls) = calls.parse::<u64>()
            && name != "total"
        {
            *counts.entry(name.to_owned()).or_default() += calls;
        }
    }
    counts
}

#[test]
fn counts_are_those_of_strace_on_every_engine() {
    // strace counts what returns.
    let script =
        "tracepoint:raw_syscalls:sys_enter /syscall != \"exit_group\"/ { @[syscall] = count(); }";
    let command = command("", "files-that-are-counted");
    let expected = strace_counts(&command);
    assert!(expected.len() > 20, "{expected:?}");
    let counts = |options: &[&str], engine: &str| {
        let maps = run(&[&["-q", "-F", "-f", "json", "-e", script], options].concat()).maps();
        let mut counts = BTreeMap::new();
        for (name, count) in maps["@"].as_object().expect("a map") {
            let name = name.strip_prefix("i386:").unwrap_or(name);
            *counts.entry(name.to_owned()).or_default() += count.as_u64().expect("a count");
        }
        assert_eq!(counts, expected, "{engine}");
    };
    for engine in ["bpf", "ptrace"] {
        let file = temporary(&format!("counts-{engine}.trace"));
        let file = file.to_str().expect("a UTF-8 path");
        let options = ["--engine", engine, "-c", &command];
        counts(&options, engine);
        counts(&[&options[..], &["--record", file]].concat(), engine);
        counts(&["--replay", file], &format!("recorded by {engine}"));
    }
}
