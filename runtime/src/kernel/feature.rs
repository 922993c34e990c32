//! What the kernel can do, found by trying: tiny programs and maps in, [`Features`] out.
//!
//! What code generation wants to know takes a millisecond; what only `--info` shows is tried when it asks.

use super::sys::{self, Map, MapSpec, ProgramSpec, map_type, prog_type};
use super::vmlinux::{self, Kind};
use super::{cpu, mount, preemption, privilege};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use trapline_codegen::target::{Features, Lifecycle, Offsets, PidTree};

/// One line of `--info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureRow {
    /// What was tried.
    pub name: String,
    /// It works here.
    pub available: bool,
    /// What it is for, or why it does not work.
    pub detail: String,
}

/// A feature of [`Features`]: how it is tried and where the answer goes.
struct Row {
    name: &'static str,
    detail: &'static str,
    try_it: fn() -> bool,
    answer: fn(&mut Features) -> &mut bool,
}

/// A helper without which something is done otherwise.
pub(super) const fn helper(number: i32) -> [u8; 8] {
    let [a, b, c, d] = number.to_le_bytes();
    [0x85, 0, 0, 0, a, b, c, d]
}

pub(super) const EXIT: [u8; 8] = [0x95, 0, 0, 0, 0, 0, 0, 0];
/// `r0 = 0`
pub(super) const RETURN_ZERO: [u8; 8] = [0xb7, 0, 0, 0, 0, 0, 0, 0];

const ROWS: [Row; 17] = [
    Row {
        name: "btf",
        detail: "types of the kernel (/sys/kernel/btf/vmlinux); Linux 5.4 with CONFIG_DEBUG_INFO_BTF",
        try_it: || vmlinux::kernel().is_some(),
        answer: |features| &mut features.btf,
    },
    Row {
        name: "ring_buffer",
        detail: "events in order from all CPUs; Linux 5.8",
        try_it: has_ring_buffer,
        answer: |features| &mut features.ring_buffer,
    },
    Row {
        name: "atomic_fetch",
        detail: "atomic operations that give the old value; Linux 5.12",
        try_it: has_atomic_fetch,
        answer: |features| &mut features.atomic_fetch,
    },
    Row {
        name: "get_current_task_btf",
        detail: "the current task by direct loads; Linux 5.11",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 158),
        answer: |features| &mut features.current_task_btf,
    },
    Row {
        name: "map_lookup_percpu_elem",
        detail: "aggregations as numbers in the kernel; Linux 5.19",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 195),
        answer: |features| &mut features.lookup_percpu,
    },
    Row {
        name: "for_each_map_elem",
        detail: "loops over maps; Linux 5.13",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 164),
        answer: |features| &mut features.for_each_map,
    },
    Row {
        name: "loop",
        detail: "long loops; Linux 5.17",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 181),
        answer: |features| &mut features.bpf_loop,
    },
    Row {
        name: "bpf_allocator",
        detail: "hash maps that grow, in any program; Linux 6.1",
        try_it: has_bpf_allocator,
        answer: |features| &mut features.bpf_allocator,
    },
    Row {
        name: "get_attach_cookie",
        detail: "many tracepoints by one program; Linux 5.15",
        try_it: || has_helper(prog_type::TRACEPOINT, 174),
        answer: |features| &mut features.attach_cookie,
    },
    Row {
        name: "get_ns_current_pid_tgid",
        detail: "process ids of this pid namespace; Linux 5.7",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 120),
        answer: |features| &mut features.ns_pid,
    },
    Row {
        name: "ktime_get_tai_ns",
        detail: "wall-clock timestamps in the kernel; Linux 6.1",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 208),
        answer: |features| &mut features.ktime_tai,
    },
    Row {
        name: "jiffies64",
        detail: "the kernel's ticks; Linux 5.5",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 118),
        answer: |features| &mut features.jiffies,
    },
    Row {
        name: "get_current_ancestor_cgroup_id",
        detail: "only the tasks of a cgroup (--cgroup); Linux 5.15",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 123),
        answer: |features| &mut features.ancestor_cgroup,
    },
    Row {
        name: "probe_write_user",
        detail: "write_user(); not under kernel lockdown, and only with CAP_SYS_ADMIN",
        try_it: || has_helper(prog_type::RAW_TRACEPOINT, 36),
        answer: |features| &mut features.write_user,
    },
    Row {
        name: "isa_v4",
        detail: "signed division as one instruction; Linux 6.6",
        try_it: has_signed_division,
        answer: |features| &mut features.isa_v4,
    },
    Row {
        name: "task_storage",
        detail: "beginnings of system calls, kept with their threads; else a hash serves; Linux 5.13",
        try_it: has_task_storage,
        answer: |features| &mut features.task_storage,
    },
    Row {
        name: "task_pt_regs",
        detail: "arguments at the end of a call, on perf tracepoints; Linux 5.15",
        try_it: || has_helper(prog_type::TRACEPOINT, 175),
        answer: |features| &mut features.task_pt_regs,
    },
];

