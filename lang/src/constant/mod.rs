//! Well-known constants of system headers: a name in, its value out.
//!
//! Scripts include these headers for their names; here the names are built in. Error numbers and signals
//! are rows of [`crate::syscall`], what arguments of system calls are made of stands in the sets there, everything
//! else in [`rows`].

mod rows;

use crate::syscall::{errno, set, signal};

/// The value of a constant that a header of the kernel or of libc defines: `AF_INET`, `O_CREAT`, `ENOENT`.
pub fn by_name(name: &str) -> Option<i64> {
    let value = |rows: &[(&str, i64)]| {
        rows.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| *value)
    };
    let own = if cfg!(target_arch = "aarch64") {
        value(rows::AARCH64)
    } else {
        None
    };
    own.or_else(|| rows::HEADERS.iter().find_map(|header| value(header.rows)))
        .or_else(|| errno::by_name(name).map(i64::from))
        .or_else(|| signal::by_name(name).map(i64::from))
        .or_else(|| set::constants().find_map(|set| value(set.rows)))
}

/// Headers, and the constants that each gives.
pub fn headers() -> impl Iterator<Item = (&'static str, &'static [(&'static str, i64)])> {
    rows::HEADERS
        .iter()
        .map(|header| (header.source, header.rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_values_of_the_headers() {
        for (name, value) in [
            ("AF_INET6", 10),
            ("SOCK_STREAM", 1),
            ("O_CREAT", 0o100),
            ("S_IFREG", 0o100_000),
            ("PROT_EXEC", 4),
            ("MAP_ANONYMOUS", 0x20),
            ("CLONE_THREAD", 0x10000),
            ("ENOENT", 2),
            ("SIGKILL", 9),
            ("AT_FDCWD", -100),
        ] {
            assert_eq!(by_name(name), Some(value), "{name}");
        }
        assert_eq!(by_name("AF_NOTHING"), None);
    }

    #[test]
    fn names_of_sets_have_one_value() {
        for set in set::constants() {
            for (name, value) in set.rows {
                assert_eq!(by_name(name), Some(*value), "{name} of {}", set.name);
            }
        }
        assert_eq!(by_name("arm"), None);
        assert_eq!(by_name("MADV_DONTNEED"), Some(4));
        assert_eq!(by_name("F_DUPFD_QUERY"), Some(1027));
        assert_eq!(by_name("BPF_PROG_LOAD"), Some(5));
    }

    #[test]
    fn names_are_constants_and_stand_once() {
        let mut names: Vec<_> = headers()
            .flat_map(|(_, rows)| rows.iter().map(|row| row.0))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for name in names {
            assert!(!name.starts_with("__"), "{name}");
            assert!(crate::builtin::by_name(name).is_none(), "{name}");
        }
    }
}
