//! Files that the C part of a script includes.

use std::fs;
use std::path::{Path, PathBuf};
use trapline_lang::ctypes::{Include, IncludeKind};

/// As a compiler does: beside the script first, unless in angle brackets, then in the folders given.
pub(super) fn find(folders: &[PathBuf], path: &str, kind: IncludeKind) -> Include {
    let beside = (kind == IncludeKind::Local).then(|| Path::new(""));
    beside
        .into_iter()
        .chain(folders.iter().map(PathBuf::as_path))
        .find_map(|folder| fs::read_to_string(folder.join(path)).ok())
        .map_or(Include::Missing, Include::Text)
}
