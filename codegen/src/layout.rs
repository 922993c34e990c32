//! Where the script's maps lie: which kernel maps hold each, with which keys and values.
//!
//! Takes the script's maps and the plan (how many programs write each); gives a [`MapLayout`] for each
//! of the script's maps, and the kernel maps that they live in. How code reads and writes them is
//! [`crate::clif`]'s affair; how user space does, stands in [`ScriptMap`].

use crate::CodegenError;
use crate::object::{ArrayStore, Column, KernelMap, ScriptMap, aggregation_words};
use crate::plan::{Event, Plan};
use crate::target::Target;
use crate::visit::{self, Node};
use std::collections::BTreeSet;
use trapline_lang::hir::{
    Call, Domain, ExprKind, Hook, Map, MapId, MapKind, Place, Script, StmtKind,
};
use trapline_lang::types::Type;

/// `enum bpf_map_type` (linux v6.12 include/uapi/linux/bpf.h).
#[expect(missing_docs, reason = "the kernel's names")]
pub mod map_type {
    pub const HASH: u32 = 1;
    pub const ARRAY: u32 = 2;
    pub const PERCPU_HASH: u32 = 5;
    pub const PERCPU_ARRAY: u32 = 6;
    pub const LRU_HASH: u32 = 9;
    pub const LRU_PERCPU_HASH: u32 = 10;
    pub const RINGBUF: u32 = 27;
    pub const TASK_STORAGE: u32 = 29;
}

/// `BPF_F_NO_PREALLOC`
pub(crate) const NO_PREALLOC: u32 = 1;

/// Numbers of errors that have a slot; others go to the overflow hash.
const ERRNO_SLOTS: u32 = 256;
const SYSCALL_SLOTS: u32 = 512;
const SIGNAL_SLOTS: u32 = 65;
/// Arrays are allocated whole: larger ones (of one CPU, in bytes) become hashes.
const LARGEST_ARRAY: u32 = 512 * 1024;
/// `PCPU_MIN_UNIT_SIZE` (linux v6.12 include/linux/percpu.h): no per-CPU value is larger.
pub(crate) const LARGEST_PERCPU_VALUE: u32 = 32 * 1024;

/// In which kernel maps (by index) a script's map lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// One slot of an array, for a map without a key.
    Slot {
        /// The array.
        array: u32,
    },
    /// An array for keys below `entries`, a hash for all others.
    Domain {
        /// The array.
        array: u32,
        /// How many.
        entries: u32,
        /// For keys outside.
        hash: u32,
    },
    /// A hash.
    Hash {
        /// The hash.
        hash: u32,
    },
}

/// How one of the script's maps is stored.
#[derive(Clone, Debug)]
pub(crate) struct MapLayout {
    /// Where.
    pub(crate) storage: Storage,
    /// Bytes of a key in the hash, which is laid out as a tuple of its parts.
    pub(crate) key_size: u32,
    /// Offsets of the parts.
    pub(crate) key_offsets: Vec<u32>,
    /// Bytes of a value.
    pub(crate) value_size: u32,
    /// From the start of a value in the array to its presence word.
    pub(crate) presence_offset: u32,
    /// Every CPU has its own value.
    pub(crate) per_cpu: bool,
    /// Values are added to by atomic instructions.
    pub(crate) atomic: bool,
}

/// The layouts of a script's maps, and the kernel maps behind them.
pub(crate) struct Layouts {
    /// By [`MapId`].
    pub(crate) maps: Vec<MapLayout>,
    /// By the index that code uses.
    pub(crate) kernel_maps: Vec<KernelMap>,
}

/// Lays out the script's maps.
///
/// # Errors
/// If a value is larger than the kernel allows.
pub(crate) fn lay_out(
    script: &Script,
    plan: &Plan<'_>,
    target: &Target,
) -> Result<Layouts, CodegenError> {
    let usage = usage(script, plan);
    let mut layouts = Layouts {
        maps: Vec::new(),
        kernel_maps: Vec::new(),
    };
    for ((index, map), usage) in script.maps.iter().enumerate().zip(&usage) {
        let layout = layouts.lay_out(script, index, map, usage, target)?;
        layouts.maps.push(layout);
    }
    Ok(layouts)
}

