//! The smallest type that holds the values of two types.

use crate::types::{IntType, Type};

/// A type and how firm it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    pub(super) ty: Type,
    /// An integer literal that is not negative: it goes with integers of either sign.
    pub(super) literal: bool,
}

impl Given {
    /// A type that is what it is.
    pub(super) fn firm(ty: Type) -> Self {
        Self { ty, literal: false }
    }
}

/// The type that holds both, if there is one: integers grow, strings take the larger capacity, members of
/// tuples and records are joined one by one.
pub(super) fn join(a: &Given, b: &Given) -> Option<Given> {
    let ty = match (&a.ty, &b.ty) {
        (Type::Int(x), Type::Int(y)) => {
            let ty = Type::Int(join_ints((*x, a.literal), (*y, b.literal)));
            let literal = a.literal && b.literal;
            return Some(Given { ty, literal });
        }
        (Type::Enum { repr, .. } | Type::Named { repr, .. }, Type::Int(_)) => {
            let ty = Type::Int(*repr);
            return join(&Given { ty, ..a.clone() }, b);
        }
        (Type::Int(_), Type::Enum { repr, .. } | Type::Named { repr, .. }) => {
            let ty = Type::Int(*repr);
            return join(a, &Given { ty, ..b.clone() });
        }
        (
            Type::Enum { name, repr },
            Type::Enum {
                name: other,
                repr: more,
            },
        ) if name != other => Type::Int(join_ints((*repr, a.literal), (*more, b.literal))),
        (
            Type::Named { set, repr },
            Type::Named {
                set: other,
                repr: more,
            },
        ) => {
            let int = join_ints((*repr, a.literal), (*more, b.literal));
            match set == other {
                true => Type::Named {
                    set: set.clone(),
                    repr: int,
                },
                false => Type::Int(int),
            }
        }
        (Type::Bool, Type::Int(_)) => return Some(b.clone()),
        (Type::Int(_), Type::Bool) => return Some(a.clone()),
        (Type::Pointer { target, .. }, Type::Pointer { target: other, .. }) if target != other => {
            // `void *` goes with every pointer.
            match (&**target, &**other) {
                (Type::Void, _) => b.ty.clone(),
                (_, Type::Void) => a.ty.clone(),
                _ => return None,
            }
        }
        (Type::Pointer { .. }, Type::Pointer { .. }) => a.ty.clone(),
        (x, y) => join_members(x, y)?,
    };
    Some(Given::firm(ty))
}

fn join_members(a: &Type, b: &Type) -> Option<Type> {
    let both = |a: &Type, b: &Type| {
        join(&Given::firm(a.clone()), &Given::firm(b.clone())).map(|given| given.ty)
    };
    Some(match (a, b) {
        _ if a == b => a.clone(),
        (Type::String { capacity: x }, Type::String { capacity: y }) => Type::String {
            capacity: *x.max(y),
        },
        (Type::Buffer { capacity: x }, Type::Buffer { capacity: y }) => Type::Buffer {
            capacity: *x.max(y),
        },
        (Type::Tuple(x), Type::Tuple(y)) if x.len() == y.len() => Type::Tuple(
            x.iter()
                .zip(y)
                .map(|(x, y)| both(x, y))
                .collect::<Option<_>>()?,
        ),
        (Type::Record(x), Type::Record(y)) if x.len() == y.len() => Type::Record(
            x.iter()
                .map(|(name, ty)| {
                    let (_, other) = y.iter().find(|(other, _)| other == name)?;
                    Some((name.clone(), both(ty, other)?))
                })
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// Signed if one of them must be; a literal takes the sign of what it meets.
fn join_ints((a, a_literal): (IntType, bool), (b, b_literal): (IntType, bool)) -> IntType {
    let bits = a.bits.max(b.bits);
    if a.signed == b.signed {
        return IntType {
            bits,
            signed: a.signed,
        };
    }
    let (signed_is_literal, unsigned) = if a.signed {
        (a_literal, b)
    } else {
        (b_literal, a)
    };
    if signed_is_literal {
        return IntType {
            bits,
            signed: false,
        };
    }
    IntType {
        bits: bits.max(unsigned.bits.saturating_mul(2)).min(64),
        signed: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(bits: u8, signed: bool) -> Given {
        Given::firm(Type::Int(IntType { bits, signed }))
    }

    #[test]
    fn integers_grow_until_they_hold_both() {
        let joined = |a: &Given, b: &Given| join(a, b).map(|given| given.ty.to_string());
        assert_eq!(
            joined(&int(8, true), &int(32, true)).as_deref(),
            Some("int32")
        );
        assert_eq!(
            joined(&int(32, false), &int(32, true)).as_deref(),
            Some("int64")
        );
        assert_eq!(
            joined(&int(64, false), &int(8, true)).as_deref(),
            Some("int64")
        );
        let literal = Given {
            literal: true,
            ..int(8, true)
        };
        assert_eq!(joined(&literal, &int(64, false)).as_deref(), Some("uint64"));
    }

    #[test]
    fn members_are_joined_by_name() {
        let record = |first: &str, second: &str| {
            let member = |name: &str| {
                (
                    name.to_owned(),
                    Type::String {
                        capacity: name.len() as u32 + 1,
                    },
                )
            };
            Given::firm(Type::Record(vec![member(first), member(second)]))
        };
        assert_eq!(
            join(&record("a", "bc"), &record("bc", "a")),
            Some(record("a", "bc"))
        );
        assert_eq!(join(&record("a", "b"), &record("a", "c")), None);
    }
}
