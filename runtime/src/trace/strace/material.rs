//! Made-up memory: what a log shows of a process's memory, at addresses that no process has.

use crate::trace::memory::MemoryBuffer;
use trapline_lang::syscall::Abi;

/// The first made-up address, and how many there are until they begin again. x86_64 and arm64 Linux put programs near the
/// bottom of the address space and everything else near its top (2⁴⁷, 2⁴⁸); nothing lies here unless a program asks for it.
pub(super) const WIDE: (u64, u64) = (0x2a00_0000_0000, 1 << 40);
/// The same for 32-bit programs, which have little between their heap and their libraries.
pub(super) const NARROW: (u64, u64) = (0xa000_0000, 1 << 28);
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
    /// Bytes that have been made up so far.
    next: u64,
    /// Where the call's addresses are.
    range: (u64, u64),
    /// When the call begins.
    pub(super) before: MemoryBuffer,
    /// When it ends.
    pub(super) after: MemoryBuffer,
}

impl Default for Material {
    fn default() -> Self {
        Self {
            next: 0,
            range: WIDE,
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

    /// What is made up from now on is memory of a program of that ABI.
    pub(super) fn of(&mut self, abi: Abi) {
        self.range = match abi {
            Abi::X86_64 | Abi::Aarch64 => WIDE,
            Abi::I386 | Abi::X32 | Abi::Arm => NARROW,
        };
    }

    /// An address of so many bytes that are nobody else's.
    pub(super) fn reserve(&mut self, length: usize) -> u64 {
        let (first, count) = self.range;
        let length = (length as u64).next_multiple_of(GAP) + GAP;
        if self.next % count + length > count {
            self.next = self.next.next_multiple_of(count);
        }
        let address = first + self.next % count;
        self.next += length;
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
