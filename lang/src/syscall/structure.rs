//! The structures that calls take and give: their names in [`Pointee::Structure`], their sizes.
//!
//! Sizes are those that the kernel reads or writes; of structures that grow (`perf_event_attr`) that of their first
//! version, which all callers have. Arrays of two have a row of their own, `fd[2]`. Whoever prints a structure has a formatter for its name.

use super::shape::{ArgumentShape, Length, Pointee, Shape};
use super::{Abi, Argument};

/// A structure, or an element of an array.
#[derive(Debug, PartialEq, Eq)]
pub struct Structure {
    /// As rows of system calls call it: `timespec`.
    pub name: &'static str,
    /// Bytes of one to 64-bit programs and to 32-bit ones.
    sizes: [u32; 2],
    /// In C, to 64-bit programs.
    pub c: &'static str,
}

const fn structure(name: &'static str, wide: u32, narrow: u32, c: &'static str) -> Structure {
    Structure {
        name,
        sizes: [wide, narrow],
        c,
    }
}

/// linux v7.2.12 include/uapi and, for 32-bit programs, include/linux/compat.h, arch/x86/include/asm/compat.h,
/// arch/x86/include/uapi/asm/stat.h.
#[rustfmt::skip]
const STRUCTURES: &[Structure] = &[
    structure("int", 4, 4, "int"),
    structure("u32", 4, 4, "__u32"),
    structure("u64", 8, 8, "__u64"),
    structure("fd", 4, 4, "int, a file descriptor"),
    structure("uid", 4, 4, "uid_t"),
    structure("gid", 4, 4, "gid_t"),
    structure("uid16", 2, 2, "__kernel_old_uid_t"),
    structure("gid16", 2, 2, "__kernel_old_gid_t"),
    structure("loff_t", 8, 8, "loff_t"),
    structure("off_t", 8, 4, "off_t"),
    structure("size_t", 8, 4, "size_t"),
    structure("pointer", 8, 4, "void *"),
    structure("socklen", 4, 4, "socklen_t"),
    structure("wait_status", 4, 4, "int, as wait(2) has it"),
    structure("time_t", 8, 4, "__kernel_old_time_t, old_time32_t"),
    structure("timer_id", 4, 4, "timer_t"),
    structure("aio_context", 8, 4, "aio_context_t"),
    structure("timespec", 16, 16, "struct __kernel_timespec"),
    structure("old_timespec32", 8, 8, "struct old_timespec32"),
    structure("timeval", 16, 8, "struct __kernel_old_timeval"),
    structure("old_timeval32", 8, 8, "struct old_timeval32"),
    structure("timezone", 8, 8, "struct timezone"),
    structure("itimerspec", 32, 32, "struct __kernel_itimerspec"),
    structure("old_itimerspec32", 16, 16, "struct old_itimerspec32"),
    structure("itimerval", 32, 16, "struct __kernel_old_itimerval"),
    structure("old_itimerval32", 16, 16, "struct old_itimerval32"),
    structure("timex", 208, 208, "struct __kernel_timex"),
    structure("old_timex32", 128, 128, "struct old_timex32"),
    structure("tms", 32, 16, "struct tms"),
    structure("utimbuf", 16, 8, "struct utimbuf"),
    structure("sigevent", 64, 64, "struct sigevent"),
    structure("sockaddr", 128, 128, "struct sockaddr_storage"),
    structure("msghdr", 56, 28, "struct user_msghdr"),
    structure("mmsghdr", 64, 32, "struct mmsghdr"),
    structure("iovec", 16, 8, "struct iovec"),
    structure("socketcall_args", 24, 24, "six longs"),
    structure("stat", 144, 64, "struct stat"),
    structure("stat64", 144, 96, "struct stat64"),
    structure("old_kernel_stat", 32, 32, "struct __old_kernel_stat"),
    structure("statx", 256, 256, "struct statx"),
    structure("statfs", 120, 64, "struct statfs"),
    structure("statfs64", 120, 84, "struct statfs64"),
    structure("ustat", 32, 20, "struct ustat"),
    structure("dirent", 24, 12, "struct linux_dirent"),
    structure("dirent64", 24, 24, "struct linux_dirent64"),
    structure("old_dirent", 268, 268, "struct compat_old_linux_dirent"),
    structure("open_how", 24, 24, "struct open_how"),
    structure("file_handle", 8, 8, "struct file_handle"),
    structure("mount_attr", 32, 32, "struct mount_attr"),
    structure("mnt_id_req", 24, 24, "struct mnt_id_req"),
    structure("ns_id_req", 32, 32, "struct ns_id_req"),
    structure("xattr_args", 16, 16, "struct xattr_args"),
    structure("file_attr", 24, 24, "struct file_attr"),
    structure("cachestat_range", 16, 16, "struct cachestat_range"),
    structure("cachestat", 40, 40, "struct cachestat"),
    structure("pollfd", 8, 8, "struct pollfd"),
    structure("epoll_event", 12, 12, "struct epoll_event"),
    structure("fd_set", 128, 128, "fd_set"),
    structure("sigset_argpack", 16, 8, "a pointer to sigset_t, its size"),
    structure("sigset", 8, 8, "sigset_t"),
    structure("old_sigset", 4, 4, "old_sigset_t"),
    structure("sigaction", 32, 20, "struct sigaction"),
    structure("old_sigaction", 32, 16, "struct old_sigaction"),
    structure("siginfo", 128, 128, "siginfo_t"),
    structure("stack_t", 24, 12, "stack_t"),
    structure("rlimit", 16, 8, "struct rlimit"),
    structure("rlimit64", 16, 16, "struct rlimit64"),
    structure("rusage", 144, 72, "struct rusage"),
    structure("sched_param", 4, 4, "struct sched_param"),
    structure("sched_attr", 48, 48, "struct sched_attr"),
    structure("cpu_mask", 8, 4, "bits of processors, in longs"),
    structure("clone_args", 88, 88, "struct clone_args"),
    structure("cap_header", 8, 8, "struct __user_cap_header_struct"),
    structure("cap_data", 12, 12, "struct __user_cap_data_struct"),
    structure("futex_waitv", 24, 24, "struct futex_waitv"),
    structure("landlock_ruleset_attr", 24, 24, "struct landlock_ruleset_attr"),
    structure("user_desc", 16, 16, "struct user_desc"),
    structure("bpf_attr", 8, 8, "union bpf_attr"),
    structure("perf_event_attr", 64, 64, "struct perf_event_attr"),
    structure("io_uring_params", 120, 120, "struct io_uring_params"),
    structure("iocb", 64, 64, "struct iocb"),
    structure("io_event", 32, 32, "struct io_event"),
    structure("aio_sigset", 16, 8, "struct __aio_sigset"),
    structure("mmap_arg_struct", 24, 24, "struct mmap_arg_struct32"),
    structure("compat_sel_arg_struct", 20, 20, "struct compat_sel_arg_struct"),
    structure("sembuf", 6, 6, "struct sembuf"),
    structure("mq_attr", 64, 32, "struct mq_attr"),
    structure("sysinfo", 112, 64, "struct sysinfo"),
    structure("utsname", 390, 390, "struct new_utsname"),
    structure("old_utsname", 325, 325, "struct old_utsname"),
    structure("oldold_utsname", 45, 45, "struct oldold_utsname"),
    structure("fd[2]", 8, 8, "int[2], file descriptors"),
    structure("timeval[2]", 32, 16, "struct __kernel_old_timeval[2]"),
    structure("old_timeval32[2]", 16, 16, "struct old_timeval32[2]"),
    structure("file_timespec[2]", 32, 32, "struct __kernel_timespec[2], UTIME_NOW and UTIME_OMIT in them"),
    structure("old_timespec32[2]", 16, 16, "struct old_timespec32[2]"),
];

