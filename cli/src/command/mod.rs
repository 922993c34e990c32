//! What the command line can ask for, one task a module.

mod calls;
mod collector;
pub(crate) mod emit;
pub(crate) mod format;
pub(crate) mod info;
mod lines;
pub(crate) mod list;
pub(crate) mod run;
mod scope;
pub(crate) mod seccomp;
pub(crate) mod stat;
pub(crate) mod trace;
