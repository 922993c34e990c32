//! The maps of a running script: reads, clears and zeroes them as the manifest says they are stored.
//!
//! Bytes only: [`crate::decode`] gives them meaning.

use super::sys::{ENOTSUPP, Map};
use crate::engine::{MapStore, RawEntry};
use crate::slot::{PRESENCE_SIZE, index_of, is_present, key_of, split};
use std::collections::HashSet;
use std::io;
use trapline_codegen::object::{ArrayStore, Counter, Manifest, ScriptMap};

/// The kernel's maps, with the manifest that says what is in them.
pub(crate) struct Maps {
    maps: Vec<Map>,
    script: Vec<ScriptMap>,
    counters: Option<u32>,
    stacks: Option<u32>,
}

/// How many bytes a batch of entries takes at most.
const BATCH_BYTES: usize = 1 << 18;

impl Maps {
    pub(crate) fn new(maps: Vec<Map>, manifest: &Manifest) -> Self {
        Self {
            maps,
            script: manifest.maps.clone(),
            counters: manifest.counters,
            stacks: manifest.stacks,
        }
    }

    /// What went wrong in the kernel, summed over CPUs.
    pub(crate) fn counters(&self) -> io::Result<[u64; Counter::COUNT as usize]> {
        let mut sums = [0; Counter::COUNT as usize];
        if let Some(counters) = self.counters {
            each_entry(&self.maps[counters as usize], |key, value| {
                let sum = key
                    .try_into()
                    .ok()
                    .map(|key| u32::from_ne_bytes(key) as usize);
                if let Some(sum) = sum.and_then(|index| sums.get_mut(index)) {
                    *sum += value.chunks_exact(8).map(word).sum::<u64>();
                }
            })?;
        }
        Ok(sums)
    }

    fn array(&self, store: ArrayStore) -> &Map {
        &self.maps[store.map as usize]
    }

    /// All slots of an array that are in use: index and value as the kernel copies it.
    fn slots(&self, map: &ScriptMap, store: ArrayStore) -> io::Result<Vec<(u32, Vec<u8>)>> {
        let array = self.array(store);
        let mut slots = Vec::new();
        each_entry(array, |key, value| {
            let Ok(index) = key.try_into().map(u32::from_ne_bytes) else {
                return;
            };
            if index < store.entries && is_present(map, array.stride(), value) {
                slots.push((index, value.to_vec()));
            }
        })?;
        Ok(slots)
    }

    fn hash(&self, map: &ScriptMap) -> Option<&Map> {
        map.hash.map(|hash| &self.maps[hash as usize])
    }
}

impl MapStore for Maps {
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>> {
        let map = &self.script[map];
        let mut entries = Vec::new();
        if let Some(store) = map.array {
            let stride = self.array(store).stride();
            for (index, value) in self.slots(map, store)? {
                entries.push(RawEntry {
                    key: key_of(map, index),
                    values: split(map, stride, &value),
                });
            }
        }
        if let Some(hash) = self.hash(map) {
            each_entry(hash, |key, value| {
                entries.push(RawEntry {
                    key: key.to_vec(),
                    values: split(map, hash.stride(), value),
                });
            })?;
        }
        Ok(entries)
    }

    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>> {
        let map = &self.script[map];
        let entry = |values| RawEntry {
            key: key.to_vec(),
            values,
        };
        if let Some(store) = map.array
            && let Some(index) = index_of(map, store, key)
        {
            let array = self.array(store);
            let mut value = vec![0; array.value_bytes()];
            let found = array.lookup(&index.to_ne_bytes(), &mut value)?;
            let present = found && is_present(map, array.stride(), &value);
            return Ok(present.then(|| entry(split(map, array.stride(), &value))));
        }
        let Some(hash) = self.hash(map) else {
            return Ok(None);
        };
        if key.len() != hash.key_size() {
            return Ok(None);
        }
        let mut value = vec![0; hash.value_bytes()];
        Ok(hash
            .lookup(key, &mut value)?
            .then(|| entry(split(map, hash.stride(), &value))))
    }

    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        let map = &self.script[map];
        if let Some(store) = map.array
            && let Some(index) = index_of(map, store, key)
        {
            let array = self.array(store);
            let mut whole = vec![0; array.value_bytes()];
            whole[..value.len()].copy_from_slice(value);
            let presence = map.presence_offset as usize;
            whole[presence..presence + PRESENCE_SIZE].copy_from_slice(&1u64.to_ne_bytes());
            return array.update(&index.to_ne_bytes(), &whole);
        }
        let Some(hash) = self.hash(map) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let mut whole = vec![0; hash.value_bytes()];
        whole[..value.len()].copy_from_slice(value);
        hash.update(key, &whole)
    }

    fn clear(&mut self, map: usize) -> io::Result<()> {
        let map = &self.script[map];
        if let Some(store) = map.array {
            let array = self.array(store);
            let empty = vec![0; array.value_bytes()];
            for (index, _) in self.slots(map, store)? {
                array.update(&index.to_ne_bytes(), &empty)?;
            }
        }
        if let Some(hash) = self.hash(map) {
            for key in keys(hash)? {
                hash.delete(&key)?;
            }
        }
        Ok(())
    }

    fn zero(&mut self, map: usize) -> io::Result<()> {
        let map = &self.script[map];
        if let Some(store) = map.array {
            let array = self.array(store);
            // In use on every CPU: a CPU that marks the slot at this moment is not undone.
            let mut value = vec![0; array.value_bytes()];
            for value in value.chunks_exact_mut(array.stride()) {
                let presence = map.presence_offset as usize;
                value[presence..presence + PRESENCE_SIZE].copy_from_slice(&1u64.to_ne_bytes());
            }
            for (index, _) in self.slots(map, store)? {
                array.update(&index.to_ne_bytes(), &value)?;
            }
        }
        if let Some(hash) = self.hash(map) {
            let value = vec![0; hash.value_bytes()];
            for key in keys(hash)? {
                // A key that was deleted in the meantime must not come back.
                hash.replace(&key, &value)?;
            }
        }
        Ok(())
    }

    fn stack(&mut self, id: u64) -> Vec<u64> {
        let Some(stacks) = self.stacks.map(|stacks| &self.maps[stacks as usize]) else {
            return Vec::new();
        };
        let mut frames = vec![0; stacks.value_bytes()];
        match stacks.lookup(&id.to_ne_bytes(), &mut frames) {
            Ok(true) => frames
                .chunks_exact(8)
                .map(word)
                .take_while(|frame| *frame != 0)
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_ne_bytes)
}

