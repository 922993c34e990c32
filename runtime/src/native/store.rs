//! Maps of native engines: keys and values as BPF maps have them, with values that stay where they are while their key
//! is there. There is one CPU: maps per CPU have one value for each key.

use rustc_hash::FxBuildHasher;
use std::cell::UnsafeCell;
use std::collections::HashMap;
use std::ptr;
use trapline_codegen::map_type;
use trapline_codegen::object::KernelMap;

/// Words of values are handed to programs as pointers.
type Words = Box<[UnsafeCell<u64>]>;

/// Bytes of a page of values, about.
const PAGE: usize = 64 * 1024;

/// `EEXIST`, `ENOENT`, `E2BIG`, `EINVAL` (linux v6.12 include/uapi/asm-generic/errno-base.h).
const EEXIST: i64 = -17;
const ENOENT: i64 = -2;
const E2BIG: i64 = -7;
const EINVAL: i64 = -22;

/// `BPF_NOEXIST`, `BPF_EXIST` (linux v6.12 include/uapi/linux/bpf.h).
const NOEXIST: u64 = 1;
const EXIST: u64 = 2;

/// A map.
pub(super) enum Store {
    /// Values by index, all there from the beginning.
    Array(Array),
    /// Values by key.
    Hash(Hash),
    /// Records go elsewhere.
    Ring,
}

impl Store {
    /// An empty map.
    pub(super) fn new(map: &KernelMap) -> Self {
        let words = (map.value_size as usize).div_ceil(8).max(1);
        match map.map_type {
            map_type::RINGBUF => Self::Ring,
            map_type::ARRAY | map_type::PERCPU_ARRAY => Self::Array(Array {
                words,
                entries: map.max_entries,
                values: zeros(words * map.max_entries as usize),
            }),
            kind => Self::Hash(Hash {
                key_size: map.key_size as usize,
                words,
                value_size: map.value_size as usize,
                most: map.max_entries as usize,
                evicts: matches!(kind, map_type::LRU_HASH | map_type::LRU_PERCPU_HASH),
                index: HashMap::default(),
                pages: Vec::new(),
                slots: 0,
                free: Vec::new(),
                used: Vec::new(),
                turn: 0,
            }),
        }
    }

    /// Bytes of a key.
    pub(super) fn key_size(&self) -> usize {
        match self {
            Self::Array(_) => 4,
            Self::Hash(hash) => hash.key_size,
            Self::Ring => 0,
        }
    }

    /// Bytes of a value.
    pub(super) fn value_size(&self) -> usize {
        match self {
            Self::Array(array) => array.words * 8,
            Self::Hash(hash) => hash.value_size,
            Self::Ring => 0,
        }
    }

    /// A pointer to a key's value, or null. It is good until the key is dropped.
    pub(super) fn look_up(&mut self, key: &[u8]) -> *mut u8 {
        match self {
            Self::Array(array) => {
                let index = key.first_chunk().map(|index| u32::from_ne_bytes(*index));
                index.map_or(ptr::null_mut(), |index| array.slot(index))
            }
            Self::Hash(hash) => hash.look_up(key),
            Self::Ring => ptr::null_mut(),
        }
    }

    /// Sets a key's value, as `bpf_map_update_elem` does: 0 or a negative error number.
    pub(super) fn update(&mut self, key: &[u8], value: &[u8], flags: u64) -> i64 {
        match self {
            Self::Hash(hash) => hash.update(key, value, flags),
            _ if flags == NOEXIST => EEXIST,
            _ => match self.look_up(key) {
                to if to.is_null() => E2BIG,
                to => {
                    write(to, &value[..value.len().min(self.value_size())]);
                    0
                }
            },
        }
    }

    /// Drops a key: 0 or a negative error number.
    pub(super) fn delete(&mut self, key: &[u8]) -> i64 {
        match self {
            Self::Hash(hash) => hash.delete(key),
            _ => EINVAL,
        }
    }

    /// All keys, in no order that means anything.
    pub(super) fn keys(&self) -> Vec<Box<[u8]>> {
        match self {
            Self::Array(array) => (0..array.entries)
                .map(|index| index.to_ne_bytes().into())
                .collect(),
            Self::Hash(hash) => hash.index.keys().cloned().collect(),
            Self::Ring => Vec::new(),
        }
    }

    /// How many bytes follow an address, if a value lies there: what programs have pointers to.
    pub(super) fn rest(&self, address: u64) -> Option<usize> {
        let pages = match self {
            Self::Array(array) => std::slice::from_ref(&array.values),
            Self::Hash(hash) => &hash.pages,
            Self::Ring => &[],
        };
        pages.iter().find_map(|page| {
            let offset = address.checked_sub(page.as_ptr() as u64)?;
            (page.len() * 8)
                .checked_sub(offset as usize)
                .filter(|rest| *rest > 0)
        })
    }

    /// The bytes of a key's value.
    pub(super) fn value(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let from = self.look_up(key);
        (!from.is_null()).then(|| read(from, self.value_size()))
    }
}

/// Values by index.
pub(super) struct Array {
    words: usize,
    entries: u32,
    values: Words,
}

impl Array {
    fn slot(&self, index: u32) -> *mut u8 {
        if index >= self.entries {
            return ptr::null_mut();
        }
        self.values[index as usize * self.words].get().cast()
    }
}

/// Values by key, in pages that never move.
pub(super) struct Hash {
    key_size: usize,
    words: usize,
    value_size: usize,
    most: usize,
    /// A full map drops what was not used for longest, rather than refusing.
    evicts: bool,
    index: HashMap<Box<[u8]>, u32, FxBuildHasher>,
    pages: Vec<Words>,
    /// How many were ever in use.
    slots: u32,
    free: Vec<u32>,
    /// When each slot was used last, where that matters.
    used: Vec<u64>,
    turn: u64,
}

