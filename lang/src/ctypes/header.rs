//! Which headers need not be read: what they declare is known from the kernel's type information and from
//! [`crate::constant`].

/// Folders of the kernel's and of libc's headers.
const FOLDERS: [&str; 24] = [
    "acpi/",
    "arpa/",
    "asm-generic/",
    "asm/",
    "bits/",
    "block/",
    "bpf/",
    "crypto/",
    "drm/",
    "fs/",
    "kernel/",
    "linux/",
    "misc/",
    "mm/",
    "net/",
    "netinet/",
    "rdma/",
    "scsi/",
    "security/",
    "sound/",
    "sys/",
    "trace/",
    "uapi/",
    "video/",
];

/// Headers outside these folders.
const FILES: [&str; 22] = [
    "ctype.h",
    "dirent.h",
    "errno.h",
    "fcntl.h",
    "grp.h",
    "inttypes.h",
    "limits.h",
    "poll.h",
    "pthread.h",
    "pwd.h",
    "sched.h",
    "signal.h",
    "stdarg.h",
    "stdbool.h",
    "stddef.h",
    "stdint.h",
    "stdio.h",
    "stdlib.h",
    "string.h",
    "time.h",
    "unistd.h",
    "vmlinux.h",
];

/// Whether an `#include` is of a header of the kernel or of libc.
pub fn is_system_header(path: &str) -> bool {
    FOLDERS.iter().any(|folder| path.starts_with(folder)) || FILES.contains(&path)
}
