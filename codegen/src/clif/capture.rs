//! Captured system calls: the call with the memory that belongs to its arguments, as
//! [`crate::object::CallRecord`] lays it out.
//!
//! What belongs to which argument stands in a table of constants, which one subprogram reads. Memory that a call
//! overwrites, or takes with it, is captured at entry and kept until the exit.

use super::build::{self, Build, Extend, Mem};
use super::entry::Missing;
use super::lower::{Lower, Result};
use super::memory;
use super::module::{Module, Subprogram};
use super::record::{Header, Wake};
use super::routine::{self, Routine};
use crate::helper;
use crate::namespace::EngineCall;
use crate::object::{CallRecord, Counter, RecordHeader};
use crate::plan::{self, Event, Keep};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Value};
use std::collections::HashMap;
use trapline_lang::hir::{Builtin, Edge};
use trapline_lang::source::Span;
use trapline_lang::syscall::shape::{Access, Length, Pointee, Shape};

// The state of a capture, in front of what it captures.
pub(super) const USED: u32 = 0;
pub(super) const PIECES: u32 = 8;
pub(super) const ARGUMENTS: u32 = 16;
pub(super) const RESULT: u32 = 64;
/// Bytes of a pointer of the process.
pub(super) const POINTER: u32 = 72;
pub(super) const WORD: u32 = 80;
/// At entry: the call, as [`trapline_lang::syscall::encode`] has it, plus one.
pub(super) const CALL: u32 = 88;
pub(super) const STATE: u32 = 96;

/// Where pieces begin at exit, behind the record's header and fixed part.
const AT_EXIT: u32 = STATE + RecordHeader::SIZE + CallRecord::FIXED_SIZE;
/// Where pieces may begin: a last one may reach [`CallRecord::NAME_BYTES`] further.
const AREA_AT_ENTRY: u32 = 4096;
const AREA_AT_EXIT: u32 = 12_160;
const CAPTURE_AT_EXIT: Routine = Routine::Capture {
    begin: AT_EXIT,
    area: AREA_AT_EXIT,
};
/// Room behind that.
const BEHIND: u32 = CallRecord::NAME_BYTES + 24;
/// Captures in flight, where tasks have no storage of their own.
const CAPTURES: u32 = 512;
/// Most bytes of a string of an array, and most of a structure.
const ARRAY_STRING: i64 = 256;
const STRUCTURE: u32 = 512;
/// Most variables of an environment that are counted.
pub(super) const VARIABLES: i64 = 256;

// When an argument is captured.
const KEPT: u64 = 1;
const SUCCEEDED: u64 = 2;
const FAILED: u64 = 4;
const ENTRY_ONLY: u64 = 8;
/// For a trace: when the call begins, when it has done something, and at its end if it was not read before.
pub(super) const TRACED_ENTRY: u64 = 16;
pub(super) const TRACED_EXIT: u64 = 32;
pub(super) const TRACED_AGAIN: u64 = 64;

// What is captured, and how its length is known.
pub(super) const STRING: u64 = 1;
pub(super) const STRINGS: u64 = 2;
pub(super) const ENVIRONMENT: u64 = 3;
pub(super) const BYTES: u64 = 4;
const BY_ARGUMENT: i64 = 1;
const BY_RESULT: i64 = 2;
const BEHIND_ARGUMENT: i64 = 3;

/// Numbers that the table knows.
const NUMBERS: u32 = 512;
/// Bytes of a row: a word for each argument.
const ROW: u32 = 48;
/// Where in what leads to a row its moments stand; the row's place is below.
const MOMENTS: u32 = 24;

/// Where the table lies in `.rodata`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    rows: u32,
    rows_size: u32,
    native: u32,
    compat: u32,
}

