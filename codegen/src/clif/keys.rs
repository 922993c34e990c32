//! Questions about the keys of a map: is there such a key, drop it, how many are there.
//!
//! In an array every slot exists; that a key does, its presence word says, on each CPU for itself.

use super::build::Mem;
use super::lower::{Lower, Result};
use super::map::Key;
use super::routine;
use crate::helper;
use crate::layout::Storage;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Expr, MapId};
use trapline_lang::source::Span;

impl<'s> Lower<'_, 's, '_> {
    /// `delete(@m, key)`: 1 if there was such a key.
    pub(crate) fn delete(&mut self, map: MapId, key: &'s [Expr], span: Span) -> Result<Value> {
        let mark = self.mark();
        let key = self.key(map, key)?;
        let size = self.module.layout(map).presence_offset + 8;
        let deleted = self.by_storage(
            map,
            key,
            |lower, array, index| {
                lower.presence(map, array, index, span, |lower, slot| {
                    lower.zero(slot, size)
                })
            },
            |lower, hash, key| {
                let map = lower.b.map(hash);
                let key = lower.b.address(key);
                let returned = lower.b.call(helper::MAP_DELETE_ELEM, &[map, key]);
                let deleted = lower.b.compare_int(IntCC::Equal, returned, 0);
                Ok(lower.b.truth(deleted))
            },
        )?;
        self.release(&mark);
        Ok(deleted)
    }

    /// `has_key(@m, key)`: 1 if there is such a key.
    pub(crate) fn has_key(&mut self, map: MapId, key: &'s [Expr], span: Span) -> Result<Value> {
        let mark = self.mark();
        let key = self.key(map, key)?;
        let there = self.key_there(map, key, span)?;
        self.release(&mark);
        Ok(there)
    }

    fn key_there(&mut self, map: MapId, key: Key, span: Span) -> Result<Value> {
        self.by_storage(
            map,
            key,
            |lower, array, index| lower.presence(map, array, index, span, |_, _| ()),
            |lower, hash, key| {
                let pointer = routine::look_up(&mut lower.b, hash, key);
                let found = lower.b.compare_int(IntCC::NotEqual, pointer, 0);
                Ok(lower.b.truth(found))
            },
        )
    }

    /// 1 if a slot's key exists on any CPU; then does something to the slot of each.
    fn presence(
        &mut self,
        map: MapId,
        array: u32,
        index: Value,
        span: Span,
        mut then: impl FnMut(&mut Self, Mem),
    ) -> Result<Value> {
        let layout = self.module.layout(map);
        let (offset, per_cpu) = (layout.presence_offset, layout.per_cpu);
        let zero = self.b.int(0);
        let any = self.b.variable(zero);
        let mut see = |lower: &mut Self, pointer: Value| {
            let slot = Mem::at(pointer);
            let present = lower.b.load_word(slot.plus(offset));
            let before = lower.b.get(any);
            let both = lower.b.or(before, present);
            lower.b.set(any, both);
            then(lower, slot);
            Ok(())
        };
        if per_cpu {
            let key = self.temporary(8);
            self.b.store(key, 4, index);
            self.each_cpu(array, key, span, see)?;
        } else {
            let pointer = self.array_slot(array, index);
            self.when_found(pointer, &mut see)?;
        }
        let any = self.b.get(any);
        let any = self.b.compare_int(IntCC::NotEqual, any, 0);
        Ok(self.b.truth(any))
    }

    /// Runs something with a pointer to each CPU's value of a key that exists.
    pub(crate) fn each_cpu(
        &mut self,
        map: u32,
        key: Mem,
        span: Span,
        then: impl FnOnce(&mut Self, Value) -> Result<()>,
    ) -> Result<()> {
        if !self.module.target.features.lookup_percpu {
            return self.kernel_lacks("a look at what other CPUs have counted", "Linux 5.19", span);
        }
        let zero = self.b.int(0);
        let cpu = self.b.variable(zero);
        let (head, body, done) = (self.b.block(), self.b.block(), self.b.block());
        self.b.jump(head);
        self.b.switch_to(head);
        let current = self.b.get(cpu);
        let more = self.b.compare_int(
            IntCC::UnsignedLessThan,
            current,
            self.module.target.cpu_count.into(),
        );
        self.b.branch(more, body, done);
        self.b.switch_to(body);
        let map = self.b.map(map);
        let key = self.b.address(key);
        let current = self.b.get(cpu);
        let pointer = self
            .b
            .call(helper::MAP_LOOKUP_PERCPU_ELEM, &[map, key, current]);
        self.scoped(|lower| lower.when_found(pointer, then))?;
        let current = self.b.get(cpu);
        let next = self.b.add_int(current, 1);
        self.b.set(cpu, next);
        self.b.jump(head);
        self.b.switch_to(done);
        Ok(())
    }

    /// `len(@m)`
    pub(crate) fn map_length(&mut self, map: MapId, span: Span) -> Result<Value> {
        match self.module.layout(map).storage {
            Storage::Hash { hash } => {
                if !self.module.target.features.for_each_map {
                    return self.kernel_lacks("len() of a map", "Linux 5.13", span);
                }
                let callback = self.callback(4, |lower, _| {
                    lower.b.return_int(0);
                    Ok(())
                })?;
                // The helper gives how many entries it has shown to the callback.
                let map = self.b.map(hash);
                let nothing = self.b.int(0);
                Ok(self.b.call(
                    helper::FOR_EACH_MAP_ELEM,
                    &[map, callback, nothing, nothing],
                ))
            }
            Storage::Slot { .. } => self.key_there(map, Key::None, span),
            Storage::Domain { .. } => self.malformed("a counted map is stored in an array", span),
        }
    }
}
