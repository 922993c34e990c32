//! Reads profiles: JSON in, a [`Profile`] or an error that names the place out.
//!
//! Beside what the OCI specification has, this reads what Docker and Podman add to it: `archMap`, `includes` and
//! `excludes`, as for a container without capabilities of its own.

use super::profile::{Action, Architecture, Condition, Operator, Profile, Rule};
use anyhow::{Context, anyhow, bail};
use serde_json::{Map, Value as Json};
use std::fmt;
use std::path::Path;
use trapline_runtime::catalog::NATIVE_ABI;

/// A profile, and what else people should know of its file.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) profile: Profile,
    /// What container runtimes pass over without a word.
    pub(super) notes: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// If it cannot be read or is no profile; the message says where.
pub(super) fn file(path: &Path) -> anyhow::Result<Reading> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read '{name}'"))?;
    parse(&text).with_context(|| format!("{name} is no seccomp profile"))
}

/// Reads the text of a profile.
///
/// # Errors
/// As [`file`].
pub(super) fn parse(text: &str) -> anyhow::Result<Reading> {
    let json: Json = serde_json::from_str(text)?;
    let mut reader = Reader { notes: Vec::new() };
    let profile = reader.profile(&json)?;
    Ok(Reading {
        profile,
        notes: reader.notes,
    })
}

/// A value and where it stands.
#[derive(Clone)]
struct Place(String);

impl Place {
    fn member(&self, name: &str) -> Self {
        match self.0.is_empty() {
            true => Self(name.to_owned()),
            false => Self(format!("{}.{name}", self.0)),
        }
    }

    fn element(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.is_empty() {
            true => f.write_str("the profile"),
            false => f.write_str(&self.0),
        }
    }
}

struct Reader {
    notes: Vec<String>,
}

const PROFILE_FIELDS: &[&str] = &[
    "defaultAction",
    "defaultErrnoRet",
    "defaultErrno",
    "architectures",
    "archMap",
    "flags",
    "listenerPath",
    "listenerMetadata",
    "syscalls",
];
const RULE_FIELDS: &[&str] = &[
    "names", "name", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes",
];
const CONDITION_FIELDS: &[&str] = &["index", "value", "valueTwo", "op"];

impl Reader {
    fn profile(&mut self, json: &Json) -> anyhow::Result<Profile> {
        let place = Place(String::new());
        let object = self.object(json, &place, PROFILE_FIELDS)?;
        let default_action = object
            .get("defaultAction")
            .ok_or_else(|| anyhow!("it has no 'defaultAction'"))?;
        let default_action = name_of(default_action, &place.member("defaultAction"), Action::ALL)?;
        let mut architectures = Vec::new();
        for (json, place) in elements(object, &place, "architectures")? {
            architectures.push(name_of(json, &place, Architecture::ALL)?);
        }
        for (json, place) in elements(object, &place, "archMap")? {
            let entry = self.object(json, &place, &["architecture", "subArchitectures"])?;
            let Some(own) = entry.get("architecture") else {
                bail!("{place} has no 'architecture'");
            };
            let own = name_of(own, &place.member("architecture"), Architecture::ALL)?;
            let mut others = vec![own];
            for (json, place) in elements(entry, &place, "subArchitectures")? {
                others.push(name_of(json, &place, Architecture::ALL)?);
            }
            if own == Architecture::of(NATIVE_ABI) {
                architectures.append(&mut others);
            }
        }
        let mut rules = Vec::new();
        let mut left_out = 0;
        for (json, place) in elements(object, &place, "syscalls")? {
            match self.rule(json, &place)? {
                Some(rule) => rules.push(rule),
                None => left_out += 1,
            }
        }
        if left_out > 0 {
            let plural = if left_out == 1 { " is" } else { "s are" };
            self.notes.push(format!(
                "{left_out} rule{plural} left out: for other architectures, or for containers with capabilities"
            ));
        }
        Ok(Profile {
            default_action,
            architectures,
            rules,
        })
    }