/// What to capture of an argument, as the subprogram reads it: what, when, how its length is known and by which
/// argument, a byte each; the unit of the length and the most bytes, two bytes each.
fn descriptor(shape: Shape, buffer: u32) -> u64 {
    let Shape::Memory {
        what,
        access,
        length,
    } = shape
    else {
        return 0;
    };
    let when = match access {
        Access::In => SUCCEEDED | FAILED | ENTRY_ONLY | TRACED_ENTRY | TRACED_AGAIN,
        Access::Out => SUCCEEDED | TRACED_EXIT,
        Access::InOut => KEPT | SUCCEEDED | ENTRY_ONLY | TRACED_ENTRY | TRACED_EXIT | TRACED_AGAIN,
        Access::Lost => KEPT | FAILED | ENTRY_ONLY | TRACED_ENTRY | TRACED_AGAIN,
    };
    let (kind, most) = match what {
        Pointee::String => (STRING, 0),
        Pointee::Strings => (STRINGS, 0),
        Pointee::Environment => (ENVIRONMENT, 0),
        Pointee::Bytes => (BYTES, buffer.min(CallRecord::NAME_BYTES)),
        Pointee::Structure(_) => (BYTES, STRUCTURE),
    };
    let (by, argument, unit) = match length {
        Length::Terminated => (0, 0, most),
        Length::Fixed(bytes) => (0, 0, bytes.min(most)),
        Length::Argument(n, unit) => (BY_ARGUMENT, n, unit),
        Length::Result(unit) => (BY_RESULT, 0, unit),
        Length::Behind(n) => (BEHIND_ARGUMENT, n, 1),
    };
    kind | when << 8
        | (by as u64) << 16
        | u64::from(argument) << 24
        | u64::from(unit.min(0xffff)) << 32
        | u64::from(most) << 48
}

/// The table of all calls, made when first asked for.
fn table(module: &mut Module<'_>) -> Table {
    if let Some(table) = module.capture_table {
        return table;
    }
    let native = module.target.arch.abi();
    let buffer = module.script.config.capture_bytes;
    let mut rows = vec![0u64; 6];
    let mut known = HashMap::from([([0u64; 6], 0u32)]);
    let mut index = [vec![0u32; NUMBERS as usize], vec![0u32; NUMBERS as usize]];
    for (call, row) in plan::known(native) {
        let foreign = call.abi != native;
        let Some(slot) = index[usize::from(foreign)].get_mut(call.number as usize) else {
            continue;
        };
        let mut words = [0; 6];
        for (n, word) in words.iter_mut().enumerate() {
            *word = plan::shape(call, row, n).map_or(0, |shape| descriptor(shape, buffer));
        }
        let at = *known.entry(words).or_insert_with(|| {
            rows.extend(words);
            rows.len() as u32 * 8 - ROW
        });
        let moments = words.iter().fold(0, |all, word| all | (word >> 8) as u8);
        *slot = at | u32::from(moments) << MOMENTS;
    }
    let bytes: Vec<u8> = rows.iter().flat_map(|word| word.to_le_bytes()).collect();
    let rows_size = bytes.len() as u32;
    let mut literal = |bytes: &[u8]| module.rodata.literal(bytes, bytes.len() as u32);
    let [native, compat] = index.map(|index| {
        let bytes: Vec<u8> = index.iter().flat_map(|at| at.to_le_bytes()).collect();
        literal(&bytes)
    });
    let table = Table {
        rows: literal(&bytes),
        rows_size,
        native,
        compat,
    };
    *module.capture_table.insert(table)
}

