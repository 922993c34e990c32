//! The memory of a system call for a trace: a row of the table of captures in, pieces with their addresses out, as
//! [`crate::object::TraceRecord`] lays them out.
//!
//! A trace shall answer whoever reads the process's memory by address later. So an array of strings is the strings,
//! each at its own address, and the pointers to them. That the state lies in memory, where the verifier does not
//! follow it, keeps the number of paths small.

use super::build::{self, Build, Mem};
use super::capture::{
    ARGUMENTS, BYTES, CALL, PIECES, POINTER, RESULT, STATE, STRING, TRACED_AGAIN, USED, VARIABLES,
    byte_length, due, go_on, inside, pointers,
};
use super::lower::Result;
use super::module::{Module, Subprogram};
use crate::helper;
use crate::object::{CallRecord, RecordHeader, TraceRecord};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Value};

/// Where pieces begin, behind the state.
pub(super) const BEGIN: u32 =
    STATE + RecordHeader::SIZE + TraceRecord::THREAD_SIZE + TraceRecord::CALL_SIZE;
/// None begins so many bytes further, but for the pointers of an array.
const AREA: u32 = 11_264;
/// Most bytes of a string of an array.
const ARRAY_STRING: u32 = 1024;
/// Where the pointers may begin.
const LAST: u32 = AREA + ARRAY_STRING + TraceRecord::PIECE_SIZE;
/// Most bytes of all pieces.
pub(super) const MOST: u32 = LAST + TraceRecord::PIECE_SIZE + CallRecord::NAME_BYTES;
/// In the state at exit: the arguments that were not read at entry, a bit each.
pub(super) const AGAIN: u32 = CALL;
/// In the state at entry: which arguments are an array of strings and the environment.
pub(super) const ARRAY: u32 = RESULT;
pub(super) const ENVIRONMENT: u32 = CALL;
/// In the state, while an array is read: how many pointers it has.
const COUNT: u32 = RESULT;
/// In the state: the arguments that could not be read, a bit each.
pub(super) const UNREAD: u32 = PIECES;

/// `(state, row, n, when)`: adds what belongs to an argument, if it is time.
pub(super) fn routine(module: &mut Module<'_>) -> Result<Subprogram> {
    let function = build::function(module.number_function(), 4, |mut b, params| {
        let [state, row, n, when] = [0, 1, 2, 3].map(|param| params[param]);
        let at = Mem::at(state);
        let index = b.clamp(n, 5);
        let offset = b.shl_int(index, 3);
        let word = Mem::at(b.add(row, offset));
        let word = b.load_word(word);
        // Of those that are to be read again, only this one's bit counts.
        let again = b.load_word(at.plus(AGAIN));
        let again = b.shr(again, index);
        let again = b.and_int(again, 1);
        let again = b.shl_int(again, i64::from(TRACED_AGAIN.ilog2()));
        let when = b.and_int(when, !(TRACED_AGAIN as i64));
        let when = b.or(when, again);
        let out = b.block();
        let (argument, used) = due(&mut b, (state, offset), word, when, AREA, out);

        let kind = b.and_int(word, 0xff);
        let (string, other) = (b.block(), b.block());
        let is = b.compare_int(IntCC::Equal, kind, STRING as i64);
        b.branch(is, string, other);
        b.switch_to(string);
        let content = content(&mut b, state, used, AREA);
        let size = b.int(CallRecord::NAME_BYTES.into());
        let returned = b.call(helper::PROBE_READ_USER_STR, &[content, size, argument]);
        add(&mut b, state, Some(index), argument, returned);
        b.jump(out);

        b.switch_to(other);
        let bytes = b.block();
        let is = b.compare_int(IntCC::Equal, kind, BYTES as i64);
        b.branch(is, bytes, out);
        b.switch_to(bytes);
        let size = byte_length(&mut b, state, word);
        read_bytes(&mut b, state, Some(index), argument, size);
        b.jump(out);

        b.switch_to(out);
        b.return_int(0);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: "trace_memory".into(),
        function,
    })
}

/// `(state, n)`: adds the strings of an array that an argument points to, and the pointers to them. Apart from
/// [`routine`] because of its loop, which the verifier goes through wherever it is called.
pub(super) fn strings(module: &mut Module<'_>) -> Result<Subprogram> {
    let most = i64::from(CallRecord::STRINGS);
    array(module, "trace_strings", most, |b, state, pointer, stop| {
        let used = b.load_word(Mem::at(state).plus(USED));
        let room = b.compare_int(IntCC::UnsignedLessThan, used, AREA.into());
        go_on(b, room, stop);
        let to = content(b, state, used, AREA);
        let size = b.int(ARRAY_STRING.into());
        let returned = b.call(helper::PROBE_READ_USER_STR, &[to, size, pointer]);
        add(b, state, None, pointer, returned);
    })
}