/// Tries what code generation wants to know.
pub fn probe() -> Features {
    let mut features = Features::default();
    for row in &ROWS {
        *(row.answer)(&mut features) = (row.try_it)();
    }
    features
}

/// Looks up the places in kernel structures that code generation wants to know.
pub fn offsets() -> Offsets {
    let Some(btf) = vmlinux::kernel() else {
        return Offsets::default();
    };
    let find = |name| btf.find(Kind::Struct, name);
    let member = |id: Option<u32>, name| id.and_then(|id| btf.member_offset(id, name));
    let task = find("task_struct");
    let thread_info = find("thread_info");
    let (pid, upid) = (find("pid"), find("upid"));
    // On the machines that Trapline runs on, thread_info lies in the task itself.
    let in_thread_info = |name| Some(member(task, "thread_info")? + member(thread_info, name)?);
    Offsets {
        thread_info_status: in_thread_info("status"),
        thread_info_flags: in_thread_info("flags"),
        task_real_parent: member(task, "real_parent"),
        task_tgid: member(task, "tgid"),
        task_group_leader: member(task, "group_leader"),
        task_thread_pid: member(task, "thread_pid"),
        pid_level: member(pid, "level"),
        pid_numbers: member(pid, "numbers"),
        upid_nr: member(upid, "nr"),
        upid_size: upid.and_then(|id| btf.size(id)),
        pid_tree: pid_tree(btf),
        lifecycle: lifecycle(btf),
    }
}

fn lifecycle(btf: &vmlinux::Btf) -> Option<Lifecycle> {
    let member = |name, member| btf.member_offset(btf.find(Kind::Struct, name)?, member);
    Some(Lifecycle {
        task_pid: member("task_struct", "pid")?,
        task_comm: member("task_struct", "comm")?,
        task_signal: member("task_struct", "signal")?,
        // It is an `atomic_t`, of which the counter is all.
        live: member("signal_struct", "live")?,
        program_name: member("linux_binprm", "filename")?,
    })
}

fn pid_tree(btf: &vmlinux::Btf) -> Option<PidTree> {
    let member = |name, member| btf.member_offset(btf.find(Kind::Struct, name)?, member);
    const POINTER: u32 = 8;
    let slots = member("xa_node", "slots")?;
    let after_slots = btf.size(btf.find(Kind::Struct, "xa_node")?)?;
    // Marks follow the slots, a bit for each slot and three kinds of them: too few for another power of two.
    let slot_count = 1 << ((after_slots - slots) / POINTER).checked_ilog2()?;
    Some(PidTree {
        namespace: member("upid", "ns")?,
        head: member("pid_namespace", "idr")?
            + member("idr", "idr_rt")?
            + member("xarray", "xa_head")?,
        shift: member("xa_node", "shift")?,
        slots,
        slot_count,
        tasks: member("pid", "tasks")?,
        links: member("task_struct", "pid_links")?,
    })
}

