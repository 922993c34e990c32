//! Cgroups: mounted hierarchies in, paths of cgroup ids out.
//!
//! A cgroup's id is the inode number of its directory.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A mounted hierarchy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hierarchy {
    /// Version 1 comes after version 2.
    legacy: bool,
    /// `unified`, or the directory's name.
    name: String,
    /// Where it is mounted.
    root: PathBuf,
}

/// Paths of cgroups by id.
#[derive(Debug, Default)]
pub(super) struct Cgroups {
    hierarchies: Option<Vec<Hierarchy>>,
    /// By hierarchy (its place) and id.
    paths: HashMap<(usize, u64), String>,
    /// Ids that no hierarchy had; they are not looked for again.
    missing: HashSet<u64>,
}

impl Cgroups {
    /// The hierarchies that have this id, and where in them it is.
    pub(super) fn places(&mut self, mounts: &Path, id: u64) -> Vec<(String, String)> {
        let hierarchies = self.hierarchies.get_or_insert_with(|| {
            let text = fs::read(mounts).unwrap_or_default();
            mounted(&String::from_utf8_lossy(&text))
        });
        let paths = &mut self.paths;
        let known = |paths: &HashMap<(usize, u64), String>| {
            (0..hierarchies.len()).any(|place| paths.contains_key(&(place, id)))
        };
        if !known(paths) && !self.missing.contains(&id) {
            for (place, hierarchy) in hierarchies.iter().enumerate() {
                index(&hierarchy.root, "/", &mut |id, path| {
                    paths.insert((place, id), path.to_owned());
                });
            }
            if !known(paths) {
                self.missing.insert(id);
            }
        }
        let found = hierarchies.iter().enumerate();
        let found = found.filter_map(|(place, hierarchy)| {
            let path = paths.get(&(place, id))?;
            Some((hierarchy.name.clone(), path.clone()))
        });
        found.collect()
    }
}

/// `unified:/path`, one for each place in a hierarchy that matches the filter.
pub(super) fn path(places: &[(String, String)], filter: &str) -> String {
    let places = places.iter().filter(|(name, _)| matches(filter, name));
    let places = places.map(|(name, path)| format!("{name}:{path}"));
    places.collect::<Vec<_>>().join(",")
}

/// The hierarchies in `/proc/mounts`: version 2 first, then version 1 by name.
fn mounted(mounts: &str) -> Vec<Hierarchy> {
    let mut hierarchies: Vec<_> = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let root = PathBuf::from(fields.nth(1)?);
            let legacy = match fields.next()? {
                "cgroup2" => false,
                "cgroup" => true,
                _ => return None,
            };
            let name = if legacy {
                root.file_name()?.to_str()?
            } else {
                "unified"
            };
            Some(Hierarchy {
                legacy,
                name: name.to_owned(),
                root,
            })
        })
        .collect();
    hierarchies.sort();
    hierarchies
}

/// Gives the inode number and the path below the root of a directory and of all directories in it.
fn index(directory: &Path, path: &str, found: &mut impl FnMut(u64, &str)) {
    let Ok(metadata) = fs::metadata(directory) else {
        return; // A cgroup may vanish at any time.
    };
    found(metadata.ino(), path);
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let name = entry.file_name();
            let below = format!("{}/{}", path.trim_end_matches('/'), name.to_string_lossy());
            index(&entry.path(), &below, found);
        }
    }
}

/// The text is like the pattern, whose `*` stands for anything. An empty pattern is like everything.
fn matches(pattern: &str, text: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("", "unified", true),
            ("*", "unified", true),
            ("uni*", "unified", true),
            ("*i*d", "unified", true),
            ("*fiedx", "unified", false),
            ("mem", "memory", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn paths_by_inode_number() {
        let root = std::env::temp_dir().join(format!("cgroups-{}", std::process::id()));
        let (two, memory) = (root.join("two"), root.join("memory"));
        fs::create_dir_all(two.join("a/b")).unwrap();
        fs::create_dir_all(&memory).unwrap();
        let mounts = root.join("mounts");
        let text = format!(
            "cgroup {} cgroup rw 0 0\nx / ext4 rw\ncgroup2 {} cgroup2 rw 0 0\n",
            memory.display(),
            two.display()
        );
        fs::write(&mounts, text).unwrap();
        let inode = |path: &Path| fs::metadata(path).unwrap().ino();

        let mut cgroups = Cgroups::default();
        let mut found = |id, filter| path(&cgroups.places(&mounts, id), filter);
        assert_eq!(found(inode(&two.join("a/b")), ""), "unified:/a/b");
        assert_eq!(found(inode(&two), "*"), "unified:/");
        assert_eq!(found(inode(&memory), ""), "memory:/");
        assert_eq!(found(inode(&memory), "unified"), "");
        assert_eq!(found(0, ""), "");
        fs::remove_dir_all(&root).unwrap();
    }
}
