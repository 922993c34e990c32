//! A typed script in, the system calls that any of its probes can see out: an engine that stops a thread at each call
//! lets all others pass.

use crate::catalog::FieldLocation;
use crate::hir::{
    CallSet, CompareOp, Expr, ExprKind, Hook, LogicOp, Probe, Script, SyscallHook, SyscallSet,
};
use crate::syscall::{Abi, X32_BIT};
use crate::types::Type;
use std::collections::BTreeSet;

/// System calls by ABI and number, as the kernel has it.
type Calls = BTreeSet<(Abi, u32)>;

/// The system calls that any probe of the script can fire at, on a kernel of this ABI; `None`: every call.
pub fn calls_wanted(script: &Script, native: Abi) -> Option<Calls> {
    let mut wanted = Calls::new();
    for probe in &script.probes {
        match &probe.hook {
            Hook::Call(hook) => match &hook.calls {
                CallSet::All => return None,
                CallSet::Some(calls) => {
                    wanted.extend(calls.iter().map(|call| (call.abi, call.number)));
                }
            },
            Hook::Syscall(hook) => wanted.extend(events(hook, probe, native)?),
            _ => {}
        }
    }
    Some(wanted)
}

fn events(hook: &SyscallHook, probe: &Probe, native: Abi) -> Option<Calls> {
    match &hook.calls {
        SyscallSet::Native(calls) => Some(calls.iter().map(|call| (native, call.number)).collect()),
        // The number alone does not tell whose it is.
        SyscallSet::All => {
            let numbers = numbers(probe.predicate.as_ref()?)?;
            let abis = || std::iter::once(native).chain(native.compat().iter().copied());
            let calls = numbers
                .into_iter()
                .flat_map(|number| abis().map(move |abi| (abi, number)));
            Some(calls.filter(|call| can_be(*call)).collect())
        }
    }
}

/// The ABI can have a call of that number.
fn can_be((abi, number): (Abi, u32)) -> bool {
    let bit = number & X32_BIT != 0;
    match abi {
        Abi::X32 => bit,
        Abi::X86_64 => !bit,
        _ => true,
    }
}

/// The numbers of calls that a condition can hold for; for all others, it has no effects either. `None` if that may
/// be any.
fn numbers(condition: &Expr) -> Option<BTreeSet<u32>> {
    match &condition.kind {
        ExprKind::Compare(CompareOp::Eq, left, right) => {
            let constant = match (is_number(left), is_number(right)) {
                (true, _) => constant(right)?,
                (_, true) => constant(left)?,
                _ => return None,
            };
            // What no call has as its number: -1 is shown for none.
            let number = u32::try_from(constant).ok()?;
            Some(BTreeSet::from([number]))
        }
        ExprKind::Logic(LogicOp::And, left, right) => match numbers(left) {
            None if has_no_effects(left) => numbers(right),
            found => found,
        },
        ExprKind::Logic(LogicOp::Or, left, right) => Some(&numbers(left)? | &numbers(right)?),
        _ => None,
    }
}

/// Nothing is missed if the expression is not looked at. Of most kinds, that is not known.
fn has_no_effects(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Builtin(_) | ExprKind::Field(_) => true,
        ExprKind::Not(inner) | ExprKind::Cast(inner) => has_no_effects(inner),
        ExprKind::Compare(_, left, right)
        | ExprKind::Equal { left, right, .. }
        | ExprKind::Logic(_, left, right) => has_no_effects(left) && has_no_effects(right),
        _ => false,
    }
}

/// The expression is the number of the call, all of it.
fn is_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field(FieldLocation::SyscallNumber) => true,
        ExprKind::Cast(inner) => is_wide(&expr.ty) && is_number(inner),
        _ => false,
    }
}

fn constant(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Int(value) => Some(*value),
        ExprKind::Cast(inner) if is_wide(&expr.ty) => constant(inner),
        _ => None,
    }
}

/// Nothing of a number is lost in values of this type.
fn is_wide(ty: &Type) -> bool {
    matches!(ty, Type::Int(int) if int.bits == 64)
}
