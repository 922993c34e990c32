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
        SyscallSet::Some(calls) => {
            let calls = calls.iter().map(|call| (call.abi, call.number));
            Some(calls.collect())
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::{Options, analyze};
    use crate::catalog::file::FileCatalog;
    use crate::engine::Engine;
    use crate::parse::parse;
    use crate::rewrite::{is_followed, narrow};
    use crate::source::Source;

    const X86: Abi = Abi::X86_64;
    const ENTER: &str = "\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n\
        \tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;\n";
    const CLOSE: &str = "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n\
        \tfield:unsigned int fd;\toffset:16;\tsize:8;\tsigned:0;\n";

    fn analyzed(text: &str) -> Script {
        let mut catalog = FileCatalog::new(X86, 4);
        catalog.add("raw_syscalls", "sys_enter", ENTER);
        catalog.add("syscalls", "sys_enter_close", CLOSE);
        let options = Options {
            engine: Engine::Ptrace,
            ..Options::default()
        };
        let source = Source::new("stdin", text);
        let analysis = analyze(&parse(&source).script, &source, &catalog, &options);
        let script = analysis.script;
        script.unwrap_or_else(|| panic!("{text}: {:?}", analysis.diagnostics))
    }

    fn wanted(text: &str) -> Option<Vec<(Abi, u32)>> {
        calls_wanted(&analyzed(text), X86).map(|calls| calls.into_iter().collect())
    }

    /// `raw_syscalls` with a predicate.
    fn narrowed(predicate: &str) -> Option<Vec<(Abi, u32)>> {
        wanted(&format!(
            "t:raw_syscalls:sys_enter /{predicate}/ {{ @ = count(); }}"
        ))
    }

    #[test]
    fn probes_are_put_together() {
        assert_eq!(
            wanted("BEGIN { print(1); } i:s:1 { print(2); }"),
            Some(vec![])
        );
        assert_eq!(
            wanted("t:syscalls:sys_enter_close { print(args.fd); }"),
            Some(vec![(X86, 3)])
        );
        let both = wanted("t:syscalls:sys_enter_close { @ = count(); } sc:openat { @ = count(); }");
        assert_eq!(
            both,
            Some(vec![
                (X86, 3),
                (X86, 257),
                (Abi::I386, 295),
                (Abi::X32, X32_BIT | 257)
            ])
        );
        assert_eq!(
            wanted("sc:* { @ = count(); } sc:openat { print(1); }"),
            None
        );
        assert_eq!(wanted("t:raw_syscalls:sys_enter { @ = count(); }"), None);
    }

    #[test]
    fn predicates_tell_numbers() {
        let of = |numbers: &[u32]| {
            let abis = [X86, Abi::I386];
            let calls = abis
                .iter()
                .flat_map(|abi| numbers.iter().map(|n| (*abi, *n)));
            Some(calls.collect::<Vec<_>>())
        };
        assert_eq!(narrowed("args.id == 257"), of(&[257]));
        assert_eq!(narrowed("257 == (int64)args.id"), of(&[257]));
        assert_eq!(narrowed("args.id == 2 || args.id == 1"), of(&[1, 2]));
        assert_eq!(narrowed("pid == 7 && args.id == 1 && uid == 0"), of(&[1]));
        assert_eq!(
            narrowed("args.id == 0x40000001"),
            Some(vec![(Abi::I386, X32_BIT | 1), (Abi::X32, X32_BIT | 1)])
        );
    }

    #[test]
    fn what_may_see_more_sees_everything() {
        for predicate in [
            "args.id != 257",
            "args.id == -1",
            "args.id < 5",
            "args.id == 257 || pid == 7",
            "(uint8)args.id == 1",
            "args.id + 1 == 2",
            "args.id == pid",
            // Counts every call.
            "@seen++ >= 0 && args.id == 257",
        ] {
            assert_eq!(narrowed(predicate), None, "{predicate}");
        }
    }

    #[test]
    fn following_takes_nothing_from_it() {
        let mut script = analyzed("t:raw_syscalls:sys_enter /args.id == 1/ { @ = count(); }");
        let condition = is_followed(&script).expect("native engines know whom they follow");
        narrow(&mut script, &condition);
        let calls = calls_wanted(&script, X86);
        assert_eq!(calls, Some(BTreeSet::from([(X86, 1), (Abi::I386, 1)])));
    }
}
