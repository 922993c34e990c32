//! What is known so far of the types of maps and scratch variables. Types only grow, so that going over
//! the script until nothing changes comes to an end.

use super::join::{Given, join};
use crate::hir::{Domain, MapId, VarId};
use crate::source::Span;
use crate::types::{IntType, Type};

/// Types of all maps, and of the variables of each group.
#[derive(Debug, Default)]
pub(super) struct Table {
    maps: Vec<MapTypes>,
    vars: Vec<Vec<VarTypes>>,
    /// Something grew since this was last set to false.
    pub(super) changed: bool,
}

#[derive(Clone, Debug, Default)]
struct MapTypes {
    key: Option<KeyTypes>,
    value: Option<Slot>,
    /// An assignment to it was seen, though perhaps not yet the type of its value.
    assigned: bool,
}

/// A type and where it was first seen.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) given: Given,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
struct KeyTypes {
    /// `None`: used without a key.
    parts: Option<Vec<Part>>,
    span: Span,
}

/// A part of a key.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Source text of its first use.
    pub(super) name: String,
    pub(super) given: Given,
    pub(super) domain: DomainUse,
}

/// Which domains the uses of a key part come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DomainUse {
    /// Only literals so far, none larger than this.
    Literals(i64),
    /// One domain, and literals up to this.
    One(Domain, i64),
}

#[derive(Clone, Debug, Default)]
struct VarTypes {
    slot: Option<Slot>,
    /// Its declaration says the type.
    fixed: bool,
    assigned: bool,
}

/// Why something does not go together with what was there before.
#[derive(Debug)]
pub(super) enum Conflict {
    /// Another type: the one it has, and where from.
    Type(Type, Span),
    /// Other parts of a key.
    Key(Vec<Type>, Span),
    /// With a key here and without one there.
    Presence { keyed_first: bool, first: Span },
}

impl Table {
    /// An empty table for so many maps and, for each group, so many variables.
    pub(super) fn new(maps: usize, vars: impl Iterator<Item = usize>) -> Self {
        Self {
            maps: vec![MapTypes::default(); maps],
            vars: vars.map(|count| vec![VarTypes::default(); count]).collect(),
            changed: false,
        }
    }

    /// What a map holds; integers are always 64 bits wide there.
    pub(super) fn map_value(&self, map: MapId) -> Option<Type> {
        let slot = self.maps[map.index()].value.as_ref()?;
        Some(match slot.given.ty {
            Type::Int(int) => Type::Int(IntType { bits: 64, ..int }),
            ref other => other.clone(),
        })
    }

    /// The parts of a map's key; empty without one, `None` if nothing is known.
    pub(super) fn map_key(&self, map: MapId) -> Option<&[Part]> {
        let key = self.maps[map.index()].key.as_ref()?;
        Some(key.parts.as_deref().unwrap_or_default())
    }

    /// Some statement assigns to the map.
    pub(super) fn is_assigned(&self, map: MapId) -> bool {
        self.maps[map.index()].assigned
    }

    /// A map is assigned to.
    pub(super) fn assign_map(&mut self, map: MapId) {
        self.maps[map.index()].assigned = true;
    }

    /// A map gets a value of a type.
    pub(super) fn observe_value(
        &mut self,
        map: MapId,
        given: Given,
        span: Span,
    ) -> Result<(), Conflict> {
        let entry = &mut self.maps[map.index()];
        entry.assigned = true;
        let have = entry.value.as_ref().map(|slot| &slot.given);
        let joined = match (have, &given.ty) {
            (None, _) => Some(given),
            (Some(have), Type::Aggregation(aggregation)) => {
                join_aggregations(have, *aggregation, given.literal)
            }
            (Some(have), _) => join(have, &given),
        };
        let Some(joined) = joined else {
            let slot = entry
                .value
                .as_ref()
                .expect("invariant: only what is there conflicts");
            return Err(Conflict::Type(slot.given.ty.clone(), slot.span));
        };
        self.changed |= store(&mut entry.value, joined, span);
        Ok(())
    }

    /// A map is used with a key (or without one).
    pub(super) fn observe_key(
        &mut self,
        map: MapId,
        parts: Option<Vec<Part>>,
        span: Span,
    ) -> Result<(), Conflict> {
        let entry = &mut self.maps[map.index()];
        let Some(have) = &mut entry.key else {
            entry.key = Some(KeyTypes { parts, span });
            self.changed = true;
            return Ok(());
        };
        let first = have.span;
        let (old, new) = match (&mut have.parts, parts) {
            (None, None) => return Ok(()),
            (Some(old), Some(new)) => (old, new),
            (old, _) => {
                return Err(Conflict::Presence {
                    keyed_first: old.is_some(),
                    first,
                });
            }
        };
        let joined: Option<Vec<Given>> = (old.len() == new.len())
            .then(|| {
                old.iter()
                    .zip(&new)
                    .map(|(old, new)| join(&old.given, &new.given))
                    .collect()
            })
            .flatten();
        let Some(joined) = joined else {
            let types = old.iter().map(|part| part.given.ty.clone()).collect();
            return Err(Conflict::Key(types, first));
        };
        for ((old, new), given) in old.iter_mut().zip(new).zip(joined) {
            let domain = old.domain.join(new.domain);
            self.changed |= old.given != given || old.domain != domain;
            old.given = given;
            old.domain = domain;
        }
        Ok(())
    }

