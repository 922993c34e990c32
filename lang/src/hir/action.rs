//! What the script has user space do when it reads an event.

use super::{Expr, FormatId, MapId, StringId};
use crate::source::Span;
use serde::{Deserialize, Serialize};

/// What the script has user space do: an event record carries the values.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `printf(...)`
    Printf {
        /// Its format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `errorf(...)` and `warnf(...)`: printf to stderr, with the script's place.
    Message {
        /// Error or warning.
        level: MessageLevel,
        /// The calls of macros that it comes from, innermost first.
        expanded_from: Vec<Span>,
        /// Its format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `print(e)`: a value in its default form.
    PrintValue(Expr),
    /// `print(@m, top, div)`: a whole map.
    PrintMap {
        /// Which.
        map: MapId,
        /// Only so many of the largest entries; 0 for all.
        top: u32,
        /// Divides what is printed; 0 for none.
        div: u32,
    },
    /// `print(@m[k])` of an aggregation, or of any entry: prints as `@m[k]: value`.
    PrintMapEntry {
        /// Which.
        map: MapId,
        /// The key.
        key: Vec<Expr>,
        /// Divides what is printed; 0 for none.
        div: u32,
    },
    /// `clear(@m)`: drops all keys.
    Clear(MapId),
    /// `zero(@m)`: sets all values to zero.
    Zero(MapId),
    /// `exit(code)`. The probe ends here as well.
    Exit(Option<Expr>),
    /// `time(format)`: the wall clock.
    Time(StringId),
    /// `join(argv, separator)`: the pointer leads to an array of strings in the process.
    Join {
        /// `char **`
        argv: Expr,
        /// Between the strings.
        separator: StringId,
    },
    /// `cat(format, ...)`: prints a file.
    Cat {
        /// The file's name, as a format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `system(format, ...)`: runs a shell command.
    System {
        /// The command, as a format.
        format: FormatId,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// Has what fires the probe written to a trace.
    Record(Recorded),
    /// Has what a flight recorder holds written to a file.
    Dump,
}

/// What is written to a trace, by the hook that sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Recorded {
    /// The beginning of a system call, with the memory that it reads.
    Enter,
    /// The end of one, with the memory that it wrote.
    Exit,
    /// The raw tracepoint `sched_process_fork`.
    Fork,
    /// The raw tracepoint `sched_process_exec`.
    Exec,
    /// The raw tracepoint `sched_process_exit`.
    End,
}

/// How bad a message of the script itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageLevel {
    /// `errorf`
    Error,
    /// `warnf`
    Warning,
}
