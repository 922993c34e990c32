//! Directives of the C part: text in, the tokens of its declarations out.
//!
//! Constants that `#define` names go into the table. Words that name a constant are replaced in what
//! comes out, so that [`super::declare`] sees numbers.

use super::evaluate::evaluate;
use super::lex::{self, Token, TokenKind};
use super::problem::Problem;
use super::{Constant, Include, IncludeKind, Includes, TypeTable};
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::Span;
use std::collections::BTreeMap;

/// Levels of files that include files.
const MAX_INCLUDE_DEPTH: u32 = 16;

/// Runs the directives of all pieces, in order.
pub(super) fn run(
    items: &[(&str, Span)],
    defined: &[&str],
    includes: &dyn Includes,
    table: &mut TypeTable,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Token> {
    let one = vec![Token {
        kind: TokenKind::Integer(1),
        span: Span::default(),
    }];
    let mut state = Preprocessor {
        includes,
        table,
        diagnostics,
        defines: defined
            .iter()
            .map(|name| {
                let define = Define {
                    params: None,
                    body: one.clone(),
                };
                ((*name).to_owned(), define)
            })
            .collect(),
        conditions: Vec::new(),
        out: Vec::new(),
        depth: 0,
        line: 1,
    };
    for (text, span) in items {
        let base = span.start as usize;
        let first = state.line + 1;
        state.text(text, &|start, end| Span::new(base + start, base + end));
        state.line = first + text.trim_end().matches('\n').count() as u32;
    }
    if let Some(open) = state.conditions.pop() {
        state.complain(Problem::UnclosedCondition, open.span);
    }
    state.out
}

/// One `#if` that is open.
struct Condition {
    /// This branch is read.
    active: bool,
    /// A branch of it was read already, or none may be because the surrounding one is not.
    settled: bool,
    span: Span,
}

/// What a `#define` puts in the place of a name.
struct Define {
    /// The parameters of a macro that has some, even if none.
    params: Option<Vec<String>>,
    body: Vec<Token>,
}

struct Preprocessor<'a> {
    includes: &'a dyn Includes,
    table: &'a mut TypeTable,
    diagnostics: &'a mut Vec<Diagnostic>,
    defines: BTreeMap<String, Define>,
    conditions: Vec<Condition>,
    out: Vec<Token>,
    depth: u32,
    /// Of the C part, the line that was read last; bpftrace puts one in front.
    line: u32,
}