    /// `None` if it is for other machines or for privileged containers.
    fn rule(&mut self, json: &Json, place: &Place) -> anyhow::Result<Option<Rule>> {
        let object = self.object(json, place, RULE_FIELDS)?;
        let mut names = Vec::new();
        for (json, place) in elements(object, place, "names")? {
            names.push(string(json, &place)?.to_owned());
        }
        if let Some(name) = object.get("name") {
            names.push(string(name, &place.member("name"))?.to_owned());
        }
        if names.is_empty() {
            bail!("{place} has no 'names'");
        }
        let action = object
            .get("action")
            .ok_or_else(|| anyhow!("{place} has no 'action'"))?;
        let action = name_of(action, &place.member("action"), Action::ALL)?;
        let mut args = Vec::new();
        for (json, place) in elements(object, place, "args")? {
            args.push(self.condition(json, &place)?);
        }
        let applies = self.applies(object, place)?;
        Ok(applies.then_some(Rule {
            names,
            action,
            args,
        }))
    }

    fn applies(&mut self, rule: &Map<String, Json>, place: &Place) -> anyhow::Result<bool> {
        const FIELDS: &[&str] = &["arches", "caps", "minKernel"];
        let mut applies = true;
        for (word, included) in [("includes", true), ("excludes", false)] {
            let Some(json) = rule.get(word).filter(|json| !json.is_null()) else {
                continue;
            };
            let place = place.member(word);
            let filter = self.object(json, &place, FIELDS)?;
            let arches = elements(filter, &place, "arches")?;
            if !arches.is_empty() {
                let own = |(json, _): &(&Json, Place)| {
                    json.as_str().is_some_and(|name| OWN_NAMES.contains(&name))
                };
                applies &= arches.iter().any(own) == included;
            }
            if included {
                applies &= elements(filter, &place, "caps")?.is_empty();
            }
        }
        Ok(applies)
    }

    fn condition(&mut self, json: &Json, place: &Place) -> anyhow::Result<Condition> {
        let object = self.object(json, place, CONDITION_FIELDS)?;
        let number = |name: &str| -> anyhow::Result<Option<u64>> {
            let Some(json) = object.get(name) else {
                return Ok(None);
            };
            match json.as_u64() {
                Some(number) => Ok(Some(number)),
                None => bail!("{} is {json}, not a number of 64 bits", place.member(name)),
            }
        };
        let Some(index) = number("index")? else {
            bail!("{place} has no 'index'");
        };
        if index > 5 {
            bail!(
                "{} is {index}; a call has at most six arguments, counted from 0",
                place.member("index")
            );
        }
        let Some(value) = number("value")? else {
            bail!("{place} has no 'value'");
        };
        let operator = object
            .get("op")
            .ok_or_else(|| anyhow!("{place} has no 'op'"))?;
        Ok(Condition {
            index: index as u8,
            value,
            value_two: number("valueTwo")?.unwrap_or(0),
            operator: name_of(operator, &place.member("op"), Operator::ALL)?,
        })
    }

    /// An object; fields that it should not have are noted.
    fn object<'a>(
        &mut self,
        json: &'a Json,
        place: &Place,
        fields: &[&str],
    ) -> anyhow::Result<&'a Map<String, Json>> {
        let object = json
            .as_object()
            .ok_or_else(|| anyhow!("{place} is {}, not an object", kind(json)))?;
        for name in object.keys() {
            if !fields.contains(&name.as_str()) {
                self.notes.push(format!(
                    "{} is passed over: profiles have no such field",
                    place.member(name)
                ));
            }
        }
        Ok(object)
    }
}

/// What Docker's profiles call this machine and its other ABIs.
const OWN_NAMES: &[&str] = match NATIVE_ABI {
    trapline_lang::syscall::Abi::Aarch64 => &["arm64", "arm"],
    _ => &["amd64", "x86", "x32"],
};

/// The elements of an array, with their places; none if there is no such member.
fn elements<'a>(
    object: &'a Map<String, Json>,
    place: &Place,
    name: &str,
) -> anyhow::Result<Vec<(&'a Json, Place)>> {
    let place = place.member(name);
    match object.get(name) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(elements)) => Ok(elements
            .iter()
            .enumerate()
            .map(|(index, element)| (element, place.element(index)))
            .collect()),
        Some(other) => bail!("{place} is {}, not an array", kind(other)),
    }
}

