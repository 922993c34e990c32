//! One program: which of its bodies run for an event, then the bodies one after the other.

use super::build::{self, Mem};
use super::lower::{Cached, CallsKind, Function, Lower, ProgramState, Result, VarStorage};
use super::memory;
use super::module::{Module, Scratch};
use crate::CodegenError;
use crate::layout::LARGEST_PERCPU_VALUE;
use crate::plan::{self, Arm, Calls, Entries, Event, Program};
use crate::visit::{self, Node};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, Block, Value};
use trapline_lang::hir::{CallRef, Expr, ExprKind, Place, Probe, Stmt, StmtKind, VarId};
use trapline_lang::syscall::Abi;
use trapline_lang::syscall::shape::Fate;

/// From so many bodies on, which one runs is found by a tree of comparisons.
const TREE: usize = 4;
/// Up to so many ranges of numbers are compared; more are looked up in a bitmap.
const COMPARED_RANGES: usize = 3;
/// What is said of a system call that no arm lists.
pub(crate) const NOT_LISTED: i64 = -1;
/// How many numbers a bitmap spans at most.
const BITMAP_NUMBERS: u32 = 4096;

/// Lowers a program to one function.
pub(crate) fn lower<'s>(module: &mut Module<'s>, program: &Program<'s>) -> Result<ir::Function> {
    let first = program.arms.first().map(|arm| arm.probe);
    // A program without bodies keeps entries for those of another.
    let Some(probe) = first.or(module.script.probes.first()) else {
        return build::function(0, 1, |mut b, _| {
            b.return_int(0);
            b.finish();
            Ok(())
        });
    };
    let mut state = ProgramState {
        event: program.event,
        scratch: Scratch::default(),
        probe,
        probe_index: 0,
        vars: Vec::new(),
        calls: CallsKind::Any,
        abi: None,
        loses: false,
        call: None,
    };
    let number = module.number_function();
    let function = build::function(number, 1, |mut b, params| {
        let end = b.block();
        let function = Function::Program {
            context: params[0],
            leave: end,
        };
        let mut lower = Lower::new(module, &mut state, b, function);
        lower.arms(program, params[0], end)?;
        lower.b.jump(end);
        lower.b.switch_to(end);
        lower.b.return_int(0);
        lower.b.finish();
        Ok(())
    })?;
    if state.scratch.size() > LARGEST_PERCPU_VALUE {
        let why = format!(
            "strings and other values take {} bytes at once here, and a program has {LARGEST_PERCPU_VALUE}: make strings \
             shorter with max_strlen or str(pointer, length)",
            state.scratch.size()
        );
        let span = probe.span;
        return Err(CodegenError::Refused { why, span });
    }
    if let Some(map) = state.scratch.map {
        module.kernel_maps[map as usize].value_size = state.scratch.size().max(8);
    }
    Ok(function)
}

/// Calls without a gap, and what they stand for: numbers of the native ABI, or as
/// [`trapline_lang::syscall::encode`] has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u64,
    last: u64,
    arm: usize,
}

/// Numbers as ranges, ascending.
fn ranges(numbers: impl IntoIterator<Item = u64>, arm: usize) -> Vec<Range> {
    let mut numbers: Vec<u64> = numbers.into_iter().collect();
    numbers.sort_unstable();
    let mut ranges: Vec<Range> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(range) if number <= range.last + 1 => range.last = number,
            _ => ranges.push(Range {
                first: number,
                last: number,
                arm,
            }),
        }
    }
    ranges
}

/// The calls of an arm; `None` if it runs whichever they are.
fn listed(calls: &Calls<'_>, native: Abi) -> Option<Vec<u64>> {
    match calls {
        Calls::Any | Calls::Every => None,
        Calls::Native(calls) => Some(calls.iter().map(|call| call.number.into()).collect()),
        Calls::Raw(calls) => Some(codes(calls, native)),
        Calls::These(calls) => Some(codes(calls, native)),
    }
}

fn codes(calls: &[CallRef], native: Abi) -> Vec<u64> {
    let codes = calls.iter().map(|call| plan::encode(native, *call));
    codes.collect()
}

