//! The command line: words in, [`Args`] out, and the texts of usage and help.
//!
//! What the words ask for is [`Args::task`]; doing it is left to [`crate::command`].

use clap::{ArgAction, Parser, ValueEnum};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use trapline_lang::analyze::Mode;

const USAGE: &str = "trapline [options] FILE [ARGS...]
    trapline [options] -e PROGRAM [ARGS...]
    trapline [options] - [ARGS...]          (the script comes from stdin)
    trapline -l [-v] [PATTERN | FILE | -e PROGRAM]
    trapline                                (alone on a terminal: a prompt)
    trapline trace | stat | seccomp ...     (ready-made; each has its own --help)";

const TEMPLATE: &str = "{about}\n\nUSAGE:\n    {usage}\n\nOPTIONS:\n{options}{after-help}";

const AFTER_HELP: &str = "ARGS are $1, $2, ... in the script; $# is how many there are. Behind --, --NAME=VALUE sets what the
script asks for with getopt(\"NAME\"), and --help tells what that is.

EXAMPLES:
    trapline -e 'tracepoint:raw_syscalls:sys_enter { @[args.id] = count(); }' -c 'ls /usr'
        which system calls ls makes, and how often
    trapline -e 't:syscalls:sys_enter_openat { printf(\"%s %s\\n\", comm, str(args.filename)); }'
        who opens which files
    trapline -e 't:syscalls:sys_exit_read /args.ret > 0/ { @bytes[comm] = hist(args.ret); }'
        how much is read at once, by program
    trapline -lv 'tracepoint:syscalls:sys_enter_open*'
        probes with their arguments
    trapline --record build.trace -F -c 'make -j2'
        write down all system calls of a build, to ask later:
    trapline --replay build.trace -e 'syscall:openat /errno == ENOENT/ { @[args.filename] = count(); }'
        which files were looked for in vain

ENVIRONMENT:
    BPFTRACE_MAX_STRLEN, ...   options of the config block; these win over it
    NO_COLOR                   messages without colours

EXIT STATUS:
    What the script gave to exit(), else 0; 1 if the script, the command line or the machine
    is at fault. The status of the -c command is reported, not passed on.";

/// What `--record` runs without a script: one without probes on system calls has all of them recorded.
const SEES_ALL: &str = "BEGIN { }";

/// What was written on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "trapline",
    version,
    about = "Traces system calls with bpftrace-style scripts.",
    override_usage = USAGE,
    help_template = TEMPLATE,
    after_help = AFTER_HELP,
    max_term_width = 100,
    disable_help_flag = true
)]
pub(crate) struct Args {
    /// Run this program; of several, the last
    #[arg(short = 'e', value_name = "PROGRAM", allow_hyphen_values = true)]
    pub(crate) programs: Vec<String>,

    /// The script (`-`: stdin), then its arguments; with -e all are arguments
    #[arg(value_name = "FILE", hide = true, allow_negative_numbers = true)]
    pub(crate) words: Vec<OsString>,

    /// List the probes that match PATTERN, or those of a script; with -v also their arguments
    #[arg(short = 'l', long = "list")]
    pub(crate) list: bool,

    /// Run CMD once the probes are attached, and end with it
    #[arg(short = 'c', long = "cmd", value_name = "CMD", conflicts_with = "pid")]
    pub(crate) command: Option<String>,

