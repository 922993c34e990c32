//! Which CPUs there are: the kernel's CPU lists (`0-3,8`) in, numbers out.

use std::{fs, io};

/// CPUs that the machine can ever have: what per-CPU values are sized by.
///
/// # Errors
/// If sysfs cannot be read.
pub(crate) fn possible() -> io::Result<u32> {
    let cpus = read("possible")?;
    // Numbers may have holes; values are laid out by number all the same.
    Ok(cpus.last().map_or(1, |last| last + 1))
}

/// CPUs that run now, ascending.
///
/// # Errors
/// If sysfs cannot be read.
pub(crate) fn online() -> io::Result<Vec<u32>> {
    read("online")
}

fn read(which: &str) -> io::Result<Vec<u32>> {
    let text = fs::read_to_string(format!("/sys/devices/system/cpu/{which}"))?;
    parse(text.trim()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{which} CPUs: cannot read `{text}`"),
        )
    })
}

fn parse(list: &str) -> Option<Vec<u32>> {
    let mut cpus = Vec::new();
    for part in list.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(first.parse::<u32>().ok()?..=last.parse().ok()?);
    }
    cpus.sort_unstable();
    (!cpus.is_empty()).then_some(cpus)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lists_of_cpus() {
        assert_eq!(parse("0-1,4,6-7"), Some(vec![0, 1, 4, 6, 7]));
        assert_eq!(parse("0"), Some(vec![0]));
        assert_eq!(parse(""), None);
        assert_eq!(parse("a-b"), None);
    }
}
