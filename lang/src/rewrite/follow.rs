//! `--follow`: a script in, one that knows a process and all its descendants out.
//!
//! The kernel keeps the set: fork adds to it, the end of a process takes from it. The set is a hash map of the script,
//! and what keeps it are probes of the script, as anybody would write them; both stand behind the script's own text
//! ([`crate::analyze::Options::own_text`]). Which descendants there are already, the runtime says once they are attached.

use super::expr;
use crate::ast;
use crate::hir::{Builtin, Expr, ExprKind, Hook, Script};
use crate::parse;
use crate::source::Source;
use crate::types::Type;

/// Whom to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The `-c` command.
    Command,
    /// The process of this id in the tracer's pid namespace.
    Process(u32),
}

/// The map of those that are to be followed from their next event on, by their process ids in the tracer's pid
/// namespace, without its sign. Whoever runs the script adds the descendants that the root has already.
pub const ROOTS: &str = "trapline_roots";

/// Processes that are followed, by their ids in the first pid namespace: those are what the kernel's structures tell of
/// a child that does not run yet.
const TEXT: &str = "\
let @trapline_followed = hash(65536);
let @trapline_roots = hash(65536);
rawtracepoint:sched_process_fork /
    has_key(@trapline_followed, curtask.tgid) ||
    (has_key(@trapline_roots, pid) && { @trapline_followed[curtask.tgid] = true; true })
/ { @trapline_followed[args.child.tgid] = true; }
rawtracepoint:sched_process_exit /curtask.signal.live.counter == 0/ {
    delete(@trapline_followed, curtask.tgid);
    delete(@trapline_roots, pid);
}
";

/// Changes a script that has been read, before it is analyzed. The text that is added stands at the end of `source`;
/// its first byte is what comes back.
pub fn follow(script: &mut ast::Script, source: &mut Source, root: Root) -> usize {
    let pid = match root {
        Root::Command => "cpid".to_owned(),
        Root::Process(pid) => format!("(uint32){pid}"),
    };
    let text = format!("{TEXT}begin {{ @{ROOTS}[{pid}] = true; }}\n");
    let start = source.append("follow", &text);
    let own = parse::parse_behind(&text, start).script.items;
    script.items.extend(own);
    start
}

/// The condition that the task is one of a followed process; `None` if nobody is. Native engines need no text for it:
/// they know whom they follow.
pub fn is_followed(script: &Script) -> Option<Expr> {
    if script.engine.is_native() {
        return Some(is_followed_natively());
    }
    let forks = |hook: &Hook| matches!(hook, Hook::RawTracepoint(names) if names == &["sched_process_fork"]);
    let mut own = script.probes.iter().filter(|probe| probe.internal);
    own.find(|probe| forks(&probe.hook))?.predicate.clone()
}

/// The same condition for native engines, whatever the script is.
pub fn is_followed_natively() -> Expr {
    expr(ExprKind::Builtin(Builtin::Followed), Type::Bool)
}