impl Preprocessor<'_> {
    fn complain(&mut self, problem: Problem, span: Span) {
        self.diagnostics
            .push(Diagnostic::error(Kind::C(problem), span));
    }

    fn active(&self) -> bool {
        self.conditions.iter().all(|condition| condition.active)
    }

    /// Reads a text line by line; `place` maps its bytes to the script.
    fn text(&mut self, text: &str, place: &dyn Fn(usize, usize) -> Span) {
        let first = self.line;
        for (start, line) in logical_lines(text) {
            if self.depth == 0 {
                self.line = first + 1 + text[..start].matches('\n').count() as u32;
            }
            let here = |from: usize, to: usize| place(start + from, start + to);
            let trimmed = line.trim_start();
            if let Some(directive) = trimmed.strip_prefix('#') {
                let at = line.len() - directive.len();
                self.directive(directive, &|from, to| here(at + from, at + to));
            } else if self.active() {
                let tokens = lex::tokens(line, here);
                let replaced = self.replace(tokens);
                self.out.extend(replaced);
            }
        }
    }

    fn directive(&mut self, text: &str, place: &dyn Fn(usize, usize) -> Span) {
        let indent = text.len() - text.trim_start().len();
        let rest = &text[indent..];
        let word_end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (word, arguments) = rest.split_at(word_end);
        let offset = indent + word_end;
        let span = place(indent, text.trim_end().len().max(indent));
        match word {
            "ifdef" | "ifndef" | "if" => {
                let outer = self.active();
                let holds = outer && self.condition(word, arguments, span);
                self.conditions.push(Condition {
                    active: holds,
                    settled: holds || !outer,
                    span,
                });
            }
            "elif" | "else" => {
                let Some(open) = self.conditions.last() else {
                    let directive = format!("#{word}");
                    return self.complain(Problem::UnmatchedDirective { directive }, span);
                };
                let settled = open.settled;
                let holds = !settled && (word == "else" || self.condition("if", arguments, span));
                if let Some(open) = self.conditions.last_mut() {
                    open.active = holds;
                    open.settled |= holds;
                }
            }
            "endif" => {
                if self.conditions.pop().is_none() {
                    let directive = "#endif".to_owned();
                    self.complain(Problem::UnmatchedDirective { directive }, span);
                }
            }
            _ if !self.active() => {}
            "define" => self.define(arguments, &|from, to| place(offset + from, offset + to)),
            "undef" => {
                self.defines.remove(arguments.trim());
                self.table.constants.remove(arguments.trim());
            }
            "include" => {
                let before = arguments.len() - arguments.trim_start().len();
                // `#` and the directive stand before it; columns count from one.
                let column = (1 + offset + before + 1) as u32;
                self.include(arguments.trim(), column, span);
            }
            "error" => {
                let text = arguments.trim().to_owned();
                self.complain(Problem::Error { text }, span);
            }
            "pragma" | "warning" | "line" | "" => {}
            _ => self.complain(
                Problem::NotSupported {
                    what: "this directive",
                },
                span,
            ),
        }
    }

    /// Whether the condition of `#if`, `#ifdef` or `#ifndef` holds.
    fn condition(&mut self, word: &str, arguments: &str, span: Span) -> bool {
        if word != "if" {
            let known = self.is_defined(arguments.trim());
            return known == (word == "ifdef");
        }
        let tokens = lex::tokens(arguments, |_, _| span);
        let mut plain = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            if token.word() != Some("defined") {
                plain.push(token.clone());
                continue;
            }
            let parenthesised = tokens.get(at).is_some_and(|next| next.is("("));
            at += usize::from(parenthesised);
            let name = tokens.get(at).and_then(Token::word);
            let known = name.is_some_and(|name| self.is_defined(name));
            at += 1 + usize::from(parenthesised);
            plain.push(Token {
                kind: TokenKind::Integer(i64::from(known)),
                span,
            });
        }
        let replaced = self.replace(plain);
        // A name that nothing defines is 0 in a condition.
        match evaluate(&replaced, &|word| self.constant(word).or(Some(0))) {
            Some(value) => value != 0,
            None => {
                self.complain(Problem::NotConstant, span);
                false
            }
        }
    }

    fn is_defined(&self, name: &str) -> bool {
        self.defines.contains_key(name)
    }

    fn constant(&self, name: &str) -> Option<i64> {
        match self.table.constants.get(name)? {
            Constant::Integer(value) | Constant::Enum { value, .. } => Some(*value),
            Constant::String(_) => None,
        }
    }

    fn define(&mut self, arguments: &str, place: &dyn Fn(usize, usize) -> Span) {
        let tokens = lex::tokens(arguments, place);
        let whole = place(0, arguments.len());
        let Some((name, body)) = tokens.split_first() else {
            return self.complain(Problem::Expected { what: "a name" }, whole);
        };
        let Some(word) = name.word().map(str::to_owned) else {
            return self.complain(Problem::Expected { what: "a name" }, name.span);
        };
        let touches = |next: &Token| next.is("(") && next.span.start == name.span.end;
        if body.first().is_some_and(touches) {
            match parameters(&body[1..]) {
                Some((params, body)) => {
                    let define = Define {
                        body: self.replace_all_but(body.to_vec(), &params),
                        params: Some(params),
                    };
                    self.defines.insert(word, define);
                }
                None => {
                    let what = "a macro with such parameters, # or ##";
                    self.complain(Problem::NotSupported { what }, whole);
                }
            }
            return;
        }
        let body = self.replace(body.to_vec());
        let constant = match body.as_slice() {
            [
                Token {
                    kind: TokenKind::String(text),
                    ..
                },
            ] => Some(Constant::String(text.clone())),
            tokens => evaluate(tokens, &|word| self.constant(word)).map(Constant::Integer),
        };
        // What is no constant (an attribute, a type) still counts as defined and is replaced.
        if let Some(constant) = constant {
            self.table.constants.insert(word.clone(), constant);
        }
        self.defines.insert(word, Define { params: None, body });
    }

    fn include(&mut self, argument: &str, column: u32, span: Span) {
        let quoted = argument
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next());
        let angled = argument
            .strip_prefix('<')
            .and_then(|rest| rest.split('>').next());
        let (path, kind) = match (quoted, angled) {
            (Some(path), _) => (path, IncludeKind::Local),
            (_, Some(path)) => (path, IncludeKind::System),
            _ => {
                return self.complain(
                    Problem::Expected {
                        what: "a file name",
                    },
                    span,
                );
            }
        };
        match self.includes.include(path, kind) {
            Include::Known => {}
            Include::Missing => {
                let (path, line) = (path.to_owned(), self.line);
                self.complain(Problem::MissingInclude { path, line, column }, span);
            }
            Include::Text(_) if self.depth == MAX_INCLUDE_DEPTH => {
                self.complain(Problem::IncludeDepth, span);
            }
            Include::Text(text) => {
                self.depth += 1;
                self.text(&text, &|_, _| span);
                self.depth -= 1;
            }
        }
    }

    /// Puts in the tokens that words stand for. Bodies were replaced when they were defined, so one
    /// round is enough and nothing can call itself.
    fn replace(&self, tokens: Vec<Token>) -> Vec<Token> {
        self.replace_all_but(tokens, &[])
    }

    /// As [`Self::replace`], but these words stand for themselves.
    fn replace_all_but(&self, tokens: Vec<Token>, kept: &[String]) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            let define = token
                .word()
                .filter(|word| !kept.iter().any(|name| name == word))
                .and_then(|word| self.defines.get(word));
            match define {
                Some(Define { params: None, body }) => out.extend(standing_at(body, token.span)),
                Some(Define {
                    params: Some(params),
                    body,
                }) => match arguments(&tokens[at..]) {
                    Some((given, length)) => {
                        at += length;
                        let given: Vec<_> = given
                            .into_iter()
                            .map(|argument| self.replace_all_but(argument.to_vec(), kept))
                            .collect();
                        out.extend(substituted(body, params, &given, token.span));
                    }
                    // Without parentheses it is a word like any other.
                    None => out.push(token.clone()),
                },
                None => out.push(token.clone()),
            }
        }
        out
    }
}

