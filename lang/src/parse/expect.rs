//! Where the grammar fails, in the user's words: what was found, what could have stood there.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::grammar::Rule;
use super::piece::PieceText;
use super::split::MAX_NESTING;
use crate::catalog::tracefs_format;
use crate::diagnostic::kind::{Kind, SyntaxKind, syntax::Found};
use crate::diagnostic::{Diagnostic, is_invisible};
use crate::function;
use crate::source::Span;

/// What is said about a failure of the grammar. `end` is what ends this kind of piece: `` `;` ``.
pub(super) fn complaint(
    error: &Error<Rule>,
    piece: &PieceText<'_>,
    script: &str,
    end: &'static str,
) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let rest = piece.text.get(at..).unwrap_or_default();
    let blanks = |text: &str| text.len() - text.trim_start_matches(is_blank).len();
    let at = at + blanks(rest);
    let mut start = piece.offset(at);
    if at >= piece.text.len() {
        start += blanks(&script[start..]);
    }
    let found = found(script, start);
    let len = match &found {
        Found::Text(text) => text.len(),
        Found::Character(character) => character.len_utf8(),
        Found::End => 0,
    };
    let span = Span::new(start, start + len);
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => words(positives, end),
        // pest says so when little of the stack is left.
        ErrorVariant::CustomError { .. } => {
            let kind = SyntaxKind::TooDeep { limit: MAX_NESTING };
            return Diagnostic::error(Kind::Syntax(kind), span);
        }
    };
    let before = &piece.text[..at.min(piece.text.len())];
    let hint = hint(&found, &expected).map(str::to_owned);
    let in_action = !expected.contains(&"`{`");
    let hint = hint.or_else(|| foreign_sign(&found));
    let hint = hint.or_else(|| habit(before, &found).filter(|_| in_action));
    let diagnostic = Diagnostic::error(
        Kind::Syntax(SyntaxKind::Unexpected { found, expected }),
        span,
    );
    match hint {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}

/// The word, number, string or sign at a place of the script.
pub(super) fn found(script: &str, at: usize) -> Found {
    let rest = script.get(at..).unwrap_or_default();
    let Some(first) = rest.chars().next() else {
        return Found::End;
    };
    let is_word = |character: char| character.is_alphanumeric() || "_$@".contains(character);
    if is_word(first) {
        let len = rest.find(|character| !is_word(character));
        return Found::Text(shortened(&rest[..len.unwrap_or(rest.len())]));
    }
    if first == '"' {
        let len = rest[1..].find(['"', '\n']).map_or(1, |len| len + 2);
        return Found::Text(shortened(rest[..len].trim_end()));
    }
    const SIGNS: [&str; 13] = [
        "<<=", ">>=", "->", "..", "++", "--", "==", "!=", "<=", ">=", "&&", "||", "::",
    ];
    if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        return Found::Text(sign.to_owned());
    }
    if is_invisible(first) {
        return Found::Character(first);
    }
    Found::Text(first.to_string())
}

/// A long word is no help in a message.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    text.chars().take(LONGEST).collect()
}

