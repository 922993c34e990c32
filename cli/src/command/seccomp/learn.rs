//! Learns a profile: a command or process in, the calls that it and its children make out, as rules.
//!
//! Calls are taken as they begin, so that one that never ends (a server's wait for work) is among them.

use super::profile::{Action, Architecture, Condition, Operator, Profile, Rule};
use super::{CHILDREN, Scope, Subject, job};
use crate::command::collector::Maps;
use crate::exit_code::Status;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use trapline_lang::syscall::set::{self, Kind};
use trapline_lang::syscall::shape::Shape;
use trapline_lang::syscall::{self, Abi, ArgumentKind, Syscall};
use trapline_runtime::value::Value;

/// An argument with more values than these is not constant.
const FEW: usize = 4;
/// At most so many rules for one call.
const MOST_RULES: usize = 16;

/// Traces and writes the profile.
pub(super) fn run(scope: &Scope, subject: &Subject, with_args: bool) -> anyhow::Result<Status> {
    let maps = Maps::default();
    let status = scope.run(subject, job(script(subject, with_args)), || Ok(maps.sink()))?;
    if !scope.print_script {
        let profile = Seen::collect(&maps, subject.abi).profile(with_args);
        scope
            .open_output()?
            .write_all(profile.to_json().as_bytes())?;
    }
    Ok(status)
}

fn script(subject: &Subject, with_args: bool) -> String {
    let predicate = subject.predicate(CHILDREN, "");
    let mut script = String::from("config = { max_map_keys = 65536 }\n");
    script.push_str(&format!(
        "tracepoint:raw_syscalls:sys_enter {predicate}{{
    @calls[syscall] = count();\n"
    ));
    if with_args {
        // Of arguments with many values, pointers say, only so many are kept.
        for index in 0..6 {
            script.push_str(&format!(
                "    if (@seen[syscall, {index}] <= {FEW} && !has_key(@values, (syscall, {index}, args.args[{index}]))) {{
        @values[syscall, {index}, args.args[{index}]] = true;
        @seen[syscall, {index}]++;
    }}\n"
            ));
        }
    }
    script.push_str("}\n");
    if with_args {
        script.push_str("END {\n    clear(@seen);\n}\n");
    }
    script
}

/// The calls of one name.
#[derive(Clone, Debug, Default)]
struct Calls {
    /// Rows of the ABIs that made it.
    rows: Vec<&'static Syscall>,
    /// What each argument was.
    values: [BTreeSet<u64>; 6],
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    architectures: BTreeSet<Architecture>,
    calls: BTreeMap<&'static str, Calls>,
}

impl Seen {
    fn collect(maps: &Maps, own: Abi) -> Self {
        let mut seen = Self::default();
        for (key, _) in maps.entries("@calls") {
            if let Some((abi, row)) = key.first().and_then(|value| call(value, own)) {
                seen.architectures.insert(Architecture::of(abi));
                seen.calls.entry(row.name).or_default().rows.push(row);
            }
        }
        for (key, _) in maps.entries("@values") {
            let [call_key, index, value] = key.as_slice() else {
                continue;
            };
            let row = call(call_key, own).map(|(_, row)| row.name);
            let calls = row.and_then(|name| seen.calls.get_mut(name));
            if let (Some(calls), Some(index), Some(value)) = (calls, index.number(), value.number())
                && let Some(values) = calls.values.get_mut(index as usize)
            {
                values.insert(value as u64);
            }
        }
        seen
    }

    fn profile(&self, with_args: bool) -> Profile {
        let mut plain = Vec::new();
        let mut rules = Vec::new();
        for (name, calls) in &self.calls {
            let alternatives = match with_args {
                true => calls.alternatives(),
                false => vec![Vec::new()],
            };
            if alternatives == [Vec::new()] {
                plain.push((*name).to_owned());
                continue;
            }
            rules.extend(alternatives.into_iter().map(|args| Rule {
                names: vec![(*name).to_owned()],
                action: Action::Allow,
                args,
            }));
        }
        if !plain.is_empty() {
            rules.insert(
                0,
                Rule {
                    names: plain,
                    action: Action::Allow,
                    args: Vec::new(),
                },
            );
        }
        Profile {
            default_action: Action::Errno,
            architectures: self.architectures.iter().copied().collect(),
            rules,
        }
    }
}