/// The numbers of encoded calls, as the kernel has them.
fn raw(codes: impl IntoIterator<Item = u64>) -> impl Iterator<Item = u64> {
    codes.into_iter().map(|code| code & u64::from(u32::MAX))
}

impl<'s> Lower<'_, 's, '_> {
    fn arms(&mut self, program: &Program<'s>, context: Value, end: Block) -> Result<()> {
        if let Event::Object { offset } = self.program.event {
            // Once all objects have been seen, the kernel runs the program without one.
            let object = self.b.load_word(Mem::at(context).plus(offset));
            let there = self.b.compare_int(IntCC::NotEqual, object, 0);
            let go_on = self.b.block();
            self.b.branch(there, go_on, end);
            self.b.switch_to(go_on);
        }
        let arms = program.arms.as_slice();
        let native = self.module.target.arch.abi();
        let mut wanted: Vec<u64> = arms
            .iter()
            .filter_map(|arm| listed(&arm.calls, native))
            .flatten()
            .collect();
        let mut only_listed = arms.iter().all(|arm| listed(&arm.calls, native).is_some());
        match &program.entries {
            Entries::Ignores => {}
            Entries::Keeps(keep) => {
                only_listed &= !keep.every;
                wanted.extend(&keep.calls);
            }
            // Calls that have lost their arguments may have lost their number, too.
            Entries::Finds { keep, .. } => {
                only_listed &= !keep.every;
                wanted.extend(&keep.lost);
            }
        }
        let call = if wanted.is_empty() {
            None
        } else {
            Some(self.listed_call(&wanted, only_listed, end)?)
        };
        let call = match &program.entries {
            Entries::Finds { keep, last } => {
                Some(self.find_entry(keep, *last, call, only_listed)?)
            }
            _ => call,
        };
        // With calls of several ABIs, only the numbers have been looked at.
        let certain = only_listed && wanted.iter().all(|call| *call <= u64::from(u32::MAX));
        self.bodies(arms, call, certain.then_some(&wanted), context)?;
        if let Entries::Keeps(keep) = &program.entries {
            let after = self.b.block();
            self.function = Function::Program {
                context,
                leave: after,
            };
            self.keep_arm(keep, call, after)?;
            self.b.switch_to(after);
        }
        Ok(())
    }

