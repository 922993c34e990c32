//! Memory of a traced thread, read while it stands.

#![expect(
    unsafe_code,
    reason = "process_vm_readv has no wrapper in the standard library"
)]

use crate::trace::memory::AddressSpace;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Smallest page that there is; larger ones consist of such.
const PAGE: u64 = 4096;
/// How much is read at a time in search of a NUL: most strings are shorter.
const CHUNK: u64 = 512;

/// The memory of a thread's process.
#[derive(Debug)]
pub(super) struct ThreadMemory {
    thread: libc::pid_t,
}

impl ThreadMemory {
    pub(super) fn of(thread: libc::pid_t) -> Self {
        Self { thread }
    }
}

impl AddressSpace for ThreadMemory {
    fn read(&mut self, address: u64, to: &mut [u8]) -> Result<(), u32> {
        let mut done = 0;
        while done < to.len() {
            let from = address
                .checked_add(done as u64)
                .ok_or(libc::EFAULT as u32)?;
            match read(self.thread, from, &mut to[done..])? {
                0 => return Err(libc::EFAULT as u32),
                read => done += read,
            }
        }
        Ok(())
    }

    fn read_string(&mut self, address: u64, to: &mut [u8]) -> Result<usize, u32> {
        let mut done = 0;
        while done < to.len() {
            let from = address
                .checked_add(done as u64)
                .ok_or(libc::EFAULT as u32)?;
            // The next page may not be there.
            let room = (PAGE - from % PAGE).min(CHUNK) as usize;
            let end = to.len().min(done + room);
            self.read(from, &mut to[done..end])?;
            if let Some(nul) = to[done..end].iter().position(|byte| *byte == 0) {
                return Ok(done + nul + 1);
            }
            done = end;
        }
        Ok(done)
    }
}

/// Reads some bytes, as many as can be; at least one.
fn read(thread: libc::pid_t, address: u64, to: &mut [u8]) -> Result<usize, u32> {
    let remote_base = usize::try_from(address).map_err(|_| libc::EFAULT as u32)?;
    let local = libc::iovec {
        iov_base: to.as_mut_ptr().cast(),
        iov_len: to.len(),
    };
    let remote = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(remote_base),
        iov_len: to.len(),
    };
    // SAFETY: one vector each; the local one is `to`, the remote one is no memory of ours.
    let read =
        unsafe { libc::process_vm_readv(thread, &raw const local, 1, &raw const remote, 1, 0) };
    if let Ok(read) = usize::try_from(read) {
        return Ok(read);
    }
    match number(&io::Error::last_os_error()) {
        // Some containers forbid the call, but not ptrace.
        libc::ENOSYS | libc::EPERM => read_file(thread, address, to),
        error => Err(error as u32),
    }
}

/// The file cannot be kept open: it stays that of the program before when another is executed.
fn read_file(thread: libc::pid_t, address: u64, to: &mut [u8]) -> Result<usize, u32> {
    let file = File::open(format!("/proc/{thread}/mem")).map_err(|error| number(&error) as u32)?;
    file.read_at(to, address)
        .map_err(|error| match number(&error) {
            libc::EIO => libc::EFAULT as u32,
            other => other as u32,
        })
}

fn number(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> ThreadMemory {
        ThreadMemory::of(std::process::id() as libc::pid_t)
    }

    /// Two pages; the second cannot be read.
    fn pages() -> u64 {
        // SAFETY: a new mapping.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                2 * PAGE as usize,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        // SAFETY: the second page of that mapping.
        let unmapped = unsafe { libc::munmap(base.byte_add(PAGE as usize), PAGE as usize) };
        assert_eq!(unmapped, 0);
        // SAFETY: the first page of that mapping.
        unsafe { base.cast::<u8>().write_bytes(b'a', PAGE as usize) };
        base.addr() as u64
    }

    #[test]
    fn memory_is_read_or_the_reason_said() {
        let base = pages();
        let mut bytes = [0; 16];
        assert_eq!(own().read(base + PAGE - 16, &mut bytes), Ok(()));
        assert_eq!(bytes, [b'a'; 16]);
        let fault = Err(libc::EFAULT as u32);
        assert_eq!(own().read(base + PAGE - 15, &mut bytes), fault);
        assert_eq!(own().read(u64::MAX - 3, &mut bytes), fault);
        assert_eq!(own().read(0, &mut bytes), fault);
        assert_eq!(own().read(base, &mut []), Ok(()));
        let mut nobody = ThreadMemory::of(libc::pid_t::MAX);
        assert_eq!(nobody.read(base, &mut bytes), Err(libc::ESRCH as u32));
    }

    #[test]
    fn strings_end_at_their_nul() {
        let base = pages();
        let mut text = [1; 4096];
        let string = std::ffi::CString::new(vec![b'x'; 1500]).unwrap();
        let address = string.as_ptr().addr() as u64;
        assert_eq!(own().read_string(address, &mut text), Ok(1501));
        assert_eq!(text[1500], 0);
        assert_eq!(own().read_string(address, &mut text[..700]), Ok(700));
        let fault = Err(libc::EFAULT as u32);
        assert_eq!(own().read_string(base + 4000, &mut text), fault);
        assert_eq!(own().read_string(base + 4000, &mut text[..96]), Ok(96));
    }

    #[test]
    fn the_file_serves_where_the_call_is_forbidden() {
        let base = pages();
        let thread = std::process::id() as libc::pid_t;
        let mut bytes = [0; 32];
        assert_eq!(read_file(thread, base + PAGE - 16, &mut bytes), Ok(16));
        assert_eq!(
            read_file(thread, base + PAGE, &mut bytes),
            Err(libc::EFAULT as u32)
        );
    }
}
