//! From the name of a program to files: paths, patterns, `PATH`, what the loader knows, what a process has mapped.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use trapline_lang::catalog::pattern::Pattern;

const LOADER_CACHE: &str = "/etc/ld.so.cache";
/// Where libraries are without a cache.
const LIBRARY_DIRECTORIES: [&str; 4] = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// Files that a name may stand for, best first.
pub(super) fn candidates(name: &str, pid: Option<u32>) -> Vec<PathBuf> {
    if Pattern::is_pattern(name) {
        let mut found = match pid {
            Some(pid) if !name.contains('/') => mapped(pid, |_| true),
            _ => BTreeSet::new(),
        };
        if let Some(pattern) = Pattern::new(name).filter(|_| !name.contains('/')) {
            found.retain(|path| pattern.matches(&file_name(path)));
        } else {
            found.extend(glob(name));
        }
        return found.into_iter().collect();
    }
    if name.contains('/') {
        let path = PathBuf::from(name);
        let inside = pid
            .map(|pid| PathBuf::from(format!("/proc/{pid}/root{name}")))
            .filter(|_| path.is_absolute() && !path.exists());
        return vec![inside.unwrap_or(path)];
    }
    let by_path = env::var_os("PATH").into_iter().flat_map(|path| {
        env::split_paths(&path)
            .map(|directory| directory.join(name))
            .collect::<Vec<_>>()
    });
    let of_process = pid
        .map(|pid| mapped(pid, |path| is_library(&file_name(path), name)))
        .unwrap_or_default();
    by_path
        .chain(of_process)
        .chain(cached(name))
        .chain(installed(name))
        .filter(|path| path.is_file())
        .collect()
}

/// `libc.so.6` and `libc-2.31.so` are what `libc` means; `libc.so.6` only itself.
fn is_library(file: &str, name: &str) -> bool {
    file == name
        || file
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(".so"))
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// What a process runs.
fn mapped(pid: u32, wanted: impl Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let executable = maps.lines().filter_map(|line| {
        let mut words = line.splitn(6, ' ');
        let flags = words.nth(1)?;
        let path = words.nth(3)?.trim();
        (flags.contains('x') && path.starts_with('/')).then(|| PathBuf::from(path))
    });
    executable.filter(|path| wanted(path)).collect()
}

/// What the loader's cache has: strings that are names and paths in turn.
///
/// Form: glibc 2.40 sysdeps/generic/dl-cache.h, `struct cache_file_new`.
fn cached(name: &str) -> Vec<PathBuf> {
    const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
    const HEADER: usize = 48;
    const ENTRY: usize = 24;
    let bytes = fs::read(LOADER_CACHE).unwrap_or_default();
    let Some(start) = bytes
        .windows(MAGIC.len())
        .position(|window| window == MAGIC)
    else {
        return Vec::new();
    };
    let cache = &bytes[start..];
    let word = |at: usize| {
        let bytes = cache.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?) as usize)
    };
    let text = |at: usize| {
        let bytes = cache.get(at..)?;
        let end = bytes.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(&bytes[..end]).ok()
    };
    let count = word(20).unwrap_or(0).min(cache.len() / ENTRY);
    (0..count)
        .filter_map(|n| {
            let entry = HEADER + n * ENTRY;
            let (key, value) = (text(word(entry + 4)?)?, text(word(entry + 8)?)?);
            is_library(key, name).then(|| PathBuf::from(value))
        })
        .collect()
}

fn installed(name: &str) -> Vec<PathBuf> {
    let of = |directory: &&str| glob(&format!("{directory}/{name}.so*"));
    LIBRARY_DIRECTORIES.iter().flat_map(of).collect()
}

/// The files that fit a path with patterns in it.
fn glob(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from(if pattern.starts_with('/') {
        "/"
    } else {
        "."
    })];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        if !Pattern::is_pattern(part) {
            found.iter_mut().for_each(|path| path.push(part));
            found.retain(|path| path.exists());
            continue;
        }
        let Some(names) = Pattern::new(part) else {
            return Vec::new();
        };
        found = found
            .iter()
            .filter_map(|directory| fs::read_dir(directory).ok())
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| names.matches(&file_name(path)))
            .collect();
    }
    found.retain(|path| path.is_file());
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_for_everywhere() {
        let shell = candidates("sh", None);
        assert!(shell.iter().any(|path| path.ends_with("sh")), "{shell:?}");
        assert_eq!(candidates("./x", None), [PathBuf::from("./x")]);
        assert!(candidates("/bin/s*", None).contains(&PathBuf::from("/bin/sh")));
        let own = candidates("*", Some(std::process::id()));
        let exe = env::current_exe().expect("has a path");
        assert!(own.contains(&exe), "{own:?}");
        assert!(candidates("no-such-program", None).is_empty());
    }
}
