//! System calls as events: which call it is, and what was kept of its entry.
//!
//! An entry is kept with its task, or in a hash by the task's address where the kernel has no such storage, and is
//! found again at exit. The pair is one if both halves are of the same call, or if the call is one that loses its
//! arguments: that may have changed its number and ABI, too.

use super::build::{Extend, Mem};
use super::lower::{Cached, CallsKind, Function, Lower, Result};
use super::program::NOT_LISTED;
use super::routine;
use crate::helper;
use crate::layout::{NO_PREALLOC, map_type};
use crate::native::CallContext;
use crate::object::{ConstantKind, Counter, KernelMap};
use crate::plan::{self, Calls, Event, Keep};
use crate::target::Arch;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Value};
use trapline_lang::hir::{Builtin, CallRef, Edge, Expr, ExprKind, Probe};
use trapline_lang::syscall::shape::Fate;

/// Where in what is kept lie the time, the call with [`VALID`] and [`LOST`], and the arguments.
const TIME: u32 = 0;
const CALL: u32 = 8;
const ARGUMENTS: u32 = 16;
/// Bytes of the arguments.
const ARGUMENTS_SIZE: u32 = 48;
/// The call has not ended.
const VALID: i64 = 1 << 62;
/// It loses its arguments.
const LOST: i64 = 1 << 61;
/// In a call as one number: everything that the flags leave.
const CALL_BITS: i64 = LOST - 1;

/// Entries in flight, where tasks have no storage of their own.
const ENTRIES: u32 = 16_384;

/// What callbacks find in scratch memory: latency, call, arguments.
const SHARED_LATENCY: u32 = 0;
const SHARED_CALL: u32 = 8;
const SHARED_ARGUMENTS: u32 = 16;
const SHARED_SIZE: u32 = SHARED_ARGUMENTS + ARGUMENTS_SIZE;

/// The greatest error number, `MAX_ERRNO` (linux v6.12 include/linux/err.h).
const MAX_ERRNO: i64 = 4095;

/// Whether what is looked for is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is made of zeros.
    Made,
    /// There is none.
    Null,
}

impl<'s> Lower<'_, 's, '_> {
    // Which call it is

    /// A number of the kernel's as [`trapline_lang::syscall::encode`] has it.
    pub(super) fn encoded_call(&mut self, number: Value) -> Result<Value> {
        let number = self.b.extend(number, 32, Extend::Zero);
        match self.program.event {
            Event::CallRecord { .. } => return Ok(number),
            Event::Whole(_) => return Ok(self.whole_call()),
            _ => {}
        }
        let compat = self.compat()?;
        let mut call = number;
        // Two bits that say how far the ABI is from the native one.
        if let Some(compat) = compat {
            let far = match self.module.target.arch {
                Arch::X86_64 => 31,
                Arch::Aarch64 => 11,
            };
            let far = self.b.shl_int(compat, far);
            call = self.b.or(call, far);
        }
        if self.module.target.arch == Arch::X86_64 {
            let high = self.b.shr_int(call, 30);
            let x32 = self.b.compare_int(IntCC::Equal, high, 1);
            let x32 = self.b.truth(x32);
            let far = self.b.int(3 << 32);
            let far = self.b.mul(x32, far);
            call = self.b.or(call, far);
        }
        Ok(call)
    }

    /// The system call of the event, as [`trapline_lang::syscall::encode`] has it.
    pub(crate) fn syscall(&mut self) -> Result<Value> {
        if let Some(call) = self.cached(Cached::Call) {
            return Ok(call);
        }
        if let Some(call) = self.shared(SHARED_CALL) {
            return Ok(self.cache(Cached::Call, call));
        }
        let number = self.syscall_number()?;
        let call = match self.cached(Cached::Listed) {
            _ if self.program.calls == CallsKind::Native => self.b.extend(number, 32, Extend::Zero),
            Some(listed) => {
                let other = self.b.compare_int(IntCC::Equal, listed, NOT_LISTED);
                self.choose(other, |lower| lower.encoded_call(number), |_| Ok(listed))?
            }
            None => self.encoded_call(number)?,
        };
        Ok(self.cache(Cached::Call, call))
    }

    /// The ABI of the event's system call.
    pub(crate) fn syscall_abi(&mut self) -> Result<Value> {
        if let Some(abi) = self.program.abi {
            return Ok(self.b.int(abi as i64));
        }
        let call = self.syscall()?;
        let distance = self.b.shr_int(call, 32);
        Ok(self
            .b
            .add_int(distance, self.module.target.arch.abi() as i64))
    }

    /// The error number of the event's system call; 0 if it did not fail.
    pub(crate) fn errno(&mut self) -> Value {
        let result = self.syscall_return();
        let number = self.b.neg(result);
        let below = self.b.add_int(number, -1);
        let failed = self
            .b
            .compare_int(IntCC::UnsignedLessThan, below, MAX_ERRNO);
        let zero = self.b.int(0);
        self.b.select(failed, number, zero)
    }

