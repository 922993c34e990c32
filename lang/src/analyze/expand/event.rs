//! Attach points of counters, signals, breakpoints and iterators.

use super::super::report::Explain;
use super::{Expander, Target};
use crate::ast::Ident;
use crate::counter;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{CounterHook, WatchpointHook};
use crate::provider::{Provider, Row};
use crate::source::Span;
use crate::syscall::signal;

/// What can be iterated over.
const ITERATORS: [&str; 3] = ["task", "task_file", "task_vma"];

impl Expander<'_> {
    /// `software:cpu-clock:1000000`
    pub(super) fn counter(
        &mut self,
        row: &'static Row,
        event: &Ident,
        count: Option<&Ident>,
    ) -> Option<Target> {
        let hardware = row.id == Provider::Hardware;
        let rows = if hardware {
            counter::HARDWARE
        } else {
            counter::SOFTWARE
        };
        let Some(found) = counter::by_name(rows, &event.name) else {
            let kind = AnalysisKind::NoMatch {
                provider: row.name,
                pattern: event.name.clone(),
            };
            let names = rows.iter().flat_map(|row| [Some(row.name), row.alias]);
            self.reports
                .error(kind, event.span)
                .did_you_mean(&event.name, names.flatten());
            return None;
        };
        let period = match count {
            None => found.period,
            Some(count) => {
                let Some(period) = number(&count.name).filter(|period| *period > 0) else {
                    let kind = AnalysisKind::BadRate {
                        provider: row.name,
                        text: count.name.clone(),
                    };
                    self.reports.error(kind, count.span);
                    return None;
                };
                period
            }
        };
        Some(Target::Counter(CounterHook {
            hardware,
            event: found.event,
            period,
        }))
    }

    /// `self:signal:SIGUSR1`
    pub(super) fn signal(&mut self, name: &Ident) -> Option<Target> {
        // Whoever sends one of these wants the tracer to end, or it cannot be held back.
        const TAKEN: [&str; 5] = ["SIGINT", "SIGTERM", "SIGKILL", "SIGSTOP", "SIGHUP"];
        let number = signal::by_name(&name.name)
            .and_then(|number| i32::try_from(number).ok())
            .filter(|_| !TAKEN.contains(&name.name.as_str()));
        if number.is_none() {
            let kind = AnalysisKind::NoMatch {
                provider: "self:signal",
                pattern: name.name.clone(),
            };
            self.reports
                .error(kind, name.span)
                .did_you_mean(&name.name, ["SIGUSR1", "SIGUSR2"]);
        }
        Some(Target::Signal(number?))
    }

    /// `watchpoint:0x1000:8:rw`
    pub(super) fn watchpoint(
        &mut self,
        row: &'static Row,
        [address, length, mode]: [&Ident; 3],
        span: Span,
    ) -> Option<Target> {
        let place = number(&address.name).or_else(|| self.catalog.kernel_address(&address.name));
        let length = number(&length.name)
            .and_then(|length| u8::try_from(length).ok())
            .filter(|length| [1, 2, 4, 8].contains(length));
        let has = |c| mode.name.contains(c);
        let (read, write, execute) = (has('r'), has('w'), has('x'));
        let known = mode.name.chars().all(|c| "rwx".contains(c)) && !mode.name.is_empty();
        // The processor cannot tell data from code at once.
        let possible = known && !(execute && (read || write));
        let (Some(address), Some(length), true) = (place, length, possible) else {
            let kind = AnalysisKind::AttachPointForm {
                provider: row.name,
                forms: row.forms,
            };
            self.reports.error(kind, span).hint =
                Some("the length is 1, 2, 4 or 8, the mode r, w, rw or x".into());
            return None;
        };
        Some(Target::Watchpoint(WatchpointHook {
            address,
            length,
            read,
            write,
            execute,
            pid: self.options.only_process(),
        }))
    }

    /// `iter:task`
    pub(super) fn iterator(&mut self, name: &Ident) -> Option<Target> {
        if ITERATORS.contains(&name.name.as_str()) {
            return Some(Target::Iterator(name.name.clone()));
        }
        let kind = AnalysisKind::NoMatch {
            provider: "iter",
            pattern: name.name.clone(),
        };
        self.reports
            .error(kind, name.span)
            .did_you_mean(&name.name, ITERATORS);
        None
    }
}

/// A number, decimal or hexadecimal, perhaps with an exponent.
pub(super) fn number(text: &str) -> Option<u64> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16).ok();
    }
    if let Some((digits, exponent)) = text.split_once(['e', 'E']) {
        let scale = 10u64.checked_pow(exponent.parse().ok()?)?;
        return digits.parse::<u64>().ok()?.checked_mul(scale);
    }
    text.replace('_', "").parse().ok()
}
