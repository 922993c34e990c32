//! `--info`: what this kernel offers, one feature a line.

use crate::exit_code::Status;
use std::io::{self, BufWriter, Write};
use trapline_runtime::kernel::feature;

/// Prints `name: yes` or `name: no` for each feature, and what it is good for.
///
/// # Errors
/// If stdout is gone.
pub(crate) fn run() -> anyhow::Result<Status> {
    let rows = feature::info();
    let width = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or_default()
        + ": yes".len();
    let mut out = BufWriter::new(io::stdout().lock());
    for row in &rows {
        let answer = format!("{}: {}", row.name, if row.available { "yes" } else { "no" });
        writeln!(out, "{answer:width$}  {}", row.detail)?;
    }
    out.flush()?;
    Ok(Status::default())
}
