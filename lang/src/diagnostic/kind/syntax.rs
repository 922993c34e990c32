//! What the parser complains about, as data.

use std::fmt;

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxKind {
    /// Something else should stand here.
    Unexpected {
        /// What stands here.
        found: Found,
        /// What could stand here, in words: `an expression`, `` `)` ``.
        expected: Vec<&'static str>,
    },
    /// A bracket that is never closed.
    Unclosed {
        /// `(`, `[` or `{`.
        open: char,
    },
    /// A closing bracket that nothing opened.
    Unmatched {
        /// `)`, `]` or `}`.
        close: char,
    },
    /// A `"` without its second one.
    UnclosedString,
    /// A `/*` without `*/`.
    UnclosedComment,
    /// The `/` that ends a predicate is missing.
    UnclosedPredicate,
    /// A probe without `{ ... }`.
    MissingAction,
    /// A `{ ... }` that belongs to no probe.
    MissingAttachPoint,
    /// Brackets, conditions or blocks stand in each other too deeply.
    TooDeep {
        /// The deepest that is read.
        limit: usize,
    },
    /// An expression of too many operators in a row.
    TooLong {
        /// The longest that is read.
        limit: usize,
    },
    /// More complaints than anybody reads.
    TooManyErrors,
    /// `0x`, `09`, `12abc`.
    InvalidNumber {
        /// As written.
        text: String,
    },
    /// `1.5`
    Fraction,
    /// A number of more than 64 bits.
    NumberTooLarge {
        /// As written.
        text: String,
    },
    /// `\q`
    InvalidEscape {
        /// As written, with its backslash.
        text: String,
    },
    /// `$0`, `$99999999999`.
    InvalidPositional {
        /// As written.
        text: String,
    },
    /// A NUL byte: the file is no script.
    NotText,
    /// There is nothing to run.
    EmptyScript,
}

/// What was found where something else should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A word, number, string or sign, as written.
    Text(String),
    /// A character that cannot be shown.
    Character(char),
    /// The end of the script.
    End,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Character(character) => write!(f, "character U+{:04X}", u32::from(*character)),
            Self::End => f.write_str("end of script"),
        }
    }
}
