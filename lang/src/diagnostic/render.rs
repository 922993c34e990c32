//! How diagnostics read.
