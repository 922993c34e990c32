//! Attach points of system calls: `syscall:openat`, `syscall:open*,close`, `syscall:%file:enter`.
//!
//! What stands between commas is one attach point: the calls that any of its parts names, each once.

use super::super::report::Explain;
use super::{Expander, Target};
use crate::ast::{AttachPoint, Ident};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{CallHook, CallRef, CallSet, Edge, MissingProbes};
use crate::provider::{self, Provider};
use crate::source::Span;
use crate::syscall::shape::Class;
use crate::syscall::{self, Abi, Syscall};

/// What stands behind a name if the probe is to fire when the call begins.
const ENTER: &str = "enter";

/// Calls that the C library makes without the kernel's help, where the machine lets it.
const VDSO: [&str; 5] = [
    "clock_gettime",
    "gettimeofday",
    "time",
    "getcpu",
    "clock_getres",
];

/// An attach point that goes on with the list of system calls before it: no provider stands in it.
pub fn continues_calls(attach_point: &AttachPoint) -> bool {
    let alone = match attach_point.parts.as_slice() {
        [_] => true,
        [_, moment] => moment.name == ENTER,
        _ => false,
    };
    let first = attach_point.parts.first();
    alone && first.is_some_and(|first| provider::by_name(&first.name).is_none())
}

