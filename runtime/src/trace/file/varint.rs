//! Numbers of varying length: written behind a buffer, read from a block without a loop.

use super::decode::Malformed;

/// Zeros that stand behind a body in memory, so that a number can be read as one word up to its end.
pub(super) const PADDING: usize = 16;

/// Writes a number.
#[inline]
pub(super) fn put(to: &mut Vec<u8>, value: u64) {
    let bits = 64 - (value | 1).leading_zeros();
    let length = bits.div_ceil(7);
    if length > 8 {
        to.push(0);
        to.extend_from_slice(&value.to_le_bytes());
        return;
    }
    let word = value << length | 1 << (length - 1);
    // A copy of fixed size that is cut is faster than one of varying size.
    let end = to.len() + length as usize;
    to.extend_from_slice(&word.to_le_bytes());
    to.truncate(end);
}

/// Writes a number with a sign.
#[inline]
pub(super) fn put_signed(to: &mut Vec<u8>, value: i64) {
    put(to, (value << 1 ^ value >> 63) as u64);
}

/// Writes bytes with their length before them.
pub(super) fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    put(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// A place in a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    /// The body and [`PADDING`].
    pub(super) bytes: &'a [u8],
    /// The next byte.
    pub(super) position: usize,
}

impl Cursor<'_> {
    /// Reads a byte.
    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = *self.bytes.get(self.position).ok_or(Malformed)?;
        self.position += 1;
        Ok(byte)
    }

    /// Reads a number.
    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, Malformed> {
        let word = self.word(self.position)?;
        let length = word.trailing_zeros() + 1;
        if length <= 8 {
            self.position += length as usize;
            let unused = 64 - 8 * length;
            return Ok(word << unused >> (unused + length));
        }
        let value = self.word(self.position + 1)?;
        self.position += 9;
        Ok(value)
    }

    /// Reads a number with a sign.
    #[inline]
    pub(super) fn signed(&mut self) -> Result<i64, Malformed> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Reads a number of 32 bits.
    #[inline]
    pub(super) fn short(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.varint()?).map_err(|_| Malformed)
    }

    /// Passes over bytes with their length before them; where they begin and end.
    #[inline]
    pub(super) fn bytes(&mut self) -> Result<(u32, u32), Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        let start = self.position;
        let end = start.checked_add(length).ok_or(Malformed)?;
        if end > self.bytes.len() {
            return Err(Malformed);
        }
        self.position = end;
        Ok((start as u32, end as u32))
    }

    #[inline]
    fn word(&self, at: usize) -> Result<u64, Malformed> {
        let rest = self.bytes.get(at..).ok_or(Malformed)?;
        let word = rest.first_chunk().ok_or(Malformed)?;
        Ok(u64::from_le_bytes(*word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_come_back() {
        let mut bytes = Vec::new();
        let numbers: Vec<u64> = (0..64)
            .flat_map(|bit| [1 << bit, (1 << bit) - 1, u64::MAX >> bit])
            .collect();
        for number in &numbers {
            put(&mut bytes, *number);
            put_signed(&mut bytes, *number as i64);
        }
        let length = bytes.len();
        bytes.extend([0; PADDING]);
        let mut cursor = Cursor {
            bytes: &bytes,
            position: 0,
        };
        for number in numbers {
            assert_eq!(cursor.varint(), Ok(number));
            assert_eq!(cursor.signed(), Ok(number as i64));
        }
        assert_eq!(cursor.position, length);
    }

    #[test]
    fn small_numbers_are_short() {
        for (value, length) in [(0, 1), (127, 1), (128, 2), (1 << 55, 8), (1 << 56, 9)] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(bytes.len(), length, "{value}");
        }
    }

    #[test]
    fn nothing_is_read_behind_the_end() {
        let mut cursor = Cursor {
            bytes: &[0; 8],
            position: 0,
        };
        assert_eq!(cursor.varint(), Err(Malformed));
        let mut long = vec![0];
        long.extend(u64::MAX.to_le_bytes());
        let mut cursor = Cursor {
            bytes: &long,
            position: 0,
        };
        assert_eq!(cursor.bytes(), Err(Malformed));
    }
}
