//! Everything that can be wrong with a script, as data. The sentences are in [`super::message`].

pub mod syntax;

pub use syntax::SyntaxKind;

mod analysis;

pub use analysis::AnalysisKind;

use crate::engine::{Engine, Engines};

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// It cannot be read.
    Syntax(SyntaxKind),
    /// The C part is wrong.
    C(crate::ctypes::Problem),
    /// What this kernel cannot do.
    Refused {
        /// A whole sentence.
        why: String,
    },
    /// What this engine cannot do, and others can.
    EngineLacks {
        /// What, behind "has no": `profile probes`, `curtask`, `ksym()`.
        what: String,
        /// Which cannot.
        engine: Engine,
        /// Which can.
        offered_by: Engines,
    },
    /// It parses, but has no meaning yet.
    NotSupported {
        /// What: `watchpoint probes`.
        what: String,
    },
    /// The script can be read, but means nothing.
    Analysis(AnalysisKind),
}

impl From<AnalysisKind> for Kind {
    fn from(kind: AnalysisKind) -> Self {
        Self::Analysis(kind)
    }
}

impl Kind {
    /// The sentence that users read.
    pub fn message(&self) -> String {
        self.to_string()
    }
}
