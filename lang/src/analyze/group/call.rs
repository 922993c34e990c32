//! Groups of system calls: which argument a name means, call by call and ABI by ABI.

use super::super::expand::Match;
use super::super::report::{Explain, Reports};
use super::super::tree::{FieldUse, Probe};
use super::site::check_offered;
use super::{BUILTIN_FIELD, EXAMPLES, Group};
use crate::catalog::{Field, FieldLocation};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{CallHook, CallRef, CallSet, Config, Edge, Hook};
use crate::provider::Provider;
use crate::syscall::shape::{Fate, Pointee, Shape};
use crate::syscall::{self, Abi, Syscall};
use crate::types::{AddressSpace, IntType, Type};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What does not change from group to group.
pub(super) struct Context<'a> {
    pub(super) found: &'a Match,
    pub(super) probe: &'a Probe,
    pub(super) config: &'a Config,
    pub(super) native: Abi,
}

/// Fields of the kernel's events that builtins stand for.
const FIELDS: [(&str, &str); 3] = [
    ("ret", "retval"),
    ("id", "syscall"),
    ("__syscall_nr", "syscall"),
];

/// A call, with what is known of it.
#[derive(Clone, Copy)]
struct Known {
    call: CallRef,
    syscall: &'static Syscall,
}

/// The groups of one attach point.
pub(super) fn groups(context: &Context<'_>, hook: &CallHook, reports: &mut Reports) -> Vec<Group> {
    let Context { found, probe, .. } = context;
    let known = context.known(&hook.calls);
    if !check_offered(Provider::Syscall, probe, reports)
        || !context.check_result(hook.edge, &known, reports)
    {
        return Vec::new();
    }
    let group = |calls: CallSet, attach_points: usize, fields: Vec<Field>| Group {
        probe: found.probe,
        provider: Provider::Syscall,
        name: found.name.clone(),
        span: found.span,
        hook: Hook::Call(CallHook {
            edge: hook.edge,
            calls,
        }),
        attach_points: attach_points as u32,
        fields,
    };
    let Some(used) = context.used(&known, reports) else {
        return Vec::new();
    };
    let result: Vec<Field> = probe.fields.iter().find_map(result).into_iter().collect();
    if hook.calls == CallSet::All && used.is_empty() {
        return vec![group(CallSet::All, known.len(), result)];
    }
    // A name counts once; those that only other ABIs have count where there is no other.
    let native = |known: &&Known| known.call.abi == context.native;
    let only_native = known.iter().any(|known| native(&known));
    let mut names = HashSet::new();
    let mut counted = |calls: &[Known]| {
        let calls = calls.iter().filter(|known| !only_native || native(known));
        calls
            .filter(|known| names.insert(known.syscall.name))
            .count()
    };
    let Some(kept) = context.kept(known, &used, reports) else {
        return Vec::new();
    };
    let mut groups: BTreeMap<Vec<String>, (Vec<Known>, Vec<Field>)> = BTreeMap::new();
    for known in kept {
        let arguments: Vec<_> = used
            .iter()
            .filter_map(|name| context.argument(known.syscall, name))
            .collect();
        let key = arguments
            .iter()
            .map(|(field, shape)| format!("{:?} {:?} {shape:?}", field.ty, field.location))
            .collect();
        let fields = || {
            let arguments = arguments.into_iter().map(|(field, _)| field);
            arguments.chain(result.iter().cloned()).collect()
        };
        let (calls, _) = groups.entry(key).or_insert_with(|| (Vec::new(), fields()));
        calls.push(known);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(calls, _)| calls.first().map(|known| order(known.call)));
    groups
        .into_iter()
        .map(|(calls, fields)| {
            let count = counted(&calls);
            let calls = calls.into_iter().map(|known| known.call).collect();
            group(CallSet::Some(calls), count, fields)
        })
        .collect()
}

fn order(call: CallRef) -> (u8, u32) {
    (call.abi as u8, call.number)
}