    /// Trace this process only, and end with it
    #[arg(
        short = 'p',
        long = "pid",
        value_name = "PID",
        allow_hyphen_values = true
    )]
    pub(crate) pid: Option<String>,

    /// With -c or -p: that process and all its descendants
    #[arg(short = 'F', long)]
    pub(crate) follow: bool,

    /// Only the tasks of this cgroup v2 and of those below it: a path, or the name of a container or unit
    #[arg(long, value_name = "PATH")]
    pub(crate) cgroup: Option<String>,

    /// See one system call of N, by chance, and multiply what counts them
    #[arg(long, value_name = "1/N", value_parser = sample)]
    pub(crate) sample: Option<u32>,

    /// Print at most N lines of events a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,

    /// What runs the script: auto, bpf (the kernel) or ptrace (the command of -c and its children, without root)
    #[arg(
        long,
        value_name = "ENGINE",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) engine: EngineName,

    /// Run the script on what was recorded in FILE: by --record, or by strace -f -ttt -T
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "engine", "record"])]
    pub(crate) replay: Option<PathBuf>,

    /// Replay N times as fast as it happened (1: as fast); else as fast as can be
    #[arg(long, value_name = "N", value_parser = speed, requires = "replay")]
    pub(crate) speed: Option<f64>,

    /// Write the system calls that the script sees (without one, all) into FILE, for --replay
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Keep only the last BYTES of a recording, in memory, and write them at SIGUSR1, --dump-on or the end
    #[arg(long, value_name = "BYTES", value_parser = bytes, requires = "record")]
    pub(crate) ring: Option<u64>,

    /// Write what --ring has whenever this fires: 'syscall:write /errno == ENOSPC/'
    #[arg(long, value_name = "PROBE", requires = "ring")]
    pub(crate) dump_on: Option<String>,

    /// Form of the output: text or json
    #[arg(
        short = 'f',
        long = "format",
        value_name = "FORM",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(crate) format: OutputFormat,

    /// Write to FILE instead of stdout
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// When output is written: none (at once), line or full (in blocks)
    #[arg(
        short = 'B',
        value_name = "MODE",
        default_value = "line",
        hide_possible_values = true
    )]
    pub(crate) buffering: BufferMode,

    /// How system calls and their arguments print: names or raw (numbers)
    #[arg(
        long,
        value_name = "FORM",
        default_value = "names",
        hide_possible_values = true
    )]
    pub(crate) decode: DecodeMode,

    /// Show what the descriptors of printed system calls are open on
    #[arg(short = 'y', long)]
    pub(crate) fd_paths: bool,

    /// Say nothing but the script's output
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// The script is that of a ready-made command: its user knows nothing of probes.
    #[arg(skip)]
    pub(crate) ready_made: bool,

    /// Say what is done and how long it takes
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// No warnings about the script
    #[arg(long)]
    pub(crate) no_warnings: bool,

    /// Show where memory could not be read and keys were missing
    #[arg(short = 'k', long = "warnings", action = ArgAction::Count)]
    pub(crate) runtime_warnings: u8,

    /// Allow functions that change the system
    #[arg(long = "unsafe")]
    pub(crate) allow_unsafe: bool,

    /// Compile, load and attach, then stop
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print what the script becomes and do not run it: ast, hir, clif, bpf or elf
    #[arg(long, value_name = "STAGE", hide_possible_values = true)]
    pub(crate) emit: Option<EmitStage>,

    /// The same, by bpftrace's names: ast, types, codegen, codegen-opt or dis
    #[arg(
        short = 'd',
        long = "debug",
        value_name = "STAGE",
        hide = true,
        conflicts_with = "emit"
    )]
    debug: Option<DebugStage>,

    /// Write the ELF object into FILE
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "emit")]
    emit_elf: Option<PathBuf>,

    /// Print the script in standard form, comments and all
    #[arg(long)]
    fmt: bool,

    /// Run the script's test probes
    #[arg(long, conflicts_with = "bench")]
    test: bool,

    /// Run the script's bench probes, and say how long they take
    #[arg(long)]
    bench: bool,

    /// run, test, bench or format
    #[arg(
        long,
        value_name = "MODE",
        hide = true,
        conflicts_with_all = ["test", "bench", "fmt"]
    )]
    mode: Option<ModeName>,

    /// Look for imported files in DIR, too
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include_folders: Vec<PathBuf>,

    /// Import FILE before anything else
    #[arg(long = "include", value_name = "FILE")]
    pub(crate) includes: Vec<String>,

    /// Kernel features to do without: Trapline tries what there is
    #[arg(long, value_name = "LIST", hide = true)]
    no_feature: Option<String>,

    /// Semaphores are found by file anyway
    #[arg(long, hide = true)]
    usdt_file_activation: bool,

    /// BTF is used anyway
    #[arg(short = 'b', long, hide = true)]
    btf: bool,

    /// How system calls are hooked: auto, btf, raw, tracepoint or event (each by its own tracepoint)
    #[arg(
        long,
        value_name = "HOOK",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) attach: AttachMode,

    /// Only attach points that this regular expression fits (begin and end always run)
    #[arg(long, value_name = "REGEX")]
    pub(crate) probe_filter: Option<String>,

    /// Let syscall: probes see the calls of trapline itself, too
    #[arg(long = "self")]
    pub(crate) include_self: bool,

    /// Most bytes of a buffer that a printed system call shows
    #[arg(
        short = 's',
        long,
        value_name = "BYTES",
        value_parser = clap::value_parser!(u32).range(0..=i64::from(trapline_lang::analyze::MAX_CAPTURE))
    )]
    pub(crate) string_limit: Option<u32>,

    /// Print what this kernel offers
    #[arg(long)]
    pub(crate) info: bool,

    /// Print this help
    #[arg(short, long, action = ArgAction::HelpShort)]
    help: Option<bool>,
}

