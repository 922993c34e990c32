//! Threads that come and go, for a trace: raw tracepoints of the scheduler in, a record each out.
//!
//! They tell of tasks by the kernel's structures. Ids are those of the tracer's pid namespace, as far as it has one for
//! the task.

use super::build::{Extend, Mem};
use super::lower::{Lower, Result};
use super::trace::FIXED;
use crate::helper;
use crate::object::{CallRecord, TraceRecord};
use crate::target::Lifecycle;
use cranelift_codegen::ir::Value;
use cranelift_codegen::ir::condcodes::IntCC;
use trapline_lang::hir::Builtin;
use trapline_lang::source::Span;

/// How deep below the first pid namespace the tracer may be.
const LEVELS: u32 = 4;

impl Lower<'_, '_, '_> {
    pub(super) fn trace_fork(&mut self, kind: u32, span: Span) -> Result<()> {
        let offsets = self.lifecycle(span)?;
        let Some(real_parent) = self.module.target.offsets.task_real_parent else {
            return self.no_types(span);
        };
        let size = FIXED + TraceRecord::CHILD_SIZE;
        let place = self.program.scratch.take(size);
        let record = self.scratch_at(place);
        self.trace_thread(record, span)?;
        let fixed = record.plus(FIXED);
        let child = self.word(1);
        let level = self.tracer_level(span)?;
        let process = self.process_number(child, level, span)?;
        let thread = self.thread_number(child, level, offsets, span)?;
        let parent = self.read_kernel_word(child, real_parent, 8)?;
        let parent = self.process_number(parent, level, span)?;
        for (offset, id) in [(0, process), (4, thread), (8, parent)] {
            self.b.store(fixed.plus(offset), 4, id);
        }
        self.b.store_int(fixed.plus(12), 4, 0);
        for part in [0, 8] {
            let name = self.read_kernel_word(child, offsets.task_comm + part, 8)?;
            self.b.store_word(fixed.plus(16 + part), name);
        }
        let size = self.b.int(size.into());
        self.send_traced(record, kind, size, None)
    }

    pub(super) fn trace_exec(&mut self, kind: u32, span: Span) -> Result<()> {
        let offsets = self.lifecycle(span)?;
        let most = FIXED + TraceRecord::WORD_SIZE + CallRecord::NAME_BYTES;
        let place = self.program.scratch.take(most);
        let record = self.scratch_at(place);
        self.trace_thread(record, span)?;
        let fixed = record.plus(FIXED);
        let old = self.word(1);
        let old = self.b.extend(old, 32, Extend::Zero);
        let inside = self.in_pid_namespace();
        let old = self.choose(
            inside,
            |lower| {
                // What it was in this namespace is known only if it is the same.
                let both = lower.b.call(helper::GET_CURRENT_PID_TGID, &[]);
                let own = lower.b.extend(both, 32, Extend::Zero);
                let same = lower.b.compare(IntCC::Equal, own, old);
                let thread = lower.builtin(Builtin::Tid, span)?;
                let unknown = lower.b.int(0);
                Ok(lower.b.select(same, thread, unknown))
            },
            |_| Ok(old),
        )?;
        self.b.store(fixed, 4, old);
        self.b.store_int(fixed.plus(4), 4, 0);
        let program = self.word(2);
        let name = self.read_kernel_word(program, offsets.program_name, 8)?;
        let to = self.b.address(fixed.plus(TraceRecord::WORD_SIZE));
        let room = self.b.int(CallRecord::NAME_BYTES.into());
        let returned = self
            .b
            .call(helper::PROBE_READ_KERNEL_STR, &[to, room, name]);
        let failed = self.b.compare_int(IntCC::SignedLessThan, returned, 0);
        let nothing = self.b.int(0);
        let length = self.b.select(failed, nothing, returned);
        let length = self.b.clamp(length, CallRecord::NAME_BYTES.into());
        let size = self
            .b
            .add_int(length, (FIXED + TraceRecord::WORD_SIZE).into());
        self.send_traced(record, kind, size, None)
    }

    pub(super) fn trace_end(&mut self, kind: u32, span: Span) -> Result<()> {
        let offsets = self.lifecycle(span)?;
        let size = FIXED + TraceRecord::WORD_SIZE;
        let place = self.program.scratch.take(size);
        let record = self.scratch_at(place);
        self.trace_thread(record, span)?;
        let signal = self.task_word(offsets.task_signal, 8)?;
        let live = self.read_kernel_word(signal, offsets.live, 4)?;
        let last = self.b.compare_int(IntCC::Equal, live, 0);
        let last = self.b.truth(last);
        self.b.store_word(record.plus(FIXED), last);
        let size = self.b.int(size.into());
        self.send_traced(record, kind, size, None)
    }

    fn lifecycle(&self, span: Span) -> Result<Lifecycle> {
        match self.module.target.offsets.lifecycle {
            Some(offsets) => Ok(offsets),
            None => self.no_types(span),
        }
    }

    fn no_types<T>(&self, span: Span) -> Result<T> {
        self.kernel_lacks("recording", "its own types (CONFIG_DEBUG_INFO_BTF)", span)
    }

    /// An argument of a raw tracepoint.
    fn word(&mut self, n: u32) -> Value {
        let context = self.context();
        self.b.load_word(Mem::at(context).plus(8 * n))
    }

    /// How far the tracer's pid namespace lies below the first: where the current thread has the number that the
    /// tracer knows it by.
    fn tracer_level(&mut self, span: Span) -> Result<Value> {
        let offsets = self.module.target.offsets.clone();
        let (Some(pid), Some(deepest), Some(numbers), Some(nr), Some(size)) = (
            offsets.task_thread_pid,
            offsets.pid_level,
            offsets.pid_numbers,
            offsets.upid_nr,
            offsets.upid_size,
        ) else {
            return self.no_types(span);
        };
        let inside = self.in_pid_namespace();
        let thread = self.builtin(Builtin::Tid, span)?;
        self.choose(
            inside,
            |lower| {
                let pid = lower.task_word(pid, 8)?;
                let deepest = lower.read_kernel_word(pid, deepest, 4)?;
                let mut found = lower.b.int(0);
                for level in 1..=LEVELS {
                    let number = lower.read_kernel_word(pid, numbers + nr + level * size, 4)?;
                    let same = lower.b.compare(IntCC::Equal, number, thread);
                    let here = lower.b.int(level.into());
                    let further = lower.b.select(same, here, found);
                    let exists = lower.b.compare_int(
                        IntCC::UnsignedGreaterThanOrEqual,
                        deepest,
                        level.into(),
                    );
                    found = lower.b.select(exists, further, found);
                }
                Ok(found)
            },
            |lower| Ok(lower.b.int(0)),
        )
    }

    /// The id of a task's process in the namespace of that level.
    fn process_number(&mut self, task: Value, level: Value, span: Span) -> Result<Value> {
        let offsets = self.module.target.offsets.clone();
        let (Some(leader), Some(tgid)) = (offsets.task_group_leader, offsets.task_tgid) else {
            return self.no_types(span);
        };
        let first = self.b.compare_int(IntCC::Equal, level, 0);
        self.choose(
            first,
            |lower| lower.read_kernel_word(task, tgid, 4),
            |lower| {
                let leader = lower.read_kernel_word(task, leader, 8)?;
                lower.number_at(leader, level, span)
            },
        )
    }

    /// The same of the task itself.
    fn thread_number(
        &mut self,
        task: Value,
        level: Value,
        offsets: Lifecycle,
        span: Span,
    ) -> Result<Value> {
        let first = self.b.compare_int(IntCC::Equal, level, 0);
        self.choose(
            first,
            |lower| lower.read_kernel_word(task, offsets.task_pid, 4),
            |lower| lower.number_at(task, level, span),
        )
    }

    fn number_at(&mut self, task: Value, level: Value, span: Span) -> Result<Value> {
        let offsets = self.module.target.offsets.clone();
        let (Some(pid), Some(numbers), Some(nr), Some(size)) = (
            offsets.task_thread_pid,
            offsets.pid_numbers,
            offsets.upid_nr,
            offsets.upid_size,
        ) else {
            return self.no_types(span);
        };
        let pid = self.read_kernel_word(task, pid, 8)?;
        let size = self.b.int(size.into());
        let offset = self.b.mul(level, size);
        let number = self.b.add(pid, offset);
        self.read_kernel_word(number, numbers + nr, 4)
    }
}
