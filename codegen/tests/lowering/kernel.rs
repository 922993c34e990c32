//! Compiling scripts, loading them into the kernel and running them there.

use aya::maps::{HashMap, MapData, PerCpuArray, PerCpuHashMap, RingBuf};
use aya::programs::perf_event::{PerfEventConfig, PerfEventScope, SamplePolicy, SoftwareEvent};
use aya::programs::{
    BtfTracePoint, PerfEvent, ProgramError, RawTracePoint, RawTracePointRunOptions, TracePoint,
};
use aya::{Btf, Ebpf, EbpfLoader, Pod, TestRun};
use std::collections::BTreeMap;
use trapline_codegen::object::{Attach, ConstantKind, Object};
use trapline_codegen::target::{Arch, CallEvents, Features, Offsets, SyscallHookKind, Target};
use trapline_codegen::{compile, elf, emit_clif};
use trapline_lang::hir::Script;
use trapline_lang::source::Source;

/// The kernel that these tests run on.
pub(crate) fn target() -> Target {
    Target {
        arch: if cfg!(target_arch = "x86_64") {
            Arch::X86_64
        } else {
            Arch::Aarch64
        },
        syscall_hook: SyscallHookKind::Btf,
        call_events: CallEvents::Never,
        features: Features::ALL,
        offsets: Offsets {
            // struct thread_info, the first member of task_struct.
            thread_info_status: Some(16),
            thread_info_flags: Some(0),
            ..Offsets::default()
        },
        cpu_count: cpu_count(),
        optimize: true,
    }
}

fn cpu_count() -> u32 {
    aya::util::nr_cpus().expect("the number of CPUs") as u32
}

/// A script in the kernel.
pub(crate) struct Running {
    ebpf: Ebpf,
    pub(crate) object: Object,
}

/// Compiles and loads a script.
///
/// # Panics
/// If the kernel refuses, with the verifier's log.
pub(crate) fn load(script: &Script, target: &Target) -> Running {
    let source = Source::new("test", "");
    let mut object = compile(script, &source, target).unwrap_or_else(|error| panic!("{error}"));
    fill_constants(&mut object);
    let elf = elf::write(&object);
    let btf = Btf::from_sys_fs().expect("the kernel's BTF");
    let mut ebpf = EbpfLoader::new()
        .btf(Some(&btf))
        .allow_unsupported_maps()
        .load(&elf)
        .unwrap_or_else(|error| panic!("{error:?}"));
    for info in &object.manifest.programs {
        let program = ebpf.program_mut(&info.name).expect("the program");
        let loaded = match &info.attach {
            Attach::RawTracepoint { name, btf: true } => {
                let program: &mut BtfTracePoint = program.try_into().expect("tp_btf");
                program.load(name, &btf)
            }
            Attach::Begin
            | Attach::End
            | Attach::Test
            | Attach::Bench
            | Attach::RawTracepoint { .. } => {
                let program: &mut RawTracePoint = program.try_into().expect("raw_tp");
                program.load()
            }
            Attach::Tracepoints(_) => {
                let program: &mut TracePoint = program.try_into().expect("tracepoint");
                program.load()
            }
            Attach::Timer { .. } => {
                let program: &mut PerfEvent = program.try_into().expect("perf_event");
                program.load()
            }
            other => panic!("no test attaches {other:?}"),
        };
        if let Err(error) = loaded {
            let log = match error {
                ProgramError::LoadError { verifier_log, .. } => verifier_log.to_string(),
                other => other.to_string(),
            };
            let clif = emit_clif(script, target).unwrap_or_default();
            panic!("the kernel refuses (these tests need root and BPF):\n{clif}\n{log}");
        }
    }
    Running { ebpf, object }
}