fn words(rules: &[Rule], end: &'static str) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    for rule in rules {
        let word = match rule {
            Rule::EOI => end,
            rule => word(*rule),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    // A block and a step are expressions, too.
    if words.contains(&EXPRESSION) {
        words.retain(|word| {
            !matches!(
                *word,
                BLOCK | OPERATOR | "a name" | "a type" | "a parameter"
            )
        });
    }
    // A cast or a record is hardly what a parenthesis was meant to become.
    if words.len() > 1 {
        words.retain(|word| *word != "a type");
    }
    if words.contains(&"`)`") {
        words.retain(|word| *word != "`=`");
    }
    if words.contains(&"a probe") {
        words.retain(|word| !matches!(*word, "a name" | "a string"));
    }
    words.sort_by_key(|word| (word.starts_with('`'), *word));
    words
}

/// What the grammar skips.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

fn hint(found: &Found, expected: &[&'static str]) -> Option<&'static str> {
    let Found::Text(text) = found else {
        return None;
    };
    match text.as_str() {
        "=" if expected.contains(&"`)`")
            || expected.contains(&BLOCK)
            || expected.contains(&PREDICATE_END) =>
        {
            Some("to compare, write `==`")
        }
        "\u{201c}" | "\u{201d}" | "\u{2018}" | "\u{2019}" => Some("use straight quotes: \""),
        "'" => Some("strings stand in double quotes"),
        "and" => Some("write `&&`"),
        "or" => Some("write `||`"),
        "in" if expected.contains(&"`:`") => Some(FOR_FORM),
        _ => None,
    }
}

const FOR_FORM: &str = "write `for ($i : 0..10) { ... }` or `for ($entry : @map) { ... }`";

/// A sign that may look like another.
fn foreign_sign(found: &Found) -> Option<String> {
    let Found::Text(text) = found else {
        return None;
    };
    let first = text.chars().next().filter(|first| !first.is_ascii())?;
    let name = format!("U+{:04X}", u32::from(first));
    Some(format!(
        "names and signs are ASCII, but this begins with the character {name}"
    ))
}

/// How to write what other languages write otherwise: told by the words before the place.
fn habit(before: &str, found: &Found) -> Option<String> {
    let first = before.split_whitespace().next().unwrap_or_default();
    let first = first.split('(').next().unwrap_or_default();
    let fixed = match first {
        "elif" | "elsif" | "elseif" => Some("write `else if`"),
        "for" => Some(FOR_FORM),
        "foreach" => Some("write `for ($entry : @map) { ... }`"),
        "do" => Some("there is no `do` loop: write `while (...) { ... }`"),
        "switch" => Some("there is no `switch`: write `if ... else if ...`"),
        "goto" => Some("there is no `goto`"),
        "try" => Some("there are no exceptions: what fails gives 0 or \"\""),
        _ => None,
    };
    if let Some(hint) = fixed {
        return Some(hint.to_owned());
    }
    let Found::Text(text) = found else {
        return None;
    };
    let last = before.split_whitespace().next_back().unwrap_or_default();
    if function::by_name(last).is_some() && !before.trim_end().ends_with('.') {
        return Some(format!("calls need parentheses: {last}({text})"));
    }
    if last == "not" {
        return Some(format!("write `!{text}`"));
    }
    // `int x = 5`, `var x = 5`
    let is_type =
        tracefs_format::c_integer(last).is_some() || matches!(last, "var" | "auto" | "my");
    let is_name = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let is_start = last == before.trim();
    (is_type && is_name && is_start)
        .then(|| format!("variables begin with `$` and take the type of their value: ${text}"))
}

const EXPRESSION: &str = "an expression";
const OPERATOR: &str = "an operator";
/// What ends a predicate.
pub(super) const PREDICATE_END: &str = "the closing `/`";
const BLOCK: &str = "a block `{ ... }`";

/// What users call a rule.
fn word(rule: Rule) -> &'static str {
    match rule {
        Rule::ternary
        | Rule::or
        | Rule::and
        | Rule::eq
        | Rule::ne
        | Rule::shl
        | Rule::shr
        | Rule::le
        | Rule::ge
        | Rule::lt
        | Rule::gt
        | Rule::bit_or
        | Rule::bit_xor
        | Rule::bit_and
        | Rule::add
        | Rule::sub
        | Rule::mul
        | Rule::div
        | Rule::rem
        | Rule::step
        | Rule::arrow
        | Rule::dot
        | Rule::tuple_field
        | Rule::index
        | Rule::map_key
        | Rule::assign_op => OPERATOR,
        Rule::equals => "`=`",
        Rule::block => BLOCK,
        Rule::open_paren => "`(`",
        Rule::close_paren => "`)`",
        Rule::close_bracket => "`]`",
        Rule::comma | Rule::trailing_comma => "`,`",
        Rule::colon => "`:`",
        Rule::kw_else | Rule::else_if => "`else`",
        Rule::range_end => "`..`",
        Rule::word | Rule::ident | Rule::type_word => "a name",
        Rule::tuple_index => "a number",
        Rule::var | Rule::fn_param => "a variable",
        Rule::map_name => "a map",
        Rule::string | Rule::strings => "a string",
        Rule::config_value => "a value",
        Rule::macro_params | Rule::fn_params => "a parameter",
        Rule::member_path => "a field",
        Rule::label
        | Rule::attach_point
        | Rule::attach_points
        | Rule::attach_part
        | Rule::attach_text => "a probe",
        Rule::type_name
        | Rule::certain_type
        | Rule::word_type
        | Rule::tagged_type
        | Rule::tuple_type
        | Rule::typeof_type
        | Rule::c_words
        | Rule::c_word
        | Rule::known_type
        | Rule::known_word
        | Rule::explicit_type
        | Rule::tag
        | Rule::pointer
        | Rule::array => "a type",
        Rule::let_stmt
        | Rule::for_stmt
        | Rule::while_stmt
        | Rule::unroll_stmt
        | Rule::return_stmt
        | Rule::break_stmt
        | Rule::continue_stmt
        | Rule::import_stmt
        | Rule::assign_stmt
        | Rule::statement => "a statement",
        _ => EXPRESSION,
    }
}
