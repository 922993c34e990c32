//! Call stacks: frames are kept in a map under a 64-bit hash of them, which is the stack's id.
//!
//! The kernel's own stack map loses stacks on collisions, and its ids are reused.

use super::build::Mem;
use super::lower::{Lower, Result};
use super::memory;
use super::routine;
use crate::helper;
use crate::object::Counter;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::Builtin;
use trapline_lang::types::{AddressSpace, StackType};

/// Frames are 64-bit addresses.
const FRAME: u32 = 8;
/// FNV-1a's constants for 64 bits, used on whole frames.
const HASH_START: i64 = 0xcbf2_9ce4_8422_2325_u64 as i64;
const HASH_FACTOR: i64 = 0x0000_0100_0000_01b3;
/// Frames differ mostly in their low bits; multiplication moves them only up.
const HASH_FOLD: i64 = 29;

impl Lower<'_, '_, '_> {
    /// The id of the current stack; 0 if there is none.
    pub(crate) fn stack_id(&mut self, stack: StackType) -> Result<Value> {
        if let Some(id) = self.cached(super::lower::Cached::Builtin(Builtin::Stack(stack))) {
            return Ok(id);
        }
        let mark = self.mark();
        let size = self.module.stack_frames * FRAME;
        let offset = self.program.scratch.take(size);
        let frames = self.scratch_at(offset);
        memory::zero(&mut self.b, self.module, frames, size);
        let bytes = self.take_stack(stack, frames);
        let taken = self.b.compare_int(IntCC::SignedGreaterThan, bytes, 0);
        let limit = self.frames(stack);
        let id = self.choose(
            taken,
            |lower| {
                let id = lower.hash_frames(frames, limit);
                lower.keep_stack(id, frames)?;
                Ok(id)
            },
            // A task that runs in user space has no kernel stack, and a kernel thread no user stack.
            |lower| Ok(lower.b.int(0)),
        )?;
        self.release(&mark);
        Ok(self.cache(super::lower::Cached::Builtin(Builtin::Stack(stack)), id))
    }

    /// How many frames the current stack has.
    pub(crate) fn stack_length(&mut self, stack: StackType) -> Result<Value> {
        let mark = self.mark();
        let size = self.frames(stack) * FRAME;
        let offset = self.program.scratch.take(size);
        let frames = self.scratch_at(offset);
        let bytes = self.take_stack(stack, frames);
        let failed = self.b.compare_int(IntCC::SignedLessThan, bytes, 0);
        let zero = self.b.int(0);
        let bytes = self.b.select(failed, zero, bytes);
        self.release(&mark);
        Ok(self.b.shr_int(bytes, 3))
    }

    fn frames(&self, stack: StackType) -> u32 {
        stack.limit.clamp(1, self.module.stack_frames)
    }

    fn take_stack(&mut self, stack: StackType, to: Mem) -> Value {
        let context = self.context();
        let address = self.b.address(to);
        let size = self.b.int((self.frames(stack) * FRAME).into());
        let flags = self.b.int(match stack.space {
            AddressSpace::Kernel => 0,
            AddressSpace::User => helper::USER_STACK,
        });
        self.b
            .call(helper::GET_STACK, &[context, address, size, flags])
    }

    /// Hashes frames up to the first zero.
    fn hash_frames(&mut self, frames: Mem, limit: u32) -> Value {
        let frames = self.b.address(frames);
        let zero = self.b.int(0);
        let index = self.b.variable(zero);
        let start = self.b.int(HASH_START);
        let hash = self.b.variable(start);
        let (head, body, mix, done) = (
            self.b.block(),
            self.b.block(),
            self.b.block(),
            self.b.block(),
        );
        self.b.jump(head);

        self.b.switch_to(head);
        let at = self.b.get(index);
        let more = self
            .b
            .compare_int(IntCC::UnsignedLessThan, at, limit.into());
        self.b.branch(more, body, done);

        self.b.switch_to(body);
        let at = self.b.clamp(at, i64::from(limit) - 1);
        let offset = self.b.shl_int(at, 3);
        let address = self.b.add(frames, offset);
        let frame = self.b.load_word(Mem::at(address));
        let there = self.b.compare_int(IntCC::NotEqual, frame, 0);
        self.b.branch(there, mix, done);

        self.b.switch_to(mix);
        let old = self.b.get(hash);
        let mixed = self.b.xor(old, frame);
        let factor = self.b.int(HASH_FACTOR);
        let mixed = self.b.mul(mixed, factor);
        let folded = self.b.shr_int(mixed, HASH_FOLD);
        let mixed = self.b.xor(mixed, folded);
        self.b.set(hash, mixed);
        let at = self.b.get(index);
        let next = self.b.add_int(at, 1);
        self.b.set(index, next);
        self.b.jump(head);

        self.b.switch_to(done);
        self.b.get(hash)
    }

    /// Keeps the frames under their id, unless they are kept already.
    fn keep_stack(&mut self, id: Value, frames: Mem) -> Result<()> {
        let mark = self.mark();
        let map = self.module.stacks();
        let key = self.temporary(8);
        self.b.store_word(key, id);
        let kept = routine::look_up(&mut self.b, map, key);
        let missing = self.b.compare_int(IntCC::Equal, kept, 0);
        self.when(missing, |lower| {
            // Another CPU may keep the same stack at this moment: that is no failure.
            let returned = routine::update(&mut lower.b, map, key, frames, helper::ANY);
            lower.check(returned, Counter::StackFailed)
        })?;
        self.release(&mark);
        Ok(())
    }
}
