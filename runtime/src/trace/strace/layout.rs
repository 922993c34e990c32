//! Where the members of structures lie, by the names that strace prints them under: for 64-bit programs.
//!
//! linux v6.12 include/uapi and arch/x86/include/uapi/asm/stat.h; for arm64 include/uapi/asm-generic/stat.h.

use trapline_lang::syscall::Abi;

/// A structure.
pub(super) struct Layout {
    /// As rows of system calls call it (`trapline_lang::syscall::structure`), or what stands behind arguments without one (`flock`).
    name: &'static str,
    /// Bytes of one.
    pub(super) size: usize,
    /// Where and what its members are, in the order in which strace before 4.20 prints them without their names.
    pub(super) members: &'static [Member],
}

/// A member of a structure.
pub(super) struct Member {
    /// As strace calls it.
    pub(super) name: &'static str,
    /// Where it lies in the structure.
    pub(super) at: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of so many bytes.
    Number(usize),
    /// A string in so many bytes, zeros behind it.
    Text(usize),
    /// A structure of that name, or several.
    Structure(&'static str),
    /// A pointer to structures of that name.
    Pointer(&'static str),
    /// A pointer to bytes.
    Buffer,
}

use Kind::{Buffer, Number, Pointer, Structure, Text};

const fn m(name: &'static str, at: usize, kind: Kind) -> Member {
    Member { name, at, kind }
}

const fn layout(name: &'static str, size: usize, members: &'static [Member]) -> Layout {
    Layout {
        name,
        size,
        members,
    }
}

/// The layout of a name in an ABI; `None` if it is not in the table.
pub(super) fn by_name(name: &str, abi: Abi) -> Option<&'static Layout> {
    let own = match abi {
        Abi::X86_64 => LAYOUTS_X86,
        Abi::Aarch64 => LAYOUTS_ARM,
        // Their programs have 32-bit words.
        Abi::I386 | Abi::X32 | Abi::Arm => return None,
    };
    let mut all = own.iter().chain(LAYOUTS);
    all.find(|layout| layout.name == name)
}

/// Numbers that print as they are: their names, and their bytes.
static NUMBERS: &[(&str, usize)] = &[
    ("int", 4),
    ("u32", 4),
    ("u64", 8),
    ("fd", 4),
    ("uid", 4),
    ("gid", 4),
    ("uid16", 2),
    ("gid16", 2),
    ("loff_t", 8),
    ("off_t", 8),
    ("size_t", 8),
    ("pointer", 8),
    ("socklen", 4),
    ("time_t", 8),
    ("timer_id", 4),
    ("aio_context", 8),
    ("sched_param", 4),
];

/// The bytes of a number of this name; `None` if it is no plain number, or its size is not known in the ABI.
pub(super) fn number(name: &str, abi: Abi) -> Option<usize> {
    let size = NUMBERS.iter().find(|row| row.0 == name)?.1;
    let is_word = matches!(
        name,
        "off_t" | "size_t" | "pointer" | "time_t" | "aio_context"
    );
    let narrow = matches!(abi, Abi::I386 | Abi::X32 | Abi::Arm);
    Some(if is_word && narrow { 4 } else { size })
}

#[rustfmt::skip]
static LAYOUTS_X86: &[Layout] = &[
    layout("stat", 144, &[
        m("st_dev", 0, Number(8)), m("st_ino", 8, Number(8)), m("st_nlink", 16, Number(8)), m("st_mode", 24, Number(4)),
        m("st_uid", 28, Number(4)), m("st_gid", 32, Number(4)), m("st_rdev", 40, Number(8)), m("st_size", 48, Number(8)),
        m("st_blksize", 56, Number(8)), m("st_blocks", 64, Number(8)), m("st_atime", 72, Number(8)),
        m("st_atime_nsec", 80, Number(8)), m("st_mtime", 88, Number(8)), m("st_mtime_nsec", 96, Number(8)),
        m("st_ctime", 104, Number(8)), m("st_ctime_nsec", 112, Number(8)),
    ]),
    layout("epoll_event", 12, &[m("events", 0, Number(4)), m("data", 4, Structure("epoll_data"))]),
];

#[rustfmt::skip]
static LAYOUTS_ARM: &[Layout] = &[
    layout("stat", 128, &[
        m("st_dev", 0, Number(8)), m("st_ino", 8, Number(8)), m("st_mode", 16, Number(4)), m("st_nlink", 20, Number(4)),
        m("st_uid", 24, Number(4)), m("st_gid", 28, Number(4)), m("st_rdev", 32, Number(8)), m("st_size", 48, Number(8)),
        m("st_blksize", 56, Number(4)), m("st_blocks", 64, Number(8)), m("st_atime", 72, Number(8)),
        m("st_atime_nsec", 80, Number(8)), m("st_mtime", 88, Number(8)), m("st_mtime_nsec", 96, Number(8)),
        m("st_ctime", 104, Number(8)), m("st_ctime_nsec", 112, Number(8)),
    ]),
    layout("epoll_event", 16, &[m("events", 0, Number(4)), m("data", 8, Structure("epoll_data"))]),
];

#[rustfmt::skip]
static LAYOUTS: &[Layout] = &[
    layout("timespec", 16, &[m("tv_sec", 0, Number(8)), m("tv_nsec", 8, Number(8))]),
    layout("timeval", 16, &[m("tv_sec", 0, Number(8)), m("tv_usec", 8, Number(8))]),
    layout("timezone", 8, &[m("tz_minuteswest", 0, Number(4)), m("tz_dsttime", 4, Number(4))]),
    layout("itimerspec", 32, &[m("it_interval", 0, Structure("timespec")), m("it_value", 16, Structure("timespec"))]),
    layout("itimerval", 32, &[m("it_interval", 0, Structure("timeval")), m("it_value", 16, Structure("timeval"))]),
    layout("file_timespec", 16, &[m("tv_sec", 0, Number(8)), m("tv_nsec", 8, Number(8))]),
    layout("utimbuf", 16, &[m("actime", 0, Number(8)), m("modtime", 8, Number(8))]),
    layout("tms", 32, &[
        m("tms_utime", 0, Number(8)), m("tms_stime", 8, Number(8)), m("tms_cutime", 16, Number(8)), m("tms_cstime", 24, Number(8)),
    ]),
    layout("timex", 208, &[
        m("modes", 0, Number(4)), m("offset", 8, Number(8)), m("freq", 16, Number(8)), m("maxerror", 24, Number(8)),
        m("esterror", 32, Number(8)), m("status", 40, Number(4)), m("constant", 48, Number(8)), m("precision", 56, Number(8)),
        m("tolerance", 64, Number(8)), m("time", 72, Structure("timeval")), m("tick", 88, Number(8)), m("ppsfreq", 96, Number(8)),
        m("jitter", 104, Number(8)), m("shift", 112, Number(4)), m("stabil", 120, Number(8)), m("jitcnt", 128, Number(8)),
        m("calcnt", 136, Number(8)), m("errcnt", 144, Number(8)), m("stbcnt", 152, Number(8)), m("tai", 160, Number(4)),
    ]),
    layout("statx", 256, &[
        m("stx_mask", 0, Number(4)), m("stx_blksize", 4, Number(4)), m("stx_attributes", 8, Number(8)),
        m("stx_nlink", 16, Number(4)), m("stx_uid", 20, Number(4)), m("stx_gid", 24, Number(4)), m("stx_mode", 28, Number(2)),
        m("stx_ino", 32, Number(8)), m("stx_size", 40, Number(8)), m("stx_blocks", 48, Number(8)),
        m("stx_attributes_mask", 56, Number(8)), m("stx_atime", 64, Structure("statx_timestamp")),
        m("stx_btime", 80, Structure("statx_timestamp")), m("stx_ctime", 96, Structure("statx_timestamp")),
        m("stx_mtime", 112, Structure("statx_timestamp")), m("stx_rdev_major", 128, Number(4)), m("stx_rdev_minor", 132, Number(4)),
        m("stx_dev_major", 136, Number(4)), m("stx_dev_minor", 140, Number(4)), m("stx_mnt_id", 144, Number(8)),
    ]),
    layout("statx_timestamp", 16, &[m("tv_sec", 0, Number(8)), m("tv_nsec", 8, Number(4))]),
    layout("statfs", 120, &[
        m("f_type", 0, Number(8)), m("f_bsize", 8, Number(8)), m("f_blocks", 16, Number(8)), m("f_bfree", 24, Number(8)),
        m("f_bavail", 32, Number(8)), m("f_files", 40, Number(8)), m("f_ffree", 48, Number(8)), m("f_fsid", 56, Structure("fsid")),
        m("f_namelen", 64, Number(8)), m("f_frsize", 72, Number(8)), m("f_flags", 80, Number(8)),
    ]),
    layout("fsid", 8, &[m("val", 0, Structure("int"))]),
    layout("rlimit", 16, &[m("rlim_cur", 0, Number(8)), m("rlim_max", 8, Number(8))]),
    layout("rlimit64", 16, &[m("rlim_cur", 0, Number(8)), m("rlim_max", 8, Number(8))]),
    layout("rusage", 144, &[
        m("ru_utime", 0, Structure("timeval")), m("ru_stime", 16, Structure("timeval")), m("ru_maxrss", 32, Number(8)),
        m("ru_ixrss", 40, Number(8)), m("ru_idrss", 48, Number(8)), m("ru_isrss", 56, Number(8)), m("ru_minflt", 64, Number(8)),
        m("ru_majflt", 72, Number(8)), m("ru_nswap", 80, Number(8)), m("ru_inblock", 88, Number(8)), m("ru_oublock", 96, Number(8)),
        m("ru_msgsnd", 104, Number(8)), m("ru_msgrcv", 112, Number(8)), m("ru_nsignals", 120, Number(8)),
        m("ru_nvcsw", 128, Number(8)), m("ru_nivcsw", 136, Number(8)),
    ]),
    layout("sysinfo", 112, &[
        m("uptime", 0, Number(8)), m("loads", 8, Structure("u64")), m("totalram", 32, Number(8)), m("freeram", 40, Number(8)),
        m("sharedram", 48, Number(8)), m("bufferram", 56, Number(8)), m("totalswap", 64, Number(8)), m("freeswap", 72, Number(8)),
        m("procs", 80, Number(2)), m("totalhigh", 88, Number(8)), m("freehigh", 96, Number(8)), m("mem_unit", 104, Number(4)),
    ]),
    layout("utsname", 390, &[
        m("sysname", 0, Text(65)), m("nodename", 65, Text(65)), m("release", 130, Text(65)), m("version", 195, Text(65)),
        m("machine", 260, Text(65)), m("domainname", 325, Text(65)),
    ]),
    layout("pollfd", 8, &[m("fd", 0, Number(4)), m("events", 4, Number(2)), m("revents", 6, Number(2))]),
    layout("epoll_data", 8, &[m("u32", 0, Number(4)), m("u64", 0, Number(8))]),
    layout("sigaction", 32, &[
        m("sa_handler", 0, Number(8)), m("sa_mask", 24, Structure("sigset")), m("sa_flags", 8, Number(8)),
        m("sa_restorer", 16, Number(8)), m("sa_sigaction", 0, Number(8)),
    ]),
    layout("stack_t", 24, &[m("ss_sp", 0, Number(8)), m("ss_flags", 8, Number(4)), m("ss_size", 16, Number(8))]),
    layout("siginfo", 128, &[
        m("si_signo", 0, Number(4)), m("si_errno", 4, Number(4)), m("si_code", 8, Number(4)), m("si_pid", 16, Number(4)),
        m("si_uid", 20, Number(4)), m("si_status", 24, Number(4)), m("si_utime", 32, Number(8)), m("si_stime", 40, Number(8)),
        m("si_addr", 16, Number(8)), m("si_timerid", 16, Number(4)), m("si_overrun", 20, Number(4)), m("si_int", 24, Number(4)),
        m("si_ptr", 24, Number(8)),
    ]),
    layout("sigset_argpack", 16, &[m("sigmask", 0, Pointer("sigset")), m("sigsetsize", 8, Number(8))]),
    layout("iovec", 16, &[m("iov_base", 0, Buffer), m("iov_len", 8, Number(8))]),
    layout("msghdr", 56, &[
        m("msg_name", 0, Pointer("sockaddr")), m("msg_namelen", 8, Number(4)), m("msg_iov", 16, Pointer("iovec")),
        m("msg_iovlen", 24, Number(8)), m("msg_control", 32, Pointer("cmsghdr")), m("msg_controllen", 40, Number(8)),
        m("msg_flags", 48, Number(4)),
    ]),
    layout("mmsghdr", 64, &[m("msg_hdr", 0, Structure("msghdr")), m("msg_len", 56, Number(4))]),
    layout("open_how", 24, &[m("flags", 0, Number(8)), m("mode", 8, Number(8)), m("resolve", 16, Number(8))]),
    layout("clone_args", 88, &[
        m("flags", 0, Number(8)), m("pidfd", 8, Number(8)), m("child_tid", 16, Number(8)), m("parent_tid", 24, Number(8)),
        m("exit_signal", 32, Number(8)), m("stack", 40, Number(8)), m("stack_size", 48, Number(8)), m("tls", 56, Number(8)),
        m("set_tid", 64, Pointer("int")), m("set_tid_size", 72, Number(8)), m("cgroup", 80, Number(8)),
    ]),
    layout("sched_attr", 48, &[
        m("size", 0, Number(4)), m("sched_policy", 4, Number(4)), m("sched_flags", 8, Number(8)), m("sched_nice", 16, Number(4)),
        m("sched_priority", 20, Number(4)), m("sched_runtime", 24, Number(8)), m("sched_deadline", 32, Number(8)),
        m("sched_period", 40, Number(8)),
    ]),
    layout("cap_header", 8, &[m("version", 0, Number(4)), m("pid", 4, Number(4))]),
    layout("sembuf", 6, &[m("sem_num", 0, Number(2)), m("sem_op", 2, Number(2)), m("sem_flg", 4, Number(2))]),
    layout("mq_attr", 64, &[
        m("mq_flags", 0, Number(8)), m("mq_maxmsg", 8, Number(8)), m("mq_msgsize", 16, Number(8)), m("mq_curmsgs", 24, Number(8)),
    ]),
    layout("futex_waitv", 24, &[m("val", 0, Number(8)), m("uaddr", 8, Number(8)), m("flags", 16, Number(4))]),
    layout("sigevent", 64, &[
        m("sigev_value", 0, Structure("sigval")), m("sigev_signo", 8, Number(4)), m("sigev_notify", 12, Number(4)),
    ]),
    layout("sigval", 8, &[m("sival_int", 0, Number(4)), m("sival_ptr", 0, Number(8))]),
    layout("flock", 32, &[
        m("l_type", 0, Number(2)), m("l_whence", 2, Number(2)), m("l_start", 8, Number(8)), m("l_len", 16, Number(8)),
        m("l_pid", 24, Number(4)),
    ]),
    layout("linger", 8, &[m("l_onoff", 0, Number(4)), m("l_linger", 4, Number(4))]),
    layout("winsize", 8, &[
        m("ws_row", 0, Number(2)), m("ws_col", 2, Number(2)), m("ws_xpixel", 4, Number(2)), m("ws_ypixel", 6, Number(2)),
    ]),
    layout("sock_fprog", 16, &[m("len", 0, Number(2)), m("filter", 8, Number(8))]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use trapline_lang::syscall::structure;

    #[test]
    fn layouts_have_the_sizes_of_their_structures() {
        for abi in [Abi::X86_64, Abi::Aarch64] {
            for row in structure::all() {
                let size = row.size(abi) as usize;
                if let Some(layout) = by_name(row.name, abi) {
                    assert_eq!(layout.size, size, "{}", row.name);
                }
                if let Some(number) = number(row.name, abi) {
                    assert_eq!(number, size, "{}", row.name);
                }
            }
        }
        assert!(by_name("stat", Abi::I386).is_none());
    }

    #[test]
    fn members_lie_in_their_structures() {
        let all = [LAYOUTS_X86, LAYOUTS_ARM, LAYOUTS];
        for layout in all.into_iter().flatten() {
            for member in layout.members {
                let size = match member.kind {
                    Number(size) | Text(size) => size,
                    Pointer(_) | Buffer => 8,
                    Structure("u64") => 24,
                    Structure("int") => 8,
                    Structure("sigset") => 8,
                    Structure(name) => by_name(name, Abi::X86_64).expect(name).size,
                };
                let end = member.at + size;
                assert!(end <= layout.size, "{} {}", layout.name, member.name);
            }
        }
    }
}
