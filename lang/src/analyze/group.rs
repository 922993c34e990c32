//! Sets of events in, groups out: all events of a group have the fields that the body uses, with the same
//! types and at the same places, so that one body serves them all.

mod call;
mod site;

use super::expand::{Match, Target};
use super::report::{Explain, Reports};
use super::tree::{FieldUse, Probe, Tree};
use crate::catalog::{Catalog, Field, TracepointEvent, TracepointKind, TracepointName};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Config, Edge, Hook, SyscallHook, SyscallRef, SyscallSet, TracepointRef};
use crate::provider::Provider;
use crate::source::Span;
pub(super) use call::no_result;
use site::check_offered;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One future [`crate::hir::Probe`].
#[derive(Debug)]
pub(super) struct Group {
    /// Index of the probe in the tree.
    pub(super) probe: usize,
    pub(super) provider: Provider,
    /// The attach point.
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) hook: Hook,
    pub(super) attach_points: u32,
    /// The fields that the body uses (all, if it uses `args` as a whole).
    pub(super) fields: Vec<Field>,
}

/// In front of the names of builtins that are read from the event as fields are: `arg0`, `retval`.
pub(super) const BUILTIN_FIELD: char = '$';

/// Most events that a message names.
const EXAMPLES: usize = 3;

/// Groups all events of the script, in the order of the script.
pub(super) fn script(
    tree: &Tree,
    matches: Vec<Match>,
    config: &Config,
    catalog: &dyn Catalog,
    reports: &mut Reports,
) -> Vec<Group> {
    let mut groups = Vec::new();
    for found in matches {
        let probe = &tree.probes[found.probe];
        match &found.target {
            Target::Tracepoints(names) => {
                groups.extend(tracepoints(&found, names, probe, catalog, reports));
            }
            Target::Calls(calls) => {
                let context = call::Context {
                    found: &found,
                    probe,
                    config,
                    native: catalog.abi(),
                };
                groups.extend(call::groups(&context, calls, reports));
            }
            _ => groups.extend(site::groups(found, probe, catalog, reports)),
        }
    }
    let count: usize = groups
        .iter()
        .map(|group| group.attach_points as usize)
        .sum();
    let limit = config.max_probes;
    if let Some(last) = groups.last().filter(|_| count > limit as usize) {
        let kind = AnalysisKind::TooManyProbes { count, limit };
        reports.error(kind, last.span).hint =
            Some("raise it with config = { max_probes = ... } or BPFTRACE_MAX_PROBES".into());
    }
    groups
}

/// What tells groups apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    class: Class,
    /// Name, type and place of each field, spelt out.
    fields: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    RawEnter,
    RawExit,
    Enter,
    Exit,
    Record,
}

fn tracepoints(
    found: &Match,
    names: &[TracepointName],
    probe: &Probe,
    catalog: &dyn Catalog,
    reports: &mut Reports,
) -> Vec<Group> {
    let events: Vec<Arc<TracepointEvent>> = names
        .iter()
        .filter_map(|name| event(name, probe, catalog))
        .collect();
    if !check_offered(Provider::Tracepoint, probe, reports)
        || !check_fields(Provider::Tracepoint, found, &events, probe, reports)
    {
        return Vec::new();
    }
    let mut groups: BTreeMap<Key, Vec<&TracepointEvent>> = BTreeMap::new();
    for event in &events {
        let fields = used_fields(event, probe)
            .map(|field| format!("{} {:?} {:?}", field.name, field.ty, field.location))
            .collect();
        let key = Key {
            class: class(event.kind),
            fields,
        };
        groups.entry(key).or_default().push(event);
    }
    groups
        .into_iter()
        .map(|(key, events)| Group {
            probe: found.probe,
            provider: Provider::Tracepoint,
            name: found.name.clone(),
            span: found.span,
            attach_points: events.len() as u32,
            fields: events
                .first()
                .map(|event| used_fields(event, probe).cloned().collect())
                .unwrap_or_default(),
            hook: hook(key.class, &events),
        })
        .collect()
}

/// Reads an event, unless nothing about it is asked: format files of a thousand events take their time.
fn event(
    name: &TracepointName,
    probe: &Probe,
    catalog: &dyn Catalog,
) -> Option<Arc<TracepointEvent>> {
    let is_syscall = matches!(name.category.as_str(), "syscalls" | "raw_syscalls");
    if is_syscall || probe.whole_args.is_some() || !probe.fields.is_empty() {
        return catalog.tracepoint(&name.category, &name.name);
    }
    Some(Arc::new(TracepointEvent {
        category: name.category.clone(),
        name: name.name.clone(),
        kind: TracepointKind::Record,
        fields: Vec::new(),
    }))
}

