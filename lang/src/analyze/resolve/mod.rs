//! Syntax tree in, [`Tree`] out: every name becomes an id or a complaint.
//!
//! Also everything about a script that can be told without types: scopes, numbers of arguments, where
//! aggregations and `break` may stand, operations on literals.

mod call;
mod expr;
mod getopt;
mod literal;
mod scope;
mod stmt;
mod subprogram;
mod types;

use super::named::Named;
use super::report::{Explain, Reports};
use super::tree::{MapName, Probe, Tree};
use super::{Mode, NamedParameter, Options};
use crate::ast;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Config, DeclaredMap, MAX_ENTRIES, MapId, MapKind, VarId};
use crate::provider::{self, Provider};
use crate::source::Span;
use scope::Scope;
use std::collections::{HashMap, HashSet};

/// Resolves all probes and map declarations. `script` has no macro calls any more.
pub(super) fn script(
    script: &ast::Script,
    config: &Config,
    options: &Options,
    named: &Named<'_>,
    reports: &mut Reports,
) -> Tree {
    let mut maps = Maps::default();
    let mut probes = Vec::new();
    let mut parameters = Vec::new();
    let subprograms = subprograms(script, reports);
    let macros: Vec<String> = script
        .items
        .iter()
        .filter_map(|item| match item {
            ast::Item::Macro(found) => Some(found.name.name.clone()),
            _ => None,
        })
        .collect();
    let mut called = HashSet::new();
    let last = script.items.iter().rposition(
        |item| matches!(item, ast::Item::Probe(probe) if wanted(probe, options.mode).is_some()),
    );
    for (at, item) in script.items.iter().enumerate() {
        match item {
            ast::Item::MapDecl(declaration) => declare(declaration, &mut maps, options, reports),
            ast::Item::Probe(probe) => {
                let Some(returns) = wanted(probe, options.mode) else {
                    continue;
                };
                let mut resolver = Resolver {
                    config,
                    options,
                    subprograms: &subprograms,
                    named,
                    macros: &macros,
                    maps: &mut maps,
                    parameters: &mut parameters,
                    scope: Scope::default(),
                    returns,
                    active: Vec::new(),
                    called: &mut called,
                    reports,
                };
                probes.push(resolver.probe(probe, last == Some(at)));
            }
            // Imports have been put in place; config and macros were read before.
            ast::Item::Import(_)
            | ast::Item::Config(_)
            | ast::Item::Macro(_)
            | ast::Item::Subprogram(_) => {}
        }
    }
    for map in maps.list.iter().filter(|map| !map.used) {
        let name = map.name.clone();
        reports.warning(AnalysisKind::MapNeverUsed { name }, map.span);
    }
    Tree {
        maps: maps.list,
        probes,
        named: parameters,
    }
}

type Subprograms<'a> = HashMap<&'a str, &'a ast::Subprogram>;

fn subprograms<'a>(script: &'a ast::Script, reports: &mut Reports) -> Subprograms<'a> {
    let mut subprograms = Subprograms::new();
    for item in &script.items {
        let ast::Item::Subprogram(found) = item else {
            continue;
        };
        if let Some(first) = subprograms.get(found.name.name.as_str()) {
            let kind = AnalysisKind::Duplicate {
                what: "function",
                name: found.name.name.clone(),
            };
            reports
                .error(kind, found.name.span)
                .label(first.name.span, "first defined here");
        } else {
            subprograms.insert(&found.name.name, found);
        }
    }
    subprograms
}

/// What `return` means in a probe; `None` if the probe is not for this mode.
fn wanted(probe: &ast::Probe, mode: Mode) -> Option<Returns> {
    let providers: Vec<_> = probe
        .attach_points
        .iter()
        .filter_map(|point| provider::by_name(&point.parts.first()?.name))
        .map(|row| row.id)
        .collect();
    let any = |wanted: &[Provider]| providers.iter().any(|id| wanted.contains(id));
    let wanted = match mode {
        Mode::Run => !any(&[Provider::Test, Provider::Bench]),
        Mode::Test => any(&[Provider::Test, Provider::Begin, Provider::End]),
        Mode::Bench => any(&[Provider::Bench, Provider::Begin, Provider::End]),
    };
    wanted.then(|| match any(&[Provider::Test]) {
        true => Returns::Test,
        false => Returns::Probe,
    })
}

