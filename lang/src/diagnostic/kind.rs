//! Everything that can be wrong with a script, as data. The sentences are in [`super::render`].

mod analysis;

pub use analysis::AnalysisKind;

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
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
