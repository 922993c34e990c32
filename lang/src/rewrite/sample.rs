//! `--sample 1/N`: a typed script in, one that sees every N-th system call out, by chance.
//!
//! A call is seen whole or not at all: where several probes may see one call, the first to see it decides, and the
//! decision is kept by thread until the last. What counts calls is multiplied by N when it is read.

use super::{both, expr};
use crate::hir::{
    Builtin, Call, CallHook, CallRef, CallSet, DeclaredMap, Domain, Edge, Expr, ExprKind, Hook,
    KeyPart, Map, MapId, MapKind, Place, Probe, Script, Stmt, StmtKind, SyscallHook, SyscallRef,
    SyscallSet, TracepointRef,
};
use crate::source::Span;
use crate::types::{Aggregation, Reduce, Type};

/// Threads that may be within a sampled call at a time.
const MOST_THREADS: u32 = 65536;

/// What became of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// How many of its probes see system calls, and so only some of them.
    pub probes: usize,
    /// Maps that count sampled calls and whose counts cannot be multiplied.
    pub unscaled: Vec<MapId>,
}

/// Changes a script so that it sees one system call of `one_in`, of those that `scope` holds for. Probes on anything
/// else see all.
pub fn sample(script: &mut Script, one_in: u32, scope: Option<&Expr>) -> Sampled {
    let mut seen: Vec<Hook> = Vec::new();
    let mut overlap = false;
    for probe in script.probes.iter().filter(|probe| is_sampled(probe)) {
        overlap |= seen
            .iter()
            .any(|other| may_see_one_call(other, &probe.hook));
        seen.push(probe.hook.clone());
    }
    if seen.is_empty() {
        return Sampled::default();
    }
    let unscaled = scale(script, one_in);
    let decision = match overlap {
        true => keep_decision(script, one_in, scope, &seen),
        false => chance(one_in),
    };
    for probe in script.probes.iter_mut().filter(|probe| is_sampled(probe)) {
        probe.predicate = Some(match probe.predicate.take() {
            // Those that the script does not want are not left out.
            Some(predicate) if !overlap => both(predicate, Some(decision.clone())),
            predicate => both(decision.clone(), predicate),
        });
    }
    Sampled {
        probes: seen.len(),
        unscaled,
    }
}

fn is_sampled(probe: &Probe) -> bool {
    !probe.internal && edge(&probe.hook).is_some()
}

/// When a probe on system calls fires; `None` for all others.
fn edge(hook: &Hook) -> Option<Edge> {
    match hook {
        Hook::Syscall(hook) => Some(hook.edge),
        Hook::Call(hook) => Some(hook.edge),
        _ => None,
    }
}

/// Some call may fire both.
fn may_see_one_call(one: &Hook, other: &Hook) -> bool {
    match (one, other) {
        (Hook::Syscall(one), Hook::Syscall(other)) => match (&one.calls, &other.calls) {
            (SyscallSet::Native(one), SyscallSet::Native(other)) => one
                .iter()
                .any(|call| other.iter().any(|other| call.number == other.number)),
            _ => true,
        },
        (Hook::Call(one), Hook::Call(other)) => match (&one.calls, &other.calls) {
            (CallSet::Some(one), CallSet::Some(other)) => {
                one.iter().any(|call| other.contains(call))
            }
            _ => true,
        },
        _ => true,
    }
}

/// Has the aggregations that only sampled probes fill multiplied; the other maps that count sampled calls are what
/// comes back.
fn scale(script: &mut Script, one_in: u32) -> Vec<MapId> {
    let (mut sampled, mut others) = (Counts::default(), Counts::default());
    for probe in &script.probes {
        let counts = match is_sampled(probe) {
            true => &mut sampled,
            false => &mut others,
        };
        counts.add(&probe.body);
    }
    let mut unscaled = sampled.plain;
    for map in sampled.aggregations {
        if others.aggregations.contains(&map) || is_series_of_sums(&script.maps[map.index()]) {
            unscaled.push(map);
        } else {
            script.maps[map.index()].scale = one_in;
        }
    }
    unscaled.sort_unstable();
    unscaled.dedup();
    unscaled
}

fn is_series_of_sums(map: &Map) -> bool {
    let Type::Aggregation(aggregation) = map.value else {
        return false;
    };
    matches!(
        aggregation,
        Aggregation::TimeSeries {
            reduce: Reduce::Sum,
            ..
        }
    )
}

/// Maps that a script counts in.
#[derive(Debug, Default)]
struct Counts {
    aggregations: Vec<MapId>,
    /// `@x++`, `@x += n`
    plain: Vec<MapId>,
}

impl Counts {
    fn add(&mut self, body: &[Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Aggregate { map, .. } => self.aggregations.push(*map),
                StmtKind::UpdateMap { map, .. } => self.plain.push(*map),
                StmtKind::Expr(Expr {
                    kind:
                        ExprKind::Step {
                            target: Place::Map { map, .. },
                            ..
                        },
                    ..
                }) => self.plain.push(*map),
                StmtKind::If {
                    then, otherwise, ..
                } => {
                    self.add(then);
                    self.add(otherwise);
                }
                StmtKind::While { body, .. }
                | StmtKind::ForRange { body, .. }
                | StmtKind::ForMap { body, .. } => self.add(body),
                _ => {}
            }
        }
    }
}

