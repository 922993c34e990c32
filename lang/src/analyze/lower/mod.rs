//! Resolved tree and groups in, typed [`hir::Script`] out.
//!
//! Types of maps and variables depend on their uses anywhere in the script, so [`script`] goes over it
//! until the [`Table`] of types does not change any more; what the last round made and complained about
//! is the result. `None` for an expression means that its type is not known (yet), or that something is
//! wrong with it, which has been said.

mod action;
mod aggregate;
mod binary;
mod bytes;
mod call;
mod expr;
mod key;
mod leaf;
mod member;
mod memory;
mod place;
mod promise;
mod stmt;
mod subprogram;
mod syscall;
mod trace;
mod value;

use super::Options;
use super::group::Group;
use super::join::Given;
use super::named::Named;
use super::report::{Explain, Reports};
use super::table::{Conflict, Part, Table};
use super::tree::{Probe, SUBPROGRAM_RESULT, Tree};
use crate::catalog::Catalog;
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::suggest;
use crate::hir::{self, Config, FormatId, Hook, KeyPart, MapId, StringId, VarId};
use crate::printf::Format;
use crate::source::{Source, Span};
use crate::types::{IntType, Type};

/// Everything that does not change while types are found.
pub(super) struct Shared<'a> {
    pub(super) tree: &'a Tree,
    pub(super) groups: &'a [Group],
    pub(super) source: &'a Source,
    pub(super) config: &'a Config,
    pub(super) options: &'a Options,
    pub(super) catalog: &'a dyn Catalog,
    pub(super) named: &'a Named<'a>,
}

/// More rounds than any chain of assignments in a script needs.
const MAX_ROUNDS: usize = 64;

/// Finds all types and lowers the script.
pub(super) fn script(shared: &Shared<'_>, reports: &mut Reports) -> hir::Script {
    let vars = shared
        .groups
        .iter()
        .map(|group| shared.tree.probes[group.probe].vars.len());
    let mut table = Table::new(shared.tree.maps.len(), vars);
    let mut round = Round::run(shared, &mut table);
    for _ in 1..MAX_ROUNDS {
        // Where something is wrong already, types are missing for that reason.
        let settled = !table.changed;
        if settled && (reports.has_errors() || !round.assume_integers(&mut table)) {
            break;
        }
        round = Round::run(shared, &mut table);
    }
    round.complain_of_undefined(shared, &table);
    let maps = maps(shared, &table, &mut round.reports);
    let mut printed = std::mem::take(&mut round.output.printed);
    for map in &maps {
        printed.push(map.value.clone());
        printed.extend(map.key.iter().map(|part| part.ty.clone()));
    }
    reports.append(round.reports);
    hir::Script {
        engine: shared.options.engine,
        config: shared.config.clone(),
        maps,
        probes: round.probes,
        formats: round.output.formats,
        strings: round.output.strings,
        types: shared.named.printed(printed),
    }
}

/// One pass over the script.
struct Round {
    probes: Vec<hir::Probe>,
    output: Output,
    reports: Reports,
    unknown: Vec<Unknown>,
}

/// Something that was read, but whose type no assignment has told yet.
enum Unknown {
    Map(MapId, Span),
    Var(usize, VarId, Span),
}

/// Tables of the script that grow while it is lowered.
#[derive(Default)]
struct Output {
    formats: Vec<Format>,
    strings: Vec<String>,
    /// The types of values that user space prints.
    printed: Vec<Type>,
}

impl Round {
    fn run(shared: &Shared<'_>, table: &mut Table) -> Self {
        table.changed = false;
        let mut round = Self {
            probes: Vec::new(),
            output: Output::default(),
            reports: Reports::default(),
            unknown: Vec::new(),
        };
        for (index, group) in shared.groups.iter().enumerate() {
            let mut lowerer = Lowerer {
                shared,
                group,
                index,
                probe: &shared.tree.probes[group.probe],
                table,
                round: &mut round,
                temporaries: Vec::new(),
            };
            let probe = lowerer.probe();
            round.probes.push(probe);
        }
        round
    }

    /// `@x = @x + 1` and nothing else: types that only depend on themselves are integers.
    /// Says whether there was any.
    fn assume_integers(&self, table: &mut Table) -> bool {
        if self.reports.has_errors() {
            return false;
        }
        let literal = || Given {
            ty: Type::I64,
            literal: true,
        };
        for unknown in &self.unknown {
            match *unknown {
                Unknown::Map(map, span)
                    if table.is_assigned(map) && table.map_value(map).is_none() =>
                {
                    return table.observe_value(map, literal(), span).is_ok();
                }
                Unknown::Var(group, var, span)
                    if table.is_var_assigned(group, var) && table.var(group, var).is_none() =>
                {
                    return table.observe_var(group, var, literal(), span).is_ok();
                }
                _ => {}
            }
        }
        false
    }

