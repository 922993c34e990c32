//! What was lost or went wrong: counters in, a sentence for each kind out.

use super::sink::Loss;
use crate::engine::Losses;
use std::fmt;
use trapline_codegen::object::Counter;

/// What was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossKind {
    /// Events that found no room on their way to the tool.
    Events,
    /// Entries that found their map full.
    MapEntries,
    /// Strings and memory that could not be read.
    Reads,
    /// Keyed updates.
    Updates,
    /// Call stacks.
    Stacks,
    /// Latencies that are not known.
    Latencies,
    /// Entries of system calls.
    Entries,
    /// Runs of probes.
    Runs,
    /// System calls that `--sample` left out.
    NotSampled,
    /// Records that `--rate` left out.
    RateLimited,
    /// Events that a recording lacks.
    Recording,
}

/// A kind of loss and the words for it.
struct Row {
    kind: LossKind,
    /// What counts it; `None`: missed runs.
    counter: Option<Counter>,
    /// Its name in JSON.
    name: &'static str,
    /// What stands before, behind one and behind many.
    words: [&'static str; 3],
    /// What happened and what would help.
    reason: &'static str,
}

static ROWS: [Row; 11] = [
    Row {
        kind: LossKind::Events,
        counter: Some(Counter::LostEvents),
        name: "events",
        words: ["Lost ", "event", "events"],
        reason: "the ring buffer was full; print less often, count in maps, or raise perf_rb_pages",
    },
    Row {
        kind: LossKind::MapEntries,
        counter: Some(Counter::MapFull),
        name: "map_entries",
        words: ["Lost ", "map update", "map updates"],
        reason: "the map was full; raise max_map_keys or use fewer keys",
    },
    Row {
        kind: LossKind::Reads,
        counter: Some(Counter::ReadFailed),
        name: "reads",
        words: ["", "memory read failed", "memory reads failed"],
        reason: "an empty value was taken instead; file names are often readable at the end of a call",
    },
    Row {
        kind: LossKind::Updates,
        counter: Some(Counter::MissedUpdate),
        name: "updates",
        words: ["Lost ", "map update", "map updates"],
        reason: "the key was deleted at the same moment; delete keys less often",
    },
    Row {
        kind: LossKind::Stacks,
        counter: Some(Counter::StackFailed),
        name: "stacks",
        words: ["Lost ", "call stack", "call stacks"],
        reason: "there was no room to keep more; raise max_map_keys or ask for fewer frames",
    },
    Row {
        kind: LossKind::Latencies,
        counter: Some(Counter::NoLatency),
        name: "latencies",
        words: ["", "latency is not known", "latencies are not known"],
        reason: "only the end of the system call was seen; it is left out of what was made of latencies",
    },
    Row {
        kind: LossKind::Entries,
        counter: Some(Counter::LostEntry),
        name: "entries",
        words: ["Lost the beginning of ", "system call", "system calls"],
        reason: "the kernel had no memory to keep it until the end of the call",
    },
    Row {
        kind: LossKind::Runs,
        counter: None,
        name: "runs",
        words: ["Lost ", "probe run", "probe runs"],
        reason: "the same probe was already running on that CPU",
    },
    Row {
        kind: LossKind::NotSampled,
        counter: Some(Counter::NotSampled),
        name: "not_sampled",
        words: ["Left out ", "system call", "system calls"],
        reason: "--sample; counts, sums and histograms are multiplied accordingly",
    },
    Row {
        kind: LossKind::RateLimited,
        counter: Some(Counter::RateLimited),
        name: "rate_limited",
        words: ["Left out ", "line", "lines"],
        reason: "--rate allows no more a second",
    },
    Row {
        kind: LossKind::Recording,
        counter: Some(Counter::LostRecording),
        name: "recording",
        words: ["The recording lost ", "event", "events"],
        reason: "the ring buffer was full; what the script counts is not affected; record fewer calls, or raise perf_rb_pages",
    },
];

impl LossKind {
    fn row(self) -> &'static Row {
        ROWS.iter()
            .find(|row| row.kind == self)
            .expect("invariant: every kind has a row")
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        self.row().name
    }
}

/// Everything that was lost, by kind.
pub(super) fn kinds(losses: &Losses) -> impl Iterator<Item = Loss> {
    ROWS.iter().map(|row| {
        let count = match row.counter {
            Some(counter) => losses.counters[counter as usize],
            None => losses.missed_runs.iter().map(|(_, count)| count).sum(),
        };
        Loss {
            kind: row.kind,
            count,
        }
    })
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row {
            words: [before, one, many],
            reason,
            ..
        } = self.kind.row();
        let noun = if self.count == 1 { one } else { many };
        write!(f, "{before}{} {noun}: {reason}", self.count)
    }
}
