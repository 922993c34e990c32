//! Complaint in, sentence out: the wording of every [`Kind`].

use std::fmt;

use super::kind::{Kind, SyntaxKind};

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(kind) => kind.fmt(f),
            Self::Analysis(kind) => kind.fmt(f),
            Self::C(problem) => problem.fmt(f),
            Self::Refused { why } => f.write_str(why),
            Self::EngineLacks { what, engine, .. } => {
                write!(f, "the {engine} engine has no {what}")
            }
            Self::NotSupported { what } => write!(f, "{what} is not supported yet"),
        }
    }
}

impl fmt::Display for SyntaxKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { found, expected } => {
                write!(f, "syntax error, unexpected {found}")?;
                match alternatives(expected) {
                    Some(words) => write!(f, ", expected {words}"),
                    None => Ok(()),
                }
            }
            Self::Unclosed { open } => write!(f, "`{open}` is never closed"),
            Self::Unmatched { close } => write!(f, "`{close}` closes nothing"),
            Self::UnclosedString => f.write_str("unterminated string"),
            Self::UnclosedComment => f.write_str("unterminated comment"),
            Self::UnclosedPredicate => {
                f.write_str("the predicate has no closing `/` before the action's `{`")
            }
            Self::MissingAction => f.write_str("expected a probe with its action: `begin { ... }`"),
            Self::MissingAttachPoint => {
                f.write_str("expected a probe before the action: `begin { ... }`")
            }
            Self::TooDeep { limit } => {
                write!(f, "nested too deeply: at most {limit} levels are read")
            }
            Self::TooLong { limit } => {
                write!(
                    f,
                    "expression too long: at most {limit} operators in a row are read"
                )
            }
            Self::TooManyErrors => f.write_str("too many errors, the rest is not shown"),
            Self::InvalidNumber { text } => write!(f, "invalid number `{text}`"),
            Self::Fraction => f.write_str(
                "there are no fractions: all numbers are integers (1500ms is one and a half seconds)",
            ),
            Self::NumberTooLarge { text } => write!(f, "number `{text}` does not fit into 64 bits"),
            Self::InvalidEscape { text } => write!(f, "invalid escape `{text}` in a string"),
            Self::InvalidPositional { text } => {
                write!(
                    f,
                    "invalid parameter `{text}`: parameters are `$1`, `$2`, ..."
                )
            }
            Self::NotText => f.write_str("not a script: the text holds a NUL byte"),
            Self::EmptyScript => f.write_str("the script is empty: there is no probe in it"),
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
fn alternatives(words: &[&str]) -> Option<String> {
    let (last, rest) = words.split_last()?;
    if rest.is_empty() {
        return Some((*last).to_owned());
    }
    Some(format!("{} or {last}", rest.join(", ")))
}