/// Everything that `--info` shows, one row a line.
pub fn info() -> Vec<FeatureRow> {
    let row = |name: &str, available, detail: &str| FeatureRow {
        name: name.to_owned(),
        available,
        detail: detail.to_owned(),
    };
    let missing = privilege::missing();
    let lacking: Vec<_> = missing.iter().map(|capability| capability.name()).collect();
    let privileges = if missing.is_empty() {
        "CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN".to_owned()
    } else {
        format!("missing: {}", lacking.join(", "))
    };
    let tracefs = mount::find_tracefs();
    let syscall_events = tracefs
        .as_ref()
        .is_some_and(|place| place.join("events/syscalls").is_dir());
    let place = tracefs
        .as_ref()
        .map_or("not mounted".into(), |place| place.to_string_lossy());
    let mut rows = vec![
        row("privileges", missing.is_empty(), &privileges),
        row("tracefs", tracefs.is_some(), &place),
        row(
            "syscalls_events",
            syscall_events,
            "the kernel's own syscalls:* events; without them, Trapline's table serves",
        ),
    ];
    rows.extend(
        ROWS.iter()
            .map(|feature| row(feature.name, (feature.try_it)(), feature.detail)),
    );
    rows.extend([
        refusal(
            row(
                "tp_btf",
                true,
                "system calls by typed raw tracepoints; Linux 5.5",
            ),
            tp_btf(),
        ),
        refusal(
            row(
                "raw_tracepoint",
                true,
                "system calls by raw tracepoints; Linux 4.17",
            ),
            raw_tracepoint(),
        ),
        refusal(
            row(
                "raw_tracepoint_whole",
                true,
                "raw tracepoint programs are not interrupted; else perf tracepoints serve system calls",
            ),
            preemption::in_raw_tracepoints().and_then(|interrupted| match interrupted {
                true => Err(io::Error::other("the scheduler interrupts them")),
                false => Ok(()),
            }),
        ),
        refusal(
            row(
                "perf_link",
                true,
                "tracepoints and timers by links; Linux 5.15",
            ),
            perf_link(),
        ),
        refusal(
            row("test_run", true, "BEGIN and END; Linux 5.10"),
            begin_and_end(),
        ),
        row(
            "kprobe",
            pmu("kprobe"),
            "entry of kernel functions; CONFIG_KPROBE_EVENTS",
        ),
        row(
            "uprobe",
            pmu("uprobe"),
            "functions of programs; CONFIG_UPROBE_EVENTS",
        ),
        row(
            "jit",
            jit(),
            "programs run as machine code (net.core.bpf_jit_enable)",
        ),
    ]);
    rows
}

/// A row that is not available where trying failed, with the kernel's reason.
fn refusal(row: FeatureRow, result: io::Result<()>) -> FeatureRow {
    match result {
        Ok(()) => row,
        Err(error) => FeatureRow {
            available: false,
            detail: format!("{}: {error}", row.detail),
            ..row
        },
    }
}

fn pmu(name: &str) -> bool {
    Path::new("/sys/bus/event_source/devices")
        .join(name)
        .is_dir()
}

fn jit() -> bool {
    std::fs::read_to_string("/proc/sys/net/core/bpf_jit_enable")
        .map_or(true, |setting| setting.trim() != "0")
}

/// Loads a `tp_btf` program for system calls, without attaching it.
pub(crate) fn tp_btf() -> io::Result<()> {
    let id = vmlinux::kernel()
        .and_then(|btf| btf.tracepoint("sys_enter"))
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                format!("{} cannot be read", vmlinux::PATH),
            )
        })?;
    load(ProgramSpec {
        expected_attach_type: sys::ATTACH_TRACE_RAW_TP,
        attach_btf_id: id,
        ..program(prog_type::TRACING, &[RETURN_ZERO, EXIT].concat())
    })
    .map(drop)
}

/// Loads a raw tracepoint program, without attaching it.
pub(crate) fn raw_tracepoint() -> io::Result<()> {
    try_program(prog_type::RAW_TRACEPOINT, &[RETURN_ZERO, EXIT]).map(drop)
}

fn begin_and_end() -> io::Result<()> {
    sys::test_run(try_program(prog_type::RAW_TRACEPOINT, &[RETURN_ZERO, EXIT])?.as_fd())
}

fn perf_link() -> io::Result<()> {
    let program = try_program(prog_type::PERF_EVENT, &[RETURN_ZERO, EXIT])?;
    let cpu = cpu::online()?.first().copied().unwrap_or(0);
    let event = sys::open_perf_event(sys::PerfEvent::Counter {
        hardware: false,
        event: 0,
        cpu,
        period: 1_000_000_000,
    })?;
    sys::link_perf_event(program.as_fd(), event.as_fd(), 0).map(drop)
}

