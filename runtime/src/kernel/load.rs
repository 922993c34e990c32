//! From an object file and its manifest to maps and programs in the kernel.
//!
//! aya-obj reads the ELF and resolves its relocations; maps and programs are made by the calls of
//! [`super::sys`], because aya's own loader reads all of the kernel's type information first, which takes
//! longer than everything else together. Attaching is left to [`super::attach`].

use super::attach;
use super::constant::Constants;
use super::error::KernelError;
use super::sys::{self, DebugInfo, Map, MapSpec, ProgramSpec, map_type, prog_type};
use super::vmlinux;
use aya_obj::generated::bpf_insn;
use aya_obj::{EbpfSectionKind, Object};
use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use trapline_codegen::object::{Attach, KernelMap, Manifest, ProgramInfo};
use trapline_lang::catalog::KERNEL;

/// What lives in the kernel.
pub(crate) struct Loaded {
    /// By the manifest's kernel maps.
    pub(crate) maps: Vec<Map>,
    /// By the manifest's programs.
    pub(crate) programs: Vec<OwnedFd>,
}

/// Loads an object.
///
/// # Errors
/// If the kernel refuses a map or a program, or the object and the manifest disagree.
pub(crate) fn load(
    elf: &[u8],
    manifest: &Manifest,
    constants: &Constants,
) -> Result<Loaded, KernelError> {
    check(manifest).map_err(broken)?;
    let mut object = Object::parse(elf).map_err(broken)?;
    let btf = object
        .btf
        .as_ref()
        .map(|btf| load_btf(&btf.to_bytes()))
        .transpose()?;
    let definitions = std::mem::take(&mut object.maps);

    let cpus = constants.cpu_count as usize;
    let maps = manifest
        .kernel_maps
        .iter()
        .map(|map| create_map(map, btf.as_ref(), definitions.get(&map.name), cpus))
        .collect::<Result<Vec<_>, _>>()?;
    let data = create_data(&definitions, manifest, constants)?;

    let by_name: HashMap<&str, &Map> = manifest
        .kernel_maps
        .iter()
        .map(|map| map.name.as_str())
        .zip(&maps)
        .collect();
    let descriptors = definitions.iter().filter_map(|(name, definition)| {
        let map = by_name
            .get(name.as_str())
            .copied()
            .or_else(|| data.get(name.as_str()))?;
        Some((name.as_str(), map.as_fd().as_raw_fd(), definition))
    });
    let text_sections: HashSet<usize> = object
        .functions
        .keys()
        .map(|(section, _)| *section)
        .collect();
    object
        .relocate_maps(descriptors, &text_sections)
        .map_err(broken)?;
    object.relocate_calls(&text_sections).map_err(broken)?;

    if manifest.programs.len() > attach::MANY {
        // If the limit cannot be raised, loading fails, which says so.
        let _ = sys::allow_many_files();
    }
    let programs = manifest
        .programs
        .iter()
        .map(|info| load_program(&object, info, btf.as_ref(), manifest.options.log_size))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Loaded { maps, programs })
}

fn broken(error: impl std::fmt::Display) -> KernelError {
    KernelError::Object {
        reason: error.to_string(),
    }
}

/// What the rest of the engine takes for granted: indices name kernel maps, values hold what they should.
fn check(manifest: &Manifest) -> Result<(), String> {
    let map = |index: u32| {
        let map = manifest.kernel_maps.get(index as usize);
        map.ok_or_else(|| format!("it names kernel map {index}, which it does not have"))
    };
    for index in [manifest.ring_buffer, manifest.counters, manifest.stacks]
        .into_iter()
        .flatten()
    {
        map(index)?;
    }
    let counters = manifest.counters.map(map).transpose()?;
    if counters.is_some_and(|counters| (counters.key_size, counters.value_size) != (4, 8)) {
        return Err("counters are not an array of 64-bit words".to_owned());
    }
    let stacks = manifest.stacks.map(map).transpose()?;
    if stacks.is_some_and(|stacks| stacks.key_size != 8) {
        return Err("stacks are not keyed by 64-bit words".to_owned());
    }
    for script in &manifest.maps {
        let too_small = || format!("kernel map of @{} is too small for it", script.name);
        if let Some(array) = script.array {
            let needed = script
                .presence_offset
                .checked_add(8)
                .map(|end| end.max(script.value_size));
            let array = map(array.map)?;
            if needed.is_none_or(|needed| array.value_size < needed) || array.key_size != 4 {
                return Err(too_small());
            }
        }
        if let Some(hash) = script.hash {
            let hash = map(hash)?;
            if hash.value_size < script.value_size.max(1) || hash.key_size != script.key_size.max(1)
            {
                return Err(too_small());
            }
        }
        let columns_end = script
            .key
            .iter()
            .map(|column| column.offset.saturating_add(column.ty.size()));
        if columns_end.max().unwrap_or(0) > script.key_size {
            return Err(format!(
                "the key of @{} is larger than it says",
                script.name
            ));
        }
    }
    Ok(())
}

