//! Functions on strings and other bytes that look at one byte after the other.
//!
//! What they look at lies in scratch memory, where the callback of the loop finds it.

use super::build::{Extend, Mem};
use super::lower::{Lower, Result};
use super::memory::{self, Padding};
use crate::helper;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Expr, ExprKind};
use trapline_lang::source::Span;
use trapline_lang::types::Type;

/// The state of a search, in words of scratch memory: where the candidate starts, how many of its bytes
/// are as wanted, and the result.
const START: u32 = 0;
const EQUAL: u32 = 8;
const RESULT: u32 = 16;
const STATE_SIZE: u32 = 24;

impl<'s> Lower<'_, 's, '_> {
    /// Where a string first occurs in another; -1 if nowhere.
    pub(crate) fn find_string(
        &mut self,
        haystack: &'s Expr,
        needle: &'s Expr,
        span: Span,
    ) -> Result<Value> {
        let (Type::String { capacity: hay_size }, Type::String { capacity: size }) =
            (&haystack.ty, &needle.ty)
        else {
            return self.malformed("a search in something that is no string", span);
        };
        let (hay_size, size) = (*hay_size, *size);
        let mark = self.mark();
        let hay = self.in_scratch(haystack)?;
        let wanted = self.in_scratch(needle)?;
        let state = self.program.scratch.take(STATE_SIZE);
        let words = self.scratch_at(state);
        self.b.store_int(words.plus(START), 8, 0);
        self.b.store_int(words.plus(EQUAL), 8, 0);
        self.b.store_int(words.plus(RESULT), 8, -1);
        // Each byte of the haystack starts a candidate, each of which may be as long as the needle.
        let most = (i64::from(hay_size) * i64::from(size)).min(helper::MAX_LOOPS);
        self.byte_loop(most, span, |lower, _| {
            let words = lower.scratch_at(state);
            let (hay, wanted) = (lower.scratch_at(hay), lower.scratch_at(wanted));
            let start = lower.b.load_word(words.plus(START));
            let equal = lower.b.load_word(words.plus(EQUAL));
            let next = lower.byte_at(wanted, equal, size);
            let (found, more) = (lower.b.block(), lower.b.block());
            let end = lower.b.compare_int(IntCC::Equal, next, 0);
            lower.b.branch(end, found, more);
            lower.b.switch_to(found);
            lower.b.store_word(words.plus(RESULT), start);
            lower.b.return_int(1);

            lower.b.switch_to(more);
            let at = lower.b.add(start, equal);
            let byte = lower.byte_at(hay, at, hay_size);
            let (matches, differs) = (lower.b.block(), lower.b.block());
            let same = lower.b.compare(IntCC::Equal, byte, next);
            lower.b.branch(same, matches, differs);
            lower.b.switch_to(matches);
            let equal = lower.b.add_int(equal, 1);
            lower.b.store_word(words.plus(EQUAL), equal);
            lower.b.return_int(0);

            lower.b.switch_to(differs);
            let (over, on) = (lower.b.block(), lower.b.block());
            let end = lower.b.compare_int(IntCC::Equal, byte, 0);
            lower.b.branch(end, over, on);
            // What is left of the haystack is shorter than the needle.
            lower.b.switch_to(over);
            lower.b.return_int(1);
            lower.b.switch_to(on);
            let start = lower.b.add_int(start, 1);
            lower.b.store_word(words.plus(START), start);
            lower.b.store_int(words.plus(EQUAL), 8, 0);
            lower.b.return_int(0);
            Ok(())
        })?;
        let words = self.scratch_at(state);
        let result = self.b.load_word(words.plus(RESULT));
        self.release(&mark);
        Ok(result)
    }

