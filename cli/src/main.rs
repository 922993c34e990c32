//! `trapline`: traces system calls with bpftrace-style scripts.
//!
//! Reads the command line ([`args`], [`subcommand`]), does what it asks for ([`command`], [`repl`]) and ends with the
//! status that [`exit_code`] gives it.

#![forbid(unsafe_code)]

mod args;
mod command;
mod compile;
mod engine;
mod exit_code;
mod import;
mod pattern;
mod recording;
mod repl;
mod script;
mod subcommand;
mod terminal;

use args::{Args, Task};
use exit_code::Status;
use std::ffi::OsString;
use std::process::ExitCode;
use subcommand::Subcommand;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let Some(read) = Subcommand::read(&words) {
        return match read {
            Ok(subcommand) => exit_code::of(subcommand.run()),
            Err(error) => exit_code::of_usage(error),
        };
    }
    match Args::read(words) {
        Ok(args) => exit_code::of(dispatch(&args)),
        Err(error) => exit_code::of_usage(error),
    }
}

fn dispatch(args: &Args) -> anyhow::Result<Status> {
    if args.programs.len() > 1 && !args.no_warnings {
        terminal::message("WARNING: of several -e, only the last is taken");
    }
    match args.task() {
        Task::Info => command::info::run(),
        Task::List(pattern) => command::list::run(pattern.as_deref(), args),
        Task::ListScript(script) => command::list::run_script(&script, args),
        Task::Emit(script, stage) => command::emit::run(&script, stage, args),
        Task::Format(script) => command::format::run(&script, args),
        Task::Run(script) => command::run::run(&script, args),
        Task::Repl => repl::run(args),
    }
}
