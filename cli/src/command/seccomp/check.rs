//! Checks a program against a profile: a profile in, a script whose filters are its rules run, the refused calls
//! out as they finish: not all of their arguments are readable before.

use super::profile::{Architecture, Condition, Operator, Profile, Rule};
use super::{CHILDREN, Scope, Subject, job};
use crate::command::calls;
use crate::command::lines::{Form, Lines};
use crate::exit_code::Status;
use anyhow::bail;
use trapline_lang::syscall::{self, Abi};

/// Traces and reports.
pub(super) fn run(profile: &Profile, scope: &Scope, subject: &Subject) -> anyhow::Result<Status> {
    let script = script(profile, subject)?;
    scope.run(subject, job(script), || {
        let output = scope.open_output()?;
        Ok(Box::new(Lines::new(
            output,
            Form::Log,
            &[],
            subject.clock(),
        )))
    })
}

/// What a script does with a refused call.
const REPORT: &str = "{
    @refused = count();
    print(args);
}\n";

/// The exit status says whether there was one.
const END: &str = "END {
    if (@refused > 0) {
        exit(3);
    }
    clear(@refused);
}\n";

/// Each call stands in one probe only: what captures its arguments is the larger part of the program.
fn script(profile: &Profile, subject: &Subject) -> anyhow::Result<String> {
    let is_judged = |abi: &Abi| match profile.architectures.as_slice() {
        [] => *abi == subject.abi,
        listed => listed.contains(&Architecture::of(*abi)),
    };
    let foreign = calls::abis(subject.abi).filter(|abi| !is_judged(abi));
    let foreign: Vec<_> = foreign
        .map(|abi| format!("abi == \"{}\"", abi.name()))
        .collect();
    let is_foreign = foreign.join(" || ");

    let mut script = String::from("config = { max_probes = 65536 }\n");
    let mut probe = |points: &str, condition: &str| {
        let predicate = subject.predicate(CHILDREN, condition);
        script.push_str(&format!("{points} {predicate}{REPORT}"));
    };
    let (mut refused, mut let_through) = (Vec::new(), Vec::new());
    for name in calls::names(subject.abi) {
        match Verdict::of(profile, name)? {
            Verdict::LetThrough => let_through.push(name),
            Verdict::Refused => refused.push(name),
            Verdict::RefusedIf(condition) if is_foreign.is_empty() => {
                probe(&format!("syscall:{name}"), &condition);
            }
            Verdict::RefusedIf(condition) => {
                let condition = format!("({is_foreign} || {condition})");
                probe(&format!("syscall:{name}"), &condition);
            }
        }
    }
    if !refused.is_empty() {
        probe(&calls::attach_points(&refused), "");
    }
    if !let_through.is_empty() && !is_foreign.is_empty() {
        probe(
            &calls::attach_points(&let_through),
            &format!("({is_foreign})"),
        );
    }
    script.push_str(END);
    Ok(script)
}

/// What a profile says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    LetThrough,
    Refused,
    /// If this is true of its arguments, in the language of scripts.
    RefusedIf(String),
}

impl Verdict {
    /// As container runtimes have it: a rule without conditions holds whatever others say; else the first that fits.
    fn of(profile: &Profile, name: &str) -> anyhow::Result<Self> {
        let rules = || {
            profile
                .rules
                .iter()
                .filter(|rule| rule.names.iter().any(|own| own == name))
        };
        let always = rules().find(|rule| rule.args.is_empty());
        let action = always.map_or(profile.default_action, |rule| rule.action);
        let mut verdict = match action.lets_through() {
            true => Self::LetThrough,
            false => Self::Refused,
        };
        if always.is_none() {
            let rules: Vec<_> = rules().collect();
            for rule in rules.iter().rev() {
                verdict = verdict.unless(rule, name)?;
            }
        }
        Ok(verdict)
    }

