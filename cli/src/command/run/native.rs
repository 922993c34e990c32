//! What both native engines need: a script and the origin of its events in, a machine out.

use super::Job;
use crate::compile::{self, Stopwatch};
use crate::engine;
use trapline_runtime::native::{Family, Machine};
use trapline_runtime::trace::event::Origin;

/// Compiles the script for events that come from there.
///
/// # Errors
/// If it asks for what native engines do not have.
pub(super) fn machine(job: &Job<'_>, origin: &Origin, family: Family) -> anyhow::Result<Machine> {
    let mut watch = Stopwatch::new(job.args);
    let target = engine::native_target(&origin.abi, origin.cpu_count)?;
    let machine = Machine::new(job.script, job.source, &target, origin, family)
        .map_err(|error| compile::explain(error, job.source));
    watch.lap("generate code");
    machine
}
