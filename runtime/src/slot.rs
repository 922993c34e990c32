//! Slots of the arrays that hold a map's entries by small keys: which key each stands for, and whether it is in use.

use trapline_codegen::object::{ArrayStore, ScriptMap};

/// Bytes of the words that say whether a slot of an array is in use.
pub(crate) const PRESENCE_SIZE: usize = 8;

/// Each CPU's value, without padding and presence word.
pub(crate) fn split(map: &ScriptMap, stride: usize, value: &[u8]) -> Vec<Vec<u8>> {
    let size = map.value_size as usize;
    value
        .chunks_exact(stride)
        .map(|value| value[..size].to_vec())
        .collect()
}

/// A slot of an array is in use on some CPU.
pub(crate) fn is_present(map: &ScriptMap, stride: usize, value: &[u8]) -> bool {
    let presence = map.presence_offset as usize;
    value.chunks_exact(stride).any(|value| {
        value[presence..presence + PRESENCE_SIZE]
            .iter()
            .any(|byte| *byte != 0)
    })
}

/// The key that a slot of the array stands for, as the hash would have it.
pub(crate) fn key_of(map: &ScriptMap, index: u32) -> Vec<u8> {
    let mut key = vec![0; map.key_size as usize];
    if let Some(column) = map.key.first() {
        let start = column.offset as usize;
        let size = (column.ty.size() as usize).min(8);
        key[start..start + size].copy_from_slice(&u64::from(index).to_le_bytes()[..size]);
    }
    key
}

/// The slot of the array that a key belongs in, if it has one.
pub(crate) fn index_of(map: &ScriptMap, store: ArrayStore, key: &[u8]) -> Option<u32> {
    let Some(column) = map.key.first() else {
        return Some(0);
    };
    let start = column.offset as usize;
    let bytes = key.get(start..start + (column.ty.size() as usize).min(8))?;
    let mut index = [0; 8];
    index[..bytes.len()].copy_from_slice(bytes);
    let index = u32::try_from(u64::from_le_bytes(index)).ok()?;
    (index < store.entries).then_some(index)
}