impl Lower<'_, '_, '_> {
    /// Sends the call of the event: a record of this kind, as long as what there is to tell.
    pub(super) fn call_record(&mut self, kind: u32, wake: Wake, span: Span) -> Result<()> {
        let mark = self.mark();
        let place = self.program.scratch.take(AT_EXIT + AREA_AT_EXIT + BEHIND);
        let state = self.scratch_at(place);
        let call = self.syscall()?;
        self.begin_capture(state, call)?;
        let result = self.syscall_return();
        self.b.store_word(state.plus(RESULT), result);
        let at_exit = self.program.event.edge() == Some(Edge::Exit);
        let when = if at_exit {
            if matches!(self.program.event, Event::Whole(_)) {
                self.capture_entry(state, call)?;
            }
            self.take_kept(state, call)?;
            let failed = self.b.compare_int(IntCC::SignedLessThan, result, 0);
            let (yes, no) = (self.b.int(FAILED as i64), self.b.int(SUCCEEDED as i64));
            self.b.select(failed, yes, no)
        } else {
            self.b.int(ENTRY_ONLY as i64)
        };
        self.capture(state, call, when, CAPTURE_AT_EXIT)?;

        let record = state.plus(STATE);
        let fixed = record.plus(RecordHeader::SIZE);
        let abi = self.syscall_abi()?;
        self.b.store(fixed, 4, abi);
        self.b.store(fixed.plus(4), 4, call);
        for n in 0..6 {
            let argument = self.b.load_word(state.plus(ARGUMENTS + 8 * n));
            self.b.store_word(fixed.plus(8 + 8 * n), argument);
        }
        self.b.store_word(fixed.plus(56), result);
        let latency = self.latency();
        self.b.store_word(fixed.plus(64), latency);
        let process = self.builtin(Builtin::Pid, span)?;
        self.b.store(fixed.plus(72), 4, process);
        let thread = self.builtin(Builtin::Tid, span)?;
        self.b.store(fixed.plus(76), 4, thread);
        let comm = self.comm()?;
        for offset in [0, 8] {
            let word = self.b.load_word(comm.plus(offset));
            self.b.store_word(fixed.plus(80 + offset), word);
        }
        let flags = if at_exit { 0 } else { CallRecord::NO_RESULT };
        self.b.store_int(fixed.plus(96), 4, flags.into());
        let pieces = self.b.load_word(state.plus(PIECES));
        self.b.store(fixed.plus(100), 4, pieces);

        let used = self.b.load_word(state.plus(USED));
        let size = self
            .b
            .add_int(used, (RecordHeader::SIZE + CallRecord::FIXED_SIZE).into());
        let most = RecordHeader::SIZE + CallRecord::FIXED_SIZE + AREA_AT_EXIT + BEHIND;
        let size = self.b.clamp(size, most.into());
        let time = self.b.call(helper::KTIME_GET_NS, &[]);
        let lost = Counter::LostEvents;
        self.send(record, Header { kind, size, time }, wake, lost)?;
        self.release(&mark);
        Ok(())
    }

    /// Captures what the call has overwritten, or taken with it, from an engine that knows what was there.
    fn capture_entry(&mut self, state: Mem, call: Value) -> Result<()> {
        let (entry, exit) = (self.b.int(0), self.b.int(1));
        self.b.engine(EngineCall::Moment, &[entry]);
        let when = self.b.int(KEPT as i64);
        self.capture(state, call, when, CAPTURE_AT_EXIT)?;
        self.b.engine(EngineCall::Moment, &[exit]);
        Ok(())
    }

    /// At entry: captures what the call will overwrite, or take with it.
    pub(super) fn keep_capture(&mut self, keep: &Keep, call: Value) -> Result<()> {
        if keep.captured.is_empty() {
            return Ok(());
        }
        let (inside, after) = (self.b.block(), self.b.block());
        self.branch_calls(call, keep.captured.iter().copied(), inside, after);
        self.b.switch_to(inside);
        self.enter_scope();
        let map = self.captures();
        let state = self.task_entry(map, Missing::Made)?;
        let found = self.b.compare_int(IntCC::NotEqual, state, 0);
        self.either(
            found,
            |lower| {
                let state = Mem::at(lower.b.anchor(state));
                lower.begin_capture(state, call)?;
                lower.b.store_int(state.plus(RESULT), 8, 0);
                let when = lower.b.int(KEPT as i64);
                let routine = Routine::Capture {
                    begin: STATE,
                    area: AREA_AT_ENTRY,
                };
                lower.capture(state, call, when, routine)?;
                let mark = lower.b.add_int(call, 1);
                lower.b.store_word(state.plus(CALL), mark);
                Ok(())
            },
            |lower| lower.count_failure(Counter::LostEntry),
        )?;
        self.leave_scope();
        self.b.jump(after);
        self.b.switch_to(after);
        Ok(())
    }

    fn captures(&mut self) -> u32 {
        if let Some(map) = self.module.captures {
            return map;
        }
        let map = self.task_map("captures", STATE + AREA_AT_ENTRY + BEHIND, CAPTURES);
        *self.module.captures.insert(map)
    }

    pub(super) fn begin_capture(&mut self, state: Mem, call: Value) -> Result<()> {
        self.b.store_int(state.plus(USED), 8, 0);
        self.b.store_int(state.plus(PIECES), 8, 0);
        for n in 0..6 {
            let argument = self.syscall_argument(n)?;
            self.b
                .store_word(state.plus(ARGUMENTS + 8 * u32::from(n)), argument);
        }
        let distance = self.b.shr_int(call, 32);
        let native = self.b.compare_int(IntCC::Equal, distance, 0);
        let (wide, narrow) = (self.b.int(8), self.b.int(4));
        let bytes = self.b.select(native, wide, narrow);
        self.b.store_word(state.plus(POINTER), bytes);
        Ok(())
    }

    /// Takes over what was captured at the entry of this call.
    fn take_kept(&mut self, state: Mem, call: Value) -> Result<()> {
        if !self.module.captures_entries {
            return Ok(());
        }
        let map = self.captures();
        let kept = self.task_entry(map, Missing::Null)?;
        self.when_found(kept, |lower, kept| {
            let kept = Mem::at(kept);
            let mark = lower.b.load_word(kept.plus(CALL));
            let wanted = lower.b.add_int(call, 1);
            let same = lower.b.compare(IntCC::Equal, mark, wanted);
            lower.when(same, |lower| {
                let used = lower.b.load_word(kept.plus(USED));
                let used = lower
                    .b
                    .clamp(used, (AREA_AT_ENTRY + CallRecord::NAME_BYTES).into());
                let to = state.plus(AT_EXIT);
                memory::copy_counted(&mut lower.b, to, kept.plus(STATE), used);
                lower.b.store_word(state.plus(USED), used);
                let pieces = lower.b.load_word(kept.plus(PIECES));
                lower.b.store_word(state.plus(PIECES), pieces);
                lower.b.store_int(kept.plus(CALL), 8, 0);
                Ok(())
            })
        })
    }

    /// Captures what belongs to each argument at this moment, as the routine does.
    pub(super) fn capture(
        &mut self,
        state: Mem,
        call: Value,
        when: Value,
        routine: Routine,
    ) -> Result<()> {
        let table = table(self.module);
        let routine = routine::index(self.module, routine)?;
        let distance = self.b.shr_int(call, 32);
        let number = self.b.extend(call, 32, Extend::Zero);
        let small = self
            .b
            .compare_int(IntCC::UnsignedLessThan, number, NUMBERS.into());
        self.when(small, |lower| {
            let index = lower.b.clamp(number, i64::from(NUMBERS) - 1);
            let offset = lower.b.shl_int(index, 2);
            let native = lower.b.compare_int(IntCC::Equal, distance, 0);
            let at = lower.choose(
                native,
                |lower| Ok(lower.constant_at(table.native, offset)),
                |lower| Ok(lower.constant_at(table.compat, offset)),
            )?;
            // Most calls have nothing to capture at most moments.
            let moments = lower.b.shr_int(at, MOMENTS.into());
            let moments = lower.b.and(moments, when);
            let any = lower.b.compare_int(IntCC::NotEqual, moments, 0);
            lower.when(any, |lower| {
                let at = lower.b.and_int(at, (1 << MOMENTS) - 1);
                let at = lower.b.clamp(at, (table.rows_size - ROW).into());
                let rows = lower.b.address(Mem::data(table.rows));
                let row = lower.b.add(rows, at);
                let state = lower.b.address(state);
                for n in 0..6 {
                    let n = lower.b.int(n);
                    lower.b.call_subprogram(routine, &[state, row, n, when]);
                }
                Ok(())
            })
        })
    }

    fn constant_at(&mut self, base: u32, offset: Value) -> Value {
        let base = self.b.address(Mem::data(base));
        let address = self.b.add(base, offset);
        self.b.load(Mem::at(address), 4, Extend::Zero)
    }
}

