//! What a ready-made command looks at, and where its results go: the options that all of them have in, the
//! predicate and the command line of its script out. Who belongs to a process is for `--follow` to know.
//!
//! A trace of a command is looked at as the command would be, so that results are those of then.

use crate::args::{Args, UsageError};
use crate::command::run::{self, Caller};
use crate::exit_code::Status;
use anyhow::{Context, anyhow};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use trapline_lang::source::Source;
use trapline_lang::syscall::Abi;
use trapline_runtime::catalog::NATIVE_ABI;
use trapline_runtime::output::Sink;
use trapline_runtime::replay;
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::event::Origin;
use trapline_runtime::trace::names::KnownNames;

/// Options that all ready-made commands have.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Scope {
    /// Run CMD, and end with it
    #[arg(short = 'c', long = "cmd", value_name = "CMD", conflicts_with = "pid")]
    pub(crate) command: Option<String>,

    /// This process only, until it ends
    #[arg(
        short = 'p',
        long = "pid",
        value_name = "PID",
        allow_hyphen_values = true
    )]
    pub(crate) pid: Option<String>,

    /// What watches: auto, bpf (the kernel) or ptrace (the command of -c and its children, without root)
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,

    /// What was recorded in FILE: by --record, or by strace -f -ttt -T
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "engine", "record", "attach", "cgroup"])]
    pub(crate) replay: Option<PathBuf>,

    /// Write what is seen into FILE, too, for --replay
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// Write to FILE instead of stdout
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Only the tasks of this control group and of those below it: a path, or the name of a container or unit
    #[arg(long, value_name = "PATH")]
    cgroup: Option<String>,

    /// How system calls are hooked: auto, btf, raw or tracepoint
    #[arg(long, value_name = "HOOK")]
    attach: Option<String>,

    /// Say how the command of -c ended, and what is done
    #[arg(short, long)]
    verbose: bool,

    /// Print the script that this is, and do not run it
    #[arg(long)]
    pub(crate) print_script: bool,
}

/// Whose calls they are.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// There is a command: that of `-c`, or the one that the trace is about.
    has_command: bool,
    /// What the trace is about.
    pub(crate) origin: Option<Origin>,
    /// The ABI of the machine that they were made on.
    pub(crate) abi: Abi,
}

/// Which processes belong to the command of `-c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Children {
    /// Only itself.
    Excluded,
    /// All that it starts, too.
    Included,
}

/// A script to run.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// What messages call it.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) script: String,
    /// Whose events it sees.
    pub(crate) children: Children,
    /// Options of the command line beside those of the scope.
    pub(crate) options: Vec<String>,
}

impl Subject {
    /// The predicate of a probe, slashes included: of these processes, and with this condition (mostly empty).
    /// Children are for `--follow`, and so is the process of `-p` for the compiler.
    pub(crate) fn predicate(&self, children: Children, condition: &str) -> String {
        let process = match (self.has_command, children) {
            (true, Children::Excluded) => "pid == cpid",
            _ => "",
        };
        match (process, condition) {
            ("", "") => String::new(),
            (one, "") | ("", one) => format!("/{one}/ "),
            (process, condition) => format!("/{process} && {condition}/ "),
        }
    }

    /// Who knows the time of day when it happened.
    pub(crate) fn clock(&self) -> Resolver {
        match &self.origin {
            Some(origin) => Resolver::of_trace(origin, KnownNames::default()),
            None => Resolver::new(),
        }
    }
}

impl Scope {
    /// Whose calls are to be looked at.
    ///
    /// # Errors
    /// If there is no such trace.
    pub(crate) fn subject(&self) -> anyhow::Result<Subject> {
        let origin = match &self.replay {
            Some(path) => Some(replay::open(path)?.origin().clone()),
            None => None,
        };
        let abi = match &origin {
            Some(origin) => Abi::by_name(&origin.abi)
                .with_context(|| format!("the trace is of an unknown ABI: {}", origin.abi))?,
            None => NATIVE_ABI,
        };
        let is_of_command = |origin: &Origin| origin.command_process != 0;
        Ok(Subject {
            // Of a trace, another process may be wanted.
            has_command: self.pid.is_none()
                && (self.command.is_some() || origin.as_ref().is_some_and(is_of_command)),
            origin,
            abi,
        })
    }