/// The maps of the script, by name and by id.
#[derive(Default)]
struct Maps {
    list: Vec<MapName>,
    ids: HashMap<String, MapId>,
}

impl Maps {
    fn id(&mut self, name: &str, span: Span) -> MapId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = MapId(self.list.len() as u32);
        self.list.push(MapName {
            name: name.to_owned(),
            span,
            declared: None,
            used: false,
        });
        self.ids.insert(name.to_owned(), id);
        id
    }

    /// As [`Self::id`], for a use in a probe.
    fn used(&mut self, name: &str, span: Span) -> MapId {
        let id = self.id(name, span);
        let map = &mut self.list[id.index()];
        if !map.used {
            map.used = true;
            map.span = span;
        }
        id
    }
}

/// The kinds of maps that can be declared.
const MAP_KINDS: [(&str, MapKind); 4] = [
    ("hash", MapKind::Hash),
    ("lruhash", MapKind::LruHash),
    ("percpuhash", MapKind::PerCpuHash),
    ("percpulruhash", MapKind::PerCpuLruHash),
];

fn declare(declaration: &ast::MapDecl, maps: &mut Maps, options: &Options, reports: &mut Reports) {
    let kind_name = &declaration.kind.name;
    let kind = MAP_KINDS.iter().find(|(name, _)| name == kind_name);
    if kind.is_none() {
        let name = kind_name.clone();
        reports
            .error(AnalysisKind::UnknownMapKind { name }, declaration.kind.span)
            .did_you_mean(kind_name, MAP_KINDS.iter().map(|(name, _)| *name));
    }
    let entries = match declaration.args.as_slice() {
        [entries] => literal::constant(entries, options)
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| (1..=MAX_ENTRIES).contains(n)),
        _ => None,
    };
    if entries.is_none() {
        let span = declaration
            .args
            .first()
            .map_or(declaration.kind.span, |arg| arg.span);
        reports.error(AnalysisKind::MapEntries, span);
    }
    let ident = &declaration.map;
    let id = maps.id(&ident.name, ident.span);
    let map = &mut maps.list[id.index()];
    if let Some((_, first)) = map.declared {
        let name = ident.name.clone();
        reports
            .error(AnalysisKind::MapDeclaredTwice { name }, ident.span)
            .label(first, "first declared here");
    } else if let (Some((_, kind)), Some(entries)) = (kind, entries) {
        let declared = DeclaredMap {
            kind: *kind,
            entries,
        };
        map.declared = Some((declared, declaration.span));
    }
}

/// What `return` leaves, and with what.
#[derive(Clone, Copy)]
enum Returns {
    /// A probe, with nothing.
    Probe,
    /// A test, with nothing or a status.
    Test,
    /// A subprogram, with a value for the variable if it has a result.
    Subprogram(Option<VarId>),
}

/// Resolves one probe.
struct Resolver<'a> {
    config: &'a Config,
    options: &'a Options,
    subprograms: &'a Subprograms<'a>,
    named: &'a Named<'a>,
    /// The names of all macros.
    macros: &'a [String],
    maps: &'a mut Maps,
    /// What `getopt` asks for.
    parameters: &'a mut Vec<NamedParameter>,
    scope: Scope,
    returns: Returns,
    /// The subprograms whose bodies are being resolved.
    active: Vec<String>,
    /// Those that have been resolved.
    called: &'a mut HashSet<String>,
    reports: &'a mut Reports,
}

impl Resolver<'_> {
    fn probe(&mut self, probe: &ast::Probe, last: bool) -> Probe {
        let predicate = probe
            .predicate
            .as_ref()
            .map(|predicate| self.value(predicate));
        let body = self.body(&probe.body);
        let uncalled = if last { self.uncalled() } else { Vec::new() };
        let scope = std::mem::take(&mut self.scope);
        Probe {
            attach_points: probe.attach_points.clone(),
            predicate,
            body,
            uncalled,
            vars: scope.vars,
            fields: scope.fields,
            whole_args: scope.whole_args,
            wants_load_address: scope.wants_load_address,
        }
    }
}
