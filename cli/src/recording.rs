//! `--record`: the command line and the origin of events in, who writes them down out.

use crate::args::Args;
use anyhow::Context;
use trapline_runtime::trace::event::Origin;
use trapline_runtime::trace::recorder::{Recorder, RingEnd};

/// Starts the recording that the command line asks for, if it asks for one.
///
/// # Errors
/// If the file cannot be created.
pub(crate) fn start(args: &Args, origin: &Origin) -> anyhow::Result<Option<(Recorder, RingEnd)>> {
    let Some(path) = &args.record else {
        return Ok(None);
    };
    let recorder = match args.ring {
        Some(bytes) => Recorder::ring(path, bytes as usize, origin),
        None => Recorder::file(path, origin),
    };
    let recorder = recorder.with_context(|| format!("cannot record into {}", path.display()))?;
    // Who says what to wait for wants nothing else.
    let ring_end = match args.dump_on {
        Some(_) => RingEnd::Dropped,
        None => RingEnd::Written,
    };
    Ok(Some((recorder, ring_end)))
}