/// All keys of a hash map.
fn keys(map: &Map) -> io::Result<Vec<Vec<u8>>> {
    let mut keys = Vec::new();
    each_entry(map, |key, _| keys.push(key.to_vec()))?;
    Ok(keys)
}

/// Visits every entry, many with one system call where the kernel can do that.
fn each_entry(map: &Map, mut visit: impl FnMut(&[u8], &[u8])) -> io::Result<()> {
    match each_entry_by_batch(map, &mut visit) {
        Err(error) if is_unsupported(&error) => each_entry_by_key(map, &mut visit),
        result => result,
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(ENOTSUPP | libc::EOPNOTSUPP | libc::EINVAL)
    )
}

fn each_entry_by_batch(map: &Map, visit: &mut impl FnMut(&[u8], &[u8])) -> io::Result<()> {
    let (key_size, value_size) = (map.key_size(), map.value_bytes());
    let most = map.max_entries() as usize;
    let mut count = (BATCH_BYTES / (key_size + value_size)).clamp(16, most.max(16));
    let mut token = vec![0; map.token_size()];
    let (mut keys, mut values) = (vec![0; count * key_size], vec![0; count * value_size]);
    let mut first = true;
    loop {
        let (filled, more) = match map.lookup_batch(first, &mut token, &mut keys, &mut values) {
            // A bucket of the hash does not fit: it is copied whole or not at all.
            Err(error) if error.raw_os_error() == Some(libc::ENOSPC) => {
                count *= 2;
                keys.resize(count * key_size, 0);
                values.resize(count * value_size, 0);
                continue;
            }
            result => result?,
        };
        let filled_values = values.chunks_exact(value_size);
        for (key, value) in keys.chunks_exact(key_size).zip(filled_values).take(filled) {
            visit(key, value);
        }
        if !more {
            return Ok(());
        }
        first = false;
    }
}

