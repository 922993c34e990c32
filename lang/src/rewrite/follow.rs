//! `--follow`: a script in, a script that sees one process and all its descendants out.
//!
//! The kernel keeps the set: fork adds to it, the end of a process takes from it. The set is a hash map of the script,
//! and what keeps it are probes of the script, as anybody would write them; both stand behind the script's own text
//! ([`crate::analyze::Options::own_text`]).

use crate::ast::{BinaryOp, Expr, ExprKind, Item, Probe, Script};
use crate::parse;
use crate::provider::{self, Provider};
use crate::source::Source;
use std::fmt::Write;

/// Whom to follow. Process ids are those of the tracer's pid namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// The `-c` command.
    Command,
    /// These processes: one and the descendants that it has already.
    Processes(Vec<u32>),
}

/// Probes of these see the kernel at work for the current task; of all others only the tracer's own.
const UNLIMITED: [Provider; 7] = [
    Provider::Begin,
    Provider::End,
    Provider::Interval,
    Provider::SelfSignal,
    Provider::Iter,
    Provider::Test,
    Provider::Bench,
];

/// Followed processes, by their number in the first pid namespace, and those that are to be followed from their next
/// event on, by their number in the tracer's.
///
/// A process whose parent is followed and that is not itself was forked before the probes were attached.
const PRELUDE: &str = "\
let @trapline_followed = hash(65536);
let @trapline_roots = hash(65536);
rawtracepoint:sched_process_fork /
    has_key(@trapline_followed, curtask.tgid) ||
    ((has_key(@trapline_roots, pid) || has_key(@trapline_followed, curtask.real_parent.tgid)) &&
        { @trapline_followed[curtask.tgid] = true; true })
/ { @trapline_followed[args.child.tgid] = true; }
rawtracepoint:sched_process_exit /curtask.signal.live.counter == 0/ {
    delete(@trapline_followed, curtask.tgid);
    delete(@trapline_roots, pid);
}
";

/// Changes a script that has been read, before it is analyzed. The text that is added stands at the end of `source`;
/// its first byte is what comes back.
pub fn follow(script: &mut Script, source: &mut Source, root: &Root) -> usize {
    let mut text = PRELUDE.to_owned();
    text.push_str("begin {");
    match root {
        Root::Command => text.push_str(" @trapline_roots[cpid] = true;"),
        Root::Processes(processes) => {
            for process in processes {
                // Writing to a string never fails.
                let _ = write!(text, " @trapline_roots[(uint32){process}] = true;");
            }
        }
    }
    text.push_str(" }\n");
    let start = source.append("follow", &text);
    let own = parse::parse_behind(&text, start).script.items;
    let followed = own.iter().find_map(|item| match item {
        Item::Probe(probe) => probe.predicate.clone(),
        _ => None,
    });
    if let Some(followed) = followed {
        let items = std::mem::take(&mut script.items);
        for item in items {
            match item {
                Item::Probe(probe) => {
                    let limited = limit(probe, &followed);
                    script.items.extend(limited.map(Item::Probe));
                }
                other => script.items.push(other),
            }
        }
    }
    script.items.extend(own);
    start
}

/// The probe for the attach points that are not limited, and the limited one for the others.
fn limit(probe: Probe, followed: &Expr) -> impl Iterator<Item = Probe> {
    // One without a provider goes on with the list before it: `syscall:read,close`.
    let mut is_free = true;
    let (free, limited): (Vec<_>, Vec<_>) =
        probe.attach_points.iter().cloned().partition(|point| {
            let first = point.parts.first();
            if let Some(row) = first.and_then(|part| provider::by_name(&part.name)) {
                is_free = UNLIMITED.contains(&row.id);
            }
            is_free
        });
    let part = |attach_points: Vec<_>, predicate| {
        (!attach_points.is_empty()).then(|| Probe {
            attach_points,
            predicate,
            body: probe.body.clone(),
            span: probe.span,
        })
    };
    let free = part(free, probe.predicate.clone());
    let limited = part(
        limited,
        Some(match probe.predicate.clone() {
            None => followed.clone(),
            Some(predicate) => Expr {
                span: predicate.span,
                kind: ExprKind::Binary {
                    left: Box::new(followed.clone()),
                    op: BinaryOp::And,
                    right: Box::new(predicate),
                },
            },
        }),
    );
    free.into_iter().chain(limited)
}
