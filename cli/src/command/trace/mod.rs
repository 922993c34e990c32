//! `trapline trace`: one line for each call, as strace prints it. Options in, a script run, its records as lines out.

mod filter;

use super::run::open_output;
use super::scope::{Children, Scope};
use crate::args::OutputFormat;
use crate::exit_code::Status;
use clap::{ArgAction, Parser, ValueEnum};
use filter::Filter;
use trapline_runtime::output::{JsonSink, TextSink};

/// How it is called.
pub(crate) const USAGE: &str = "trapline trace [options] -c CMD
    trapline trace [options] -p PID
    trapline trace [options]                (all processes, until Ctrl-C)";

const AFTER_HELP: &str = "EXAMPLES:
    trapline trace -e %file --status failed -c 'ls /nowhere'
    trapline trace -F -e execve,connect -p 1842

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

    /// Show at most N bytes of each buffer
    #[arg(short = 's', long = "string-limit", value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1024))]
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
    let script = script(options)?;
    options.scope.run("trapline trace", script, |args| {
        let writer = open_output(args)?;
        Ok(match options.format {
            OutputFormat::Text => Box::new(TextSink::new(writer)),
            OutputFormat::Json => Box::new(JsonSink::new(writer)),
        })
    })
}

fn script(options: &Options) -> anyhow::Result<String> {
    let children = match options.follow {
        true => Children::Included,
        false => Children::Excluded,
    };
    let filter = Filter::read(&options.expressions)?;
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
    let mut script = String::new();
    if let Some(limit) = options.string_limit {
        script.push_str(&format!("config = {{ capture_bytes = {limit} }}\n"));
    }
    script.push_str(options.scope.probes(children));
    script.push_str(&format!(
        "{} {}{{\n    print(args);\n}}\n",
        filter.attach_point,
        options.scope.predicate(children, &conditions.join(" && "))
    ));
    Ok(script)
}
