//! Kernel maps: sizes and keys in, values as the kernel copies them out.

use super::limit::locking_memory;
use super::{
    MAP_CREATE, MAP_DELETE_ELEM, MAP_FREEZE, MAP_GET_NEXT_KEY, MAP_LOOKUP_BATCH, MAP_LOOKUP_ELEM,
    MAP_UPDATE_ELEM, MapBatch, MapCreate, MapElement, MapFreeze, bpf, bpf_fd, found, map_type,
    object_name, raw,
};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// What a map is created with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MapSpec<'a> {
    pub(crate) name: &'a str,
    pub(crate) map_type: u32,
    pub(crate) key_size: u32,
    pub(crate) value_size: u32,
    pub(crate) max_entries: u32,
    pub(crate) flags: u32,
    /// The object's BTF with the types of key and value, where the kind of map wants them.
    pub(crate) btf: Option<(BorrowedFd<'a>, u32, u32)>,
}

/// A map with the sizes that the kernel moves: these are what makes the calls on it safe.
#[derive(Debug)]
pub(crate) struct Map {
    fd: OwnedFd,
    key_size: usize,
    /// Bytes of one value as the kernel copies it: for per-CPU maps all CPUs', each rounded up to 8.
    value_bytes: usize,
    /// Bytes from one CPU's value to the next; the value's size for maps that are not per CPU.
    stride: usize,
    max_entries: u32,
}

impl AsFd for Map {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Map {
    /// Creates a map. `cpus` is the number of possible CPUs.
    pub(crate) fn create(spec: &MapSpec<'_>, cpus: usize) -> io::Result<Self> {
        let (btf_fd, btf_key_type_id, btf_value_type_id) = match spec.btf {
            Some((fd, key, value)) => (raw(fd), key, value),
            None => (0, 0, 0),
        };
        let mut attributes = MapCreate {
            map_type: spec.map_type,
            key_size: spec.key_size,
            value_size: spec.value_size,
            max_entries: spec.max_entries,
            map_flags: spec.flags,
            map_name: object_name(spec.name),
            btf_fd,
            btf_key_type_id,
            btf_value_type_id,
            ..MapCreate::default()
        };
        let fd = locking_memory(|| bpf_fd(MAP_CREATE, &mut attributes))?;
        let per_cpu = matches!(
            spec.map_type,
            map_type::PERCPU_HASH | map_type::PERCPU_ARRAY | map_type::LRU_PERCPU_HASH
        );
        let (stride, copies) = if per_cpu {
            ((spec.value_size as usize).next_multiple_of(8), cpus)
        } else {
            (spec.value_size as usize, 1)
        };
        Ok(Self {
            fd,
            key_size: spec.key_size as usize,
            value_bytes: stride * copies,
            stride,
            max_entries: spec.max_entries,
        })
    }

    pub(crate) fn key_size(&self) -> usize {
        self.key_size
    }

    pub(crate) fn value_bytes(&self) -> usize {
        self.value_bytes
    }

    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    pub(crate) fn max_entries(&self) -> u32 {
        self.max_entries
    }

    fn element(&self, key: u64, value: u64) -> MapElement {
        MapElement {
            map_fd: raw(self.as_fd()),
            key,
            value,
            ..MapElement::default()
        }
    }

    fn check_key(&self, key: &[u8]) {
        assert_eq!(
            key.len(),
            self.key_size,
            "invariant: keys have the map's key size"
        );
    }

    fn check_value(&self, value: &[u8]) {
        assert_eq!(
            value.len(),
            self.value_bytes,
            "invariant: values have the map's value size"
        );
    }

    /// Copies the value of `key` to `value`; false if there is none.
    pub(crate) fn lookup(&self, key: &[u8], value: &mut [u8]) -> io::Result<bool> {
        self.check_key(key);
        self.check_value(value);
        let mut attributes = self.element(key.as_ptr() as u64, value.as_mut_ptr() as u64);
        found(bpf(MAP_LOOKUP_ELEM, &mut attributes))
    }

    /// Sets the value of `key`, whether or not there is one.
    pub(crate) fn update(&self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.update_with(key, value, 0).map(drop)
    }

    /// Sets the value of `key` if there is one; false if there is none.
    pub(crate) fn replace(&self, key: &[u8], value: &[u8]) -> io::Result<bool> {
        const BPF_EXIST: u64 = 2;
        self.update_with(key, value, BPF_EXIST)
    }

    fn update_with(&self, key: &[u8], value: &[u8], flags: u64) -> io::Result<bool> {
        self.check_key(key);
        self.check_value(value);
        let mut attributes = self.element(key.as_ptr() as u64, value.as_ptr() as u64);
        attributes.flags = flags;
        found(bpf(MAP_UPDATE_ELEM, &mut attributes))
    }

    /// Drops `key`; false if there is none.
    pub(crate) fn delete(&self, key: &[u8]) -> io::Result<bool> {
        self.check_key(key);
        found(bpf(
            MAP_DELETE_ELEM,
            &mut self.element(key.as_ptr() as u64, 0),
        ))
    }

    /// Copies the key after `key` (the first one for `None`) to `next`; false behind the last.
    pub(crate) fn next_key(&self, key: Option<&[u8]>, next: &mut [u8]) -> io::Result<bool> {
        self.check_key(next);
        let key = key.map_or(0, |key| {
            self.check_key(key);
            key.as_ptr() as u64
        });
        found(bpf(
            MAP_GET_NEXT_KEY,
            &mut self.element(key, next.as_mut_ptr() as u64),
        ))
    }

    /// Copies as many entries as `keys` and `values` hold, starting at `token` (from the beginning if
    /// `first`), and moves `token` on. Gives how many were copied and whether there may be more.
    ///
    /// The token is opaque; it has [`Map::token_size`] bytes.
    pub(crate) fn lookup_batch(
        &self,
        first: bool,
        token: &mut [u8],
        keys: &mut [u8],
        values: &mut [u8],
    ) -> io::Result<(usize, bool)> {
        assert_eq!(
            token.len(),
            self.token_size(),
            "invariant: the token has the map's token size"
        );
        let count = keys.len() / self.key_size;
        assert!(
            values.len() >= count * self.value_bytes,
            "invariant: there is a value for each key of a batch"
        );
        let mut attributes = MapBatch {
            in_batch: if first { 0 } else { token.as_ptr() as u64 },
            out_batch: token.as_mut_ptr() as u64,
            keys: keys.as_mut_ptr() as u64,
            values: values.as_mut_ptr() as u64,
            count: count as u32,
            map_fd: raw(self.as_fd()),
            ..MapBatch::default()
        };
        let more = found(bpf(MAP_LOOKUP_BATCH, &mut attributes))?;
        Ok((attributes.count as usize, more))
    }

    /// Bytes of the token of [`Map::lookup_batch`]: hash maps keep a bucket number there, others a key.
    pub(crate) fn token_size(&self) -> usize {
        self.key_size.max(4)
    }

    /// Forbids user space to change the map, so that the verifier takes its content as constants.
    pub(crate) fn freeze(&self) -> io::Result<()> {
        bpf(
            MAP_FREEZE,
            &mut MapFreeze {
                map_fd: raw(self.as_fd()),
            },
        )
        .map(drop)
    }
}
