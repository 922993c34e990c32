//! The ready-made commands beside scripts: `trapline trace`, `stat` and `seccomp`. Words in, a command with its
//! options out.
//!
//! Only the very first word counts. A script that is called like one of them is reached as `./trace`.

use crate::args::UsageError;
use crate::command::{seccomp, stat, trace};
use crate::exit_code::Status;
use clap::Parser;
use std::ffi::OsString;

/// A ready-made command.
#[derive(Debug)]
pub(crate) enum Subcommand {
    /// One line a call.
    Trace(trace::Options),
    /// How often, how long, how many errors.
    Stat(stat::Options),
    /// Profiles of what a program calls.
    Seccomp(seccomp::Options),
}

/// How all of them show their help.
pub(crate) const TEMPLATE: &str =
    "{about}\n\nUSAGE:\n    {usage}\n\nOPTIONS:\n{options}{after-help}";

impl Subcommand {
    /// Reads the command line, if its first word (behind the program's name) is a command's.
    pub(crate) fn read(words: &[OsString]) -> Option<Result<Self, UsageError>> {
        let (_, words) = words.split_first()?;
        Some(match words.first()?.to_str()? {
            "trace" => parse(words, trace::USAGE).map(Self::Trace),
            "stat" => parse(words, stat::USAGE).map(Self::Stat),
            "seccomp" => parse(words, seccomp::USAGE).map(Self::Seccomp),
            _ => return None,
        })
    }

    /// Does it.
    ///
    /// # Errors
    /// If the machine refuses it, or what it was given is wrong.
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        match self {
            Self::Trace(options) => trace::run(&options),
            Self::Stat(options) => stat::run(&options),
            Self::Seccomp(options) => seccomp::run(&options),
        }
    }
}

/// The first word is the command's name.
fn parse<T: Parser>(words: &[OsString], usage: &'static str) -> Result<T, UsageError> {
    T::try_parse_from(words).map_err(|error| UsageError::new(&error, usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Option<Result<Subcommand, UsageError>> {
        let words = std::iter::once("trapline").chain(words.iter().copied());
        Subcommand::read(&words.map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn only_the_first_word_is_a_command() {
        assert!(matches!(
            read(&["stat", "-c", "true"]),
            Some(Ok(Subcommand::Stat(_)))
        ));
        assert!(matches!(
            read(&["trace", "-e", "%net,!connect", "-p", "1"]),
            Some(Ok(Subcommand::Trace(_)))
        ));
        for words in [&["./trace"][..], &["-v", "trace"], &["-e", "trace"], &[]] {
            assert!(read(words).is_none(), "{words:?}");
        }
    }

    #[test]
    fn a_wrong_option_shows_the_usage_of_the_command() {
        let Some(Err(UsageError::Wrong { text, usage })) = read(&["stat", "--nonsense"]) else {
            panic!("accepted");
        };
        assert!(text.contains("--nonsense"), "{text}");
        assert!(usage.starts_with("trapline stat"), "{usage}");
    }
}
