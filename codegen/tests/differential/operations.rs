//! The operations that programs are made of, with the types that each works at.

use crate::build::Builder;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use trapline_codegen::namespace::Intrinsic;

const ALL: &[Type] = &[I8, I16, I32, I64];
/// What BPF has instructions for.
pub(crate) const WIDE: &[Type] = &[I32, I64];

/// What computes a value of one type from three of 64 bits.
pub(crate) enum Operation {
    Unary(fn(&mut Builder<'_>, Value) -> Value, &'static [Type]),
    Binary(fn(&mut Builder<'_>, Value, Value) -> Value, &'static [Type]),
    Ternary(fn(&mut Builder<'_>, [Value; 3]) -> Value, &'static [Type]),
    Compare(IntCC),
    Intrinsic(Intrinsic),
}

macro_rules! unary {
    ($name:ident, $types:expr) => {
        Operation::Unary(|builder, a| builder.inner.ins().$name(a), $types)
    };
}

macro_rules! binary {
    ($name:ident, $types:expr) => {
        Operation::Binary(|builder, a, b| builder.inner.ins().$name(a, b), $types)
    };
}

/// A division whose divisor is made positive, because native code traps otherwise.
macro_rules! division {
    ($name:ident) => {
        Operation::Binary(
            |builder, a, b| {
                let ty = builder.type_of(b);
                let mask = builder.constant_of(ty, i64::MAX >> (64 - ty.bits()));
                let positive = builder.inner.ins().band(b, mask);
                let one = builder.constant_of(ty, 1);
                let divisor = builder.inner.ins().bor(positive, one);
                builder.inner.ins().$name(a, divisor)
            },
            ALL,
        )
    };
}

pub(crate) const OPERATIONS: &[Operation] = &[
    binary!(iadd, ALL),
    binary!(isub, ALL),
    binary!(imul, ALL),
    binary!(band, ALL),
    binary!(bor, ALL),
    binary!(bxor, ALL),
    binary!(ishl, ALL),
    binary!(ushr, ALL),
    binary!(sshr, ALL),
    binary!(rotl, ALL),
    binary!(rotr, ALL),
    binary!(umin, ALL),
    binary!(umax, ALL),
    binary!(smin, ALL),
    binary!(smax, ALL),
    binary!(umulhi, WIDE),
    binary!(smulhi, WIDE),
    division!(udiv),
    division!(urem),
    division!(sdiv),
    division!(srem),
    unary!(bnot, ALL),
    unary!(ineg, ALL),
    unary!(iabs, ALL),
    unary!(popcnt, ALL),
    unary!(clz, ALL),
    unary!(ctz, ALL),
    unary!(bswap, &[I16, I32, I64]),
    Operation::Unary(
        |builder, a| {
            let ty = builder.type_of(a);
            builder.inner.ins().bmask(ty, a)
        },
        ALL,
    ),
    Operation::Ternary(
        |builder, [a, b, c]| builder.inner.ins().bitselect(a, b, c),
        ALL,
    ),
    Operation::Ternary(
        |builder, [a, b, c]| {
            let less = builder.inner.ins().icmp(IntCC::SignedLessThan, a, b);
            builder.inner.ins().select(less, c, b)
        },
        ALL,
    ),
    Operation::Compare(IntCC::Equal),
    Operation::Compare(IntCC::NotEqual),
    Operation::Compare(IntCC::UnsignedLessThan),
    Operation::Compare(IntCC::UnsignedLessThanOrEqual),
    Operation::Compare(IntCC::UnsignedGreaterThan),
    Operation::Compare(IntCC::UnsignedGreaterThanOrEqual),
    Operation::Compare(IntCC::SignedLessThan),
    Operation::Compare(IntCC::SignedLessThanOrEqual),
    Operation::Compare(IntCC::SignedGreaterThan),
    Operation::Compare(IntCC::SignedGreaterThanOrEqual),
    Operation::Intrinsic(Intrinsic::Udiv),
    Operation::Intrinsic(Intrinsic::Urem),
    Operation::Intrinsic(Intrinsic::Sdiv),
    Operation::Intrinsic(Intrinsic::Srem),
    Operation::Intrinsic(Intrinsic::Anchor),
    Operation::Intrinsic(Intrinsic::Clamp),
];

impl Operation {
    /// At which types it works.
    pub(crate) fn types(&self) -> &'static [Type] {
        match self {
            Self::Unary(_, types) | Self::Binary(_, types) | Self::Ternary(_, types) => types,
            Self::Compare(_) => ALL,
            Self::Intrinsic(_) => &[I64],
        }
    }

    /// The result, of type `ty` or (for comparisons) of 8 bits.
    pub(crate) fn apply(&self, builder: &mut Builder<'_>, ty: Type, values: [Value; 3]) -> Value {
        let [a, b, c] = values.map(|value| builder.reduce(ty, value));
        match self {
            Self::Unary(make, _) => make(builder, a),
            Self::Binary(make, _) => make(builder, a, b),
            Self::Ternary(make, _) => make(builder, [a, b, c]),
            Self::Compare(cc) => builder.inner.ins().icmp(*cc, a, b),
            Self::Intrinsic(Intrinsic::Anchor) => builder.intrinsic(Intrinsic::Anchor, &[a]),
            Self::Intrinsic(Intrinsic::Clamp) => {
                let max = builder.constant(1000);
                builder.intrinsic(Intrinsic::Clamp, &[a, max])
            }
            Self::Intrinsic(intrinsic) => builder.intrinsic(*intrinsic, &[a, b]),
        }
    }
}
