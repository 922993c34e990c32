//! cgroup v2 directories: a path in, the id that the kernel knows the cgroup by out.

use crate::kernel::mount;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The id of a cgroup v2 directory: its path, or its path below the place where the hierarchy is mounted.
pub(super) fn id(path: &Path) -> Option<u64> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let root = Path::new(mount::mounted(&mounts, "cgroup2")?);
    let below_root = root.join(path.strip_prefix("/").unwrap_or(path));
    [path.to_path_buf(), below_root]
        .into_iter()
        .find_map(|path| {
            let path = path.canonicalize().ok()?;
            // A directory of a cgroup v1 hierarchy has an inode number, too, but it is no cgroup id.
            let data = path.starts_with(root).then(|| fs::metadata(&path))?.ok()?;
            data.is_dir().then(|| data.ino())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_of_the_hierarchy_have_ids() {
        assert_eq!(id(Path::new("/proc")), None);
        assert_eq!(id(Path::new("no/such/group")), None);
        let mounts = fs::read_to_string("/proc/self/mounts").expect("proc");
        let Some(root) = mount::mounted(&mounts, "cgroup2") else {
            return;
        };
        assert_eq!(id(Path::new(root)), Some(1), "the root's is 1");
        assert_eq!(id(Path::new("/")), Some(1), "as in /proc/self/cgroup");
    }
}
