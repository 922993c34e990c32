//! Literals: positional parameters as values, and operations on constants.

use super::super::Options;
use crate::ast::{BinaryOp, Expr, ExprKind, StmtKind, UnaryOp};

/// A positional parameter as scripts see it.
pub(super) enum Positional {
    /// It reads as a number (or is missing: 0).
    Number(i128),
    /// Anything else.
    Text(Vec<u8>),
}

/// `$n`, counted from one.
pub(super) fn positional(options: &Options, n: u32) -> Positional {
    let Some(text) = positional_text(options, n) else {
        return Positional::Number(0);
    };
    number(text).map_or_else(
        || Positional::Text(text.as_bytes().to_vec()),
        Positional::Number,
    )
}

/// The text of `$n`.
pub(super) fn positional_text(options: &Options, n: u32) -> Option<&str> {
    let index = usize::try_from(n).ok()?.checked_sub(1)?;
    options.positional.get(index).map(String::as_str)
}

/// Reads a number as C does: decimal, `0x`, or octal with a leading zero; a sign is allowed.
pub(super) fn number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let value = if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        u64::from_str_radix(hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        u64::from_str_radix(&digits[1..], 8)
    } else {
        digits.parse::<u64>()
    };
    // `from_str_radix` takes a sign of its own.
    let value = i128::from(value.ok().filter(|_| !digits.contains(['+', '-']))?);
    let value = if negative { -value } else { value };
    fits(value).then_some(value)
}

/// The value of a constant expression, where nothing but numbers is allowed.
pub(super) fn constant(expr: &Expr, options: &Options) -> Option<i128> {
    match &expr.kind {
        ExprKind::Integer(integer) => Some(i128::from(integer.value)),
        ExprKind::Paren(inner) | ExprKind::Comptime(inner) => constant(inner, options),
        ExprKind::Block(block) if block.ends_in_value => match block.stmts.as_slice() {
            [stmt] => match &stmt.kind {
                StmtKind::Expr(inner) => constant(inner, options),
                _ => None,
            },
            _ => None,
        },
        ExprKind::Positional(n) => match positional(options, *n) {
            Positional::Number(n) => Some(n),
            Positional::Text(_) => None,
        },
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => constant(operand, options).and_then(negate),
        ExprKind::Binary { op, left, right } => {
            fold(*op, constant(left, options)?, constant(right, options)?)
        }
        _ => None,
    }
}

/// It is an `int64` or a `uint64`.
fn fits(value: i128) -> bool {
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value)
}

/// `-n`, if it is a 64-bit integer.
pub(super) fn negate(value: i128) -> Option<i128> {
    Some(-value).filter(|value| fits(*value))
}

/// An arithmetic operation on two constants; `None` if it is none, or if 64 bits do not hold the result.
pub(super) fn fold(op: BinaryOp, left: i128, right: i128) -> Option<i128> {
    let shift = u32::try_from(right).ok().filter(|n| *n < 64);
    let value = match op {
        BinaryOp::Add => left.checked_add(right)?,
        BinaryOp::Sub => left.checked_sub(right)?,
        BinaryOp::Mul => left.checked_mul(right)?,
        BinaryOp::Div => left.checked_div(right)?,
        BinaryOp::Rem => left.checked_rem(right)?,
        BinaryOp::BitAnd => left & right,
        BinaryOp::BitOr => left | right,
        BinaryOp::BitXor => left ^ right,
        BinaryOp::Shl => left.checked_shl(shift?)?,
        BinaryOp::Shr => left >> shift?,
        _ => return None,
    };
    Some(value).filter(|value| fits(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_c() {
        for (text, value) in [
            ("123", 123),
            ("0775", 0o775),
            ("0x123", 0x123),
            ("-5", -5),
            ("0", 0),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in [
            "",
            "-",
            "1x",
            "0x",
            "+1",
            "--1",
            "08",
            "99999999999999999999",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn folding_stops_at_64_bits() {
        assert_eq!(fold(BinaryOp::Shl, 1, 32), Some(1 << 32));
        assert_eq!(fold(BinaryOp::Mul, i128::from(u64::MAX), 2), None);
        assert_eq!(fold(BinaryOp::Shl, 1, 64), None);
        assert_eq!(fold(BinaryOp::Div, 1, 0), None);
    }
}
