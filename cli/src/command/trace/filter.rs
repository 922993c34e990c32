//! Which calls `-e` names, in strace's words: a text in, attach points and a condition out.

use crate::command::calls;
use anyhow::bail;
use std::collections::BTreeSet;
use trapline_lang::diagnostic::suggest;
use trapline_lang::syscall::shape::Class;
use trapline_lang::syscall::{Abi, Syscall};

/// Calls that are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// What the probe is attached to: `syscall:openat,%net`.
    pub(super) attach_point: String,
    /// What must be true of a call beside that; mostly empty.
    pub(super) condition: String,
}

impl Filter {
    /// Reads the values of all `-e`, about calls of a machine of that ABI: the last one counts, as in strace.
    ///
    /// # Errors
    /// If there is no such call or class, or nothing is left.
    pub(super) fn read(expressions: &[String], own: Abi) -> anyhow::Result<Self> {
        let Some(expression) = expressions.last() else {
            return Ok(Self::all());
        };
        let expression = expression.trim();
        let list = ["trace=", "t="]
            .iter()
            .find_map(|word| expression.strip_prefix(word))
            .unwrap_or(expression);
        if let Some((word, _)) = list.split_once('=') {
            bail!("-e {word}=: only -e trace=LIST is known; see --help for the rest");
        }
        let (excludes, list) = match list.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, list),
        };
        let mut names = BTreeSet::new();
        let mut everything = false;
        for name in list.split(',').map(str::trim) {
            // strace passes over names behind a question mark that it does not know.
            let (optional, name) = match name.strip_prefix('?') {
                Some(rest) => (true, rest),
                None => (false, name),
            };
            match name {
                "all" => everything = true,
                "none" => {}
                "" => bail!("-e {expression}: a name is missing"),
                name => match known(name, own) {
                    Ok(()) => {
                        names.insert(name);
                    }
                    Err(_) if optional => {}
                    Err(error) => return Err(error),
                },
            }
        }
        let names: Vec<&str> = names.into_iter().collect();
        match (excludes, everything, names.as_slice()) {
            (false, true, _) | (true, false, []) => Ok(Self::all()),
            (true, true, _) | (false, false, []) => bail!("-e {expression}: no call is left"),
            (false, false, names) => Ok(Self {
                attach_point: calls::attach_points(names),
                condition: String::new(),
            }),
            (true, false, names) => {
                let names = members(names, own);
                let conditions = names.iter().map(|name| format!("syscall != \"{name}\""));
                Ok(Self {
                    attach_point: "syscall:*".to_owned(),
                    condition: conditions.collect::<Vec<_>>().join(" && "),
                })
            }
        }
    }

    fn all() -> Self {
        Self {
            attach_point: "syscall:*".to_owned(),
            condition: String::new(),
        }
    }
}

/// There is such a call or class.
fn known(name: &str, own: Abi) -> anyhow::Result<()> {
    if let Some(class) = name.strip_prefix('%') {
        if Class::by_name(class).is_none() {
            let names: Vec<_> = Class::ALL
                .iter()
                .map(|(_, name)| format!("%{name}"))
                .collect();
            bail!(
                "there is no class '%{class}' of system calls; the classes are {}",
                names.join(", ")
            );
        }
        return Ok(());
    }
    if calls::all(own).any(|call| call.name == name) {
        return Ok(());
    }
    match suggest::nearest(name, calls::all(own).map(|call| call.name)) {
        Some(near) => bail!("there is no system call '{name}'; did you mean '{near}'?"),
        None => bail!("there is no system call '{name}'"),
    }
}

/// The calls that names and classes stand for.
fn members(names: &[&str], own: Abi) -> BTreeSet<&'static str> {
    let is_meant = |call: &Syscall| {
        names.iter().any(|name| match name.strip_prefix('%') {
            Some(class) => {
                Class::by_name(class).is_some_and(|class| call.semantics().classes.contains(&class))
            }
            None => *name == call.name,
        })
    };
    calls::all(own)
        .filter(|call| is_meant(call))
        .map(|call| call.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(expression: &str) -> anyhow::Result<(String, String)> {
        let filter = Filter::read(&[expression.to_owned()], Abi::X86_64)?;
        Ok((filter.attach_point, filter.condition))
    }

    #[test]
    fn expressions_are_strace_s() {
        for (expression, attach_point, condition) in [
            ("read,openat", "syscall:openat,read", ""),
            ("trace=%net", "syscall:%net", ""),
            ("?nonsense,read", "syscall:read", ""),
            ("!read", "syscall:*", "syscall != \"read\""),
            ("all", "syscall:*", ""),
            ("!none", "syscall:*", ""),
        ] {
            let expected = (attach_point.to_owned(), condition.to_owned());
            assert_eq!(
                read(expression).expect(expression),
                expected,
                "{expression}"
            );
        }
        let nothing = Filter::read(&[], Abi::X86_64).expect("all calls");
        assert_eq!(nothing, Filter::all());
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for (expression, words) in [
            ("opennat", "did you mean 'openat'?"),
            ("%nonsense", "the classes are %file, "),
            ("signal=none", "only -e trace="),
            ("read,,write", "a name is missing"),
            ("none", "no call is left"),
            ("!all", "no call is left"),
        ] {
            let error = read(expression).expect_err(expression).to_string();
            assert!(error.contains(words), "{expression}: {error}");
        }
    }
}
