//! The members of a structure, one after the other.

use super::super::event::CallEvent;
use super::super::text;

/// Takes the members of a structure from its bytes. What lies beyond them is zero.
pub(in super::super) struct Reader<'a> {
    /// The call that the memory belongs to.
    pub(super) event: &'a CallEvent<'a>,
    bytes: &'a [u8],
    at: usize,
    descriptor: &'a mut dyn FnMut(i32) -> String,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte; `descriptor` spells file descriptors.
    pub(in super::super) fn new(
        event: &'a CallEvent<'a>,
        bytes: &'a [u8],
        descriptor: &'a mut dyn FnMut(i32) -> String,
    ) -> Self {
        Self {
            event,
            bytes,
            at: 0,
            descriptor,
        }
    }

    /// All of the bytes.
    pub(super) fn all(&self) -> &'a [u8] {
        self.bytes
    }

    /// What has not been taken.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// C's `long` and pointers are of 8 bytes.
    pub(super) fn is_wide(&self) -> bool {
        self.event.word_size() == 8
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn take(&mut self, size: usize) -> u64 {
        let rest = self.rest();
        self.skip(size);
        super::super::super::word(&rest[..rest.len().min(size)])
    }

    pub(super) fn u8(&mut self) -> u8 {
        self.take(1) as u8
    }

    pub(super) fn u16(&mut self) -> u16 {
        self.take(2) as u16
    }

    /// As it goes over the network.
    pub(super) fn port(&mut self) -> u16 {
        self.u16().swap_bytes()
    }

    pub(super) fn u32(&mut self) -> u32 {
        self.take(4) as u32
    }

    pub(super) fn i32(&mut self) -> i32 {
        self.u32() as i32
    }

    pub(super) fn u64(&mut self) -> u64 {
        self.take(8)
    }

    pub(super) fn i64(&mut self) -> i64 {
        self.u64() as i64
    }

    /// C's `unsigned long`.
    pub(super) fn word(&mut self) -> u64 {
        self.take(self.event.word_size())
    }

    /// C's `long`.
    pub(super) fn long(&mut self) -> i64 {
        match self.is_wide() {
            true => self.i64(),
            false => self.i32().into(),
        }
    }

    pub(super) fn pointer(&mut self) -> String {
        text::address(self.word())
    }

    /// A file descriptor, as the call's arguments spell it.
    pub(super) fn descriptor(&mut self) -> String {
        let number = self.i32();
        (self.descriptor)(number)
    }
}
