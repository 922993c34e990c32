//! The sets of arguments of the system as a whole, and of results.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::set;
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    set("hex", Kind::Hex, &[]),
    set("errno", Kind::Errno, &[]),
    set("latency", Kind::Nanoseconds, &[]),
    set("abi", Kind::HexValues, &[
        ("x86_64", 0), ("i386", 1), ("arm64", 2), ("x32", 3), ("arm", 4),
    ]),
    set("syslog_action", Kind::HexValues, &[
        ("SYSLOG_ACTION_CLOSE", 0), ("SYSLOG_ACTION_OPEN", 1), ("SYSLOG_ACTION_READ", 2),
        ("SYSLOG_ACTION_READ_ALL", 3), ("SYSLOG_ACTION_READ_CLEAR", 4), ("SYSLOG_ACTION_CLEAR", 5),
        ("SYSLOG_ACTION_CONSOLE_OFF", 6), ("SYSLOG_ACTION_CONSOLE_ON", 7), ("SYSLOG_ACTION_CONSOLE_LEVEL", 8),
        ("SYSLOG_ACTION_SIZE_UNREAD", 9), ("SYSLOG_ACTION_SIZE_BUFFER", 10),
    ]),
    // include/uapi/linux/random.h
    set("getrandom_flags", Kind::Flags, &[
        ("GRND_NONBLOCK", 1), ("GRND_RANDOM", 2), ("GRND_INSECURE", 4),
    ]),
    // include/uapi/linux/reboot.h
    set("reboot_magic", Kind::HexValues, &[
        ("LINUX_REBOOT_MAGIC1", 0xfee1_dead),
    ]),
    // include/uapi/linux/reboot.h
    set("reboot_magic2", Kind::HexValues, &[
        ("LINUX_REBOOT_MAGIC2A", 0x512_1996), ("LINUX_REBOOT_MAGIC2B", 0x1604_1998),
        ("LINUX_REBOOT_MAGIC2C", 0x2011_2000), ("LINUX_REBOOT_MAGIC2", 0x2812_1969),
    ]),
    // include/uapi/linux/reboot.h
    set("reboot_cmd", Kind::HexValues, &[
        ("LINUX_REBOOT_CMD_CAD_OFF", 0), ("LINUX_REBOOT_CMD_RESTART", 0x123_4567),
        ("LINUX_REBOOT_CMD_POWER_OFF", 0x4321_fedc), ("LINUX_REBOOT_CMD_KEXEC", 0x4558_4543),
        ("LINUX_REBOOT_CMD_CAD_ON", 0x89ab_cdef), ("LINUX_REBOOT_CMD_RESTART2", 0xa1b2_c3d4),
        ("LINUX_REBOOT_CMD_HALT", 0xcdef_0123), ("LINUX_REBOOT_CMD_SW_SUSPEND", 0xd000_fce2),
    ]),
    // include/uapi/linux/bpf.h
    set("bpf_cmd", Kind::HexValues, &[
        ("BPF_MAP_CREATE", 0), ("BPF_MAP_LOOKUP_ELEM", 1), ("BPF_MAP_UPDATE_ELEM", 2), ("BPF_MAP_DELETE_ELEM", 3),
        ("BPF_MAP_GET_NEXT_KEY", 4), ("BPF_PROG_LOAD", 5), ("BPF_OBJ_PIN", 6), ("BPF_OBJ_GET", 7),
        ("BPF_PROG_ATTACH", 8), ("BPF_PROG_DETACH", 9), ("BPF_PROG_TEST_RUN", 10), ("BPF_PROG_RUN", 10),
        ("BPF_PROG_GET_NEXT_ID", 11), ("BPF_MAP_GET_NEXT_ID", 12), ("BPF_PROG_GET_FD_BY_ID", 13),
        ("BPF_MAP_GET_FD_BY_ID", 14), ("BPF_OBJ_GET_INFO_BY_FD", 15), ("BPF_PROG_QUERY", 0x10),
        ("BPF_RAW_TRACEPOINT_OPEN", 17), ("BPF_BTF_LOAD", 18), ("BPF_BTF_GET_FD_BY_ID", 19), ("BPF_TASK_FD_QUERY", 20),
        ("BPF_MAP_LOOKUP_AND_DELETE_ELEM", 21), ("BPF_MAP_FREEZE", 22), ("BPF_BTF_GET_NEXT_ID", 23),
        ("BPF_MAP_LOOKUP_BATCH", 24), ("BPF_MAP_LOOKUP_AND_DELETE_BATCH", 25), ("BPF_MAP_UPDATE_BATCH", 26),
        ("BPF_MAP_DELETE_BATCH", 27), ("BPF_LINK_CREATE", 28), ("BPF_LINK_UPDATE", 29), ("BPF_LINK_GET_FD_BY_ID", 30),
        ("BPF_LINK_GET_NEXT_ID", 31), ("BPF_ENABLE_STATS", 0x20), ("BPF_ITER_CREATE", 33), ("BPF_LINK_DETACH", 34),
        ("BPF_PROG_BIND_MAP", 35), ("BPF_TOKEN_CREATE", 36), ("BPF_PROG_STREAM_READ_BY_FD", 37),
        ("BPF_PROG_ASSOC_STRUCT_OPS", 38),
    ]),
    // include/uapi/linux/bpf.h
    set("bpf_map_type", Kind::HexValues, &[
        ("BPF_MAP_TYPE_UNSPEC", 0), ("BPF_MAP_TYPE_HASH", 1), ("BPF_MAP_TYPE_ARRAY", 2),
        ("BPF_MAP_TYPE_PROG_ARRAY", 3), ("BPF_MAP_TYPE_PERF_EVENT_ARRAY", 4), ("BPF_MAP_TYPE_PERCPU_HASH", 5),
        ("BPF_MAP_TYPE_PERCPU_ARRAY", 6), ("BPF_MAP_TYPE_STACK_TRACE", 7), ("BPF_MAP_TYPE_CGROUP_ARRAY", 8),
        ("BPF_MAP_TYPE_LRU_HASH", 9), ("BPF_MAP_TYPE_LRU_PERCPU_HASH", 10), ("BPF_MAP_TYPE_LPM_TRIE", 11),
        ("BPF_MAP_TYPE_ARRAY_OF_MAPS", 12), ("BPF_MAP_TYPE_HASH_OF_MAPS", 13), ("BPF_MAP_TYPE_DEVMAP", 14),
        ("BPF_MAP_TYPE_SOCKMAP", 15), ("BPF_MAP_TYPE_CPUMAP", 0x10), ("BPF_MAP_TYPE_XSKMAP", 17),
        ("BPF_MAP_TYPE_SOCKHASH", 18), ("BPF_MAP_TYPE_CGROUP_STORAGE", 19), ("BPF_MAP_TYPE_REUSEPORT_SOCKARRAY", 20),
        ("BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE", 21), ("BPF_MAP_TYPE_QUEUE", 22), ("BPF_MAP_TYPE_STACK", 23),
        ("BPF_MAP_TYPE_SK_STORAGE", 24), ("BPF_MAP_TYPE_DEVMAP_HASH", 25), ("BPF_MAP_TYPE_STRUCT_OPS", 26),
        ("BPF_MAP_TYPE_RINGBUF", 27), ("BPF_MAP_TYPE_INODE_STORAGE", 28), ("BPF_MAP_TYPE_TASK_STORAGE", 29),
        ("BPF_MAP_TYPE_BLOOM_FILTER", 30), ("BPF_MAP_TYPE_USER_RINGBUF", 31), ("BPF_MAP_TYPE_CGRP_STORAGE", 0x20),
        ("BPF_MAP_TYPE_ARENA", 33), ("BPF_MAP_TYPE_INSN_ARRAY", 34), ("BPF_MAP_TYPE_RHASH", 35),
    ]),
    // include/uapi/linux/bpf.h
    set("bpf_prog_type", Kind::HexValues, &[
        ("BPF_PROG_TYPE_UNSPEC", 0), ("BPF_PROG_TYPE_SOCKET_FILTER", 1), ("BPF_PROG_TYPE_KPROBE", 2),
        ("BPF_PROG_TYPE_SCHED_CLS", 3), ("BPF_PROG_TYPE_SCHED_ACT", 4), ("BPF_PROG_TYPE_TRACEPOINT", 5),
        ("BPF_PROG_TYPE_XDP", 6), ("BPF_PROG_TYPE_PERF_EVENT", 7), ("BPF_PROG_TYPE_CGROUP_SKB", 8),
        ("BPF_PROG_TYPE_CGROUP_SOCK", 9), ("BPF_PROG_TYPE_LWT_IN", 10), ("BPF_PROG_TYPE_LWT_OUT", 11),
        ("BPF_PROG_TYPE_LWT_XMIT", 12), ("BPF_PROG_TYPE_SOCK_OPS", 13), ("BPF_PROG_TYPE_SK_SKB", 14),
        ("BPF_PROG_TYPE_CGROUP_DEVICE", 15), ("BPF_PROG_TYPE_SK_MSG", 0x10), ("BPF_PROG_TYPE_RAW_TRACEPOINT", 17),
        ("BPF_PROG_TYPE_CGROUP_SOCK_ADDR", 18), ("BPF_PROG_TYPE_LWT_SEG6LOCAL", 19), ("BPF_PROG_TYPE_LIRC_MODE2", 20),
        ("BPF_PROG_TYPE_SK_REUSEPORT", 21), ("BPF_PROG_TYPE_FLOW_DISSECTOR", 22), ("BPF_PROG_TYPE_CGROUP_SYSCTL", 23),
        ("BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", 24), ("BPF_PROG_TYPE_CGROUP_SOCKOPT", 25),
        ("BPF_PROG_TYPE_TRACING", 26), ("BPF_PROG_TYPE_STRUCT_OPS", 27), ("BPF_PROG_TYPE_EXT", 28),
        ("BPF_PROG_TYPE_LSM", 29), ("BPF_PROG_TYPE_SK_LOOKUP", 30), ("BPF_PROG_TYPE_SYSCALL", 31),
        ("BPF_PROG_TYPE_NETFILTER", 0x20),
    ]),
    // include/uapi/linux/bpf.h
    set("bpf_attach_type", Kind::HexValues, &[
        ("BPF_CGROUP_INET_INGRESS", 0), ("BPF_CGROUP_INET_EGRESS", 1), ("BPF_CGROUP_INET_SOCK_CREATE", 2),
        ("BPF_CGROUP_SOCK_OPS", 3), ("BPF_SK_SKB_STREAM_PARSER", 4), ("BPF_SK_SKB_STREAM_VERDICT", 5),
        ("BPF_CGROUP_DEVICE", 6), ("BPF_SK_MSG_VERDICT", 7), ("BPF_CGROUP_INET4_BIND", 8),
        ("BPF_CGROUP_INET6_BIND", 9), ("BPF_CGROUP_INET4_CONNECT", 10), ("BPF_CGROUP_INET6_CONNECT", 11),
        ("BPF_CGROUP_INET4_POST_BIND", 12), ("BPF_CGROUP_INET6_POST_BIND", 13), ("BPF_CGROUP_UDP4_SENDMSG", 14),
        ("BPF_CGROUP_UDP6_SENDMSG", 15), ("BPF_LIRC_MODE2", 0x10), ("BPF_FLOW_DISSECTOR", 17),
        ("BPF_CGROUP_SYSCTL", 18), ("BPF_CGROUP_UDP4_RECVMSG", 19), ("BPF_CGROUP_UDP6_RECVMSG", 20),
        ("BPF_CGROUP_GETSOCKOPT", 21), ("BPF_CGROUP_SETSOCKOPT", 22), ("BPF_TRACE_RAW_TP", 23),
        ("BPF_TRACE_FENTRY", 24), ("BPF_TRACE_FEXIT", 25), ("BPF_MODIFY_RETURN", 26), ("BPF_LSM_MAC", 27),
        ("BPF_TRACE_ITER", 28), ("BPF_CGROUP_INET4_GETPEERNAME", 29), ("BPF_CGROUP_INET6_GETPEERNAME", 30),
        ("BPF_CGROUP_INET4_GETSOCKNAME", 31), ("BPF_CGROUP_INET6_GETSOCKNAME", 0x20), ("BPF_XDP_DEVMAP", 33),
        ("BPF_CGROUP_INET_SOCK_RELEASE", 34), ("BPF_XDP_CPUMAP", 35), ("BPF_SK_LOOKUP", 36), ("BPF_XDP", 37),
        ("BPF_SK_SKB_VERDICT", 38), ("BPF_SK_REUSEPORT_SELECT", 39), ("BPF_SK_REUSEPORT_SELECT_OR_MIGRATE", 40),
        ("BPF_PERF_EVENT", 41), ("BPF_TRACE_KPROBE_MULTI", 42), ("BPF_LSM_CGROUP", 43), ("BPF_STRUCT_OPS", 44),
        ("BPF_NETFILTER", 45), ("BPF_TCX_INGRESS", 46), ("BPF_TCX_EGRESS", 47), ("BPF_TRACE_UPROBE_MULTI", 48),
        ("BPF_CGROUP_UNIX_CONNECT", 49), ("BPF_CGROUP_UNIX_SENDMSG", 50), ("BPF_CGROUP_UNIX_RECVMSG", 51),
        ("BPF_CGROUP_UNIX_GETPEERNAME", 52), ("BPF_CGROUP_UNIX_GETSOCKNAME", 53), ("BPF_NETKIT_PRIMARY", 54),
        ("BPF_NETKIT_PEER", 55), ("BPF_TRACE_KPROBE_SESSION", 56), ("BPF_TRACE_UPROBE_SESSION", 57),
        ("BPF_TRACE_FSESSION", 58), ("BPF_TRACE_FENTRY_MULTI", 59), ("BPF_TRACE_FEXIT_MULTI", 60),
        ("BPF_TRACE_FSESSION_MULTI", 61),
    ]),
    // include/uapi/linux/bpf.h
    set("bpf_map_flags", Kind::Flags, &[
        ("BPF_F_LINK", 0x2000), ("BPF_F_NO_PREALLOC", 1), ("BPF_F_NO_COMMON_LRU", 2), ("BPF_F_NUMA_NODE", 4),
        ("BPF_F_RDONLY", 8), ("BPF_F_WRONLY", 0x10), ("BPF_F_STACK_BUILD_ID", 0x20), ("BPF_F_ZERO_SEED", 0x40),
        ("BPF_F_RDONLY_PROG", 0x80), ("BPF_F_WRONLY_PROG", 0x100), ("BPF_F_CLONE", 0x200), ("BPF_F_MMAPABLE", 0x400),
        ("BPF_F_PRESERVE_ELEMS", 0x800), ("BPF_F_INNER_MAP", 0x1000), ("BPF_F_PATH_FD", 0x4000),
        ("BPF_F_VTYPE_BTF_OBJ_FD", 0x8000), ("BPF_F_TOKEN_FD", 0x10000), ("BPF_F_SEGV_ON_FAULT", 0x20000),
        ("BPF_F_NO_USER_CONV", 0x40000),
    ]),
    // include/uapi/linux/bpf.h
    set("bpf_update_flags", Kind::Flags, &[
        ("BPF_ANY", 0), ("BPF_NOEXIST", 1), ("BPF_EXIST", 2), ("BPF_F_LOCK", 4),
    ]),
    // include/uapi/linux/perf_event.h
    set("perf_event_open_flags", Kind::Flags, &[
        ("PERF_FLAG_FD_NO_GROUP", 1), ("PERF_FLAG_FD_OUTPUT", 2), ("PERF_FLAG_PID_CGROUP", 4),
        ("PERF_FLAG_FD_CLOEXEC", 8),
    ]),
    // include/uapi/linux/perf_event.h
    set("perf_event_type", Kind::HexValues, &[
        ("PERF_TYPE_HARDWARE", 0), ("PERF_TYPE_SOFTWARE", 1), ("PERF_TYPE_TRACEPOINT", 2), ("PERF_TYPE_HW_CACHE", 3),
        ("PERF_TYPE_RAW", 4), ("PERF_TYPE_BREAKPOINT", 5),
    ]),
    // include/uapi/linux/keyctl.h
    set("key_serial", Kind::Int, &[
        ("KEY_SPEC_REQUESTOR_KEYRING", -8), ("KEY_SPEC_REQKEY_AUTH_KEY", -7), ("KEY_SPEC_GROUP_KEYRING", -6),
        ("KEY_SPEC_USER_SESSION_KEYRING", -5), ("KEY_SPEC_USER_KEYRING", -4), ("KEY_SPEC_SESSION_KEYRING", -3),
        ("KEY_SPEC_PROCESS_KEYRING", -2), ("KEY_SPEC_THREAD_KEYRING", -1),
    ]),
    // include/uapi/linux/keyctl.h
    set("keyctl_op", Kind::HexValues, &[
        ("KEYCTL_GET_KEYRING_ID", 0), ("KEYCTL_JOIN_SESSION_KEYRING", 1), ("KEYCTL_UPDATE", 2), ("KEYCTL_REVOKE", 3),
        ("KEYCTL_CHOWN", 4), ("KEYCTL_SETPERM", 5), ("KEYCTL_DESCRIBE", 6), ("KEYCTL_CLEAR", 7), ("KEYCTL_LINK", 8),
        ("KEYCTL_UNLINK", 9), ("KEYCTL_SEARCH", 10), ("KEYCTL_READ", 11), ("KEYCTL_INSTANTIATE", 12),
        ("KEYCTL_NEGATE", 13), ("KEYCTL_SET_REQKEY_KEYRING", 14), ("KEYCTL_SET_TIMEOUT", 15),
        ("KEYCTL_ASSUME_AUTHORITY", 0x10), ("KEYCTL_GET_SECURITY", 17), ("KEYCTL_SESSION_TO_PARENT", 18),
        ("KEYCTL_REJECT", 19), ("KEYCTL_INSTANTIATE_IOV", 20), ("KEYCTL_INVALIDATE", 21),
        ("KEYCTL_GET_PERSISTENT", 22), ("KEYCTL_DH_COMPUTE", 23), ("KEYCTL_PKEY_QUERY", 24),
        ("KEYCTL_PKEY_ENCRYPT", 25), ("KEYCTL_PKEY_DECRYPT", 26), ("KEYCTL_PKEY_SIGN", 27), ("KEYCTL_PKEY_VERIFY", 28),
        ("KEYCTL_RESTRICT_KEYRING", 29), ("KEYCTL_MOVE", 30), ("KEYCTL_CAPABILITIES", 31), ("KEYCTL_WATCH_KEY", 0x20),
    ]),
    // include/uapi/linux/module.h
    set("module_init_flags", Kind::Flags, &[
        ("MODULE_INIT_IGNORE_MODVERSIONS", 1), ("MODULE_INIT_IGNORE_VERMAGIC", 2), ("MODULE_INIT_COMPRESSED_FILE", 4),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("delete_module_flags", Kind::Flags, &[
        ("O_NONBLOCK", 0o4000), ("O_TRUNC", 0o1000),
    ]),
    // include/uapi/linux/kexec.h
    set("kexec_flags", Kind::FlagsWithField(0xffff0000), &[
        ("KEXEC_ARCH_DEFAULT", 0), ("KEXEC_ARCH_386", 0x30000), ("KEXEC_ARCH_68K", 0x40000),
        ("KEXEC_ARCH_PARISC", 0xf0000), ("KEXEC_ARCH_X86_64", 0x3e_0000), ("KEXEC_ARCH_PPC", 0x14_0000),
        ("KEXEC_ARCH_PPC64", 0x15_0000), ("KEXEC_ARCH_IA_64", 0x32_0000), ("KEXEC_ARCH_ARM", 0x28_0000),
        ("KEXEC_ARCH_S390", 0x16_0000), ("KEXEC_ARCH_SH", 0x2a_0000), ("KEXEC_ARCH_MIPS_LE", 0xa0000),
        ("KEXEC_ARCH_MIPS", 0x80000), ("KEXEC_ARCH_AARCH64", 0xb7_0000), ("KEXEC_ARCH_RISCV", 0xf3_0000),
        ("KEXEC_ARCH_LOONGARCH", 0x102_0000), ("KEXEC_ON_CRASH", 1), ("KEXEC_PRESERVE_CONTEXT", 2),
        ("KEXEC_UPDATE_ELFCOREHDR", 4), ("KEXEC_CRASH_HOTPLUG_SUPPORT", 8),
    ]),
    // include/uapi/linux/kexec.h
    set("kexec_file_flags", Kind::Flags, &[
        ("KEXEC_FILE_UNLOAD", 1), ("KEXEC_FILE_ON_CRASH", 2), ("KEXEC_FILE_NO_INITRAMFS", 4), ("KEXEC_FILE_DEBUG", 8),
        ("KEXEC_FILE_NO_CMA", 0x10), ("KEXEC_FILE_FORCE_DTB", 0x20),
    ]),
    // include/uapi/linux/capability.h
    set("capability_version", Kind::HexValues, &[
        ("_LINUX_CAPABILITY_VERSION_1", 0x1998_0330), ("_LINUX_CAPABILITY_VERSION_2", 0x2007_1026),
        ("_LINUX_CAPABILITY_VERSION_3", 0x2008_0522),
    ]),
    // include/uapi/linux/capability.h
    set("capability", Kind::HexValues, &[
        ("CAP_CHOWN", 0), ("CAP_DAC_OVERRIDE", 1), ("CAP_DAC_READ_SEARCH", 2), ("CAP_FOWNER", 3), ("CAP_FSETID", 4),
        ("CAP_KILL", 5), ("CAP_SETGID", 6), ("CAP_SETUID", 7), ("CAP_SETPCAP", 8), ("CAP_LINUX_IMMUTABLE", 9),
        ("CAP_NET_BIND_SERVICE", 10), ("CAP_NET_BROADCAST", 11), ("CAP_NET_ADMIN", 12), ("CAP_NET_RAW", 13),
        ("CAP_IPC_LOCK", 14), ("CAP_IPC_OWNER", 15), ("CAP_SYS_MODULE", 0x10), ("CAP_SYS_RAWIO", 17),
        ("CAP_SYS_CHROOT", 18), ("CAP_SYS_PTRACE", 19), ("CAP_SYS_PACCT", 20), ("CAP_SYS_ADMIN", 21),
        ("CAP_SYS_BOOT", 22), ("CAP_SYS_NICE", 23), ("CAP_SYS_RESOURCE", 24), ("CAP_SYS_TIME", 25),
        ("CAP_SYS_TTY_CONFIG", 26), ("CAP_MKNOD", 27), ("CAP_LEASE", 28), ("CAP_AUDIT_WRITE", 29),
        ("CAP_AUDIT_CONTROL", 30), ("CAP_SETFCAP", 31), ("CAP_MAC_OVERRIDE", 0x20), ("CAP_MAC_ADMIN", 33),
        ("CAP_SYSLOG", 34), ("CAP_WAKE_ALARM", 35), ("CAP_BLOCK_SUSPEND", 36), ("CAP_AUDIT_READ", 37),
        ("CAP_PERFMON", 38), ("CAP_BPF", 39), ("CAP_CHECKPOINT_RESTORE", 40),
    ]),
];
