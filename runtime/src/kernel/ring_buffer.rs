//! The ring buffer of a running script: its kernel map in, event records out.

use super::error::KernelError;
use super::sys::Map;
use aya::maps::{MapData, RingBuf};
use std::os::fd::{AsFd, BorrowedFd};

/// The reading end of a ring buffer.
pub(crate) struct RingBuffer(RingBuf<MapData>);

impl RingBuffer {
    /// Maps the buffer for reading.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(crate) fn open(map: &Map) -> Result<Self, KernelError> {
        let refused = |source| KernelError::MapAccess {
            name: "ring buffer".into(),
            source,
        };
        let fd = map.as_fd().try_clone_to_owned().map_err(refused)?;
        let data = MapData::from_fd(fd).map_err(|error| refused(std::io::Error::other(error)))?;
        RingBuf::try_from(aya::maps::Map::RingBuf(data))
            .map(Self)
            .map_err(|error| refused(std::io::Error::other(error)))
    }

    /// Readable when there are records that woke the reader.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Copies the next record to `record`, if there is one, and gives its place free.
    pub(crate) fn next(&mut self, record: &mut Vec<u8>) -> bool {
        let Some(item) = self.0.next() else {
            return false;
        };
        record.clear();
        record.extend_from_slice(&item);
        true
    }
}
