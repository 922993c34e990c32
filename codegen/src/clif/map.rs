//! Entries of maps: finding, reading, setting, adding to and dropping them.

use super::build::{Extend, Mem};
use super::lower::{Lower, Result};
use super::memory::{self, Padding};
use super::routine::{self, Routine};
use crate::helper;
use crate::layout::Storage;
use crate::object::HelperName;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AtomicRmwOp, Value};
use trapline_lang::hir::{ArithmeticOp, Expr, MapId};
use trapline_lang::source::Span;
use trapline_lang::types::Type;

/// A key that has been evaluated.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    /// Of a map without keys.
    None,
    /// A number that may have its slot in an array.
    Number(Value),
    /// Bytes, as the hash has them.
    Bytes(Mem),
}

impl<'s> Lower<'_, 's, '_> {
    // Finding

    /// Evaluates a key.
    pub(crate) fn key(&mut self, map: MapId, key: &'s [Expr]) -> Result<Key> {
        let layout = self.module.layout(map);
        let (storage, size) = (layout.storage, layout.key_size);
        match (storage, key) {
            (Storage::Slot { .. }, _) => Ok(Key::None),
            (Storage::Domain { .. }, [number]) => Ok(Key::Number(self.scalar(number)?)),
            (_, [part]) if !part.ty.is_scalar() => Ok(Key::Bytes(self.memory(part)?)),
            _ => {
                let offsets = layout.key_offsets.clone();
                let to = self.temporary(size);
                self.place_members(key, &offsets, size, to, Padding::Zeroed)?;
                Ok(Key::Bytes(to))
            }
        }
    }

    /// Does one of two: to a key's slot in the array (by index), or its entry in the hash (by bytes).
    pub(crate) fn by_storage(
        &mut self,
        map: MapId,
        key: Key,
        in_array: impl FnOnce(&mut Self, u32, Value) -> Result<Value>,
        in_hash: impl FnOnce(&mut Self, u32, Mem) -> Result<Value>,
    ) -> Result<Value> {
        let layout = self.module.layout(map);
        let key_size = layout.key_size;
        match (layout.storage, key) {
            (Storage::Hash { hash }, Key::Bytes(bytes)) => in_hash(self, hash, bytes),
            (
                Storage::Domain {
                    array,
                    entries,
                    hash,
                },
                Key::Number(number),
            ) => {
                let bytes = self.temporary(key_size);
                let small = self
                    .b
                    .compare_int(IntCC::UnsignedLessThan, number, entries.into());
                self.choose(
                    small,
                    |lower| in_array(lower, array, number),
                    |lower| {
                        lower.b.store(bytes, key_size, number);
                        in_hash(lower, hash, bytes)
                    },
                )
            }
            (Storage::Slot { array } | Storage::Domain { array, .. }, _) => {
                let zero = self.b.int(0);
                in_array(self, array, zero)
            }
            (Storage::Hash { .. }, Key::None | Key::Number(_)) => self.malformed(
                "a map has no key",
                self.module.script.maps[map.index()].span,
            ),
        }
    }

    /// A pointer to a key's value, or null. A slot of an array that nobody has set holds zeros.
    pub(crate) fn find(&mut self, map: MapId, key: Key) -> Result<Value> {
        self.by_storage(
            map,
            key,
            |lower, array, index| Ok(lower.array_slot(array, index)),
            |lower, hash, key| Ok(routine::look_up(&mut lower.b, hash, key)),
        )
    }

    /// Runs `then` with a pointer to a key's value, which is made of zeros if there was none. Failures
    /// are counted.
    pub(crate) fn with_entry(
        &mut self,
        map: MapId,
        key: Key,
        then: impl FnOnce(&mut Self, Value) -> Result<()>,
    ) -> Result<()> {
        let layout = self.module.layout(map);
        let presence = layout.presence_offset;
        let pointer = self.by_storage(
            map,
            key,
            |lower, array, index| {
                let pointer = lower.array_slot(array, index);
                lower.when_found(pointer, |lower, pointer| {
                    lower.b.store_int(Mem::at(pointer).plus(presence), 8, 1);
                    Ok(())
                })?;
                Ok(pointer)
            },
            |lower, hash, key| lower.hash_entry(hash, key),
        )?;
        self.when_found(pointer, then)
    }

