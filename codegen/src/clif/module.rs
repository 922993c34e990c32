//! What all programs of an object share while they are made: maps, read-only data, records.

use super::capture::Table;
use super::routine::Routine;
use crate::helper;
use crate::layout::{self, Layouts, MapLayout, map_type};
use crate::object::{
    ConstantKind, Counter, KernelMap, LoadConstant, Record, RecordAction, RecordHeader, RecordValue,
};
use crate::target::Target;
use cranelift_codegen::ir::Function;
use std::collections::HashMap;
use trapline_lang::hir::{MapId, Script};
use trapline_lang::source::Span;
use trapline_lang::types::Type;

/// Bytes of the ring buffer unless the script says otherwise.
const RING_SIZE: u32 = 1 << 20;
const PAGE: u32 = 4096;
/// The most call stacks that are kept.
const STACKS: u32 = 16_384;
/// As before, where all of them must be allocated at once.
const PREALLOCATED_STACKS: u32 = 2048;

/// A function that programs call, or hand to a helper.
pub(crate) struct Subprogram {
    /// Its symbol.
    pub(crate) name: String,
    /// Its code.
    pub(crate) function: Function,
}

/// An object in the making.
pub(crate) struct Module<'s> {
    pub(crate) script: &'s Script,
    pub(crate) target: &'s Target,
    pub(crate) layouts: Vec<MapLayout>,
    pub(crate) kernel_maps: Vec<KernelMap>,
    pub(crate) rodata: Rodata,
    pub(crate) records: Vec<Record>,
    /// By index.
    pub(crate) subprograms: Vec<Subprogram>,
    /// Those that are not made for one place.
    pub(crate) routines: HashMap<Routine, u32>,
    pub(crate) ring_buffer: Option<u32>,
    pub(crate) counters: Option<u32>,
    rate: Option<u32>,
    pub(crate) stacks: Option<u32>,
    /// Where entries of system calls are kept.
    pub(crate) entries: Option<u32>,
    /// Where strings of calls that lose their arguments are kept, and the capacity of each argument's.
    pub(crate) kept_strings: Option<(u32, [u32; 6])>,
    /// What to capture of which call.
    pub(crate) capture_table: Option<Table>,
    /// Where captures are kept until the exit, and whether any are.
    pub(crate) captures: Option<u32>,
    pub(crate) captures_entries: bool,
    /// Where is remembered of which calls a trace has the beginning with its memory.
    pub(crate) begun: Option<u32>,
    /// Most frames of a stack that the script asks for.
    pub(crate) stack_frames: u32,
    functions: u32,
}

impl<'s> Module<'s> {
    pub(crate) fn new(
        script: &'s Script,
        target: &'s Target,
        layouts: Layouts,
        stack_frames: u32,
    ) -> Self {
        Self {
            script,
            target,
            layouts: layouts.maps,
            kernel_maps: layouts.kernel_maps,
            rodata: Rodata::default(),
            records: Vec::new(),
            subprograms: Vec::new(),
            routines: HashMap::new(),
            ring_buffer: None,
            counters: None,
            rate: None,
            stacks: None,
            entries: None,
            kept_strings: None,
            capture_table: None,
            captures: None,
            captures_entries: false,
            begun: None,
            stack_frames,
            functions: 0,
        }
    }

    pub(crate) fn layout(&self, map: MapId) -> &MapLayout {
        &self.layouts[map.index()]
    }

    /// Numbers a function, for dumps.
    pub(crate) fn number_function(&mut self) -> u32 {
        self.functions += 1;
        self.functions - 1
    }

    pub(crate) fn add_subprogram(&mut self, subprogram: Subprogram) -> u32 {
        self.subprograms.push(subprogram);
        self.subprograms.len() as u32 - 1
    }

    pub(crate) fn add_map(&mut self, map: KernelMap) -> u32 {
        self.kernel_maps.push(map);
        self.kernel_maps.len() as u32 - 1
    }

    /// The ring buffer, made when first asked for.
    pub(crate) fn ring_buffer(&mut self) -> u32 {
        if let Some(map) = self.ring_buffer {
            return map;
        }
        let map = self.add_map(KernelMap {
            name: "ring".into(),
            map_type: map_type::RINGBUF,
            key_size: 0,
            value_size: 0,
            max_entries: self.ring_size(),
            flags: 0,
        });
        *self.ring_buffer.insert(map)
    }

    /// Bytes of the ring buffer.
    pub(crate) fn ring_size(&self) -> u32 {
        match self.script.config.perf_rb_pages {
            Some(pages) => pages
                .clamp(1, 1 << 18)
                .saturating_mul(PAGE)
                .next_power_of_two(),
            None => RING_SIZE,
        }
    }

    /// The counters of what went wrong, made when first asked for.
    pub(crate) fn counters(&mut self) -> u32 {
        if let Some(map) = self.counters {
            return map;
        }
        let map = self.add_map(KernelMap {
            name: "counters".into(),
            map_type: map_type::PERCPU_ARRAY,
            key_size: 4,
            value_size: 8,
            max_entries: Counter::COUNT,
            flags: 0,
        });
        *self.counters.insert(map)
    }

    /// How many records this second had, made when first asked for: the second, then the number.
    pub(crate) fn rate(&mut self) -> u32 {
        if let Some(map) = self.rate {
            return map;
        }
        let map = self.add_map(KernelMap {
            name: "rate".into(),
            map_type: map_type::ARRAY,
            key_size: 4,
            value_size: 16,
            max_entries: 1,
            flags: 0,
        });
        *self.rate.insert(map)
    }

