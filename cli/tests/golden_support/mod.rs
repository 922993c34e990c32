//! Golden files: how one is read, written and compared.

pub(crate) mod compile;
mod events;
mod machine;
pub(crate) mod run;

use run::Runner;
use trapline_lang::engine::Engine;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The syntax tree, as text.
    Ast,
    /// The typed tree.
    Hir,
    /// Cranelift IR, optimized.
    Clif,
    /// BPF instructions.
    Bpf,
    /// All complaints.
    Diagnostics,
    /// The output of runs, the same from every engine.
    Run,
}

/// A golden file, read.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its name, in a file of several cases.
    pub(crate) name: Option<String>,
    /// The header lines as they stand.
    header: Vec<String>,
    /// What is looked at.
    pub(crate) stage: Stage,
    /// What the script is compiled for.
    pub(crate) engine: Engine,
    /// What runs it.
    pub(crate) runners: Vec<Runner>,
    /// What is traced; a native run has a trace instead.
    pub(crate) command: Option<String>,
    /// What native runs replay, in `tests/golden/traces`.
    pub(crate) traces: Vec<String>,
    /// `$1`, `$2`, ...
    pub(crate) args: Vec<String>,
    /// Environment variables.
    pub(crate) env: Vec<(String, String)>,
    /// Further options of the command line.
    pub(crate) options: Vec<String>,
    /// Expected exit status.
    pub(crate) exit: i32,
    /// stderr is compared too.
    pub(crate) stderr: bool,
    /// The script.
    pub(crate) script: String,
    /// The expected output, without marks.
    pub(crate) expected: String,
}

/// A golden file: one case, or several that begin with `//! case = "NAME"` and share the header before the
/// first of them.
#[derive(Debug)]
pub(crate) struct GoldenFile {
    /// What stands before the first case: header lines that are shared, and comments.
    shared: Vec<String>,
    /// The cases.
    pub(crate) cases: Vec<Case>,
}

impl GoldenFile {
    /// Reads a golden file.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let lines: Vec<&str> = text.lines().collect();
        let starts: Vec<usize> = (0..lines.len())
            .filter(|at| lines[*at].starts_with("//! case"))
            .collect();
        let Some(first) = starts.first().copied() else {
            let cases = vec![Case::read(text)?];
            return Ok(Self {
                shared: Vec::new(),
                cases,
            });
        };
        let shared = lines[..first].iter().filter(|line| !line.is_empty());
        let shared: Vec<String> = shared.map(|line| line.to_string()).collect();
        let header = shared.iter().filter(|line| is_header(line));
        let header: Vec<&str> = header.map(String::as_str).collect();
        let ends = starts.iter().skip(1).copied().chain([lines.len()]);
        let cases = starts.iter().zip(ends).map(|(start, end)| {
            let text = [&header, &lines[*start..end]].concat().join("\n");
            Case::read(&text)
        });
        let cases = cases.collect::<Result<_, _>>()?;
        Ok(Self { shared, cases })
    }

    /// The file with other expectations, one for each case.
    pub(crate) fn with_expected(&self, expected: &[String]) -> String {
        let mut text: String = self.shared.iter().map(|line| format!("{line}\n")).collect();
        let skipped = self.shared.iter().filter(|line| is_header(line)).count();
        for (case, expected) in self.cases.iter().zip(expected) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&case.with_expected(skipped, expected));
        }
        text
    }
}