impl Hash {
    fn per_page(&self) -> usize {
        (PAGE / (self.words * 8)).max(1)
    }

    fn slot(&self, slot: u32) -> *mut u8 {
        let (page, place) = (
            slot as usize / self.per_page(),
            slot as usize % self.per_page(),
        );
        self.pages[page][place * self.words].get().cast()
    }

    fn look_up(&mut self, key: &[u8]) -> *mut u8 {
        match self.index.get(key) {
            Some(&slot) => {
                self.touch(slot);
                self.slot(slot)
            }
            None => ptr::null_mut(),
        }
    }

    fn touch(&mut self, slot: u32) {
        if self.evicts {
            self.turn += 1;
            self.used[slot as usize] = self.turn;
        }
    }

    fn update(&mut self, key: &[u8], value: &[u8], flags: u64) -> i64 {
        let slot = match self.index.get(key) {
            Some(_) if flags == NOEXIST => return EEXIST,
            Some(&slot) => slot,
            None if flags == EXIST => return ENOENT,
            None => {
                if self.index.len() >= self.most {
                    if !self.evicts {
                        return E2BIG;
                    }
                    self.evict();
                }
                let slot = self.take();
                self.index.insert(key.into(), slot);
                slot
            }
        };
        self.touch(slot);
        write(self.slot(slot), &value[..value.len().min(self.value_size)]);
        0
    }

    fn take(&mut self) -> u32 {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        let slot = self.slots;
        self.slots += 1;
        if slot as usize / self.per_page() == self.pages.len() {
            self.pages.push(zeros(self.words * self.per_page()));
        }
        if self.evicts {
            self.used.push(0);
        }
        slot
    }

    fn evict(&mut self) {
        let oldest = self
            .index
            .iter()
            .min_by_key(|(_, slot)| self.used[**slot as usize]);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.delete(&key);
        }
    }

    fn delete(&mut self, key: &[u8]) -> i64 {
        match self.index.remove(key) {
            Some(slot) => {
                self.free.push(slot);
                0
            }
            None => ENOENT,
        }
    }
}

fn zeros(words: usize) -> Words {
    (0..words).map(|_| UnsafeCell::new(0)).collect()
}

/// Copies bytes to a value that is at least as large.
fn write(to: *mut u8, bytes: &[u8]) {
    // SAFETY: `to` is a value of one of the maps here, and callers cut to its size.
    unsafe { ptr::copy(bytes.as_ptr(), to, bytes.len()) };
}

fn read(from: *const u8, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    // SAFETY: `from` is a value of one of the maps here, of `size` bytes.
    unsafe { ptr::copy(from, bytes.as_mut_ptr(), size) };
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(map_type: u32, max_entries: u32) -> Store {
        Store::new(&KernelMap {
            name: "m".into(),
            map_type,
            key_size: 4,
            value_size: 12,
            max_entries,
            flags: 0,
        })
    }

    fn key(n: u32) -> [u8; 4] {
        n.to_ne_bytes()
    }

    #[test]
    fn hashes_keep_values_where_they_are() {
        let mut map = map(map_type::HASH, 100_000);
        assert!(map.look_up(&key(7)).is_null());
        assert_eq!(map.update(&key(7), &[7; 12], NOEXIST), 0);
        let place = map.look_up(&key(7));
        for n in 100..60_000 {
            assert_eq!(map.update(&key(n), &n.to_ne_bytes().repeat(3), 0), 0);
        }
        assert_eq!(map.look_up(&key(7)), place);
        assert_eq!(map.update(&key(7), &[8; 12], NOEXIST), EEXIST);
        assert_eq!(map.value(&key(7)), Some(vec![7; 12]));
        assert_eq!(
            map.value(&key(5_000)),
            Some(5_000u32.to_ne_bytes().repeat(3))
        );
        assert_eq!(map.delete(&key(7)), 0);
        assert_eq!(map.delete(&key(7)), ENOENT);
        assert_eq!(map.update(&key(7), &[1; 12], EXIST), ENOENT);
        assert_eq!(map.keys().len(), 59_900);
    }

    #[test]
    fn full_maps_refuse_or_evict() {
        let mut hash = map(map_type::PERCPU_HASH, 2);
        let mut lru = map(map_type::LRU_HASH, 2);
        for map in [&mut hash, &mut lru] {
            assert_eq!(map.update(&key(1), &[1; 12], 0), 0);
            assert_eq!(map.update(&key(2), &[2; 12], 0), 0);
            assert!(!map.look_up(&key(1)).is_null());
        }
        assert_eq!(hash.update(&key(3), &[3; 12], 0), E2BIG);
        assert_eq!(hash.update(&key(2), &[4; 12], 0), 0);
        assert_eq!(lru.update(&key(3), &[3; 12], 0), 0);
        assert!(lru.look_up(&key(2)).is_null(), "used longest ago");
        assert_eq!(lru.value(&key(1)), Some(vec![1; 12]));
    }

    #[test]
    fn arrays_are_there_from_the_beginning() {
        let mut array = map(map_type::PERCPU_ARRAY, 3);
        assert_eq!(array.value(&key(2)), Some(vec![0; 16]));
        assert_eq!(array.value(&key(3)), None);
        assert_eq!(array.update(&key(1), &[5; 16], 0), 0);
        assert_eq!(array.value(&key(1)), Some(vec![5; 16]));
        assert_eq!(array.update(&key(1), &[5; 16], NOEXIST), EEXIST);
        assert_eq!(array.delete(&key(1)), EINVAL);
    }
}