    /// What has no type now never had a value.
    fn complain_of_undefined(&mut self, shared: &Shared<'_>, table: &Table) {
        for unknown in std::mem::take(&mut self.unknown) {
            match unknown {
                Unknown::Map(map, span) if !table.is_assigned(map) => {
                    let name = shared.tree.maps[map.index()].name.clone();
                    let maps = shared.tree.maps.iter().enumerate();
                    let others = maps.filter(|(at, _)| table.is_assigned(MapId(*at as u32)));
                    let near = suggest::nearest(&name, others.map(|(_, map)| map.name.as_str()));
                    let hint = match near {
                        Some(near) => format!("did you mean '@{near}'?"),
                        None => "no probe assigns to it".into(),
                    };
                    self.reports
                        .error(AnalysisKind::UndefinedMap { name }, span)
                        .hint = Some(hint);
                }
                Unknown::Var(group, var, span) if !table.is_var_assigned(group, var) => {
                    let probe = &shared.tree.probes[shared.groups[group].probe];
                    let name = probe.vars[var.index()].name.clone();
                    let hint = format!("nothing is assigned to ${name}");
                    self.reports
                        .error(AnalysisKind::UndefinedVariable { name }, span)
                        .hint = Some(hint);
                }
                _ => {}
            }
        }
    }
}

/// The maps with the types that were found.
fn maps(shared: &Shared<'_>, table: &Table, reports: &mut Reports) -> Vec<hir::Map> {
    let names = &shared.tree.maps;
    let mut maps = Vec::new();
    for (index, map) in names.iter().enumerate() {
        let id = MapId(index as u32);
        let value = table.map_value(id).unwrap_or(Type::I64);
        let parts = table.map_key(id).unwrap_or_default();
        let aggregation = matches!(value, Type::Aggregation(_));
        let shared_value = !aggregation;
        let declared = map.declared.map(|(declared, span)| {
            check_kind(declared.kind, aggregation, span, reports);
            declared
        });
        maps.push(hir::Map {
            name: map.name.clone(),
            key: parts.iter().map(key_part).collect(),
            value,
            declared,
            shared: shared_value,
            internal: shared.options.is_internal(map.span),
            scale: 1,
            span: map.span,
        });
    }
    maps
}

fn key_part(part: &Part) -> KeyPart {
    let domain = if part.given.ty == Type::Bool {
        hir::Domain::Bool
    } else {
        part.domain.domain()
    };
    KeyPart {
        name: part.name.clone(),
        ty: part.given.ty.clone(),
        domain,
    }
}

/// Aggregations are per CPU, all else is not.
fn check_kind(kind: hir::MapKind, aggregation: bool, span: Span, reports: &mut Reports) {
    let (name, per_cpu) = match kind {
        hir::MapKind::Hash => ("hash", false),
        hir::MapKind::LruHash => ("lruhash", false),
        hir::MapKind::PerCpuHash => ("percpuhash", true),
        hir::MapKind::PerCpuLruHash => ("percpulruhash", true),
    };
    if per_cpu != aggregation {
        let kind = AnalysisKind::MapKindUse {
            kind: name.into(),
            aggregation,
        };
        reports.error(kind, span);
    }
}

/// Lowers the body of one group.
struct Lowerer<'a> {
    shared: &'a Shared<'a>,
    group: &'a Group,
    /// Of the group.
    index: usize,
    probe: &'a Probe,
    table: &'a mut Table,
    round: &'a mut Round,
    /// Variables that the script does not have, numbered after those that it has.
    temporaries: Vec<hir::Var>,
}