impl Context<'_> {
    fn known(&self, calls: &CallSet) -> Vec<Known> {
        let of = |call: CallRef| {
            let syscall = syscall::by_number(call.abi, call.number)?;
            Some(Known { call, syscall })
        };
        match calls {
            CallSet::Some(calls) => calls.iter().copied().filter_map(of).collect(),
            CallSet::All => syscall::all(self.native)
                .filter_map(|(number, _)| {
                    of(CallRef {
                        abi: self.native,
                        number,
                    })
                })
                .collect(),
        }
    }

    /// `retval` is known when a call has finished that does.
    fn check_result(&self, edge: Edge, calls: &[Known], reports: &mut Reports) -> bool {
        let Some(used) = self
            .probe
            .fields
            .iter()
            .find(|field| result(field).is_some())
        else {
            return true;
        };
        let Some(hint) = no_result(edge, calls.iter().map(|known| known.syscall)) else {
            return true;
        };
        let kind = AnalysisKind::NoResult { name: "retval" };
        reports.error(kind, used.span).hint = Some(hint);
        false
    }

    /// The names of arguments that the body uses, each once; `None` if a call that must have one lacks it.
    fn used(&self, calls: &[Known], reports: &mut Reports) -> Option<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        let mut complete = true;
        for used in &self.probe.fields {
            if result(used).is_some() || names.contains(&used.name) {
                continue;
            }
            names.push(used.name.clone());
            let lacks = |known: &&Known| position(known.syscall, &used.name).is_none();
            let lacking: Vec<&Known> = calls
                .iter()
                .filter(lacks)
                .filter(|known| !self.is_left_out(known, &used.name))
                .collect();
            if !lacking.is_empty() {
                complete = false;
                self.missing(calls, &lacking, used, reports);
            }
        }
        complete.then_some(names)
    }

    /// The call of another ABI, where the native one of its name has the argument.
    fn is_left_out(&self, known: &Known, argument: &str) -> bool {
        let native = syscall::number(self.native, known.syscall)
            .and_then(|number| syscall::by_number(self.native, number));
        known.call.abi != self.native
            && native.is_some_and(|native| position(native, argument).is_some())
    }

    /// The calls that have all arguments. Says which have not.
    fn kept(
        &self,
        calls: Vec<Known>,
        used: &[String],
        reports: &mut Reports,
    ) -> Option<Vec<Known>> {
        let mut kept = calls;
        for name in used {
            let (have, lack): (Vec<Known>, Vec<Known>) = kept
                .into_iter()
                .partition(|known| position(known.syscall, name).is_some());
            kept = have;
            let span = self
                .probe
                .fields
                .iter()
                .find(|field| field.name == *name)?
                .span;
            let calls: BTreeSet<String> = lack
                .iter()
                .map(|known| format!("{}:{}", known.call.abi.name(), known.syscall.name))
                .collect();
            if !calls.is_empty() {
                let kind = AnalysisKind::CallsLeftOut {
                    field: name.clone(),
                    calls: calls.into_iter().collect(),
                };
                reports.warning(kind, span);
            }
        }
        Some(kept)
    }

    fn missing(&self, calls: &[Known], lacking: &[&Known], used: &FieldUse, reports: &mut Reports) {
        let total: BTreeSet<&str> = calls.iter().map(|known| known.syscall.name).collect();
        let without: BTreeSet<&str> = lacking.iter().map(|known| known.syscall.name).collect();
        let event = |name: &&str| format!("syscall:{name}");
        let kind = match total.first() {
            Some(only) if total.len() == 1 => AnalysisKind::UnknownField {
                event: event(only),
                field: used.name.clone(),
            },
            _ => AnalysisKind::FieldMissingInSome {
                field: used.name.clone(),
                missing: without.len(),
                total: total.len(),
                examples: without.iter().take(EXAMPLES).map(event).collect(),
            },
        };
        let report = reports.error(kind, used.span);
        if let Some((_, builtin)) = FIELDS.iter().find(|(field, _)| *field == used.name) {
            report.hint = Some(format!("it is the builtin '{builtin}' here"));
            return;
        }
        let syscall = lacking[0].syscall;
        let names: Vec<String> = (0..syscall.args.len())
            .map(|at| spellings(syscall, at))
            .collect();
        if total.len() == 1 {
            let single = names.iter().flat_map(|names| names.split([' ', '(', ')']));
            report.did_you_mean(&used.name, single.filter(|name| !name.is_empty()));
            if report.hint.is_none() {
                report.hint = Some(match names.is_empty() {
                    true => "it has no arguments".to_owned(),
                    false => format!("its arguments are {}", names.join(", ")),
                });
            }
        } else if total.len() > without.len() {
            report.hint = Some(format!(
                "{} calls of {} have it: name these, or use a narrower wildcard",
                total.len() - without.len(),
                self.found.name
            ));
        }
    }

    /// An argument by the name that the script uses.
    fn argument(&self, syscall: &Syscall, name: &str) -> Option<(Field, Shape)> {
        let at = position(syscall, name)?;
        let (definition, shape) = (syscall.args.get(at)?, syscall.shape(at)?.shape);
        let field = Field {
            name: name.to_owned(),
            c_type: definition.c_type.to_owned(),
            ty: self.ty(definition, shape),
            location: FieldLocation::SyscallArgument(u8::try_from(at).ok()?),
        };
        Some((field, shape))
    }

    fn ty(&self, definition: &syscall::Argument, shape: Shape) -> Type {
        let own = definition.ty();
        let int = match own {
            Type::Int(int) => int,
            _ => IntType::U64,
        };
        match (shape, own) {
            (Shape::Set(set), _) => Type::Named {
                set: set.to_owned(),
                repr: int,
            },
            (
                Shape::Memory {
                    what: Pointee::String,
                    ..
                },
                _,
            ) => Type::String {
                capacity: self.config.max_strlen,
            },
            (Shape::Number, own) | (_, own @ Type::Pointer { .. }) => own,
            (Shape::Address | Shape::Memory { .. }, _) => Type::Pointer {
                target: Box::new(Type::Void),
                space: AddressSpace::User,
            },
        }
    }
}

