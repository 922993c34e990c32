//! What is known of files and file systems.

use super::super::text;
use super::Reader;
use trapline_lang::syscall::Abi;
use trapline_lang::syscall::set::Set;

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[
    &FORMATS,
    &MODES,
    &STATX_MASK,
    &STATX_ATTRIBUTES,
    &FILE_SYSTEMS,
    &MOUNTS,
];

/// `S_IFMT` (linux v6.12 include/uapi/linux/stat.h).
const FORMAT: u32 = 0o170_000;
const CHARACTER: u32 = 0o020_000;
const BLOCK: u32 = 0o060_000;

static FORMATS: Set = text::values(
    "file_type",
    &[
        ("S_IFIFO", 0o010_000),
        ("S_IFCHR", CHARACTER as i64),
        ("S_IFDIR", 0o040_000),
        ("S_IFBLK", BLOCK as i64),
        ("S_IFREG", 0o100_000),
        ("S_IFLNK", 0o120_000),
        ("S_IFSOCK", 0o140_000),
    ],
);

static MODES: Set = text::flags(
    "mode_bits",
    &[
        ("S_ISUID", 0o4000),
        ("S_ISGID", 0o2000),
        ("S_ISVTX", 0o1000),
    ],
);

/// `S_IFREG|0644`
pub(in super::super) fn mode(mode: u32) -> String {
    let mut parts = Vec::new();
    if mode & FORMAT != 0 {
        parts.push(FORMATS.format((mode & FORMAT).into()));
    }
    if mode & 0o7000 != 0 {
        parts.push(MODES.format((mode & 0o7000).into()));
    }
    parts.push(format!("0{:03o}", mode & 0o777));
    parts.join("|")
}

/// Device numbers as the kernel gives them to 64-bit programs (`new_encode_dev`).
fn device(number: u64) -> String {
    let major = number >> 8 & 0xfff | number >> 32 & !0xfff;
    let minor = number & 0xff | number >> 12 & 0xffff_ff00;
    format!("makedev({:#x}, {minor:#x})", major as u32).replace("0x0)", "0)")
}

fn file(file_mode: u32, special: &str, size: i64, member: &str) -> Option<String> {
    let mode = mode(file_mode);
    Some(match file_mode & FORMAT {
        CHARACTER | BLOCK => format!("{{{member}_mode={mode}, {special}, ...}}"),
        _ => format!("{{{member}_mode={mode}, {member}_size={size}, ...}}"),
    })
}

/// Bytes of `struct stat`.
pub(super) fn size(abi: Abi) -> usize {
    match abi {
        Abi::X86_64 | Abi::X32 => 144,
        Abi::Aarch64 => 128,
        Abi::I386 | Abi::Arm => 64,
    }
}

/// `struct stat` of each ABI.
pub(super) fn stat(r: &mut Reader<'_>) -> Option<String> {
    let (mode, rdev, size);
    match r.event.abi {
        Abi::X86_64 | Abi::X32 => {
            r.skip(24);
            mode = r.u32();
            r.skip(12);
            rdev = r.u64();
            size = r.i64();
        }
        Abi::Aarch64 => {
            r.skip(16);
            mode = r.u32();
            r.skip(12);
            rdev = r.u64();
            r.skip(8);
            size = r.i64();
        }
        Abi::I386 | Abi::Arm => {
            r.skip(8);
            mode = r.u16().into();
            r.skip(6);
            rdev = r.u32().into();
            size = i64::from(r.u32());
        }
    }
    file(mode, &format!("st_rdev={}", device(rdev)), size, "st")
}

/// Bytes of `struct stat64`, which 64-bit ABIs do not have.
pub(super) fn size64(abi: Abi) -> usize {
    match abi {
        Abi::I386 => 96,
        Abi::Arm => 104,
        abi => size(abi),
    }
}

/// `struct stat64` of 32-bit ABIs; it is `struct stat` in the others.
pub(super) fn stat64(r: &mut Reader<'_>) -> Option<String> {
    let padding = match r.event.abi {
        Abi::I386 => 4,
        Abi::Arm => 8,
        _ => return stat(r),
    };
    r.skip(16);
    let mode = r.u32();
    r.skip(12);
    let rdev = r.u64();
    r.skip(padding);
    let size = r.i64();
    file(mode, &format!("st_rdev={}", device(rdev)), size, "st")
}

/// linux v6.12 include/uapi/linux/stat.h
static STATX_MASK: Set = text::flags(
    "statx_result",
    &[
        ("STATX_BASIC_STATS", 0x7ff),
        ("STATX_TYPE", 1),
        ("STATX_MODE", 2),
        ("STATX_NLINK", 4),
        ("STATX_UID", 8),
        ("STATX_GID", 0x10),
        ("STATX_ATIME", 0x20),
        ("STATX_MTIME", 0x40),
        ("STATX_CTIME", 0x80),
        ("STATX_INO", 0x100),
        ("STATX_SIZE", 0x200),
        ("STATX_BLOCKS", 0x400),
        ("STATX_BTIME", 0x800),
        ("STATX_MNT_ID", 0x1000),
        ("STATX_DIOALIGN", 0x2000),
        ("STATX_MNT_ID_UNIQUE", 0x4000),
        ("STATX_SUBVOL", 0x8000),
    ],
);

/// `STATX_ALL`: strace names it where it stands.
const STATX_ALL: u32 = 0xfff;

