//! Flags of the kernel's allocations by their names (linux v6.12 include/linux/gfp_types.h).

/// Names of several flags stand before those of one.
const NAMES: [(u64, &str); 37] = [
    (0x001c_24ca, "GFP_TRANSHUGE"),
    (0x001c_20ca, "GFP_TRANSHUGE_LIGHT"),
    (0x0010_0cca, "GFP_HIGHUSER_MOVABLE"),
    (0x0010_0cc2, "GFP_HIGHUSER"),
    (0x0010_0cc0, "GFP_USER"),
    (0x0040_0cc0, "GFP_KERNEL_ACCOUNT"),
    (0x0000_0cc0, "GFP_KERNEL"),
    (0x0000_0c40, "GFP_NOFS"),
    (0x0000_0820, "GFP_ATOMIC"),
    (0x0000_0c00, "GFP_NOIO"),
    (0x0000_2800, "GFP_NOWAIT"),
    (0x0000_0001, "GFP_DMA"),
    (0x0000_0004, "GFP_DMA32"),
    (1 << 1, "__GFP_HIGHMEM"),
    (1 << 3, "__GFP_MOVABLE"),
    (1 << 4, "__GFP_RECLAIMABLE"),
    (1 << 5, "__GFP_HIGH"),
    (1 << 6, "__GFP_IO"),
    (1 << 7, "__GFP_FS"),
    (1 << 8, "__GFP_ZERO"),
    (1 << 10, "__GFP_DIRECT_RECLAIM"),
    (1 << 11, "__GFP_KSWAPD_RECLAIM"),
    (1 << 12, "__GFP_WRITE"),
    (1 << 13, "__GFP_NOWARN"),
    (1 << 14, "__GFP_RETRY_MAYFAIL"),
    (1 << 15, "__GFP_NOFAIL"),
    (1 << 16, "__GFP_NORETRY"),
    (1 << 17, "__GFP_MEMALLOC"),
    (1 << 18, "__GFP_COMP"),
    (1 << 19, "__GFP_NOMEMALLOC"),
    (1 << 20, "__GFP_HARDWALL"),
    (1 << 21, "__GFP_THISNODE"),
    (1 << 22, "__GFP_ACCOUNT"),
    (1 << 23, "__GFP_ZEROTAGS"),
    (1 << 24, "__GFP_SKIP_ZERO"),
    (1 << 25, "__GFP_SKIP_KASAN"),
    (1 << 26, "__GFP_NOLOCKDEP"),
];

/// The names of all flags that are set; a number for those without a name, and for none at all.
pub(super) fn names(flags: u64) -> String {
    let mut rest = flags;
    let mut names = Vec::new();
    for (mask, name) in NAMES {
        if rest & mask == mask {
            rest &= !mask;
            names.push(name.to_owned());
        }
    }
    if rest != 0 || names.is_empty() {
        names.push(format!("{rest:#x}"));
    }
    names.join("|")
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn flags_have_the_longest_names() {
        assert_eq!(names(0x1), "GFP_DMA");
        assert_eq!(names(0xcc0), "GFP_KERNEL");
        assert_eq!(names(0xdc0), "GFP_KERNEL|__GFP_ZERO");
        assert_eq!(names(1 << 40), "0x10000000000");
        assert_eq!(names(0), "0x0");
    }
}