/// Why calls give nothing back that the probe could see; `None` if they do.
pub(in crate::analyze) fn no_result<'a>(
    edge: Edge,
    calls: impl Iterator<Item = &'a Syscall>,
) -> Option<String> {
    if edge == Edge::Enter {
        return Some("without :enter, the probe fires when the call has finished".into());
    }
    let mut last = None;
    for call in calls {
        if call.semantics().fate != Fate::NeverReturns {
            return None;
        }
        last = Some(call.name);
    }
    last.map(|name| format!("{name} never returns: its probes fire when it begins"))
}

/// Which argument a name means: first as in the manual page, then as in the kernel.
fn position(syscall: &Syscall, name: &str) -> Option<usize> {
    let manual = (0..syscall.args.len()).find(|&at| {
        syscall
            .shape(at)
            .is_some_and(|argument| argument.name == name)
    });
    manual.or_else(|| {
        syscall
            .args
            .iter()
            .position(|argument| argument.name == name)
    })
}

/// `pathname (filename)`
fn spellings(syscall: &Syscall, at: usize) -> String {
    let kernel = syscall.args.get(at).map_or("", |argument| argument.name);
    match syscall.shape(at) {
        Some(argument) if argument.name != kernel => format!("{} ({kernel})", argument.name),
        _ => kernel.to_owned(),
    }
}

/// `retval`
fn result(used: &FieldUse) -> Option<Field> {
    (used.name.strip_prefix(BUILTIN_FIELD)? == "retval").then(|| Field {
        name: used.name.clone(),
        c_type: "long".into(),
        ty: Type::I64,
        location: FieldLocation::SyscallReturn,
    })
}