static STATX_ATTRIBUTES: Set = text::flags(
    "statx_attributes",
    &[
        ("STATX_ATTR_COMPRESSED", 4),
        ("STATX_ATTR_IMMUTABLE", 0x10),
        ("STATX_ATTR_APPEND", 0x20),
        ("STATX_ATTR_NODUMP", 0x40),
        ("STATX_ATTR_ENCRYPTED", 0x800),
        ("STATX_ATTR_AUTOMOUNT", 0x1000),
        ("STATX_ATTR_MOUNT_ROOT", 0x2000),
        ("STATX_ATTR_VERITY", 0x10_0000),
        ("STATX_ATTR_DAX", 0x20_0000),
    ],
);

pub(super) fn statx(r: &mut Reader<'_>) -> Option<String> {
    let mask = r.u32();
    r.skip(4);
    let attributes = STATX_ATTRIBUTES.format(r.i64());
    r.skip(12);
    let mode = r.u16();
    r.skip(10);
    let size = r.i64();
    r.skip(80);
    let (major, minor) = (r.u32(), r.u32());
    let mut names = STATX_MASK.format((mask & !STATX_ALL).into());
    names = match (mask & STATX_ALL == STATX_ALL, mask & !STATX_ALL) {
        (true, 0) => "STATX_ALL".to_owned(),
        (true, _) => format!("STATX_ALL|{names}"),
        (false, _) => STATX_MASK.format(mask.into()),
    };
    let rdev = format!("stx_rdev_major={major}, stx_rdev_minor={minor}");
    let file = file(mode.into(), &rdev, size, "stx")?;
    let file = file.trim_start_matches('{');
    Some(format!(
        "{{stx_mask={names}, stx_attributes={attributes}, {file}"
    ))
}

/// linux v6.12 include/uapi/linux/magic.h
static FILE_SYSTEMS: Set = text::values(
    "file_system",
    &[
        ("EXT2_SUPER_MAGIC", 0xef53),
        ("TMPFS_MAGIC", 0x0102_1994),
        ("PROC_SUPER_MAGIC", 0x9fa0),
        ("SYSFS_MAGIC", 0x6265_6572),
        ("XFS_SUPER_MAGIC", 0x5846_5342),
        ("BTRFS_SUPER_MAGIC", 0x9123_683e),
        ("OVERLAYFS_SUPER_MAGIC", 0x794c_7630),
        ("CGROUP_SUPER_MAGIC", 0x0027_e0eb),
        ("CGROUP2_SUPER_MAGIC", 0x6367_7270),
        ("DEBUGFS_MAGIC", 0x6462_6720),
        ("TRACEFS_MAGIC", 0x7472_6163),
        ("BPF_FS_MAGIC", 0xcafe_4a11),
        ("DEVPTS_SUPER_MAGIC", 0x1cd1),
        ("HUGETLBFS_MAGIC", 0x9584_58f6),
        ("NFS_SUPER_MAGIC", 0x6969),
        ("MSDOS_SUPER_MAGIC", 0x4d44),
        ("FUSE_SUPER_MAGIC", 0x6573_5546),
        ("SQUASHFS_MAGIC", 0x7371_7368),
        ("RAMFS_MAGIC", 0x8584_58f6),
        ("SELINUX_MAGIC", 0xf97c_ff8c),
        ("SECURITYFS_MAGIC", 0x7363_6673),
        ("F2FS_SUPER_MAGIC", 0xf2f5_2010),
        ("NSFS_MAGIC", 0x6e73_6673),
        ("PIPEFS_MAGIC", 0x5049_5045),
        ("SOCKFS_MAGIC", 0x534f_434b),
        ("V9FS_MAGIC", 0x0102_1997),
    ],
);

/// linux v6.12 include/linux/statfs.h
static MOUNTS: Set = text::flags(
    "mount_flags",
    &[
        ("ST_VALID", 0x20),
        ("ST_RDONLY", 1),
        ("ST_NOSUID", 2),
        ("ST_NODEV", 4),
        ("ST_NOEXEC", 8),
        ("ST_SYNCHRONOUS", 0x10),
        ("ST_MANDLOCK", 0x40),
        ("ST_NOATIME", 0x400),
        ("ST_NODIRATIME", 0x800),
        ("ST_RELATIME", 0x1000),
        ("ST_NOSYMFOLLOW", 0x2000),
    ],
);

type Take = fn(&mut Reader<'_>) -> u64;

pub(super) fn statfs(r: &mut Reader<'_>) -> Option<String> {
    file_system(r, |r| r.word())
}

/// The structure of 32-bit programs, with large numbers.
pub(super) fn statfs64(r: &mut Reader<'_>) -> Option<String> {
    match r.is_wide() {
        true => statfs(r),
        false => file_system(r, |r| r.u64()),
    }
}

fn file_system(r: &mut Reader<'_>, count: Take) -> Option<String> {
    let (kind, block) = (FILE_SYSTEMS.format(r.word() as i64), r.word());
    let mut text = format!("{{f_type={kind}, f_bsize={block}");
    for name in ["f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree"] {
        text.push_str(&format!(", {name}={}", count(r)));
    }
    let id = [r.u32(), r.u32()].map(|half| text::hex(half.into()));
    let (names, fragment) = (r.word(), r.word());
    let flags = MOUNTS.format(r.word() as i64);
    text.push_str(&format!(
        ", f_fsid={{val=[{}, {}]}}, f_namelen={names}, f_frsize={fragment}, f_flags={flags}}}",
        id[0], id[1]
    ));
    Some(text)
}