fn chance(one_in: u32) -> Expr {
    expr(ExprKind::Builtin(Builtin::Sample { one_in }), Type::Bool)
}

/// Adds a probe that decides before all others, and those that forget behind the last and when the thread ends; the
/// decision is what comes back.
fn keep_decision(script: &mut Script, one_in: u32, scope: Option<&Expr>, seen: &[Hook]) -> Expr {
    let calls_only = seen.iter().all(|hook| matches!(hook, Hook::Call(_)));
    let events_only = seen.iter().all(|hook| matches!(hook, Hook::Syscall(_)));
    let any = |wanted| seen.iter().any(|hook| edge(hook) == Some(wanted));
    // Calls that never return are finished when they begin.
    let enters = any(Edge::Enter) || !(calls_only || events_only);
    let first = if enters { Edge::Enter } else { Edge::Exit };
    let last = if any(Edge::Exit) {
        Edge::Exit
    } else {
        Edge::Enter
    };
    let map = MapId(script.maps.len() as u32);
    script.maps.push(Map {
        name: "trapline_sampled".into(),
        key: vec![KeyPart {
            name: "tid".into(),
            ty: Type::U32,
            domain: Domain::Any,
        }],
        value: Type::Bool,
        declared: Some(DeclaredMap {
            kind: MapKind::Hash,
            entries: MOST_THREADS,
        }),
        shared: true,
        internal: true,
        scale: 1,
        span: Span::NOWHERE,
    });
    let key = || vec![expr(ExprKind::Builtin(Builtin::Tid), Type::U32)];
    let decide = StmtKind::SetMap {
        map,
        key: key(),
        value: expr(ExprKind::Int(1), Type::Bool),
    };
    let forget = StmtKind::Expr(expr(
        ExprKind::Call(Call::Delete { map, key: key() }),
        Type::Bool,
    ));
    let in_scope = match scope {
        Some(scope) => both(scope.clone(), Some(chance(one_in))),
        None => chance(one_in),
    };
    let decides = internal(calls(first, seen), Some(in_scope), decide);
    script.probes.insert(0, decides);
    let ends = match script.engine.is_native() {
        true => Hook::Tracepoint(vec![TracepointRef {
            category: "sched".into(),
            name: "sched_process_exit".into(),
        }]),
        // It needs no tracefs.
        false => Hook::RawTracepoint(vec!["sched_process_exit".into()]),
    };
    for hook in [calls(last, seen), ends] {
        script.probes.push(internal(hook, None, forget.clone()));
    }
    expr(ExprKind::Call(Call::HasKey { map, key: key() }), Type::Bool)
}

/// All calls that any of the hooks sees, at one of their ends.
fn calls(edge: Edge, seen: &[Hook]) -> Hook {
    let mut named = Vec::new();
    let mut native = Vec::new();
    let mut all = false;
    for hook in seen {
        match hook {
            Hook::Call(CallHook { calls, .. }) => match calls {
                CallSet::Some(calls) => named.extend(calls),
                CallSet::All => all = true,
            },
            Hook::Syscall(SyscallHook { calls, .. }) => match calls {
                SyscallSet::Native(calls) => native.extend(calls.iter().map(|call| at(edge, call))),
                SyscallSet::All | SyscallSet::Some(_) => all = true,
            },
            _ => {}
        }
    }
    named.sort_unstable_by_key(|call: &CallRef| (call.abi as u8, call.number));
    named.dedup();
    native.sort_unstable_by_key(|call: &SyscallRef| call.number);
    native.dedup();
    match seen.iter().all(|hook| matches!(hook, Hook::Call(_))) {
        true => Hook::Call(CallHook {
            edge,
            calls: if all {
                CallSet::All
            } else {
                CallSet::Some(named)
            },
        }),
        false => Hook::Syscall(SyscallHook {
            edge,
            calls: if all || !named.is_empty() {
                SyscallSet::All
            } else {
                SyscallSet::Native(native)
            },
        }),
    }
}

/// The event at one end of a call.
fn at(edge: Edge, call: &SyscallRef) -> SyscallRef {
    let name = call
        .event
        .trim_start_matches("sys_enter_")
        .trim_start_matches("sys_exit_");
    let end = match edge {
        Edge::Enter => "enter",
        Edge::Exit => "exit",
    };
    SyscallRef {
        number: call.number,
        event: format!("sys_{end}_{name}"),
    }
}

/// A probe that is none of the script's.
fn internal(hook: Hook, predicate: Option<Expr>, body: StmtKind) -> Probe {
    Probe {
        name: "sample".into(),
        span: Span::NOWHERE,
        hook,
        attach_points: 0,
        internal: true,
        predicate,
        body: vec![Stmt {
            kind: body,
            span: Span::NOWHERE,
        }],
        vars: Vec::new(),
    }
}
