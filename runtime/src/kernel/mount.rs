//! Where the kernel's trace file system is; mounts it where it is missing and may be mounted.

#![expect(
    unsafe_code,
    reason = "mount(2) has no safe wrapper in the standard library"
)]

use super::error::KernelError;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

const PLACES: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// The directory of tracefs, if it is mounted.
pub fn find_tracefs() -> Option<PathBuf> {
    PLACES
        .into_iter()
        .map(PathBuf::from)
        .find(|place| place.join("events").is_dir())
        .or_else(|| {
            let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
            mounted(&mounts, "tracefs").map(PathBuf::from)
        })
}

/// The directory of tracefs; mounts it at its usual place if it is not mounted.
///
/// # Errors
/// [`KernelError::Tracefs`] if it is not mounted and cannot be.
pub fn tracefs() -> Result<PathBuf, KernelError> {
    if let Some(place) = find_tracefs() {
        return Ok(place);
    }
    mount(c"tracefs", c"/sys/kernel/tracing").map_err(|source| KernelError::Tracefs {
        place: PLACES[0].into(),
        source,
    })?;
    Ok(Path::new(PLACES[0]).to_path_buf())
}

/// The directory where a file system of this kind is mounted, by the text of `/proc/self/mounts`.
pub(crate) fn mounted<'a>(mounts: &'a str, kind: &str) -> Option<&'a str> {
    mounts.lines().find_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, this_kind) = (words.next()?, words.next()?);
        (this_kind == kind).then_some(place)
    })
}

fn mount(kind: &CStr, place: &CStr) -> io::Result<()> {
    // SAFETY: the strings end in NUL and outlive the call; the last argument may be null.
    let result = unsafe {
        libc::mount(
            kind.as_ptr(),
            place.as_ptr(),
            kind.as_ptr(),
            0,
            std::ptr::null(),
        )
    };
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::mounted;

    #[test]
    fn mounts_are_found_by_kind() {
        let mounts =
            "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(mounted(mounts, "cgroup2"), Some("/sys/fs/cgroup/unified"));
        assert_eq!(mounted(mounts, "tracefs"), None);
    }
}