/// The same tokens at another place.
fn standing_at(tokens: &[Token], span: Span) -> impl Iterator<Item = Token> {
    tokens.iter().map(move |token| Token {
        kind: token.kind.clone(),
        span,
    })
}

/// The parameters of a macro, behind its parenthesis, and its body.
fn parameters(tokens: &[Token]) -> Option<(Vec<String>, &[Token])> {
    let end = tokens.iter().position(|token| token.is(")"))?;
    let (inside, body) = (&tokens[..end], &tokens[end + 1..]);
    let mut params = Vec::new();
    for part in inside.split(|token| token.is(",")) {
        match part {
            [name] => params.push(name.word()?.to_owned()),
            [] if inside.is_empty() => {}
            _ => return None,
        }
    }
    let pastes = |token: &Token| token.is("#") || token.is("##");
    (!body.iter().any(pastes)).then_some((params, body))
}

/// The arguments of a call that begins with its parenthesis, and how many tokens it takes.
fn arguments(tokens: &[Token]) -> Option<(Vec<&[Token]>, usize)> {
    if !tokens.first()?.is("(") {
        return None;
    }
    let (mut given, mut depth, mut start) = (Vec::new(), 0_u32, 1);
    for (at, token) in tokens.iter().enumerate() {
        if token.is("(") {
            depth += 1;
        } else if token.is(",") && depth == 1 {
            given.push(&tokens[start..at]);
            start = at + 1;
        } else if token.is(")") {
            depth -= 1;
            if depth == 0 {
                given.push(&tokens[start..at]);
                return Some((given, at + 1));
            }
        }
    }
    None
}

/// A body with arguments in the places of parameters; a missing argument is nothing.
fn substituted(body: &[Token], params: &[String], given: &[Vec<Token>], span: Span) -> Vec<Token> {
    let mut out = Vec::with_capacity(body.len());
    for token in body {
        let param = token
            .word()
            .and_then(|word| params.iter().position(|param| param == word));
        match param {
            Some(at) => out.extend(
                given
                    .get(at)
                    .into_iter()
                    .flat_map(|argument| standing_at(argument, span)),
            ),
            None => out.extend(standing_at(std::slice::from_ref(token), span)),
        }
    }
    out
}

/// Lines with their offset; a backslash before the line break joins the next one, and so does a comment
/// that goes on.
fn logical_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let mut end = start;
        loop {
            end += text[end..].find('\n').unwrap_or(text.len() - end);
            let line = &text[start..end];
            let open = line.rfind("/*") > line.rfind("*/");
            if end == text.len() || !(line.ends_with('\\') || open) {
                break;
            }
            end += 1;
        }
        let line = (start, &text[start..end]);
        start = end + 1;
        Some(line)
    })
}
