//! The sets of arguments of names of files and file systems.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::{arch, set};
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    set("access_mode", Kind::Flags, &[
        ("F_OK", 0), ("R_OK", 4), ("W_OK", 2), ("X_OK", 1),
    ]),
    set("mode", Kind::Octal, &[]),
    set("mknod_mode", Kind::FileMode, &[]),
    set("device", Kind::Device, &[]),
    set("id", Kind::Int, &[
        ("-1", -1),
    ]),
    set("fd", Kind::Int, &[]),
    // include/uapi/linux/fcntl.h
    set("dirfd", Kind::Int, &[
        ("AT_FDCWD", -100),
    ]),
    // include/uapi/asm-generic/fcntl.h
    set("open_flags", Kind::FlagsWithField(3), &[
        ("O_RDONLY", 0), ("O_WRONLY", 1), ("O_RDWR", 2), ("O_ACCMODE", 3), ("O_CREAT", 0o100), ("O_EXCL", 0o200),
        ("O_NOCTTY", 0o400), ("O_TRUNC", 0o1000), ("O_APPEND", 0o2000), ("O_NONBLOCK", 0o4000),
        ("O_SYNC", 0o4_010_000), ("O_DSYNC", 0o10000), ("O_DIRECT", arch::O_DIRECT),
        ("O_LARGEFILE", arch::O_LARGEFILE), ("O_NOFOLLOW", arch::O_NOFOLLOW), ("O_NOATIME", 0o1_000_000),
        ("O_CLOEXEC", 0o2_000_000), ("O_PATH", 0o10_000_000), ("O_TMPFILE", arch::O_TMPFILE),
        ("O_DIRECTORY", arch::O_DIRECTORY), ("FASYNC", 0x2000), ("O_ASYNC", 0o20000),
    ]),
    // include/uapi/linux/openat2.h
    set("resolve_flags", Kind::Flags, &[
        ("RESOLVE_NO_XDEV", 1), ("RESOLVE_NO_MAGICLINKS", 2), ("RESOLVE_NO_SYMLINKS", 4), ("RESOLVE_BENEATH", 8),
        ("RESOLVE_IN_ROOT", 0x10), ("RESOLVE_CACHED", 0x20),
    ]),
    // include/uapi/linux/fcntl.h
    set("faccessat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EACCESS", 0x200), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h
    set("fstatat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_NO_AUTOMOUNT", 0x800), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h
    set("statx_flags", Kind::FlagsWithField(0x6000), &[
        ("AT_STATX_SYNC_AS_STAT", 0), ("AT_STATX_FORCE_SYNC", 0x2000), ("AT_STATX_DONT_SYNC", 0x4000),
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_REMOVEDIR", 0x200), ("AT_SYMLINK_FOLLOW", 0x400),
        ("AT_NO_AUTOMOUNT", 0x800), ("AT_EMPTY_PATH", 0x1000), ("AT_RECURSIVE", 0x8000),
    ]),
    // include/uapi/linux/stat.h
    set("statx_mask", Kind::Flags, &[
        ("STATX_ALL", 0xfff), ("STATX_BASIC_STATS", 0x7ff), ("STATX_TYPE", 1), ("STATX_MODE", 2), ("STATX_NLINK", 4),
        ("STATX_UID", 8), ("STATX_GID", 0x10), ("STATX_ATIME", 0x20), ("STATX_MTIME", 0x40), ("STATX_CTIME", 0x80),
        ("STATX_INO", 0x100), ("STATX_SIZE", 0x200), ("STATX_BLOCKS", 0x400), ("STATX_BTIME", 0x800),
        ("STATX_MNT_ID", 0x1000), ("STATX_DIOALIGN", 0x2000), ("STATX_MNT_ID_UNIQUE", 0x4000),
        ("STATX_SUBVOL", 0x8000), ("STATX_WRITE_ATOMIC", 0x10000), ("STATX_DIO_READ_ALIGN", 0x20000),
    ]),
    // include/uapi/linux/stat.h
    set("statx_attributes", Kind::Flags, &[
        ("STATX_ATTR_COMPRESSED", 4), ("STATX_ATTR_IMMUTABLE", 0x10), ("STATX_ATTR_APPEND", 0x20),
        ("STATX_ATTR_NODUMP", 0x40), ("STATX_ATTR_ENCRYPTED", 0x800), ("STATX_ATTR_AUTOMOUNT", 0x1000),
        ("STATX_ATTR_MOUNT_ROOT", 0x2000), ("STATX_ATTR_VERITY", 0x10_0000), ("STATX_ATTR_DAX", 0x20_0000),
        ("STATX_ATTR_WRITE_ATOMIC", 0x40_0000),
    ]),
    // include/uapi/linux/fcntl.h
    set("fchmodat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h
    set("fchownat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h
    set("unlinkat_flags", Kind::Flags, &[
        ("AT_REMOVEDIR", 0x200),
    ]),
    // include/uapi/linux/fcntl.h
    set("linkat_flags", Kind::Flags, &[
        ("AT_SYMLINK_FOLLOW", 0x400), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h
    set("name_to_handle_flags", Kind::Flags, &[
        ("AT_SYMLINK_FOLLOW", 0x400), ("AT_EMPTY_PATH", 0x1000), ("AT_HANDLE_FID", 0x200),
        ("AT_HANDLE_MNT_ID_UNIQUE", 1), ("AT_HANDLE_CONNECTABLE", 2),
    ]),
    // include/uapi/linux/fcntl.h
    set("utimensat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h
    set("xattrat_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_EMPTY_PATH", 0x1000),
    ]),
    // include/uapi/linux/fcntl.h, include/uapi/linux/mount.h
    set("open_tree_flags", Kind::Flags, &[
        ("OPEN_TREE_CLONE", 1), ("OPEN_TREE_NAMESPACE", 2), ("OPEN_TREE_CLOEXEC", 0x80000),
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_NO_AUTOMOUNT", 0x800), ("AT_EMPTY_PATH", 0x1000),
        ("AT_RECURSIVE", 0x8000),
    ]),
    // include/uapi/linux/fs.h
    set("rename_flags", Kind::Flags, &[
        ("RENAME_NOREPLACE", 1), ("RENAME_EXCHANGE", 2), ("RENAME_WHITEOUT", 4),
    ]),
    // include/uapi/linux/xattr.h
    set("xattr_flags", Kind::Flags, &[
        ("XATTR_CREATE", 1), ("XATTR_REPLACE", 2),
    ]),
    // include/uapi/linux/mount.h
    set("mount_flags", Kind::Flags, &[
        ("MS_RDONLY", 1), ("MS_NOSUID", 2), ("MS_NODEV", 4), ("MS_NOEXEC", 8), ("MS_SYNCHRONOUS", 0x10),
        ("MS_REMOUNT", 0x20), ("MS_MANDLOCK", 0x40), ("MS_DIRSYNC", 0x80), ("MS_NOSYMFOLLOW", 0x100),
        ("MS_NOATIME", 0x400), ("MS_NODIRATIME", 0x800), ("MS_BIND", 0x1000), ("MS_MOVE", 0x2000), ("MS_REC", 0x4000),
        ("MS_SILENT", 0x8000), ("MS_POSIXACL", 0x10000), ("MS_UNBINDABLE", 0x20000), ("MS_PRIVATE", 0x40000),
        ("MS_SLAVE", 0x80000), ("MS_SHARED", 0x10_0000), ("MS_RELATIME", 0x20_0000), ("MS_KERNMOUNT", 0x40_0000),
        ("MS_I_VERSION", 0x80_0000), ("MS_STRICTATIME", 0x100_0000), ("MS_LAZYTIME", 0x200_0000),
        ("MS_NOUSER", 0x8000_0000),
    ]),
    set("umount_flags", Kind::Flags, &[
        ("MNT_FORCE", 1), ("MNT_DETACH", 2), ("MNT_EXPIRE", 4), ("UMOUNT_NOFOLLOW", 8),
    ]),
    set("swap_flags", Kind::Flags, &[
        ("SWAP_FLAG_PREFER", 0x8000), ("SWAP_FLAG_DISCARD", 0x10000), ("SWAP_FLAG_DISCARD_ONCE", 0x20000),
        ("SWAP_FLAG_DISCARD_PAGES", 0x40000),
    ]),
    set("quotactl_cmd", Kind::QuotaCommand, &[
        ("Q_XQUOTAON", 0x5801), ("Q_XQUOTAOFF", 0x5802), ("Q_XGETQUOTA", 0x5803), ("Q_XSETQLIM", 0x5804),
        ("Q_XGETQSTAT", 0x5805), ("Q_XQUOTARM", 0x5806), ("Q_XQUOTASYNC", 0x5807), ("Q_XGETQSTATV", 0x5808),
        ("Q_XGETNEXTQUOTA", 0x5809), ("Q_SYNC", 0x80_0001), ("Q_QUOTAON", 0x80_0002), ("Q_QUOTAOFF", 0x80_0003),
        ("Q_GETFMT", 0x80_0004), ("Q_GETINFO", 0x80_0005), ("Q_SETINFO", 0x80_0006), ("Q_GETQUOTA", 0x80_0007),
        ("Q_SETQUOTA", 0x80_0008), ("Q_GETNEXTQUOTA", 0x80_0009),
    ]),
    set("quota_type", Kind::HexValues, &[
        ("USRQUOTA", 0), ("GRPQUOTA", 1), ("PRJQUOTA", 2),
    ]),
    // include/uapi/linux/mount.h
    set("fsopen_flags", Kind::Flags, &[
        ("FSOPEN_CLOEXEC", 1),
    ]),
    // include/uapi/linux/mount.h
    set("fsconfig_cmd", Kind::HexValues, &[
        ("FSCONFIG_SET_FLAG", 0), ("FSCONFIG_SET_STRING", 1), ("FSCONFIG_SET_BINARY", 2), ("FSCONFIG_SET_PATH", 3),
        ("FSCONFIG_SET_PATH_EMPTY", 4), ("FSCONFIG_SET_FD", 5), ("FSCONFIG_CMD_CREATE", 6),
        ("FSCONFIG_CMD_RECONFIGURE", 7), ("FSCONFIG_CMD_CREATE_EXCL", 8),
    ]),
    // include/uapi/linux/mount.h
    set("fsmount_flags", Kind::Flags, &[
        ("FSMOUNT_CLOEXEC", 1), ("FSMOUNT_NAMESPACE", 2),
    ]),
    // include/uapi/linux/mount.h
    set("fspick_flags", Kind::Flags, &[
        ("FSPICK_CLOEXEC", 1), ("FSPICK_SYMLINK_NOFOLLOW", 2), ("FSPICK_NO_AUTOMOUNT", 4), ("FSPICK_EMPTY_PATH", 8),
    ]),
    // include/uapi/linux/mount.h
    set("mount_attr_flags", Kind::Flags, &[
        ("MOUNT_ATTR_RDONLY", 1), ("MOUNT_ATTR_NOSUID", 2), ("MOUNT_ATTR_NODEV", 4), ("MOUNT_ATTR_NOEXEC", 8),
        ("MOUNT_ATTR_NOATIME", 0x10), ("MOUNT_ATTR_STRICTATIME", 0x20), ("MOUNT_ATTR_NODIRATIME", 0x80),
        ("MOUNT_ATTR_IDMAP", 0x10_0000), ("MOUNT_ATTR_NOSYMFOLLOW", 0x20_0000),
    ]),
    // include/uapi/linux/mount.h
    set("move_mount_flags", Kind::Flags, &[
        ("MOVE_MOUNT_F_SYMLINKS", 1), ("MOVE_MOUNT_F_AUTOMOUNTS", 2), ("MOVE_MOUNT_F_EMPTY_PATH", 4),
        ("MOVE_MOUNT_T_SYMLINKS", 0x10), ("MOVE_MOUNT_T_AUTOMOUNTS", 0x20), ("MOVE_MOUNT_T_EMPTY_PATH", 0x40),
        ("MOVE_MOUNT_SET_GROUP", 0x100), ("MOVE_MOUNT_BENEATH", 0x200),
    ]),
    // include/uapi/linux/fcntl.h
    set("mount_setattr_flags", Kind::Flags, &[
        ("AT_SYMLINK_NOFOLLOW", 0x100), ("AT_NO_AUTOMOUNT", 0x800), ("AT_EMPTY_PATH", 0x1000),
        ("AT_RECURSIVE", 0x8000),
    ]),
    // include/uapi/linux/mount.h
    set("listmount_flags", Kind::Flags, &[
        ("LISTMOUNT_REVERSE", 1),
    ]),
    // include/uapi/linux/inotify.h
    set("inotify_init_flags", Kind::Flags, &[
        ("IN_NONBLOCK", 0o4000), ("IN_CLOEXEC", 0o2_000_000),
    ]),
    // include/uapi/linux/inotify.h
    set("inotify_mask", Kind::Flags, &[
        ("IN_ACCESS", 1), ("IN_MODIFY", 2), ("IN_ATTRIB", 4), ("IN_CLOSE_WRITE", 8), ("IN_CLOSE_NOWRITE", 0x10),
        ("IN_OPEN", 0x20), ("IN_MOVED_FROM", 0x40), ("IN_MOVED_TO", 0x80), ("IN_CREATE", 0x100), ("IN_DELETE", 0x200),
        ("IN_DELETE_SELF", 0x400), ("IN_MOVE_SELF", 0x800), ("IN_UNMOUNT", 0x2000), ("IN_Q_OVERFLOW", 0x4000),
        ("IN_IGNORED", 0x8000), ("IN_ONLYDIR", 0x100_0000), ("IN_DONT_FOLLOW", 0x200_0000),
        ("IN_EXCL_UNLINK", 0x400_0000), ("IN_MASK_CREATE", 0x1000_0000), ("IN_MASK_ADD", 0x2000_0000),
        ("IN_ISDIR", 0x4000_0000), ("IN_ONESHOT", 0x8000_0000),
    ]),
    // include/uapi/linux/fanotify.h
    set("fanotify_init_flags", Kind::FlagsWithField(0xc), &[
        ("FAN_CLASS_NOTIF", 0), ("FAN_CLASS_CONTENT", 4), ("FAN_CLASS_PRE_CONTENT", 8), ("FAN_CLOEXEC", 1),
        ("FAN_NONBLOCK", 2), ("FAN_UNLIMITED_QUEUE", 0x10), ("FAN_UNLIMITED_MARKS", 0x20), ("FAN_ENABLE_AUDIT", 0x40),
        ("FAN_REPORT_PIDFD", 0x80), ("FAN_REPORT_TID", 0x100), ("FAN_REPORT_FID", 0x200),
        ("FAN_REPORT_DIR_FID", 0x400), ("FAN_REPORT_NAME", 0x800), ("FAN_REPORT_TARGET_FID", 0x1000),
        ("FAN_REPORT_FD_ERROR", 0x2000), ("FAN_REPORT_MNT", 0x4000),
    ]),
    // include/uapi/linux/fanotify.h
    set("fanotify_mark_flags", Kind::Flags, &[
        ("FAN_MARK_ADD", 1), ("FAN_MARK_REMOVE", 2), ("FAN_MARK_DONT_FOLLOW", 4), ("FAN_MARK_ONLYDIR", 8),
        ("FAN_MARK_MOUNT", 0x10), ("FAN_MARK_IGNORED_MASK", 0x20), ("FAN_MARK_IGNORED_SURV_MODIFY", 0x40),
        ("FAN_MARK_FLUSH", 0x80), ("FAN_MARK_FILESYSTEM", 0x100), ("FAN_MARK_EVICTABLE", 0x200),
        ("FAN_MARK_IGNORE", 0x400),
    ]),
    // include/uapi/linux/fanotify.h
    set("fanotify_mask", Kind::Flags, &[
        ("FAN_ACCESS", 1), ("FAN_MODIFY", 2), ("FAN_ATTRIB", 4), ("FAN_CLOSE_WRITE", 8), ("FAN_CLOSE_NOWRITE", 0x10),
        ("FAN_OPEN", 0x20), ("FAN_MOVED_FROM", 0x40), ("FAN_MOVED_TO", 0x80), ("FAN_CREATE", 0x100),
        ("FAN_DELETE", 0x200), ("FAN_DELETE_SELF", 0x400), ("FAN_MOVE_SELF", 0x800), ("FAN_OPEN_EXEC", 0x1000),
        ("FAN_Q_OVERFLOW", 0x4000), ("FAN_FS_ERROR", 0x8000), ("FAN_OPEN_PERM", 0x10000), ("FAN_ACCESS_PERM", 0x20000),
        ("FAN_OPEN_EXEC_PERM", 0x40000), ("FAN_PRE_ACCESS", 0x10_0000), ("FAN_MNT_ATTACH", 0x100_0000),
        ("FAN_MNT_DETACH", 0x200_0000), ("FAN_DIR_MODIFY", 0x80000), ("FAN_RENAME", 0x1000_0000),
        ("FAN_EVENT_ON_CHILD", 0x800_0000), ("FAN_ONDIR", 0x4000_0000),
    ]),
];