/// `(state, row, n, when)`: captures what belongs to an argument, if it is time. Pieces begin `begin` bytes behind
/// the state, and none begins `area` bytes further.
pub(super) fn routine(module: &mut Module<'_>, begin: u32, area: u32) -> Result<Subprogram> {
    let function = build::function(module.number_function(), 4, |mut b, params| {
        let (state, row, n, when) = (params[0], params[1], params[2], params[3]);
        let at = Mem::at(state);
        let index = b.clamp(n, 5);
        let offset = b.shl_int(index, 3);
        let word = Mem::at(b.add(row, offset));
        let word = b.load_word(word);
        let out = b.block();
        let (argument, used) = due(&mut b, (state, offset), word, when, area, out);

        let content = inside(
            &mut b,
            state,
            used,
            begin + CallRecord::PIECE_SIZE,
            area.into(),
        );
        let zero = b.int(0);
        let length = b.variable(zero);
        let done = b.block();
        let kind = b.and_int(word, 0xff);

        let (string, other) = (b.block(), b.block());
        let is = b.compare_int(IntCC::Equal, kind, STRING as i64);
        b.branch(is, string, other);
        b.switch_to(string);
        let size = b.int(CallRecord::NAME_BYTES.into());
        let returned = b.call(helper::PROBE_READ_USER_STR, &[content, size, argument]);
        b.set(length, returned);
        b.jump(done);

        b.switch_to(other);
        let (bytes, array) = (b.block(), b.block());
        let is = b.compare_int(IntCC::Equal, kind, BYTES as i64);
        b.branch(is, bytes, array);
        b.switch_to(bytes);
        let size = byte_length(&mut b, state, word);
        let size = b.clamp(size, CallRecord::NAME_BYTES.into());
        let returned = b.call(helper::PROBE_READ_USER, &[content, size, argument]);
        let failed = b.compare_int(IntCC::SignedLessThan, returned, 0);
        let read = b.select(failed, returned, size);
        b.set(length, read);
        b.jump(done);

        b.switch_to(array);
        let (strings, environment) = (b.block(), b.block());
        let is = b.compare_int(IntCC::Equal, kind, STRINGS as i64);
        b.branch(is, strings, environment);
        b.switch_to(strings);
        let first = b.add_int(used, CallRecord::PIECE_SIZE.into());
        let most = i64::from(CallRecord::STRINGS);
        pointers(&mut b, state, argument, most, |b, pointer, stop| {
            let before = b.get(length);
            let position = b.add(first, before);
            let room = b.compare_int(IntCC::UnsignedLessThan, position, area.into());
            go_on(b, room, stop);
            let to = inside(b, state, position, begin, area.into());
            let size = b.int(ARRAY_STRING);
            let returned = b.call(helper::PROBE_READ_USER_STR, &[to, size, pointer]);
            let read = b.compare_int(IntCC::SignedGreaterThan, returned, 0);
            go_on(b, read, stop);
            let after = b.add(before, returned);
            b.set(length, after);
        });
        // The array goes on: an empty string says so.
        let more = b.load_word(at.plus(WORD));
        let more = b.compare_int(IntCC::NotEqual, more, 0);
        let more = b.truth(more);
        let before = b.get(length);
        let position = b.add(first, before);
        let to = inside(
            &mut b,
            state,
            position,
            begin,
            i64::from(area + CallRecord::NAME_BYTES),
        );
        b.store_int(Mem::at(to), 1, 0);
        let total = b.add(before, more);
        b.set(length, total);
        b.jump(done);

        b.switch_to(environment);
        pointers(&mut b, state, argument, VARIABLES, |b, _, _| {
            let before = b.get(length);
            let after = b.add_int(before, 1);
            b.set(length, after);
        });
        let count = b.get(length);
        b.store_word(Mem::at(content), count);
        let eight = b.int(8);
        b.set(length, eight);
        b.jump(done);

        b.switch_to(done);
        let read = b.get(length);
        let piece = inside(&mut b, state, used, begin, area.into());
        let exit = b.and_int(when, (SUCCEEDED | FAILED) as i64);
        let exit = b.compare_int(IntCC::NotEqual, exit, 0);
        let exit = b.truth(exit);
        let exit = b.shl_int(exit, 8);
        let high = b.shl_int(read, 32);
        let head = b.or(index, exit);
        let head = b.or(head, high);
        b.store_word(Mem::at(piece), head);
        let pieces = b.load_word(at.plus(PIECES));
        let pieces = b.add_int(pieces, 1);
        b.store_word(at.plus(PIECES), pieces);
        let failed = b.compare_int(IntCC::SignedLessThan, read, 0);
        let zero = b.int(0);
        let read = b.select(failed, zero, read);
        let end = b.add(used, read);
        let end = b.add_int(end, CallRecord::PIECE_SIZE.into());
        let most = i64::from(area + CallRecord::NAME_BYTES + CallRecord::PIECE_SIZE);
        let end = b.clamp(end, most);
        let padding = Mem::at(b.add(state, end)).plus(begin);
        b.store_int(padding, 8, 0);
        let end = b.add_int(end, 7);
        let end = b.and_int(end, !7);
        b.store_word(at.plus(USED), end);
        b.jump(out);
        b.switch_to(out);
        b.return_int(0);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: format!("capture_{begin}"),
        function,
    })
}