    /// Nanoseconds from entry to exit; -1 if the entry was not seen.
    pub(crate) fn latency(&mut self) -> Value {
        if let Some(latency) = self.cached(Cached::Latency) {
            return latency;
        }
        let latency = match (self.shared(SHARED_LATENCY), self.program.event) {
            (Some(latency), _) => latency,
            (None, Event::Whole(_)) => {
                let context = self.context();
                self.b
                    .load_word(Mem::at(context).plus(CallContext::LATENCY))
            }
            (None, _) => self.b.int(-1),
        };
        self.cache(Cached::Latency, latency)
    }

    /// An expression's value is made from an unknown latency: counts that and gives the condition.
    pub(crate) fn timed(&mut self, value: &Expr) -> Option<Value> {
        let mut found = false;
        crate::visit::expression(value, &mut |node| {
            found |= matches!(
                node,
                crate::visit::Node::Expr(Expr {
                    kind: ExprKind::Builtin(Builtin::Latency),
                    ..
                })
            );
        });
        found.then(|| {
            let latency = self.latency();
            self.b.compare_int(IntCC::NotEqual, latency, -1)
        })
    }

    /// What was kept of the call if it has lost its arguments, else null; `None` if it never does.
    pub(super) fn lost_entry(&mut self) -> Option<Value> {
        self.cached(Cached::LostEntry)
            .filter(|_| self.program.loses)
    }

    /// An argument of a call that has lost it, as it was at entry; of any other the one at hand.
    pub(super) fn lost_argument(
        &mut self,
        n: u8,
        at_hand: impl FnOnce(&mut Self) -> Result<Value>,
    ) -> Result<Value> {
        let offset = 8 * u32::from(n);
        if let Some(argument) = self.shared(SHARED_ARGUMENTS + offset) {
            return Ok(argument);
        }
        let Some(entry) = self.lost_entry() else {
            return at_hand(self);
        };
        let lost = self.b.compare_int(IntCC::NotEqual, entry, 0);
        self.choose(
            lost,
            |lower| {
                let entry = Mem::at(lower.b.anchor(entry));
                Ok(lower.b.load_word(entry.plus(ARGUMENTS + offset)))
            },
            at_hand,
        )
    }

    /// What the program has left for its callbacks.
    fn shared(&mut self, offset: u32) -> Option<Value> {
        let (Function::Callback { .. }, Some(shared)) = (self.function, self.program.call) else {
            return None;
        };
        let place = self.scratch_at(shared);
        Some(self.b.load_word(place.plus(offset)))
    }

    /// Leaves what is known of the call where callbacks find it.
    pub(super) fn share_call(&mut self, probe: &Probe) -> Result<()> {
        if self.program.event.edge().is_none() || !plan::asks_for_call(probe) {
            return Ok(());
        }
        let latency = self.latency();
        let call = self.syscall()?;
        let mut arguments = Vec::new();
        for n in 0..6 {
            arguments.push(self.syscall_argument(n)?);
        }
        let shared = self.program.scratch.take(SHARED_SIZE);
        let place = self.scratch_at(shared);
        self.b.store_word(place.plus(SHARED_LATENCY), latency);
        self.b.store_word(place.plus(SHARED_CALL), call);
        for (n, argument) in (0..).zip(arguments) {
            self.b
                .store_word(place.plus(SHARED_ARGUMENTS + 8 * n), argument);
        }
        self.program.call = Some(shared);
        Ok(())
    }

    // Which calls are events

    /// Goes to `after` unless what happens is an event of these calls.
    pub(super) fn call_event(&mut self, calls: &Calls<'_>, after: Block) -> Result<()> {
        if matches!(calls, Calls::Any | Calls::Native(_) | Calls::Raw(_)) {
            return Ok(());
        }
        if *calls == Calls::Every {
            let number = self.syscall_number()?;
            let none = self.b.compare_int(IntCC::Equal, number, -1);
            self.skip(none, after);
        }
        if self.program.event.edge() == Some(Edge::Exit) {
            self.skip_children(calls, after)?;
        }
        if !self.module.script.config.include_self {
            let pid = self.builtin(Builtin::Pid, self.b.span())?;
            let own = self.constant(ConstantKind::OwnPid);
            let own = self.b.compare(IntCC::Equal, pid, own);
            self.skip(own, after);
        }
        Ok(())
    }

    fn skip(&mut self, condition: Value, after: Block) {
        let go_on = self.b.block();
        self.b.branch(condition, after, go_on);
        self.b.switch_to(go_on);
    }