/// `--engine`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// bpf where it may be used, else ptrace.
    Auto,
    /// The kernel.
    Bpf,
    /// A command and its descendants.
    Ptrace,
}

/// `-f`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// As bpftrace prints.
    Text,
    /// One JSON object a line.
    Json,
}

/// `--decode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecodeMode {
    /// What they mean.
    Names,
    /// Numbers.
    Raw,
}

/// `-B`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BufferMode {
    /// Each piece at once.
    None,
    /// After each line.
    Line,
    /// In blocks.
    Full,
}

/// `-d`, as bpftrace names the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DebugStage {
    /// The syntax tree.
    Ast,
    /// The typed tree.
    Types,
    /// Cranelift IR.
    Codegen,
    /// Cranelift IR.
    CodegenOpt,
    /// BPF instructions.
    Dis,
}

/// `--mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModeName {
    /// The main job.
    #[value(name = "run", alias = "codegen")]
    Run,
    /// As `--test`.
    Test,
    /// As `--bench`.
    Bench,
    /// As `--fmt`.
    Format,
}

/// `--emit`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmitStage {
    /// The syntax tree.
    Ast,
    /// The typed tree.
    Hir,
    /// Cranelift IR, optimized.
    Clif,
    /// BPF instructions.
    Bpf,
    /// The ELF object, into the file of -o.
    Elf,
}

/// `--attach`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttachMode {
    /// The cheapest that the kernel has.
    Auto,
    /// Raw tracepoints with BTF.
    Btf,
    /// Raw tracepoints.
    Raw,
    /// Perf tracepoints.
    Tracepoint,
    /// The perf tracepoints of the calls that a script names.
    Event,
}

/// Where the script comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScriptSource {
    /// `-e`
    Inline(String),
    /// `-`
    Stdin,
    /// A file.
    File(PathBuf),
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// `--info`
    Info,
    /// `-l PATTERN`
    List(Option<String>),
    /// `-l` with a script: the probes that it attaches.
    ListScript(ScriptSource),
    /// `--emit`
    Emit(ScriptSource, EmitStage),
    /// `--fmt`
    Format(ScriptSource),
    /// The main job, tests and benchmarks.
    Run(ScriptSource),
    /// Nothing in particular: the prompt.
    Repl,
}

/// Why the words make no command line.
#[derive(Debug)]
pub(crate) enum UsageError {
    /// `-h` or `-V`: a text for stdout.
    Asked(String),
    /// Something is wrong with the words.
    Wrong {
        /// What.
        text: String,
        /// What usage looks like.
        usage: &'static str,
    },
}

