//! Things that tests of decoding and printing share: a manifest, maps in memory, a file in memory.

use super::{JsonSink, Output, OutputOptions, Sink, TextSink};
use crate::engine::{MapStore, RawEntry};
use crate::symbol::{Resolver, Sources};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use trapline_codegen::object::{
    Column, Manifest, ProbeNames, Record, RecordAction, RecordValue, RuntimeOptions, ScriptMap,
};
use trapline_codegen::target::{Arch, CallEvents, Features, Offsets, SyscallHookKind, Target};
use trapline_lang::types::Type;

/// A file in memory that can be looked at while a sink writes to it.
#[derive(Clone, Default)]
pub(crate) struct Shared(Rc<RefCell<Vec<u8>>>);

impl Shared {
    /// What was written so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Maps in memory.
#[derive(Default)]
pub(crate) struct Maps {
    pub(crate) entries: HashMap<usize, Vec<RawEntry>>,
    pub(crate) stacks: HashMap<u64, Vec<u64>>,
    pub(crate) zeroed: Vec<usize>,
}

impl Maps {
    /// Adds an entry with one value.
    pub(crate) fn add(&mut self, map: usize, key: &[u8], value: &[u8]) {
        let entry = RawEntry {
            key: key.to_vec(),
            values: vec![value.to_vec()],
        };
        self.entries.entry(map).or_default().push(entry);
    }
}

impl MapStore for Maps {
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>> {
        Ok(self.entries.get(&map).cloned().unwrap_or_default())
    }

    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>> {
        let entries = self.read(map)?;
        Ok(entries.into_iter().find(|entry| entry.key == key))
    }

    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.entries.entry(map).or_default().push(RawEntry {
            key: key.to_vec(),
            values: vec![value.to_vec()],
        });
        Ok(())
    }

    fn clear(&mut self, map: usize) -> io::Result<()> {
        self.entries.remove(&map);
        Ok(())
    }

    fn zero(&mut self, map: usize) -> io::Result<()> {
        self.zeroed.push(map);
        Ok(())
    }

    fn stack(&mut self, id: u64) -> Vec<u64> {
        self.stacks.get(&id).cloned().unwrap_or_default()
    }
}

/// A manifest of a script without maps and records.
pub(crate) fn manifest() -> Manifest {
    Manifest {
        version: trapline_codegen::object::MANIFEST_VERSION,
        script_name: "stdin".into(),
        script_imports: Vec::new(),
        script_text: "begin { errorf(\"Something bad with args: %d, %s\", 10, \"arg2\"); }".into(),
        target: Target {
            arch: Arch::X86_64,
            syscall_hook: SyscallHookKind::Btf,
            call_events: CallEvents::Never,
            features: Features::default(),
            offsets: Offsets::default(),
            cpu_count: 2,
            optimize: true,
        },
        programs: Vec::new(),
        hooks: Default::default(),
        attach_points: 1,
        kernel_maps: Vec::new(),
        maps: Vec::new(),
        records: Vec::new(),
        formats: Vec::new(),
        strings: vec!["%s.%f".into(), ", ".into(), "unified".into()],
        types: Vec::new(),
        probe_names: vec![ProbeNames {
            names: vec![
                (3, "tracepoint:syscalls:sys_enter_close".into()),
                (7, "begin".into()),
            ],
        }],
        constants: Vec::new(),
        ring_buffer: Some(0),
        counters: None,
        stacks: None,
        options: RuntimeOptions {
            print_maps_on_exit: true,
            str_trunc_trailer: "..".into(),
            max_strlen: 1024,
            max_cat_bytes: 10,
            log_size: 0,
        },
    }
}

/// A map with these key types, laid out one after the other in 8 bytes each.
pub(crate) fn map(name: &str, key: &[Type], value: Type) -> ScriptMap {
    let columns = key.iter().zip(0..).map(|(ty, n)| Column {
        name: format!("k{n}"),
        ty: ty.clone(),
        offset: n * 8,
    });
    ScriptMap {
        name: name.into(),
        key: columns.collect(),
        key_size: key.len() as u32 * 8,
        value_size: value.size(),
        value,
        per_cpu: false,
        internal: false,
        scale: 1,
        array: None,
        hash: Some(0),
        presence_offset: 0,
    }
}

/// A kind of record whose values lie behind the header, 8 bytes each.
pub(crate) fn record(action: RecordAction, values: &[Type]) -> Record {
    let values = values.iter().zip(0..).map(|(ty, n)| RecordValue {
        offset: 16 + n * 8,
        ty: ty.clone(),
    });
    Record {
        action,
        values: values.collect(),
        size: 16,
        source_offset: 8,
        source_end: 61,
    }
}

/// The bytes of a record.
pub(crate) fn bytes(kind: u32, values: &[u64]) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    bytes[4..8].copy_from_slice(&kind.to_le_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// A resolver that knows nothing of this machine.
pub(crate) fn resolver() -> Resolver {
    Resolver::from_sources(Sources {
        kallsyms: "/nowhere/kallsyms".into(),
        passwd: "/nowhere/passwd".into(),
        mounts: "/nowhere/mounts".into(),
        proc: "/nowhere".into(),
        debug_files: "/nowhere".into(),
    })
}

/// An output and the two files that it writes to.
pub(crate) struct Printed {
    pub(crate) output: Output,
    pub(crate) results: Shared,
    pub(crate) diagnostics: Shared,
}

impl Printed {
    /// Prints as text.
    pub(crate) fn text(manifest: Manifest) -> Self {
        Self::new(manifest, |writer| Box::new(TextSink::new(writer)))
    }

    /// Prints as JSON.
    pub(crate) fn json(manifest: Manifest) -> Self {
        Self::new(manifest, |writer| Box::new(JsonSink::new(writer)))
    }

    fn new(manifest: Manifest, sink: fn(Box<dyn Write>) -> Box<dyn Sink>) -> Self {
        let (results, diagnostics) = (Shared::default(), Shared::default());
        let output = Output::new(
            Arc::new(manifest),
            sink(Box::new(results.clone())),
            Box::new(diagnostics.clone()),
            resolver(),
            OutputOptions::default(),
        );
        Self {
            output,
            results,
            diagnostics,
        }
    }
}
