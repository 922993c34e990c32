//! Loading test programs into the kernel and running them there.

use aya::maps::{HashMap, MapData};
use aya::programs::{ProgramError, RawTracePoint, RawTracePointRunOptions};
use aya::{Ebpf, EbpfLoader, TestRun};
use cranelift_codegen::ir::Function;
use trapline_codegen::bpf;
use trapline_codegen::clif::optimize::{Level, optimize};
use trapline_codegen::elf;
use trapline_codegen::object::{
    Code, KernelMap, MANIFEST_VERSION, Manifest, Object, RuntimeOptions, SourceText,
};
use trapline_codegen::target::{Arch, CallEvents, SyscallHookKind, Target};

const BPF_MAP_TYPE_HASH: u32 = 1;

/// A map for test programs: keys of 4 bytes, the value of key 0 is present and zero.
pub(crate) struct Map {
    value_size: u32,
}

impl Map {
    /// A hash map, because the kernel knows that look-ups of constant keys in arrays succeed.
    pub(crate) fn hash(value_size: u32) -> Self {
        Self { value_size }
    }
}

/// A function, optimized and compiled.
pub(crate) struct Program {
    compiled: bpf::Compiled,
    params: u8,
}

impl Program {
    pub(crate) fn new(function: &Function, level: Level) -> Self {
        let compiled = optimize(function.clone(), level)
            .and_then(|optimized| bpf::compile(&optimized))
            .unwrap_or_else(|error| panic!("{level:?}: {error}\n{}", function.display()));
        Self {
            compiled,
            params: function.signature.params.len() as u8,
        }
    }

    fn code(&self, name: String, section: &str) -> Code {
        Code {
            name,
            section: section.to_owned(),
            bytes: self.compiled.bytes.clone(),
            relocations: self.compiled.relocations.clone(),
            lines: self.compiled.lines.clone(),
            params: self.params,
        }
    }
}

/// An object of raw tracepoint programs `p0`, `p1`...
pub(crate) fn object(programs: &[Program], subprograms: &[Program], maps: &[Map]) -> Object {
    let code = |(index, program): (usize, &Program)| program.code(format!("p{index}"), "raw_tp");
    let sub = |(index, program): (usize, &Program)| program.code(format!("sub{index}"), ".text");
    let maps: Vec<KernelMap> = maps
        .iter()
        .enumerate()
        .map(|(index, map)| KernelMap {
            name: format!("map{index}"),
            map_type: BPF_MAP_TYPE_HASH,
            key_size: 4,
            value_size: map.value_size,
            max_entries: 4,
            flags: 0,
        })
        .collect();
    Object {
        programs: programs.iter().enumerate().map(code).collect(),
        subprograms: subprograms.iter().enumerate().map(sub).collect(),
        maps,
        data: Vec::new(),
        source: SourceText {
            name: "test.tl".to_owned(),
            text: "first line\n    second line\nthird line\n".to_owned(),
        },
        license: "GPL".to_owned(),
        manifest: manifest(),
    }
}

fn manifest() -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        script_name: "test.tl".to_owned(),
        script_text: String::new(),
        script_imports: Vec::new(),
        target: Target {
            arch: Arch::X86_64,
            syscall_hook: SyscallHookKind::Raw,
            call_events: CallEvents::Never,
            features: Default::default(),
            offsets: Default::default(),
            cpu_count: 1,
            optimize: true,
        },
        programs: Vec::new(),
        hooks: Default::default(),
        attach_points: 0,
        kernel_maps: Vec::new(),
        maps: Vec::new(),
        records: Vec::new(),
        formats: Vec::new(),
        strings: Vec::new(),
        types: Vec::new(),
        probe_names: Vec::new(),
        constants: Vec::new(),
        ring_buffer: None,
        counters: None,
        stacks: None,
        options: RuntimeOptions {
            print_maps_on_exit: true,
            str_trunc_trailer: "..".to_owned(),
            max_strlen: 1024,
            max_cat_bytes: 0,
            log_size: 0,
        },
    }
}

/// Programs in the kernel.
pub(crate) struct Loaded {
    ebpf: Ebpf,
}

/// Loads programs.
///
/// # Panics
/// If the kernel refuses, with the verifier's log.
pub(crate) fn load(programs: &[Program], subprograms: &[Program], maps: &[Map]) -> Loaded {
    try_load(programs, subprograms, maps).unwrap_or_else(|log| {
        panic!("the kernel refuses a program (these tests need root and BPF):\n{log}")
    })
}

/// Loads programs, or gives the verifier's log.
pub(crate) fn try_load(
    programs: &[Program],
    subprograms: &[Program],
    maps: &[Map],
) -> Result<Loaded, String> {
    let elf = elf::write(&object(programs, subprograms, maps));
    let mut ebpf = EbpfLoader::new()
        .btf(None)
        .load(&elf)
        .map_err(|error| format!("{error:?}"))?;
    for index in 0..programs.len() {
        raw_tracepoint(&mut ebpf, index)
            .load()
            .map_err(|error| match error {
                ProgramError::LoadError { verifier_log, .. } => verifier_log.to_string(),
                other => other.to_string(),
            })?;
    }
    for (index, map) in maps.iter().enumerate() {
        fill(&mut ebpf, &format!("map{index}"), map.value_size)?;
    }
    Ok(Loaded { ebpf })
}

/// Makes the value of key 0 present.
fn fill(ebpf: &mut Ebpf, name: &str, size: u32) -> Result<(), String> {
    let map = ebpf.map_mut(name).ok_or_else(|| format!("no map {name}"))?;
    match size {
        64 => insert::<64>(map),
        512 => insert::<512>(map),
        _ => Err(format!("no test has values of {size} bytes")),
    }
}

fn insert<const SIZE: usize>(map: &mut aya::maps::Map) -> Result<(), String>
where
    [u8; SIZE]: aya::Pod,
{
    let mut map: HashMap<&mut MapData, u32, [u8; SIZE]> =
        map.try_into().map_err(|error| format!("{error}"))?;
    map.insert(0, [0; SIZE], 0)
        .map_err(|error| format!("{error}"))
}

fn raw_tracepoint(ebpf: &mut Ebpf, index: usize) -> &mut RawTracePoint {
    let name = format!("p{index}");
    let program = ebpf
        .program_mut(&name)
        .unwrap_or_else(|| panic!("the object has no program {name}"));
    program
        .try_into()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

impl Loaded {
    /// Runs a program on arguments; gives what it returns.
    pub(crate) fn run(&mut self, index: usize, args: &[u64; 4]) -> u32 {
        let mut options = RawTracePointRunOptions::new();
        options.args[..4].copy_from_slice(args);
        raw_tracepoint(&mut self.ebpf, index)
            .test_run(options)
            .unwrap_or_else(|error| panic!("p{index} cannot be run: {error}"))
            .return_value
    }
}
