//! System calls as events: which halves a probe needs, and of which calls the entry is kept until the exit.
//!
//! Takes a probe on finished calls and the native ABI; gives the calls that run its body at exit and those that
//! do so at entry because they never return, and a [`Keep`]. Where the entry is kept, and how it is found again, is
//! for [`crate::clif`].

use super::{Calls, Event};
use crate::visit::{self, Node};
use std::collections::BTreeSet;
use trapline_lang::catalog::FieldLocation;
use trapline_lang::hir::{Builtin, Call, CallRef, CallSet, Edge, ExprKind, Hook, Probe};
use trapline_lang::syscall::shape::{Access, Fate, Shape};
use trapline_lang::syscall::{self, Abi, Syscall, X32_BIT};
use trapline_lang::types::Type;

/// Numbers of system calls are looked for below this.
const NUMBERS: u32 = 1024;

/// Of which system calls the entry is kept until the exit, and what of it beside the time. Calls are numbers as of
/// [`syscall::encode`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Of every call.
    pub(crate) every: bool,
    /// Of these, too.
    pub(crate) calls: BTreeSet<u64>,
    /// Those of them that lose their arguments.
    pub(crate) lost: BTreeSet<u64>,
    /// The arguments that are lost are asked for.
    pub(crate) arguments: bool,
    /// Those of them that are asked for as strings: at most so many bytes each.
    pub(crate) strings: [u32; 6],
    /// Calls of which memory is captured at entry.
    pub(crate) captured: BTreeSet<u64>,
}

/// What a body wants of its call.
#[derive(Default)]
struct Wants {
    latency: bool,
    arguments: bool,
    strings: [u32; 6],
    memory: bool,
    record: bool,
}

impl Wants {
    fn of(probe: &Probe) -> Self {
        let mut wants = Self::default();
        let mut see = |node: Node<'_>| {
            let Node::Expr(expr) = node else { return };
            match &expr.kind {
                ExprKind::Builtin(Builtin::Latency) => wants.latency = true,
                ExprKind::Builtin(Builtin::CallRecord) => wants.record = true,
                ExprKind::Field(
                    FieldLocation::SyscallArgument(_) | FieldLocation::SyscallArguments,
                ) => wants.arguments = true,
                ExprKind::Call(Call::ArgumentString { argument }) => {
                    if let (Type::String { capacity }, Some(most)) =
                        (&expr.ty, wants.strings.get_mut(usize::from(*argument)))
                    {
                        *most = (*most).max(*capacity);
                    }
                }
                // What it points to is read at exit, but which pointer it is may be lost.
                ExprKind::Call(Call::ArgumentMemory { .. }) => wants.memory = true,
                _ => {}
            }
        };
        if let Some(predicate) = &probe.predicate {
            visit::expression(predicate, &mut see);
        }
        visit::statements(&probe.body, &mut see);
        wants
    }
}

impl Keep {
    /// Nothing is kept.
    pub(crate) fn is_empty(&self) -> bool {
        !self.every && self.calls.is_empty()
    }

    /// Strings are kept.
    pub(crate) fn any_string(&self) -> bool {
        self.strings.iter().any(|capacity| *capacity > 0)
    }

    /// Adds what a probe on finished calls needs.
    pub(super) fn add(&mut self, probe: &Probe, calls: &Calls<'_>, native: Abi) {
        let wants = Wants::of(probe);
        let lost = |set: &mut Self, code| {
            set.calls.insert(code);
            set.lost.insert(code);
        };
        let timed = wants.latency || wants.record;
        match calls {
            Calls::Any | Calls::Every => {
                self.every |= timed;
                // Entries are seen anyway, because of the calls that never return.
                if timed || matches!(calls, Calls::Every) {
                    for call in every(native, Fate::LosesArguments) {
                        lost(self, encode(native, call));
                    }
                }
            }
            Calls::Native(refs) => {
                if timed {
                    let codes = refs.iter().map(|call| u64::from(call.number));
                    self.calls.extend(codes);
                }
            }
            // What makes a trace keeps nothing until the exit.
            Calls::Raw(_) => {}
            Calls::These(refs) => {
                for call in refs {
                    let code = encode(native, *call);
                    if fate(*call) == Fate::LosesArguments {
                        lost(self, code);
                    } else if timed {
                        self.calls.insert(code);
                    }
                }
            }
        }
        if wants.record {
            let all: Vec<_> = match calls {
                Calls::These(refs) => refs.clone(),
                _ => known(native).map(|(call, _)| call).collect(),
            };
            let captured = all.into_iter().filter(|call| captured_at_entry(*call));
            self.captured
                .extend(captured.map(|call| encode(native, call)));
        }
        if self.lost.is_empty() {
            return;
        }
        let strings = wants.strings.iter().any(|capacity| *capacity > 0);
        self.arguments |= wants.arguments || wants.record || strings || wants.memory;
        for (kept, wanted) in self.strings.iter_mut().zip(wants.strings) {
            *kept = (*kept).max(wanted);
        }
    }
}