/// What 64-bit ARM has otherwise: include/uapi/asm-generic/stat.h, and no packed `struct epoll_event`.
static ARM: &[(&str, u32)] = &[("stat", 128), ("epoll_event", 16)];

/// What 32-bit programs pass by an argument of this type, where 64-bit ones pass the first structure: the second.
#[rustfmt::skip]
static OF_TYPES: &[(&str, &str, &str)] = &[
    ("struct old_timespec32 *", "timespec", "old_timespec32"),
    ("struct old_timespec32 *", "file_timespec[2]", "old_timespec32[2]"),
    ("struct old_timeval32 *", "timeval", "old_timeval32"),
    ("struct old_timeval32 *", "timeval[2]", "old_timeval32[2]"),
    ("struct old_itimerspec32 *", "itimerspec", "old_itimerspec32"),
    ("struct old_itimerval32 *", "itimerval", "old_itimerval32"),
    ("struct old_timex32 *", "timex", "old_timex32"),
    ("old_uid_t *", "uid", "uid16"),
    ("old_gid_t *", "gid", "gid16"),
    ("compat_off_t *", "loff_t", "off_t"),
];

/// The structure of a name.
pub fn by_name(name: &str) -> Option<&'static Structure> {
    STRUCTURES.iter().find(|row| row.name == name)
}

/// Every structure.
pub fn all() -> &'static [Structure] {
    STRUCTURES
}

impl Structure {
    /// The bytes of one in an ABI.
    pub fn size(&self, abi: Abi) -> u32 {
        let own = ARM.iter().find(|(name, _)| *name == self.name);
        match (abi, own) {
            (Abi::Aarch64, Some((_, size))) => *size,
            (Abi::X86_64 | Abi::Aarch64, _) => self.sizes[0],
            (Abi::I386 | Abi::X32 | Abi::Arm, _) => self.sizes[1],
        }
    }
}

/// The bytes of one to 64-bit programs, for tables.
pub(super) const fn wide_size(name: &str) -> u32 {
    let mut index = 0;
    while index < STRUCTURES.len() {
        if same(STRUCTURES[index].name, name) {
            return STRUCTURES[index].sizes[0];
        }
        index += 1;
    }
    panic!("no structure has that name")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}

/// The shape of an argument in an ABI, from that in a 64-bit one: the structure that its C type says, and its size.
pub(super) fn in_abi(known: ArgumentShape, definition: &Argument, abi: Abi) -> ArgumentShape {
    let Shape::Memory {
        what: Pointee::Structure(name),
        access,
        length,
    } = known.shape
    else {
        return known;
    };
    let bare = definition.c_type.trim_start_matches("const ");
    let own = OF_TYPES
        .iter()
        .find(|(c_type, wide, _)| *c_type == bare && *wide == name);
    let wide = wide_size(name);
    let name = own.map_or(name, |(_, _, narrow)| narrow);
    let size = by_name(name).map_or(wide, |row| row.size(abi));
    let scaled = |bytes: u32| match bytes % wide {
        0 => bytes / wide * size,
        // Not a number of structures, but of bytes.
        _ => bytes,
    };
    let length = match length {
        Length::Fixed(bytes) => Length::Fixed(scaled(bytes)),
        Length::Argument(argument, bytes) => Length::Argument(argument, scaled(bytes)),
        Length::Result(bytes) => Length::Result(scaled(bytes)),
        Length::Terminated | Length::Behind(_) => length,
    };
    let shape = Shape::Memory {
        what: Pointee::Structure(name),
        access,
        length,
    };
    ArgumentShape { shape, ..known }
}
