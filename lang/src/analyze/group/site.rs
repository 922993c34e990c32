//! Groups of everything that is no tracepoint: what `args`, `arg0` and `retval` are depends on the provider.

use super::super::expand::{MarkerSite, Match, Target};
use super::super::report::Reports;
use super::super::tree::Probe;
use super::{BUILTIN_FIELD, Group, check_fields, used_fields};
use crate::builtin;
use crate::catalog::{
    Catalog, Field, FieldLocation, Function, FunctionName, TracepointEvent, TracepointKind,
};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Edge, FunctionHook, FunctionRef, Hook, UserHook, UserSite};
use crate::provider::Provider;
use crate::types::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Arguments of a function that lie in registers.
const REGISTER_ARGUMENTS: u8 = 6;
/// Words that a raw tracepoint gives (`MAX_BPF_FUNC_ARGS`).
const RAW_ARGUMENTS: u8 = 12;

/// The groups of one attach point.
pub(super) fn groups(
    found: Match,
    probe: &Probe,
    catalog: &dyn Catalog,
    reports: &mut Reports,
) -> Vec<Group> {
    let provider = provider(&found.target);
    if !check_offered(provider, probe, reports) {
        return Vec::new();
    }
    let group = |hook, attach_points: usize, fields| Group {
        probe: found.probe,
        provider,
        name: found.name.clone(),
        span: found.span,
        hook,
        attach_points: attach_points as u32,
        fields,
    };
    let one = |hook| vec![group(hook, 1, Vec::new())];
    match &found.target {
        Target::Begin => one(Hook::Begin),
        Target::End => one(Hook::End),
        Target::Test => one(Hook::Test),
        Target::Bench => one(Hook::Bench),
        Target::Interval(period) => one(Hook::Interval(*period)),
        Target::Profile(period) => one(Hook::Profile(*period)),
        Target::Signal(signal) => one(Hook::Signal(*signal)),
        Target::Counter(counter) => one(Hook::Counter(*counter)),
        Target::Watchpoint(watchpoint) => one(Hook::Watchpoint(*watchpoint)),
        Target::Iterator(of) => one(Hook::Iterator(of.clone())),
        Target::Tracepoints(_) | Target::Calls(_) => Vec::new(),
        Target::UserFunctions { edge, sites, pid } => {
            let fields = match edge {
                Edge::Enter => numbered(REGISTER_ARGUMENTS),
                Edge::Exit => vec![returned(Type::I64)],
            };
            together(sites, probe)
                .map(|sites| {
                    let hook = UserHook {
                        edge: *edge,
                        sites: sites.to_vec(),
                        pid: *pid,
                    };
                    group(Hook::User(hook), sites.len(), fields.clone())
                })
                .collect()
        }
        Target::Markers { sites, pid } => {
            let events = sites.iter().map(|site| (site.site.clone(), marker(site)));
            let mut groups = Vec::new();
            for (sites, fields) in split(provider, &found, events.collect(), probe, reports) {
                groups.extend(together(&sites, probe).map(|sites| {
                    let hook = UserHook {
                        edge: Edge::Enter,
                        sites: sites.to_vec(),
                        pid: *pid,
                    };
                    group(Hook::User(hook), sites.len(), fields.clone())
                }));
            }
            groups
        }
        Target::RawTracepoints(names) => {
            let asked = probe.whole_args.is_some()
                || probe
                    .fields
                    .iter()
                    .any(|field| !field.name.starts_with(BUILTIN_FIELD));
            let event = |name: &FunctionName| {
                let function = asked.then(|| catalog.raw_tracepoint(name)).flatten();
                let mut event = event(name, function.as_deref());
                event.fields.extend(numbered(RAW_ARGUMENTS));
                (name.name.clone(), event)
            };
            let events = names.iter().map(event).collect();
            split(provider, &found, events, probe, reports)
                .into_iter()
                .map(|(names, fields)| {
                    let count = names.len();
                    group(Hook::RawTracepoint(names), count, fields)
                })
                .collect()
        }
        Target::Functions {
            edge,
            trampoline,
            functions,
        } => {
            let event = |function: &FunctionRef| {
                (
                    function.clone(),
                    traced(function, *edge, *trampoline, catalog),
                )
            };
            let events = functions.iter().map(event).collect();
            split(provider, &found, events, probe, reports)
                .into_iter()
                .map(|(functions, fields)| {
                    let count = functions.len();
                    let hook = Hook::Function(FunctionHook {
                        edge: *edge,
                        trampoline: *trampoline,
                        functions,
                    });
                    group(hook, count, fields)
                })
                .collect()
        }
    }
}

/// All builtins that are read from the event are those of this provider.
pub(super) fn check_offered(provider: Provider, probe: &Probe, reports: &mut Reports) -> bool {
    let fields = probe.fields.iter().map(|field| {
        let name = field.name.strip_prefix(BUILTIN_FIELD).unwrap_or("args");
        (name, field.span)
    });
    let whole = probe.whole_args.map(|span| ("args", span));
    let mut offered = true;
    for (name, span) in fields.chain(whole) {
        let Some(row) = builtin::by_name(name).filter(|row| !row.offered_by(provider)) else {
            continue;
        };
        offered = false;
        let kind = AnalysisKind::BuiltinNotOffered {
            name: row.name,
            provider: provider.row().name,
        };
        reports.error(kind, span).hint = (row.name == "args").then(|| match provider {
            Provider::Uprobe | Provider::Usdt | Provider::Kprobe => {
                "the arguments are arg0, arg1 and so on".to_owned()
            }
            _ => "args are the fields of a tracepoint".to_owned(),
        });
    }
    offered
}