/// The argument at an offset, and how many bytes have been captured; goes to `out` if it is not time for it, if it is null,
/// or if there is no more room.
pub(super) fn due(
    b: &mut Build<'_>,
    (state, offset): (Value, Value),
    word: Value,
    when: Value,
    area: u32,
    out: Block,
) -> (Value, Value) {
    let moments = b.shr_int(word, 8);
    let moments = b.and(moments, when);
    let moments = b.and_int(moments, 0xff);
    let now = b.compare_int(IntCC::NotEqual, moments, 0);
    go_on(b, now, out);
    let argument = Mem::at(b.add(state, offset)).plus(ARGUMENTS);
    let argument = b.load_word(argument);
    let there = b.compare_int(IntCC::NotEqual, argument, 0);
    go_on(b, there, out);
    let used = b.load_word(Mem::at(state).plus(USED));
    let room = b.compare_int(IntCC::UnsignedLessThan, used, area.into());
    go_on(b, room, out);
    (argument, used)
}

/// A pointer to the piece that begins there, at most `most` bytes behind `begin`.
pub(super) fn inside(
    b: &mut Build<'_>,
    state: Value,
    position: Value,
    begin: u32,
    most: i64,
) -> Value {
    let position = b.clamp(position, most);
    let pointer = b.add(state, position);
    b.add_int(pointer, begin.into())
}

