//! The stage that runs the real binary in the real kernel.

use super::{Case, normalize};
use std::process::Command;

/// What the script prints.
pub(crate) fn run(case: &Case) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_trapline"))
        .args(["-q", "-e", &case.script])
        .args(&case.options)
        .arg("--")
        .args(&case.args)
        .envs(case.env.iter().map(|(name, value)| (name, value)))
        .output()
        .map_err(|error| error.to_string())?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(case.exit) {
        // A kernel that refuses BPF says so in the first line.
        return Err(format!(
            "ended with {}: {}",
            output.status,
            stderr.trim_end()
        ));
    }
    if case.stderr {
        return Ok(normalize(&format!("{stderr}{stdout}")));
    }
    if !stderr.is_empty() {
        return Err(format!("stderr: {}", stderr.trim_end()));
    }
    Ok(normalize(&stdout))
}
