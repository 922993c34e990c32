//! Events for a trace: what fires the probe, with everything that a later script may ask for, as
//! [`crate::object::TraceRecord`] lays it out.
//!
//! A call is told as the kernel shows it, its beginning and its end apart: what belongs together is for the reader to
//! find out. The tracer's own process is left out.

use super::build::Mem;
use super::capture::{ARGUMENTS, RESULT, STATE, TRACED_AGAIN, TRACED_ENTRY, TRACED_EXIT, USED};
use super::entry::Missing;
use super::lower::{Cached, Lower, Result};
use super::record::{Header, TIME, Wake};
use super::routine::{self, Routine};
use super::trace_memory::{AGAIN, ARRAY, BEGIN, ENVIRONMENT, MOST, UNREAD};
use crate::helper;
use crate::object::{ConstantKind, Counter, RecordAction, RecordHeader, TraceRecord};
use crate::plan::{self, Event};
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::{Builtin, CallRef, Edge, Hook, Recorded, SyscallHook, SyscallSet};
use trapline_lang::source::Span;
use trapline_lang::syscall::shape::{Pointee, Shape};

/// Bytes in front of what a thread did.
pub(super) const FIXED: u32 = RecordHeader::SIZE + TraceRecord::THREAD_SIZE;
/// What is remembered of a call until its end: the arguments that could not be read, a bit each, then the call plus one.
const BEGUN_CALL: u32 = 8;
const BEGUN_SIZE: u32 = 16;
/// Tasks in such calls, where they have no storage of their own.
const BEGUN_TASKS: u32 = 16_384;
/// A bit for each argument.
const ALL_ARGUMENTS: i64 = 0x3f;

