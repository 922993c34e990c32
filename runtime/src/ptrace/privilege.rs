//! Programs that should have got privileges by being executed, and did not because they are traced.

use super::facts;
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The program that a thread has begun to run, if it runs without privileges that its file gives.
///
/// A file system that gives none (`nosuid`) takes them from everybody.
#[expect(
    unsafe_code,
    reason = "no wrapper of getxattr or statvfs in the standard library"
)]
pub(super) fn lost(thread: u32, name: &[u8]) -> Option<PathBuf> {
    let link = PathBuf::from(format!("/proc/{thread}/exe"));
    // The link of a program that its user cannot read is closed to that user.
    let named = Path::new(std::ffi::OsStr::from_bytes(name));
    let (path, data) = match fs::metadata(&link) {
        Ok(data) => (link.as_path(), data),
        Err(_) => (named, fs::metadata(named).ok()?),
    };
    let (mode, c_path) = (data.mode(), CString::new(path.as_os_str().as_bytes()).ok()?);
    // SAFETY: strings that end in NUL; nothing is written to a buffer of no bytes.
    let size = unsafe {
        libc::getxattr(
            c_path.as_ptr(),
            c"security.capability".as_ptr(),
            std::ptr::null_mut(),
            0,
        )
    };
    let (as_user, as_group) = (mode & 0o4000 != 0, mode & 0o2010 == 0o2010);
    if !as_user && !as_group && size <= 0 {
        return None;
    }
    let status = facts::status(thread);
    let [_, user] = facts::ids(&status, "Uid:")?;
    let [_, group] = facts::ids(&status, "Gid:")?;
    let without_capabilities = size > 0 && no_capabilities(&status);
    let lost = as_user && user != data.uid() || as_group && group != data.gid();
    if !lost && !without_capabilities || gives_none(&c_path).unwrap_or(false) {
        return None;
    }
    Some(fs::read_link(&link).unwrap_or_else(|_| named.to_path_buf()))
}

fn no_capabilities(status: &str) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("CapPrm:"));
    line.is_some_and(|mask| mask.trim().bytes().all(|digit| digit == b'0'))
}

#[expect(unsafe_code, reason = "no wrapper of statvfs in the standard library")]
fn gives_none(path: &CString) -> io::Result<bool> {
    let mut data = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: a string that ends in NUL; `data` is valid for writes.
    if unsafe { libc::statvfs(path.as_ptr(), data.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: integers only, zeroed at first.
    let data = unsafe { data.assume_init() };
    Ok(data.f_flag & libc::ST_NOSUID != 0)
}
