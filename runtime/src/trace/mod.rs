//! Recorded events: what a thread did, with the memory that belongs to its system calls.
//!
//! [`event`] is the model that all producers and consumers share: the `ptrace` engine and readers of traces make
//! [`event::Event`]s, the native machine runs scripts on them, and recorders write them down.

pub mod event;
pub mod file;
pub mod live;
pub mod memory;
pub mod names;
pub mod owned;
pub mod recorder;
pub mod strace;
