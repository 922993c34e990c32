//! Counters of perf's: one row each.

/// A counter.
#[derive(Debug)]
pub struct Row {
    /// Its canonical name.
    pub name: &'static str,
    /// A shorter one.
    pub alias: Option<&'static str>,
    /// `perf_event_attr.config` (linux v6.12 include/uapi/linux/perf_event.h, `enum perf_sw_ids` and `enum perf_hw_id`).
    pub event: u32,
    /// Events between two firings, unless the script says how many.
    pub period: u64,
}

const fn row(name: &'static str, alias: Option<&'static str>, event: u32, period: u64) -> Row {
    Row {
        name,
        alias,
        event,
        period,
    }
}

/// Counters that the kernel keeps itself.
pub const SOFTWARE: &[Row] = &[
    row("alignment-faults", None, 7, 1),
    row("bpf-output", None, 10, 1),
    row("context-switches", Some("cs"), 3, 1000),
    row("cpu-clock", Some("cpu"), 0, 1_000_000),
    row("cpu-migrations", None, 4, 1),
    row("dummy", None, 9, 1),
    row("emulation-faults", None, 8, 1),
    row("major-faults", None, 6, 1),
    row("minor-faults", None, 5, 100),
    row("page-faults", Some("faults"), 2, 100),
    row("task-clock", None, 1, 1_000_000),
];

/// Counters of the processor.
pub const HARDWARE: &[Row] = &[
    row("backend-stalls", None, 8, 1_000_000),
    row("branch-instructions", Some("branches"), 4, 100_000),
    row("branch-misses", None, 5, 100_000),
    row("bus-cycles", None, 6, 100_000),
    row("cache-misses", None, 3, 1_000_000),
    row("cache-references", None, 2, 1_000_000),
    row("cpu-cycles", Some("cycles"), 0, 1_000_000),
    row("frontend-stalls", None, 7, 1_000_000),
    row("instructions", None, 1, 1_000_000),
    row("ref-cycles", None, 9, 1_000_000),
];

/// The counter of a name or alias.
pub fn by_name(rows: &'static [Row], name: &str) -> Option<&'static Row> {
    rows.iter()
        .find(|row| row.name == name || row.alias == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_found_by_both_names() {
        for rows in [SOFTWARE, HARDWARE] {
            assert!(rows.is_sorted_by_key(|row| row.name));
        }
        assert_eq!(by_name(SOFTWARE, "cs").map(|row| row.event), Some(3));
        assert_eq!(
            by_name(HARDWARE, "cpu-cycles").map(|row| row.event),
            Some(0)
        );
        assert!(by_name(HARDWARE, "cs").is_none());
    }
}