/// What the manifest says of a map.
pub(crate) fn describe(map: &Map, layout: &MapLayout) -> ScriptMap {
    let (array, hash) = match layout.storage {
        Storage::Slot { array } => (
            Some(ArrayStore {
                map: array,
                entries: 1,
            }),
            None,
        ),
        Storage::Domain {
            array,
            entries,
            hash,
        } => (
            Some(ArrayStore {
                map: array,
                entries,
            }),
            Some(hash),
        ),
        Storage::Hash { hash } => (None, Some(hash)),
    };
    ScriptMap {
        name: map.name.clone(),
        key: map
            .key
            .iter()
            .zip(&layout.key_offsets)
            .map(|(part, offset)| Column {
                name: part.name.clone(),
                ty: part.ty.clone(),
                offset: *offset,
            })
            .collect(),
        key_size: layout.key_size,
        value: map.value.clone(),
        value_size: layout.value_size,
        per_cpu: layout.per_cpu,
        internal: map.internal,
        scale: map.scale,
        array,
        hash,
        presence_offset: layout.presence_offset,
    }
}

/// The type of a whole key: its one part, or a tuple of its parts.
pub(crate) fn key_type(map: &Map) -> Type {
    match map.key.as_slice() {
        [part] => part.ty.clone(),
        parts => Type::Tuple(parts.iter().map(|part| part.ty.clone()).collect()),
    }
}

/// What programs do with a map.
#[derive(Clone, Debug, Default)]
struct Usage {
    /// Programs that write it while others may run.
    writers: BTreeSet<usize>,
    /// All its keys are looked at.
    walked: bool,
    /// A key is asked for or dropped.
    probed: bool,
}

fn usage(script: &Script, plan: &Plan<'_>) -> Vec<Usage> {
    let mut usage = vec![Usage::default(); script.maps.len()];
    for (n, program) in plan.programs.iter().enumerate() {
        for arm in &program.arms {
            // Nothing else is attached while these run.
            let alone =
                program.event == Event::Bare && matches!(arm.probe.hook, Hook::Begin | Hook::End);
            let mut see = |node: Node<'_>| {
                let mut write = |map: MapId| {
                    if !alone {
                        usage[map.index()].writers.insert(n);
                    }
                };
                match node {
                    Node::Stmt(stmt) => match &stmt.kind {
                        StmtKind::SetMap { map, .. }
                        | StmtKind::UpdateMap { map, .. }
                        | StmtKind::Aggregate { map, .. } => write(*map),
                        StmtKind::ForMap { map, .. } => usage[map.index()].walked = true,
                        _ => {}
                    },
                    Node::Expr(expr) => match &expr.kind {
                        ExprKind::Step {
                            target: Place::Map { map, .. },
                            ..
                        } => write(*map),
                        ExprKind::Call(Call::MapLength(map)) => usage[map.index()].walked = true,
                        ExprKind::Call(Call::Delete { map, .. } | Call::HasKey { map, .. }) => {
                            usage[map.index()].probed = true;
                        }
                        _ => {}
                    },
                }
            };
            if let Some(predicate) = &arm.probe.predicate {
                visit::expression(predicate, &mut see);
            }
            visit::statements(&arm.probe.body, &mut see);
        }
    }
    usage
}

