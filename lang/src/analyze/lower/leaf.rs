//! Expressions without others in them: constants, variables, builtins and fields.

use super::super::group::BUILTIN_FIELD;
use super::super::tree;
use super::syscall::CALLS_HINT;
use super::value::{cast, expr, literal, var};
use super::{Lowerer, Unknown};
use crate::builtin;
use crate::catalog::{Field, FieldLocation};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Builtin, Call, Expr, ExprKind, Hook, VarId};
use crate::provider::Provider;
use crate::source::Span;
use crate::types::{AddressSpace, IntType, Type};

impl Lowerer<'_> {
    /// An expression without others in it.
    pub(super) fn leaf(&mut self, tree: &tree::Expr) -> Option<Expr> {
        let span = tree.span;
        match &tree.kind {
            tree::ExprKind::Int(value) => Some(literal(*value, span)),
            tree::ExprKind::Str(bytes) => Some(string(bytes.clone(), span)),
            tree::ExprKind::Bool(value) => {
                Some(expr(ExprKind::Int(i64::from(*value)), Type::Bool, span))
            }
            tree::ExprKind::Var(id) => self.variable(*id, span),
            tree::ExprKind::Builtin(id) => self.builtin(*id, span),
            tree::ExprKind::Nsecs(clock) => {
                let kind = ExprKind::Builtin(Builtin::Nsecs(*clock));
                Some(expr(kind, Type::U64, span))
            }
            tree::ExprKind::Stack(stack) => {
                let kind = ExprKind::Builtin(Builtin::Stack(*stack));
                Some(expr(kind, Type::Stack(*stack), span))
            }
            tree::ExprKind::Args => self.all_args(span),
            tree::ExprKind::Field(field) => self.field(&field.name, span),
            tree::ExprKind::Constant(ty, value) => {
                Some(expr(ExprKind::Int(*value), ty.clone(), span))
            }
            tree::ExprKind::Sizeof(ty) => {
                let size = self.type_of(ty)?.size();
                Some(literal(i128::from(size), span))
            }
            _ => None,
        }
    }

    pub(super) fn variable(&mut self, id: VarId, span: Span) -> Option<Expr> {
        let Some(slot) = self.table.var(self.index, id) else {
            self.round.unknown.push(Unknown::Var(self.index, id, span));
            return None;
        };
        Some(var(id, slot.given.ty.clone(), span))
    }

    fn builtin(&mut self, id: builtin::Builtin, span: Span) -> Option<Expr> {
        use builtin::Builtin as B;
        if !self.offered(id, span) {
            return None;
        }
        let (kind, ty) = match id {
            B::Pid => (Builtin::Pid, Type::U32),
            B::Tid => (Builtin::Tid, Type::U32),
            B::Ppid => (Builtin::Ppid, Type::U32),
            B::Uid => (Builtin::Uid, Type::U32),
            B::Gid => (Builtin::Gid, Type::U32),
            B::ChildPid => (Builtin::ChildPid, Type::U32),
            B::Comm => (Builtin::Comm, Type::String { capacity: 16 }),
            B::Pcomm => (Builtin::ParentComm, Type::String { capacity: 16 }),
            B::Elapsed => (Builtin::Elapsed, Type::U64),
            B::Cpu => (Builtin::Cpu, Type::U32),
            B::CpuCount => (Builtin::CpuCount, Type::U32),
            B::Cgroup => (Builtin::Cgroup, Type::U64),
            B::Random => (Builtin::Random, Type::U32),
            B::Probe => (Builtin::Probe, Type::ProbeName),
            B::NumaNode => (Builtin::NumaNode, Type::U32),
            B::Jiffies => (Builtin::Jiffies, Type::U64),
            B::UserMode => (
                Builtin::UserMode,
                Type::Int(IntType {
                    bits: 8,
                    signed: false,
                }),
            ),
            B::Ctx => {
                let ty = self.shared.named.complete(self.context_type());
                (Builtin::Context, ty)
            }
            B::Errno | B::Latency | B::Syscall | B::Abi => return self.call_builtin(id, span),
            B::Function => return Some(self.function_name(span)),
            B::CurrentTask => (
                Builtin::CurrentTask,
                self.shared.named.complete(task_struct()),
            ),
            B::Username => {
                let uid = expr(ExprKind::Builtin(Builtin::Uid), Type::U32, span);
                return Some(cast(uid, Type::Username));
            }
            B::Container => {
                let cgroup = expr(ExprKind::Builtin(Builtin::Cgroup), Type::U64, span);
                return Some(cast(cgroup, Type::Container));
            }
            B::ProbeType => {
                let name = self.group.provider.row().name;
                let name = if matches!(name, "begin" | "end") {
                    "special"
                } else {
                    name
                };
                return Some(string(name.as_bytes().to_vec(), span));
            }
            other => {
                let name = builtin::all()
                    .iter()
                    .find(|row| row.id == other)
                    .map_or("this builtin", |row| row.name);
                self.reports().not_supported(name, span);
                return None;
            }
        };
        Some(expr(ExprKind::Builtin(kind), ty, span))
    }

    /// The task that `comm(...)` is asked of.
    pub(super) fn task_of(&mut self, of: &tree::Expr, span: Span) -> Option<Expr> {
        let of = self.value(of)?;
        let task = self.shared.named.complete(task_struct());
        if matches!(of.ty, Type::Pointer { .. }) {
            return Some(cast(of, task));
        }
        if of.ty.int().is_none() {
            let kind = AnalysisKind::BuiltinArgument {
                builtin: "comm",
                expected: "a thread id or a task",
            };
            return self.error(kind, of.span);
        }
        let call = Call::TaskOf(Box::new(cast(of, Type::U64)));
        Some(expr(ExprKind::Call(call), task, span))
    }

    /// Complains of a builtin that this provider's probes do not have.
    fn offered(&mut self, id: builtin::Builtin, span: Span) -> bool {
        let provider = self.group.provider;
        let row = builtin::all().iter().find(|row| row.id == id);
        let Some(row) = row.filter(|row| !row.offered_by(provider)) else {
            return true;
        };
        let kind = AnalysisKind::BuiltinNotOffered {
            name: row.name,
            provider: provider.row().name,
        };
        let of_calls = row.offered_by(Provider::Syscall) && row.id != builtin::Builtin::Args;
        self.reports().error(kind, span).hint = of_calls.then(|| CALLS_HINT.to_owned());
        false
    }

    /// `func`: known now where each probe of the script has only one. It is of one type in all of them, for they
    /// may share a map.
    fn function_name(&self, span: Span) -> Expr {
        let mut groups = self
            .shared
            .groups
            .iter()
            .map(|group| functions(&group.hook));
        let here = functions(&self.group.hook);
        match here.as_slice() {
            [name] if groups.all(|names| names.len() < 2) => string(name.as_bytes().to_vec(), span),
            _ => {
                let kind = ExprKind::Builtin(Builtin::Function);
                expr(kind, Type::ProbeName, span)
            }
        }
    }

    /// `struct bpf_iter__task *`
    fn context_type(&self) -> Type {
        let target = match &self.group.hook {
            Hook::Iterator(of) => Type::Struct {
                name: format!("struct bpf_iter__{of}"),
                size: 0,
            },
            _ => Type::Void,
        };
        Type::Pointer {
            target: Box::new(target),
            space: AddressSpace::Kernel,
        }
    }

    /// The value of `args.name`.
    fn field(&mut self, name: &str, span: Span) -> Option<Expr> {
        // A field that the event lacks has been complained about when events were grouped.
        let field = self.group.fields.iter().find(|field| field.name == name)?;
        let value = self.field_value(field, span);
        if matches!(
            field.location,
            FieldLocation::DataLoc { .. } | FieldLocation::RelLoc { .. }
        ) && matches!(field.ty, Type::Buffer { .. })
        {
            let what = format!("the type of {name}, {},", field.c_type);
            self.reports().not_supported(what, span);
            return None;
        }
        Some(value)
    }

    fn field_value(&self, field: &Field, span: Span) -> Expr {
        let ty = match (&field.ty, field.location) {
            // How long it is is known only when the event is there.
            (Type::String { .. }, FieldLocation::DataLoc { .. } | FieldLocation::RelLoc { .. }) => {
                Type::String {
                    capacity: self.shared.config.max_strlen,
                }
            }
            (ty, FieldLocation::Record { .. }) => self.named_field(field).unwrap_or(ty.clone()),
            (ty, _) => self.shared.named.complete(ty.clone()),
        };
        if let (Type::String { .. }, FieldLocation::SyscallArgument(argument)) =
            (&ty, field.location)
        {
            return expr(ExprKind::Call(Call::ArgumentString { argument }), ty, span);
        }
        expr(ExprKind::Field(field.location), ty, span)
    }

    /// The enum or struct of a field of a record, or the struct that it points to, if it is known.
    fn named_field(&self, field: &Field) -> Option<Type> {
        let named = self.shared.named;
        if matches!(field.ty, Type::Pointer { .. }) {
            return Some(named.complete(field.ty.clone()));
        }
        let has_tag = ["enum ", "struct ", "union "]
            .iter()
            .any(|tag| field.c_type.starts_with(tag));
        let ty = has_tag.then(|| named.tagged(&field.c_type)).flatten();
        ty.filter(|ty| ty.size() == field.ty.size())
    }

    /// `args` as a whole: a record of all fields.
    fn all_args(&mut self, span: Span) -> Option<Expr> {
        if let Hook::Call(_) = self.group.hook {
            self.reports().error(AnalysisKind::WholeCall, span).hint =
                Some("print(args) prints the call; args.NAME is one argument".into());
            return None;
        }
        let dynamic = |field: &Field| {
            matches!(
                field.location,
                FieldLocation::DataLoc { .. } | FieldLocation::RelLoc { .. }
            ) && !matches!(field.ty, Type::String { .. })
        };
        let fields: Vec<&Field> = self
            .group
            .fields
            .iter()
            .filter(|field| !field.name.starts_with(BUILTIN_FIELD))
            .filter(|field| !field.name.starts_with("common_") && !dynamic(field))
            .collect();
        let values: Vec<Expr> = fields
            .iter()
            .map(|field| self.field_value(field, span))
            .collect();
        let names = fields.iter().map(|field| field.name.clone());
        let ty = Type::Record(
            names
                .zip(values.iter().map(|value| value.ty.clone()))
                .collect(),
        );
        Some(expr(ExprKind::Tuple(values), ty, span))
    }
}

/// `struct task_struct *`
fn task_struct() -> Type {
    Type::Pointer {
        target: Box::new(Type::Struct {
            name: "struct task_struct".into(),
            size: 0,
        }),
        space: AddressSpace::Kernel,
    }
}

/// A string constant.
pub(super) fn string(bytes: Vec<u8>, span: Span) -> Expr {
    // A string ends at its first NUL.
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    let bytes = bytes[..end].to_vec();
    let capacity = bytes.len() as u32 + 1;
    expr(ExprKind::Str(bytes), Type::String { capacity }, span)
}

/// The functions that a hook is on.
fn functions(hook: &Hook) -> Vec<&str> {
    match hook {
        Hook::User(user) => user.sites.iter().map(|site| &*site.function).collect(),
        Hook::Function(hook) => hook.functions.iter().map(|name| &*name.name).collect(),
        _ => Vec::new(),
    }
}