    /// Goes to `after` where the child returns from the call that has made it.
    fn skip_children(&mut self, calls: &Calls<'_>, after: Block) -> Result<()> {
        let native = self.module.target.arch.abi();
        let makes_child = |call: &CallRef| plan::fate(*call) == Fate::ReturnsInChild;
        let (children, all) = match calls {
            Calls::These(calls) => (
                calls.iter().copied().filter(makes_child).collect(),
                calls.iter().all(makes_child),
            ),
            _ => (plan::every(native, Fate::ReturnsInChild), false),
        };
        if children.is_empty() {
            return Ok(());
        }
        let result = self.syscall_return();
        let zero = self.b.compare_int(IntCC::Equal, result, 0);
        if all {
            self.skip(zero, after);
            return Ok(());
        }
        let (look, go_on) = (self.b.block(), self.b.block());
        self.b.branch(zero, look, go_on);
        self.b.switch_to(look);
        self.enter_scope();
        let call = self.syscall()?;
        let children = children.into_iter().map(|call| plan::encode(native, call));
        self.branch_calls(call, children, after, go_on);
        self.leave_scope();
        self.b.switch_to(go_on);
        Ok(())
    }

    // Keeping entries

    /// Keeps the entry of the call if it is one of those; `listed` is that call, if some are listed. Ends in
    /// `after`.
    pub(super) fn keep_arm(
        &mut self,
        keep: &Keep,
        listed: Option<Value>,
        after: Block,
    ) -> Result<()> {
        let kept = self.b.block();
        self.enter_scope();
        let call = match (keep.every, listed) {
            (false, Some(call)) => {
                self.branch_calls(call, keep.calls.iter().copied(), kept, after);
                self.b.switch_to(kept);
                call
            }
            _ => {
                let number = self.syscall_number()?;
                let none = self.b.compare_int(IntCC::Equal, number, -1);
                self.b.branch(none, after, kept);
                self.b.switch_to(kept);
                self.encoded_call(number)?
            }
        };
        self.keep_capture(keep, call)?;
        if keep.lost.is_empty() {
            self.keep_entry(keep, call, Fate::Returns)?;
        } else if !keep.every && keep.calls == keep.lost {
            self.keep_entry(keep, call, Fate::LosesArguments)?;
        } else {
            let (lost, other) = (self.b.block(), self.b.block());
            self.branch_calls(call, keep.lost.iter().copied(), lost, other);
            self.b.switch_to(lost);
            self.scoped(|lower| lower.keep_entry(keep, call, Fate::LosesArguments))?;
            self.b.jump(after);
            self.b.switch_to(other);
            self.keep_entry(keep, call, Fate::Returns)?;
        }
        self.b.jump(after);
        self.leave_scope();
        Ok(())
    }

    fn keep_entry(&mut self, keep: &Keep, call: Value, fate: Fate) -> Result<()> {
        let lost = fate == Fate::LosesArguments;
        let flags = if lost { VALID | LOST } else { VALID };
        if lost && keep.any_string() {
            self.prepare_strings(keep);
            self.keep_strings(keep)?;
        }
        let map = self.entries(keep);
        let entry = self.task_entry(map, Missing::Made)?;
        let found = self.b.compare_int(IntCC::NotEqual, entry, 0);
        self.either(
            found,
            |lower| {
                let entry = Mem::at(lower.b.anchor(entry));
                if lost && keep.arguments {
                    for n in 0..6 {
                        let argument = lower.syscall_argument(n)?;
                        let to = entry.plus(ARGUMENTS + 8 * u32::from(n));
                        lower.b.store_word(to, argument);
                    }
                }
                let flags = lower.b.int(flags);
                let call = lower.b.or(call, flags);
                lower.b.store_word(entry.plus(CALL), call);
                let time = lower.b.call(helper::KTIME_GET_NS, &[]);
                lower.b.store_word(entry.plus(TIME), time);
                Ok(())
            },
            |lower| lower.count_failure(Counter::LostEntry),
        )
    }

