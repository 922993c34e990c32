//! The system calls `bpf` and `perf_event_open`: typed arguments in, file descriptors or `io::Error` out.
//!
//! Every function here is safe: it takes slices and checks their lengths against what the kernel will
//! read or write. What is created with which sizes is decided in [`super::load`] and [`super::attach`].

#![expect(unsafe_code, reason = "talks to the kernel by raw system calls")]

use aya_obj::generated::bpf_prog_info;
use std::ffi::{CStr, c_int, c_long};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

// Numbers of linux v6.12 include/uapi/linux/bpf.h, `enum bpf_cmd`.
const MAP_CREATE: c_int = 0;
const MAP_LOOKUP_ELEM: c_int = 1;
const MAP_UPDATE_ELEM: c_int = 2;
const MAP_DELETE_ELEM: c_int = 3;
const MAP_GET_NEXT_KEY: c_int = 4;
const PROG_LOAD: c_int = 5;
const PROG_TEST_RUN: c_int = 10;
const OBJ_GET_INFO_BY_FD: c_int = 15;
const RAW_TRACEPOINT_OPEN: c_int = 17;
const BTF_LOAD: c_int = 18;
const MAP_FREEZE: c_int = 22;
const MAP_LOOKUP_BATCH: c_int = 24;
const LINK_CREATE: c_int = 28;

/// `BPF_PERF_EVENT` of `enum bpf_attach_type`.
const ATTACH_PERF_EVENT: u32 = 41;
/// `BPF_TRACE_RAW_TP` of `enum bpf_attach_type`.
pub(crate) const ATTACH_TRACE_RAW_TP: u32 = 23;

/// `ENOTSUPP`: the kernel's own "not supported", which user space has no name for.
pub(crate) const ENOTSUPP: i32 = 524;

/// `enum bpf_map_type`, as far as Trapline uses it.
pub(crate) mod map_type {
    /// `BPF_MAP_TYPE_HASH`
    pub(crate) const HASH: u32 = 1;
    /// `BPF_MAP_TYPE_ARRAY`
    pub(crate) const ARRAY: u32 = 2;
    /// `BPF_MAP_TYPE_PERCPU_HASH`
    pub(crate) const PERCPU_HASH: u32 = 5;
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`
    pub(crate) const PERCPU_ARRAY: u32 = 6;
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`
    pub(crate) const LRU_PERCPU_HASH: u32 = 10;
    /// `BPF_MAP_TYPE_RINGBUF`
    pub(crate) const RINGBUF: u32 = 27;
    /// `BPF_MAP_TYPE_TASK_STORAGE`
    pub(crate) const TASK_STORAGE: u32 = 29;
}

/// `enum bpf_prog_type`, as far as Trapline uses it.
pub(crate) mod prog_type {
    /// `BPF_PROG_TYPE_TRACEPOINT`
    pub(crate) const TRACEPOINT: u32 = 5;
    /// `BPF_PROG_TYPE_PERF_EVENT`
    pub(crate) const PERF_EVENT: u32 = 7;
    /// `BPF_PROG_TYPE_RAW_TRACEPOINT`
    pub(crate) const RAW_TRACEPOINT: u32 = 17;
    /// `BPF_PROG_TYPE_TRACING`
    pub(crate) const TRACING: u32 = 26;
}

/// A structure of `union bpf_attr`: plain integers without padding.
///
/// # Safety
/// The type is `repr(C)`, has no padding bytes, and the addresses in it are valid for the command that it
/// is passed with.
unsafe trait Attributes {}

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident: $size:literal { $($field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Default)]
        struct $name { $($field: $ty,)* }
        const _: () = assert!(size_of::<$name>() == $size && $size == 0 $(+ size_of::<$ty>())*);
        // SAFETY: integers only, and the assertion above says that nothing lies between them; each is
        // filled in by one function below, from slices that outlive the call.
        unsafe impl Attributes for $name {}
    )*};
}

