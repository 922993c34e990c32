//! The sets of arguments of address spaces.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::set;
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    // include/uapi/asm-generic/mman-common.h
    set("mmap_prot", Kind::Flags, &[
        ("PROT_NONE", 0), ("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4), ("PROT_SEM", 8),
        ("PROT_GROWSDOWN", 0x100_0000), ("PROT_GROWSUP", 0x200_0000),
    ]),
    // include/uapi/asm-generic/mman-common.h, include/uapi/asm-generic/mman.h, arch/x86/include/uapi/asm/mman.h,
    // include/uapi/linux/mman.h
    set("mmap_flags", Kind::FlagsWithField(0xf), &[
        ("MAP_FILE", 0), ("MAP_SHARED", 1), ("MAP_PRIVATE", 2), ("MAP_SHARED_VALIDATE", 3), ("MAP_DROPPABLE", 8),
        ("MAP_FIXED", 0x10), ("MAP_ANONYMOUS", 0x20), ("MAP_32BIT", 0x40), ("MAP_NORESERVE", 0x4000),
        ("MAP_POPULATE", 0x8000), ("MAP_NONBLOCK", 0x10000), ("MAP_GROWSDOWN", 0x100), ("MAP_DENYWRITE", 0x800),
        ("MAP_EXECUTABLE", 0x1000), ("MAP_LOCKED", 0x2000), ("MAP_STACK", 0x20000), ("MAP_HUGETLB", 0x40000),
        ("MAP_SYNC", 0x80000), ("MAP_FIXED_NOREPLACE", 0x10_0000), ("MAP_ABOVE4G", 0x80),
        ("31<<MAP_HUGE_SHIFT", 31 << 26), ("30<<MAP_HUGE_SHIFT", 30 << 26), ("29<<MAP_HUGE_SHIFT", 29 << 26),
        ("23<<MAP_HUGE_SHIFT", 23 << 26), ("28<<MAP_HUGE_SHIFT", 28 << 26), ("25<<MAP_HUGE_SHIFT", 25 << 26),
        ("21<<MAP_HUGE_SHIFT", 21 << 26), ("19<<MAP_HUGE_SHIFT", 19 << 26), ("34<<MAP_HUGE_SHIFT", 34 << 26),
        ("24<<MAP_HUGE_SHIFT", 24 << 26), ("20<<MAP_HUGE_SHIFT", 20 << 26), ("16<<MAP_HUGE_SHIFT", 16 << 26),
    ]),
    // include/uapi/linux/mman.h
    set("mremap_flags", Kind::Flags, &[
        ("MREMAP_MAYMOVE", 1), ("MREMAP_FIXED", 2), ("MREMAP_DONTUNMAP", 4),
    ]),
    // include/uapi/asm-generic/mman-common.h
    set("madvise_advice", Kind::HexValues, &[
        ("MADV_NORMAL", 0), ("MADV_RANDOM", 1), ("MADV_SEQUENTIAL", 2), ("MADV_WILLNEED", 3), ("MADV_DONTNEED", 4),
        ("MADV_FREE", 8), ("MADV_REMOVE", 9), ("MADV_DONTFORK", 10), ("MADV_DOFORK", 11), ("MADV_MERGEABLE", 12),
        ("MADV_UNMERGEABLE", 13), ("MADV_HUGEPAGE", 14), ("MADV_NOHUGEPAGE", 15), ("MADV_DONTDUMP", 0x10),
        ("MADV_DODUMP", 17), ("MADV_WIPEONFORK", 18), ("MADV_KEEPONFORK", 19), ("MADV_COLD", 20), ("MADV_PAGEOUT", 21),
        ("MADV_POPULATE_READ", 22), ("MADV_POPULATE_WRITE", 23), ("MADV_DONTNEED_LOCKED", 24), ("MADV_COLLAPSE", 25),
        ("MADV_HWPOISON", 100), ("MADV_SOFT_OFFLINE", 101), ("MADV_GUARD_INSTALL", 102), ("MADV_GUARD_REMOVE", 103),
    ]),
    // include/uapi/asm-generic/mman-common.h
    set("mlock_flags", Kind::Flags, &[
        ("MLOCK_ONFAULT", 1),
    ]),
    // include/uapi/asm-generic/mman.h
    set("mlockall_flags", Kind::Flags, &[
        ("MCL_CURRENT", 1), ("MCL_FUTURE", 2), ("MCL_ONFAULT", 4),
    ]),
    // include/uapi/asm-generic/mman-common.h
    set("msync_flags", Kind::Flags, &[
        ("MS_SYNC", 4), ("MS_ASYNC", 1), ("MS_INVALIDATE", 2),
    ]),
    // include/uapi/asm-generic/mman-common.h
    set("pkey_rights", Kind::Flags, &[
        ("PKEY_DISABLE_ACCESS", 1), ("PKEY_DISABLE_WRITE", 2),
    ]),
    // include/uapi/asm-generic/mman.h
    set("shadow_stack_flags", Kind::Flags, &[
        ("SHADOW_STACK_SET_TOKEN", 1), ("SHADOW_STACK_SET_MARKER", 2),
    ]),
    // include/uapi/linux/mempolicy.h
    set("mempolicy_mode", Kind::FlagsWithField(0x1fff), &[
        ("MPOL_DEFAULT", 0), ("MPOL_PREFERRED", 1), ("MPOL_BIND", 2), ("MPOL_INTERLEAVE", 3), ("MPOL_LOCAL", 4),
        ("MPOL_PREFERRED_MANY", 5), ("MPOL_WEIGHTED_INTERLEAVE", 6), ("MPOL_F_STATIC_NODES", 0x8000),
        ("MPOL_F_RELATIVE_NODES", 0x4000), ("MPOL_F_NUMA_BALANCING", 0x2000),
    ]),
    // include/uapi/linux/mempolicy.h
    set("mbind_flags", Kind::Flags, &[
        ("MPOL_MF_STRICT", 1), ("MPOL_MF_MOVE", 2), ("MPOL_MF_MOVE_ALL", 4), ("MPOL_MF_LAZY", 8),
    ]),
    // include/uapi/linux/mempolicy.h
    set("get_mempolicy_flags", Kind::Flags, &[
        ("MPOL_F_NODE", 1), ("MPOL_F_ADDR", 2), ("MPOL_F_MEMS_ALLOWED", 4),
    ]),
];
