//! Commands under the ptrace tracer: what is seen of them, and that they end as they do untraced. No privileges needed.

mod events;
mod faithful;
mod support;
