//! Everything that the tables offer is under test and in the documentation: each row in a golden case or a test
//! of the command line, and in a script of the reference or an example.
//!
//! It looks for the words alone. That the scripts are right, the tests say in which they stand.

#[path = "docs_support/blocks.rs"]
mod blocks;
mod support;

use std::fmt::Write;
use std::path::Path;
use support::run;
use trapline_lang::provider::{Provider, Support};
use trapline_lang::{analyze, builtin, function, provider};

/// Keywords of statements, and how each is found.
const STATEMENTS: &[&str] = &[
    "if (",
    "else",
    "while (",
    "for (",
    "unroll (",
    "break;",
    "continue;",
    "return",
    "let $",
    "let @",
    "_ = ",
    "macro ",
    "fn ",
    "import \"",
    "config = {",
    "comptime ",
    "++",
    "--",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "&=",
    "|=",
    "^=",
    "<<=",
    ">>=",
    "?:",
];

/// Spellings of types, operators on types and literals.
const TYPES: &[&str] = &[
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "string",
    "true",
    "false",
    "struct ",
    "union ",
    "enum ",
    "typedef ",
    "#define ",
    "sizeof(",
    "offsetof(",
    "typeof(",
    "hash(",
    "lruhash(",
    "percpuhash(",
    "percpulruhash(",
    "$1",
    "$#",
];

/// Texts in which a spelling is looked for.
struct Corpus {
    what: &'static str,
    text: String,
}

impl Corpus {
    fn tests() -> Self {
        let mut text = String::new();
        read_all(&root().join("tests"), &mut text);
        for entry in std::fs::read_dir(root().join("cli/tests")).expect("the tests") {
            let path = entry.expect("the tests").path();
            let own = path.file_name().is_some_and(|name| name == "coverage.rs");
            if path.is_file() && !own {
                text.push_str(&std::fs::read_to_string(&path).expect("a test"));
            } else if path.join("main.rs").is_file() {
                read_all(&path, &mut text);
            }
        }
        Self {
            what: "no test has",
            text,
        }
    }

    fn documentation() -> Self {
        let reference = root().join("docs/language.md");
        let reference = std::fs::read_to_string(reference).expect("the reference");
        let mut text = String::new();
        for block in blocks::blocks(&reference) {
            let _ = writeln!(text, "// docs/language.md:{}\n{}", block.line, block.text);
        }
        read_all(&root().join("examples"), &mut text);
        Self {
            what: "no script of the documentation has",
            text,
        }
    }

    /// Whether one of the spellings stands in it: not as a part of a longer word.
    fn has(&self, spellings: &[String]) -> bool {
        spellings.iter().any(|spelling| {
            self.text.match_indices(spelling.as_str()).any(|(at, _)| {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                let before = self.text[..at].chars().next_back();
                let after = self.text[at + spelling.len()..].chars().next();
                let joined = |end: Option<char>, next: Option<char>| {
                    end.is_some_and(is_word) && next.is_some_and(is_word)
                };
                !joined(spelling.chars().next(), before)
                    && !joined(spelling.chars().next_back(), after)
            })
        })
    }

    /// Complains of what it lacks.
    fn check(&self, kind: &str, name: &str, spellings: &[String], missing: &mut String) {
        if !self.has(spellings) {
            let _ = writeln!(missing, "{} the {kind} {name}", self.what);
        }
    }
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of all files of a folder.
fn read_all(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(&path, text);
        } else if let Ok(found) = std::fs::read_to_string(&path) {
            text.push_str(&found);
        }
    }
}

fn owned(spellings: &[&str]) -> Vec<String> {
    spellings
        .iter()
        .map(|&spelling| spelling.to_owned())
        .collect()
}

/// How attach points of a provider begin.
fn attach_point(row: &provider::Row) -> Vec<String> {
    if matches!(row.id, Provider::Begin | Provider::End) {
        return vec![row.name.to_owned(), row.name.to_uppercase()];
    }
    let names = row.aliases.iter().chain([&row.name]);
    names.map(|name| format!("{name}:")).collect()
}

#[test]
fn every_row_is_tested_and_documented() {
    let corpora = [Corpus::tests(), Corpus::documentation()];
    let mut missing = String::new();
    for corpus in &corpora {
        let mut check = |kind, name: &str, spellings: &[String]| {
            corpus.check(kind, name, spellings, &mut missing);
        };
        for row in provider::all()
            .iter()
            .filter(|row| row.support == Support::Ready)
        {
            check("provider", row.name, &attach_point(row));
        }
        for row in builtin::all()
            .iter()
            .filter(|row| row.support == Support::Ready)
        {
            let spelling = if row.name == "argN" { "arg0" } else { row.name };
            check("builtin", row.name, &owned(&[spelling]));
        }
        for statement in STATEMENTS {
            check("statement", statement, &owned(&[statement]));
        }
        for ty in TYPES {
            check("type", ty, &owned(&[ty]));
        }
        for row in function::all()
            .iter()
            .filter(|row| row.support == Support::Ready)
        {
            let called = format!("{}(", row.name);
            // The example of a row stands in the reference.
            if corpus.what == corpora[0].what || row.example.is_empty() {
                check("function", row.name, &[called]);
            }
        }
    }
    let real = analyze::options().filter(|row| !row.doc.is_empty());
    for row in real {
        let variable = format!("BPFTRACE_{}", row.name.to_uppercase());
        corpora[0].check(
            "option",
            row.name,
            &[row.name.to_owned(), variable],
            &mut missing,
        );
    }
    assert!(missing.is_empty(), "{missing}");
}

#[test]
fn every_flag_is_tested() {
    let tests = Corpus::tests();
    let help = run(&["--help"]).ok();
    let mut missing = String::new();
    let mut count = 0;
    for line in help
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with('-'))
    {
        let spellings: Vec<String> = line
            .split("  ")
            .next()
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|word| word.starts_with('-'))
            .map(|word| format!("\"{word}\""))
            .collect();
        count += 1;
        tests.check("flag", line, &spellings, &mut missing);
    }
    assert!(count > 20, "{help}");
    assert!(missing.is_empty(), "{missing}");
}
