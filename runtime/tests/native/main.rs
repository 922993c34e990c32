//! Scripts on the native machine: events by hand in, maps and records out.

mod machine;
mod support;
