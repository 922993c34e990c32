//! Providers of probes: one row each.
