//! The sets of arguments of processes and threads.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::set;
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    set("pid", Kind::Int, &[]),
    // include/uapi/linux/wait.h
    set("wait4_options", Kind::Flags, &[
        ("WNOHANG", 1), ("WEXITED", 4), ("WSTOPPED", 2), ("WUNTRACED", 2), ("WCONTINUED", 8), ("WNOWAIT", 0x100_0000),
        ("__WCLONE", 0x8000_0000), ("__WALL", 0x4000_0000), ("__WNOTHREAD", 0x2000_0000),
    ]),
    // include/uapi/linux/wait.h
    set("waitid_type", Kind::HexValues, &[
        ("P_ALL", 0), ("P_PID", 1), ("P_PGID", 2), ("P_PIDFD", 3),
    ]),
    // include/uapi/linux/wait.h
    set("waitid_options", Kind::Flags, &[
        ("WNOHANG", 1), ("WEXITED", 4), ("WSTOPPED", 2), ("WCONTINUED", 8), ("WNOWAIT", 0x100_0000),
        ("__WCLONE", 0x8000_0000), ("__WALL", 0x4000_0000), ("__WNOTHREAD", 0x2000_0000),
    ]),
    // include/uapi/linux/sched.h
    set("clone_flags", Kind::FlagsAndSignal, &[
        ("CLONE_VM", 0x100), ("CLONE_FS", 0x200), ("CLONE_FILES", 0x400), ("CLONE_SIGHAND", 0x800),
        ("CLONE_PIDFD", 0x1000), ("CLONE_PTRACE", 0x2000), ("CLONE_VFORK", 0x4000), ("CLONE_PARENT", 0x8000),
        ("CLONE_THREAD", 0x10000), ("CLONE_NEWNS", 0x20000), ("CLONE_SYSVSEM", 0x40000), ("CLONE_SETTLS", 0x80000),
        ("CLONE_PARENT_SETTID", 0x10_0000), ("CLONE_CHILD_CLEARTID", 0x20_0000), ("CLONE_DETACHED", 0x40_0000),
        ("CLONE_UNTRACED", 0x80_0000), ("CLONE_CHILD_SETTID", 0x100_0000), ("CLONE_NEWCGROUP", 0x200_0000),
        ("CLONE_NEWUTS", 0x400_0000), ("CLONE_NEWIPC", 0x800_0000), ("CLONE_NEWUSER", 0x1000_0000),
        ("CLONE_NEWPID", 0x2000_0000), ("CLONE_NEWNET", 0x4000_0000), ("CLONE_IO", 0x8000_0000),
    ]),
    // include/uapi/linux/sched.h
    set("clone3_flags", Kind::Flags, &[
        ("CLONE_NEWTIME", 0x80), ("CLONE_VM", 0x100), ("CLONE_FS", 0x200), ("CLONE_FILES", 0x400),
        ("CLONE_SIGHAND", 0x800), ("CLONE_PIDFD", 0x1000), ("CLONE_PTRACE", 0x2000), ("CLONE_VFORK", 0x4000),
        ("CLONE_PARENT", 0x8000), ("CLONE_THREAD", 0x10000), ("CLONE_NEWNS", 0x20000), ("CLONE_SYSVSEM", 0x40000),
        ("CLONE_SETTLS", 0x80000), ("CLONE_PARENT_SETTID", 0x10_0000), ("CLONE_CHILD_CLEARTID", 0x20_0000),
        ("CLONE_DETACHED", 0x40_0000), ("CLONE_UNTRACED", 0x80_0000), ("CLONE_CHILD_SETTID", 0x100_0000),
        ("CLONE_NEWCGROUP", 0x200_0000), ("CLONE_NEWUTS", 0x400_0000), ("CLONE_NEWIPC", 0x800_0000),
        ("CLONE_NEWUSER", 0x1000_0000), ("CLONE_NEWPID", 0x2000_0000), ("CLONE_NEWNET", 0x4000_0000),
        ("CLONE_IO", 0x8000_0000), ("CLONE_CLEAR_SIGHAND", 0x1_0000_0000), ("CLONE_INTO_CGROUP", 0x2_0000_0000),
        ("CLONE_AUTOREAP", 0x4_0000_0000), ("CLONE_NNP", 0x8_0000_0000), ("CLONE_PIDFD_AUTOKILL", 0x10_0000_0000),
        ("CLONE_EMPTY_MNTNS", 0x20_0000_0000),
    ]),
    // include/uapi/linux/sched.h
    set("unshare_flags", Kind::Flags, &[
        ("CLONE_NEWTIME", 0x80), ("CLONE_VM", 0x100), ("CLONE_FS", 0x200), ("CLONE_FILES", 0x400),
        ("CLONE_SIGHAND", 0x800), ("CLONE_THREAD", 0x10000), ("CLONE_NEWNS", 0x20000), ("CLONE_SYSVSEM", 0x40000),
        ("CLONE_NEWCGROUP", 0x200_0000), ("CLONE_NEWUTS", 0x400_0000), ("CLONE_NEWIPC", 0x800_0000),
        ("CLONE_NEWUSER", 0x1000_0000), ("CLONE_NEWPID", 0x2000_0000), ("CLONE_NEWNET", 0x4000_0000),
    ]),
    // include/uapi/linux/fcntl.h
    set("execveat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000), ("AT_EXECVE_CHECK", 0x10000),
    ]),
    // include/uapi/linux/prctl.h
    set("prctl_option", Kind::HexValues, &[
        ("PR_SET_PDEATHSIG", 1), ("PR_GET_PDEATHSIG", 2), ("PR_GET_DUMPABLE", 3), ("PR_SET_DUMPABLE", 4),
        ("PR_GET_UNALIGN", 5), ("PR_SET_UNALIGN", 6), ("PR_GET_KEEPCAPS", 7), ("PR_SET_KEEPCAPS", 8),
        ("PR_GET_FPEMU", 9), ("PR_SET_FPEMU", 10), ("PR_GET_FPEXC", 11), ("PR_SET_FPEXC", 12), ("PR_GET_TIMING", 13),
        ("PR_SET_TIMING", 14), ("PR_SET_NAME", 15), ("PR_GET_NAME", 0x10), ("PR_GET_ENDIAN", 19),
        ("PR_SET_ENDIAN", 20), ("PR_GET_SECCOMP", 21), ("PR_SET_SECCOMP", 22), ("PR_CAPBSET_READ", 23),
        ("PR_CAPBSET_DROP", 24), ("PR_GET_TSC", 25), ("PR_SET_TSC", 26), ("PR_GET_SECUREBITS", 27),
        ("PR_SET_SECUREBITS", 28), ("PR_SET_TIMERSLACK", 29), ("PR_GET_TIMERSLACK", 30),
        ("PR_TASK_PERF_EVENTS_DISABLE", 31), ("PR_TASK_PERF_EVENTS_ENABLE", 0x20), ("PR_MCE_KILL", 33),
        ("PR_MCE_KILL_GET", 34), ("PR_SET_MM", 35), ("PR_SET_CHILD_SUBREAPER", 36), ("PR_GET_CHILD_SUBREAPER", 37),
        ("PR_SET_NO_NEW_PRIVS", 38), ("PR_GET_NO_NEW_PRIVS", 39), ("PR_GET_TID_ADDRESS", 40),
        ("PR_SET_THP_DISABLE", 41), ("PR_GET_THP_DISABLE", 42), ("PR_MPX_ENABLE_MANAGEMENT", 43),
        ("PR_MPX_DISABLE_MANAGEMENT", 44), ("PR_SET_FP_MODE", 45), ("PR_GET_FP_MODE", 46), ("PR_CAP_AMBIENT", 47),
        ("PR_SVE_SET_VL", 50), ("PR_SVE_GET_VL", 51), ("PR_GET_SPECULATION_CTRL", 52), ("PR_SET_SPECULATION_CTRL", 53),
        ("PR_PAC_RESET_KEYS", 54), ("PR_SET_TAGGED_ADDR_CTRL", 55), ("PR_GET_TAGGED_ADDR_CTRL", 56),
        ("PR_SET_IO_FLUSHER", 57), ("PR_GET_IO_FLUSHER", 58), ("PR_SET_SYSCALL_USER_DISPATCH", 59),
        ("PR_PAC_SET_ENABLED_KEYS", 60), ("PR_PAC_GET_ENABLED_KEYS", 61), ("PR_SCHED_CORE", 62), ("PR_SME_SET_VL", 63),
        ("PR_SME_GET_VL", 0x40), ("PR_SET_MDWE", 65), ("PR_GET_MDWE", 66), ("PR_SET_MEMORY_MERGE", 67),
        ("PR_GET_MEMORY_MERGE", 68), ("PR_GET_SHADOW_STACK_STATUS", 74), ("PR_SET_SHADOW_STACK_STATUS", 75),
        ("PR_LOCK_SHADOW_STACK_STATUS", 76), ("PR_TIMER_CREATE_RESTORE_IDS", 77), ("PR_FUTEX_HASH", 78),
        ("PR_RSEQ_SLICE_EXTENSION", 79), ("PR_GET_AUXV", 0x4155_5856), ("PR_SET_VMA", 0x5356_4d41),
        ("PR_SET_PTRACER", 0x5961_6d61),
    ]),
    // arch/x86/include/uapi/asm/prctl.h
    set("arch_prctl_code", Kind::HexValues, &[
        ("ARCH_SET_GS", 0x1001), ("ARCH_SET_FS", 0x1002), ("ARCH_GET_FS", 0x1003), ("ARCH_GET_GS", 0x1004),
        ("ARCH_GET_CPUID", 0x1011), ("ARCH_SET_CPUID", 0x1012), ("ARCH_GET_XCOMP_SUPP", 0x1021),
        ("ARCH_GET_XCOMP_PERM", 0x1022), ("ARCH_REQ_XCOMP_PERM", 0x1023), ("ARCH_GET_XCOMP_GUEST_PERM", 0x1024),
        ("ARCH_REQ_XCOMP_GUEST_PERM", 0x1025), ("ARCH_MAP_VDSO_X32", 0x2001), ("ARCH_MAP_VDSO_32", 0x2002),
        ("ARCH_MAP_VDSO_64", 0x2003), ("ARCH_GET_UNTAG_MASK", 0x4001), ("ARCH_ENABLE_TAGGED_ADDR", 0x4002),
        ("ARCH_GET_MAX_TAG_BITS", 0x4003), ("ARCH_FORCE_TAGGED_SVA", 0x4004), ("ARCH_SHSTK_ENABLE", 0x5001),
        ("ARCH_SHSTK_DISABLE", 0x5002), ("ARCH_SHSTK_LOCK", 0x5003), ("ARCH_SHSTK_UNLOCK", 0x5004),
        ("ARCH_SHSTK_STATUS", 0x5005),
    ]),
    // include/uapi/asm-generic/resource.h
    set("rlimit_resource", Kind::HexValues, &[
        ("RLIMIT_CPU", 0), ("RLIMIT_FSIZE", 1), ("RLIMIT_DATA", 2), ("RLIMIT_STACK", 3), ("RLIMIT_CORE", 4),
        ("RLIMIT_RSS", 5), ("RLIMIT_NPROC", 6), ("RLIMIT_NOFILE", 7), ("RLIMIT_MEMLOCK", 8), ("RLIMIT_AS", 9),
        ("RLIMIT_LOCKS", 10), ("RLIMIT_SIGPENDING", 11), ("RLIMIT_MSGQUEUE", 12), ("RLIMIT_NICE", 13),
        ("RLIMIT_RTPRIO", 14), ("RLIMIT_RTTIME", 15),
    ]),
    // include/uapi/linux/resource.h
    set("rusage_who", Kind::HexValues, &[
        ("RUSAGE_SELF", 0), ("RUSAGE_THREAD", 1), ("RUSAGE_BOTH", -2), ("RUSAGE_CHILDREN", -1),
    ]),
    // include/uapi/linux/resource.h
    set("priority_which", Kind::HexValues, &[
        ("PRIO_PROCESS", 0), ("PRIO_PGRP", 1), ("PRIO_USER", 2),
    ]),
    // include/uapi/linux/ioprio.h
    set("ioprio_which", Kind::HexValues, &[
        ("IOPRIO_WHO_PROCESS", 1), ("IOPRIO_WHO_PGRP", 2), ("IOPRIO_WHO_USER", 3),
    ]),
    // include/uapi/linux/ioprio.h
    set("ioprio", Kind::IoPriority, &[
        ("IOPRIO_CLASS_NONE", 0), ("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3),
    ]),
    // include/uapi/linux/sched.h
    set("sched_policy", Kind::FlagsWithField(0xbfff_ffff), &[
        ("SCHED_OTHER", 0), ("SCHED_FIFO", 1), ("SCHED_RR", 2), ("SCHED_BATCH", 3), ("SCHED_ISO", 4),
        ("SCHED_IDLE", 5), ("SCHED_DEADLINE", 6), ("SCHED_EXT", 7), ("SCHED_RESET_ON_FORK", 0x4000_0000),
    ]),
    // include/uapi/linux/sched.h
    set("sched_flags", Kind::Flags, &[
        ("SCHED_FLAG_RESET_ON_FORK", 1), ("SCHED_FLAG_RECLAIM", 2), ("SCHED_FLAG_DL_OVERRUN", 4),
        ("SCHED_FLAG_KEEP_POLICY", 8), ("SCHED_FLAG_KEEP_PARAMS", 0x10), ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20),
        ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40),
    ]),
    // arch/x86/include/uapi/asm/ptrace-abi.h, include/uapi/linux/ptrace.h
    set("ptrace_request", Kind::HexValues, &[
        ("PTRACE_TRACEME", 0), ("PTRACE_PEEKTEXT", 1), ("PTRACE_PEEKDATA", 2), ("PTRACE_PEEKUSER", 3),
        ("PTRACE_PEEKUSR", 3), ("PTRACE_POKETEXT", 4), ("PTRACE_POKEDATA", 5), ("PTRACE_POKEUSER", 6),
        ("PTRACE_POKEUSR", 6), ("PTRACE_CONT", 7), ("PTRACE_KILL", 8), ("PTRACE_SINGLESTEP", 9),
        ("PTRACE_GETREGS", 12), ("PTRACE_SETREGS", 13), ("PTRACE_GETFPREGS", 14), ("PTRACE_SETFPREGS", 15),
        ("PTRACE_ATTACH", 0x10), ("PTRACE_DETACH", 17), ("PTRACE_GETFPXREGS", 18), ("PTRACE_SETFPXREGS", 19),
        ("PTRACE_OLDSETOPTIONS", 21), ("PTRACE_SYSCALL", 24), ("PTRACE_GET_THREAD_AREA", 25),
        ("PTRACE_SET_THREAD_AREA", 26), ("PTRACE_ARCH_PRCTL", 30), ("PTRACE_SYSEMU", 31),
        ("PTRACE_SYSEMU_SINGLESTEP", 0x20), ("PTRACE_SINGLEBLOCK", 33), ("PTRACE_SETOPTIONS", 0x4200),
        ("PTRACE_GETEVENTMSG", 0x4201), ("PTRACE_GETSIGINFO", 0x4202), ("PTRACE_SETSIGINFO", 0x4203),
        ("PTRACE_GETREGSET", 0x4204), ("PTRACE_SETREGSET", 0x4205), ("PTRACE_SEIZE", 0x4206),
        ("PTRACE_INTERRUPT", 0x4207), ("PTRACE_LISTEN", 0x4208), ("PTRACE_PEEKSIGINFO", 0x4209),
        ("PTRACE_GETSIGMASK", 0x420a), ("PTRACE_SETSIGMASK", 0x420b), ("PTRACE_SECCOMP_GET_FILTER", 0x420c),
        ("PTRACE_SECCOMP_GET_METADATA", 0x420d), ("PTRACE_GET_SYSCALL_INFO", 0x420e),
        ("PTRACE_GET_RSEQ_CONFIGURATION", 0x420f), ("PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG", 0x4210),
        ("PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG", 0x4211), ("PTRACE_SET_SYSCALL_INFO", 0x4212),
    ]),
    // include/uapi/linux/ptrace.h
    set("ptrace_options", Kind::Flags, &[
        ("PTRACE_O_TRACESYSGOOD", 1), ("PTRACE_O_TRACEFORK", 2), ("PTRACE_O_TRACEVFORK", 4),
        ("PTRACE_O_TRACECLONE", 8), ("PTRACE_O_TRACEEXEC", 0x10), ("PTRACE_O_TRACEVFORKDONE", 0x20),
        ("PTRACE_O_TRACEEXIT", 0x40), ("PTRACE_O_TRACESECCOMP", 0x80), ("PTRACE_O_EXITKILL", 0x10_0000),
        ("PTRACE_O_SUSPEND_SECCOMP", 0x20_0000),
    ]),
    // include/uapi/linux/pidfd.h
    set("pidfd_flags", Kind::Flags, &[
        ("PIDFD_NONBLOCK", 0x800), ("PIDFD_THREAD", 0x80),
    ]),
    // include/uapi/linux/pidfd.h
    set("pidfd_signal_flags", Kind::Flags, &[
        ("PIDFD_SIGNAL_THREAD", 1), ("PIDFD_SIGNAL_THREAD_GROUP", 2), ("PIDFD_SIGNAL_PROCESS_GROUP", 4),
    ]),
    // include/uapi/linux/kcmp.h
    set("kcmp_type", Kind::HexValues, &[
        ("KCMP_FILE", 0), ("KCMP_VM", 1), ("KCMP_FILES", 2), ("KCMP_FS", 3), ("KCMP_SIGHAND", 4), ("KCMP_IO", 5),
        ("KCMP_SYSVSEM", 6), ("KCMP_EPOLL_TFD", 7),
    ]),
    // include/uapi/linux/personality.h
    set("personality", Kind::FlagsWithField(0xff), &[
        ("PER_LINUX", 0), ("PER_BSD", 6), ("PER_LINUX32", 8), ("PER_RISCOS", 12), ("PER_OSF4", 15), ("PER_HPUX", 0x10),
        ("PER_SVR4", 0x410_0001), ("PER_SVR3", 0x500_0002), ("PER_OSR5", 0x600_0003), ("PER_WYSEV386", 0x500_0004),
        ("PER_ISCR4", 0x400_0005), ("PER_XENIX", 0x500_0007), ("PER_IRIX32", 0x400_0009), ("PER_IRIXN32", 0x400_000a),
        ("PER_IRIX64", 0x400_000b), ("PER_SOLARIS", 0x400_000d), ("PER_UW7", 0x410_000e), ("UNAME26", 0x20000),
        ("ADDR_NO_RANDOMIZE", 0x40000), ("FDPIC_FUNCPTRS", 0x80000), ("MMAP_PAGE_ZERO", 0x10_0000),
        ("ADDR_COMPAT_LAYOUT", 0x20_0000), ("READ_IMPLIES_EXEC", 0x40_0000), ("ADDR_LIMIT_32BIT", 0x80_0000),
        ("SHORT_INODE", 0x100_0000), ("WHOLE_SECONDS", 0x200_0000), ("STICKY_TIMEOUTS", 0x400_0000),
        ("ADDR_LIMIT_3GB", 0x800_0000),
    ]),
    // include/uapi/linux/futex.h
    set("futex_op", Kind::FlagsWithField(0xff), &[
        ("FUTEX_WAIT", 0), ("FUTEX_WAKE", 1), ("FUTEX_FD", 2), ("FUTEX_REQUEUE", 3), ("FUTEX_CMP_REQUEUE", 4),
        ("FUTEX_WAKE_OP", 5), ("FUTEX_LOCK_PI", 6), ("FUTEX_UNLOCK_PI", 7), ("FUTEX_TRYLOCK_PI", 8),
        ("FUTEX_WAIT_BITSET", 9), ("FUTEX_WAKE_BITSET", 10), ("FUTEX_WAIT_REQUEUE_PI", 11),
        ("FUTEX_CMP_REQUEUE_PI", 12), ("FUTEX_LOCK_PI2", 13), ("FUTEX_WAIT_PRIVATE", 0x80),
        ("FUTEX_WAKE_PRIVATE", 129), ("FUTEX_REQUEUE_PRIVATE", 131), ("FUTEX_CMP_REQUEUE_PRIVATE", 132),
        ("FUTEX_WAKE_OP_PRIVATE", 133), ("FUTEX_LOCK_PI_PRIVATE", 134), ("FUTEX_UNLOCK_PI_PRIVATE", 135),
        ("FUTEX_TRYLOCK_PI_PRIVATE", 136), ("FUTEX_WAIT_BITSET_PRIVATE", 137), ("FUTEX_WAKE_BITSET_PRIVATE", 138),
        ("FUTEX_WAIT_REQUEUE_PI_PRIVATE", 139), ("FUTEX_CMP_REQUEUE_PI_PRIVATE", 140), ("FUTEX_LOCK_PI2_PRIVATE", 141),
        ("FUTEX_CLOCK_REALTIME", 0x100),
    ]),
    // include/uapi/linux/futex.h
    set("futex_bitset", Kind::HexValues, &[
        ("FUTEX_BITSET_MATCH_ANY", 0xffff_ffff),
    ]),
    // include/uapi/linux/futex.h
    set("futex2_flags", Kind::FlagsWithField(3), &[
        ("FUTEX2_SIZE_U8", 0), ("FUTEX2_SIZE_U16", 1), ("FUTEX2_SIZE_U32", 2), ("FUTEX2_SIZE_U64", 3),
        ("FUTEX2_NUMA", 4), ("FUTEX2_MPOL", 8), ("FUTEX2_PRIVATE", 0x80),
    ]),
    // include/uapi/linux/rseq.h
    set("rseq_flags", Kind::Flags, &[
        ("RSEQ_FLAG_UNREGISTER", 1), ("RSEQ_FLAG_SLICE_EXT_DEFAULT_ON", 2),
    ]),
    // include/uapi/linux/membarrier.h
    set("membarrier_cmd", Kind::HexValues, &[
        ("MEMBARRIER_CMD_QUERY", 0), ("MEMBARRIER_CMD_GLOBAL", 1), ("MEMBARRIER_CMD_GLOBAL_EXPEDITED", 2),
        ("MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED", 4), ("MEMBARRIER_CMD_PRIVATE_EXPEDITED", 8),
        ("MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED", 0x10), ("MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE", 0x20),
        ("MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE", 0x40), ("MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ", 0x80),
        ("MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ", 0x100), ("MEMBARRIER_CMD_GET_REGISTRATIONS", 0x200),
    ]),
    // include/uapi/linux/membarrier.h
    set("membarrier_flags", Kind::Flags, &[
        ("MEMBARRIER_CMD_FLAG_CPU", 1),
    ]),
    // include/uapi/linux/seccomp.h
    set("seccomp_op", Kind::HexValues, &[
        ("SECCOMP_SET_MODE_STRICT", 0), ("SECCOMP_SET_MODE_FILTER", 1), ("SECCOMP_GET_ACTION_AVAIL", 2),
        ("SECCOMP_GET_NOTIF_SIZES", 3),
    ]),
    // include/uapi/linux/seccomp.h
    set("seccomp_mode", Kind::HexValues, &[
        ("SECCOMP_MODE_DISABLED", 0), ("SECCOMP_MODE_STRICT", 1), ("SECCOMP_MODE_FILTER", 2),
    ]),
    // include/uapi/linux/seccomp.h
    set("seccomp_flags", Kind::Flags, &[
        ("SECCOMP_FILTER_FLAG_TSYNC", 1), ("SECCOMP_FILTER_FLAG_LOG", 2), ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4),
        ("SECCOMP_FILTER_FLAG_NEW_LISTENER", 8), ("SECCOMP_FILTER_FLAG_TSYNC_ESRCH", 0x10),
        ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0x20),
    ]),
    // include/uapi/linux/landlock.h
    set("landlock_create_flags", Kind::Flags, &[
        ("LANDLOCK_CREATE_RULESET_VERSION", 1), ("LANDLOCK_CREATE_RULESET_ERRATA", 2),
    ]),
    // include/uapi/linux/landlock.h
    set("landlock_rule_type", Kind::HexValues, &[
        ("LANDLOCK_RULE_PATH_BENEATH", 1), ("LANDLOCK_RULE_NET_PORT", 2),
    ]),
    // include/uapi/linux/landlock.h
    set("landlock_restrict_flags", Kind::Flags, &[
        ("LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF", 1), ("LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON", 2),
        ("LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF", 4), ("LANDLOCK_RESTRICT_SELF_TSYNC", 8),
    ]),
    // include/uapi/linux/landlock.h
    set("landlock_access_fs", Kind::Flags, &[
        ("LANDLOCK_ACCESS_FS_EXECUTE", 1), ("LANDLOCK_ACCESS_FS_WRITE_FILE", 2), ("LANDLOCK_ACCESS_FS_READ_FILE", 4),
        ("LANDLOCK_ACCESS_FS_READ_DIR", 8), ("LANDLOCK_ACCESS_FS_REMOVE_DIR", 0x10),
        ("LANDLOCK_ACCESS_FS_REMOVE_FILE", 0x20), ("LANDLOCK_ACCESS_FS_MAKE_CHAR", 0x40),
        ("LANDLOCK_ACCESS_FS_MAKE_DIR", 0x80), ("LANDLOCK_ACCESS_FS_MAKE_REG", 0x100),
        ("LANDLOCK_ACCESS_FS_MAKE_SOCK", 0x200), ("LANDLOCK_ACCESS_FS_MAKE_FIFO", 0x400),
        ("LANDLOCK_ACCESS_FS_MAKE_BLOCK", 0x800), ("LANDLOCK_ACCESS_FS_MAKE_SYM", 0x1000),
        ("LANDLOCK_ACCESS_FS_REFER", 0x2000), ("LANDLOCK_ACCESS_FS_TRUNCATE", 0x4000),
        ("LANDLOCK_ACCESS_FS_IOCTL_DEV", 0x8000), ("LANDLOCK_ACCESS_FS_RESOLVE_UNIX", 0x10000),
    ]),
    // include/uapi/linux/landlock.h
    set("landlock_access_net", Kind::Flags, &[
        ("LANDLOCK_ACCESS_NET_BIND_TCP", 1), ("LANDLOCK_ACCESS_NET_CONNECT_TCP", 2),
        ("LANDLOCK_ACCESS_NET_BIND_UDP", 4), ("LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP", 8),
    ]),
    // include/uapi/linux/landlock.h
    set("landlock_scope", Kind::Flags, &[
        ("LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET", 1), ("LANDLOCK_SCOPE_SIGNAL", 2),
    ]),
    // include/uapi/linux/lsm.h
    set("lsm_attr", Kind::HexValues, &[
        ("LSM_ATTR_UNDEF", 0), ("LSM_ATTR_CURRENT", 100), ("LSM_ATTR_EXEC", 101), ("LSM_ATTR_FSCREATE", 102),
        ("LSM_ATTR_KEYCREATE", 103), ("LSM_ATTR_PREV", 104), ("LSM_ATTR_SOCKCREATE", 105),
    ]),
];