fn fill_constants(object: &mut Object) {
    for constant in &object.manifest.constants {
        let value = match constant.kind {
            ConstantKind::ChildPid => 4321,
            ConstantKind::OwnPid => u64::from(std::process::id()),
            ConstantKind::CpuCount => u64::from(cpu_count()),
            ConstantKind::StartTime => 1,
            ConstantKind::TaiOffset => 0,
            ConstantKind::PidNamespaceDevice | ConstantKind::PidNamespaceInode => 0,
        };
        let at = constant.offset as usize;
        object.data[0].bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
}

/// Compiles, loads and runs a script's `BEGIN`.
pub(crate) fn run(script: &Script, target: &Target) -> Running {
    let mut running = load(script, target);
    running.run_begin();
    running
}

impl Running {
    pub(crate) fn run_begin(&mut self) {
        let begins: Vec<String> = self
            .object
            .manifest
            .programs
            .iter()
            .filter(|info| info.attach == Attach::Begin)
            .map(|info| info.name.clone())
            .collect();
        for name in begins {
            let program: &mut RawTracePoint = self
                .ebpf
                .program_mut(&name)
                .expect("the program")
                .try_into()
                .expect("raw_tp");
            program
                .test_run(RawTracePointRunOptions::new())
                .expect("test run");
        }
    }

    pub(crate) fn attach(&mut self) {
        for info in &self.object.manifest.programs {
            let program = self.ebpf.program_mut(&info.name).expect("the program");
            match &info.attach {
                Attach::RawTracepoint { btf: true, .. } => {
                    let program: &mut BtfTracePoint = program.try_into().expect("tp_btf");
                    program.attach().expect("attach");
                }
                Attach::RawTracepoint { name, .. } => {
                    let program: &mut RawTracePoint = program.try_into().expect("raw_tp");
                    program.attach(name).expect("attach");
                }
                Attach::Tracepoints(targets) => {
                    let program: &mut TracePoint = program.try_into().expect("tracepoint");
                    for target in targets {
                        program
                            .attach(&target.category, &target.name)
                            .expect("attach");
                    }
                }
                Attach::Timer { .. } => {
                    let program: &mut PerfEvent = program.try_into().expect("perf_event");
                    for cpu in 0..cpu_count() {
                        program
                            .attach(
                                PerfEventConfig::Software(SoftwareEvent::CpuClock),
                                PerfEventScope::AllProcessesOneCpu { cpu },
                                SamplePolicy::Frequency(999),
                                true,
                            )
                            .expect("attach");
                    }
                }
                _ => {}
            }
        }
    }

    /// Leaves all hooks; maps stay.
    pub(crate) fn detach(&mut self) {
        for info in &self.object.manifest.programs {
            match self.ebpf.program_mut(&info.name).expect("the program") {
                aya::programs::Program::BtfTracePoint(program) => program.unload(),
                aya::programs::Program::RawTracePoint(program) => program.unload(),
                aya::programs::Program::TracePoint(program) => program.unload(),
                aya::programs::Program::PerfEvent(program) => program.unload(),
                _ => Ok(()),
            }
            .expect("unload");
        }
    }

    fn map(&self, index: u32) -> &aya::maps::Map {
        let name = &self.object.maps[index as usize].name;
        self.ebpf.map(name).expect("the map")
    }

    fn hash_of(&self, map: usize) -> &aya::maps::Map {
        self.map(self.object.manifest.maps[map].hash.expect("a hash"))
    }

    fn array_of(&self, map: usize) -> &aya::maps::Map {
        self.map(self.object.manifest.maps[map].array.expect("an array").map)
    }

    /// Entries of a shared hash.
    pub(crate) fn hash<K: Pod + Ord, V: Pod>(&self, map: usize) -> BTreeMap<K, V> {
        let map: HashMap<&MapData, K, V> = self.hash_of(map).try_into().expect("its types");
        map.iter().map(|entry| entry.expect("an entry")).collect()
    }

    /// Entries of a per-CPU hash, words summed over CPUs.
    pub(crate) fn per_cpu_hash<K: Pod + Ord, const WORDS: usize>(
        &self,
        map: usize,
    ) -> BTreeMap<K, [u64; WORDS]> {
        let map: PerCpuHashMap<&MapData, K, [u64; WORDS]> =
            self.hash_of(map).try_into().expect("its types");
        map.iter()
            .map(|entry| {
                let (key, values) = entry.expect("an entry");
                (key, sum(values.iter()))
            })
            .collect()
    }

    /// A slot of a per-CPU array, words summed over CPUs; the last is 1 if the key exists on any.
    pub(crate) fn per_cpu_slot<const WORDS: usize>(&self, map: usize, slot: u32) -> [u64; WORDS] {
        let map: PerCpuArray<&MapData, [u64; WORDS]> =
            self.array_of(map).try_into().expect("its types");
        let mut total: [u64; WORDS] = sum(map.get(&slot, 0).expect("a slot").iter());
        total[WORDS - 1] = total[WORDS - 1].min(1);
        total
    }

    /// The largest value of a `max()` without a key.
    pub(crate) fn slot_max(&self, map: usize) -> u64 {
        let map: PerCpuArray<&MapData, [u64; 3]> =
            self.array_of(map).try_into().expect("its types");
        let values = map.get(&0, 0).expect("a slot");
        values.iter().map(|words| words[0]).max().unwrap_or(0)
    }

    /// A slot of a shared array.
    pub(crate) fn slot<const WORDS: usize>(&self, map: usize, slot: u32) -> [u64; WORDS] {
        let map: aya::maps::Array<&MapData, [u64; WORDS]> =
            self.array_of(map).try_into().expect("its types");
        map.get(&slot, 0).expect("a slot")
    }

    /// The counters of what went wrong.
    pub(crate) fn failures(&self) -> Vec<u64> {
        let Some(counters) = self.object.manifest.counters else {
            return Vec::new();
        };
        let map: PerCpuArray<&MapData, u64> = self.map(counters).try_into().expect("its types");
        (0..map.len())
            .map(|n| map.get(&n, 0).expect("a counter").iter().sum())
            .collect()
    }

    /// The frames that are kept.
    pub(crate) fn stacks<const FRAMES: usize>(&self) -> BTreeMap<u64, [u64; FRAMES]> {
        let stacks = self.object.manifest.stacks.expect("stacks");
        let map: HashMap<&MapData, u64, [u64; FRAMES]> =
            self.map(stacks).try_into().expect("its types");
        map.iter().map(|entry| entry.expect("an entry")).collect()
    }

    /// All records that wait.
    pub(crate) fn records(&mut self) -> Vec<Vec<u8>> {
        let ring = self.object.manifest.ring_buffer.expect("a ring buffer");
        let name = self.object.maps[ring as usize].name.clone();
        let map = self.ebpf.map_mut(&name).expect("the map");
        let mut ring = RingBuf::try_from(map).expect("a ring buffer");
        let mut records = Vec::new();
        while let Some(record) = ring.next() {
            records.push(record.to_vec());
        }
        records
    }
}

fn sum<'a, const WORDS: usize>(values: impl Iterator<Item = &'a [u64; WORDS]>) -> [u64; WORDS] {
    let mut total = [0u64; WORDS];
    for value in values {
        for (word, part) in total.iter_mut().zip(value) {
            *word = word.wrapping_add(*part);
        }
    }
    total
}