impl Calls {
    /// The conditions of one rule each; one without conditions if nothing is constant.
    fn alternatives(&self) -> Vec<Vec<Condition>> {
        let mut constant: Vec<_> = (0..6).filter(|index| self.is_constant(*index)).collect();
        let rules = |constant: &[usize]| -> usize {
            let values = constant.iter().map(|index| self.values[*index].len());
            values.product()
        };
        while rules(&constant) > MOST_RULES {
            // The least constant one goes.
            let most = constant.iter().map(|index| self.values[*index].len()).max();
            if let Some(place) = constant
                .iter()
                .position(|index| Some(self.values[*index].len()) == most)
            {
                constant.remove(place);
            }
        }
        let mut alternatives = vec![Vec::new()];
        for index in constant {
            let longer = |conditions: &Vec<Condition>| -> Vec<Vec<Condition>> {
                let values = self.values[index].iter();
                values
                    .map(|value| {
                        let mut conditions = conditions.clone();
                        conditions.push(Condition {
                            index: index as u8,
                            value: *value,
                            value_two: 0,
                            operator: Operator::Equal,
                        });
                        conditions
                    })
                    .collect()
            };
            alternatives = alternatives.iter().flat_map(longer).collect();
        }
        alternatives
    }

    /// Few values, which have names: flags, commands, domains, but no descriptors, sizes or addresses.
    fn is_constant(&self, index: usize) -> bool {
        let values = &self.values[index];
        !values.is_empty()
            && values.len() <= FEW
            && self.rows.iter().all(|row| are_named(row, index, values))
    }
}

fn are_named(row: &Syscall, index: usize, values: &BTreeSet<u64>) -> bool {
    let Some(Shape::Set(name)) = row.shape(index).map(|argument| argument.shape) else {
        return false;
    };
    let Some(set) = set::by_name(name) else {
        return false;
    };
    let number = |value: u64| match row.args[index].kind {
        ArgumentKind::Int {
            bits: 32,
            signed: true,
        } => i64::from(value as i32),
        ArgumentKind::Int { bits: 32, .. } => i64::from(value as u32),
        _ => value as i64,
    };
    match set.kind {
        Kind::Flags | Kind::FlagsWithField(_) => true,
        Kind::Values | Kind::HexValues | Kind::Signal => values.iter().all(|value| {
            let text = set.format(number(*value));
            text.starts_with(|first: char| first.is_ascii_alphabetic())
        }),
        _ => false,
    }
}

/// The call that a part of a key stands for, on a machine of that ABI.
fn call(value: &Value, own: Abi) -> Option<(Abi, &'static Syscall)> {
    let (abi, number) = syscall::decode(own, value.number()? as u64)?;
    Some((abi, syscall::by_number(abi, number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(name: &str, values: [&[u64]; 6]) -> Calls {
        Calls {
            rows: vec![syscall::by_name(name).expect("a system call")],
            values: values.map(|values| values.iter().copied().collect()),
        }
    }

    #[test]
    fn only_named_arguments_become_conditions() {
        let opened = calls(
            "openat",
            [&[0xffff_ff9c], &[1, 2], &[0, 0o2_000_000], &[0], &[], &[]],
        );
        let conditions = opened.alternatives();
        let flags: Vec<_> = conditions
            .iter()
            .map(|conditions| conditions.iter().find(|condition| condition.index == 2))
            .map(|condition| condition.map(|condition| condition.value))
            .collect();
        assert_eq!(flags, [Some(0), Some(0o2_000_000)]);
        assert!(
            conditions
                .iter()
                .flatten()
                .all(|condition| condition.index != 1)
        );
        let many = calls("openat", [&[3], &[], &[1, 2, 3, 4, 5], &[], &[], &[]]);
        assert_eq!(many.alternatives(), [Vec::new()]);
    }

    #[test]
    fn calls_without_conditions_stand_in_one_rule() {
        let mut seen = Seen::default();
        seen.architectures.insert(Architecture::X86_64);
        for name in ["write", "read"] {
            let name = syscall::by_name(name).expect("a system call").name;
            seen.calls.insert(name, calls(name, [&[1]; 6]));
        }
        let profile = seen.profile(false);
        assert_eq!(profile.rules.len(), 1);
        assert_eq!(profile.rules[0].names, ["read", "write"]);
        assert_eq!(profile.default_action, Action::Errno);
    }
}
