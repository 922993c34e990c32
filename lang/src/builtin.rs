//! Builtin values: one row each.