impl Layouts {
    fn lay_out(
        &mut self,
        script: &Script,
        index: usize,
        map: &Map,
        usage: &Usage,
        target: &Target,
    ) -> Result<MapLayout, CodegenError> {
        let aggregation = match map.value {
            Type::Aggregation(aggregation) => Some(aggregation),
            _ => None,
        };
        let value_size = aggregation.map_or(map.value.size().max(1), |a| {
            aggregation_words(a).saturating_mul(8)
        });
        let presence_offset = value_size.next_multiple_of(8);
        let slot_size = presence_offset + 8;
        let per_cpu = match map.declared.map(|declared| declared.kind) {
            Some(MapKind::Hash | MapKind::LruHash) => false,
            Some(MapKind::PerCpuHash | MapKind::PerCpuLruHash) => true,
            None => aggregation.is_some(),
        };
        if per_cpu && slot_size > LARGEST_PERCPU_VALUE {
            return Err(CodegenError::Refused {
                why: format!(
                    "a histogram of {value_size} bytes is too large: the kernel allows {LARGEST_PERCPU_VALUE}"
                ),
                span: map.span,
            });
        }
        let key = key_type(map);
        let key_size = if map.key.is_empty() {
            0
        } else {
            key.size().max(1)
        };
        let key_offsets = match map.key.len() {
            1 => vec![0],
            _ => key.member_offsets(),
        };

        let entries = domain_entries(map, target).filter(|entries| {
            map.declared.is_none()
                && !usage.walked
                && entries * slot_size <= LARGEST_ARRAY
                // Without a look-up by CPU the other CPUs' slots are out of a program's reach.
                && !(per_cpu && usage.probed && !target.features.lookup_percpu)
        });
        let array_type = if per_cpu {
            map_type::PERCPU_ARRAY
        } else {
            map_type::ARRAY
        };
        let array = |maps: &mut Self, entries| {
            maps.push(KernelMap {
                name: kernel_name('a', index, &map.name),
                map_type: array_type,
                key_size: 4,
                value_size: slot_size,
                max_entries: entries,
                flags: 0,
            })
        };
        let storage = if map.key.is_empty() {
            Storage::Slot {
                array: array(self, 1),
            }
        } else {
            let slots = entries.map(|entries| (array(self, entries), entries));
            let hash = self.push(hash(
                script, index, map, target, per_cpu, key_size, value_size,
            ));
            match slots {
                Some((array, entries)) => Storage::Domain {
                    array,
                    entries,
                    hash,
                },
                None => Storage::Hash { hash },
            }
        };
        Ok(MapLayout {
            storage,
            key_size,
            key_offsets,
            value_size,
            presence_offset,
            per_cpu,
            atomic: !per_cpu || usage.writers.len() > 1,
        })
    }

    fn push(&mut self, map: KernelMap) -> u32 {
        self.kernel_maps.push(map);
        self.kernel_maps.len() as u32 - 1
    }
}

fn hash(
    script: &Script,
    index: usize,
    map: &Map,
    target: &Target,
    per_cpu: bool,
    key_size: u32,
    value_size: u32,
) -> KernelMap {
    let kind = map.declared.map(|declared| declared.kind);
    let lru = matches!(kind, Some(MapKind::LruHash | MapKind::PerCpuLruHash));
    let map_type = match (lru, per_cpu) {
        (false, false) => map_type::HASH,
        (false, true) => map_type::PERCPU_HASH,
        (true, false) => map_type::LRU_HASH,
        (true, true) => map_type::LRU_PERCPU_HASH,
    };
    let flags = if target.features.bpf_allocator && !lru {
        NO_PREALLOC
    } else {
        0
    };
    KernelMap {
        name: kernel_name('h', index, &map.name),
        map_type,
        key_size,
        value_size,
        max_entries: map
            .declared
            .map_or(script.config.max_map_keys, |declared| declared.entries)
            .max(1),
        flags,
    }
}

/// How many slots the domain of a map's only key needs, if it has one.
fn domain_entries(map: &Map, target: &Target) -> Option<u32> {
    let [part] = map.key.as_slice() else {
        return None;
    };
    if !part.ty.is_scalar() {
        return None;
    }
    match part.domain {
        Domain::Any => None,
        Domain::Syscall => Some(SYSCALL_SLOTS),
        Domain::Errno => Some(ERRNO_SLOTS),
        Domain::Signal => Some(SIGNAL_SLOTS),
        Domain::Cpu => Some(target.cpu_count.max(1)),
        Domain::Bool => Some(2),
    }
}

/// A name that the kernel keeps whole: at most 15 bytes, unique by its number.
fn kernel_name(kind: char, index: usize, name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let mut full = format!("{kind}{index}_{name}");
    full.truncate(15);
    full
}