fn each_entry_by_key(map: &Map, visit: &mut impl FnMut(&[u8], &[u8])) -> io::Result<()> {
    let mut seen = HashSet::new();
    let mut value = vec![0; map.value_bytes()];
    let mut key: Option<Vec<u8>> = None;
    // The kernel starts over when the key before was deleted: nothing is visited twice, and an end is found.
    for _ in 0..u64::from(map.max_entries()) * 4 + 1 {
        let mut next = vec![0; map.key_size()];
        if !map.next_key(key.as_deref(), &mut next)? {
            return Ok(());
        }
        if seen.insert(next.clone()) && map.lookup(&next, &mut value)? {
            visit(&next, &value);
        }
        key = Some(next);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::sys::{MapSpec, map_type};
    use trapline_codegen::object::Column;
    use trapline_lang::types::{Aggregation, Type};

    const CPUS: usize = 2;
    /// More keys than go in one batch.
    const MANY: u64 = 40_000;

    fn kernel_map(map_type: u32, key_size: u32, value_size: u32, max_entries: u32) -> Map {
        let spec = MapSpec {
            name: "test",
            map_type,
            key_size,
            value_size,
            max_entries,
            flags: 0,
            btf: None,
        };
        let cpus = crate::kernel::cpu::possible().expect("sysfs") as usize;
        Map::create(&spec, cpus).expect("BPF works here (these tests want root)")
    }

    /// `@m[uint32] = count()` with slots for keys below 8 and a hash for the others.
    fn maps() -> Maps {
        let script = ScriptMap {
            name: "m".into(),
            key: vec![Column {
                name: "k".into(),
                ty: Type::U64,
                offset: 0,
            }],
            key_size: 8,
            value: Type::Aggregation(Aggregation::Count),
            value_size: 8,
            per_cpu: true,
            internal: false,
            scale: 1,
            array: Some(ArrayStore { map: 0, entries: 8 }),
            hash: Some(1),
            presence_offset: 8,
        };
        Maps {
            maps: vec![
                kernel_map(map_type::PERCPU_ARRAY, 4, 16, 8),
                kernel_map(map_type::PERCPU_HASH, 8, 8, MANY as u32 * 2),
            ],
            script: vec![script],
            counters: None,
            stacks: None,
        }
    }

    fn set_slot(maps: &Maps, index: u32, count: u64, present: u64) {
        let mut value = vec![0; maps.maps[0].value_bytes()];
        value[16..24].copy_from_slice(&count.to_ne_bytes());
        value[24..32].copy_from_slice(&present.to_ne_bytes());
        maps.maps[0]
            .update(&index.to_ne_bytes(), &value)
            .expect("in range");
    }

    fn set_key(maps: &Maps, key: u64, counts: [u64; CPUS]) {
        let mut value = vec![0; maps.maps[1].value_bytes()];
        for (to, count) in value.chunks_exact_mut(8).zip(counts) {
            to.copy_from_slice(&count.to_ne_bytes());
        }
        maps.maps[1]
            .update(&key.to_ne_bytes(), &value)
            .expect("has room");
    }

    fn sums(maps: &mut Maps) -> Vec<(u64, u64)> {
        let entries = maps.read(0).expect("readable");
        let mut sums: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    word(&entry.key),
                    entry.values.iter().map(|value| word(value)).sum(),
                )
            })
            .collect();
        sums.sort_unstable();
        sums
    }

    #[test]
    fn array_and_hash_read_as_one_map() {
        let mut maps = maps();
        assert_eq!(sums(&mut maps), []);
        set_slot(&maps, 0, 0, 1);
        set_slot(&maps, 3, 5, 1);
        set_slot(&maps, 4, 9, 0);
        set_key(&maps, u64::MAX, [1, 2]);
        assert_eq!(
            sums(&mut maps),
            [(0, 0), (3, 5), (u64::MAX, 3)],
            "absent is not zero"
        );

        let entry =
            |maps: &mut Maps, key: u64| maps.read_entry(0, &key.to_le_bytes()).expect("readable");
        assert_eq!(
            entry(&mut maps, 3).map(|entry| word(&entry.values[1])),
            Some(5)
        );
        assert_eq!(entry(&mut maps, 4), None);
        assert_eq!(
            entry(&mut maps, u64::MAX).map(|entry| word(&entry.values[0])),
            Some(1)
        );
        assert_eq!(entry(&mut maps, 99), None);

        maps.zero(0).expect("writable");
        assert_eq!(
            sums(&mut maps),
            [(0, 0), (3, 0), (u64::MAX, 0)],
            "keys stay"
        );
        maps.clear(0).expect("writable");
        assert_eq!(sums(&mut maps), []);
    }

    #[test]
    fn batches_give_every_key_once() {
        let mut maps = maps();
        for key in 0..MANY {
            set_key(&maps, 100 + key, [key, 1]);
        }
        let expected: Vec<_> = (0..MANY).map(|key| (100 + key, key + 1)).collect();
        assert_eq!(sums(&mut maps), expected);

        let mut by_key = Vec::new();
        each_entry_by_key(&maps.maps[1], &mut |key, _| by_key.push(word(key))).expect("readable");
        by_key.sort_unstable();
        assert!(
            by_key.into_iter().eq(100..100 + MANY),
            "the way without batches agrees"
        );
    }
}