fn string<'a>(json: &'a Json, place: &Place) -> anyhow::Result<&'a str> {
    json.as_str()
        .ok_or_else(|| anyhow!("{place} is {}, not a string", kind(json)))
}

fn name_of<T: Copy>(json: &Json, place: &Place, all: &[(T, &str)]) -> anyhow::Result<T> {
    let name = string(json, place)?;
    match all.iter().find(|(_, known)| *known == name) {
        Some((value, _)) => Ok(*value),
        None => {
            let known: Vec<_> = all.iter().map(|(_, name)| *name).collect();
            bail!("{place} is '{name}', which is none of {}", known.join(", "))
        }
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        format!("{:#}", parse(text).expect_err("refused"))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let profile = Profile {
            default_action: Action::Errno,
            architectures: vec![Architecture::X86_64, Architecture::X86],
            rules: vec![
                Rule {
                    names: vec!["read".into(), "write".into()],
                    action: Action::Allow,
                    args: Vec::new(),
                },
                Rule {
                    names: vec!["clone".into()],
                    action: Action::Log,
                    args: vec![Condition {
                        index: 0,
                        value: 0x7e02_0000,
                        value_two: u64::MAX,
                        operator: Operator::MaskedEqual,
                    }],
                },
            ],
        };
        let read = parse(&profile.to_json()).expect("a profile");
        assert_eq!(read.profile, profile);
        assert_eq!(read.notes, [""; 0]);
    }

    #[test]
    fn what_is_no_profile_is_refused_with_its_place() {
        let rule = |rule: &str| {
            error(&format!(
                r#"{{"defaultAction": "SCMP_ACT_KILL", "syscalls": [{rule}]}}"#
            ))
        };
        for (message, words) in [
            (error("{"), "at line 1"),
            (error("[]"), "the profile is an array, not an object"),
            (error("{}"), "it has no 'defaultAction'"),
            (
                error(r#"{"defaultAction": 1}"#),
                "defaultAction is a number, not a string",
            ),
            (
                error(r#"{"defaultAction": "ALLOW"}"#),
                "defaultAction is 'ALLOW', which is none of SCMP_ACT_ALLOW, ",
            ),
            (
                rule(r#"{"action": "SCMP_ACT_ALLOW"}"#),
                "syscalls[0] has no 'names'",
            ),
            (
                rule(r#"{"names": ["a", 2]}"#),
                "syscalls[0].names[1] is a number",
            ),
            (rule(r#"{"names": ["a"]}"#), "syscalls[0] has no 'action'"),
            (
                rule(
                    r#"{"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}"#,
                ),
                "syscalls[0].args[0].index is 6; a call has at most six",
            ),
            (
                rule(
                    r#"{"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}"#,
                ),
                "syscalls[0].args[0].value is -1, not a number of 64 bits",
            ),
        ] {
            assert!(message.contains(words), "no `{words}` in: {message}");
        }
    }

    #[test]
    fn what_runtimes_pass_over_is_told() {
        let text = r#"{
            "defaultAction": "SCMP_ACT_ERRNO",
            "archMap": [
                {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}
            ],
            "syscalls": [
                {"names": ["a"], "action": "SCMP_ACT_ALLOW", "arg": []},
                {"names": ["b"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
                {"names": ["c"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390x"]}},
                {"names": ["d"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "arm64"]}},
                {"names": ["e"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390"]}}
            ]
        }"#;
        let read = parse(text).expect("a profile");
        let names: Vec<_> = read
            .profile
            .rules
            .iter()
            .map(|rule| &rule.names[0])
            .collect();
        assert_eq!(names, ["a", "d", "e"]);
        assert_eq!(read.profile.architectures.len(), 2);
        assert_eq!(
            read.notes,
            [
                "syscalls[0].arg is passed over: profiles have no such field",
                "2 rules are left out: for other architectures, or for containers with capabilities",
            ]
        );
    }
}