/// The fields of an event that a probe uses, each once.
fn used_fields<'a>(
    event: &'a TracepointEvent,
    probe: &'a Probe,
) -> impl Iterator<Item = &'a Field> {
    event.fields.iter().filter(|field| {
        let own = is_own(&field.name);
        (probe.whole_args.is_some() && own)
            || probe.fields.iter().any(|used| used.name == field.name)
    })
}

/// A field of `args`: not one that all events have, and not a builtin.
fn is_own(name: &str) -> bool {
    !name.starts_with("common_") && !name.starts_with(BUILTIN_FIELD)
}

/// Every event must have every field. Complains once for each that some lack.
fn check_fields(
    provider: Provider,
    found: &Match,
    events: &[Arc<TracepointEvent>],
    probe: &Probe,
    reports: &mut Reports,
) -> bool {
    let mut complete = true;
    for (at, used) in probe.fields.iter().enumerate() {
        if probe.fields[..at]
            .iter()
            .any(|earlier| earlier.name == used.name)
        {
            continue;
        }
        let lacking: Vec<_> = events
            .iter()
            .filter(|event| event.field(&used.name).is_none())
            .collect();
        if !lacking.is_empty() {
            complete = false;
            missing_field(provider, found, events, &lacking, used, reports);
        }
    }
    complete
}

fn missing_field(
    provider: Provider,
    found: &Match,
    events: &[Arc<TracepointEvent>],
    lacking: &[&Arc<TracepointEvent>],
    used: &FieldUse,
    reports: &mut Reports,
) {
    let field = used.name.trim_start_matches(BUILTIN_FIELD).to_owned();
    let kind = if let [event] = events {
        AnalysisKind::UnknownField {
            event: format!("{}:{}:{}", provider.row().name, event.category, event.name),
            field,
        }
    } else {
        AnalysisKind::FieldMissingInSome {
            field,
            missing: lacking.len(),
            total: events.len(),
            examples: lacking
                .iter()
                .take(EXAMPLES)
                .map(|event| format!("{}:{}", event.category, event.name))
                .collect(),
        }
    };
    let names: Vec<&str> = lacking[0]
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .filter(|name| is_own(name))
        .collect();
    let report = reports.error(kind, used.span);
    report.did_you_mean(&used.name, names.iter().copied());
    if report.hint.is_none() && events.len() == 1 && !names.is_empty() {
        report.hint = Some(format!("its fields are {}", names.join(", ")));
    } else if events.len() > 1 {
        let (have, name) = (events.len() - lacking.len(), &found.name);
        report.hint = (have > 0).then(|| {
            format!("{have} events of {name} have it: name these, or use a narrower wildcard")
        });
    }
}

fn class(kind: TracepointKind) -> Class {
    match kind {
        TracepointKind::RawSysEnter => Class::RawEnter,
        TracepointKind::RawSysExit => Class::RawExit,
        TracepointKind::SysEnter { .. } => Class::Enter,
        TracepointKind::SysExit { .. } => Class::Exit,
        TracepointKind::Record => Class::Record,
    }
}

fn hook(class: Class, events: &[&TracepointEvent]) -> Hook {
    let (edge, native) = match class {
        Class::RawEnter => (Edge::Enter, false),
        Class::RawExit => (Edge::Exit, false),
        Class::Enter => (Edge::Enter, true),
        Class::Exit => (Edge::Exit, true),
        Class::Record => {
            let reference = |event: &&TracepointEvent| TracepointRef {
                category: event.category.clone(),
                name: event.name.clone(),
            };
            return Hook::Tracepoint(events.iter().map(reference).collect());
        }
    };
    let calls = if native {
        let mut calls: Vec<_> = events
            .iter()
            .filter_map(|event| syscall_ref(event))
            .collect();
        calls.sort_by_key(|call| call.number);
        SyscallSet::Native(calls)
    } else {
        SyscallSet::All
    };
    Hook::Syscall(SyscallHook { edge, calls })
}

fn syscall_ref(event: &TracepointEvent) -> Option<SyscallRef> {
    match event.kind {
        TracepointKind::SysEnter { number } | TracepointKind::SysExit { number } => {
            Some(SyscallRef {
                number,
                event: event.name.clone(),
            })
        }
        _ => None,
    }
}