/// The body looks at the call that runs it.
pub(crate) fn asks_for_call(probe: &Probe) -> bool {
    let mut found = false;
    let mut see = |node: Node<'_>| {
        let Node::Expr(expr) = node else { return };
        found |= matches!(
            &expr.kind,
            ExprKind::Builtin(
                Builtin::Latency
                    | Builtin::CallRecord
                    | Builtin::Syscall
                    | Builtin::Abi
                    | Builtin::Probe
            ) | ExprKind::Call(Call::ArgumentString { .. } | Call::ArgumentMemory { .. })
        ) || matches!(&expr.kind, ExprKind::Field(
                FieldLocation::SyscallArgument(_) | FieldLocation::SyscallArguments,
            ) if matches!(probe.hook, Hook::Call(_)));
    };
    if let Some(predicate) = &probe.predicate {
        visit::expression(predicate, &mut see);
    }
    visit::statements(&probe.body, &mut see);
    found
}

/// Memory of the call is gone or overwritten when it ends.
fn captured_at_entry(call: CallRef) -> bool {
    let Some(row) = syscall::by_number(call.abi, call.number) else {
        return false;
    };
    (0..6).any(|n| {
        matches!(
            shape(call, row, n),
            Some(Shape::Memory {
                access: Access::InOut | Access::Lost,
                ..
            })
        )
    })
}

/// What an argument of a call is.
pub(crate) fn shape(call: CallRef, row: &Syscall, argument: usize) -> Option<Shape> {
    Some(row.shape_in(call.abi, argument)?.shape)
}

/// A call as one number.
pub(crate) fn encode(native: Abi, call: CallRef) -> u64 {
    syscall::encode(native, call.abi, call.number)
}

/// How a call ends.
pub(crate) fn fate(call: CallRef) -> Fate {
    syscall::by_number(call.abi, call.number).map_or(Fate::Returns, |row| row.semantics().fate)
}

/// Every known call of the native ABI and those that its kernel serves beside it.
pub(crate) fn known(native: Abi) -> impl Iterator<Item = (CallRef, &'static Syscall)> {
    let abis = std::iter::once(native).chain(native.compat().iter().copied());
    abis.flat_map(|abi| {
        (0..NUMBERS).filter_map(move |n| {
            let number = if abi == Abi::X32 { n | X32_BIT } else { n };
            Some((CallRef { abi, number }, syscall::by_number(abi, number)?))
        })
    })
}

/// Every known call that ends like this.
pub(crate) fn every(native: Abi, fate: Fate) -> Vec<CallRef> {
    known(native)
        .filter(|(_, row)| row.semantics().fate == fate)
        .map(|(call, _)| call)
        .collect()
}

/// The calls of a probe on one edge: which run it there, and which at entry instead.
pub(super) fn halves(edge: Edge, calls: &CallSet, native: Abi) -> (Calls<'static>, Vec<CallRef>) {
    match (edge, calls) {
        (Edge::Enter, CallSet::All) => (Calls::Every, Vec::new()),
        (Edge::Enter, CallSet::Some(calls)) => (Calls::These(calls.clone()), Vec::new()),
        (Edge::Exit, CallSet::All) => (Calls::Every, every(native, Fate::NeverReturns)),
        (Edge::Exit, CallSet::Some(calls)) => {
            let (never, returning): (Vec<CallRef>, _) = calls
                .iter()
                .partition(|call| fate(**call) == Fate::NeverReturns);
            (Calls::These(returning), never)
        }
    }
}

impl Event {
    /// Which half of a system call runs the program, if one does.
    pub(crate) fn edge(self) -> Option<Edge> {
        match self {
            Self::Registers { edge, .. }
            | Self::SyscallRecord(edge)
            | Self::Whole(edge)
            | Self::CallRecord { edge, .. } => Some(edge),
            _ => None,
        }
    }
}