    /// The frames of stacks by their hash, made when first asked for.
    pub(crate) fn stacks(&mut self) -> u32 {
        if let Some(map) = self.stacks {
            return map;
        }
        let (max_entries, flags) = if self.target.features.bpf_allocator {
            (STACKS, layout::NO_PREALLOC)
        } else {
            (PREALLOCATED_STACKS, 0)
        };
        let map = self.add_map(KernelMap {
            name: "stacks".into(),
            map_type: map_type::HASH,
            key_size: 8,
            value_size: self.stack_frames * 8,
            max_entries,
            flags,
        });
        *self.stacks.insert(map)
    }

    /// Adds a kind of record that carries values of these types; every value is aligned to 8 bytes.
    pub(crate) fn add_record(
        &mut self,
        action: RecordAction,
        types: impl IntoIterator<Item = Type>,
        span: Span,
    ) -> (u32, &Record) {
        let mut size = RecordHeader::SIZE;
        let values = types
            .into_iter()
            .map(|ty| {
                let offset = size;
                size += ty.size().next_multiple_of(8);
                RecordValue { offset, ty }
            })
            .collect();
        let kind = self.records.len() as u32;
        self.records.push(Record {
            action,
            values,
            size,
            source_offset: span.start,
            source_end: span.end,
        });
        (kind, &self.records[kind as usize])
    }
}

/// The bytes of `.rodata` in the making. Everything in it starts at a multiple of 8.
#[derive(Default)]
pub(crate) struct Rodata {
    pub(crate) bytes: Vec<u8>,
    pub(crate) constants: Vec<LoadConstant>,
    literals: HashMap<Vec<u8>, u32>,
    zeros: Option<(u32, u32)>,
}

impl Rodata {
    /// The place of constant bytes, with zeros behind them up to `size`.
    pub(crate) fn literal(&mut self, bytes: &[u8], size: u32) -> u32 {
        let mut padded = bytes.to_vec();
        padded.resize(size as usize, 0);
        if let Some(offset) = self.literals.get(&padded) {
            return *offset;
        }
        let offset = self.append(&padded);
        self.literals.insert(padded, offset);
        offset
    }

    /// The place of `size` zeros.
    pub(crate) fn zeros(&mut self, size: u32) -> u32 {
        match self.zeros {
            Some((offset, length)) if length >= size => offset,
            _ => {
                let offset = self.append(&vec![0; size as usize]);
                self.zeros = Some((offset, size));
                offset
            }
        }
    }

    /// The place of a word that the runtime fills in.
    pub(crate) fn constant(&mut self, kind: ConstantKind) -> u32 {
        if let Some(constant) = self.constants.iter().find(|c| c.kind == kind) {
            return constant.offset;
        }
        let offset = self.append(&[0; 8]);
        self.constants.push(LoadConstant { kind, offset });
        offset
    }

    fn append(&mut self, bytes: &[u8]) -> u32 {
        let offset = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        let padded = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(padded, 0);
        offset
    }
}

/// Memory of one program that is too large for the stack: offsets in the one entry of a per-CPU array.
///
/// It belongs to one program, never to several: a timer interrupts system call programs on the same CPU.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) map: Option<u32>,
    next: u32,
    most: u32,
}

impl Scratch {
    /// Takes `size` bytes until [`Self::release`].
    pub(crate) fn take(&mut self, size: u32) -> u32 {
        let offset = self.next;
        self.next += size.next_multiple_of(8);
        self.most = self.most.max(self.next);
        offset
    }

    /// What [`Self::release`] goes back to.
    pub(crate) fn mark(&self) -> u32 {
        self.next
    }

    /// Gives back what was taken since the mark.
    pub(crate) fn release(&mut self, mark: u32) {
        self.next = mark;
    }

    /// Bytes that were in use at once, at most.
    pub(crate) fn size(&self) -> u32 {
        self.most
    }
}

/// Which helper reads a place, and which reads a string there.
pub(crate) fn read_helpers(space: trapline_lang::types::AddressSpace) -> (u32, u32) {
    use trapline_lang::types::AddressSpace;
    match space {
        AddressSpace::Kernel => (helper::PROBE_READ_KERNEL, helper::PROBE_READ_KERNEL_STR),
        AddressSpace::User => (helper::PROBE_READ_USER, helper::PROBE_READ_USER_STR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rodata_keeps_equal_bytes_once() {
        let mut rodata = Rodata::default();
        let first = rodata.literal(b"abc", 4);
        let word = rodata.constant(ConstantKind::ChildPid);
        assert_eq!(rodata.literal(b"abc\0", 4), first);
        assert_eq!(rodata.constant(ConstantKind::ChildPid), word);
        assert_eq!((word, rodata.bytes.len()), (8, 16));
        assert_eq!(rodata.zeros(9), 16);
        assert_eq!(rodata.zeros(5), 16);
    }

    #[test]
    fn scratch_is_used_again() {
        let mut scratch = Scratch::default();
        let variable = scratch.take(100);
        let mark = scratch.mark();
        let first = scratch.take(64);
        scratch.release(mark);
        assert_eq!((variable, first, scratch.take(8)), (0, 104, 104));
        assert_eq!(scratch.size(), 168);
    }
}