pub(super) fn program(prog_type: u32, instructions: &[u8]) -> ProgramSpec<'_> {
    ProgramSpec {
        name: "probe",
        prog_type,
        expected_attach_type: 0,
        attach_btf_id: 0,
        instructions,
        license: c"GPL",
        debug: None,
    }
}

pub(super) fn load(spec: ProgramSpec<'_>) -> io::Result<OwnedFd> {
    sys::load_program(&spec, &mut [])
}

fn try_program(prog_type: u32, instructions: &[[u8; 8]]) -> io::Result<OwnedFd> {
    load(program(prog_type, &instructions.concat()))
}

fn create_map(map_type: u32, sizes: (u32, u32), max_entries: u32, flags: u32) -> io::Result<Map> {
    let (key_size, value_size) = sizes;
    let spec = MapSpec {
        name: "probe",
        map_type,
        key_size,
        value_size,
        max_entries,
        flags,
        btf: None,
    };
    Map::create(&spec, 1)
}

/// The verifier knows a helper before it looks at arguments: it refuses an unknown one with `EINVAL`, and
/// the missing arguments of a known one with `EACCES`.
fn has_helper(prog_type: u32, number: i32) -> bool {
    match try_program(prog_type, &[helper(number), RETURN_ZERO, EXIT]) {
        Ok(_) => true,
        Err(error) => error.raw_os_error() == Some(libc::EACCES),
    }
}

fn has_ring_buffer() -> bool {
    create_map(map_type::RINGBUF, (0, 0), 1 << 16, 0).is_ok()
}

fn has_atomic_fetch() -> bool {
    let instructions = [
        // *(u64 *)(r10 - 8) = 0
        [0x7a, 0x0a, 0xf8, 0xff, 0, 0, 0, 0],
        // r1 = 1
        [0xb7, 0x01, 0, 0, 1, 0, 0, 0],
        // r1 = atomic_fetch_add((u64 *)(r10 - 8), r1)
        [0xdb, 0x1a, 0xf8, 0xff, 1, 0, 0, 0],
        RETURN_ZERO,
        EXIT,
    ];
    try_program(prog_type::RAW_TRACEPOINT, &instructions).is_ok()
}

fn has_signed_division() -> bool {
    let instructions = [
        RETURN_ZERO,
        // r1 = 2
        [0xb7, 0x01, 0, 0, 2, 0, 0, 0],
        // r0 s/= r1
        [0x3f, 0x10, 1, 0, 0, 0, 0, 0],
        EXIT,
    ];
    try_program(prog_type::RAW_TRACEPOINT, &instructions).is_ok()
}

/// Such a map is made only with the types of its keys and values: an `int` and 64 bits.
fn has_task_storage() -> bool {
    const BPF_F_NO_PREALLOC: u32 = 1;
    const INT: u32 = 1 << 24;
    const SIGNED: u32 = 1 << 24;
    // struct btf_header, then two integers (name, info, size, encoding), then their names.
    let words: [u32; 14] = [
        0x0001_eb9f,
        24,
        0,
        32,
        32,
        8,
        1,
        INT,
        4,
        SIGNED | 32,
        5,
        INT,
        8,
        64,
    ];
    let mut btf: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    btf.extend_from_slice(b"\0int\0u8\0");
    let Ok(btf) = sys::load_btf(&btf) else {
        return false;
    };
    let spec = MapSpec {
        name: "probe",
        map_type: map_type::TASK_STORAGE,
        key_size: 4,
        value_size: 8,
        max_entries: 0,
        flags: BPF_F_NO_PREALLOC,
        btf: Some((btf.as_fd(), 1, 2)),
    };
    Map::create(&spec, 1).is_ok_and(|storage| keeps_with_task(&storage).unwrap_or(false))
}

