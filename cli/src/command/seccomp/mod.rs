//! `trapline seccomp`: what a program calls as a profile, and what a profile would refuse it. Options in, a script
//! or a comparison run, the profile or the calls out.

mod check;
mod diff;
mod learn;
mod profile;
mod read;

use super::scope::{Children, Job, Scope, Subject};
use crate::exit_code::Status;
use crate::terminal;
use clap::{ArgAction, Parser};
use profile::Profile;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How it is called.
pub(crate) const USAGE: &str = "trapline seccomp [--args] [-o FILE] -c CMD | -p PID | --replay FILE
    trapline seccomp --check PROFILE -c CMD | -p PID | --replay FILE
    trapline seccomp --diff PROFILE PROFILE";

const AFTER_HELP: &str = "A profile is JSON as container runtimes read it (OCI). It holds what was seen: run all that the program can do.
A runtime makes calls of its own under the profile before it starts the program; see docs/commands.md.

EXIT STATUS:
    --check: 3 if the profile would have refused a call. --diff: 1 if the profiles differ.";

/// Options of `trapline seccomp`.
#[derive(Debug, Parser)]
#[command(
    name = "trapline seccomp",
    about = "Makes seccomp profiles of what programs call, and checks and compares them.",
    override_usage = USAGE,
    help_template = crate::subcommand::TEMPLATE,
    after_help = AFTER_HELP,
    max_term_width = 100,
    disable_help_flag = true
)]
pub(crate) struct Options {
    #[command(flatten)]
    scope: Scope,

    /// Allow flags, commands and the like only with the values that were seen
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    args: bool,

    /// Report the calls that this profile would refuse
    #[arg(long, value_name = "PROFILE", conflicts_with = "diff")]
    check: Option<PathBuf>,

    /// Compare two profiles: - only in the first, + only in the second, ~ in both, but not the same
    #[arg(long, value_name = "PROFILE", num_args = 2, conflicts_with_all = ["command", "pid", "replay", "record"])]
    diff: Option<Vec<PathBuf>>,

    /// Print this help
    #[arg(short, long, action = ArgAction::HelpShort)]
    help: Option<bool>,
}

/// The profiles differ.
const DIFFERENT: u8 = 1;

/// Learns, checks or compares.
///
/// # Errors
/// If a profile cannot be read, the machine refuses to trace, or the output cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Status> {
    if let Some(paths) = &options.diff {
        return compare(&paths[0], &paths[1], &options.scope);
    }
    let scope = &options.scope;
    if scope.command.is_none() && scope.pid.is_none() && scope.replay.is_none() {
        anyhow::bail!(
            "which program? Name a command with -c, a process with -p or a recording with --replay"
        );
    }
    let subject = scope.subject()?;
    match &options.check {
        Some(path) => check::run(&read(path)?, scope, &subject),
        None => learn::run(scope, &subject, options.args),
    }
}

/// The processes whose calls count.
const CHILDREN: Children = Children::Included;

fn job(script: String) -> Job {
    Job {
        name: "trapline seccomp",
        script,
        children: CHILDREN,
        options: Vec::new(),
    }
}

fn compare(first: &Path, second: &Path, scope: &Scope) -> anyhow::Result<Status> {
    let lines = diff::compare(&read(first)?, &read(second)?);
    let mut output = scope.open_output()?;
    for line in &lines {
        writeln!(output, "{line}")?;
    }
    Ok(match lines.is_empty() {
        true => Status::default(),
        false => Status(DIFFERENT),
    })
}

fn read(path: &Path) -> anyhow::Result<Profile> {
    let reading = read::file(path)?;
    for note in &reading.notes {
        terminal::warning(&format!("{}: {note}", path.display()));
    }
    Ok(reading.profile)
}
