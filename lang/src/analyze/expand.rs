//! Attach points in, what they mean on this machine out: a timer, or a set of events.

mod call;
mod event;
mod function;
mod tracepoint;
mod user;

pub use call::continues_calls;

use super::Options;
use super::report::{Explain, Reports};
use super::tree::Tree;
use crate::ast::{AttachPoint, Ident};
use crate::catalog::pattern::Pattern;
use crate::catalog::{Catalog, FunctionName, Operand, TracepointName};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{
    CallHook, Config, CounterHook, Edge, FunctionRef, MissingProbes, Period, UserSite,
    WatchpointHook,
};
use crate::provider::{self, Provider, Support};
use crate::source::Span;

/// An attach point of the script and what it stands for.
#[derive(Debug)]
pub(super) struct Match {
    /// Index of its probe.
    pub(super) probe: usize,
    /// With the provider's name in full.
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) target: Target,
}

/// What an attach point stands for.
#[derive(Debug)]
pub(super) enum Target {
    Begin,
    End,
    Test,
    Bench,
    Interval(Period),
    Profile(Period),
    /// System calls, at least one.
    Calls(CallHook),
    /// Tracepoints, at least one, sorted.
    Tracepoints(Vec<TracepointName>),
    /// Raw tracepoints, at least one.
    RawTracepoints(Vec<FunctionName>),
    Signal(i32),
    Counter(CounterHook),
    Watchpoint(WatchpointHook),
    Iterator(String),
    /// Functions of the kernel, at least one.
    Functions {
        edge: Edge,
        trampoline: bool,
        functions: Vec<FunctionRef>,
    },
    /// Functions of user programs, at least one.
    UserFunctions {
        edge: Edge,
        sites: Vec<UserSite>,
        /// In this process only.
        pid: Option<u32>,
    },
    /// Static markers of user programs, at least one.
    Markers {
        sites: Vec<MarkerSite>,
        /// In this process only.
        pid: Option<u32>,
    },
}

/// A static marker and where its arguments are.
#[derive(Clone, Debug)]
pub(super) struct MarkerSite {
    pub(super) site: UserSite,
    /// `None` for one that cannot be read.
    pub(super) arguments: Vec<Option<Operand>>,
}

/// Expands all attach points of the script.
pub(super) fn script(
    tree: &Tree,
    config: &Config,
    options: &Options,
    catalog: &dyn Catalog,
    reports: &mut Reports,
) -> Vec<Match> {
    let mut expander = Expander {
        config,
        options,
        catalog,
        reports,
        warned_of_vdso: false,
    };
    let mut matches = Vec::new();
    for (probe, resolved) in tree.probes.iter().enumerate() {
        let mut attach_points = resolved.attach_points.iter().peekable();
        while let Some(attach_point) = attach_points.next() {
            let mut span = attach_point.span;
            let found = match expander.call_list(attach_point) {
                Some(mut list) => {
                    while let Some(more) = attach_points.next_if(|next| call::continues_calls(next))
                    {
                        list.push(expander.with_parameters(&more.parts));
                        span = span.to(more.span);
                    }
                    expander.calls(&list, span)
                }
                None => expander.attach_point(attach_point),
            };
            let Some((name, target)) = found else {
                continue;
            };
            let always = matches!(target, Target::Begin | Target::End)
                || options.is_internal(attach_point.span);
            if !always
                && options
                    .probe_filter
                    .as_ref()
                    .is_some_and(|filter| !filter(&name))
            {
                continue;
            }
            matches.push(Match {
                probe,
                name,
                span,
                target,
            });
        }
    }
    matches
}

/// The units that stand before a number.
const UNITS_BEFORE: [&str; 4] = ["us", "ms", "s", "hz"];

struct Expander<'a> {
    config: &'a Config,
    options: &'a Options,
    catalog: &'a dyn Catalog,
    reports: &'a mut Reports,
    /// It has been said that a call is mostly made without the kernel.
    warned_of_vdso: bool,
}