/// A call of the table.
type Known = (CallRef, &'static Syscall);

impl Expander<'_> {
    /// The parts behind the provider, if that is `syscall`: the first of a list.
    pub(super) fn call_list(&self, attach_point: &AttachPoint) -> Option<Vec<Vec<Ident>>> {
        let mut parts = self.with_parameters(&attach_point.parts);
        let provider = provider::by_name(&parts.first()?.name)?;
        (provider.id == Provider::Syscall).then(|| vec![parts.split_off(1)])
    }

    /// The calls of a list of names, patterns and classes.
    pub(super) fn calls(&mut self, list: &[Vec<Ident>], span: Span) -> Option<(String, Target)> {
        let (edge, names) = self.moment(list, span)?;
        let written: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
        let mut name = format!("syscall:{}", written.join(","));
        if edge == Edge::Enter {
            name = format!("{name}:{ENTER}");
        }
        let all = all(self.catalog.abi());
        let mut found: Option<Vec<CallRef>> = Some(Vec::new());
        let mut complete = true;
        for name in &names {
            match (self.matching(name, &all), &mut found) {
                (None, _) => complete = false,
                // `*` is every call, those that no table has among them.
                (Some(None), _) => found = None,
                (Some(Some(more)), Some(found)) => found.extend(more),
                (Some(Some(_)), None) => {}
            }
        }
        let missing = self.config.missing_probes;
        if !complete && missing == MissingProbes::Error {
            return None;
        }
        let calls = match found {
            None => CallSet::All,
            Some(mut calls) => {
                calls.sort_by_key(|call| (call.abi as u8, call.number));
                calls.dedup();
                CallSet::Some(calls)
            }
        };
        let empty = matches!(&calls, CallSet::Some(calls) if calls.is_empty());
        (!empty).then_some((name, Target::Calls(CallHook { edge, calls })))
    }

    /// When the probe fires, and the names without what says so: `:enter` stands behind the list, or behind every
    /// name.
    fn moment(&mut self, list: &[Vec<Ident>], span: Span) -> Option<(Edge, Vec<Ident>)> {
        let mut names: Vec<Ident> = Vec::new();
        let mut wrong = None;
        let enters = list.iter().filter(|parts| parts.len() == 2).count();
        for parts in list {
            let (name, moment) = match parts.as_slice() {
                [name] => (name, ENTER),
                [name, moment] => (name, moment.name.as_str()),
                _ => {
                    wrong = Some("");
                    continue;
                }
            };
            if moment != ENTER {
                wrong = Some("without :enter, the probe fires when the call has finished");
            }
            // A parameter may hold a list of its own.
            for part in name.name.split(',') {
                if part.is_empty() {
                    wrong = Some("");
                }
                names.push(Ident {
                    name: part.to_owned(),
                    span: name.span,
                });
            }
        }
        let at_end = list.last().is_some_and(|parts| parts.len() == 2);
        if enters != 0 && enters != list.len() && !(enters == 1 && at_end) {
            wrong = wrong.or(Some("write :enter once, behind the last name"));
        }
        let Some(hint) = wrong else {
            let edge = match enters {
                0 => Edge::Exit,
                _ => Edge::Enter,
            };
            return Some((edge, names));
        };
        let row = Provider::Syscall.row();
        let kind = AnalysisKind::AttachPointForm {
            provider: row.name,
            forms: row.forms,
        };
        self.reports.error(kind, span).hint = (!hint.is_empty()).then(|| hint.to_owned());
        None
    }

    /// The calls of one name; within, `None` for every call. `None` without: there is none, which has been said.
    fn matching(&mut self, name: &Ident, all: &[Known]) -> Option<Option<Vec<CallRef>>> {
        if name.name == "*" {
            return Some(None);
        }
        if let Some(class) = name.name.strip_prefix('%') {
            let Some(class) = Class::by_name(class) else {
                return self.no_class(class, name.span);
            };
            let has = |(_, call): &&Known| call.semantics().classes.contains(&class);
            return Some(Some(all.iter().filter(has).map(|call| call.0).collect()));
        }
        let pattern = self.pattern(name)?;
        let of = |wanted: fn(&'static Syscall) -> &'static str| -> Vec<CallRef> {
            let fits = |(_, call): &&Known| pattern.matches(wanted(call));
            all.iter().filter(fits).map(|call| call.0).collect()
        };
        let mut found = of(|call| call.name);
        if found.is_empty() {
            found = of(|call| call.event);
        }
        if found.is_empty() {
            return self.no_call(&name.name, name.span, all);
        }
        if VDSO.contains(&name.name.as_str()) && !self.warned_of_vdso {
            self.warned_of_vdso = true;
            let kind = AnalysisKind::VdsoCall {
                name: name.name.clone(),
            };
            self.reports.warning(kind, name.span).hint =
                Some("only the calls that reach the kernel are seen".into());
        }
        Some(Some(found))
    }

    fn no_class<T>(&mut self, class: &str, span: Span) -> Option<T> {
        let kind = AnalysisKind::NoMatch {
            provider: "syscall",
            pattern: format!("%{class}"),
        };
        let names: Vec<String> = Class::ALL
            .iter()
            .map(|(_, name)| format!("%{name}"))
            .collect();
        let report = self.reports.error(kind, span);
        report.did_you_mean(&format!("%{class}"), names.iter().map(String::as_str));
        if report.hint.is_none() {
            report.hint = Some(format!("the classes are {}", names.join(", ")));
        }
        None
    }

    fn no_call<T>(&mut self, name: &str, span: Span, all: &[Known]) -> Option<T> {
        let kind = AnalysisKind::NoMatch {
            provider: "syscall",
            pattern: name.to_owned(),
        };
        let report = match self.config.missing_probes {
            MissingProbes::Ignore => return None,
            MissingProbes::Warn => self.reports.warning(kind, span),
            MissingProbes::Error => self.reports.error(kind, span),
        };
        let bare = ["sys_enter_", "sys_exit_", "sys_"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix));
        let named = |name: &str| {
            all.iter()
                .find(|(_, call)| call.name == name || call.event == name)
        };
        if let Some((_, call)) = bare.and_then(named) {
            report.hint = Some(format!("did you mean 'syscall:{}'?", call.name));
        } else if Class::by_name(name).is_some() {
            report.hint = Some(format!("did you mean the class '%{name}'?"));
        } else {
            report.did_you_mean(name, all.iter().map(|(_, call)| call.name));
        }
        None
    }
}

/// Every call of every ABI that a kernel serves.
fn all(native: Abi) -> Vec<Known> {
    let abis = std::iter::once(&native).chain(native.compat());
    let calls = abis.flat_map(|&abi| {
        syscall::all(abi).map(move |(number, call)| (CallRef { abi, number }, call))
    });
    calls.collect()
}
