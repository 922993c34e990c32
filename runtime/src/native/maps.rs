//! The maps of a native machine, read as those of the kernel are: as the manifest says they are stored.

use super::machine::Machine;
use super::store::Store;
use crate::engine::{MapStore, RawEntry};
use crate::slot::{PRESENCE_SIZE, index_of, is_present, key_of, split};
use std::io;
use std::sync::Arc;
use trapline_codegen::object::{ArrayStore, ScriptMap};

impl Machine {
    fn store(&mut self, map: u32) -> &mut Store {
        &mut self.state.maps[map as usize]
    }

    /// The slots of an array that are in use, with their values.
    fn slots(&mut self, map: &ScriptMap, store: ArrayStore) -> Vec<(u32, Vec<u8>)> {
        let array = self.store(store.map);
        let slots = (0..store.entries).filter_map(|index| {
            let value = array.value(&index.to_ne_bytes())?;
            is_present(map, value.len(), &value).then_some((index, value))
        });
        slots.collect()
    }

    /// Every entry of the hash gets this value.
    fn set_hash(&mut self, hash: u32, value: impl Fn(&Store) -> Option<Vec<u8>>) {
        let store = self.store(hash);
        for key in store.keys() {
            match value(store) {
                Some(value) => store.update(&key, &value, 0),
                None => store.delete(&key),
            };
        }
    }
}

/// A value of one CPU, as if it were that of all.
fn one(map: &ScriptMap, value: &[u8]) -> Vec<Vec<u8>> {
    split(map, value.len(), value)
}

impl MapStore for Machine {
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>> {
        let manifest = Arc::clone(&self.manifest);
        let map = &manifest.maps[map];
        let mut entries = Vec::new();
        if let Some(store) = map.array {
            let slots = self.slots(map, store).into_iter();
            entries.extend(slots.map(|(index, value)| RawEntry {
                key: key_of(map, index),
                values: one(map, &value),
            }));
        }
        if let Some(hash) = map.hash {
            let store = self.store(hash);
            for key in store.keys() {
                if let Some(value) = store.value(&key) {
                    entries.push(RawEntry {
                        key: key.into_vec(),
                        values: one(map, &value),
                    });
                }
            }
        }
        Ok(entries)
    }

    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>> {
        let manifest = Arc::clone(&self.manifest);
        let map = &manifest.maps[map];
        let value = match map
            .array
            .and_then(|store| Some((store, index_of(map, store, key)?)))
        {
            Some((store, index)) => self
                .store(store.map)
                .value(&index.to_ne_bytes())
                .filter(|value| is_present(map, value.len(), value)),
            None => map.hash.and_then(|hash| self.store(hash).value(key)),
        };
        Ok(value.map(|value| RawEntry {
            key: key.to_vec(),
            values: one(map, &value),
        }))
    }

    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        let manifest = Arc::clone(&self.manifest);
        let map = &manifest.maps[map];
        let returned = match map
            .array
            .and_then(|store| Some((store, index_of(map, store, key)?)))
        {
            Some((store, index)) => {
                let array = self.store(store.map);
                let mut whole = vec![0; array.value_size()];
                whole[..value.len()].copy_from_slice(value);
                let presence = map.presence_offset as usize;
                whole[presence..presence + PRESENCE_SIZE].copy_from_slice(&1u64.to_ne_bytes());
                array.update(&index.to_ne_bytes(), &whole, 0)
            }
            None => match map.hash {
                Some(hash) => self.store(hash).update(key, value, 0),
                None => return Err(io::ErrorKind::InvalidInput.into()),
            },
        };
        match returned {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(-error as i32)),
        }
    }

    fn clear(&mut self, map: usize) -> io::Result<()> {
        let manifest = Arc::clone(&self.manifest);
        let map = &manifest.maps[map];
        if let Some(store) = map.array {
            for (index, value) in self.slots(map, store) {
                let array = self.store(store.map);
                array.update(&index.to_ne_bytes(), &vec![0; value.len()], 0);
            }
        }
        if let Some(hash) = map.hash {
            self.set_hash(hash, |_| None);
        }
        Ok(())
    }

    fn zero(&mut self, map: usize) -> io::Result<()> {
        let manifest = Arc::clone(&self.manifest);
        let map = &manifest.maps[map];
        if let Some(store) = map.array {
            for (index, mut value) in self.slots(map, store) {
                value[..map.presence_offset as usize].fill(0);
                self.store(store.map)
                    .update(&index.to_ne_bytes(), &value, 0);
            }
        }
        if let Some(hash) = map.hash {
            self.set_hash(hash, |store| Some(vec![0; store.value_size()]));
        }
        Ok(())
    }

    /// Native engines take no stacks.
    fn stack(&mut self, _id: u64) -> Vec<u64> {
        Vec::new()
    }
}
