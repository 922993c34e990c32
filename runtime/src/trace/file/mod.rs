//! Trace files: events in, a file out, and back again.
//!
//! [`TraceWriter`] writes events down as they come, [`FlightRing`] keeps the newest in memory until somebody wants them,
//! [`TraceReader`] gives them back. What a file looks like stands at the top of [`mod@format`], and nowhere else.

mod decode;
mod encode;
mod end;
mod error;
pub mod format;
mod header;
mod input;
mod pack;
mod reader;
mod ring;
mod state;
#[cfg(test)]
mod tests;
mod varint;
mod writer;

pub use end::{End, Outcome, Summary};
pub use error::{TraceError, TraceProblem};
pub use header::is_trace;
pub use reader::TraceReader;
pub use ring::FlightRing;
pub use writer::TraceWriter;
