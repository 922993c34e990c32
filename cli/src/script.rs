//! Script text: a place in, a [`Source`] or a clear refusal out. Whether the text says anything is left to the
//! parser.

use crate::args::ScriptSource;
use anyhow::{Context, anyhow, bail};
use std::io::Read;
use std::path::Path;
use trapline_lang::source::Source;

/// Most bytes of a script. Far more than anybody writes; a device that never ends is cut off here.
const MAX_BYTES: u64 = 64 << 20;

/// How messages call text that comes from `-e` or stdin.
pub(crate) const INLINE_NAME: &str = "stdin";

/// Reads the script.
///
/// # Errors
/// If it cannot be read or is no text.
pub(crate) fn read(script: &ScriptSource) -> anyhow::Result<Source> {
    let (name, text) = match script {
        ScriptSource::Inline(text) => {
            let text = decode(INLINE_NAME, text.clone().into_bytes())?;
            (INLINE_NAME.to_string(), text)
        }
        ScriptSource::Stdin => {
            let bytes = read_bytes(std::io::stdin().lock()).context("failed to read stdin")?;
            (INLINE_NAME.to_string(), decode(INLINE_NAME, bytes)?)
        }
        ScriptSource::File(path) => (path.display().to_string(), read_file(path)?),
    };
    Ok(Source::new(name, text))
}

/// The text of a file.
///
/// # Errors
/// If it cannot be read or is no text.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    if path.is_dir() {
        bail!("{name} is a directory, not a script");
    }
    let file = std::fs::File::open(path).with_context(|| {
        let text = path.to_string_lossy();
        if text.contains('{') || text.eq_ignore_ascii_case("begin") {
            format!("failed to open file '{name}' (a program on the command line stands behind -e)")
        } else {
            format!("failed to open file '{name}'")
        }
    })?;
    let bytes = read_bytes(file).with_context(|| format!("failed to read file '{name}'"))?;
    decode(&name.to_string(), bytes)
}

fn read_bytes(input: impl Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("a script can have at most {} MiB", MAX_BYTES >> 20);
    }
    Ok(bytes)
}

fn decode(name: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        anyhow!("{name} is not a script: line {line} is not text (byte {at} is not UTF-8)")
    })?;
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        bail!("{name} is not a script: it holds a NUL byte (byte {at})");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let error = |bytes: &[u8]| {
            decode("s", bytes.to_vec())
                .expect_err("refused")
                .to_string()
        };
        assert_eq!(
            error(b"ab\n\xff"),
            "s is not a script: line 2 is not text (byte 3 is not UTF-8)"
        );
        assert_eq!(
            error(b"a\0"),
            "s is not a script: it holds a NUL byte (byte 1)"
        );
        assert_eq!(decode("s", "ä".into()).expect("text"), "ä");
    }

    #[test]
    fn a_directory_is_refused() {
        let folder = ScriptSource::File(std::env::temp_dir());
        let error = read(&folder).expect_err("refused").to_string();
        assert!(error.contains("is a directory"), "{error}");
    }
}
