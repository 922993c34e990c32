//! Commands under the ptrace tracer: what is seen of them, and that they end as they do untraced. No privileges needed.

mod agree;
mod events;
mod faithful;
mod kernel;
mod leave;
mod memory;
mod overhead;
mod support;
mod user;
