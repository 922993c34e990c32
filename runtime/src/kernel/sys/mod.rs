//! The system calls `bpf` and `perf_event_open`: typed arguments in, file descriptors or `io::Error` out.
//!
//! Every function here is safe: it takes slices and checks their lengths against what the kernel will
//! read or write. What is created with which sizes is decided in [`super::load`] and [`super::attach`].
//!
//! This file has the call itself and the forms of its arguments; who fills them in are [`map`] and
//! [`program`].

#![expect(unsafe_code, reason = "talks to the kernel by raw system calls")]

mod limit;
mod map;
mod perf;
mod perf_records;
mod program;

pub(crate) use limit::allow_many_files;
pub(crate) use map::{Map, MapSpec};
pub(crate) use perf::{
    PerfEvent, Scope, disable_perf_event, enable_perf_event, open_perf_event,
    set_perf_event_program,
};
pub(crate) use perf_records::PerfRecords;
pub(crate) use program::{
    DebugInfo, KprobeLink, ProgramSpec, UserLink, count_run_times, link_iterator, link_kprobes,
    link_perf_event, link_user_sites, load_btf, load_program, missed_runs, open_iterator,
    open_raw_tracepoint, run_time, test_run,
};

use std::ffi::{c_int, c_long};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

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
const ITER_CREATE: c_int = 33;
const ENABLE_STATS: c_int = 32;

/// `BPF_PERF_EVENT` of `enum bpf_attach_type`.
const ATTACH_PERF_EVENT: u32 = 41;
/// `BPF_TRACE_RAW_TP` of `enum bpf_attach_type`.
pub(crate) const ATTACH_TRACE_RAW_TP: u32 = 23;
/// `BPF_TRACE_FENTRY`
pub(crate) const ATTACH_TRACE_FENTRY: u32 = 24;
/// `BPF_TRACE_FEXIT`
pub(crate) const ATTACH_TRACE_FEXIT: u32 = 25;
/// `BPF_TRACE_ITER`
pub(crate) const ATTACH_TRACE_ITER: u32 = 28;
/// `BPF_TRACE_KPROBE_MULTI`
pub(crate) const ATTACH_KPROBE_MULTI: u32 = 42;
/// `BPF_TRACE_UPROBE_MULTI`
pub(crate) const ATTACH_UPROBE_MULTI: u32 = 48;

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
    /// `BPF_PROG_TYPE_KPROBE`, for user programs as well.
    pub(crate) const KPROBE: u32 = 2;
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
        // filled in by one function of this module, from slices that outlive the call.
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
    LinkUserSites: 64 {
        prog_fd: u32, target_fd: u32, attach_type: u32, flags: u32, path: u64, offsets: u64,
        counters: u64, cookies: u64, count: u32, multi_flags: u32, pid: u32, pad: u32,
    }
    LinkKprobes: 48 {
        prog_fd: u32, target_fd: u32, attach_type: u32, flags: u32, multi_flags: u32, count: u32,
        symbols: u64, addresses: u64, cookies: u64,
    }
    IteratorCreate: 8 { link_fd: u32, flags: u32, }
    BtfLoad: 32 {
        btf: u64, btf_log_buf: u64, btf_size: u32, btf_log_size: u32, btf_log_level: u32,
        btf_log_true_size: u32,
    }
    MapFreeze: 4 { map_fd: u32, }
    EnableStats: 4 { stats_type: u32, }
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

/// `ENOENT` is an answer, not an error.
fn found(result: io::Result<c_int>) -> io::Result<bool> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The kernel takes system calls of the x32 ABI.
pub(crate) fn serves_x32() -> bool {
    const X32_GETPID: c_long = 0x4000_0000 + 39;
    // SAFETY: asks for the process id, or is refused as an unknown number.
    cfg!(target_arch = "x86_64") && unsafe { libc::syscall(X32_GETPID) } != -1
}

/// Nanoseconds on `CLOCK_MONOTONIC`, which is the clock of `bpf_ktime_get_ns`.
pub(crate) fn monotonic_now() -> u64 {
    now(libc::CLOCK_MONOTONIC)
}

/// Nanoseconds to add to `CLOCK_BOOTTIME` for `CLOCK_TAI`.
pub(crate) fn boot_to_tai() -> u64 {
    now(libc::CLOCK_TAI).wrapping_sub(now(libc::CLOCK_BOOTTIME))
}

/// Nanoseconds to add to one clock for another, by the closest of a few readings.
pub(crate) fn clock_distance(from: libc::clockid_t, to: libc::clockid_t) -> i64 {
    const READINGS: usize = 8;
    let reading = || {
        let (before, there, after) = (now(from), now(to), now(from));
        let length = after.wrapping_sub(before);
        (length, there.wrapping_sub(before + length / 2) as i64)
    };
    let closest = (0..READINGS).map(|_| reading()).min();
    closest.map_or(0, |(_, distance)| distance)
}

fn now(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is valid for writes.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
