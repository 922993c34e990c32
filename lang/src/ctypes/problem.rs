//! What can be wrong with the C part.

use std::fmt;

/// What is wrong with the C part.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// Something else was expected here.
    Expected {
        /// What: `a type`, `';'`.
        what: &'static str,
    },
    /// A type that nothing defines.
    UnknownType {
        /// As written.
        name: String,
    },
    /// Not a constant that can be computed here.
    NotConstant,
    /// `#else` or `#endif` without `#if`.
    UnmatchedDirective {
        /// With its `#`.
        directive: String,
    },
    /// `#if` without `#endif`.
    UnclosedCondition,
    /// No such file.
    MissingInclude {
        /// As written.
        path: String,
        /// In the file that the C part is, as bpftrace hands it to its C compiler: behind a line of its own.
        line: u32,
        /// Of the name with its bracket, counted from one.
        column: u32,
    },
    /// Includes that include each other, or too many levels of them.
    IncludeDepth,
    /// C that has no meaning in a script.
    NotSupported {
        /// What: `a macro with parameters`.
        what: &'static str,
    },
    /// A bitfield wider than its type.
    BitfieldWidth,
    /// `#error`
    Error {
        /// Its text.
        text: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected { what } => write!(f, "expected {what} in the C part"),
            Self::UnknownType { name } => write!(f, "unknown type name '{name}'"),
            Self::NotConstant => f.write_str("not a constant that can be computed here"),
            Self::UnmatchedDirective { directive } => write!(f, "{directive} without #if"),
            Self::UnclosedCondition => f.write_str("unterminated conditional directive"),
            Self::MissingInclude { path, .. } => write!(f, "'{path}' file not found"),
            Self::IncludeDepth => f.write_str("#include nested too deeply"),
            Self::NotSupported { what } => write!(f, "{what} in the C part is not supported"),
            Self::BitfieldWidth => {
                f.write_str("a bitfield must be as narrow as its type, and at least one bit wide")
            }
            Self::Error { text } => write!(f, "#error {text}"),
        }
    }
}

impl Problem {
    /// The place that a C compiler would name for what ends its work, in the file that bpftrace gives it.
    pub fn fatal_place(&self) -> Option<String> {
        match self {
            Self::MissingInclude { line, column, .. } => {
                Some(format!("definitions.h:{line}:{column}: "))
            }
            _ => None,
        }
    }
}
