//! Syntax tree in, [`Tree`] out: every name becomes an id or a complaint.
//!
//! Also everything about a script that can be told without types: scopes, numbers of arguments, where
//! aggregations and `break` may stand, operations on literals.

mod call;
mod expr;
mod literal;
mod scope;
mod stmt;
mod types;

use super::Options;
use super::named::Named;
use super::report::{Explain, Reports};
use super::tree::{MapName, Probe, Tree};
use crate::ast;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Config, DeclaredMap, MAX_ENTRIES, MapId, MapKind};
use crate::source::Span;
use scope::Scope;
use std::collections::HashMap;

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
    let macros: Vec<String> = script
        .items
        .iter()
        .filter_map(|item| match item {
            ast::Item::Macro(found) => Some(found.name.name.clone()),
            _ => None,
        })
        .collect();
    for item in &script.items {
        match item {
            ast::Item::MapDecl(declaration) => declare(declaration, &mut maps, options, reports),
            ast::Item::Probe(probe) => {
                let mut resolver = Resolver {
                    config,
                    options,
                    named,
                    macros: &macros,
                    maps: &mut maps,
                    scope: Scope::default(),
                    reports,
                };
                probes.push(resolver.probe(probe));
            }
            ast::Item::Import(import) => reports.not_supported("import", import.span),
            ast::Item::Subprogram(function) => reports.not_supported("fn", function.name.span),
            ast::Item::Config(_) | ast::Item::Macro(_) => {}
        }
    }
    for map in maps.list.iter().filter(|map| !map.used) {
        let name = map.name.clone();
        reports.warning(AnalysisKind::MapNeverUsed { name }, map.span);
    }
    Tree {
        maps: maps.list,
        probes,
    }
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

/// Resolves one probe.
struct Resolver<'a> {
    config: &'a Config,
    options: &'a Options,
    named: &'a Named<'a>,
    /// The names of all macros.
    macros: &'a [String],
    maps: &'a mut Maps,
    scope: Scope,
    reports: &'a mut Reports,
}

impl Resolver<'_> {
    fn probe(&mut self, probe: &ast::Probe) -> Probe {
        let predicate = probe
            .predicate
            .as_ref()
            .map(|predicate| self.value(predicate));
        let body = self.body(&probe.body);
        let scope = std::mem::take(&mut self.scope);
        Probe {
            attach_points: probe.attach_points.clone(),
            predicate,
            body,
            vars: scope.vars,
            fields: scope.fields,
            whole_args: scope.whole_args,
        }
    }
}
