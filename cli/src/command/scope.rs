//! What a ready-made command looks at, and where its results go: the options that all of them have in, the
//! predicate and the command line of its script out.

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

/// Keeps the processes that a command has started: exact, for a new process runs only after the event of its fork.
const FOLLOW: &str = "tracepoint:sched:sched_process_fork /pid == cpid || @followed[pid]/ {
    @followed[args.child_pid] = true;
}
tracepoint:sched:sched_process_exit /@followed[tid]/ {
    delete(@followed, tid);
}
END {
    clear(@followed);
}
";

impl Scope {
    /// The predicate of a probe, slashes included: of these processes, and with this condition (mostly empty).
    pub(crate) fn predicate(&self, children: Children, condition: &str) -> String {
        let process = match (&self.command, children) {
            (None, _) => "",
            (Some(_), Children::Excluded) => "pid == cpid",
            (Some(_), Children::Included) => "(pid == cpid || @followed[pid])",
        };
        match (process, condition) {
            ("", "") => String::new(),
            (one, "") | ("", one) => format!("/{one}/ "),
            (process, condition) => format!("/{process} && {condition}/ "),
        }
    }

    /// Probes that the script needs so that it can tell which processes are meant.
    pub(crate) fn probes(&self, children: Children) -> &'static str {
        match (&self.command, children) {
            (Some(_), Children::Included) => FOLLOW,
            _ => "",
        }
    }

    /// What one would write to run the script.
    fn words(&self) -> impl Iterator<Item = OsString> {
        let options = [
            ("--cmd", self.command.clone()),
            ("--pid", self.pid.clone()),
            ("--attach", self.attach.clone()),
        ];
        let options = options.into_iter().filter_map(|(name, value)| {
            let mut word = OsString::from(name);
            word.push("=");
            word.push(value?);
            Some(word)
        });
        let output = self.output.iter().map(|path| {
            let mut word = OsString::from("--output=");
            word.push(path);
            word
        });
        let talk = if self.verbose { "--verbose" } else { "--quiet" };
        ["trapline".into(), talk.into()]
            .into_iter()
            .chain(options)
            .chain(output)
    }

    /// The command line that runs the script.
    ///
    /// # Errors
    /// If one of the options has no such value.
    pub(crate) fn args(&self) -> anyhow::Result<Args> {
        Args::read(self.words()).map_err(|error| match error {
            UsageError::Wrong { text, .. } | UsageError::Asked(text) => anyhow!(text),
        })
    }

    /// Runs a script; what it prints goes to the sink. With `--print-script`, prints the script instead.
    ///
    /// # Errors
    /// If the machine refuses it, or there is no sink.
    pub(crate) fn run(
        &self,
        name: &str,
        script: String,
        sink: impl FnOnce(&Args) -> anyhow::Result<Box<dyn Sink>>,
    ) -> anyhow::Result<Status> {
        let args = self.args()?;
        if self.print_script {
            run::open_output(&args)?.write_all(script.as_bytes())?;
            return Ok(Status::default());
        }
        let source = Source::new(name, script);
        let catalog = LiveCatalog::new()?;
        run::execute_into(&source, &catalog, &args, Caller::CommandLine, || {
            sink(&args)
        })
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
        let both = command.predicate(Children::Included, "errno != 0");
        assert_eq!(both, "/(pid == cpid || @followed[pid]) && errno != 0/ ");
    }

    #[test]
    fn options_become_those_of_a_script() {
        let scope = Scope {
            pid: Some("-1".into()),
            output: Some("/tmp/a b".into()),
            ..Scope::default()
        };
        let args = scope.args().expect("a command line");
        assert_eq!(args.output(), Some(std::path::Path::new("/tmp/a b")));
        assert!(args.pid().is_err() && args.quiet);
    }
}
