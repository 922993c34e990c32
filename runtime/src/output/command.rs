//! What a script has user space run or read: `system()`, `cat()`.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

/// What a shell command prints. Its standard error and input are those of the tool.
pub(super) fn run(command: &[u8]) -> io::Result<Vec<u8>> {
    let output = Command::new("sh")
        .arg("-c")
        .arg(std::ffi::OsStr::from_bytes(command))
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()?;
    Ok(output.stdout)
}

/// The first `limit` bytes of a file.
pub(super) fn read(path: &[u8], limit: u32) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let file = File::open(std::ffi::OsStr::from_bytes(path))?;
    file.take(limit.into()).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_files() {
        assert_eq!(run(b"echo a b; echo c").unwrap(), b"a b\nc\n");
        assert_eq!(read(b"/proc/self/stat", 1).unwrap().len(), 1);
        assert_eq!(
            read(b"/nowhere", 1).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        assert!(read(b"a\0b", 1).is_err());
    }
}