fn load_btf(btf: &[u8]) -> Result<OwnedFd, KernelError> {
    sys::load_btf(btf).map_err(|source| KernelError::TypeInformation { source })
}

fn create_map(
    map: &KernelMap,
    btf: Option<&OwnedFd>,
    definition: Option<&aya_obj::Map>,
    cpus: usize,
) -> Result<Map, KernelError> {
    // Storage that hangs on an object cannot be made without types; all other maps can.
    let btf = match (map.map_type, btf, definition) {
        (map_type::TASK_STORAGE, Some(btf), Some(aya_obj::Map::Btf(map))) => Some((
            btf.as_fd(),
            map.def.btf_key_type_id,
            map.def.btf_value_type_id,
        )),
        _ => None,
    };
    let spec = MapSpec {
        name: &map.name,
        map_type: map.map_type,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        flags: map.flags,
        btf,
    };
    create(&spec, cpus)
}

fn create(spec: &MapSpec<'_>, cpus: usize) -> Result<Map, KernelError> {
    Map::create(spec, cpus).map_err(|source| KernelError::Map {
        name: spec.name.to_owned(),
        key_size: spec.key_size,
        value_size: spec.value_size,
        entries: spec.max_entries,
        source,
    })
}

/// Makes a map of each data section and fills it; constants are frozen.
fn create_data<'a>(
    definitions: &'a HashMap<String, aya_obj::Map>,
    manifest: &Manifest,
    constants: &Constants,
) -> Result<HashMap<&'a str, Map>, KernelError> {
    let mut maps = HashMap::new();
    for (name, definition) in definitions {
        let kind = definition.section_kind();
        let is_data = matches!(
            kind,
            EbpfSectionKind::Data | EbpfSectionKind::Rodata | EbpfSectionKind::Bss
        );
        if !is_data || definition.data().is_empty() {
            continue;
        }
        let spec = MapSpec {
            name,
            map_type: map_type::ARRAY,
            key_size: 4,
            value_size: definition.data().len() as u32,
            max_entries: 1,
            flags: definition.map_flags(),
            btf: None,
        };
        let map = create(&spec, 1)?;
        let refused = |source| KernelError::MapAccess {
            name: name.clone(),
            source,
        };
        if kind != EbpfSectionKind::Bss {
            let mut data = definition.data().to_vec();
            if name == ".rodata" {
                constants
                    .fill(&mut data, &manifest.constants)
                    .map_err(|reason| KernelError::Object { reason })?;
            }
            map.update(&0u32.to_ne_bytes(), &data).map_err(refused)?;
        }
        if kind == EbpfSectionKind::Rodata {
            map.freeze().map_err(refused)?;
        }
        maps.insert(name.as_str(), map);
    }
    Ok(maps)
}

fn load_program(
    object: &Object,
    info: &ProgramInfo,
    btf: Option<&OwnedFd>,
    log_size: u32,
) -> Result<OwnedFd, KernelError> {
    let missing = || KernelError::Object {
        reason: format!("it has no program `{}`", info.name),
    };
    let program = object.programs.get(&info.name).ok_or_else(missing)?;
    let function = object
        .functions
        .get(&program.function_key())
        .ok_or_else(missing)?;
    let (prog_type, expected_attach_type, attach_btf_id) = kernel_type(&info.attach)?;
    let instructions: Vec<u8> = function.instructions.iter().flat_map(encode).collect();
    let (functions, lines) = (
        function.func_info.func_info_bytes(),
        function.line_info.line_info_bytes(),
    );
    let spec = ProgramSpec {
        name: &info.name,
        prog_type,
        expected_attach_type,
        attach_btf_id,
        instructions: &instructions,
        license: &object.license,
        debug: btf.map(|btf| DebugInfo {
            btf: btf.as_fd(),
            functions: &functions,
            lines: &lines,
        }),
    };
    // The log makes the verifier several times slower: it is asked for once the program is refused.
    sys::load_program(&spec, &mut []).map_err(|source| {
        let log = verifier_log(&spec, log_size);
        let unreached = matches!(source.raw_os_error(), Some(libc::EPERM | sys::ENOTSUPP));
        if let (Attach::Trampoline { .. }, true) = (&info.attach, unreached) {
            let attach_point = info.probes.first().unwrap_or(&info.name).clone();
            return KernelError::Trampoline {
                attach_point,
                source,
            };
        }
        KernelError::Program {
            name: info.name.clone(),
            probes: info.probes.clone(),
            log,
            source,
        }
    })
}

