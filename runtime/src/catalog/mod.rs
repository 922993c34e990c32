//! Which probes exist on this machine.