impl Expander<'_> {
    fn attach_point(&mut self, attach_point: &AttachPoint) -> Option<(String, Target)> {
        let parts = self.with_parameters(&attach_point.parts);
        let (first, rest) = parts.split_first()?;
        let Some(row) = provider::by_name(&first.name) else {
            self.unknown_provider(first);
            return None;
        };
        if row.support == Support::NotYet {
            self.reports
                .not_supported(format!("the provider {}", row.name), first.span);
            return None;
        }
        let what = || format!("{} probes", row.name);
        if !self
            .reports
            .offered(self.options.engine, row.engines, what, first.span)
        {
            return None;
        }
        let span = attach_point.span;
        let is_empty = rest.iter().any(|part| part.name.is_empty());
        let is_unit = matches!(rest, [only] if UNITS_BEFORE.contains(&only.name.as_str()));
        let target = match (row.id, rest) {
            _ if is_empty || is_unit => {
                self.form(row, rest, attach_point.span);
                return None;
            }
            (Provider::Begin, []) => Target::Begin,
            (Provider::End, []) => Target::End,
            (Provider::Test, [_]) => Target::Test,
            (Provider::Bench, [_]) => Target::Bench,
            (Provider::Interval, [_] | [_, _]) => Target::Interval(self.period(row, rest)?),
            (Provider::Profile, [_] | [_, _]) => Target::Profile(self.period(row, rest)?),
            (Provider::Tracepoint, [category, name]) => self.tracepoints(category, name, span)?,
            (Provider::RawTracepoint, [name]) => self.raw_tracepoints(None, name, span)?,
            (Provider::RawTracepoint, [module, name]) => {
                self.raw_tracepoints(Some(module), name, span)?
            }
            (Provider::Software | Provider::Hardware, [event]) => self.counter(row, event, None)?,
            (Provider::Software | Provider::Hardware, [event, count]) => {
                self.counter(row, event, Some(count))?
            }
            (Provider::SelfSignal, [kind, name]) if kind.name == "signal" => self.signal(name)?,
            (Provider::Watchpoint, [address, length, mode]) => {
                self.watchpoint(row, [address, length, mode], span)?
            }
            (Provider::Iter, [name]) => self.iterator(name)?,
            (
                Provider::Fentry | Provider::Fexit | Provider::Kprobe | Provider::Kretprobe,
                [name],
            ) => self.functions(row, None, name, span)?,
            (
                Provider::Fentry | Provider::Fexit | Provider::Kprobe | Provider::Kretprobe,
                [module, name],
            ) => self.functions(row, Some(module), name, span)?,
            (Provider::Uprobe | Provider::Uretprobe, [binary, name]) => {
                self.user_functions(row, binary, name, span)?
            }
            (Provider::Uprobe | Provider::Uretprobe, [binary, language, name])
                if language.name == "cpp" =>
            {
                self.source_functions(row, binary, name, span)?
            }
            (Provider::Usdt, [binary, name]) => self.markers(row, binary, None, name, span)?,
            (Provider::Usdt, [binary, provider, name]) => {
                self.markers(row, binary, Some(provider), name, span)?
            }
            _ => {
                self.form(row, rest, attach_point.span);
                return None;
            }
        };
        let provider = if first.name.eq_ignore_ascii_case(row.name) {
            first.name.as_str()
        } else {
            row.name
        };
        let parts: Vec<_> = std::iter::once(provider)
            .chain(rest.iter().map(|part| part.name.as_str()))
            .collect();
        Some((parts.join(":"), target))
    }

    fn unknown_provider(&mut self, first: &Ident) {
        let name = first.name.clone();
        let names = provider::all().iter().map(|row| row.name);
        let report = self
            .reports
            .error(AnalysisKind::UnknownProvider { name }, first.span);
        match first.name.as_str() {
            "" => {
                report.hint =
                    Some("an attach point begins with its provider: begin, tracepoint, ...".into())
            }
            "config" => report.hint = Some("options are written config = { ... }".into()),
            name => report.did_you_mean(name, names),
        }
    }

    /// The attach point has too many or too few parts, or an empty one.
    fn form(&mut self, row: &'static provider::Row, rest: &[Ident], span: Span) {
        let kind = AnalysisKind::AttachPointForm {
            provider: row.name,
            forms: row.forms,
        };
        let event = rest.first().filter(|_| row.id == Provider::Tracepoint);
        let found = event.and_then(|event| self.event_anywhere(&event.name));
        let is_missing = rest
            .iter()
            .any(|part| part.name.is_empty() && part.span.start < part.span.end);
        let report = self.reports.error(kind, span);
        if let Some(found) = found {
            report.hint = Some(format!("did you mean 'tracepoint:{found}'?"));
        } else if is_missing {
            report.hint = Some(
                "the parameter has no value: it stands behind the script on the command line"
                    .into(),
            );
        }
    }

    /// Puts positional parameters in; their text may hold colons of its own.
    fn with_parameters(&self, parts: &[Ident]) -> Vec<Ident> {
        let mut filled = Vec::new();
        for part in parts {
            if !part.name.contains('$') {
                filled.push(part.clone());
                continue;
            }
            let text = self.fill(&part.name);
            filled.extend(text.split(':').map(|name| Ident {
                name: name.to_owned(),
                span: part.span,
            }));
        }
        filled
    }

    fn fill(&self, text: &str) -> String {
        let mut pieces = text.split('$');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = piece.split_at(digits);
            if let Some(rest) = piece.strip_prefix('#') {
                filled.push_str(&self.options.positional.len().to_string());
                filled.push_str(rest);
                continue;
            }
            let value = number
                .parse::<usize>()
                .ok()
                .and_then(|n| self.options.positional.get(n.checked_sub(1)?));
            filled.push_str(value.map_or("", String::as_str));
            filled.push_str(rest);
        }
        filled
    }

    /// `1s`, `1000000` (nanoseconds), `ms:10`, `hz:99`.
    fn period(&mut self, row: &provider::Row, parts: &[Ident]) -> Option<Period> {
        let (unit, rate) = match parts {
            [unit, rate] => (Some(unit), rate),
            [rate] => (None, rate),
            _ => return None,
        };
        let scale = match unit.map(|unit| unit.name.as_str()) {
            None => Some(1),
            Some("hz") => None,
            Some("us") => Some(1_000),
            Some("ms") => Some(1_000_000),
            Some("s") => Some(1_000_000_000),
            Some(other) => {
                let kind = AnalysisKind::BadUnit {
                    provider: row.name,
                    unit: other.to_owned(),
                };
                self.reports.error(kind, parts[0].span);
                return None;
            }
        };
        let period = read_rate(&rate.name, unit.is_none()).and_then(|n| match scale {
            None => Some(Period::Hertz(n)),
            Some(scale) => n.checked_mul(scale).map(Period::Nanoseconds),
        });
        if period.is_none() {
            let kind = AnalysisKind::BadRate {
                provider: row.name,
                text: rate.name.clone(),
            };
            self.reports.error(kind, rate.span);
        }
        period
    }

    /// Nothing matches `written`: as bad as the options say.
    fn missing<'a>(
        &mut self,
        provider: &'static str,
        written: &str,
        names: impl IntoIterator<Item = &'a str>,
        span: Span,
    ) -> Option<Target> {
        self.missing_near(provider, written, written.to_owned(), names, span)
    }

    /// The same, where the whole pattern is more than the name that may be misspelt.
    fn missing_near<'a>(
        &mut self,
        provider: &'static str,
        written: &str,
        pattern: String,
        names: impl IntoIterator<Item = &'a str>,
        span: Span,
    ) -> Option<Target> {
        let kind = AnalysisKind::NoMatch { provider, pattern };
        let report = match (self.config.missing_probes, provider) {
            (MissingProbes::Ignore, _) => return None,
            (MissingProbes::Warn, _) => self.reports.warning(kind, span),
            // As in bpftrace, which knows of these only when all are known.
            (MissingProbes::Error, "rawtracepoint") => {
                self.reports.error(AnalysisKind::NoAttachPoints, span)
            }
            (MissingProbes::Error, _) => self.reports.error(kind, span),
        };
        report.did_you_mean(written, names);
        None
    }

    fn pattern(&mut self, part: &Ident) -> Option<Pattern> {
        let pattern = Pattern::new(&part.name);
        if pattern.is_none() {
            let pattern = part.name.clone();
            self.reports
                .error(AnalysisKind::BadPattern { pattern }, part.span);
        }
        pattern
    }
}

/// A positive number, with a unit of time behind it if none stood before it.
fn read_rate(text: &str, units: bool) -> Option<u64> {
    const UNITS: [(&str, u64); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ];
    let digits = text
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'_')
        .count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.replace('_', "").parse().ok()?;
    let scale = match unit {
        "" => 1,
        // 1e6
        unit if unit.starts_with('e') => 10u64.checked_pow(unit[1..].parse().ok()?)?,
        unit if units => UNITS.iter().find(|(name, _)| *name == unit)?.1,
        _ => return None,
    };
    number.checked_mul(scale).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_and_durations() {
        assert_eq!(read_rate("99", false), Some(99));
        assert_eq!(read_rate("1_000", false), Some(1000));
        assert_eq!(read_rate("1e6", true), Some(1_000_000));
        assert_eq!(read_rate("5ms", true), Some(5_000_000));
        for bad in [
            "",
            "0",
            "5ms",
            "-1",
            "x",
            "1e",
            "1e99",
            "99999999999999999999",
        ] {
            assert_eq!(read_rate(bad, false), None, "{bad}");
        }
    }
}
