//! Small BPF programs by hand, and objects around them: the kernel engine is tested without the compiler.

use std::sync::Arc;
use trapline_codegen::object::{
    ArrayStore, Attach, Code, Column, ConstantKind, DataSection, KernelMap, LineEntry,
    LoadConstant, MANIFEST_VERSION, Manifest, Object, ProgramInfo, Record, RecordAction,
    Relocation, RelocationTarget, RuntimeOptions, ScriptMap, SourceText,
};
use trapline_codegen::target::{Arch, CallEvents, Features, Offsets, SyscallHookKind, Target};
use trapline_lang::types::{Aggregation, Type};

/// `enum bpf_map_type`
const PERCPU_ARRAY: u32 = 6;
/// `enum bpf_map_type`
const RINGBUF: u32 = 27;

/// Kernel maps of the objects made here.
pub(crate) mod map {
    /// 512 slots of a count and its presence word.
    pub(crate) const SLOTS: u32 = 0;
    /// The ring buffer.
    pub(crate) const RING: u32 = 1;
}

/// Instructions with their relocations.
#[derive(Default)]
pub(crate) struct Assembler {
    bytes: Vec<u8>,
    relocations: Vec<Relocation>,
}

impl Assembler {
    /// Any instruction.
    pub(crate) fn raw(mut self, code: u8, dst: u8, src: u8, offset: i16, immediate: i32) -> Self {
        self.bytes.extend([code, dst | src << 4]);
        self.bytes.extend(offset.to_le_bytes());
        self.bytes.extend(immediate.to_le_bytes());
        self
    }

    /// `dst = immediate`
    pub(crate) fn set(self, dst: u8, immediate: i32) -> Self {
        self.raw(0xb7, dst, 0, 0, immediate)
    }

    /// `dst = src`
    pub(crate) fn copy(self, dst: u8, src: u8) -> Self {
        self.raw(0xbf, dst, src, 0, 0)
    }

    /// `dst += immediate`
    pub(crate) fn add(self, dst: u8, immediate: i32) -> Self {
        self.raw(0x07, dst, 0, 0, immediate)
    }

    /// `dst = *(u64 *)(src + offset)`
    pub(crate) fn load(self, dst: u8, src: u8, offset: i16) -> Self {
        self.raw(0x79, dst, src, offset, 0)
    }

    /// `*(u64 *)(dst + offset) = src`
    pub(crate) fn store(self, dst: u8, offset: i16, src: u8) -> Self {
        self.raw(0x7b, dst, src, offset, 0)
    }

    /// `*(u64 *)(dst + offset) = immediate`
    pub(crate) fn store_constant(self, dst: u8, offset: i16, immediate: i32) -> Self {
        self.raw(0x7a, dst, 0, offset, immediate)
    }

    /// Calls a helper.
    pub(crate) fn call(self, helper: i32) -> Self {
        self.raw(0x85, 0, 0, 0, helper)
    }

    /// `dst = &map`
    pub(crate) fn map(self, dst: u8, map: u32) -> Self {
        self.address(dst, RelocationTarget::Map(map))
    }

    /// `dst = &.rodata[0]`
    pub(crate) fn constants(self, dst: u8) -> Self {
        self.address(dst, RelocationTarget::Data(0))
    }

    fn address(mut self, dst: u8, target: RelocationTarget) -> Self {
        self.relocations.push(Relocation {
            offset: self.bytes.len() as u32,
            target,
        });
        self.raw(0x18, dst, 0, 0, 0).raw(0, 0, 0, 0, 0)
    }

    /// Adds one to the slot whose number is in `r6` (32 bits of it) and marks it as used.
    pub(crate) fn count_slot(self) -> Self {
        self.raw(0x63, 10, 6, -4, 0)
            .map(1, map::SLOTS)
            .copy(2, 10)
            .add(2, -4)
            .call(1)
            // Past the two stores if there is no such slot.
            .raw(0x15, 0, 0, 3, 0)
            .set(1, 1)
            .raw(0xdb, 0, 1, 0, 0)
            .store(0, 8, 1)
    }

    /// Sends a record of the header alone.
    pub(crate) fn send(self, kind: i32) -> Self {
        self.set(1, 16)
            .raw(0x63, 10, 1, -16, 0)
            .set(1, kind)
            .raw(0x63, 10, 1, -12, 0)
            .store_constant(10, -8, 0)
            .map(1, map::RING)
            .copy(2, 10)
            .add(2, -16)
            .set(3, 16)
            .set(4, 0)
            .call(130)
    }