    /// A pointer to an entry of a hash, which is made if there is none; null if that fails.
    fn hash_entry(&mut self, hash: u32, key: Mem) -> Result<Value> {
        let pointer = routine::look_up(&mut self.b, hash, key);
        let found = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        self.choose(
            found,
            |_| Ok(pointer),
            |lower| {
                let routine = routine::index(lower.module, Routine::MakeEntry { hash })?;
                let key = lower.b.address(key);
                Ok(lower.b.call_subprogram(routine, &[key]))
            },
        )
    }

    // Reading

    /// The scalar that an entry holds; 0 if there is none.
    pub(crate) fn read_map(
        &mut self,
        map: MapId,
        key: &'s [Expr],
        expr: &'s Expr,
    ) -> Result<Value> {
        let mark = self.mark();
        let key = self.key(map, key)?;
        let script = self.module.script;
        let value = match &script.maps[map.index()].value {
            Type::Aggregation(aggregation) => {
                let value = self.by_storage(
                    map,
                    key,
                    |lower, array, index| {
                        let key = lower.temporary(8);
                        lower.b.store(key, 4, index);
                        lower.read_aggregation(map, *aggregation, array, key, expr.span)
                    },
                    |lower, hash, key| {
                        lower.read_aggregation(map, *aggregation, hash, key, expr.span)
                    },
                )?;
                self.fit(value, &expr.ty)
            }
            ty => {
                let pointer = self.find(map, key)?;
                let found = self.b.compare_int(IntCC::NotEqual, pointer, 0);
                self.choose(
                    found,
                    |lower| {
                        let pointer = lower.b.anchor(pointer);
                        Ok(lower.load_scalar(Mem::at(pointer), ty))
                    },
                    |lower| {
                        let missing = lower.b.int(0);
                        lower.b.set_span(expr.span);
                        lower.warn(HelperName::MapLookupElem, missing)?;
                        Ok(missing)
                    },
                )?
            }
        };
        self.release(&mark);
        Ok(value)
    }

    /// Copies what an entry holds; zeros if there is none.
    pub(crate) fn place_map(
        &mut self,
        map: MapId,
        key: &'s [Expr],
        to: Mem,
        size: u32,
        span: Span,
    ) -> Result<()> {
        if self.module.layout(map).value_size < size {
            return self.malformed("a map's value is smaller than its type", span);
        }
        let mark = self.mark();
        let key = self.key(map, key)?;
        let pointer = self.find(map, key)?;
        let found = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        self.either(
            found,
            |lower| {
                let from = Mem::at(lower.b.anchor(pointer));
                memory::copy(&mut lower.b, to, from, size);
                Ok(())
            },
            |lower| {
                memory::zero(&mut lower.b, lower.module, to, size);
                let missing = lower.b.int(0);
                lower.b.set_span(span);
                lower.warn(HelperName::MapLookupElem, missing)
            },
        )?;
        self.release(&mark);
        Ok(())
    }

    // Writing

    /// `@m[k] = e`
    pub(crate) fn set_map(&mut self, map: MapId, key: &'s [Expr], value: &'s Expr) -> Result<()> {
        let layout = self.module.layout(map);
        let (size, presence) = (layout.value_size, layout.presence_offset);
        let value = if value.ty.is_scalar() {
            let scalar = self.scalar(value)?;
            let from = self.temporary(size);
            self.b.store(from, size, scalar);
            from
        } else {
            self.memory(value)?
        };
        let key = self.key(map, key)?;
        self.by_storage(
            map,
            key,
            |lower, array, index| {
                let pointer = lower.array_slot(array, index);
                lower.when_found(pointer, |lower, pointer| {
                    let to = Mem::at(pointer);
                    memory::copy(&mut lower.b, to, value, size);
                    lower.b.store_int(to.plus(presence), 8, 1);
                    Ok(())
                })?;
                Ok(pointer)
            },
            |lower, hash, key| {
                let returned = routine::update(&mut lower.b, hash, key, value, helper::ANY);
                let failed = lower.b.compare_int(IntCC::SignedLessThan, returned, 0);
                lower.when(failed, |lower| {
                    let counter = routine::update_failure(&mut lower.b, returned);
                    lower.count(counter)
                })?;
                Ok(returned)
            },
        )?;
        Ok(())
    }