    /// Runs bodies; `only` is what `call` is certain to be one of.
    fn bodies(
        &mut self,
        arms: &[Arm<'s>],
        call: Option<Value>,
        only: Option<&Vec<u64>>,
        context: Value,
    ) -> Result<()> {
        let native = self.module.target.arch.abi();
        let only = only.map(|only| ranges(only.iter().copied(), 0));
        let mut rest = arms;
        while let Some((arm, others)) = rest.split_first() {
            let group = rest
                .iter()
                .take_while(|arm| listed(&arm.calls, native).is_some())
                .count();
            if let (Some(call), Some(tree)) = (call, tree(&rest[..group], native)) {
                self.tree(&rest[..group], &tree, call, context)?;
                rest = &rest[group..];
                continue;
            }
            let (enter, after) = (self.b.block(), self.b.block());
            let call = match (listed(&arm.calls, native), call) {
                (Some(calls), Some(call)) => {
                    let calls = ranges(calls, 0);
                    if only.as_ref() == Some(&calls) {
                        self.b.jump(enter);
                    } else {
                        self.branch_member(call, &calls, enter, after);
                    }
                    Some(call)
                }
                _ => {
                    self.b.jump(enter);
                    None
                }
            };
            self.b.switch_to(enter);
            self.arm(arm, call, context, after)?;
            self.b.switch_to(after);
            rest = others;
        }
        Ok(())
    }

    /// The system call if it is among those `wanted`, by their numbers at least; else, if nothing but those
    /// matters, the program ends, and otherwise [`NOT_LISTED`].
    fn listed_call(&mut self, wanted: &[u64], only_listed: bool, end: Block) -> Result<Value> {
        let number = self.listed_number()?;
        let (inside, outside) = (self.b.block(), self.b.block());
        let numbers = ranges(raw(wanted.iter().copied()), 0);
        self.branch_member(number, &numbers, inside, outside);
        let (after, result) = self.b.join();
        self.b.switch_to(outside);
        if only_listed {
            self.b.jump(end);
        } else {
            let none = self.b.int(NOT_LISTED);
            self.b.jump_with(after, none);
        }
        self.b.switch_to(inside);
        // Asked for last, because it costs a look at the task.
        self.enter_scope();
        if wanted.iter().all(|call| *call <= u64::from(u32::MAX)) {
            // Calls of other ABIs are not meant.
            if let Some(compat) = self.compat()? {
                let native = self.b.block();
                let is_native = self.b.compare_int(IntCC::Equal, compat, 0);
                self.b.branch(is_native, native, outside);
                self.b.switch_to(native);
            }
            self.b.jump_with(after, number);
        } else {
            let call = self.encoded_call(number)?;
            self.b.jump_with(after, call);
        }
        self.leave_scope();
        self.b.switch_to(after);
        Ok(result)
    }

    /// Goes to `yes` if the number is in one of the ranges.
    pub(crate) fn branch_calls(
        &mut self,
        call: Value,
        calls: impl IntoIterator<Item = u64>,
        yes: Block,
        no: Block,
    ) {
        self.branch_member(call, &ranges(calls, 0), yes, no);
    }

    /// Goes to `yes` if the number is in one of the ranges.
    fn branch_member(&mut self, number: Value, ranges: &[Range], yes: Block, no: Block) {
        if ranges.len() <= COMPARED_RANGES {
            for range in ranges {
                let next = self.b.block();
                self.branch_range(number, *range, yes, next);
                self.b.switch_to(next);
            }
            self.b.jump(no);
            return;
        }
        // Each ABI has a bitmap of its own.
        let mut rest = ranges;
        while let Some(first) = rest.first() {
            let base = first.first & !u64::from(BITMAP_NUMBERS - 1);
            let count = rest
                .iter()
                .take_while(|range| range.last - base < BITMAP_NUMBERS.into())
                .count()
                .max(1);
            let (group, others) = rest.split_at(count);
            let next = if others.is_empty() {
                no
            } else {
                self.b.block()
            };
            self.branch_bitmap(number, base, group, yes, next);
            if !others.is_empty() {
                self.b.switch_to(next);
            }
            rest = others;
        }
    }

    fn branch_range(&mut self, number: Value, range: Range, yes: Block, no: Block) {
        let inside = if range.first == range.last {
            self.b.compare_int(IntCC::Equal, number, range.first as i64)
        } else {
            let above = self.b.add_int(number, -(range.first as i64));
            let length = (range.last - range.first) as i64 + 1;
            self.b.compare_int(IntCC::UnsignedLessThan, above, length)
        };
        self.b.branch(inside, yes, no);
    }

    fn branch_bitmap(&mut self, number: Value, base: u64, ranges: &[Range], yes: Block, no: Block) {
        let words = ranges.last().map_or(0, |range| (range.last - base) / 64) + 1;
        let mut bitmap = vec![0u8; words as usize * 8];
        for number in ranges.iter().flat_map(|range| range.first..=range.last) {
            let number = number - base;
            bitmap[number as usize / 8] |= 1 << (number % 8);
        }
        let bitmap = self.module.rodata.literal(&bitmap, words as u32 * 8);
        let number = self.b.add_int(number, -(base as i64));
        let inside = self.b.block();
        let small = self
            .b
            .compare_int(IntCC::UnsignedLessThan, number, words as i64 * 64);
        self.b.branch(small, inside, no);
        self.b.switch_to(inside);
        let index = self.b.shr_int(number, 6);
        let index = self.b.clamp(index, words as i64 - 1);
        let offset = self.b.shl_int(index, 3);
        let bitmap = self.b.address(Mem::data(bitmap));
        let address = self.b.add(bitmap, offset);
        let word = self.b.load_word(Mem::at(address));
        let bit = self.b.and_int(number, 63);
        let word = self.b.shr(word, bit);
        let set = self.b.and_int(word, 1);
        let set = self.b.compare_int(IntCC::NotEqual, set, 0);
        self.b.branch(set, yes, no);
    }

    /// Runs the one of these bodies that the number belongs to.
    fn tree(
        &mut self,
        arms: &[Arm<'s>],
        tree: &[Range],
        number: Value,
        context: Value,
    ) -> Result<()> {
        let blocks: Vec<Block> = arms.iter().map(|_| self.b.block()).collect();
        let after = self.b.block();
        self.branch_tree(tree, number, &blocks, after);
        for (arm, block) in arms.iter().zip(blocks) {
            self.b.switch_to(block);
            self.arm(arm, Some(number), context, after)?;
        }
        self.b.switch_to(after);
        Ok(())
    }

    fn branch_tree(&mut self, tree: &[Range], number: Value, blocks: &[Block], no: Block) {
        if tree.len() <= 2 {
            for range in tree {
                let next = self.b.block();
                self.branch_range(number, *range, blocks[range.arm], next);
                self.b.switch_to(next);
            }
            self.b.jump(no);
            return;
        }
        let (low, high) = tree.split_at(tree.len() / 2);
        let (left, right) = (self.b.block(), self.b.block());
        let below = self
            .b
            .compare_int(IntCC::UnsignedLessThan, number, high[0].first as i64);
        self.b.branch(below, left, right);
        self.b.switch_to(left);
        self.branch_tree(low, number, blocks, no);
        self.b.switch_to(right);
        self.branch_tree(high, number, blocks, no);
    }

    /// Lowers a body in the current block; it ends in `after`.
    fn arm(
        &mut self,
        arm: &Arm<'s>,
        call: Option<Value>,
        context: Value,
        after: Block,
    ) -> Result<()> {
        self.function = Function::Program {
            context,
            leave: after,
        };
        self.program.probe = arm.probe;
        self.program.probe_index = arm.index;
        self.program.abi = one_abi(&arm.calls, self.module.target.arch.abi());
        self.program.calls = CallsKind::of(&arm.calls);
        self.program.loses = loses(&arm.calls);
        let mark = self.mark();
        self.enter_scope();
        if let Some(call) = call {
            self.cache(Cached::Call, call);
        }
        self.call_event(&arm.calls, after)?;
        if has_loop(&arm.probe.body) || predicate_has(arm.probe, is_loop) {
            self.share_call(arm.probe)?;
        }
        // A predicate with statements has variables of its own; any other is decided before they cost anything.
        let predicate_first = !predicate_has(arm.probe, |_| true);
        if !predicate_first {
            self.variables(arm.probe)?;
        }
        if let Some(predicate) = &arm.probe.predicate {
            let body = self.b.block();
            let mark = self.mark();
            self.branch_on(predicate, body, after)?;
            self.release(&mark);
            self.b.switch_to(body);
        }
        if predicate_first {
            self.variables(arm.probe)?;
        }
        self.body(&arm.probe.body)?;
        self.b.jump(after);
        self.leave_scope();
        self.release(&mark);
        self.program.call = None;
        Ok(())
    }

    /// Gives each scratch variable its place, with zero in it where it may be read before it is set.
    fn variables(&mut self, probe: &'s Probe) -> Result<()> {
        let addressed = addressed(probe);
        let in_memory = has_loop(&probe.body) || predicate_has(probe, is_loop);
        let in_predicate = predicate_has(probe, |_| true);
        let storage: Vec<VarStorage> = probe
            .vars
            .iter()
            .enumerate()
            .map(|(n, var)| {
                let in_memory = in_memory || addressed.contains(&VarId(n as u32));
                if var.ty.is_scalar() && !in_memory {
                    let zero = self.b.int(0);
                    VarStorage::Register(self.b.variable(zero))
                } else {
                    VarStorage::Scratch(self.program.scratch.take(var.ty.size().max(8)))
                }
            })
            .collect();
        self.program.vars = storage;
        for (n, var) in (0..).zip(&probe.vars) {
            if let VarStorage::Scratch(offset) = self.program.vars[n as usize]
                && (in_predicate || !set_first(&probe.body, VarId(n)))
            {
                let mem = self.scratch_at(offset);
                memory::zero(&mut self.b, self.module, mem, var.ty.size().max(8));
            }
        }
        Ok(())
    }
}

/// The arms' ranges, ascending, if a tree of comparisons pays and no call belongs to two of them.
fn tree(arms: &[Arm<'_>], native: Abi) -> Option<Vec<Range>> {
    if arms.len() < TREE {
        return None;
    }
    let mut all: Vec<Range> = arms
        .iter()
        .enumerate()
        .flat_map(|(n, arm)| ranges(listed(&arm.calls, native).unwrap_or_default(), n))
        .collect();
    all.sort_unstable_by_key(|range| range.first);
    let apart = all.windows(2).all(|pair| pair[0].last < pair[1].first);
    apart.then_some(all)
}

/// The ABI that all of these calls have.
fn one_abi(calls: &Calls<'_>, native: Abi) -> Option<Abi> {
    match calls {
        Calls::Any | Calls::Every | Calls::Raw(_) => None,
        Calls::Native(_) => Some(native),
        Calls::These(calls) => {
            let first = calls.first()?.abi;
            calls.iter().all(|call| call.abi == first).then_some(first)
        }
    }
}

/// Some of these calls may lose their arguments.
fn loses(calls: &Calls<'_>) -> bool {
    match calls {
        Calls::Native(_) | Calls::Raw(_) => false,
        Calls::Any | Calls::Every => true,
        Calls::These(calls) => calls
            .iter()
            .any(|call| plan::fate(*call) == Fate::LosesArguments),
    }
}

fn has_loop(body: &[Stmt]) -> bool {
    let mut found = false;
    visit::statements(body, &mut |node| {
        found |= matches!(node, Node::Stmt(stmt) if is_loop(stmt));
    });
    found
}

/// The variables whose addresses are taken.
fn addressed(probe: &Probe) -> Vec<VarId> {
    let mut found = Vec::new();
    let mut see = |node: Node<'_>| {
        if let Node::Expr(expr) = node
            && let ExprKind::AddressOf(operand) = &expr.kind
            && let ExprKind::Var(var) = operand.kind
        {
            found.push(var);
        }
    };
    visit::statements(&probe.body, &mut see);
    if let Some(predicate) = &probe.predicate {
        visit::expression(predicate, &mut see);
    }
    found
}

fn is_loop(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        StmtKind::While { .. } | StmtKind::ForRange { .. } | StmtKind::ForMap { .. }
    )
}

/// There is such a statement in a block of the predicate.
fn predicate_has(probe: &Probe, is_such: impl Fn(&Stmt) -> bool) -> bool {
    let mut found = false;
    if let Some(predicate) = &probe.predicate {
        visit::expression(predicate, &mut |node| {
            found |= matches!(node, Node::Stmt(stmt) if is_such(stmt));
        });
    }
    found
}

/// The body sets the variable before anything else is done with it.
fn set_first(body: &[Stmt], var: VarId) -> bool {
    for stmt in body {
        if let StmtKind::SetVar(set, value) = &stmt.kind
            && *set == var
        {
            return !mentions(|see| visit::expression(value, see), var);
        }
        if mentions(
            |see| visit::statements(std::slice::from_ref(stmt), see),
            var,
        ) {
            return false;
        }
    }
    true
}

fn mentions<'h>(walk: impl FnOnce(&mut dyn FnMut(Node<'h>)), var: VarId) -> bool {
    let mut found = false;
    walk(&mut |node| {
        found |= match node {
            Node::Expr(Expr {
                kind:
                    ExprKind::Var(used)
                    | ExprKind::Step {
                        target: Place::Var(used),
                        ..
                    },
                ..
            }) => *used == var,
            Node::Stmt(Stmt {
                kind:
                    StmtKind::SetVar(used, _)
                    | StmtKind::ForRange { var: used, .. }
                    | StmtKind::ForMap { var: used, .. },
                ..
            }) => *used == var,
            _ => false,
        };
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_ranges() {
        let range = |first, last| Range {
            first,
            last,
            arm: 0,
        };
        assert_eq!(ranges([3, 1, 2, 2, 9, 7, 8], 0), [range(1, 3), range(7, 9)]);
    }
}
