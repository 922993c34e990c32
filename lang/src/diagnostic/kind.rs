//! Everything that can be wrong with a script, as data. The sentences are in [`super::render`].

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The C part is wrong.
    C(crate::ctypes::Problem),
    /// It parses, but has no meaning yet.
    NotSupported {
        /// What: `watchpoint probes`.
        what: String,
    },
}
