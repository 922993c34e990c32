//! `trapline stat`: how often each system call was made, how long it took and how often it failed. Options in, a
//! script run, its maps as a table or as JSON lines out.

mod table;

use super::collector::Maps;
use super::scope::{Children, Job, Scope, Subject};
use crate::args::OutputFormat;
use crate::exit_code::Status;
use anyhow::bail;
use clap::{ArgAction, Parser, ValueEnum};
use std::io::Write;
use table::Row;

/// How it is called.
pub(crate) const USAGE: &str = "trapline stat [options] -c CMD
    trapline stat [options] -p PID
    trapline stat [options]                 (all processes, until Ctrl-C or -d)
    trapline stat [options] --replay FILE   (the command of a recording; else all that is in it)";

const AFTER_HELP: &str = "Times are wall-clock times from entry to exit, taken in the kernel or, by the ptrace engine, as it sees them. Calls that never return
(exit_group, rt_sigreturn) and those that were under way at the start have none. The processes that CMD starts count, too.";

/// Options of `trapline stat`.
#[derive(Debug, Parser)]
#[command(
    name = "trapline stat",
    about = "Counts system calls, their errors and their time, as strace -c does.",
    override_usage = USAGE,
    help_template = crate::subcommand::TEMPLATE,
    after_help = AFTER_HELP,
    max_term_width = 100,
    disable_help_flag = true
)]
pub(crate) struct Options {
    #[command(flatten)]
    scope: Scope,

    /// One row for each: syscall, comm, pid, tid, cgroup or errno, or several of them
    #[arg(
        long,
        value_name = "KEY,...",
        value_delimiter = ',',
        default_value = "syscall",
        hide_possible_values = true
    )]
    by: Vec<Key>,

    /// Stop after so many seconds (of a recording: of its time)
    #[arg(short = 'd', long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    duration: Option<u32>,

    /// Form of the output: text or json (one object for each row)
    #[arg(
        short = 'f',
        long = "format",
        value_name = "FORM",
        default_value = "text",
        hide_possible_values = true
    )]
    format: OutputFormat,

    /// Print this help
    #[arg(short, long, action = ArgAction::HelpShort)]
    help: Option<bool>,
}

/// What rows stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Key {
    /// The call.
    Syscall,
    /// The thread's name.
    Comm,
    /// The process.
    Pid,
    /// The thread.
    Tid,
    /// The control group's path.
    Cgroup,
    /// How it ended.
    Errno,
}

impl Key {
    /// Its column's header.
    fn name(self) -> &'static str {
        match self {
            Self::Syscall => "syscall",
            Self::Comm => "comm",
            Self::Pid => "pid",
            Self::Tid => "tid",
            Self::Cgroup => "cgroup",
            Self::Errno => "errno",
        }
    }

    /// What a script writes for it.
    fn expression(self) -> &'static str {
        match self {
            Self::Cgroup => "cgroup_path(cgroup)",
            key => key.name(),
        }
    }
}

/// Counts and prints.
///
/// # Errors
/// If the machine refuses it, or the output cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Status> {
    let maps = Maps::default();
    let scope = &options.scope;
    let subject = scope.subject()?;
    let origin = subject.origin.as_ref();
    if origin.is_some_and(|origin| origin.engine == "strace") && options.by.contains(&Key::Cgroup) {
        bail!("--by cgroup: a log of strace does not tell which control groups there were");
    }
    let status = scope.run(
        &subject,
        Job {
            name: "trapline stat",
            script: script(options, &subject),
            children: Children::Included,
            options: Vec::new(),
        },
        || Ok(maps.sink()),
    )?;
    if scope.print_script {
        return Ok(status);
    }
    let rows = Row::collect(&maps);
    let columns: Vec<_> = options.by.iter().map(|key| key.name()).collect();
    let text = match options.format {
        OutputFormat::Text => table::render(&columns, &rows),
        OutputFormat::Json => table::json(&columns, &rows),
    };
    scope.open_output()?.write_all(text.as_bytes())?;
    Ok(status)
}

fn script(options: &Options, subject: &Subject) -> String {
    let keys: Vec<_> = options.by.iter().map(|key| key.expression()).collect();
    let key = keys.join(", ");
    let mut script = format!(
        "syscall:* {}{{
    @calls[{key}] = count();
    @time[{key}] = stats(latency);
    @longest[{key}] = max(latency);
    if (errno != 0) {{
        @errors[{key}] = count();
    }}
}}
",
        subject.predicate(Children::Included, "")
    );
    if let Some(seconds) = options.duration {
        script.push_str(&format!("interval:s:{seconds} {{\n    exit();\n}}\n"));
    }
    script
}
