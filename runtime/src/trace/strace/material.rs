//! Made-up memory: what a log shows of a process's memory, at addresses that no process has.

use crate::trace::memory::MemoryBuffer;

/// The first made-up address. x86_64 and arm64 Linux put programs near the bottom of the address space and everything else
/// near its top (2⁴⁷, 2⁴⁸); nothing lies here unless a program asks for it.
pub(super) const FIRST_ADDRESS: u64 = 0x2a00_0000_0000;
/// Addresses begin again at the first one here.
const LAST_ADDRESS: u64 = 0x2b00_0000_0000;
/// The space between pieces, so that what is read beyond the end of one is no other.
const GAP: u64 = 16;

/// When memory holds what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// When the call begins.
    Before,
    /// When it ends.
    After,
    /// From its beginning to its end.
    Both,
}

/// The memory of one call in the making.
#[derive(Debug)]
pub(super) struct Material {
    next: u64,
    /// When the call begins.
    pub(super) before: MemoryBuffer,
    /// When it ends.
    pub(super) after: MemoryBuffer,
}

impl Default for Material {
    fn default() -> Self {
        Self {
            next: FIRST_ADDRESS,
            before: MemoryBuffer::default(),
            after: MemoryBuffer::default(),
        }
    }
}

impl Material {
    /// Where the next piece goes.
    pub(super) fn mark(&self) -> u64 {
        self.next
    }

    /// Begins again where [`Self::mark`] was, with nothing; where it had been.
    pub(super) fn go_to(&mut self, mark: u64) -> u64 {
        self.before.clear();
        self.after.clear();
        std::mem::replace(&mut self.next, mark)
    }

    /// Goes on where others have been, if that is further.
    pub(super) fn go_on_from(&mut self, mark: u64) {
        self.next = self.next.max(mark);
    }

    /// An address of so many bytes that are nobody else's.
    pub(super) fn reserve(&mut self, length: usize) -> u64 {
        if self.next >= LAST_ADDRESS {
            self.next = FIRST_ADDRESS;
        }
        let address = self.next;
        let length = (length as u64).next_multiple_of(GAP) + GAP;
        self.next = address.saturating_add(length);
        address
    }

    /// Puts bytes to an address.
    pub(super) fn put(&mut self, address: u64, bytes: &[u8], moment: Moment) {
        if matches!(moment, Moment::Before | Moment::Both) {
            self.before.push(address, Ok(bytes));
        }
        if matches!(moment, Moment::After | Moment::Both) {
            self.after.push(address, Ok(bytes));
        }
    }

    /// Puts bytes somewhere.
    pub(super) fn place(&mut self, bytes: &[u8], moment: Moment) -> u64 {
        let address = self.reserve(bytes.len());
        self.put(address, bytes, moment);
        address
    }
}