    /// `@m[k] op= e`
    pub(crate) fn update_map(
        &mut self,
        map: MapId,
        key: &'s [Expr],
        op: ArithmeticOp,
        value: &'s Expr,
    ) -> Result<()> {
        let operand = self.scalar(value)?;
        let atomic = match op {
            ArithmeticOp::Add => Some((AtomicRmwOp::Add, operand)),
            ArithmeticOp::Sub => Some((AtomicRmwOp::Add, self.b.neg(operand))),
            _ if !self.module.target.features.atomic_fetch => None,
            ArithmeticOp::And => Some((AtomicRmwOp::And, operand)),
            ArithmeticOp::Or => Some((AtomicRmwOp::Or, operand)),
            ArithmeticOp::Xor => Some((AtomicRmwOp::Xor, operand)),
            _ => None,
        };
        let script = self.module.script;
        let ty = &script.maps[map.index()].value;
        let atomic = atomic.filter(|_| self.adds_atomically(map, ty));
        let key = self.key(map, key)?;
        self.with_entry(map, key, |lower, pointer| {
            let entry = Mem::at(pointer);
            match atomic {
                Some((op, operand)) => {
                    lower.b.atomic(op, entry, ty.size(), operand);
                }
                None => {
                    let old = lower.load_scalar(entry, ty);
                    let new = lower.arithmetic(op, old, operand, ty, value.span)?;
                    lower.b.store(entry, ty.size(), new);
                }
            }
            Ok(())
        })
    }

    /// Adds to an entry.
    pub(crate) fn add_to_map(&mut self, map: MapId, key: &'s [Expr], by: Value) -> Result<()> {
        let script = self.module.script;
        let ty = &script.maps[map.index()].value;
        let key = self.key(map, key)?;
        self.with_entry(map, key, |lower, pointer| {
            lower.add_at(map, Mem::at(pointer), ty, by);
            Ok(())
        })
    }

    /// Adds to an entry and gives what was there; 0 if that failed.
    pub(crate) fn fetch_and_add(
        &mut self,
        map: MapId,
        key: &'s [Expr],
        by: Value,
    ) -> Result<Value> {
        let script = self.module.script;
        let ty = &script.maps[map.index()].value;
        let mark = self.mark();
        let key = self.key(map, key)?;
        let zero = self.b.int(0);
        let result = self.b.variable(zero);
        self.with_entry(map, key, |lower, pointer| {
            let entry = Mem::at(pointer);
            let fetches =
                lower.module.target.features.atomic_fetch && lower.adds_atomically(map, ty);
            let old = if fetches {
                lower.b.atomic(AtomicRmwOp::Add, entry, ty.size(), by)
            } else {
                let old = lower.load_scalar(entry, ty);
                lower.add_at(map, entry, ty, by);
                old
            };
            lower.b.set(result, old);
            Ok(())
        })?;
        self.release(&mark);
        let old = self.b.get(result);
        Ok(self.fit(old, ty))
    }

    fn add_at(&mut self, map: MapId, entry: Mem, ty: &Type, by: Value) {
        if self.adds_atomically(map, ty) {
            self.b.atomic(AtomicRmwOp::Add, entry, ty.size(), by);
        } else {
            let old = self.b.load(entry, ty.size(), Extend::Zero);
            let new = self.b.add(old, by);
            self.b.store(entry, ty.size(), new);
        }
    }

    /// BPF has atomic operations on 4 and 8 bytes.
    fn adds_atomically(&self, map: MapId, ty: &Type) -> bool {
        self.module.layout(map).atomic && matches!(ty.size(), 4 | 8)
    }
}
