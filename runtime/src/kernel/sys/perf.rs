//! Perf events, which programs hang on: tracepoints and clocks.

#![expect(
    unsafe_code,
    reason = "perf_event_open and its ioctls are raw system calls"
)]

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

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