// linux v6.12 include/uapi/linux/bpf.h, `union bpf_attr`; the kernel takes what is missing at the end as zero.
attributes! {
    MapCreate: 60 {
        map_type: u32, key_size: u32, value_size: u32, max_entries: u32, map_flags: u32,
        inner_map_fd: u32, numa_node: u32, map_name: [u8; 16], map_ifindex: u32, btf_fd: u32,
        btf_key_type_id: u32, btf_value_type_id: u32,
    }
    MapElement: 32 { map_fd: u32, pad: u32, key: u64, value: u64, flags: u64, }
    MapBatch: 56 {
        in_batch: u64, out_batch: u64, keys: u64, values: u64, count: u32, map_fd: u32,
        elem_flags: u64, flags: u64,
    }
    ProgramLoad: 120 {
        prog_type: u32, insn_cnt: u32, insns: u64, license: u64, log_level: u32, log_size: u32,
        log_buf: u64, kern_version: u32, prog_flags: u32, prog_name: [u8; 16], prog_ifindex: u32,
        expected_attach_type: u32, prog_btf_fd: u32, func_info_rec_size: u32, func_info: u64,
        func_info_cnt: u32, line_info_rec_size: u32, line_info: u64, line_info_cnt: u32,
        attach_btf_id: u32, attach_prog_fd: u32, core_relo_cnt: u32,
    }
    TestRun: 72 {
        prog_fd: u32, retval: u32, data_size_in: u32, data_size_out: u32, data_in: u64,
        data_out: u64, repeat: u32, duration: u32, ctx_size_in: u32, ctx_size_out: u32, ctx_in: u64,
        ctx_out: u64, flags: u32, cpu: u32,
    }
    RawTracepointOpen: 16 { name: u64, prog_fd: u32, pad: u32, }
    LinkCreate: 24 { prog_fd: u32, target_fd: u32, attach_type: u32, flags: u32, bpf_cookie: u64, }
    BtfLoad: 32 {
        btf: u64, btf_log_buf: u64, btf_size: u32, btf_log_size: u32, btf_log_level: u32,
        btf_log_true_size: u32,
    }
    MapFreeze: 4 { map_fd: u32, }
    ObjectInfo: 16 { bpf_fd: u32, info_len: u32, info: u64, }
}

fn bpf<A: Attributes>(command: c_int, attributes: &mut A) -> io::Result<c_int> {
    let size = size_of::<A>() as libc::c_uint;
    // SAFETY: `Attributes` says that `attributes` is `size` initialized bytes in the form that `command`
    // expects, whose addresses the caller keeps valid.
    let result: c_long =
        unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attributes), size) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result as c_int)
}

fn bpf_fd<A: Attributes>(command: c_int, attributes: &mut A) -> io::Result<OwnedFd> {
    let fd = bpf(command, attributes)?;
    // SAFETY: the commands passed here return a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Makes a call that locks memory. Before Linux 5.11 that counts against a limit of 64 KiB, which may be
/// raised; what cannot be raised is left for the kernel to refuse.
fn locking_memory(mut call: impl FnMut() -> io::Result<OwnedFd>) -> io::Result<OwnedFd> {
    match call() {
        Err(error)
            if error.raw_os_error() == Some(libc::EPERM)
                && set_limit(libc::RLIMIT_MEMLOCK, |_| libc::RLIM_INFINITY).is_ok() =>
        {
            call()
        }
        result => result,
    }
}

/// Lets this process open as many files as it may: an event takes two.
pub(crate) fn allow_many_files() -> io::Result<()> {
    set_limit(libc::RLIMIT_NOFILE, |most| most)
}

/// What C libraries number limits by.
#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = c_int;

/// Sets a limit as a function of the highest value that may be set without privileges.
fn set_limit(
    resource: Resource,
    value: impl FnOnce(libc::rlim_t) -> libc::rlim_t,
) -> io::Result<()> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is valid for writes.
    if unsafe { libc::getrlimit(resource, &raw mut limit) } < 0 {
        return Err(io::Error::last_os_error());
    }
    limit.rlim_cur = value(limit.rlim_max);
    limit.rlim_max = limit.rlim_max.max(limit.rlim_cur);
    // SAFETY: `limit` is initialized.
    if unsafe { libc::setrlimit(resource, &raw const limit) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn raw(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd() as u32
}

fn object_name(name: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().take(15).zip(name.bytes()) {
        let allowed = from.is_ascii_alphanumeric() || from == b'_' || from == b'.';
        *to = if allowed { from } else { b'_' };
    }
    bytes
}

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

/// `ENOENT` is an answer, not an error.
fn found(result: io::Result<c_int>) -> io::Result<bool> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives an object's BTF to the kernel.
pub(crate) fn load_btf(btf: &[u8]) -> io::Result<OwnedFd> {
    bpf_fd(
        BTF_LOAD,
        &mut BtfLoad {
            btf: btf.as_ptr() as u64,
            btf_size: btf.len() as u32,
            ..BtfLoad::default()
        },
    )
}

/// What a program is loaded with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgramSpec<'a> {
    pub(crate) name: &'a str,
    pub(crate) prog_type: u32,
    pub(crate) expected_attach_type: u32,
    pub(crate) attach_btf_id: u32,
    /// 8 bytes each.
    pub(crate) instructions: &'a [u8],
    pub(crate) license: &'a CStr,
    /// The object's BTF with function and line information.
    pub(crate) debug: Option<DebugInfo<'a>>,
}

/// Function and line information of a program: arrays of `struct bpf_func_info` (8 bytes) and
/// `struct bpf_line_info` (16 bytes).
#[derive(Clone, Copy, Debug)]
pub(crate) struct DebugInfo<'a> {
    pub(crate) btf: BorrowedFd<'a>,
    pub(crate) functions: &'a [u8],
    pub(crate) lines: &'a [u8],
}

