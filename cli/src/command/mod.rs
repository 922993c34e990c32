//! What the command line can ask for, one task a module.

pub(crate) mod emit;
pub(crate) mod format;
pub(crate) mod info;
pub(crate) mod list;
pub(crate) mod run;
