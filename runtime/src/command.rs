//! Command lines, as `-c` takes them: a line in, the program and its arguments out, ready for execve.

use std::ffi::{CString, OsStr, c_char};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{env, fs, io, ptr};

/// The program of a command line, with its arguments and the environment of this process.
pub(crate) struct Program {
    /// Its file.
    pub(crate) file: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Program {
    /// Looks for the program of the first word.
    pub(crate) fn find(words: &[String]) -> io::Result<Self> {
        let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        let file = resolve(&words[0], &path)?;
        let arguments = words
            .iter()
            .map(|word| CString::new(word.as_bytes()))
            .collect::<Result<_, _>>()?;
        let environment = env::vars_os()
            .map(|(name, value)| CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            file: CString::new(file.into_os_string().into_vec())?,
            arguments,
            environment,
        })
    }

    /// As execve wants them. Valid as long as this value.
    pub(crate) fn arguments(&self) -> Vec<*const c_char> {
        pointers(&self.arguments)
    }

    /// As execve wants it. Valid as long as this value.
    pub(crate) fn environment(&self) -> Vec<*const c_char> {
        pointers(&self.environment)
    }
}

/// Pointers to strings, ending with null. Valid as long as the strings.
fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings
        .iter()
        .map(|string| string.as_ptr())
        .chain([ptr::null()])
        .collect()
}

/// The file of a program, looked for in `path` as a shell does.
fn resolve(program: &str, path: &OsStr) -> io::Result<PathBuf> {
    if program.contains('/') {
        return Ok(program.into());
    }
    env::split_paths(path)
        .map(|directory| {
            if directory.as_os_str().is_empty() {
                ".".into()
            } else {
                directory
            }
        })
        .map(|directory: PathBuf| directory.join(program))
        .find(|file| is_executable(file))
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "command not found"))
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Splits a command line in words: blanks separate, single quotes keep everything, double quotes and
/// backslashes as in a shell.
pub(crate) fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    // `None` between words: an empty pair of quotes is a word.
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("a single quote is not closed")? {
                        '\'' => break,
                        char => word.push(char),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                const OPEN: &str = "a double quote is not closed";
                loop {
                    match chars.next().ok_or(OPEN)? {
                        '"' => break,
                        '\\' => match chars.next().ok_or(OPEN)? {
                            char @ ('"' | '\\' | '$' | '`') => word.push(char),
                            '\n' => {}
                            char => word.extend(['\\', char]),
                        },
                        char => word.push(char),
                    }
                }
            }
            '\\' => match chars.next().ok_or("a backslash stands at the end")? {
                '\n' => {}
                char => word.get_or_insert_default().push(char),
            },
            char => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    if words.is_empty() {
        Err("it is empty")
    } else {
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_split_as_in_a_shell() {
        let words = |line| split(line).map(|words| words.join("|"));
        assert_eq!(
            words(r#"dd if=/dev/zero  bs=1"#).as_deref(),
            Ok("dd|if=/dev/zero|bs=1")
        );
        assert_eq!(
            words(r#"sh -c 'echo "a  b"; exit 3' ''"#).as_deref(),
            Ok(r#"sh|-c|echo "a  b"; exit 3|"#)
        );
        assert_eq!(
            words(r#"a\ b "c\"\d" e'f'g"#).as_deref(),
            Ok(r#"a b|c"\d|efg"#)
        );
        assert_eq!(words("  ").as_deref(), Err(&"it is empty"));
        assert!(words("'a").is_err() && words("\"a").is_err() && words("a\\").is_err());
    }
}