/// `(state, n)`: adds the pointers of an array that an argument points to.
pub(super) fn environment(module: &mut Module<'_>) -> Result<Subprogram> {
    array(module, "trace_environment", VARIABLES, |_, _, _, _| {})
}

fn array(
    module: &mut Module<'_>,
    name: &str,
    most: i64,
    each: impl FnOnce(&mut Build<'_>, Value, Value, Block),
) -> Result<Subprogram> {
    let function = build::function(module.number_function(), 2, |mut b, params| {
        let state = params[0];
        let index = b.clamp(params[1], 5);
        let offset = b.shl_int(index, 3);
        let argument = Mem::at(b.add(state, offset)).plus(ARGUMENTS);
        let array = b.load_word(argument);
        let out = b.block();
        let there = b.compare_int(IntCC::NotEqual, array, 0);
        go_on(&mut b, there, out);
        add_pointers(&mut b, state, array, most, |b, pointer, stop| {
            each(b, state, pointer, stop);
        });
        b.jump(out);
        b.switch_to(out);
        b.return_int(0);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: name.into(),
        function,
    })
}

/// Does something with each pointer of an array, then adds all of them with the one that ends them.
fn add_pointers(
    b: &mut Build<'_>,
    state: Value,
    array: Value,
    most: i64,
    each: impl FnOnce(&mut Build<'_>, Value, Block),
) {
    let count = Mem::at(state).plus(COUNT);
    b.store_int(count, 8, 1);
    pointers(b, state, array, most, |b, pointer, stop| {
        each(b, pointer, stop);
        let next = b.load_word(count);
        let next = b.add_int(next, 1);
        b.store_word(count, next);
    });
    let bytes = b.load_word(Mem::at(state).plus(POINTER));
    let count = b.load_word(count);
    let count = b.clamp(count, VARIABLES + 1);
    let size = b.mul(count, bytes);
    read_bytes(b, state, None, array, size);
}

/// Where the bytes of the next piece go.
fn content(b: &mut Build<'_>, state: Value, used: Value, most: u32) -> Value {
    let begin = BEGIN + TraceRecord::PIECE_SIZE;
    inside(b, state, used, begin, most.into())
}

/// Adds so many bytes of the process.
fn read_bytes(
    b: &mut Build<'_>,
    state: Value,
    argument: Option<Value>,
    address: Value,
    size: Value,
) {
    let used = b.load_word(Mem::at(state).plus(USED));
    let to = content(b, state, used, LAST);
    let size = b.clamp(size, CallRecord::NAME_BYTES.into());
    let returned = b.call(helper::PROBE_READ_USER, &[to, size, address]);
    let failed = b.compare_int(IntCC::SignedLessThan, returned, 0);
    let read = b.select(failed, returned, size);
    add(b, state, argument, address, read);
}

/// Adds the piece whose bytes stand where they belong: so many, or a negative error number; then the argument, if it is
/// one, shall be read again.
fn add(b: &mut Build<'_>, state: Value, argument: Option<Value>, address: Value, read: Value) {
    let at = Mem::at(state);
    let used = b.load_word(at.plus(USED));
    let piece = Mem::at(inside(b, state, used, BEGIN, LAST.into()));
    b.store_word(piece, address);
    let failed = b.compare_int(IntCC::SignedLessThan, read, 0);
    let failed = b.truth(failed);
    // All ones if it failed.
    let mask = b.neg(failed);
    let bytes = b.not(mask);
    let length = b.and(read, bytes);
    let error = b.neg(read);
    let error = b.and(error, mask);
    b.store(piece.plus(8), 4, length);
    b.store(piece.plus(12), 4, error);
    let end = b.add(used, length);
    let end = b.add_int(end, TraceRecord::PIECE_SIZE.into());
    b.store_word(at.plus(USED), end);
    if let Some(argument) = argument {
        let unread = b.load_word(at.plus(UNREAD));
        let bit = b.shl(failed, argument);
        let unread = b.or(unread, bit);
        b.store_word(at.plus(UNREAD), unread);
    }
}