fn provider(target: &Target) -> Provider {
    match target {
        Target::Begin => Provider::Begin,
        Target::End => Provider::End,
        Target::Test => Provider::Test,
        Target::Bench => Provider::Bench,
        Target::Interval(_) => Provider::Interval,
        Target::Profile(_) => Provider::Profile,
        Target::Calls(_) => Provider::Syscall,
        Target::Tracepoints(_) => Provider::Tracepoint,
        Target::RawTracepoints(_) => Provider::RawTracepoint,
        Target::Signal(_) => Provider::SelfSignal,
        Target::Counter(counter) if counter.hardware => Provider::Hardware,
        Target::Counter(_) => Provider::Software,
        Target::Watchpoint(_) => Provider::Watchpoint,
        Target::Iterator(_) => Provider::Iter,
        Target::UserFunctions { edge, .. } => match edge {
            Edge::Enter => Provider::Uprobe,
            Edge::Exit => Provider::Uretprobe,
        },
        Target::Markers { .. } => Provider::Usdt,
        Target::Functions {
            edge, trampoline, ..
        } => match (edge, trampoline) {
            (Edge::Enter, true) => Provider::Fentry,
            (Edge::Exit, true) => Provider::Fexit,
            (Edge::Enter, false) => Provider::Kprobe,
            (Edge::Exit, false) => Provider::Kretprobe,
        },
    }
}

/// Sites that one body serves: one by one, where it computes with the address of its site.
fn together<'s>(sites: &'s [UserSite], probe: &Probe) -> impl Iterator<Item = &'s [UserSite]> {
    let most = if probe.wants_load_address {
        1
    } else {
        sites.len().max(1)
    };
    sites.chunks(most)
}

/// Sites that have the fields that the body uses at the same places, together with these fields.
fn split<T>(
    provider: Provider,
    found: &Match,
    events: Vec<(T, TracepointEvent)>,
    probe: &Probe,
    reports: &mut Reports,
) -> Vec<(Vec<T>, Vec<Field>)> {
    let (sites, events): (Vec<T>, Vec<_>) = events
        .into_iter()
        .map(|(site, event)| (site, Arc::new(event)))
        .unzip();
    if !check_fields(provider, found, &events, probe, reports) {
        return Vec::new();
    }
    let mut groups: BTreeMap<Vec<String>, (Vec<T>, Vec<Field>)> = BTreeMap::new();
    for (site, event) in sites.into_iter().zip(&events) {
        let fields: Vec<Field> = used_fields(event, probe).cloned().collect();
        let key = fields
            .iter()
            .map(|field| format!("{} {:?} {:?}", field.name, field.ty, field.location))
            .collect();
        let (sites, _) = groups.entry(key).or_insert_with(|| (Vec::new(), fields));
        sites.push(site);
    }
    groups.into_values().collect()
}

fn event(name: &FunctionName, function: Option<&Function>) -> TracepointEvent {
    TracepointEvent {
        category: name.module.clone(),
        name: name.name.clone(),
        kind: TracepointKind::Record,
        fields: function.map_or_else(Vec::new, |function| function.arguments.clone()),
    }
}

fn traced(
    function: &FunctionRef,
    edge: Edge,
    trampoline: bool,
    catalog: &dyn Catalog,
) -> TracepointEvent {
    let name = FunctionName {
        module: function.module.clone(),
        name: function.name.clone(),
    };
    if !trampoline {
        let fields = match edge {
            Edge::Enter => numbered(REGISTER_ARGUMENTS),
            Edge::Exit => vec![returned(Type::I64)],
        };
        return TracepointEvent {
            fields,
            ..event(&name, None)
        };
    }
    let typed = catalog.function(&name);
    let mut event = event(&name, typed.as_deref());
    if let (Edge::Exit, Some(result)) = (
        edge,
        typed.as_ref().and_then(|function| function.result.as_ref()),
    ) {
        event.fields.push(returned(result.ty.clone()));
    }
    event
}

fn marker(site: &MarkerSite) -> TracepointEvent {
    let UserSite { path, function, .. } = &site.site;
    let fields = (0u8..)
        .zip(&site.arguments)
        .filter_map(|(n, operand)| {
            Some(Field {
                location: FieldLocation::Operand((*operand)?),
                ..argument(n)
            })
        })
        .collect();
    TracepointEvent {
        category: path.clone(),
        name: function.clone(),
        kind: TracepointKind::Record,
        fields,
    }
}

fn numbered(count: u8) -> Vec<Field> {
    (0..count).map(argument).collect()
}

fn argument(n: u8) -> Field {
    Field {
        name: format!("{BUILTIN_FIELD}arg{n}"),
        c_type: "u64".into(),
        ty: Type::U64,
        location: FieldLocation::Argument(n),
    }
}

fn returned(ty: Type) -> Field {
    Field {
        name: format!("{BUILTIN_FIELD}retval"),
        c_type: "s64".into(),
        ty,
        location: FieldLocation::Return,
    }
}
