//! Compares two profiles: files in, the lines that tell them apart out.

use super::profile::{Action, Condition, Profile};
use std::collections::{BTreeMap, BTreeSet};

/// What a profile says of one system call, whatever the order of its rules.
type Said = BTreeSet<(Action, Vec<Condition>)>;

/// `-` for what only the first has, `+` for what only the second has, `~` for what both have in another way. Empty
/// if they are the same.
pub(super) fn compare(first: &Profile, second: &Profile) -> Vec<String> {
    let mut lines = Vec::new();
    if first.default_action != second.default_action {
        lines.push(format!("-defaultAction {}", first.default_action.name()));
        lines.push(format!("+defaultAction {}", second.default_action.name()));
    }
    let arches = |profile: &Profile| -> BTreeSet<_> {
        let arches = profile.architectures.iter();
        arches.map(|architecture| architecture.name()).collect()
    };
    let (before, after) = (arches(first), arches(second));
    lines.extend(before.difference(&after).map(|name| format!("-{name}")));
    lines.extend(after.difference(&before).map(|name| format!("+{name}")));

    let (before, after) = (said(first), said(second));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(_), None) => lines.push(format!("-{name}")),
            (None, Some(_)) => lines.push(format!("+{name}")),
            (before, after) if before != after => lines.push(format!("~{name}")),
            _ => {}
        }
    }
    lines
}

/// What is said of the calls for which it is not what happens anyway.
fn said(profile: &Profile) -> BTreeMap<&str, Said> {
    let mut said: BTreeMap<&str, Said> = BTreeMap::new();
    for rule in &profile.rules {
        if rule.action == profile.default_action {
            continue;
        }
        let mut args = rule.args.clone();
        args.sort_unstable();
        for name in &rule.names {
            said.entry(name)
                .or_default()
                .insert((rule.action, args.clone()));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::super::read::parse;
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let profile = |rules: &str| {
            let text = format!(r#"{{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{rules}]}}"#);
            parse(&text).expect("a profile").profile
        };
        let allow = |names: &str, args: &str| {
            format!(r#"{{"names": [{names}], "action": "SCMP_ACT_ALLOW", "args": [{args}]}}"#)
        };
        let zero = r#"{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}"#;
        let both = [allow(r#""read", "write""#, ""), allow(r#""clone""#, "")].join(",");
        let other = [
            allow(r#""write""#, ""),
            allow(r#""clone""#, zero),
            allow(r#""bpf""#, ""),
            r#"{"names": ["ptrace"], "action": "SCMP_ACT_ERRNO"}"#.to_owned(),
        ]
        .join(",");
        let lines = compare(&profile(&both), &profile(&other));
        assert_eq!(lines, ["+bpf", "~clone", "-read"]);
        let same = [
            allow(r#""clone""#, ""),
            allow(r#""write""#, ""),
            allow(r#""read""#, ""),
        ]
        .join(",");
        assert_eq!(compare(&profile(&both), &profile(&same)), [""; 0]);
    }
}
