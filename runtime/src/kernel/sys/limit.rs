//! Resource limits that stand in the way of tracing.

#![expect(unsafe_code, reason = "the standard library has no resource limits")]

#[cfg(not(target_env = "gnu"))]
use std::ffi::c_int;
use std::io;
use std::os::fd::OwnedFd;

/// Makes a call that locks memory. Before Linux 5.11 that counts against a limit of 64 KiB, which may be
/// raised; what cannot be raised is left for the kernel to refuse.
pub(super) fn locking_memory(mut call: impl FnMut() -> io::Result<OwnedFd>) -> io::Result<OwnedFd> {
    match call() {
        Err(error)
            if error.raw_os_error() == Some(libc::EPERM)
                && set_limit(libc::RLIMIT_MEMLOCK, |_| libc::RLIM_INFINITY).is_ok() =>
        {
            call()
        }
        result => result,
    }
}

/// Lets this process open as many files as it may: an event takes two.
pub(crate) fn allow_many_files() -> io::Result<()> {
    set_limit(libc::RLIMIT_NOFILE, |most| most)
}

/// What C libraries number limits by.
#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = c_int;

/// Sets a limit as a function of the highest value that may be set without privileges.
fn set_limit(
    resource: Resource,
    value: impl FnOnce(libc::rlim_t) -> libc::rlim_t,
) -> io::Result<()> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is valid for writes.
    if unsafe { libc::getrlimit(resource, &raw mut limit) } < 0 {
        return Err(io::Error::last_os_error());
    }
    limit.rlim_cur = value(limit.rlim_max);
    limit.rlim_max = limit.rlim_max.max(limit.rlim_cur);
    // SAFETY: `limit` is initialized.
    if unsafe { libc::setrlimit(resource, &raw const limit) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