/// Loads a program. The verifier writes what it did to `log`, a C string, if that is not empty.
pub(crate) fn load_program(spec: &ProgramSpec<'_>, log: &mut [u8]) -> io::Result<OwnedFd> {
    const FUNCTION_INFO_SIZE: u32 = 8;
    const LINE_INFO_SIZE: u32 = 16;
    let mut attributes = ProgramLoad {
        prog_type: spec.prog_type,
        insn_cnt: (spec.instructions.len() / 8) as u32,
        insns: spec.instructions.as_ptr() as u64,
        license: spec.license.as_ptr() as u64,
        prog_name: object_name(spec.name),
        expected_attach_type: spec.expected_attach_type,
        attach_btf_id: spec.attach_btf_id,
        ..ProgramLoad::default()
    };
    if let Some(debug) = spec.debug {
        attributes.prog_btf_fd = raw(debug.btf);
        if !debug.functions.is_empty() {
            attributes.func_info = debug.functions.as_ptr() as u64;
            attributes.func_info_cnt = debug.functions.len() as u32 / FUNCTION_INFO_SIZE;
            attributes.func_info_rec_size = FUNCTION_INFO_SIZE;
        }
        if !debug.lines.is_empty() {
            attributes.line_info = debug.lines.as_ptr() as u64;
            attributes.line_info_cnt = debug.lines.len() as u32 / LINE_INFO_SIZE;
            attributes.line_info_rec_size = LINE_INFO_SIZE;
        }
    }
    if !log.is_empty() {
        attributes.log_level = 1;
        attributes.log_size = log.len() as u32;
        attributes.log_buf = log.as_mut_ptr() as u64;
    }
    // A signal makes the verifier give up with EAGAIN; libbpf tries five times as well.
    let mut attempts = 0..5;
    loop {
        match locking_memory(|| bpf_fd(PROG_LOAD, &mut attributes)) {
            Err(error)
                if error.raw_os_error() == Some(libc::EAGAIN) && attempts.next().is_some() => {}
            result => return result,
        }
    }
}

/// Runs a raw tracepoint program once, with zeros for a context. Linux 5.10.
pub(crate) fn test_run(program: BorrowedFd<'_>) -> io::Result<()> {
    // MAX_BPF_FUNC_ARGS words, the most that the kernel takes.
    let context = [0u64; 12];
    bpf(
        PROG_TEST_RUN,
        &mut TestRun {
            prog_fd: raw(program),
            ctx_size_in: size_of_val(&context) as u32,
            ctx_in: context.as_ptr() as u64,
            ..TestRun::default()
        },
    )
    .map(drop)
}

/// Attaches a raw tracepoint program: by the tracepoint's name, or, for `tp_btf`, by the BTF id that it
/// was loaded with. The link is dropped with the descriptor.
pub(crate) fn open_raw_tracepoint(
    program: BorrowedFd<'_>,
    name: Option<&CStr>,
) -> io::Result<OwnedFd> {
    bpf_fd(
        RAW_TRACEPOINT_OPEN,
        &mut RawTracepointOpen {
            name: name.map_or(0, |name| name.as_ptr() as u64),
            prog_fd: raw(program),
            pad: 0,
        },
    )
}

/// Attaches a program to a perf event, with a cookie. Linux 5.15.
pub(crate) fn link_perf_event(
    program: BorrowedFd<'_>,
    event: BorrowedFd<'_>,
    cookie: u64,
) -> io::Result<OwnedFd> {
    bpf_fd(
        LINK_CREATE,
        &mut LinkCreate {
            prog_fd: raw(program),
            target_fd: raw(event),
            attach_type: ATTACH_PERF_EVENT,
            flags: 0,
            bpf_cookie: cookie,
        },
    )
}

