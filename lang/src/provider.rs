//! Providers (kinds of probes): one row each, with all their spellings.
//!
//! Completion, `-l`, the language reference and [`crate::analyze`] read the same rows.

use crate::engine::Engines;

/// Whether what a row describes works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It works.
    Ready,
    /// It is known, so that scripts get a clear message, but does not work yet.
    NotYet,
}

/// A kind of probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Before all others.
    Begin,
    /// After all others.
    End,
    /// System calls.
    Syscall,
    /// Static kernel events.
    Tracepoint,
    /// Static kernel events with raw arguments.
    RawTracepoint,
    /// A timer on one CPU.
    Interval,
    /// A timer on all CPUs.
    Profile,
    /// Signals to the tracer.
    SelfSignal,
    /// Entry of a user function.
    Uprobe,
    /// Return of a user function.
    Uretprobe,
    /// Static user markers.
    Usdt,
    /// perf software counters.
    Software,
    /// perf hardware counters.
    Hardware,
    /// Hardware breakpoints.
    Watchpoint,
    /// Kernel iterators.
    Iter,
    /// Entry of a kernel function, by trampoline.
    Fentry,
    /// Return of a kernel function, by trampoline.
    Fexit,
    /// Entry of a kernel function.
    Kprobe,
    /// Return of a kernel function.
    Kretprobe,
    /// Unit tests.
    Test,
    /// Micro benchmarks.
    Bench,
}

/// One provider.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub id: Provider,
    /// Its canonical name.
    pub name: &'static str,
    /// Other names; all are matched without regard to case.
    pub aliases: &'static [&'static str],
    /// How its attach points are written.
    pub forms: &'static [&'static str],
    /// Whether it works.
    pub support: Support,
    /// Who offers it.
    pub engines: Engines,
    /// What fires it, in one line.
    pub doc: &'static str,
}

use Provider as P;
use Support::Ready;

const fn row(
    id: Provider,
    name: &'static str,
    aliases: &'static [&'static str],
    forms: &'static [&'static str],
    support: Support,
    engines: Engines,
    doc: &'static str,
) -> Row {
    Row {
        id,
        name,
        aliases,
        forms,
        support,
        engines,
        doc,
    }
}