    /// The type of a variable.
    pub(super) fn var(&self, group: usize, var: VarId) -> Option<&Slot> {
        self.vars[group][var.index()].slot.as_ref()
    }

    /// The variable's declaration says its type.
    pub(super) fn is_fixed(&self, group: usize, var: VarId) -> bool {
        self.vars[group][var.index()].fixed
    }

    /// Some statement assigns to the variable.
    pub(super) fn is_var_assigned(&self, group: usize, var: VarId) -> bool {
        self.vars[group][var.index()].assigned
    }

    /// A variable is assigned to.
    pub(super) fn assign_var(&mut self, group: usize, var: VarId) {
        self.vars[group][var.index()].assigned = true;
    }

    /// The variable's type is what it is, whatever is assigned to it.
    pub(super) fn fix_var(&mut self, group: usize, var: VarId, ty: Type, span: Span) {
        let entry = &mut self.vars[group][var.index()];
        entry.fixed = true;
        entry.assigned = true;
        self.changed |= store(&mut entry.slot, Given::firm(ty), span);
    }

    /// A variable gets a value of a type.
    pub(super) fn observe_var(
        &mut self,
        group: usize,
        var: VarId,
        given: Given,
        span: Span,
    ) -> Result<(), Conflict> {
        let entry = &mut self.vars[group][var.index()];
        entry.assigned = true;
        let joined = match &entry.slot {
            None => Some(given),
            Some(slot) => join(&slot.given, &given),
        };
        match (joined, &entry.slot) {
            (Some(joined), Some(slot)) if entry.fixed => {
                // Strings are cut to what was declared; integers must fit.
                let fits = joined.ty == slot.given.ty || matches!(joined.ty, Type::String { .. });
                if fits {
                    Ok(())
                } else {
                    Err(Conflict::Type(slot.given.ty.clone(), slot.span))
                }
            }
            (Some(joined), _) => {
                self.changed |= store(&mut entry.slot, joined, span);
                Ok(())
            }
            (None, Some(slot)) => Err(Conflict::Type(slot.given.ty.clone(), slot.span)),
            (None, None) => Ok(()),
        }
    }
}

/// Puts a type in a slot and says whether that changed it.
fn store(slot: &mut Option<Slot>, given: Given, span: Span) -> bool {
    match slot {
        Some(slot) if slot.given == given => false,
        Some(slot) => {
            slot.given = given;
            true
        }
        None => {
            *slot = Some(Slot { given, span });
            true
        }
    }
}

/// Two uses of one aggregation: they differ at most in the sign of what they add.
fn join_aggregations(
    have: &Given,
    new: crate::types::Aggregation,
    new_literal: bool,
) -> Option<Given> {
    let Type::Aggregation(old) = have.ty else {
        return None;
    };
    let literal = have.literal && new_literal;
    let signed = match (have.literal, new_literal) {
        (true, false) => new.is_signed(),
        (false, true) => old.is_signed(),
        _ => old.is_signed() || new.is_signed(),
    };
    (old.with_sign(signed) == new.with_sign(signed)).then(|| Given {
        ty: Type::Aggregation(old.with_sign(signed)),
        literal,
    })
}

impl DomainUse {
    /// Nothing is known of the values.
    pub(super) const ANY: Self = Self::One(Domain::Any, 0);

    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Literals(a), Self::Literals(b)) => Self::Literals(a.max(b)),
            (Self::One(domain, a), Self::Literals(b))
            | (Self::Literals(b), Self::One(domain, a)) => Self::One(domain, a.max(b)),
            (Self::One(x, a), Self::One(y, b)) if x == y => Self::One(x, a.max(b)),
            _ => Self::ANY,
        }
    }

    /// The domain that all uses agree on.
    pub(super) fn domain(self) -> Domain {
        let Self::One(domain, largest) = self else {
            return Domain::Any;
        };
        let limit = match domain {
            Domain::Any => return Domain::Any,
            Domain::Syscall => 512,
            Domain::Errno => 4096,
            Domain::Signal => 65,
            // How many CPUs there are is not known here; larger keys only cost a little more.
            Domain::Cpu => i64::MAX,
            Domain::Bool => 2,
        };
        if largest < limit { domain } else { Domain::Any }
    }
}
