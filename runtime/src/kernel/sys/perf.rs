//! Perf events, which programs hang on: tracepoints, counters, places in code.

#![expect(
    unsafe_code,
    reason = "perf_event_open and its ioctls are raw system calls"
)]

use std::ffi::{CStr, c_int};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// What a perf event counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PerfEvent<'a> {
    /// The tracepoint with this id in tracefs, on all CPUs.
    Tracepoint {
        /// `events/CATEGORY/NAME/id`
        id: u64,
    },
    /// A counter, overflowing every so many events.
    Counter {
        /// Of the processor rather than of the kernel.
        hardware: bool,
        /// `perf_event_attr.config`
        event: u32,
        /// Events.
        period: u64,
        /// On which CPU.
        cpu: u32,
    },
    /// A place in a user program or in the kernel.
    Site {
        /// The type of the `uprobe` or `kprobe` unit in sysfs.
        unit: u32,
        /// The file, or the function.
        name: &'a CStr,
        /// In the file, or from the start of the function.
        offset: u64,
        /// When the function returns.
        returns: bool,
        /// Where in the file the counter of listeners lies; 0 if there is none.
        counter: u64,
        /// Only in this process.
        pid: Option<u32>,
    },
    /// Records of what a process and those that come from it map, execute and fork, from now on.
    Images {
        /// The process.
        pid: u32,
        /// While it runs on this CPU.
        cpu: u32,
    },
    /// A hardware breakpoint.
    Breakpoint {
        /// Where.
        address: u64,
        /// Bytes.
        length: u8,
        /// `HW_BREAKPOINT_*`
        mode: u32,
        /// In which process, or on which CPU.
        scope: Scope,
    },
}

/// Where a perf event counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    /// In a process, on any CPU.
    Process(u32),
    /// On a CPU, in any process.
    Cpu(u32),
    /// In a process, on a CPU.
    ProcessOnCpu(u32, u32),
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

/// Opens a perf event, disabled but for [`PerfEvent::Images`].
pub(crate) fn open_perf_event(event: PerfEvent<'_>) -> io::Result<OwnedFd> {
    const TYPE_HARDWARE: u32 = 0;
    const TYPE_SOFTWARE: u32 = 1;
    const TYPE_TRACEPOINT: u32 = 2;
    const TYPE_BREAKPOINT: u32 = 5;
    const COUNTER_SHIFT: u32 = 32;
    const FLAG_DISABLED: u64 = 1;
    const COUNT_DUMMY: u64 = 9;
    const SAMPLE_TIME: u64 = 1 << 2;
    /// `inherit`, `exclude_kernel`, `mmap`, `comm`, `task`, `sample_id_all`, `mmap2`, `comm_exec`
    const FLAGS_IMAGES: u64 =
        1 << 1 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 13 | 1 << 18 | 1 << 23 | 1 << 24;
    const OPEN_CLOEXEC: libc::c_ulong = 8;
    let mut attributes = PerfEventAttributes {
        size: size_of::<PerfEventAttributes>() as u32,
        flags: FLAG_DISABLED,
        ..PerfEventAttributes::default()
    };
    let scope = match event {
        PerfEvent::Tracepoint { id } => {
            attributes.event_type = TYPE_TRACEPOINT;
            attributes.config = id;
            // A tracepoint runs its program wherever it is hit: the CPU is only a formality.
            Scope::Cpu(0)
        }
        PerfEvent::Counter {
            hardware,
            event,
            period,
            cpu,
        } => {
            attributes.event_type = if hardware {
                TYPE_HARDWARE
            } else {
                TYPE_SOFTWARE
            };
            attributes.config = event.into();
            attributes.sample_period = period;
            Scope::Cpu(cpu)
        }
        PerfEvent::Site {
            unit,
            name,
            offset,
            returns,
            counter,
            pid,
        } => {
            attributes.event_type = unit;
            attributes.config = u64::from(returns) | counter << COUNTER_SHIFT;
            attributes.config1 = name.as_ptr() as u64;
            attributes.config2 = offset;
            pid.map_or(Scope::Cpu(0), Scope::Process)
        }
        PerfEvent::Images { pid, cpu } => {
            attributes.event_type = TYPE_SOFTWARE;
            attributes.config = COUNT_DUMMY;
            attributes.sample_type = SAMPLE_TIME;
            attributes.flags = FLAGS_IMAGES;
            Scope::ProcessOnCpu(pid, cpu)
        }
        PerfEvent::Breakpoint {
            address,
            length,
            mode,
            scope,
        } => {
            attributes.event_type = TYPE_BREAKPOINT;
            attributes.sample_period = 1;
            attributes.bp_type = mode;
            attributes.config1 = address;
            attributes.config2 = length.into();
            scope
        }
    };
    let (pid, cpu): (libc::pid_t, c_int) = match scope {
        Scope::Process(pid) => (pid as libc::pid_t, -1),
        Scope::Cpu(cpu) => (-1, cpu as c_int),
        Scope::ProcessOnCpu(pid, cpu) => (pid as libc::pid_t, cpu as c_int),
    };
    let no_group: c_int = -1;
    // SAFETY: `attributes` is as long as its `size` says; it and the name that it leads to outlive the call.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            std::ptr::from_ref(&attributes),
            pid,
            cpu,
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

/// Stops a perf event.
pub(crate) fn disable_perf_event(event: BorrowedFd<'_>) -> io::Result<()> {
    /// `PERF_EVENT_IOC_DISABLE`
    const DISABLE: libc::c_ulong = 0x2401;
    perf_ioctl(event, DISABLE, 0)
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
