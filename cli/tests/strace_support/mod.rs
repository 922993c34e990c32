//! Reads what strace and `trapline trace` print, without what differs between any two runs.

pub(crate) mod differences;
pub(crate) mod processes;
pub(crate) mod rules;