    /// What one would write to run a script.
    fn words(&self, subject: &Subject, children: Children, options: &[String]) -> Vec<OsString> {
        // The scripts are ours; what the compiler has to say of them is not for users.
        let mut words: Vec<OsString> = ["trapline", "--no-warnings"].map(Into::into).to_vec();
        if self.verbose {
            words.push("--verbose".into());
        }
        let values = [
            ("--cmd=", &self.command),
            ("--pid=", &self.pid),
            ("--engine=", &self.engine),
            ("--attach=", &self.attach),
            ("--cgroup=", &self.cgroup),
        ];
        for (name, value) in values {
            words.extend(value.iter().map(|value| format!("{name}{value}").into()));
        }
        let paths = [
            ("--output=", &self.output),
            ("--replay=", &self.replay),
            ("--record=", &self.record),
        ];
        for (name, path) in paths {
            words.extend(path.iter().map(|path| {
                let mut word = OsString::from(name);
                word.push(path);
                word
            }));
        }
        let is_rooted = subject.has_command || self.pid.is_some();
        if children == Children::Included && is_rooted {
            words.push("--follow".into());
        }
        words.extend(options.iter().map(OsString::from));
        words
    }

    fn args(
        &self,
        subject: &Subject,
        children: Children,
        options: &[String],
    ) -> anyhow::Result<Args> {
        let words = self.words(subject, children, options);
        let mut args = Args::read(words).map_err(|error| match error {
            UsageError::Wrong { text, .. } | UsageError::Asked(text) => anyhow!(text),
        })?;
        args.ready_made = !self.verbose;
        Ok(args)
    }

    /// The file of `-o`, or stdout.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub(crate) fn open_output(&self) -> anyhow::Result<Box<dyn Write>> {
        run::open_output(self.output.as_deref())
    }

    /// Runs a script; what it prints goes to the sink. With `--print-script`, prints the script instead.
    ///
    /// # Errors
    /// If the machine refuses it, or there is no sink.
    pub(crate) fn run(
        &self,
        subject: &Subject,
        job: Job,
        sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
    ) -> anyhow::Result<Status> {
        let args = self.args(subject, job.children, &job.options)?;
        if self.print_script {
            self.open_output()?.write_all(job.script.as_bytes())?;
            return Ok(Status::default());
        }
        let source = Source::new(job.name, job.script);
        run::execute_into(&source, None, &args, Caller::CommandLine, sink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::EngineName;

    fn subject(scope: &Scope) -> Subject {
        scope.subject().expect("there is no trace to be read")
    }

    #[test]
    fn a_predicate_is_made_of_what_there_is() {
        let everything = subject(&Scope::default());
        assert_eq!(everything.predicate(Children::Included, ""), "");
        let failed = everything.predicate(Children::Included, "errno != 0");
        assert_eq!(failed, "/errno != 0/ ");
        let command = subject(&Scope {
            command: Some("true".into()),
            ..Scope::default()
        });
        let own = command.predicate(Children::Excluded, "");
        assert_eq!(own, "/pid == cpid/ ");
        let both = command.predicate(Children::Excluded, "errno != 0");
        assert_eq!(both, "/pid == cpid && errno != 0/ ");
        assert_eq!(command.predicate(Children::Included, ""), "");
    }

    #[test]
    fn options_become_those_of_a_script() {
        let scope = Scope {
            pid: Some("-1".into()),
            output: Some("/tmp/a b".into()),
            record: Some("/tmp/c d".into()),
            engine: Some("bpf".into()),
            ..Scope::default()
        };
        let args = scope.args(&subject(&scope), Children::Included, &["--fd-paths".into()]);
        let args = args.expect("a command line");
        assert_eq!(args.output(), Some(std::path::Path::new("/tmp/a b")));
        assert_eq!(args.record, Some("/tmp/c d".into()));
        assert_eq!(args.engine, EngineName::Bpf);
        assert!(args.pid().is_err() && !args.announces() && args.follow && args.fd_paths);
    }
}