impl Case {
    /// Reads a golden file of one case.
    fn read(text: &str) -> Result<Self, String> {
        let mut case = Self {
            name: None,
            header: Vec::new(),
            stage: Stage::Run,
            engine: Engine::Bpf,
            runners: Vec::new(),
            command: None,
            traces: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            options: Vec::new(),
            exit: 0,
            stderr: false,
            script: String::new(),
            expected: String::new(),
        };
        let mut stage = None;
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next_if(|line| is_header(line)) {
            let (key, value) = line[4..]
                .split_once('=')
                .ok_or_else(|| format!("header without `=`: {line}"))?;
            let value: serde_json::Value = serde_json::from_str(value.trim())
                .map_err(|error| format!("header value of {line}: {error}"))?;
            case.set(key.trim(), &value, &mut stage)?;
            case.header.push(line.to_string());
        }
        case.stage = stage.ok_or("header says neither `stage` nor `run`")?;
        let rest: Vec<&str> = lines.collect();
        let expected = rest
            .iter()
            .position(|line| is_expected(line))
            .unwrap_or(rest.len());
        let (script, expected) = rest.split_at(expected);
        let script = script.join("\n");
        case.script = script.trim_end().to_string();
        if !case.script.is_empty() {
            case.script.push('\n');
        }
        for line in expected.iter().filter(|line| !line.is_empty()) {
            if !is_expected(line) {
                return Err(format!("not marked with `//> `: {line}"));
            }
            case.expected.push_str(line.get(4..).unwrap_or_default());
            case.expected.push('\n');
        }
        Ok(case)
    }

    fn set(
        &mut self,
        key: &str,
        value: &serde_json::Value,
        stage: &mut Option<Stage>,
    ) -> Result<(), String> {
        let words = || -> Vec<String> {
            let list = value.as_array().into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_string))
                .collect()
        };
        match (key, value.as_str()) {
            ("stage", Some("ast")) => *stage = Some(Stage::Ast),
            ("stage", Some("hir")) => *stage = Some(Stage::Hir),
            ("stage", Some("clif")) => *stage = Some(Stage::Clif),
            ("stage", Some("bpf")) => *stage = Some(Stage::Bpf),
            ("stage", Some("diagnostics")) => *stage = Some(Stage::Diagnostics),
            ("run", _) => {
                *stage = Some(Stage::Run);
                self.runners = words()
                    .iter()
                    .map(|name| {
                        Runner::by_name(name).ok_or_else(|| format!("no such engine: {name}"))
                    })
                    .collect::<Result<_, _>>()?;
            }
            ("command", Some(command)) => self.command = Some(command.to_string()),
            ("trace", Some(file)) => self.traces = vec![file.to_string()],
            ("trace", None) => self.traces = words(),
            ("engine", Some(name)) => {
                let engine = Engine::by_name(name);
                self.engine = engine.ok_or_else(|| format!("no such engine: {name}"))?;
            }
            ("case", Some(name)) => self.name = Some(name.to_string()),
            ("args", _) => self.args = words(),
            ("options", _) => self.options = words(),
            ("exit", _) => self.exit = value.as_i64().unwrap_or_default() as i32,
            ("stderr", _) => self.stderr = value.as_bool().unwrap_or_default(),
            ("env", _) => {
                self.env = words()
                    .iter()
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(name, value)| (name.to_string(), value.to_string()))
                    .collect();
            }
            _ => return Err(format!("unknown header: {key} = {value}")),
        }
        Ok(())
    }

    /// The case without its first header lines and with another expectation.
    fn with_expected(&self, skipped: usize, expected: &str) -> String {
        let mut text = self.header[skipped..].join("\n");
        text.push('\n');
        text.push_str(&self.script);
        text.push('\n');
        for line in expected.lines() {
            text.push_str(format!("//> {line}").trim_end());
            text.push('\n');
        }
        text
    }
}

fn is_header(line: &str) -> bool {
    line.starts_with("//! ")
}

fn is_expected(line: &str) -> bool {
    line.starts_with("//> ") || line == "//>"
}

/// Trailing blanks and blank lines at the end do not survive in a golden file.
pub(crate) fn normalize(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Which lines differ: all lines from the first to the last that do.
pub(crate) fn difference(expected: &str, actual: &str) -> String {
    let (mut left, mut right): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), actual.lines().collect());
    let same = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    left.drain(..same);
    right.drain(..same);
    while !left.is_empty() && left.last() == right.last() {
        left.pop();
        right.pop();
    }
    let marked = |mark: &str, lines: &[&str]| -> String {
        lines
            .iter()
            .map(|line| format!("{mark} {line}\n"))
            .collect()
    };
    format!(
        "from line {}:\n{}{}",
        same + 1,
        marked("-", &left),
        marked("+", &right)
    )
}
