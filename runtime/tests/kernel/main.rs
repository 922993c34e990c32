//! The runtime on the running kernel. These tests want root, and fail where BPF is refused.

mod engine;
mod record;
mod record_traps;
mod script;
mod session;
mod support;
