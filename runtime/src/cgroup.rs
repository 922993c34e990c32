//! Control groups of version 2: a path or the name of a container in, the group as the kernel knows it out; a path
//! in, the name of the container or unit that it stands for out.

use crate::kernel::mount;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use thiserror::Error;
use trapline_lang::rewrite::Cgroup;

/// Characters of a container's id that people use.
const SHORT_ID: usize = 12;
/// Directories deeper than this are not looked at.
const MAX_DEPTH: u32 = 64;

/// Why there is no such cgroup.
#[derive(Debug, Error)]
pub enum CgroupError {
    /// There is no version 2 hierarchy.
    #[error("no cgroup v2 hierarchy is mounted (mount -t cgroup2 none /sys/fs/cgroup)")]
    NotMounted,
    /// No directory, container or unit of that name.
    #[error("there is no cgroup v2 of that path, and no container or unit of that name")]
    NotFound,
    /// More than one.
    #[error("several cgroups have that name: {}", .0.join(", "))]
    Ambiguous(Vec<String>),
}

/// The cgroup of a path (whole, or below the mounted hierarchy), or of the name of a container or unit: `nginx.service`,
/// `docker:0123456789ab`, the beginning of a container's id.
///
/// # Errors
/// If there is none, or several.
pub fn find(name: &str) -> Result<Cgroup, CgroupError> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let root = mount::mounted(&mounts, "cgroup2").ok_or(CgroupError::NotMounted)?;
    find_below(Path::new(root), name)
}

fn find_below(root: &Path, name: &str) -> Result<Cgroup, CgroupError> {
    let root = &root.canonicalize().map_err(|_| CgroupError::NotMounted)?;
    let path = Path::new(name);
    let below = root.join(path.strip_prefix("/").unwrap_or(path));
    for path in [path.to_path_buf(), below] {
        let Ok(path) = path.canonicalize() else {
            continue;
        };
        if let Some(found) = group(root, &path) {
            return Ok(found);
        }
    }
    let mut named = Vec::new();
    walk(root, 0, &mut |path| {
        if is_called(path, name) {
            named.push(path.to_path_buf());
        }
    });
    // A container's cgroup may have others of the same name in it.
    let outermost: Vec<&PathBuf> = named
        .iter()
        .filter(|path| {
            !named
                .iter()
                .any(|other| other != *path && path.starts_with(other))
        })
        .collect();
    match outermost.as_slice() {
        [] => Err(CgroupError::NotFound),
        [path] => group(root, path).ok_or(CgroupError::NotFound),
        several => Err(CgroupError::Ambiguous(
            several
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
        )),
    }
}

/// A directory of the hierarchy.
fn group(root: &Path, path: &Path) -> Option<Cgroup> {
    let level = path.strip_prefix(root).ok()?.components().count();
    let data = fs::metadata(path).ok().filter(fs::Metadata::is_dir)?;
    Some(Cgroup {
        id: data.ino(),
        level: u32::try_from(level).ok()?,
    })
}

fn walk(directory: &Path, depth: u32, see: &mut impl FnMut(&Path)) {
    see(directory);
    if depth == MAX_DEPTH {
        return;
    }
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), depth + 1, see);
        }
    }
}

fn is_called(path: &Path, name: &str) -> bool {
    let Some(own) = path.file_name().and_then(|own| own.to_str()) else {
        return false;
    };
    let parent = path
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let id_begins = |id: &str| name.len() >= 4 && id.starts_with(name);
    own == name
        || component_name(parent, own).is_some_and(|found| found == name)
        || container_id(parent, own).is_some_and(|(_, id)| id_begins(id))
}

/// The name of the container or unit that a cgroup's path stands for: `docker:0123456789ab`, `nginx.service`. `None` if
/// the path tells none.
pub fn container(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    (0..parts.len()).rev().find_map(|at| {
        let parent = at.checked_sub(1).map(|above| parts[above]);
        component_name(parent, parts[at])
    })
}

/// How a container engine writes an id: what stands before it, behind it, and what the engine is called.
///
/// Sources: runc v1.2 libcontainer/cgroups/systemd (`NAME-ID.scope`), Docker 27 daemon/oci_linux.go, CRI-O 1.31, Podman
/// 5.0 libpod/container_internal_linux.go.
const ENGINES: [(&str, &str, &str); 5] = [
    ("docker-", ".scope", "docker"),
    ("cri-containerd-", ".scope", "containerd"),
    ("crio-", ".scope", "crio"),
    ("libpod-", ".scope", "podman"),
    ("libpod-conmon-", ".scope", "podman"),
];