impl Args {
    /// Reads the command line.
    ///
    /// # Errors
    /// If it makes no sense, or asks for help.
    pub(crate) fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        Self::try_parse_from(words).map_err(|error| UsageError::new(&error, USAGE))
    }

    /// What is to be done.
    pub(crate) fn task(&self) -> Task {
        if self.info {
            return Task::Info;
        }
        if self.list {
            return match self.script() {
                Some(script @ ScriptSource::Inline(_)) => Task::ListScript(script),
                Some(ScriptSource::File(path)) if path.is_file() => {
                    Task::ListScript(ScriptSource::File(path))
                }
                _ => Task::List(
                    self.words
                        .first()
                        .map(|word| word.to_string_lossy().into_owned()),
                ),
            };
        }
        if self.fmt || self.mode == Some(ModeName::Format) {
            return match self.script() {
                Some(script) => Task::Format(script),
                None => Task::Repl,
            };
        }
        match (self.script(), self.stage()) {
            (Some(script), Some(stage)) => Task::Emit(script, stage),
            (Some(script), None) => Task::Run(script),
            (None, _) => Task::Repl,
        }
    }

    fn script(&self) -> Option<ScriptSource> {
        if let Some(program) = self.programs.last() {
            return Some(ScriptSource::Inline(program.clone()));
        }
        let Some(word) = self.words.first() else {
            // A recording needs no script.
            let all = || ScriptSource::Inline(SEES_ALL.to_owned());
            return self.record.is_some().then(all);
        };
        Some(if word == "-" {
            ScriptSource::Stdin
        } else {
            ScriptSource::File(word.into())
        })
    }

    fn stage(&self) -> Option<EmitStage> {
        let debugged = self.debug.map(|stage| match stage {
            DebugStage::Ast => EmitStage::Ast,
            DebugStage::Types => EmitStage::Hir,
            DebugStage::Codegen | DebugStage::CodegenOpt => EmitStage::Clif,
            DebugStage::Dis => EmitStage::Bpf,
        });
        let elf = self.emit_elf.as_ref().map(|_| EmitStage::Elf);
        self.emit.or(debugged).or(elf)
    }

    /// The file that output goes to; `None` for stdout.
    pub(crate) fn output(&self) -> Option<&Path> {
        self.emit_elf.as_deref().or(self.output.as_deref())
    }

    /// What goes as it should is told, not only what does not.
    pub(crate) fn announces(&self) -> bool {
        !self.quiet && !self.ready_made
    }

    /// Which probes are wanted.
    pub(crate) fn mode(&self) -> Mode {
        match self.mode {
            Some(ModeName::Test) => Mode::Test,
            Some(ModeName::Bench) => Mode::Bench,
            _ if self.test => Mode::Test,
            _ if self.bench => Mode::Bench,
            _ => Mode::Run,
        }
    }

    /// What stands behind the script, or, with `-e`, all that is no option.
    fn parameters(&self) -> impl Iterator<Item = String> {
        let skipped = usize::from(self.programs.is_empty());
        self.words
            .iter()
            .skip(skipped)
            .map(|word| word.to_string_lossy().into_owned())
    }

    /// `$1`, `$2`, ...
    pub(crate) fn positional(&self) -> Vec<String> {
        let words = self.parameters();
        words.filter(|word| named(word).is_none()).collect()
    }

    /// `--name=value` and `--name` behind `--`: what `getopt` reads.
    pub(crate) fn named(&self) -> Vec<(String, Option<String>)> {
        self.parameters().filter_map(|word| named(&word)).collect()
    }

    /// The process of `-p`.
    ///
    /// # Errors
    /// If it is not a number that a process can have; the message says why.
    pub(crate) fn pid(&self) -> Result<Option<u32>, String> {
        let Some(text) = &self.pid else {
            return Ok(None);
        };
        // Linux v6.12 include/linux/threads.h: PID_MAX_LIMIT.
        const LAST: u32 = 0x3f_ffff;
        let reason = match text.parse::<u32>() {
            Ok(pid) if (1..=LAST).contains(&pid) => return Ok(Some(pid)),
            Ok(_) => "out of range",
            Err(_) if text.is_empty() => "empty",
            Err(_) if text.bytes().all(|byte| byte.is_ascii_digit()) => "out of range",
            Err(_) if text.starts_with(|first: char| first.is_ascii_digit()) => {
                "invalid trailing bytes"
            }
            Err(_) => "not a number",
        };
        Err(format!("Failed to parse pid: {reason}: {text}"))
    }
}

/// A named parameter: clap lets no such word through but behind `--`.
fn named(word: &str) -> Option<(String, Option<String>)> {
    let word = word.strip_prefix("--").filter(|name| !name.is_empty())?;
    Some(match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (word.to_owned(), None),
    })
}

/// `1/100`, or `100`.
fn sample(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix("1/").unwrap_or(text);
    match number.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("write 1/N, N a number from 1".to_owned()),
    }
}

/// A positive number.
fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("write a number above 0".to_owned()),
    }
}

