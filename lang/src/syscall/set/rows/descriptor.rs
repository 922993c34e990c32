//! The sets of arguments of file descriptors.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::{arch, set};
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    // include/uapi/asm-generic/fcntl.h
    set("cloexec_flags", Kind::Flags, &[
        ("O_CLOEXEC", 0o2_000_000),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("pipe_flags", Kind::Flags, &[
        ("O_NONBLOCK", 0o4000), ("O_DIRECT", arch::O_DIRECT), ("O_CLOEXEC", 0o2_000_000),
        ("O_NOTIFICATION_PIPE", 0o200),
    ]),
    // include/uapi/linux/close_range.h
    set("close_range_flags", Kind::Flags, &[
        ("CLOSE_RANGE_UNSHARE", 2), ("CLOSE_RANGE_CLOEXEC", 4),
    ]),
    // include/uapi/linux/fs.h
    set("whence", Kind::HexValues, &[
        ("SEEK_SET", 0), ("SEEK_CUR", 1), ("SEEK_END", 2), ("SEEK_DATA", 3), ("SEEK_HOLE", 4),
    ]),
    // include/uapi/linux/falloc.h
    set("fallocate_mode", Kind::Flags, &[
        ("FALLOC_FL_KEEP_SIZE", 1), ("FALLOC_FL_PUNCH_HOLE", 2), ("FALLOC_FL_NO_HIDE_STALE", 4),
        ("FALLOC_FL_COLLAPSE_RANGE", 8), ("FALLOC_FL_ZERO_RANGE", 0x10), ("FALLOC_FL_INSERT_RANGE", 0x20),
        ("FALLOC_FL_UNSHARE_RANGE", 0x40), ("FALLOC_FL_WRITE_ZEROES", 0x80),
    ]),
    // include/uapi/linux/fadvise.h
    set("fadvise", Kind::HexValues, &[
        ("POSIX_FADV_NORMAL", 0), ("POSIX_FADV_RANDOM", 1), ("POSIX_FADV_SEQUENTIAL", 2), ("POSIX_FADV_WILLNEED", 3),
        ("POSIX_FADV_DONTNEED", 4), ("POSIX_FADV_NOREUSE", 5),
    ]),
    // include/uapi/linux/fs.h
    set("sync_file_range_flags", Kind::Flags, &[
        ("SYNC_FILE_RANGE_WAIT_BEFORE", 1), ("SYNC_FILE_RANGE_WRITE", 2), ("SYNC_FILE_RANGE_WAIT_AFTER", 4),
    ]),
    // include/uapi/linux/fcntl.h, include/uapi/linux/fs.h
    set("rwf_flags", Kind::Flags, &[
        ("RWF_WRITE_LIFE_NOT_SET", 0), ("RWF_HIPRI", 1), ("RWF_DSYNC", 2), ("RWF_SYNC", 4), ("RWF_NOWAIT", 8),
        ("RWF_APPEND", 0x10), ("RWF_NOAPPEND", 0x20), ("RWF_ATOMIC", 0x40), ("RWF_DONTCACHE", 0x80),
        ("RWF_NOSIGNAL", 0x100),
    ]),
    // include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h
    set("fcntl_cmd", Kind::HexValues, &[
        ("F_DUPFD", 0), ("F_GETFD", 1), ("F_SETFD", 2), ("F_GETFL", 3), ("F_SETFL", 4), ("F_GETLK", 5), ("F_SETLK", 6),
        ("F_SETLKW", 7), ("F_SETOWN", 8), ("F_GETOWN", 9), ("F_SETSIG", 10), ("F_GETSIG", 11), ("F_GETLK64", 12),
        ("F_SETLK64", 13), ("F_SETLKW64", 14), ("F_SETOWN_EX", 15), ("F_GETOWN_EX", 0x10), ("F_GETOWNER_UIDS", 17),
        ("F_OFD_GETLK", 36), ("F_OFD_SETLK", 37), ("F_OFD_SETLKW", 38), ("F_SETLEASE", 0x400), ("F_GETLEASE", 0x401),
        ("F_NOTIFY", 0x402), ("F_DUPFD_QUERY", 0x403), ("F_CREATED_QUERY", 0x404), ("F_CANCELLK", 0x405),
        ("F_DUPFD_CLOEXEC", 0x406), ("F_SETPIPE_SZ", 0x407), ("F_GETPIPE_SZ", 0x408), ("F_ADD_SEALS", 0x409),
        ("F_GET_SEALS", 0x40a), ("F_GET_RW_HINT", 0x40b), ("F_SET_RW_HINT", 0x40c), ("F_GET_FILE_RW_HINT", 0x40d),
        ("F_SET_FILE_RW_HINT", 0x40e), ("F_GETDELEG", 0x40f), ("F_SETDELEG", 0x410),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("fd_flags", Kind::Flags, &[
        ("FD_CLOEXEC", 1),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("status_flags", Kind::FlagsWithField(3), &[
        ("O_RDONLY", 0), ("O_WRONLY", 1), ("O_RDWR", 2), ("O_ACCMODE", 3), ("O_CREAT", 0o100), ("O_EXCL", 0o200),
        ("O_NOCTTY", 0o400), ("O_TRUNC", 0o1000), ("O_APPEND", 0o2000), ("O_NONBLOCK", 0o4000),
        ("O_SYNC", 0o4_010_000), ("O_DSYNC", 0o10000), ("O_DIRECT", arch::O_DIRECT),
        ("O_LARGEFILE", arch::O_LARGEFILE), ("O_NOFOLLOW", arch::O_NOFOLLOW), ("O_NOATIME", 0o1_000_000),
        ("O_CLOEXEC", 0o2_000_000), ("O_PATH", 0o10_000_000), ("O_TMPFILE", arch::O_TMPFILE),
        ("O_DIRECTORY", arch::O_DIRECTORY), ("FASYNC", 0x2000), ("O_ASYNC", 0o20000),
    ]),
    // include/uapi/linux/fcntl.h
    set("seal_flags", Kind::Flags, &[
        ("F_SEAL_SEAL", 1), ("F_SEAL_SHRINK", 2), ("F_SEAL_GROW", 4), ("F_SEAL_WRITE", 8),
        ("F_SEAL_FUTURE_WRITE", 0x10), ("F_SEAL_EXEC", 0x20),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("lease_type", Kind::HexValues, &[
        ("F_RDLCK", 0), ("F_WRLCK", 1), ("F_UNLCK", 2), ("F_EXLCK", 4), ("F_SHLCK", 8),
    ]),
    // include/uapi/linux/fcntl.h
    set("notify_flags", Kind::Flags, &[
        ("DN_ACCESS", 1), ("DN_MODIFY", 2), ("DN_CREATE", 4), ("DN_DELETE", 8), ("DN_RENAME", 0x10),
        ("DN_ATTRIB", 0x20), ("DN_MULTISHOT", 0x8000_0000),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("owner_type", Kind::HexValues, &[
        ("F_OWNER_TID", 0), ("F_OWNER_PID", 1), ("F_OWNER_PGRP", 2),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("flock_operation", Kind::Flags, &[
        ("LOCK_SH", 1), ("LOCK_EX", 2), ("LOCK_NB", 4), ("LOCK_UN", 8), ("LOCK_MAND", 0x20), ("LOCK_RW", 192),
        ("LOCK_READ", 0x40), ("LOCK_WRITE", 0x80),
    ]),
    // include/uapi/linux/eventpoll.h
    set("epoll_create_flags", Kind::Flags, &[
        ("EPOLL_CLOEXEC", 0x80000),
    ]),
    // include/uapi/linux/eventpoll.h
    set("epoll_op", Kind::HexValues, &[
        ("EPOLL_CTL_ADD", 1), ("EPOLL_CTL_DEL", 2), ("EPOLL_CTL_MOD", 3),
    ]),
    // include/uapi/linux/eventpoll.h
    set("epoll_events", Kind::Flags, &[
        ("EPOLLIN", 1), ("EPOLLPRI", 2), ("EPOLLOUT", 4), ("EPOLLERR", 8), ("EPOLLHUP", 0x10), ("EPOLLNVAL", 0x20),
        ("EPOLLRDNORM", 0x40), ("EPOLLRDBAND", 0x80), ("EPOLLWRNORM", 0x100), ("EPOLLWRBAND", 0x200),
        ("EPOLLMSG", 0x400), ("EPOLLRDHUP", 0x2000), ("EPOLLEXCLUSIVE", 0x1000_0000), ("EPOLLWAKEUP", 0x2000_0000),
        ("EPOLLONESHOT", 0x4000_0000), ("EPOLLET", 0x8000_0000),
    ]),
    // include/uapi/asm-generic/poll.h
    set("poll_events", Kind::Flags, &[
        ("POLLIN", 1), ("POLLPRI", 2), ("POLLOUT", 4), ("POLLERR", 8), ("POLLHUP", 0x10), ("POLLNVAL", 0x20),
        ("POLLRDNORM", 0x40), ("POLLRDBAND", 0x80), ("POLLWRNORM", 0x100), ("POLLWRBAND", 0x200), ("POLLMSG", 0x400),
        ("POLLREMOVE", 0x1000), ("POLLRDHUP", 0x2000), ("POLL_BUSY_LOOP", 0x8000),
    ]),
    // include/uapi/linux/eventfd.h
    set("eventfd_flags", Kind::Flags, &[
        ("EFD_SEMAPHORE", 1), ("EFD_CLOEXEC", 0o2_000_000), ("EFD_NONBLOCK", 0o4000),
    ]),
    set("splice_flags", Kind::Flags, &[
        ("SPLICE_F_MOVE", 1), ("SPLICE_F_NONBLOCK", 2), ("SPLICE_F_MORE", 4), ("SPLICE_F_GIFT", 8),
    ]),
    // include/uapi/linux/memfd.h
    set("memfd_flags", Kind::Flags, &[
        ("MFD_CLOEXEC", 1), ("MFD_ALLOW_SEALING", 2), ("MFD_HUGETLB", 4), ("MFD_NOEXEC_SEAL", 8), ("MFD_EXEC", 0x10),
        ("31<<MFD_HUGE_SHIFT", 31 << 26), ("30<<MFD_HUGE_SHIFT", 30 << 26), ("29<<MFD_HUGE_SHIFT", 29 << 26),
        ("23<<MFD_HUGE_SHIFT", 23 << 26), ("28<<MFD_HUGE_SHIFT", 28 << 26), ("25<<MFD_HUGE_SHIFT", 25 << 26),
        ("21<<MFD_HUGE_SHIFT", 21 << 26), ("19<<MFD_HUGE_SHIFT", 19 << 26), ("34<<MFD_HUGE_SHIFT", 34 << 26),
        ("24<<MFD_HUGE_SHIFT", 24 << 26), ("20<<MFD_HUGE_SHIFT", 20 << 26), ("16<<MFD_HUGE_SHIFT", 16 << 26),
    ]),
    // include/uapi/asm-generic/fcntl.h, include/uapi/linux/userfaultfd.h
    set("userfaultfd_flags", Kind::Flags, &[
        ("UFFD_USER_MODE_ONLY", 1), ("O_NONBLOCK", 0o4000), ("O_CLOEXEC", 0o2_000_000),
    ]),
    // include/uapi/linux/io_uring.h
    set("io_uring_setup_flags", Kind::Flags, &[
        ("IORING_SETUP_IOPOLL", 1), ("IORING_SETUP_SQPOLL", 2), ("IORING_SETUP_SQ_AFF", 4), ("IORING_SETUP_CQSIZE", 8),
        ("IORING_SETUP_CLAMP", 0x10), ("IORING_SETUP_ATTACH_WQ", 0x20), ("IORING_SETUP_R_DISABLED", 0x40),
        ("IORING_SETUP_SUBMIT_ALL", 0x80), ("IORING_SETUP_COOP_TASKRUN", 0x100), ("IORING_SETUP_TASKRUN_FLAG", 0x200),
        ("IORING_SETUP_SQE128", 0x400), ("IORING_SETUP_CQE32", 0x800), ("IORING_SETUP_SINGLE_ISSUER", 0x1000),
        ("IORING_SETUP_DEFER_TASKRUN", 0x2000), ("IORING_SETUP_NO_MMAP", 0x4000),
        ("IORING_SETUP_REGISTERED_FD_ONLY", 0x8000), ("IORING_SETUP_NO_SQARRAY", 0x10000),
        ("IORING_SETUP_HYBRID_IOPOLL", 0x20000), ("IORING_SETUP_CQE_MIXED", 0x40000),
        ("IORING_SETUP_SQE_MIXED", 0x80000), ("IORING_SETUP_SQ_REWIND", 0x10_0000),
    ]),
    // include/uapi/linux/io_uring.h
    set("io_uring_features", Kind::Flags, &[
        ("IORING_FEAT_SINGLE_MMAP", 1), ("IORING_FEAT_NODROP", 2), ("IORING_FEAT_SUBMIT_STABLE", 4),
        ("IORING_FEAT_RW_CUR_POS", 8), ("IORING_FEAT_CUR_PERSONALITY", 0x10), ("IORING_FEAT_FAST_POLL", 0x20),
        ("IORING_FEAT_POLL_32BITS", 0x40), ("IORING_FEAT_SQPOLL_NONFIXED", 0x80), ("IORING_FEAT_EXT_ARG", 0x100),
        ("IORING_FEAT_NATIVE_WORKERS", 0x200), ("IORING_FEAT_RSRC_TAGS", 0x400), ("IORING_FEAT_CQE_SKIP", 0x800),
        ("IORING_FEAT_LINKED_FILE", 0x1000), ("IORING_FEAT_REG_REG_RING", 0x2000),
        ("IORING_FEAT_RECVSEND_BUNDLE", 0x4000), ("IORING_FEAT_MIN_TIMEOUT", 0x8000), ("IORING_FEAT_RW_ATTR", 0x10000),
        ("IORING_FEAT_NO_IOWAIT", 0x20000),
    ]),
    // include/uapi/linux/io_uring.h
    set("io_uring_enter_flags", Kind::Flags, &[
        ("IORING_ENTER_GETEVENTS", 1), ("IORING_ENTER_SQ_WAKEUP", 2), ("IORING_ENTER_SQ_WAIT", 4),
        ("IORING_ENTER_EXT_ARG", 8), ("IORING_ENTER_REGISTERED_RING", 0x10), ("IORING_ENTER_ABS_TIMER", 0x20),
        ("IORING_ENTER_EXT_ARG_REG", 0x40), ("IORING_ENTER_NO_IOWAIT", 0x80),
    ]),
    // include/uapi/linux/io_uring.h
    set("io_uring_register_op", Kind::HexValues, &[
        ("IORING_REGISTER_BUFFERS", 0), ("IORING_UNREGISTER_BUFFERS", 1), ("IORING_REGISTER_FILES", 2),
        ("IORING_UNREGISTER_FILES", 3), ("IORING_REGISTER_EVENTFD", 4), ("IORING_UNREGISTER_EVENTFD", 5),
        ("IORING_REGISTER_FILES_UPDATE", 6), ("IORING_REGISTER_EVENTFD_ASYNC", 7), ("IORING_REGISTER_PROBE", 8),
        ("IORING_REGISTER_PERSONALITY", 9), ("IORING_UNREGISTER_PERSONALITY", 10),
        ("IORING_REGISTER_RESTRICTIONS", 11), ("IORING_REGISTER_ENABLE_RINGS", 12), ("IORING_REGISTER_FILES2", 13),
        ("IORING_REGISTER_FILES_UPDATE2", 14), ("IORING_REGISTER_BUFFERS2", 15),
        ("IORING_REGISTER_BUFFERS_UPDATE", 0x10), ("IORING_REGISTER_IOWQ_AFF", 17), ("IORING_UNREGISTER_IOWQ_AFF", 18),
        ("IORING_REGISTER_IOWQ_MAX_WORKERS", 19), ("IORING_REGISTER_RING_FDS", 20), ("IORING_UNREGISTER_RING_FDS", 21),
        ("IORING_REGISTER_PBUF_RING", 22), ("IORING_UNREGISTER_PBUF_RING", 23), ("IORING_REGISTER_SYNC_CANCEL", 24),
        ("IORING_REGISTER_FILE_ALLOC_RANGE", 25), ("IORING_REGISTER_PBUF_STATUS", 26), ("IORING_REGISTER_NAPI", 27),
        ("IORING_UNREGISTER_NAPI", 28), ("IORING_REGISTER_CLOCK", 29), ("IORING_REGISTER_CLONE_BUFFERS", 30),
        ("IORING_REGISTER_SEND_MSG_RING", 31), ("IORING_REGISTER_ZCRX_IFQ", 0x20),
        ("IORING_REGISTER_RESIZE_RINGS", 33), ("IORING_REGISTER_MEM_REGION", 34), ("IORING_REGISTER_QUERY", 35),
        ("IORING_REGISTER_ZCRX_CTRL", 36), ("IORING_REGISTER_BPF_FILTER", 37),
    ]),
];
