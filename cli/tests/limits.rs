//! Sizes: what is too deep, too long or too much is refused in words, at its place, and soon; what is merely large
//! compiles.

#[path = "golden_support/events.rs"]
mod events;

use std::time::{Duration, Instant};
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::diagnostic::{Severity, render};
use trapline_lang::parse::parse;
use trapline_lang::source::Source;

/// The errors of a script, as users see them.
fn errors(text: &str) -> String {
    let start = Instant::now();
    let source = Source::new("script", text);
    let parsed = parse(&source);
    let analysis = analyze(
        &parsed.script,
        &source,
        events::catalog(),
        &Options::default(),
    );
    let diagnostics = [parsed.diagnostics, analysis.diagnostics].concat();
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    let text = render::render_all(errors, &source, render::Style::Plain);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    text
}

#[track_caller]
fn refused(text: &str, words: &str) {
    let errors = errors(text);
    assert!(errors.contains(words), "no `{words}` in: {errors}");
    assert!(
        errors.lines().count() < 300,
        "{} lines",
        errors.lines().count()
    );
    let longest = errors.lines().map(|line| line.chars().count()).max();
    assert!(
        longest.is_none_or(|len| len < 1000),
        "a line of {longest:?} characters"
    );
}

#[track_caller]
fn accepted(text: &str) {
    let errors = errors(text);
    assert!(errors.is_empty(), "{errors}");
}

#[test]
fn nesting_has_a_limit() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!(
            "BEGIN {{ print({}1{}); }}",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    for (open, close) in [
        ("(", ")"),
        ("-(", ")"),
        ("(int8)(", ")"),
        ("{ ", " }"),
        ("(1, ", ")"),
        ("1 ? 2 : ", ""),
    ] {
        refused(&nested(open, close, 10_000), "too deeply");
    }
    accepted(&nested("(", ")", 200));
    let blocks = format!(
        "BEGIN {{ {} {} }}",
        "if (1) {".repeat(10_000),
        "}".repeat(10_000)
    );
    refused(&blocks, "too deeply");
    refused(&format!("BEGIN {{ print({}1); }}", "-".repeat(100_000)), "");
    refused(&"{".repeat(100_000), "too deeply");
    refused(&"(".repeat(100_000), "");
}

#[test]
fn long_expressions_have_a_limit() {
    refused(
        &format!("BEGIN {{ print(1{}); }}", " + pid".repeat(10_000)),
        "expression too long",
    );
    accepted(&format!("BEGIN {{ print(1{}); }}", " + pid".repeat(300)));
}

#[test]
fn many_of_a_thing_are_no_problem() {
    accepted(&format!("BEGIN {{ {} }}", "@x[pid] = 1; ".repeat(5_000)));
    accepted(&"BEGIN { @x++; }\n".repeat(1_000));
    let variables: String = (0..2_000).map(|n| format!("$v{n} = {n}; ")).collect();
    accepted(&format!("BEGIN {{ {variables} }}"));
    let name = "n".repeat(10_000);
    accepted(&format!("BEGIN {{ ${name} = 1; print(${name}); }}"));
    accepted(&format!(
        "{}BEGIN {{ exit(); }}",
        "// a comment\n".repeat(20_000)
    ));
}

#[test]
fn what_is_long_is_cut_in_messages() {
    refused(
        &format!("BEGIN {{ print({}); }}", "n".repeat(10_000)),
        "Unknown identifier",
    );
    refused(
        &format!("{}:x {{ }}", "p".repeat(10_000)),
        "Invalid probe type",
    );
    refused(
        &format!("BEGIN {{ print(1 {}); }}", "n".repeat(10_000)),
        "unexpected",
    );
    refused(
        &format!("BEGIN {{ print({}); }}", "9".repeat(10_000)),
        "does not fit",
    );
    refused(
        &format!("BEGIN {{ {} print(nothing); }}", " ".repeat(100_000)),
        "Unknown identifier",
    );
    refused(
        &format!("BEGIN {{ {} }}", "print(x); ".repeat(1_000)),
        "Unknown identifier",
    );
    refused(
        &format!("BEGIN {{ {} }}", "$x = ; ".repeat(1_000)),
        "too many errors",
    );
}

#[test]
fn a_nul_byte_is_no_script() {
    refused("BEGIN { exit(); }\0", "NUL byte");
}
