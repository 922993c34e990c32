//! Programs: instructions in, descriptors of programs and of what attaches them out.

use super::limit::locking_memory;
use super::{
    ATTACH_PERF_EVENT, BTF_LOAD, BtfLoad, ENABLE_STATS, EnableStats, LINK_CREATE, LinkCreate,
    OBJ_GET_INFO_BY_FD, ObjectInfo, PROG_LOAD, PROG_TEST_RUN, ProgramLoad, RAW_TRACEPOINT_OPEN,
    RawTracepointOpen, TestRun, bpf, bpf_fd, object_name, raw,
};
use aya_obj::generated::bpf_prog_info;
use std::ffi::CStr;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

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

/// Has the kernel count how long programs run, as long as the descriptor is kept. Linux 5.8.
pub(crate) fn count_run_times() -> io::Result<OwnedFd> {
    // BPF_STATS_RUN_TIME
    bpf_fd(ENABLE_STATS, &mut EnableStats { stats_type: 0 })
}

/// How many nanoseconds a program ran in all, and how often, while that was counted. Linux 5.1.
pub(crate) fn run_time(program: BorrowedFd<'_>) -> io::Result<(u64, u64)> {
    const TIME: usize = std::mem::offset_of!(bpf_prog_info, run_time_ns) / 8;
    const RUNS: usize = std::mem::offset_of!(bpf_prog_info, run_cnt) / 8;
    let info = info::<{ RUNS + 1 }>(program)?;
    Ok((info[TIME], info[RUNS]))
}

/// The first words of `struct bpf_prog_info`.
fn info<const WORDS: usize>(program: BorrowedFd<'_>) -> io::Result<[u64; WORDS]> {
    // The kernel fills in as much as it knows and as it is given room for.
    let mut info = [0u64; WORDS];
    bpf(
        OBJ_GET_INFO_BY_FD,
        &mut ObjectInfo {
            bpf_fd: raw(program),
            info_len: size_of_val(&info) as u32,
            info: info.as_mut_ptr() as u64,
        },
    )?;
    Ok(info)
}

/// How often a program was skipped because it was already running on that CPU. Linux 5.12; else 0.
pub(crate) fn missed_runs(program: BorrowedFd<'_>) -> io::Result<u64> {
    const MISSES: usize = std::mem::offset_of!(bpf_prog_info, recursion_misses) / 8;
    Ok(info::<{ MISSES + 1 }>(program)?[MISSES])
}
