//! Completion at the prompt: the text before the cursor in, what can stand there out.
//!
//! What can stand where: probes at the top level, part by part; in actions and predicates builtins,
//! functions, the variables and maps of the text, and after `args.` the fields of the probe at hand.

use super::command::COMMANDS;

/// Every name that can be completed, beside those of the text itself.
pub(crate) struct Names {
    /// Providers and whole probes (`tracepoint:sched:sched_switch`), sorted.
    pub(crate) probes: Vec<String>,
    /// Builtins and functions (with their opening parenthesis), keywords.
    pub(crate) words: Vec<String>,
}

/// What can stand at the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Completions {
    /// Where in the text the word to be replaced begins.
    pub(crate) start: usize,
    /// What can replace it.
    pub(crate) candidates: Vec<String>,
}

/// Completes the end of `text`. `fields` gives the fields of a probe that may hold wildcards.
pub(crate) fn complete(
    text: &str,
    names: &Names,
    fields: &dyn Fn(&str) -> Vec<String>,
) -> Completions {
    if text.trim_start().starts_with(':') {
        return complete_command(text, names);
    }
    let place = Place::of(text);
    if !place.in_code {
        return complete_probe(text, names);
    }
    if let Some(start) = args_member(text) {
        let mut candidates: Vec<String> = place
            .probes
            .iter()
            .flat_map(|probe| fields(probe))
            .collect();
        candidates.retain(|field| field.starts_with(&text[start..]));
        candidates.sort();
        candidates.dedup();
        return Completions { start, candidates };
    }
    let start = word_start(text, |c| {
        c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
    });
    let word = &text[start..];
    if word.is_empty() {
        return Completions {
            start,
            candidates: Vec::new(),
        };
    }
    let mut candidates: Vec<String> = match word.as_bytes()[0] {
        b'$' | b'@' => variables(&text[..start]),
        _ => names.words.clone(),
    };
    candidates.retain(|candidate| candidate.starts_with(word));
    candidates.sort();
    candidates.dedup();
    Completions { start, candidates }
}

fn complete_command(text: &str, names: &Names) -> Completions {
    if text.trim_start().contains(char::is_whitespace) {
        return complete_probe(text, names);
    }
    let start = text.len() - text.trim_start().len();
    let rows = COMMANDS
        .iter()
        .filter(|row| row.name.starts_with(&text[start..]));
    let candidates = rows.map(|row| row.name.to_string()).collect();
    Completions { start, candidates }
}

/// Completes a probe as far as its next colon, as shells complete paths.
fn complete_probe(text: &str, names: &Names) -> Completions {
    let start = word_start(text, |c| {
        c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '*' | '%')
    });
    let list = word_start(text, |c| !c.is_whitespace() && !matches!(c, '{' | '}'));
    if text[list..start].starts_with("syscall:") && !text[start..].contains(':') {
        return complete_call(text, start, names);
    }
    let word = &text[start..];
    let first = names.probes.partition_point(|probe| probe.as_str() < word);
    let mut candidates: Vec<String> = names.probes[first..]
        .iter()
        .take_while(|probe| probe.starts_with(word))
        .map(|probe| match probe[word.len()..].find(':') {
            Some(colon) => probe[..word.len() + colon + 1].to_string(),
            None => probe.clone(),
        })
        .collect();
    candidates.dedup();
    Completions { start, candidates }
}

/// Completes a name behind a comma: `syscall:openat,cl`.
fn complete_call(text: &str, start: usize, names: &Names) -> Completions {
    let calls = names
        .probes
        .iter()
        .filter_map(|probe| probe.strip_prefix("syscall:"));
    let candidates = calls.filter(|name| name.starts_with(&text[start..]));
    Completions {
        start,
        candidates: candidates.map(str::to_owned).collect(),
    }
}

