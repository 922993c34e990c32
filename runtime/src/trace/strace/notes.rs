//! What of a log could not be understood, counted by kind.

use std::fmt;

/// Something that was not understood, or is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it was.
    pub kind: Kind,
    /// How often.
    pub count: u64,
    /// The number of the line where it was first, counted from 1.
    pub first_line: u64,
}

/// What was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Lines that are none of strace.
    Line,
    /// Lines longer than [`super::LINE_LIMIT`].
    LongLine,
    /// Calls of this name, which the table of system calls does not have.
    Call(String),
    /// Ends of calls whose beginning is not in the log: nothing of their arguments is known.
    NoBeginning,
    /// Calls whose last arguments the log has so much later that they began with zeros in their place.
    LateArguments,
    /// Structures of this name, whose text was not turned into bytes: scripts see an address with nothing behind it.
    Structure(String),
    /// A constant of this name, whose number is not known: 0 stands in its place.
    Constant(String),
    /// Arguments of calls that have no argument there.
    ExtraArgument,
    /// Lines with an earlier time than the line before, whose time they were given.
    Earlier,
    /// Calls without a duration (`-T`), which were taken to end when they began.
    NoDuration,
    /// Lines without a time (`-ttt`), which were taken to come a microsecond after the line before.
    NoTime,
    /// The log has the time of day (`-t`, `-tt`), but no date: the first day was taken to be that of 1 January 1970.
    NoDate,
    /// The log has only differences of times (`-r`): the first line was taken to be from the beginning of 1970.
    OnlyDifferences,
    /// Kinds that were left out because there were too many.
    Others,
}

/// Names that are kept apart, so that a log of nonsense does not fill the memory.
const MOST: usize = 256;

/// The notes of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    line: u64,
}

impl Notes {
    /// What is counted from now on is of this line.
    pub(super) fn at(&mut self, line: u64) {
        self.line = line;
    }

    /// One more of them.
    pub(super) fn add(&mut self, kind: Kind) {
        let full = self.notes.len() >= MOST;
        let position = self.notes.iter().position(|note| note.kind == kind);
        let (position, kind) = match (position, full) {
            (None, true) => {
                let others = |note: &Note| note.kind == Kind::Others;
                (self.notes.iter().position(others), Kind::Others)
            }
            (position, _) => (position, kind),
        };
        match position {
            Some(position) => self.notes[position].count += 1,
            None => self.notes.push(Note {
                kind,
                count: 1,
                first_line: self.line,
            }),
        }
    }

    /// All, in the order in which they were first met.
    pub(super) fn all(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            count,
            first_line,
        } = self;
        let counted = |one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        match kind {
            Kind::Line => f.write_str(&counted("line was not understood", "lines were not understood")),
            Kind::LongLine => f.write_str(&counted("line was too long", "lines were too long")),
            Kind::Call(name) => write!(f, "{} of {name}, which is not known", counted("call", "calls")),
            Kind::NoBeginning => {
                write!(f, "{} without its beginning", counted("call ended", "calls ended"))
            }
            Kind::LateArguments => write!(
                f,
                "{} before all arguments were known",
                counted("call began", "calls began")
            ),
            Kind::Structure(name) => write!(
                f,
                "{} {name} without bytes",
                counted("structure", "structures")
            ),
            Kind::Constant(name) => write!(
                f,
                "{name}, whose number is not known, was taken for 0 {}",
                counted("time", "times")
            ),
            Kind::ExtraArgument => write!(
                f,
                "{} left out: the call has none there",
                counted("argument was", "arguments were")
            ),
            Kind::Earlier => write!(
                f,
                "{} earlier than the one before",
                counted("line is", "lines are")
            ),
            Kind::NoDuration => write!(
                f,
                "latencies are not known: {} without (strace -T)",
                counted("call is", "calls are")
            ),
            Kind::NoTime => write!(
                f,
                "times are made up: {} without (strace -ttt)",
                counted("line is", "lines are")
            ),
            Kind::NoDate => f.write_str("the log has no date (strace -ttt): 1970-01-01 was taken"),
            Kind::OnlyDifferences => {
                f.write_str("the log only has differences of times (strace -ttt): it was taken to begin with 1970")
            }
            Kind::Others => write!(f, "{} not told apart", counted("more was", "more were")),
        }?;
        match kind {
            Kind::NoDate | Kind::OnlyDifferences => Ok(()),
            _ => write!(f, "; first: line {first_line}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_counted_by_kind() {
        let mut notes = Notes::default();
        notes.at(17);
        notes.add(Kind::Line);
        notes.at(18);
        notes.add(Kind::Line);
        notes.add(Kind::Line);
        notes.add(Kind::Structure("termios".to_owned()));
        let texts: Vec<_> = notes.all().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "3 lines were not understood; first: line 17",
                "1 structure termios without bytes; first: line 18"
            ]
        );
        for number in 0..2 * MOST {
            notes.add(Kind::Constant(number.to_string()));
        }
        assert_eq!(notes.all().len(), MOST + 1);
        assert_eq!(notes.all().last().unwrap().kind, Kind::Others);
    }
}