/// How often a program was skipped because it was already running on that CPU. Linux 5.12; else 0.
pub(crate) fn missed_runs(program: BorrowedFd<'_>) -> io::Result<u64> {
    const MISSES: usize = std::mem::offset_of!(bpf_prog_info, recursion_misses) / 8;
    // The kernel fills in as much as it knows and as it is given room for.
    let mut info = [0u64; MISSES + 1];
    bpf(
        OBJ_GET_INFO_BY_FD,
        &mut ObjectInfo {
            bpf_fd: raw(program),
            info_len: size_of_val(&info) as u32,
            info: info.as_mut_ptr() as u64,
        },
    )?;
    Ok(info[MISSES])
}

/// What a perf event counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PerfEvent {
    /// The tracepoint with this id in tracefs, on all CPUs.
    Tracepoint {
        /// `events/CATEGORY/NAME/id`
        id: u64,
    },
    /// The CPU clock, overflowing every so many nanoseconds.
    CpuClock {
        /// On which CPU.
        cpu: u32,
        /// Nanoseconds.
        period: u64,
    },
}

/// linux v6.12 include/uapi/linux/perf_event.h, `struct perf_event_attr`, its first published size and
/// one word more (`PERF_ATTR_SIZE_VER1`).
#[repr(C)]
#[derive(Default)]
struct PerfEventAttributes {
    event_type: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    bp_type: u32,
    config1: u64,
    config2: u64,
}

const _: () = assert!(size_of::<PerfEventAttributes>() == 72);

/// Opens a perf event for all processes, disabled.
pub(crate) fn open_perf_event(event: PerfEvent) -> io::Result<OwnedFd> {
    const TYPE_SOFTWARE: u32 = 1;
    const TYPE_TRACEPOINT: u32 = 2;
    const COUNT_SW_CPU_CLOCK: u64 = 0;
    const FLAG_DISABLED: u64 = 1;
    const OPEN_CLOEXEC: libc::c_ulong = 8;
    let (event_type, config, sample_period, cpu) = match event {
        // A tracepoint runs its program wherever it is hit: the CPU is only a formality.
        PerfEvent::Tracepoint { id } => (TYPE_TRACEPOINT, id, 0, 0),
        PerfEvent::CpuClock { cpu, period } => (TYPE_SOFTWARE, COUNT_SW_CPU_CLOCK, period, cpu),
    };
    let attributes = PerfEventAttributes {
        event_type,
        size: size_of::<PerfEventAttributes>() as u32,
        config,
        sample_period,
        flags: FLAG_DISABLED,
        ..PerfEventAttributes::default()
    };
    let (all_processes, no_group): (libc::pid_t, c_int) = (-1, -1);
    // SAFETY: `attributes` is as long as its `size` says and outlives the call.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            std::ptr::from_ref(&attributes),
            all_processes,
            cpu as c_int,
            no_group,
            OPEN_CLOEXEC,
        )
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has returned a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as c_int) })
}

/// Starts a perf event.
pub(crate) fn enable_perf_event(event: BorrowedFd<'_>) -> io::Result<()> {
    /// `PERF_EVENT_IOC_ENABLE`
    const ENABLE: libc::c_ulong = 0x2400;
    perf_ioctl(event, ENABLE, 0)
}

/// Attaches a program to a perf event, for as long as the event is open; without a cookie.
pub(crate) fn set_perf_event_program(
    event: BorrowedFd<'_>,
    program: BorrowedFd<'_>,
) -> io::Result<()> {
    /// `PERF_EVENT_IOC_SET_BPF`
    const SET_BPF: libc::c_ulong = 0x4004_2408;
    perf_ioctl(event, SET_BPF, program.as_raw_fd() as libc::c_ulong)
}

/// Nanoseconds on `CLOCK_MONOTONIC`, which is the clock of `bpf_ktime_get_ns`.
pub(crate) fn monotonic_now() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is valid for writes.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn perf_ioctl(
    event: BorrowedFd<'_>,
    request: libc::c_ulong,
    argument: libc::c_ulong,
) -> io::Result<()> {
    // SAFETY: the two requests that are passed here take an integer, not an address.
    if unsafe { libc::ioctl(event.as_raw_fd(), request as _, argument) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
