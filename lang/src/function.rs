//! Functions: one row each.