    /// 0 if `length` bytes of two values are equal; else -1 or 1, by the first byte that differs.
    pub(crate) fn memcmp(
        &mut self,
        left: &'s Expr,
        right: &'s Expr,
        length: u32,
        span: Span,
    ) -> Result<Value> {
        if left.ty.size() < length || right.ty.size() < length {
            return self.malformed("a comparison of more bytes than there are", span);
        }
        if length == 0 {
            return Ok(self.b.int(0));
        }
        let mark = self.mark();
        let a = self.in_scratch(left)?;
        let b = self.in_scratch(right)?;
        let state = self.program.scratch.take(STATE_SIZE);
        let words = self.scratch_at(state);
        self.b.store_int(words.plus(RESULT), 8, 0);
        self.byte_loop(length.into(), span, |lower, index| {
            let words = lower.scratch_at(state);
            let (a, b) = (lower.scratch_at(a), lower.scratch_at(b));
            let left = lower.byte_at(a, index, length);
            let right = lower.byte_at(b, index, length);
            let (same, differs) = (lower.b.block(), lower.b.block());
            let equal = lower.b.compare(IntCC::Equal, left, right);
            lower.b.branch(equal, same, differs);
            lower.b.switch_to(same);
            lower.b.return_int(0);
            lower.b.switch_to(differs);
            let less = lower.b.compare(IntCC::UnsignedLessThan, left, right);
            let (minus, plus) = (lower.b.int(-1), lower.b.int(1));
            let result = lower.b.select(less, minus, plus);
            lower.b.store_word(words.plus(RESULT), result);
            lower.b.return_int(1);
            Ok(())
        })?;
        let words = self.scratch_at(state);
        let result = self.b.load_word(words.plus(RESULT));
        self.release(&mark);
        Ok(result)
    }

    /// Writes one string behind the other.
    pub(crate) fn concat(
        &mut self,
        left: &'s Expr,
        right: &'s Expr,
        capacity: u32,
        to: Mem,
        padding: Padding,
    ) -> Result<()> {
        let (first, second) = (left.ty.size(), right.ty.size());
        if first == 0 || second == 0 || capacity == 0 {
            return self.malformed("a string without room for its end", left.span);
        }
        let whole = capacity.max(first + second);
        let mark = self.mark();
        // The place of the second one is known only when the program runs: such an address leads to
        // scratch memory, not to the stack.
        let both = self.program.scratch.take(whole);
        let both = self.scratch_at(both);
        if padding == Padding::Zeroed {
            memory::zero(&mut self.b, self.module, both, capacity);
        }
        let from = self.memory_of(left, Padding::Loose)?;
        let size = memory::copy_string(&mut self.b, both, from, first);
        let length = self.b.add_int(size, -1);
        let length = self.b.clamp(length, i64::from(first) - 1);
        let start = self.b.address(both);
        let end = self.b.add(start, length);
        let from = self.memory_of(right, Padding::Loose)?;
        memory::copy_string(&mut self.b, Mem::at(end), from, second);
        memory::copy(&mut self.b, to, both, capacity);
        if capacity < first + second - 1 {
            self.b.store_int(to.plus(capacity - 1), 1, 0);
        }
        self.release(&mark);
        Ok(())
    }

    /// Places a value in scratch memory and gives its offset there.
    fn in_scratch(&mut self, value: &'s Expr) -> Result<u32> {
        let offset = self.program.scratch.take(value.ty.size().max(1));
        let to = self.scratch_at(offset);
        match &value.kind {
            ExprKind::Str(bytes) => {
                memory::write(&mut self.b, self.module, to, bytes, value.ty.size());
            }
            _ => self.place(value, to, Padding::Loose)?,
        }
        Ok(offset)
    }

    /// A byte at an index that the verifier sees to be in bounds.
    fn byte_at(&mut self, bytes: Mem, index: Value, size: u32) -> Value {
        let index = self.b.clamp(index, i64::from(size) - 1);
        let start = self.b.address(bytes);
        let address = self.b.add(start, index);
        self.b.load(Mem::at(address), 1, Extend::Zero)
    }

    /// Runs a body with an index from 0 until it returns 1, at most so often. It returns itself.
    fn byte_loop(
        &mut self,
        most: i64,
        span: Span,
        body: impl FnOnce(&mut Lower<'_, 's, '_>, Value) -> Result<()>,
    ) -> Result<()> {
        if !self.module.target.features.bpf_loop {
            return self.kernel_lacks("a search in a string", "Linux 5.17", span);
        }
        let callback = self.callback(2, |lower, params| body(lower, params[0]))?;
        let times = self.b.int(most);
        let nothing = self.b.int(0);
        self.b
            .call(helper::LOOP, &[times, callback, nothing, nothing]);
        Ok(())
    }
}