    /// Goes on only in the process whose id is the first constant.
    pub(crate) fn only_in_child(self) -> Self {
        self.call(14)
            .raw(0x77, 0, 0, 0, 32)
            .constants(1)
            .load(1, 1, 0)
            .raw(0x1d, 0, 1, 2, 0)
            .set(0, 0)
            .raw(0x95, 0, 0, 0, 0)
    }

    /// `return 0`, and a program that is attached so.
    pub(crate) fn program(self, name: &str, section: &str, attach: Attach) -> (Code, ProgramInfo) {
        let Self { bytes, relocations } = self.set(0, 0).raw(0x95, 0, 0, 0, 0);
        let lines = vec![LineEntry {
            instruction: 0,
            source_offset: 0,
        }];
        let info = ProgramInfo {
            name: name.to_owned(),
            section: section.to_owned(),
            attach,
            probes: vec![name.to_owned()],
        };
        let code = Code {
            name: name.to_owned(),
            section: section.to_owned(),
            bytes,
            relocations,
            lines,
            params: 1,
        };
        (code, info)
    }
}

/// An object of such programs. `@m` (map 0) holds the slots; record 0 does nothing, record 1 is `exit()`.
pub(crate) fn object(programs: Vec<(Code, ProgramInfo)>) -> (Vec<u8>, Arc<Manifest>) {
    let kernel_map = |name: &str, map_type, key_size, value_size, max_entries| KernelMap {
        name: name.to_owned(),
        map_type,
        key_size,
        value_size,
        max_entries,
        flags: 0,
    };
    let maps = vec![
        kernel_map("slots", PERCPU_ARRAY, 4, 16, 512),
        kernel_map("ring", RINGBUF, 0, 0, 1 << 16),
    ];
    let script = ScriptMap {
        name: "m".to_owned(),
        key: vec![Column {
            name: "slot".to_owned(),
            ty: Type::U64,
            offset: 0,
        }],
        key_size: 8,
        value: Type::Aggregation(Aggregation::Count),
        value_size: 8,
        per_cpu: true,
        internal: false,
        scale: 1,
        array: Some(ArrayStore {
            map: map::SLOTS,
            entries: 512,
        }),
        hash: None,
        presence_offset: 8,
    };
    let record = |action| Record {
        action,
        values: vec![],
        size: 16,
        source_offset: 0,
        source_end: 0,
    };
    let text = "the first line of the script\n";
    let (code, programs): (Vec<_>, Vec<_>) = programs.into_iter().unzip();
    let manifest = Manifest {
        version: MANIFEST_VERSION,
        script_name: "test".to_owned(),
        script_text: text.to_owned(),
        script_imports: Vec::new(),
        target: Target {
            arch: Arch::X86_64,
            syscall_hook: SyscallHookKind::Btf,
            call_events: CallEvents::Never,
            features: Features::default(),
            offsets: Offsets::default(),
            cpu_count: 1,
            optimize: true,
        },
        hooks: Default::default(),
        attach_points: programs.len() as u32,
        programs,
        kernel_maps: maps.clone(),
        maps: vec![script],
        records: vec![
            record(RecordAction::Time { format: 0 }),
            record(RecordAction::Exit),
        ],
        formats: vec![],
        strings: vec!["tick\n".to_owned()],
        types: Vec::new(),
        probe_names: vec![],
        constants: vec![LoadConstant {
            kind: ConstantKind::ChildPid,
            offset: 0,
        }],
        ring_buffer: Some(map::RING),
        counters: None,
        stacks: None,
        options: RuntimeOptions {
            print_maps_on_exit: true,
            str_trunc_trailer: String::new(),
            max_strlen: 1024,
            max_cat_bytes: 0,
            log_size: 1 << 20,
        },
    };
    let object = Object {
        programs: code,
        subprograms: vec![],
        maps,
        data: vec![DataSection {
            section: ".rodata".to_owned(),
            name: "constants".to_owned(),
            bytes: vec![0; 8],
        }],
        source: SourceText {
            name: "test".to_owned(),
            text: text.to_owned(),
        },
        license: "GPL".to_owned(),
        manifest: manifest.clone(),
    };
    (trapline_codegen::elf::write(&object), Arc::new(manifest))
}
