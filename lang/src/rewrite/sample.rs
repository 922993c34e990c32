//! `--sample 1/N`: a typed script in, one that sees every N-th system call out, by chance.
//!
//! A call is seen whole or not at all: where several probes may see one call, the first to see it decides, and the
//! decision is kept by thread until the last. What counts calls is multiplied by N when it is printed.

use super::both;
use crate::hir::{
    Builtin, Call, CallHook, CallSet, Domain, Edge, Expr, ExprKind, Hook, KeyPart, Map, MapId,
    Probe, Script, Stmt, StmtKind, SyscallHook, SyscallSet,
};
use crate::source::Span;
use crate::types::Type;

/// Changes a script so that it sees one system call of `one_in`. Probes on anything else see all.
pub fn sample(script: &mut Script, one_in: u32) {
    let edges: Vec<Edge> = script.probes.iter().filter_map(edge).collect();
    let [first, ..] = edges.as_slice() else {
        return;
    };
    let decision = if edges.len() == 1 {
        chance(one_in)
    } else {
        let start = match edges.contains(&Edge::Enter) {
            true => Edge::Enter,
            false => *first,
        };
        let end = match edges.contains(&Edge::Exit) {
            true => Edge::Exit,
            false => *first,
        };
        keep_decision(script, one_in, start, end)
    };
    let scaled = limit(script, &decision);
    for map in scaled {
        script.maps[map.index()].scale = one_in;
    }
}

/// When a probe on system calls fires; `None` for all others, and for what keeps a sample.
fn edge(probe: &Probe) -> Option<Edge> {
    match &probe.hook {
        Hook::Syscall(hook) => Some(hook.edge),
        Hook::Call(hook) => Some(hook.edge),
        _ => None,
    }
}

/// Gives all probes on system calls the filter; the aggregations that they fill are what comes back.
fn limit(script: &mut Script, decision: &Expr) -> Vec<MapId> {
    let mut filled = Vec::new();
    for probe in &mut script.probes {
        if edge(probe).is_none() || probe.attach_points == 0 {
            continue;
        }
        let predicate = probe.predicate.take();
        probe.predicate = Some(both(decision.clone(), predicate));
        aggregations(&probe.body, &mut filled);
    }
    filled
}

fn aggregations(body: &[Stmt], found: &mut Vec<MapId>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Aggregate { map, .. } => found.push(*map),
            StmtKind::If {
                then, otherwise, ..
            } => {
                aggregations(then, found);
                aggregations(otherwise, found);
            }
            StmtKind::While { body, .. }
            | StmtKind::ForRange { body, .. }
            | StmtKind::ForMap { body, .. } => aggregations(body, found),
            _ => {}
        }
    }
}

fn chance(one_in: u32) -> Expr {
    expr(ExprKind::Builtin(Builtin::Sample { one_in }), Type::Bool)
}

/// Adds a probe that decides before all others and one that forgets behind them; the decision is what comes back.
fn keep_decision(script: &mut Script, one_in: u32, start: Edge, end: Edge) -> Expr {
    let map = MapId(script.maps.len() as u32);
    script.maps.push(Map {
        name: "trapline_sampled".into(),
        key: vec![KeyPart {
            name: "tid".into(),
            ty: Type::U32,
            domain: Domain::Any,
        }],
        value: Type::Bool,
        declared: None,
        shared: true,
        internal: true,
        scale: 1,
        span: Span::default(),
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
    let calls = script
        .probes
        .iter()
        .any(|probe| matches!(probe.hook, Hook::Call(_)));
    script
        .probes
        .insert(0, internal(start, calls, Some(chance(one_in)), decide));
    script.probes.push(internal(end, calls, None, forget));
    expr(ExprKind::Call(Call::HasKey { map, key: key() }), Type::Bool)
}

/// A probe on all system calls that is none of the script's.
fn internal(edge: Edge, calls: bool, predicate: Option<Expr>, body: StmtKind) -> Probe {
    let hook = if calls {
        Hook::Call(CallHook {
            edge,
            calls: CallSet::All,
        })
    } else {
        Hook::Syscall(SyscallHook {
            edge,
            calls: SyscallSet::All,
        })
    };
    Probe {
        name: "sample".into(),
        span: Span::default(),
        hook,
        attach_points: 0,
        predicate,
        body: vec![Stmt {
            kind: body,
            span: Span::default(),
        }],
        vars: Vec::new(),
    }
}

fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr {
        kind,
        ty,
        span: Span::default(),
    }
}