    /// What a rule makes of it that comes first.
    fn unless(self, rule: &Rule, name: &str) -> anyhow::Result<Self> {
        let fits = fits(rule, name)?;
        Ok(match (rule.action.lets_through(), self) {
            (true, Self::LetThrough) => Self::LetThrough,
            (false, Self::Refused) => Self::Refused,
            (true, Self::Refused) => Self::RefusedIf(format!("!({fits})")),
            (false, Self::LetThrough) => Self::RefusedIf(fits),
            (true, Self::RefusedIf(rest)) => Self::RefusedIf(format!("!({fits}) && ({rest})")),
            (false, Self::RefusedIf(rest)) => Self::RefusedIf(format!("({fits}) || ({rest})")),
        })
    }
}

/// That a rule fits, in the language of scripts.
fn fits(rule: &Rule, name: &str) -> anyhow::Result<String> {
    let conditions = rule.args.iter().map(|condition| holds(condition, name));
    Ok(conditions.collect::<anyhow::Result<Vec<_>>>()?.join(" && "))
}

fn holds(condition: &Condition, name: &str) -> anyhow::Result<String> {
    let index = usize::from(condition.index);
    let Some(argument) = syscall::by_name(name).and_then(|call| call.args.get(index)) else {
        bail!(
            "the profile has a condition on argument {index} of '{name}', which it does not have"
        );
    };
    let argument = format!("(uint64)args.{}", argument.name);
    let value = format!("{:#x}", condition.value);
    let operator = match condition.operator {
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Equal => "==",
        Operator::GreaterOrEqual => ">=",
        Operator::Greater => ">",
        Operator::MaskedEqual => {
            return Ok(format!(
                "({argument} & {value}) == {:#x}",
                condition.value_two
            ));
        }
    };
    Ok(format!("{argument} {operator} {value}"))
}

#[cfg(test)]
mod tests {
    use super::super::read::parse;
    use super::*;

    fn verdict(rules: &str, name: &str) -> Verdict {
        let text = format!(r#"{{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{rules}]}}"#);
        let profile = parse(&text).expect("a profile").profile;
        Verdict::of(&profile, name).expect("a verdict")
    }

    const MASKED: &str = r#"{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
        "args": [{"index": 0, "value": 16, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}"#;
    const ZERO: &str = r#"{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
        "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 1, "op": "SCMP_CMP_GT"}]}"#;
    const KILL: &str = r#"{"names": ["clone"], "action": "SCMP_ACT_KILL",
        "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_NE"}]}"#;
    const ALWAYS: &str = r#"{"names": ["read", "clone"], "action": "SCMP_ACT_ALLOW"}"#;

    #[test]
    fn rules_become_filters() {
        assert_eq!(verdict("", "read"), Verdict::Refused);
        assert_eq!(verdict(ALWAYS, "read"), Verdict::LetThrough);
        let both = [MASKED, ZERO].join(",");
        let condition = "!(((uint64)args.clone_flags & 0x10) == 0x0) && \
            (!((uint64)args.clone_flags == 0x0 && (uint64)args.newsp > 0x1))";
        assert_eq!(
            verdict(&both, "clone"),
            Verdict::RefusedIf(condition.into())
        );
        let killed = [KILL, MASKED].join(",");
        let condition =
            "((uint64)args.clone_flags != 0x2) || (!(((uint64)args.clone_flags & 0x10) == 0x0))";
        assert_eq!(
            verdict(&killed, "clone"),
            Verdict::RefusedIf(condition.into())
        );
        let always = [KILL, ALWAYS].join(",");
        assert_eq!(verdict(&always, "clone"), Verdict::LetThrough);
    }

    #[test]
    fn a_condition_on_nothing_is_refused() {
        let text = r#"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["getpid"], "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]}]}"#;
        let profile = parse(text).expect("a profile").profile;
        let error = Verdict::of(&profile, "getpid").expect_err("refused");
        assert!(
            error.to_string().contains("argument 0 of 'getpid'"),
            "{error}"
        );
    }
}
