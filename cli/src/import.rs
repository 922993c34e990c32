//! Files that scripts import: a path in, texts or the reason for a refusal out.

use crate::script::{INLINE_NAME, read_file};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use trapline_lang::import::{ImportedFile, Loader};

/// Everyone may write.
const WORLD_WRITABLE: u32 = 0o002;

/// Reads files, relative to the file that imports them, else in the folders of `-I`.
pub(crate) struct Files<'a> {
    /// The folders of `-I`.
    pub(crate) folders: &'a [PathBuf],
}

impl Loader for Files<'_> {
    fn identity(&self, name: &str) -> String {
        let path = fs::canonicalize(name).unwrap_or_else(|_| name.into());
        path.display().to_string()
    }

    fn load(&self, importer: &str, path: &str) -> Result<Vec<ImportedFile>, String> {
        let own = if importer == INLINE_NAME {
            Path::new("")
        } else {
            Path::new(importer).parent().unwrap_or(Path::new(""))
        };
        let folders = std::iter::once(own).chain(self.folders.iter().map(PathBuf::as_path));
        let mut places = folders.map(|folder| folder.join(path));
        let Some(found) = places.find(|place| place.exists()) else {
            return Err("no such file".to_owned());
        };
        if !found.is_dir() {
            let folder = found.parent().filter(|folder| *folder != Path::new(""));
            trust(folder.unwrap_or(Path::new(".")))?;
            return Ok(vec![read(&found)?]);
        }
        trust(&found)?;
        let entries = fs::read_dir(&found).map_err(|error| error.to_string())?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let extension = path.extension().and_then(|extension| extension.to_str());
                matches!(extension, Some("bt" | "h"))
            })
            .collect();
        files.sort();
        files.iter().map(|file| read(file)).collect()
    }
}

/// Whoever can put a file into the folder could have the script do anything.
fn trust(folder: &Path) -> Result<(), String> {
    let metadata = fs::metadata(folder).map_err(|error| error.to_string())?;
    if metadata.permissions().mode() & WORLD_WRITABLE != 0 {
        return Err(format!("everyone can write to {}", folder.display()));
    }
    Ok(())
}

fn read(path: &Path) -> Result<ImportedFile, String> {
    let text = read_file(path).map_err(|error| format!("{error:#}"))?;
    Ok(ImportedFile {
        name: path.display().to_string(),
        text,
    })
}