/// How timers are written after their provider.
macro_rules! timer_forms {
    ($name:literal) => {
        &[
            concat!($name, ":DURATION"),
            concat!($name, ":us:N"),
            concat!($name, ":ms:N"),
            concat!($name, ":s:N"),
            concat!($name, ":hz:N"),
        ]
    };
}

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row(P::Begin, "begin", &[], &["begin"], Ready, Engines::ALL, "once, before the other probes attach"),
    row(P::End, "end", &[], &["end"], Ready, Engines::ALL, "once, after the other probes have detached"),
    row(P::Syscall, "syscall", &["sc"], &["syscall:NAME[,NAME...]", "syscall:%CLASS", "syscall:NAME:enter"], Ready, Engines::ALL, "a system call that has finished, or its beginning, with its arguments in args"),
    row(P::Tracepoint, "tracepoint", &["t"], &["tracepoint:CATEGORY:EVENT"], Ready, Engines::ALL, "a static event of the kernel; its fields are in args"),
    row(P::RawTracepoint, "rawtracepoint", &["rt"], &["rawtracepoint:EVENT", "rawtracepoint:MODULE:EVENT"], Ready, Engines::BPF, "a static event of the kernel with its raw arguments"),
    row(P::Interval, "interval", &["i"], timer_forms!("interval"), Ready, Engines::ALL, "a timer on one CPU"),
    row(P::Profile, "profile", &["p"], timer_forms!("profile"), Ready, Engines::BPF, "a timer on every CPU"),
    row(P::SelfSignal, "self", &[], &["self:signal:SIGUSR1"], Ready, Engines::LIVE, "a signal to the tracer itself"),
    row(P::Uprobe, "uprobe", &["u"], &["uprobe:BINARY:FUNCTION", "uprobe:BINARY:FUNCTION+OFFSET", "uprobe:BINARY:ADDRESS"], Ready, Engines::BPF, "entry of a user-space function"),
    row(P::Uretprobe, "uretprobe", &["ur"], &["uretprobe:BINARY:FUNCTION"], Ready, Engines::BPF, "return of a user-space function"),
    row(P::Usdt, "usdt", &["U"], &["usdt:BINARY:NAME", "usdt:BINARY:PROVIDER:NAME"], Ready, Engines::BPF, "a static marker in a program"),
    row(P::Software, "software", &["s"], &["software:EVENT", "software:EVENT:COUNT"], Ready, Engines::BPF, "a software counter of the kernel"),
    row(P::Hardware, "hardware", &["h"], &["hardware:EVENT", "hardware:EVENT:COUNT"], Ready, Engines::BPF, "a hardware counter"),
    row(P::Watchpoint, "watchpoint", &["w"], &["watchpoint:ADDRESS:LENGTH:MODE"], Ready, Engines::BPF, "a read, write or execution at an address"),
    row(P::Iter, "iter", &["it"], &["iter:task", "iter:task_file", "iter:task_vma"], Ready, Engines::BPF, "one pass over objects of the kernel"),
    row(P::Fentry, "fentry", &["f", "kfunc"], &["fentry:FUNCTION", "fentry:MODULE:FUNCTION"], Ready, Engines::BPF, "entry of a kernel function, with typed arguments"),
    row(P::Fexit, "fexit", &["fr", "kretfunc"], &["fexit:FUNCTION", "fexit:MODULE:FUNCTION"], Ready, Engines::BPF, "return of a kernel function, with typed arguments"),
    row(P::Kprobe, "kprobe", &["k"], &["kprobe:FUNCTION", "kprobe:FUNCTION+OFFSET"], Ready, Engines::BPF, "entry of a kernel function"),
    row(P::Kretprobe, "kretprobe", &["kr"], &["kretprobe:FUNCTION"], Ready, Engines::BPF, "return of a kernel function"),
    row(P::Test, "test", &[], &["test:NAME"], Ready, Engines::BPF, "a unit test, run by --test; it passes unless it returns another value than 0"),
    row(P::Bench, "bench", &[], &["bench:NAME"], Ready, Engines::BPF, "a micro benchmark, run by --bench"),
];

/// Every provider.
pub fn all() -> &'static [Row] {
    ROWS
}

/// The provider of a name or alias, without regard to case (but `U` and `u` differ).
pub fn by_name(name: &str) -> Option<&'static Row> {
    ROWS.iter()
        .find(|row| row.aliases.contains(&name))
        .or_else(|| {
            ROWS.iter().find(|row| {
                row.name.eq_ignore_ascii_case(name)
                    || row
                        .aliases
                        .iter()
                        .any(|alias| alias.eq_ignore_ascii_case(name))
            })
        })
}

impl Provider {
    /// Its row.
    pub fn row(self) -> &'static Row {
        ROWS.iter()
            .find(|row| row.id == self)
            .expect("invariant: every provider has a row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn spellings_are_unique() {
        let mut seen = HashSet::new();
        for row in all() {
            assert!(std::ptr::eq(row.id.row(), row));
            for name in row.aliases.iter().chain([&row.name]) {
                assert!(seen.insert(*name), "{name} stands twice");
            }
        }
    }

    #[test]
    fn case_matters_only_where_two_aliases_differ_by_it() {
        let id = |name| by_name(name).map(|row| row.id);
        assert_eq!(id("BEGIN"), Some(Provider::Begin));
        assert_eq!(id("Tracepoint"), Some(Provider::Tracepoint));
        assert_eq!(id("T"), Some(Provider::Tracepoint));
        assert_eq!(id("u"), Some(Provider::Uprobe));
        assert_eq!(id("U"), Some(Provider::Usdt));
        assert_eq!(id("nothing"), None);
    }
}