/// `64M`: a number with `K`, `M` or `G`, powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let units = [("K", 10), ("M", 20), ("G", 30), ("", 0)];
    let parts = units.into_iter().find_map(|(unit, shift)| {
        let number = text.strip_suffix(unit)?.parse::<u64>().ok()?;
        number.checked_mul(1 << shift)
    });
    match parts {
        Some(bytes) if bytes >= 1 << 20 => Ok(bytes),
        Some(_) => Err("a ring has at least 1M".to_owned()),
        None => Err("write a number of bytes, with K, M or G".to_owned()),
    }
}

impl UsageError {
    /// What the parser of the words says.
    pub(crate) fn new(error: &clap::Error, usage: &'static str) -> Self {
        let text = error.render().to_string();
        if error.use_stderr() {
            Self::Wrong {
                text: first_paragraph(&text),
                usage,
            }
        } else {
            Self::Asked(text)
        }
    }
}

/// clap's own message, without the usage that it adds in its own form.
fn first_paragraph(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let end = text.find("\n\nUsage").or_else(|| text.find("\n\nFor more"));
    text[..end.unwrap_or(text.len())].trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        let words = std::iter::once("trapline").chain(words.iter().copied());
        Args::read(words.map(OsString::from)).expect("a valid command line")
    }

    #[test]
    fn the_first_word_is_the_script_unless_there_is_one() {
        let with_file = args(&["s.bt", "a", "-c", "true", "-5"]);
        assert_eq!(
            with_file.task(),
            Task::Run(ScriptSource::File("s.bt".into()))
        );
        assert_eq!(with_file.positional(), ["a", "-5"]);
        let inline = args(&["-e", "BEGIN {", "-e", "END { }", "a", "--", "-v"]);
        assert_eq!(
            inline.task(),
            Task::Run(ScriptSource::Inline("END { }".into()))
        );
        assert_eq!(inline.positional(), ["a", "-v"]);
        assert!(!inline.verbose);
        assert_eq!(args(&["-"]).task(), Task::Run(ScriptSource::Stdin));
        assert_eq!(args(&[]).task(), Task::Repl);
    }

    #[test]
    fn named_parameters_stand_behind_two_dashes() {
        let inline = args(&["-e", "BEGIN { }", "a", "--", "--top=5", "-v", "--all"]);
        assert_eq!(inline.positional(), ["a", "-v"]);
        let named = [("top".into(), Some("5".into())), ("all".into(), None)];
        assert_eq!(inline.named(), named);
    }

    #[test]
    fn a_list_takes_a_pattern_or_a_script() {
        assert_eq!(args(&["-l"]).task(), Task::List(None));
        let detailed = args(&["-lv", "t:sched:*"]);
        assert_eq!(detailed.task(), Task::List(Some("t:sched:*".into())));
        assert!(detailed.verbose);
        let script = ScriptSource::Inline("BEGIN {}".into());
        assert_eq!(
            args(&["-l", "-e", "BEGIN {}"]).task(),
            Task::ListScript(script)
        );
    }

    #[test]
    fn a_pid_says_why_it_is_none() {
        let why = |pid: &str| args(&["-p", pid]).pid().expect_err("no pid");
        assert_eq!(
            why("111a1"),
            "Failed to parse pid: invalid trailing bytes: 111a1"
        );
        assert_eq!(why("0"), "Failed to parse pid: out of range: 0");
        assert_eq!(
            why("99999999999"),
            "Failed to parse pid: out of range: 99999999999"
        );
        assert_eq!(why("-1"), "Failed to parse pid: not a number: -1");
        assert_eq!(args(&["-p", "17"]).pid(), Ok(Some(17)));
    }

    #[test]
    fn a_wrong_option_is_named_without_clap_s_own_usage() {
        let words = ["trapline", "--nonsense"].map(OsString::from);
        let Err(UsageError::Wrong { text, .. }) = Args::read(words) else {
            panic!("accepted");
        };
        assert!(
            text.starts_with("unexpected argument '--nonsense' found"),
            "{text}"
        );
        assert!(!text.contains("Usage"), "{text}");
        let words = ["trapline", "-h"].map(OsString::from);
        assert!(
            matches!(Args::read(words), Err(UsageError::Asked(text)) if text.contains("USAGE:"))
        );
    }
}