/// Directories whose children are containers by their id alone, and what they are called.
const FOLDERS: [(&str, &str); 3] = [
    ("docker", "docker"),
    ("libpod_parent", "podman"),
    ("crio", "crio"),
];

fn component_name(parent: Option<&str>, name: &str) -> Option<String> {
    if let Some((engine, id)) = container_id(parent, name) {
        return Some(format!("{engine}:{}", &id[..SHORT_ID]));
    }
    if let Some(lxc) = name.strip_prefix("lxc.payload.") {
        return Some(format!("lxc:{lxc}"));
    }
    if parent == Some("lxc") {
        return Some(format!("lxc:{name}"));
    }
    let is_unit = [".service", ".scope", ".mount", ".socket", ".swap"]
        .iter()
        .any(|suffix| name.len() > suffix.len() && name.ends_with(suffix));
    is_unit.then(|| name.to_owned())
}

/// The engine and the whole id of a container.
fn container_id<'a>(parent: Option<&str>, name: &'a str) -> Option<(&'static str, &'a str)> {
    let by_name = ENGINES.iter().find_map(|(before, behind, engine)| {
        let id = name.strip_prefix(before)?.strip_suffix(behind)?;
        is_id(id).then_some((*engine, id))
    });
    by_name.or_else(|| {
        let parent = parent.filter(|_| is_id(name))?;
        let folder = FOLDERS.iter().find(|(folder, _)| *folder == parent);
        let engine = match folder {
            Some((_, engine)) => engine,
            None if parent.starts_with("pod") => "kubernetes",
            None => return None,
        };
        Some((engine, name))
    })
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn paths_tell_containers_and_units() {
        for (path, name) in [
            (
                format!("/system.slice/docker-{ID}.scope"),
                "docker:0123456789ab",
            ),
            (format!("/docker/{ID}"), "docker:0123456789ab"),
            (format!("/docker/{ID}/init"), "docker:0123456789ab"),
            (
                format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope"),
                "containerd:0123456789ab",
            ),
            (
                format!("/kubepods/besteffort/pod12-34/{ID}"),
                "kubernetes:0123456789ab",
            ),
            (
                format!("/machine.slice/libpod-{ID}.scope/container"),
                "podman:0123456789ab",
            ),
            (
                format!("/kubepods.slice/crio-{ID}.scope"),
                "crio:0123456789ab",
            ),
            ("/lxc.payload.web".to_owned(), "lxc:web"),
            ("/system.slice/nginx.service".to_owned(), "nginx.service"),
            (
                "/user.slice/user-1000.slice/session-2.scope".to_owned(),
                "session-2.scope",
            ),
        ] {
            assert_eq!(container(&path).as_deref(), Some(name), "{path}");
        }
        for path in ["/", "", "/system.slice", "/docker/short", "/a/b"] {
            assert_eq!(container(path), None, "{path}");
        }
    }

    #[test]
    fn groups_are_found_by_path_and_by_name() {
        let root = std::env::temp_dir().join(format!("cgroup-find-{}", std::process::id()));
        let scope = root.join(format!("system.slice/docker-{ID}.scope"));
        fs::create_dir_all(scope.join("init.scope")).unwrap();
        fs::create_dir_all(root.join("a/twin.service")).unwrap();
        fs::create_dir_all(root.join("b/twin.service")).unwrap();
        let inode = |path: &Path| fs::metadata(path).unwrap().ino();
        for (name, path, level) in [
            ("/", root.clone(), 0),
            ("/system.slice", root.join("system.slice"), 1),
            ("docker:0123456789ab", scope.clone(), 2),
            ("01234567", scope.clone(), 2),
            ("init.scope", scope.join("init.scope"), 3),
        ] {
            let found = find_below(&root, name).unwrap();
            assert_eq!((found.id, found.level), (inode(&path), level), "{name}");
        }
        assert!(matches!(
            find_below(&root, "nothing"),
            Err(CgroupError::NotFound)
        ));
        let Err(CgroupError::Ambiguous(twins)) = find_below(&root, "twin.service") else {
            panic!("found");
        };
        assert_eq!(twins.len(), 2);
        fs::remove_dir_all(&root).unwrap();
    }
}