    /// Finds the entry of the call that ends; gives the call as its entry had it. `listed` is the call if some are
    /// listed, and `only_listed` if nothing but those matters.
    pub(super) fn find_entry(
        &mut self,
        keep: &Keep,
        last: bool,
        listed: Option<Value>,
        only_listed: bool,
    ) -> Result<Value> {
        let call = match listed {
            Some(call) if !keep.every => call,
            _ => {
                let number = self.syscall_number()?;
                self.encoded_call(number)?
            }
        };
        let (unknown, none) = (self.b.int(-1), self.b.int(0));
        let event = self.b.variable(call);
        let latency = self.b.variable(unknown);
        let lost_entry = self.b.variable(none);
        let lookup = |lower: &mut Self| {
            let map = lower.entries(keep);
            let entry = lower.task_entry(map, Missing::Null)?;
            lower.when_found(entry, |lower, pointer| {
                let entry = Mem::at(pointer);
                let kept = lower.b.load_word(entry.plus(CALL));
                let flag = lower.b.int(VALID);
                let wanted = lower.b.or(call, flag);
                let mut same = lower.b.compare(IntCC::Equal, kept, wanted);
                let flag = lower.b.and_int(kept, LOST);
                let lost = lower.b.compare_int(IntCC::NotEqual, flag, 0);
                if !keep.lost.is_empty() {
                    same = lower.b.or(same, lost);
                }
                lower.when(same, |lower| {
                    let now = lower.b.call(helper::KTIME_GET_NS, &[]);
                    let time = lower.b.load_word(entry.plus(TIME));
                    let passed = lower.b.sub(now, time);
                    lower.b.set(latency, passed);
                    if keep.lost.is_empty() {
                        return Ok(());
                    }
                    let kept = lower.b.and_int(kept, CALL_BITS);
                    lower.b.set(event, kept);
                    if keep.arguments {
                        lower.when(lost, |lower| {
                            lower.b.set(lost_entry, pointer);
                            Ok(())
                        })?;
                    }
                    Ok(())
                })?;
                if last {
                    lower.b.store_int(entry.plus(CALL), 8, 0);
                }
                Ok(())
            })
        };
        if keep.every || only_listed {
            self.scoped(lookup)?;
        } else {
            let is_listed = self.b.compare_int(IntCC::NotEqual, call, NOT_LISTED);
            self.when(is_listed, lookup)?;
        }
        self.prepare_strings(keep);
        self.module.captures_entries = !keep.captured.is_empty();
        let latency = self.b.get(latency);
        self.cache(Cached::Latency, latency);
        if keep.arguments {
            let lost_entry = self.b.get(lost_entry);
            self.cache(Cached::LostEntry, lost_entry);
        }
        let event = self.b.get(event);
        let what = if keep.every || only_listed {
            Cached::Call
        } else {
            Cached::Listed
        };
        Ok(self.cache(what, event))
    }

    /// The map of entries.
    fn entries(&mut self, keep: &Keep) -> u32 {
        if let Some(map) = self.module.entries {
            return map;
        }
        let arguments = if keep.arguments { ARGUMENTS_SIZE } else { 0 };
        let map = self.task_map("entries", ARGUMENTS + arguments, ENTRIES);
        *self.module.entries.insert(map)
    }

    /// Makes a map of one value for each task.
    pub(super) fn task_map(&mut self, name: &str, value_size: u32, entries: u32) -> u32 {
        let features = &self.module.target.features;
        let map = if features.task_storage && features.current_task_btf {
            KernelMap {
                name: name.into(),
                map_type: map_type::TASK_STORAGE,
                key_size: 4,
                value_size,
                max_entries: 0,
                flags: NO_PREALLOC,
            }
        } else {
            KernelMap {
                name: name.into(),
                map_type: map_type::LRU_HASH,
                key_size: 8,
                value_size,
                max_entries: entries,
                flags: 0,
            }
        };
        self.module.add_map(map)
    }

    /// A pointer to the current task's value in such a map, or null.
    pub(super) fn task_entry(&mut self, map: u32, missing: Missing) -> Result<Value> {
        let kernel_map = &self.module.kernel_maps[map as usize];
        if kernel_map.map_type == map_type::TASK_STORAGE {
            let task = self.task();
            let map = self.b.map(map);
            let nothing = self.b.int(0);
            let flags = self.b.int(match missing {
                Missing::Made => helper::STORAGE_CREATE,
                Missing::Null => 0,
            });
            return Ok(self
                .b
                .call(helper::TASK_STORAGE_GET, &[map, task, nothing, flags]));
        }
        let size = kernel_map.value_size;
        let key = self.temporary(8);
        let task = self.b.call(helper::GET_CURRENT_TASK, &[]);
        self.b.store_word(key, task);
        let pointer = routine::look_up(&mut self.b, map, key);
        if missing == Missing::Null {
            return Ok(pointer);
        }
        let zeros = Mem::data(self.module.rodata.zeros(size));
        let there = self.b.compare_int(IntCC::NotEqual, pointer, 0);
        self.choose(
            there,
            |_| Ok(pointer),
            |lower| {
                routine::update(&mut lower.b, map, key, zeros, helper::ANY);
                Ok(routine::look_up(&mut lower.b, map, key))
            },
        )
    }

    /// The current task, as a pointer that the verifier knows.
    pub(super) fn task(&mut self) -> Value {
        match self.cached(Cached::Task) {
            Some(task) => task,
            None => {
                let task = self.b.call(helper::GET_CURRENT_TASK_BTF, &[]);
                self.cache(Cached::Task, task)
            }
        }
    }
}