pub(super) fn go_on(b: &mut Build<'_>, condition: Value, out: Block) {
    let next = b.block();
    b.branch(condition, next, out);
    b.switch_to(next);
}

/// How many bytes belong to an argument, by its descriptor.
pub(super) fn byte_length(b: &mut Build<'_>, state: Value, word: Value) -> Value {
    let at = Mem::at(state);
    let most = b.shr_int(word, 48);
    let unit = b.shr_int(word, 32);
    let unit = b.and_int(unit, 0xffff);
    let index = b.shr_int(word, 24);
    let index = b.and_int(index, 0xff);
    let index = b.clamp(index, 5);
    let offset = b.shl_int(index, 3);
    let argument = Mem::at(b.add(state, offset)).plus(ARGUMENTS);
    let argument = b.load_word(argument);
    let result = b.load_word(at.plus(RESULT));
    let by = b.shr_int(word, 16);
    let by = b.and_int(by, 0xff);
    let one = b.int(1);
    let count = b.variable(one);
    for (kind, value) in [(BY_ARGUMENT, argument), (BY_RESULT, result)] {
        let is = b.compare_int(IntCC::Equal, by, kind);
        let other = b.get(count);
        let chosen = b.select(is, value, other);
        b.set(count, chosen);
    }
    let (behind, done) = (b.block(), b.block());
    let is = b.compare_int(IntCC::Equal, by, BEHIND_ARGUMENT);
    b.branch(is, behind, done);
    b.switch_to(behind);
    b.store_int(at.plus(WORD), 8, 0);
    let to = b.address(at.plus(WORD));
    let size = b.int(4);
    b.call(helper::PROBE_READ_USER, &[to, size, argument]);
    let length = b.load_word(at.plus(WORD));
    b.set(count, length);
    b.jump(done);
    b.switch_to(done);
    // More than is captured is cut before it is multiplied.
    let count = b.get(count);
    let count = b.clamp(count, CallRecord::NAME_BYTES.into());
    let bytes = b.mul(count, unit);
    let below = b.compare(IntCC::UnsignedLessThan, bytes, most);
    b.select(below, bytes, most)
}

/// Runs something for each pointer of an array that ends with a null one, at most `most` times; leaves the next
/// pointer in the state.
pub(super) fn pointers(
    b: &mut Build<'_>,
    state: Value,
    array: Value,
    most: i64,
    each: impl FnOnce(&mut Build<'_>, Value, Block),
) {
    let word = Mem::at(state).plus(WORD);
    let bytes = b.load_word(Mem::at(state).plus(POINTER));
    let zero = b.int(0);
    let turn = b.variable(zero);
    let (head, body, stop) = (b.block(), b.block(), b.block());
    b.jump(head);
    b.switch_to(head);
    b.store_int(word, 8, 0);
    let index = b.get(turn);
    let offset = b.mul(index, bytes);
    let from = b.add(array, offset);
    let to = b.address(word);
    let size = b.clamp(bytes, 8);
    b.call(helper::PROBE_READ_USER, &[to, size, from]);
    let pointer = b.load_word(word);
    let there = b.compare_int(IntCC::NotEqual, pointer, 0);
    go_on(b, there, stop);
    let index = b.get(turn);
    let more = b.compare_int(IntCC::UnsignedLessThan, index, most);
    b.branch(more, body, stop);
    b.switch_to(body);
    each(b, pointer, stop);
    let index = b.get(turn);
    let index = b.add_int(index, 1);
    b.set(turn, index);
    b.jump(head);
    b.switch_to(stop);
}
