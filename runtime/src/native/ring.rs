//! Records that programs send, in the order in which they began them.

use std::collections::VecDeque;
use std::ptr;

/// Records of a kept buffer are not kept above this size.
const KEPT_BYTES: usize = 4096;
/// Buffers that are kept for records to come.
const KEPT: usize = 64;

/// Records in flight. Native programs run to their end before anybody reads, so that none is ever half-written, and
/// the queue grows as it must: nothing is lost.
#[derive(Default)]
pub(super) struct Ring {
    records: VecDeque<Record>,
    spare: Vec<Box<[u64]>>,
    /// Bytes in the queue.
    waiting: usize,
}

struct Record {
    words: Box<[u64]>,
    bytes: usize,
}

impl Ring {
    /// Room for a record; the pointer is good until the record is taken.
    pub(super) fn reserve(&mut self, bytes: usize) -> *mut u8 {
        let count = bytes.div_ceil(8);
        let place = self.spare.iter().rposition(|spare| spare.len() >= count);
        let words = match place {
            Some(place) => self.spare.swap_remove(place),
            None => vec![0; count].into_boxed_slice(),
        };
        self.waiting += bytes;
        self.records.push_back(Record { words, bytes });
        let record = self.records.back_mut();
        record.map_or(ptr::null_mut(), |record| record.words.as_mut_ptr().cast())
    }

    /// Takes the oldest record.
    pub(super) fn next(&mut self, to: &mut Vec<u8>) -> bool {
        let Some(record) = self.records.pop_front() else {
            return false;
        };
        self.waiting -= record.bytes;
        to.clear();
        to.extend(record.words.iter().flat_map(|word| word.to_ne_bytes()));
        to.truncate(record.bytes);
        if self.spare.len() < KEPT && record.words.len() * 8 <= KEPT_BYTES {
            self.spare.push(record.words);
        }
        true
    }

    /// Bytes that wait to be read.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_in_the_order_of_their_beginnings() {
        let mut ring = Ring::default();
        let mut record = Vec::new();
        assert!(!ring.next(&mut record));
        for round in 0..3u8 {
            let sizes = [17usize, 8, 5000];
            for (n, size) in sizes.into_iter().enumerate() {
                let to = ring.reserve(size);
                // SAFETY: that many bytes were reserved.
                unsafe { ptr::write_bytes(to, round * 10 + n as u8, size) };
            }
            assert_eq!(ring.waiting(), 5025);
            for (n, size) in sizes.into_iter().enumerate() {
                assert!(ring.next(&mut record));
                assert_eq!(record, vec![round * 10 + n as u8; size]);
            }
            assert_eq!(ring.waiting(), 0);
        }
    }
}
