//! Everything that can be wrong with a script, as data. The sentences are in [`super::message`].

pub mod syntax;

pub use syntax::SyntaxKind;

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// It cannot be read.
    Syntax(SyntaxKind),
    /// It parses, but has no meaning yet.
    NotSupported {
        /// What: `watchpoint probes`.
        what: String,
    },
}

impl Kind {
    /// The sentence that users read.
    pub fn message(&self) -> String {
        self.to_string()
    }
}
