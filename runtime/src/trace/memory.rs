//! Memory of a process that was read when something happened: pieces with their addresses, in one flat buffer.
//!
//! Layout of a piece, little-endian, unaligned, one behind the other: `address: u64`, `length: u32` (bytes), `error: u32` (the
//! error number if it could not be read, else 0), then `length` bytes.

/// Bytes in front of those of a piece.
const HEAD: usize = 16;

/// Pieces of memory, borrowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory<'a> {
    bytes: &'a [u8],
}

/// Some bytes of a process's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Where they lie.
    pub address: u64,
    /// What was there, or the number of the error that reading it gave.
    pub bytes: Result<&'a [u8], u32>,
}

impl<'a> Memory<'a> {
    /// Nothing was read.
    pub const NONE: Self = Self { bytes: &[] };

    /// What [`MemoryBuffer::as_bytes`] gave. Bytes that are no pieces end them early.
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The buffer as it is, to be kept.
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Nothing was read.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// All pieces, in the order in which they were read.
    pub fn pieces(self) -> impl Iterator<Item = Piece<'a>> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let (head, behind) = rest.split_at_checked(HEAD)?;
            let address = u64::from_le_bytes(*head.first_chunk()?);
            let length = u32::from_le_bytes(*head.get(8..)?.first_chunk()?);
            let error = u32::from_le_bytes(*head.get(12..)?.first_chunk()?);
            let (bytes, behind) = behind.split_at_checked(length as usize)?;
            rest = behind;
            let bytes = if error == 0 { Ok(bytes) } else { Err(error) };
            Some(Piece { address, bytes })
        })
    }

    /// The bytes from an address to the end of the piece that has it; `None` if no piece does.
    pub fn at(self, address: u64) -> Option<&'a [u8]> {
        self.pieces().find_map(|piece| {
            let offset = usize::try_from(address.checked_sub(piece.address)?).ok()?;
            piece
                .bytes
                .ok()?
                .get(offset..)
                .filter(|rest| !rest.is_empty())
        })
    }
}

/// The memory of a process that can be read now.
pub trait AddressSpace {
    /// Fills `to` from an address.
    ///
    /// # Errors
    /// The error number (`EFAULT`, `ESRCH`) if not all of it could be read; what `to` holds then means nothing.
    fn read(&mut self, address: u64, to: &mut [u8]) -> Result<(), u32>;

    /// Fills `to` from an address up to a NUL, which is counted, or up to its end; how many bytes that were.
    ///
    /// # Errors
    /// The error number if memory that cannot be read comes before a NUL.
    fn read_string(&mut self, address: u64, to: &mut [u8]) -> Result<usize, u32>;
}

/// Pieces of memory in the making; kept for its allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryBuffer {
    bytes: Vec<u8>,
}

impl MemoryBuffer {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Adds a piece.
    pub fn push(&mut self, address: u64, bytes: Result<&[u8], u32>) {
        let (content, error) = match bytes {
            Ok(bytes) => (bytes, 0),
            Err(error) => (&[][..], error.max(1)),
        };
        self.bytes.extend(address.to_le_bytes());
        self.bytes.extend((content.len() as u32).to_le_bytes());
        self.bytes.extend(error.to_le_bytes());
        self.bytes.extend(content);
    }

    /// What was added.
    pub fn memory(&self) -> Memory<'_> {
        Memory { bytes: &self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_by_address() {
        let mut buffer = MemoryBuffer::default();
        buffer.push(0x1000, Ok(b"name\0"));
        buffer.push(0x2000, Err(14));
        buffer.push(0x3000, Ok(&[1, 2, 3]));
        let memory = buffer.memory();
        assert_eq!(memory.pieces().count(), 3);
        assert_eq!(memory.at(0x1002), Some(&b"me\0"[..]));
        assert_eq!(memory.at(0x1005), None);
        assert_eq!(memory.at(0x2000), None);
        assert_eq!(memory.at(0x3002), Some(&[3][..]));
        assert_eq!(memory.at(0), None);
    }

    #[test]
    fn cut_buffers_end_early() {
        let mut buffer = MemoryBuffer::default();
        buffer.push(1, Ok(b"one"));
        buffer.push(2, Ok(b"two"));
        let whole = buffer.memory().as_bytes();
        for end in 0..whole.len() {
            let cut = Memory::from_bytes(&whole[..end]);
            assert!(cut.pieces().count() < 2);
        }
    }
}
