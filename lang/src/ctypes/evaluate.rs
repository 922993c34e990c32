//! Constant expressions of the C part: `#define` values, `#if` conditions, enum values, array lengths.

use super::lex::{Token, TokenKind};

/// Nesting of parentheses and prefix operators at most.
const MAX_DEPTH: u32 = 64;

/// Evaluates all of `tokens`; `lookup` gives the value of a word. `None` if it is no constant expression.
pub(super) fn evaluate(tokens: &[Token], lookup: &dyn Fn(&str) -> Option<i64>) -> Option<i64> {
    let mut reader = Reader {
        tokens,
        at: 0,
        lookup,
        depth: 0,
    };
    let value = reader.conditional()?;
    (reader.at == tokens.len()).then_some(value)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    lookup: &'a dyn Fn(&str) -> Option<i64>,
    depth: u32,
}

/// Operators by level, loosest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<", ">", "<=", ">="],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Reader<'_> {
    fn take(&mut self, punct: &str) -> bool {
        let found = self
            .tokens
            .get(self.at)
            .is_some_and(|token| token.is(punct));
        self.at += usize::from(found);
        found
    }

    fn conditional(&mut self) -> Option<i64> {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Some(condition);
        }
        let then = self.conditional()?;
        if !self.take(":") {
            return None;
        }
        let otherwise = self.conditional()?;
        Some(if condition != 0 { then } else { otherwise })
    }

    fn binary(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            let right = self.binary(level + 1)?;
            left = apply(operator, left, right)?;
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<i64> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }

    fn unary_inner(&mut self) -> Option<i64> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        match &token.kind {
            TokenKind::Integer(value) => Some(*value),
            TokenKind::Word(word) => (self.lookup)(word),
            TokenKind::Punct("-") => Some(self.unary()?.wrapping_neg()),
            TokenKind::Punct("+") => self.unary(),
            TokenKind::Punct("~") => Some(!self.unary()?),
            TokenKind::Punct("!") => Some(i64::from(self.unary()? == 0)),
            TokenKind::Punct("(") => {
                let value = self.conditional()?;
                self.take(")").then_some(value)
            }
            _ => None,
        }
    }
}

fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    let shift = (right & 63) as u32;
    Some(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        _ => return None,
    })
}
