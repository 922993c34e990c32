//! The records that the kernel writes for a perf event: an open event in, bytes out.

#![expect(unsafe_code, reason = "reads memory that the kernel writes to")]

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// Pages for records; the kernel wants a power of two.
const PAGES: usize = 32;

// linux v6.12 include/uapi/linux/perf_event.h, `struct perf_event_mmap_page`.
const HEAD: usize = 1024;
const TAIL: usize = 1032;

/// The records of one perf event.
#[derive(Debug)]
pub(crate) struct PerfRecords {
    /// A page with `head` and `tail`, then the records.
    start: NonNull<u8>,
    page: usize,
    /// Keeps the kernel writing.
    _event: OwnedFd,
}

impl PerfRecords {
    /// Has records written from now on.
    pub(crate) fn open(event: OwnedFd) -> io::Result<Self> {
        // SAFETY: takes an integer.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = usize::try_from(page).map_err(io::Error::other)?;
        // SAFETY: a new mapping at an address that the kernel chooses touches nothing that exists.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                (1 + PAGES) * page,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                event.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or_else(|| io::Error::other("mapped at zero"))?;
        let records = Self {
            start,
            page,
            _event: event,
        };
        Ok(records)
    }

    /// Takes what was written since the last call. Nothing if the kernel breaks its own rules.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let head = self.word(HEAD).load(Ordering::Acquire);
        let tail = self.word(TAIL).load(Ordering::Relaxed);
        let size = PAGES * self.page;
        let length = head.wrapping_sub(tail) as usize;
        let mut bytes = Vec::new();
        if length <= size {
            bytes.resize(length, 0);
            // The last record may go on at the start.
            let from = tail as usize % size;
            let first = length.min(size - from);
            self.copy(from, &mut bytes[..first]);
            self.copy(0, &mut bytes[first..]);
        }
        // What was copied is read before the kernel may write there.
        fence(Ordering::SeqCst);
        self.word(TAIL).store(head, Ordering::Release);
        bytes
    }

    fn word(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: the word lies in the first page, which is mapped until drop, is aligned, and is read and written by
        // the kernel atomically.
        unsafe { AtomicU64::from_ptr(self.start.as_ptr().add(offset).cast()) }
    }

    /// Copies records from a place behind the first page.
    fn copy(&self, from: usize, to: &mut [u8]) {
        debug_assert!(from + to.len() <= PAGES * self.page);
        // SAFETY: `take` has seen to it that these bytes lie in the mapping; the kernel does not write between tail
        // and head.
        unsafe {
            ptr::copy_nonoverlapping(
                self.start.as_ptr().add(self.page + from),
                to.as_mut_ptr(),
                to.len(),
            );
        }
    }
}

impl Drop for PerfRecords {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `open` and nothing borrows from it any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), (1 + PAGES) * self.page) };
    }
}
