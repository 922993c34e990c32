//! What system calls have: their builtins, arguments with the memory behind them, numbers with names.

use super::super::group::no_result;
use super::super::report::Explain;
use super::Lowerer;
use super::value::{after, cast, expr};
use crate::builtin;
use crate::catalog::FieldLocation;
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Builtin, Call, CallRef, CallSet, CompareOp, Edge, Expr, ExprKind, Hook, LogicOp};
use crate::source::Span;
use crate::syscall::shape::{Access, Length, Pointee, Shape};
use crate::syscall::{self, Syscall, set};
use crate::types::{IntType, Type};

/// Where the builtins are that no other event has.
pub(super) const CALLS_HINT: &str = "only events of system calls have it: syscall:NAME";

/// Most bytes of an array of structures.
const ARRAY_BYTES: u32 = 512;

impl Lowerer<'_> {
    /// `errno`, `latency`, `syscall` and `abi`.
    pub(super) fn call_builtin(&mut self, id: builtin::Builtin, span: Span) -> Option<Expr> {
        use builtin::Builtin as B;
        let row = builtin::all().iter().find(|row| row.id == id)?;
        let edge = match &self.group.hook {
            Hook::Call(call) => call.edge,
            Hook::Syscall(syscall) => syscall.edge,
            _ => {
                let kind = AnalysisKind::BuiltinNotOffered {
                    name: row.name,
                    provider: self.group.provider.row().name,
                };
                self.reports().error(kind, span).hint = Some(CALLS_HINT.into());
                return None;
            }
        };
        let of_result = matches!(id, B::Errno | B::Latency);
        if let Some(hint) = of_result.then(|| self.no_result(edge)).flatten() {
            let kind = AnalysisKind::NoResult { name: row.name };
            self.reports().error(kind, span).hint = Some(hint);
            return None;
        }
        let named = |set: &str, repr| Type::Named {
            set: set.to_owned(),
            repr,
        };
        let (kind, ty) = match id {
            B::Errno => (Builtin::Errno, named("errno", IntType::I32)),
            B::Latency => (Builtin::Latency, named("latency", IntType::I64)),
            B::Syscall => (Builtin::Syscall, Type::SyscallName),
            _ => (Builtin::Abi, named("abi", IntType::I32)),
        };
        Some(expr(ExprKind::Builtin(kind), ty, span))
    }

    /// Why the events of this group have no result; `None` if they have one.
    fn no_result(&self, edge: Edge) -> Option<String> {
        if let Hook::Call(_) = &self.group.hook {
            let calls = self.calls().iter().copied();
            return no_result(edge, calls.filter_map(known));
        }
        (edge == Edge::Enter).then(|| "it is known at sys_exit".into())
    }

    /// The calls of the group, if they are known.
    fn calls(&self) -> &[CallRef] {
        match &self.group.hook {
            Hook::Call(call) => match &call.calls {
                CallSet::Some(calls) => calls,
                CallSet::All => &[],
            },
            _ => &[],
        }
    }

    /// The whole call, as `print()` takes it.
    pub(super) fn whole_call(&self, span: Span) -> Expr {
        expr(
            ExprKind::Builtin(Builtin::CallRecord),
            Type::CallRecord,
            span,
        )
    }

    /// A value as it prints: of an address that a call was given, what lies there.
    pub(super) fn decoded(&self, value: Expr) -> Expr {
        let ExprKind::Field(FieldLocation::SyscallArgument(argument)) = value.kind else {
            return value;
        };
        match self.memory(argument) {
            None => value,
            Some((syscall, capacity)) => {
                let ty = Type::CallArgument {
                    syscall: syscall.name.to_owned(),
                    argument,
                    capacity,
                };
                let call = Call::ArgumentMemory { argument };
                expr(ExprKind::Call(call), ty, value.span)
            }
        }
    }

    /// The call whose argument has memory behind it that prints decoded, and how many bytes of it.
    fn memory(&self, argument: u8) -> Option<(&'static Syscall, u32)> {
        let Hook::Call(hook) = &self.group.hook else {
            return None;
        };
        let syscall = self.calls().first().copied().and_then(known)?;
        let Shape::Memory {
            what,
            access,
            length,
        } = syscall.shape(usize::from(argument))?.shape
        else {
            return None;
        };
        if hook.edge == Edge::Enter && access == Access::Out {
            return None;
        }
        let buffer = self.shared.config.capture_bytes;
        let capacity = match (what, length) {
            (Pointee::String | Pointee::Strings | Pointee::Environment, _) => return None,
            (Pointee::Bytes, Length::Fixed(size)) => size.min(buffer),
            (Pointee::Bytes, _) => buffer,
            (Pointee::Structure(_), Length::Fixed(size)) => size,
            (Pointee::Structure(_), _) => ARRAY_BYTES,
        };
        Some((syscall, capacity))
    }

    /// A value as a map keeps it: an address that a call of another ABI was given leads to what the native call has
    /// no type for, and goes with whatever address that has.
    pub(super) fn stored(&self, value: Expr) -> Expr {
        let foreign = self
            .calls()
            .first()
            .is_some_and(|call| call.abi != self.shared.catalog.abi());
        match (&value.kind, &value.ty) {
            (ExprKind::Field(FieldLocation::SyscallArgument(_)), Type::Pointer { space, .. })
                if foreign =>
            {
                let target = Box::new(Type::Void);
                let space = *space;
                let ty = Type::Pointer { target, space };
                expr(value.kind, ty, value.span)
            }
            _ => value,
        }
    }

    /// `args.fd.path`; `None` if it is something else.
    pub(super) fn file_path(&self, base: &Expr, name: &str, span: Span) -> Option<Expr> {
        (is_descriptor(&base.ty) && name == "path").then(|| {
            let descriptor = Box::new(cast(base.clone(), Type::I32));
            let call = Call::FilePath(descriptor);
            expr(ExprKind::Call(call), Type::FilePath, span)
        })
    }

    /// Whether a number that has names is that of a name: `errno == "ENOENT"`, `syscall == "openat"`.
    pub(super) fn compare_name(
        &mut self,
        compare: CompareOp,
        number: Expr,
        (name, name_span): (&[u8], Span),
        span: Span,
    ) -> Option<Expr> {
        let name = String::from_utf8_lossy(name).into_owned();
        let (numbers, names): (Vec<i64>, Vec<&str>) = match &number.ty {
            Type::Named { set, .. } => {
                let set = set::by_name(set)?;
                let numbers = set.number(&name).into_iter().collect();
                (numbers, set.names().collect())
            }
            _ => {
                let native = self.shared.catalog.abi();
                let abis = std::iter::once(&native).chain(native.compat());
                let all = abis.flat_map(|&abi| syscall::all(abi).map(move |call| (abi, call)));
                let all: Vec<_> = all.collect();
                let found = all.iter().filter(|(_, (_, call))| call.name == name);
                let number = |&(abi, (number, _)): &(syscall::Abi, (u32, &Syscall))| {
                    syscall::encode(native, abi, number) as i64
                };
                let numbers = found.map(number).collect();
                (
                    numbers,
                    all.iter().map(|(_, (_, call))| call.name).collect(),
                )
            }
        };
        if numbers.is_empty() {
            let ty = number.ty;
            let kind = AnalysisKind::UnknownName {
                ty,
                name: name.clone(),
            };
            self.reports()
                .error(kind, name_span)
                .did_you_mean(&name, names);
            return None;
        }
        let (setup, kept) = match numbers.as_slice() {
            [_] => (None, number),
            _ => self.keep(number),
        };
        let kept = cast(kept, Type::I64);
        let logic = match compare {
            CompareOp::Eq => LogicOp::Or,
            _ => LogicOp::And,
        };
        let one = |number: i64| {
            let number = expr(ExprKind::Int(number), Type::I64, name_span);
            let kind = ExprKind::Compare(compare, Box::new(kept.clone()), Box::new(number));
            expr(kind, Type::Bool, span)
        };
        let any = numbers.into_iter().map(one).reduce(|left, right| {
            let kind = ExprKind::Logic(logic, Box::new(left), Box::new(right));
            expr(kind, Type::Bool, span)
        })?;
        Some(after(setup, any))
    }
}

fn known(call: CallRef) -> Option<&'static Syscall> {
    syscall::by_number(call.abi, call.number)
}

/// It holds a number that has names.
pub(super) fn has_names(ty: &Type) -> bool {
    matches!(ty, Type::Named { .. } | Type::SyscallName)
}

/// It is a file descriptor.
pub(super) fn is_descriptor(ty: &Type) -> bool {
    matches!(ty, Type::Named { set, .. } if set == "fd" || set == "dirfd")
}