/// Loads a refused program once more, for the verifier's reasons.
fn verifier_log(spec: &ProgramSpec<'_>, size: u32) -> String {
    const SMALLEST: usize = 1 << 16;
    const LARGEST: usize = 1 << 26;
    let mut size = (size as usize).clamp(SMALLEST, LARGEST);
    loop {
        let mut log = vec![0; size];
        let result = sys::load_program(spec, &mut log);
        let full = result.is_err_and(|error| error.raw_os_error() == Some(libc::ENOSPC));
        if full && size < LARGEST {
            size *= 4;
            continue;
        }
        let text = CStr::from_bytes_until_nul(&log)
            .map(CStr::to_bytes)
            .unwrap_or(&log);
        return String::from_utf8_lossy(text).into_owned();
    }
}

/// Program type, expected attach type, and BTF id of what is attached to.
fn kernel_type(attach: &Attach) -> Result<(u32, u32, u32), KernelError> {
    Ok(match attach {
        Attach::Begin
        | Attach::End
        | Attach::Signal { .. }
        | Attach::RawTracepoints(_)
        | Attach::Test
        | Attach::Bench
        | Attach::RawTracepoint { btf: false, .. } => (prog_type::RAW_TRACEPOINT, 0, 0),
        Attach::RawTracepoint { name, btf: true } => {
            let id = vmlinux::kernel()
                .and_then(|btf| btf.tracepoint(name))
                .ok_or_else(|| KernelError::NoKernelType {
                    name: format!("btf_trace_{name}"),
                })?;
            (prog_type::TRACING, sys::ATTACH_TRACE_RAW_TP, id)
        }
        Attach::Tracepoints(_) => (prog_type::TRACEPOINT, 0, 0),
        Attach::Timer { .. } | Attach::Counter { .. } | Attach::Watchpoint { .. } => {
            (prog_type::PERF_EVENT, 0, 0)
        }
        Attach::User { sites, .. } if attach::user_sites_at_once(sites) => {
            (prog_type::KPROBE, sys::ATTACH_UPROBE_MULTI, 0)
        }
        Attach::Kprobes { targets, .. } if attach::kprobes_at_once(targets) => {
            (prog_type::KPROBE, sys::ATTACH_KPROBE_MULTI, 0)
        }
        Attach::User { .. } | Attach::Kprobes { .. } => (prog_type::KPROBE, 0, 0),
        Attach::Trampoline {
            module,
            function,
            returns,
        } => {
            let kind = if *returns {
                sys::ATTACH_TRACE_FEXIT
            } else {
                sys::ATTACH_TRACE_FENTRY
            };
            (prog_type::TRACING, kind, kernel_function(module, function)?)
        }
        Attach::Iterator { of } => {
            let id = kernel_function(KERNEL, &format!("bpf_iter_{of}"))?;
            (prog_type::TRACING, sys::ATTACH_TRACE_ITER, id)
        }
    })
}

/// The BTF id of a function of the kernel itself; those of modules have numbers of their own.
fn kernel_function(module: &str, name: &str) -> Result<u32, KernelError> {
    let btf = vmlinux::kernel().filter(|_| module == KERNEL);
    btf.and_then(|btf| btf.find(vmlinux::Kind::Func, name))
        .ok_or_else(|| KernelError::NoKernelType {
            name: name.to_owned(),
        })
}

/// An instruction as the kernel of a little-endian machine has it.
fn encode(instruction: &bpf_insn) -> [u8; 8] {
    let registers = instruction.dst_reg() | instruction.src_reg() << 4;
    let [off0, off1] = instruction.off.to_le_bytes();
    let [imm0, imm1, imm2, imm3] = instruction.imm.to_le_bytes();
    [
        instruction.code,
        registers,
        off0,
        off1,
        imm0,
        imm1,
        imm2,
        imm3,
    ]
}
