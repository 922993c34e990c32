//! What both native engines need: a script and the origin of its events in, a machine out.

use super::Job;
use crate::compile::{self, Stopwatch};
use anyhow::anyhow;
use trapline_codegen::target::{Arch, Target};
use trapline_lang::syscall::Abi;
use trapline_runtime::native::{Family, Machine};
use trapline_runtime::trace::event::Origin;

/// The architecture whose calls the events are about.
///
/// # Errors
/// If it is not known.
pub(super) fn arch(origin: &Origin) -> anyhow::Result<Arch> {
    match Abi::by_name(&origin.abi) {
        Some(Abi::X86_64) => Ok(Arch::X86_64),
        Some(Abi::Aarch64) => Ok(Arch::Aarch64),
        _ => Err(anyhow!("events of the ABI {} are not known", origin.abi)),
    }
}

/// Compiles the script for events that come from there.
///
/// # Errors
/// If it asks for what native engines do not have.
pub(super) fn machine(job: &Job<'_>, origin: &Origin, family: Family) -> anyhow::Result<Machine> {
    let mut watch = Stopwatch::new(job.args);
    let target = Target::native(arch(origin)?, origin.cpu_count.max(1));
    let machine = Machine::new(job.script, job.source, &target, origin, family)
        .map_err(|error| compile::explain(error, job.source));
    watch.lap("generate code");
    machine
}