/// Whether a program gets storage of its task: kernels from 7.0 on have none where the processor lacks `cmpxchg16b`.
fn keeps_with_task(storage: &Map) -> io::Result<bool> {
    const LOOKUP: i32 = 1;
    const GET_CURRENT_TASK_BTF: i32 = 158;
    const TASK_STORAGE_GET: i32 = 156;
    let answer = create_map(map_type::ARRAY, (4, 4), 1, 0)?;
    let load_map = |map: &Map| {
        let [a, b, c, d] = map.as_fd().as_raw_fd().to_le_bytes();
        [[0x18, 0x11, 0, 0, a, b, c, d], [0; 8]].concat()
    };
    let code = [
        helper(GET_CURRENT_TASK_BTF).to_vec(),
        // r2 = r0, r1 = storage, r3 = 0, r4 = BPF_LOCAL_STORAGE_GET_F_CREATE
        vec![0xbf, 0x02, 0, 0, 0, 0, 0, 0],
        load_map(storage),
        vec![0xb7, 0x03, 0, 0, 0, 0, 0, 0],
        vec![0xb7, 0x04, 0, 0, 1, 0, 0, 0],
        helper(TASK_STORAGE_GET).to_vec(),
        // if r0 == 0 goto the end
        vec![0x15, 0x00, 8, 0, 0, 0, 0, 0],
        // *(u32 *)(r10 - 4) = 0, r2 = r10 - 4, r1 = answer
        vec![0x62, 0x0a, 0xfc, 0xff, 0, 0, 0, 0],
        vec![0xbf, 0xa2, 0, 0, 0, 0, 0, 0],
        vec![0x07, 0x02, 0, 0, 0xfc, 0xff, 0xff, 0xff],
        load_map(&answer),
        helper(LOOKUP).to_vec(),
        // if r0 == 0 goto the end, *(u32 *)r0 = 1
        vec![0x15, 0x00, 1, 0, 0, 0, 0, 0],
        vec![0x62, 0x00, 0, 0, 1, 0, 0, 0],
        RETURN_ZERO.to_vec(),
        EXIT.to_vec(),
    ]
    .concat();
    let program = load(program(prog_type::RAW_TRACEPOINT, &code))?;
    sys::test_run(program.as_fd())?;
    let mut word = [0; 4];
    answer.lookup(&[0; 4], &mut word)?;
    Ok(word != [0; 4])
}

/// Before the kernel's BPF allocator, the verifier refused such maps in programs that can interrupt others.
fn has_bpf_allocator() -> bool {
    const BPF_F_NO_PREALLOC: u32 = 1;
    const LOOKUP: i32 = 1;
    let Ok(map) = create_map(map_type::HASH, (4, 4), 1, BPF_F_NO_PREALLOC) else {
        return false;
    };
    let [a, b, c, d] = map.as_fd().as_raw_fd().to_le_bytes();
    let instructions = [
        // *(u32 *)(r10 - 4) = 0
        [0x62, 0x0a, 0xfc, 0xff, 0, 0, 0, 0],
        // r2 = r10 - 4
        [0xbf, 0xa2, 0, 0, 0, 0, 0, 0],
        [0x07, 0x02, 0, 0, 0xfc, 0xff, 0xff, 0xff],
        // r1 = map
        [0x18, 0x11, 0, 0, a, b, c, d],
        [0; 8],
        helper(LOOKUP),
        RETURN_ZERO,
        EXIT,
    ];
    try_program(prog_type::PERF_EVENT, &instructions).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_helpers_are_told_from_known_ones() {
        raw_tracepoint().expect("BPF works here (these tests want root)");
        assert!(
            has_helper(prog_type::RAW_TRACEPOINT, 1),
            "map_lookup_elem is as old as BPF"
        );
        assert!(!has_helper(prog_type::RAW_TRACEPOINT, 100_000));
    }

    #[test]
    fn offsets_agree_with_each_other() {
        let offsets = offsets();
        if vmlinux::kernel().is_none() {
            return assert_eq!(offsets, Offsets::default());
        }
        assert_eq!(
            offsets.upid_size,
            Some(16),
            "struct upid is a number and a pointer"
        );
        assert_eq!(offsets.upid_nr, Some(0));
        assert!(offsets.task_tgid < offsets.task_real_parent);
        assert!(offsets.task_real_parent < offsets.task_group_leader);
    }
}
