//! What a ready-made command looks at, and where its results go: the options that all of them have in, the
//! predicate and the command line of its script out. Who belongs to a process is for `--follow` to know.

use crate::args::{Args, UsageError};
use crate::command::run::{self, Caller};
use crate::exit_code::Status;
use anyhow::anyhow;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use trapline_lang::source::Source;
use trapline_runtime::catalog::LiveCatalog;
use trapline_runtime::output::Sink;

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

impl Scope {
    /// The predicate of a probe, slashes included: of these processes, and with this condition (mostly empty).
    /// Children are for `--follow`, and so is the process of `-p` for the compiler.
    pub(crate) fn predicate(&self, children: Children, condition: &str) -> String {
        let process = match (&self.command, children) {
            (Some(_), Children::Excluded) => "pid == cpid",
            _ => "",
        };
        match (process, condition) {
            ("", "") => String::new(),
            (one, "") | ("", one) => format!("/{one}/ "),
            (process, condition) => format!("/{process} && {condition}/ "),
        }
    }

    /// What one would write to run a script.
    fn words(&self, children: Children, options: &[String]) -> Vec<OsString> {
        let talk = if self.verbose { "--verbose" } else { "--quiet" };
        // The scripts are ours; what the compiler has to say of them is not for users.
        let mut words: Vec<OsString> = ["trapline", talk, "--no-warnings"].map(Into::into).to_vec();
        let values = [
            ("--cmd=", &self.command),
            ("--pid=", &self.pid),
            ("--attach=", &self.attach),
            ("--cgroup=", &self.cgroup),
        ];
        for (name, value) in values {
            words.extend(value.iter().map(|value| format!("{name}{value}").into()));
        }
        if let Some(path) = &self.output {
            let mut word = OsString::from("--output=");
            word.push(path);
            words.push(word);
        }
        let is_rooted = self.command.is_some() || self.pid.is_some();
        if children == Children::Included && is_rooted {
            words.push("--follow".into());
        }
        words.extend(options.iter().map(OsString::from));
        words
    }

    fn args(&self, children: Children, options: &[String]) -> anyhow::Result<Args> {
        Args::read(self.words(children, options)).map_err(|error| match error {
            UsageError::Wrong { text, .. } | UsageError::Asked(text) => anyhow!(text),
        })
    }

    /// The file of `-o`, or stdout.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub(crate) fn open_output(&self) -> anyhow::Result<Box<dyn Write>> {
        run::open_output(&self.args(Children::Excluded, &[])?)
    }

    /// Runs a script; what it prints goes to the sink. With `--print-script`, prints the script instead.
    ///
    /// # Errors
    /// If the machine refuses it, or there is no sink.
    pub(crate) fn run(
        &self,
        job: Job,
        sink: impl FnOnce() -> anyhow::Result<Box<dyn Sink>>,
    ) -> anyhow::Result<Status> {
        let args = self.args(job.children, &job.options)?;
        if self.print_script {
            self.open_output()?.write_all(job.script.as_bytes())?;
            return Ok(Status::default());
        }
        let source = Source::new(job.name, job.script);
        let catalog = LiveCatalog::new()?;
        run::execute_into(&source, &catalog, &args, Caller::CommandLine, sink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_predicate_is_made_of_what_there_is() {
        let everything = Scope::default();
        assert_eq!(everything.predicate(Children::Included, ""), "");
        let failed = everything.predicate(Children::Included, "errno != 0");
        assert_eq!(failed, "/errno != 0/ ");
        let command = Scope {
            command: Some("true".into()),
            ..Scope::default()
        };
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
            ..Scope::default()
        };
        let args = scope.args(Children::Included, &["--fd-paths".into()]);
        let args = args.expect("a command line");
        assert_eq!(args.output(), Some(std::path::Path::new("/tmp/a b")));
        assert!(args.pid().is_err() && args.quiet && args.follow && args.fd_paths);
    }
}
