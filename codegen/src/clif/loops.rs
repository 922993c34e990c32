//! Loops: bodies that the kernel calls, because the verifier looks at such a body once, however often
//! it runs. What a body shares with the program lives in scratch memory.

use super::build::Mem;
use super::lower::{Lower, Result, VarStorage};
use super::memory;
use super::stmt::Flow;
use crate::helper;
use crate::layout::{Storage, key_type};
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Expr, MapId, Stmt, VarId};
use trapline_lang::source::Span;
use trapline_lang::types::Type;

impl<'s> Lower<'_, 's, '_> {
    /// Ends an iteration: 0 goes on, 1 ends the loop.
    pub(crate) fn end_iteration(&mut self, result: i64) {
        self.b.return_int(result);
        let unreachable = self.b.block();
        self.b.switch_to(unreachable);
    }

    /// `while`: at most [`helper::MAX_LOOPS`] times.
    pub(crate) fn while_loop(
        &mut self,
        condition: &'s Expr,
        body: &'s [Stmt],
        span: Span,
    ) -> Result<()> {
        let times = self.b.int(helper::MAX_LOOPS);
        self.counted_loop(times, span, |lower, _| {
            let (inside, done) = (lower.b.block(), lower.b.block());
            lower.branch_on(condition, inside, done)?;
            lower.b.switch_to(done);
            lower.b.return_int(1);
            lower.b.switch_to(inside);
            lower.body(body)
        })
    }

    /// `for ($i : start..end)`
    pub(crate) fn range_loop(
        &mut self,
        var: VarId,
        start: &'s Expr,
        end: &'s Expr,
        body: &'s [Stmt],
        span: Span,
    ) -> Result<()> {
        let first = self.scalar(start)?;
        let end = self.scalar(end)?;
        let first_at = self.program.scratch.take(8);
        self.set_scratch_word(first_at, first);
        let times = self.b.sub(end, first);
        let times = self.b.clamp(times, helper::MAX_LOOPS);
        // A loop that the verifier knows to run zero times has to be out of its sight: Linux 6.18 drops
        // the body as dead code and then stumbles over its address.
        let some = self.b.compare(IntCC::SignedLessThan, first, end);
        let (inside, after) = (self.b.block(), self.b.block());
        self.b.branch(some, inside, after);
        self.b.switch_to(inside);
        self.enter_scope();
        self.counted_loop(times, span, |lower, index| {
            let first = lower.scratch_at(first_at);
            let first = lower.b.load_word(first);
            let value = lower.b.add(first, index);
            if let VarStorage::Scratch(offset) = lower.var(var) {
                lower.set_scratch_word(offset, value);
            }
            lower.body(body)
        })?;
        self.leave_scope();
        self.b.jump(after);
        self.b.switch_to(after);
        Ok(())
    }

    fn counted_loop(
        &mut self,
        times: Value,
        span: Span,
        body: impl FnOnce(&mut Lower<'_, 's, '_>, Value) -> Result<Flow>,
    ) -> Result<()> {
        if !self.module.target.features.bpf_loop {
            return self.kernel_lacks("long loops", "Linux 5.17", span);
        }
        let callback = self.callback(2, |lower, params| {
            body(lower, params[0])?;
            lower.b.return_int(0);
            Ok(())
        })?;
        self.run_callback(|lower, frame| {
            let flags = lower.b.int(0);
            lower.b.call(helper::LOOP, &[times, callback, frame, flags])
        })
    }

    /// `for ($kv : @m)`
    pub(crate) fn map_loop(
        &mut self,
        var: VarId,
        map: MapId,
        body: &'s [Stmt],
        span: Span,
    ) -> Result<()> {
        let layout = self.module.layout(map);
        let (Storage::Hash { hash }, true) =
            (layout.storage, self.module.target.features.for_each_map)
        else {
            return self.kernel_lacks("loops over maps", "Linux 5.13", span);
        };
        let declared = &self.module.script.maps[map.index()];
        let key_ty = key_type(declared);
        let value_ty = declared.value.clone();
        let probe = self.program.probe;
        let (VarStorage::Scratch(offset), Some(Type::Tuple(pair))) = (
            self.var(var),
            probe.vars.get(var.index()).map(|var| &var.ty),
        ) else {
            return self.malformed("a loop over a map without a tuple for its pairs", span);
        };
        let [_, member] = pair.as_slice() else {
            return self.malformed("a loop over a map without a pair", span);
        };
        let value_offset = Type::Tuple(pair.clone()).member_offsets()[1];
        let callback = self.callback(4, |lower, params| {
            let (key, value) = (Mem::at(params[1]), Mem::at(params[2]));
            let to = lower.scratch_at(offset);
            memory::copy(&mut lower.b, to, key, key_ty.size());
            let to = to.plus(value_offset);
            match &value_ty {
                Type::Aggregation(aggregation) => {
                    let value = lower.read_aggregation(map, *aggregation, hash, key, span)?;
                    lower.b.store(to, member.size(), value);
                }
                ty => memory::copy(&mut lower.b, to, value, ty.size()),
            }
            lower.body(body)?;
            lower.b.return_int(0);
            Ok(())
        })?;
        self.run_callback(|lower, frame| {
            let map = lower.b.map(hash);
            let flags = lower.b.int(0);
            lower
                .b
                .call(helper::FOR_EACH_MAP_ELEM, &[map, callback, frame, flags])
        })
    }
}
