//! `trapline trace`: one line for each call, as strace prints it. Options in, a script run, its records as lines out.

mod filter;

use super::lines::{Column, Form, Lines};
use super::scope::{Children, Job, Scope, Subject};
use crate::args::OutputFormat;
use crate::exit_code::Status;
use clap::{ArgAction, Parser, ValueEnum};
use filter::Filter;

/// How it is called.
pub(crate) const USAGE: &str = "trapline trace [options] -c CMD
    trapline trace [options] -p PID
    trapline trace [options]                (all processes, until Ctrl-C)
    trapline trace [options] --replay FILE  (the command of a recording; else all that is in it)";

const AFTER_HELP: &str = "EXAMPLES:
    trapline trace -e %file --status failed -c 'ls /nowhere'
    trapline trace -F -e execve,connect -p 1842
    trapline trace -F -e %net --replay server.trace

docs/strace.md tells where lines differ from strace's.";

/// Options of `trapline trace`.
#[derive(Debug, Parser)]
#[command(
    name = "trapline trace",
    about = "Prints system calls as they finish, as strace does.",
    override_usage = USAGE,
    help_template = crate::subcommand::TEMPLATE,
    after_help = AFTER_HELP,
    max_term_width = 100,
    disable_help_flag = true
)]
pub(crate) struct Options {
    #[command(flatten)]
    scope: Scope,

    /// Only these calls: names, %classes, or all others behind a !
    #[arg(
        short = 'e',
        value_name = "NAME,%CLASS,...",
        allow_hyphen_values = true
    )]
    expressions: Vec<String>,

    /// Only calls that ended so: failed or successful
    #[arg(long, value_name = "HOW", hide_possible_values = true)]
    status: Option<Ending>,

    /// The processes that CMD starts, too
    #[arg(short = 'F', long)]
    follow: bool,

    /// Columns in front of each call: time, pid, tid, comm; and latency behind it
    #[arg(
        long,
        value_name = "NAME,...",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    columns: Vec<Column>,

    /// The time of day first
    #[arg(short = 't')]
    time: bool,

    /// How long each call took, at its end
    #[arg(short = 'T')]
    latency: bool,

    /// What file descriptors are open on
    #[arg(short = 'y', long)]
    fd_paths: bool,

    /// How arguments print: names or raw (numbers)
    #[arg(long, value_name = "FORM")]
    decode: Option<String>,

    /// Show at most N bytes of each buffer
    #[arg(short = 's', long = "string-limit", value_name = "N")]
    string_limit: Option<u32>,

    /// Form of the output: text or json (one object for each call)
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

/// `--status`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ending {
    /// With an error.
    Failed,
    /// Without.
    Successful,
}

/// Prints calls.
///
/// # Errors
/// If an option is wrong, the machine refuses to trace, or the output cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Status> {
    let mut columns = options.columns.clone();
    for (wanted, column, place) in [
        (options.time, Column::Time, 0),
        (options.latency, Column::Latency, columns.len()),
    ] {
        if wanted && !columns.contains(&column) {
            columns.insert(place, column);
        }
    }
    let form = match options.format {
        OutputFormat::Text => Form::Strace,
        OutputFormat::Json => Form::Json,
    };
    let subject = options.scope.subject()?;
    let job = Job {
        name: "trapline trace",
        script: script(options, &subject)?,
        children: children(options),
        options: flags(options),
    };
    options.scope.run(&subject, job, || {
        let writer = options.scope.open_output()?;
        Ok(Box::new(Lines::new(
            writer,
            form,
            &columns,
            subject.clock(),
        )))
    })
}

fn children(options: &Options) -> Children {
    match options.follow {
        true => Children::Included,
        false => Children::Excluded,
    }
}

/// Options that are those of any script.
fn flags(options: &Options) -> Vec<String> {
    let mut flags = Vec::new();
    if options.fd_paths {
        flags.push("--fd-paths".to_owned());
    }
    if let Some(limit) = options.string_limit {
        flags.push(format!("--string-limit={limit}"));
    }
    if let Some(decode) = &options.decode {
        flags.push(format!("--decode={decode}"));
    }
    flags
}

fn script(options: &Options, subject: &Subject) -> anyhow::Result<String> {
    let filter = Filter::read(&options.expressions, subject.abi)?;
    let ending = match options.status {
        None => "",
        Some(Ending::Failed) => "errno != 0",
        Some(Ending::Successful) => "errno == 0",
    };
    let conditions = [ending, &filter.condition];
    let conditions: Vec<_> = conditions
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    Ok(format!(
        "{} {}{{\n    print(args);\n}}\n",
        filter.attach_point,
        subject.predicate(children(options), &conditions.join(" && "))
    ))
}
