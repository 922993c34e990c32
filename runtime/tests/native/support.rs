//! A machine with a script, and short ways to tell it of events.

use std::sync::Arc;
use trapline_codegen::target::{Arch, Target};
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::engine::Engine;
use trapline_lang::parse::parse;
use trapline_lang::source::Source;
use trapline_lang::syscall::Abi;
use trapline_runtime::catalog::NativeCatalog;
use trapline_runtime::decode::{CallOptions, Calls, Decoder};
use trapline_runtime::engine::MapStore;
use trapline_runtime::native::{Family, Machine};
use trapline_runtime::output::render_value;
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::event::{Enter, Event, Exit, Origin, Thread, What};
use trapline_runtime::trace::memory::{Memory, MemoryBuffer};

/// A machine that runs a script.
pub(crate) struct Run {
    pub(crate) machine: Machine,
    pub(crate) time: u64,
}

/// The thread that does everything unless told otherwise.
pub(crate) const THREAD: Thread = Thread {
    process: 41,
    thread: 42,
    parent: 40,
    user: 1000,
    group: 100,
    cgroup: 7,
    comm: *b"cat\0\0\0\0\0\0\0\0\0\0\0\0\0",
};

impl Run {
    pub(crate) fn new(script: &str) -> Self {
        let source = Source::new("test", script);
        let catalog = NativeCatalog::new(Abi::X86_64, 4);
        let options = Options {
            engine: Engine::Ptrace,
            ..Options::default()
        };
        let parsed = parse(&source);
        let analysis = analyze(&parsed.script, &source, &catalog, &options);
        assert!(
            parsed.diagnostics.is_empty() && analysis.diagnostics.is_empty(),
            "{:?}",
            analysis.diagnostics
        );
        let origin = Origin {
            abi: "x86_64".into(),
            cpu_count: 4,
            start: 1_000,
            boot_offset: 50,
            command_process: 41,
            tracer_process: 1,
            ..Origin::default()
        };
        let script = analysis.script.expect("nothing is wrong with it");
        let target = Target::native(Arch::X86_64, origin.cpu_count);
        let machine = Machine::new(&script, &source, &target, &origin, Family::Everybody)
            .expect("native engines have all that it asks for");
        Self {
            machine,
            time: 1_000,
        }
    }

    pub(crate) fn happens(&mut self, thread: &Thread, what: What<'_>) {
        self.time += 100;
        let event = Event {
            time: self.time,
            cpu: 3,
            thread,
            what,
        };
        self.machine.event(&event, None);
    }

    pub(crate) fn enter(&mut self, number: i32, arguments: [u64; 6], memory: Memory<'_>) {
        let enter = enter(Abi::X86_64, number, arguments, memory);
        self.happens(&THREAD, enter);
    }

    pub(crate) fn exit(&mut self, number: i32, result: i64, memory: Memory<'_>) {
        let exit = exit(Abi::X86_64, number, result, memory);
        self.happens(&THREAD, exit);
    }

    /// A map as it prints, a line an entry, sorted.
    pub(crate) fn map(&mut self, name: &str) -> Vec<String> {
        let manifest = Arc::clone(self.machine.manifest());
        let place = manifest.maps.iter().position(|map| map.name == name);
        let place = place.unwrap_or_else(|| panic!("no map @{name}"));
        let entries = self.machine.read(place).expect("readable");
        let mut resolver = Resolver::new();
        let mut decoder = Decoder::new(&manifest, &mut resolver, &mut self.machine);
        let snapshot = decoder.snapshot(&manifest.maps[place], &entries);
        let mut lines: Vec<String> = snapshot
            .entries
            .iter()
            .map(|(key, value)| {
                let key: Vec<String> = key.iter().map(text).collect();
                format!("{}: {}", key.join(", "), text(value))
            })
            .collect();
        lines.sort();
        lines
    }

    /// The values of all records, a line each.
    pub(crate) fn records(&mut self) -> Vec<String> {
        let manifest = Arc::clone(self.machine.manifest());
        let mut lines = Vec::new();
        let mut record = Vec::new();
        while self.machine.next_record(&mut record) {
            let kind = u32::from_ne_bytes(record[4..8].try_into().expect("a header"));
            let mut resolver = Resolver::new();
            let mut decoder = Decoder::new(&manifest, &mut resolver, &mut self.machine)
                .of_event(Calls::new(&manifest, CallOptions::default()), self.time);
            let values = manifest.records[kind as usize].values.iter();
            let values: Vec<String> = values
                .map(|value| text(&decoder.value_at(&value.ty, &record, value.offset)))
                .collect();
            lines.push(values.join(" "));
        }
        lines
    }
}

fn text(value: &trapline_runtime::value::Value) -> String {
    let mut out = Vec::new();
    render_value(&mut out, value);
    String::from_utf8_lossy(&out).into_owned()
}

pub(crate) fn enter<'a>(
    abi: Abi,
    number: i32,
    arguments: [u64; 6],
    memory: Memory<'a>,
) -> What<'a> {
    What::Enter(Enter {
        abi,
        number,
        arguments,
        memory,
    })
}

pub(crate) fn exit(abi: Abi, number: i32, result: i64, memory: Memory<'_>) -> What<'_> {
    What::Exit(Exit {
        abi,
        number,
        result,
        arguments: None,
        memory,
    })
}

/// One piece of memory.
pub(crate) fn piece(address: u64, bytes: &[u8]) -> MemoryBuffer {
    let mut buffer = MemoryBuffer::default();
    buffer.push(address, Ok(bytes));
    buffer
}