impl Lower<'_, '_, '_> {
    /// Has what fires the probe written to the trace.
    pub(super) fn record_event(&mut self, what: Recorded, span: Span) -> Result<()> {
        let (kind, _) = self.module.add_record(RecordAction::Record(what), [], span);
        // The arguments of `execve` at its end are those that the registers have, whatever was kept.
        self.program.loses = false;
        let pid = self.builtin(Builtin::Pid, span)?;
        let own = self.constant(ConstantKind::OwnPid);
        let other = self.b.compare(IntCC::NotEqual, pid, own);
        self.when(other, |lower| {
            let mark = lower.mark();
            match what {
                Recorded::Enter => lower.trace_call(kind, Edge::Enter, span)?,
                Recorded::Exit => lower.trace_call(kind, Edge::Exit, span)?,
                Recorded::Fork => lower.trace_fork(kind, span)?,
                Recorded::Exec => lower.trace_exec(kind, span)?,
                Recorded::End => lower.trace_end(kind, span)?,
            }
            lower.release(&mark);
            Ok(())
        })
    }

    fn trace_call(&mut self, kind: u32, edge: Edge, span: Span) -> Result<()> {
        // What the tracer adds to the time of a call is left out at its end, and cannot be at its beginning.
        let ended = (edge == Edge::Exit).then(|| self.b.call(helper::KTIME_GET_NS, &[]));
        let place = self.program.scratch.take(BEGIN + MOST);
        let state = self.scratch_at(place);
        let number = self.syscall_number()?;
        let call = self.encoded_call(number)?;
        self.cache(Cached::Call, call);
        let known = self.knows_arguments();
        if known {
            self.begin_capture(state, call)?;
        } else {
            for offset in (0..STATE).step_by(8) {
                self.b.store_int(state.plus(offset), 8, 0);
            }
        }
        if let Some(time) = ended {
            self.b.store_word(state.plus(STATE + TIME), time);
            let result = self.syscall_return();
            self.b.store_word(state.plus(RESULT), result);
        } else {
            self.b.store_int(state.plus(RESULT), 8, 0);
        }

        let record = state.plus(STATE);
        self.trace_thread(record, span)?;
        let fixed = record.plus(FIXED);
        let distance = self.b.shr_int(call, 32);
        let abi = self
            .b
            .add_int(distance, self.module.target.arch.abi() as i64);
        self.b.store(fixed, 2, abi);
        let flags = if known { 0 } else { TraceRecord::NO_ARGUMENTS };
        self.b.store_int(fixed.plus(2), 2, flags.into());
        self.b.store(fixed.plus(4), 4, number);
        let result = self.b.load_word(state.plus(RESULT));
        self.b.store_word(fixed.plus(8), result);
        for offset in (0..48).step_by(8) {
            let argument = self.b.load_word(state.plus(ARGUMENTS + offset));
            self.b.store_word(fixed.plus(16 + offset), argument);
        }
        // From here on the verifier shall know nothing of the call: it would go through what follows once for all that
        // it can tell apart.
        self.b.store_word(state.plus(AGAIN), call);
        let call = self.b.load_word(state.plus(AGAIN));
        self.b.store_int(state.plus(AGAIN), 8, 0);
        if known {
            match edge {
                Edge::Enter => self.trace_at_entry(state, call)?,
                Edge::Exit => self.trace_at_exit(state, call)?,
            }
        }
        let used = self.b.load_word(state.plus(USED));
        let size = self.b.add_int(used, (BEGIN - STATE).into());
        let size = self.b.clamp(size, (BEGIN - STATE + MOST).into());
        let time = ended.map(|_| self.b.load_word(record.plus(TIME)));
        self.send_traced(record, kind, size, time)
    }

    /// Adds the memory that the call reads; what cannot be read is tried again at its end.
    fn trace_at_entry(&mut self, state: Mem, call: Value) -> Result<()> {
        let when = self.b.int(TRACED_ENTRY as i64);
        self.capture(state, call, when, Routine::Trace)?;
        self.trace_strings(state, call)?;
        let used = self.b.load_word(state.plus(USED));
        let any = self.b.compare_int(IntCC::NotEqual, used, 0);
        self.when(any, |lower| {
            let begun = lower.begun();
            let entry = lower.task_entry(begun, Missing::Made)?;
            lower.when_found(entry, |lower, entry| {
                let entry = Mem::at(entry);
                let unread = lower.b.load_word(state.plus(UNREAD));
                lower.b.store_word(entry, unread);
                let mark = lower.b.add_int(call, 1);
                lower.b.store_word(entry.plus(BEGUN_CALL), mark);
                Ok(())
            })
        })
    }

    /// Adds arrays of strings.
    fn trace_strings(&mut self, state: Mem, call: Value) -> Result<()> {
        let groups = self.calls_with_strings();
        if groups.is_empty() {
            return Ok(());
        }
        let (found, after) = (self.b.block(), self.b.block());
        for (calls, array, environment) in groups {
            let (inside, next) = (self.b.block(), self.b.block());
            self.branch_calls(call, calls, inside, next);
            self.b.switch_to(inside);
            // Through memory, so that the verifier goes through the loops but once.
            self.b.store_int(state.plus(ARRAY), 8, array);
            self.b.store_int(state.plus(ENVIRONMENT), 8, environment);
            self.b.jump(found);
            self.b.switch_to(next);
        }
        self.b.jump(after);
        self.b.switch_to(found);
        for (place, routine) in [
            (ARRAY, Routine::TraceStrings),
            (ENVIRONMENT, Routine::TraceEnvironment),
        ] {
            let routine = routine::index(self.module, routine)?;
            let place = self.b.load_word(state.plus(place));
            let state = self.b.address(state);
            self.b.call_subprogram(routine, &[state, place]);
        }
        self.b.jump(after);
        self.b.switch_to(after);
        Ok(())
    }

    /// Adds the memory that the call wrote, and what was not read at its entry: because it could not be, or because the
    /// entry was not seen (refused by seccomp, or begun before the tracer).
    fn trace_at_exit(&mut self, state: Mem, call: Value) -> Result<()> {
        self.b.store_int(state.plus(AGAIN), 8, ALL_ARGUMENTS);
        let begun = self.begun();
        let entry = self.task_entry(begun, Missing::Null)?;
        self.when_found(entry, |lower, entry| {
            let entry = Mem::at(entry);
            let kept = lower.b.load_word(entry.plus(BEGUN_CALL));
            let mark = lower.b.add_int(call, 1);
            let same = lower.b.compare(IntCC::Equal, kept, mark);
            lower.when(same, |lower| {
                let unread = lower.b.load_word(entry);
                lower.b.store_word(state.plus(AGAIN), unread);
                Ok(())
            })?;
            lower.b.store_int(entry.plus(BEGUN_CALL), 8, 0);
            Ok(())
        })?;
        // All ones if the call failed.
        let result = self.b.load_word(state.plus(RESULT));
        let sixty_three = self.b.int(63);
        let failed = self.b.sar(result, sixty_three);
        let done = self.b.not(failed);
        let when = self.b.and_int(done, TRACED_EXIT as i64);
        let again = self.b.load_word(state.plus(AGAIN));
        let again = self.b.compare_int(IntCC::NotEqual, again, 0);
        let again = self.b.truth(again);
        let again = self.b.shl_int(again, TRACED_AGAIN.ilog2().into());
        let when = self.b.or(when, again);
        self.capture(state, call, when, Routine::Trace)
    }

    /// The map of calls of which memory was read, by task.
    fn begun(&mut self) -> u32 {
        if let Some(map) = self.module.begun {
            return map;
        }
        let map = self.task_map("begun", BEGUN_SIZE, BEGUN_TASKS);
        *self.module.begun.insert(map)
    }

    /// The calls of the probe that have an array of strings and an environment, with the places of both arguments.
    fn calls_with_strings(&self) -> Vec<(Vec<u64>, i64, i64)> {
        let native = self.module.target.arch.abi();
        let mut groups: Vec<(Vec<u64>, i64, i64)> = Vec::new();
        for (call, row) in plan::known(native) {
            let place = |wanted| {
                (0i64..6).find(|n| {
                    let shape = plan::shape(call, row, *n as usize);
                    matches!(shape, Some(Shape::Memory { what, .. }) if what == wanted)
                })
            };
            let places = place(Pointee::Strings).zip(place(Pointee::Environment));
            let Some((array, environment)) = places.filter(|_| self.sees(call)) else {
                continue;
            };
            let code = plan::encode(native, call);
            match groups.iter_mut().find(|group| group.1 == array) {
                Some(group) => group.0.push(code),
                None => groups.push((vec![code], array, environment)),
            }
        }
        groups
    }

    /// The call may run the probe.
    fn sees(&self, call: CallRef) -> bool {
        match &self.program.probe.hook {
            Hook::Syscall(SyscallHook {
                calls: SyscallSet::Some(calls),
                ..
            }) => calls.contains(&call),
            _ => true,
        }
    }

    /// The arguments at the end of a call stand in registers, which not every kernel shows on every hook.
    fn knows_arguments(&self) -> bool {
        let features = &self.module.target.features;
        self.program.event != Event::SyscallRecord(Edge::Exit)
            || (features.task_pt_regs && features.current_task_btf)
    }

    pub(super) fn trace_thread(&mut self, record: Mem, span: Span) -> Result<()> {
        const IDS: [Builtin; 6] = [
            Builtin::Pid,
            Builtin::Tid,
            Builtin::Ppid,
            Builtin::Uid,
            Builtin::Gid,
            Builtin::Cpu,
        ];
        let thread = record.plus(RecordHeader::SIZE);
        for (offset, id) in (0..).step_by(4).zip(IDS) {
            let value = self.builtin(id, span)?;
            self.b.store(thread.plus(offset), 4, value);
        }
        let cgroup = self.builtin(Builtin::Cgroup, span)?;
        self.b.store_word(thread.plus(24), cgroup);
        self.place_builtin(Builtin::Comm, thread.plus(32), span)
    }

    pub(super) fn send_traced(
        &mut self,
        record: Mem,
        kind: u32,
        size: Value,
        time: Option<Value>,
    ) -> Result<()> {
        let time = match time {
            Some(time) => time,
            None => self.b.call(helper::KTIME_GET_NS, &[]),
        };
        let header = Header { kind, size, time };
        self.send(record, header, Wake::Seldom, Counter::LostRecording)
    }
}