/// Where the name of a field begins, if the text ends in `args.name` or `args->name`.
fn args_member(text: &str) -> Option<usize> {
    let start = word_start(text, |c| c.is_alphanumeric() || c == '_');
    let base = text[..start]
        .strip_suffix('.')
        .or_else(|| text[..start].strip_suffix("->"))?;
    let name = word_start(base, |c| c.is_alphanumeric() || c == '_');
    (&base[name..] == "args").then_some(start)
}

fn word_start(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.trim_end_matches(belongs).len()
}

/// The scratch variables and maps that the text uses.
fn variables(text: &str) -> Vec<String> {
    let starts = text.match_indices(['$', '@']).map(|(at, _)| at);
    let word = |at: usize| {
        let rest = &text[at + 1..];
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        text[at..at + 1 + end].to_string()
    };
    starts.map(word).filter(|word| word.len() > 1).collect()
}

/// Where in a script the end of a text is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    /// In an action or a predicate.
    in_code: bool,
    /// The attach points of the probe at hand.
    probes: Vec<String>,
}

impl Place {
    fn of(text: &str) -> Self {
        let (mut depth, mut in_predicate, mut in_string, mut escaped) =
            (0usize, false, false, false);
        let mut head = String::new();
        for c in text.chars() {
            if in_string {
                in_string = escaped || c != '"';
                escaped = c == '\\' && !escaped;
                continue;
            }
            match c {
                '"' => in_string = true,
                '{' => {
                    depth += 1;
                    in_predicate = false;
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        head.clear();
                    }
                }
                '/' if depth == 0 => in_predicate = !in_predicate,
                _ if depth == 0 && !in_predicate => head.push(c),
                _ => {}
            }
        }
        let probes = head.split(',').map(|probe| probe.trim().to_string());
        Self {
            in_code: depth > 0 || in_predicate,
            probes: probes.filter(|probe| !probe.is_empty()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(text: &str) -> Vec<String> {
        let names = Names {
            probes: [
                "BEGIN",
                "interval:",
                "syscall:%net",
                "syscall:close",
                "tracepoint:sched:sched_exec",
                "tracepoint:sched:sched_fork",
                "tracepoint:syscalls:x",
            ]
            .map(String::from)
            .to_vec(),
            words: ["args", "comm", "count(", "clear("]
                .map(String::from)
                .to_vec(),
        };
        let fields = |probe: &str| vec![format!("{}_field", probe.len()), "ret".to_string()];
        let done = complete(text, &names, &fields);
        done.candidates
            .iter()
            .map(|word| format!("{}{word}", &text[..done.start]))
            .collect()
    }

    #[test]
    fn probes_complete_part_by_part() {
        assert_eq!(completed("tr"), ["tracepoint:"]);
        assert_eq!(
            completed("tracepoint:s"),
            ["tracepoint:sched:", "tracepoint:syscalls:"]
        );
        assert_eq!(completed("syscall:%"), ["syscall:%net"]);
        assert_eq!(completed("syscall:openat,cl"), ["syscall:openat,close"]);
        assert_eq!(completed("BEGIN { } i"), ["BEGIN { } interval:"]);
        assert_eq!(
            completed(":list tracepoint:sched:sched_f"),
            [":list tracepoint:sched:sched_fork"]
        );
    }

    #[test]
    fn code_completes_names_and_fields() {
        assert_eq!(
            completed("BEGIN { @[co"),
            ["BEGIN { @[comm", "BEGIN { @[count("]
        );
        assert_eq!(completed("t:a:b, p:c /args.r"), ["t:a:b, p:c /args.ret"]);
        assert_eq!(
            completed("t:a:b { print(args->5"),
            ["t:a:b { print(args->5_field"]
        );
        assert_eq!(
            completed("BEGIN { @reads = 1; $x = @r"),
            ["BEGIN { @reads = 1; $x = @reads"]
        );
        assert_eq!(completed("BEGIN { \"}\"; com"), ["BEGIN { \"}\"; comm"]);
        assert_eq!(completed("BEGIN { "), [""; 0]);
    }

    #[test]
    fn commands_complete() {
        assert_eq!(completed(":f"), [":fields"]);
    }
}
