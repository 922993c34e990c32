//! The engine that runs scripts in the kernel, as BPF programs.

/// What the kernel (or the machine) refused.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {}