impl Lowerer<'_> {
    fn probe(&mut self) -> hir::Probe {
        let predicate = self
            .probe
            .predicate
            .as_ref()
            .and_then(|predicate| self.condition(predicate, "predicate"));
        let body = self.stmts(&self.probe.body);
        for (function, span) in &self.probe.uncalled {
            // What is wrong with it has been said; what it does is not wanted.
            self.subprogram_or_void(function, *span);
        }
        let vars = self
            .probe
            .vars
            .iter()
            .enumerate()
            .map(|(at, var)| hir::Var {
                name: var.name.clone(),
                ty: self
                    .table
                    .var(self.index, VarId(at as u32))
                    .map_or(Type::I64, |slot| slot.given.ty.clone()),
            });
        let vars = vars.chain(self.temporaries.iter().cloned()).collect();
        let internal = self.shared.options.is_internal(self.group.span);
        hir::Probe {
            name: self.group.name.clone(),
            span: self.group.span,
            hook: self.group.hook.clone(),
            attach_points: if internal {
                0
            } else {
                self.group.attach_points
            },
            internal,
            predicate: self.with_pid_filter(predicate),
            body,
            vars,
        }
    }

    /// `-p`: perf-event probes and the ends of the script are not limited.
    fn with_pid_filter(&self, predicate: Option<hir::Expr>) -> Option<hir::Expr> {
        let limited = matches!(
            self.group.hook,
            Hook::Syscall(_)
                | Hook::Call(_)
                | Hook::Tracepoint(_)
                | Hook::RawTracepoint(_)
                | Hook::User(_)
                | Hook::Function(_)
        );
        let Some(pid) = self.shared.options.only_process().filter(|_| limited) else {
            return predicate;
        };
        let span = self.group.span;
        let expr = |kind, ty| hir::Expr { kind, ty, span };
        let left = expr(hir::ExprKind::Builtin(hir::Builtin::Pid), Type::U32);
        let right = expr(hir::ExprKind::Int(i64::from(pid)), Type::U32);
        let compare = hir::ExprKind::Compare(hir::CompareOp::Eq, Box::new(left), Box::new(right));
        let filter = expr(compare, Type::Bool);
        Some(match predicate {
            None => filter,
            Some(predicate) => expr(
                hir::ExprKind::Logic(hir::LogicOp::And, Box::new(filter), Box::new(predicate)),
                Type::Bool,
            ),
        })
    }

    fn reports(&mut self) -> &mut Reports {
        &mut self.round.reports
    }

    fn error<T>(&mut self, kind: AnalysisKind, span: Span) -> Option<T> {
        self.round.reports.error(kind, span);
        None
    }

    /// A variable that the script does not have.
    fn temporary(&mut self, ty: Type) -> VarId {
        let id = VarId((self.probe.vars.len() + self.temporaries.len()) as u32);
        self.temporaries.push(hir::Var {
            name: format!("#{}", self.temporaries.len()),
            ty,
        });
        id
    }

    fn string(&mut self, text: &str) -> StringId {
        let strings = &mut self.round.output.strings;
        let at = strings
            .iter()
            .position(|other| other == text)
            .unwrap_or_else(|| {
                strings.push(text.to_owned());
                strings.len() - 1
            });
        StringId(at as u32)
    }

    fn format(&mut self, format: Format) -> FormatId {
        let formats = &mut self.round.output.formats;
        formats.push(format);
        FormatId((formats.len() - 1) as u32)
    }

    /// Complains that a variable was given another type.
    fn variable_conflict(&mut self, conflict: Conflict, var: VarId, given: Type, span: Span) {
        let Conflict::Type(has, first) = conflict else {
            return;
        };
        let variable = &self.probe.vars[var.index()];
        let (kind, place, label) = if variable.name == SUBPROGRAM_RESULT {
            let kind = AnalysisKind::ReturnType { has, given };
            (kind, variable.span, "the type of the result")
        } else {
            let name = variable.name.clone();
            let kind = AnalysisKind::VariableType { name, has, given };
            (kind, first, "first assigned here")
        };
        self.reports().error(kind, span).label(place, label);
    }

    /// Complains that a map was used in two ways.
    fn map_conflict(&mut self, conflict: Conflict, map: MapId, given: Vec<Type>, span: Span) {
        let name = self.shared.tree.maps[map.index()].name.clone();
        let (kind, first, label) = match conflict {
            Conflict::Type(has, first) => {
                let given = given.into_iter().next().unwrap_or(Type::Void);
                let has = self.table.map_value(map).unwrap_or(has);
                (
                    AnalysisKind::MapValueType { name, has, given },
                    first,
                    "first assigned here",
                )
            }
            Conflict::Key(has, first) => (
                AnalysisKind::MapKeyType { name, has, given },
                first,
                "first used with this key here",
            ),
            Conflict::Presence { keyed_first, first } => (
                AnalysisKind::MapKeyPresence { name, keyed_first },
                first,
                "first used here",
            ),
        };
        self.reports().error(kind, span).label(first, label);
    }
}

/// The 64-bit integer of a sign.
fn int64(signed: bool) -> IntType {
    IntType { bits: 64, signed }
}
