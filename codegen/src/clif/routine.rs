//! Subprograms that many places call, so that what happens rarely takes little room in programs.

use super::build::{self, Build, Extend, Mem};
use super::capture;
use super::lower::Result;
use super::memory::{self, Side};
use super::module::{Module, Subprogram};
use super::record;
use super::trace_memory;
use crate::helper;
use crate::namespace::Intrinsic;
use crate::object::{Counter, RecordHeader};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AtomicRmwOp, Value};

/// A subprogram by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Routine {
    /// `(counter)`: counts that something went wrong.
    CountFailure,
    /// `(key)`: makes an entry of zeros in a hash (a kernel map, by index) and gives a pointer to its
    /// value, or null.
    MakeEntry {
        /// The hash.
        hash: u32,
    },
    /// `(kind, value)`: sends a record of one word.
    Tell,
    /// `()`: 1 if there may be one more record this second, else 0, which is counted.
    Allow,
    /// `(state, row, n, when)`: captures what belongs to an argument of a system call.
    Capture {
        /// Where what is captured begins, behind the state.
        begin: u32,
        /// How far on pieces may begin.
        area: u32,
    },
    /// The same for a trace: pieces by their addresses.
    Trace,
    /// `(state, n)`: the strings of an array that an argument of `execve` points to, and the pointers to them.
    TraceStrings,
    /// `(state, n)`: the pointers of such an array alone.
    TraceEnvironment,
    /// `(left, right)`: zero if as many bytes at two multiples of 8 are equal.
    Compare {
        /// How many.
        size: u32,
    },
}

/// The index of a routine among the subprograms; it is made when first asked for.
pub(crate) fn index(module: &mut Module<'_>, routine: Routine) -> Result<u32> {
    if let Some(index) = module.routines.get(&routine) {
        return Ok(*index);
    }
    let subprogram = match routine {
        Routine::CountFailure => count_failure(module)?,
        Routine::MakeEntry { hash } => make_entry(module, hash)?,
        Routine::Tell => tell(module)?,
        Routine::Allow => allow(module)?,
        Routine::Capture { begin, area } => capture::routine(module, begin, area)?,
        Routine::Trace => trace_memory::routine(module)?,
        Routine::TraceStrings => trace_memory::strings(module)?,
        Routine::TraceEnvironment => trace_memory::environment(module)?,
        Routine::Compare { size } => compare(module, size)?,
    };
    let index = module.add_subprogram(subprogram);
    module.routines.insert(routine, index);
    Ok(index)
}

fn count_failure(module: &mut Module<'_>) -> Result<Subprogram> {
    let map = module.counters();
    let function = build::function(module.number_function(), 1, |mut b, params| {
        let key = b.own_slot();
        b.store(key, 4, params[0]);
        let pointer = look_up(&mut b, map, key);
        let (found, done) = (b.block(), b.block());
        let there = b.compare_int(IntCC::NotEqual, pointer, 0);
        b.branch(there, found, done);
        b.switch_to(found);
        let counter = Mem::at(b.anchor(pointer));
        let count = b.load_word(counter);
        let count = b.add_int(count, 1);
        b.store_word(counter, count);
        b.jump(done);
        b.switch_to(done);
        b.return_int(0);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: "count_failure".into(),
        function,
    })
}

/// An entry is made only if nobody else has made it in the meantime, and looked up again, so that no
/// CPU's first count is lost.
fn make_entry(module: &mut Module<'_>, hash: u32) -> Result<Subprogram> {
    let failure = index(module, Routine::CountFailure)?;
    let map = &module.kernel_maps[hash as usize];
    let name = format!("make_{}", map.name);
    let zeros = Mem::data(module.rodata.zeros(map.value_size));
    let function = build::function(module.number_function(), 1, |mut b, params| {
        let key = Mem::at(params[0]);
        let returned = update(&mut b, hash, key, zeros, helper::NOEXIST);
        let (failed, full, look) = (b.block(), b.block(), b.block());
        let made = b.compare_int(IntCC::Equal, returned, 0);
        b.branch(made, look, failed);

        b.switch_to(failed);
        let there = b.compare_int(IntCC::Equal, returned, helper::ALREADY_EXISTS);
        b.branch(there, look, full);

        b.switch_to(full);
        let counter = update_failure(&mut b, returned);
        b.call_subprogram(failure, &[counter]);
        b.return_int(0);

        b.switch_to(look);
        let pointer = look_up(&mut b, hash, key);
        let (found, missed) = (b.block(), b.block());
        let there = b.compare_int(IntCC::NotEqual, pointer, 0);
        b.branch(there, found, missed);

        b.switch_to(missed);
        let counter = b.int(Counter::MissedUpdate as i64);
        b.call_subprogram(failure, &[counter]);
        b.return_int(0);

        b.switch_to(found);
        let pointer = b.anchor(pointer);
        b.return_value(pointer);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram { name, function })
}

/// Records of this kind are rare: the buffer decides when to wake the reader.
fn tell(module: &mut Module<'_>) -> Result<Subprogram> {
    const SIZE: i64 = RecordHeader::SIZE as i64 + 8;
    let failure = index(module, Routine::CountFailure)?;
    let ring = module.ring_buffer();
    let function = build::function(module.number_function(), 2, |mut b, params| {
        let map = b.map(ring);
        let size = b.int(SIZE);
        let flags = b.int(0);
        let pointer = b.call(helper::RINGBUF_RESERVE, &[map, size, flags]);
        let (reserved, full) = (b.block(), b.block());
        let there = b.compare_int(IntCC::NotEqual, pointer, 0);
        b.branch(there, reserved, full);

        b.switch_to(full);
        let counter = b.int(Counter::LostEvents as i64);
        b.call_subprogram(failure, &[counter]);
        b.return_int(0);

        b.switch_to(reserved);
        let pointer = b.anchor(pointer);
        let record = Mem::at(pointer);
        b.store_int(record.plus(record::LENGTH), 4, SIZE);
        b.store(record.plus(record::KIND), 4, params[0]);
        let time = b.call(helper::KTIME_GET_NS, &[]);
        b.store_word(record.plus(record::TIME), time);
        b.store_word(record.plus(RecordHeader::SIZE), params[1]);
        let flags = b.int(0);
        b.call(helper::RINGBUF_SUBMIT, &[pointer, flags]);
        b.return_int(0);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: "tell".into(),
        function,
    })
}

/// Two CPUs at the turn of a second may let a few records more pass.
fn allow(module: &mut Module<'_>) -> Result<Subprogram> {
    const SECOND: i64 = 1_000_000_000;
    let failure = index(module, Routine::CountFailure)?;
    let map = module.rate();
    let limit = module.script.config.rate.unwrap_or(u32::MAX);
    let function = build::function(module.number_function(), 0, |mut b, _| {
        let key = b.own_slot();
        b.store_int(key, 4, 0);
        let pointer = look_up(&mut b, map, key);
        let (found, denied) = (b.block(), b.block());
        let there = b.compare_int(IntCC::NotEqual, pointer, 0);
        b.branch(there, found, denied);

        b.switch_to(found);
        let window = Mem::at(b.anchor(pointer));
        let now = b.call(helper::KTIME_GET_NS, &[]);
        let length = b.int(SECOND);
        let second = b.intrinsic(Intrinsic::Udiv, &[now, length]);
        let last = b.load_word(window);
        let (turned, count) = (b.block(), b.block());
        let same = b.compare(IntCC::Equal, last, second);
        b.branch(same, count, turned);

        b.switch_to(turned);
        b.store_word(window, second);
        b.store_int(window.plus(8), 8, 0);
        b.jump(count);

        b.switch_to(count);
        let allowed = b.block();
        let number = b.load_word(window.plus(8));
        let fits = b.compare_int(IntCC::UnsignedLessThan, number, limit.into());
        b.branch(fits, allowed, denied);

        b.switch_to(allowed);
        let one = b.int(1);
        b.atomic(AtomicRmwOp::Add, window.plus(8), 8, one);
        b.return_int(1);

        b.switch_to(denied);
        let counter = b.int(Counter::RateLimited as i64);
        b.call_subprogram(failure, &[counter]);
        b.return_int(0);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: "allow".into(),
        function,
    })
}

/// Long values are compared in a loop, of which the verifier sees every turn: straight code would need
/// more registers than there are.
fn compare(module: &mut Module<'_>, size: u32) -> Result<Subprogram> {
    /// Bytes that are compared in one turn.
    const TURN: u32 = 64;
    let turns = size / TURN * TURN;
    let function = build::function(module.number_function(), 2, |mut b, params| {
        let zero = b.int(0);
        let at = b.variable(zero);
        let (head, body) = (b.block(), b.block());
        let (differs, next, rest) = (b.block(), b.block(), b.block());
        b.jump(head);

        b.switch_to(head);
        let offset = b.get(at);
        let more = b.compare_int(IntCC::UnsignedLessThan, offset, turns.into());
        b.branch(more, body, rest);

        b.switch_to(body);
        let offset = b.get(at);
        let left = Mem::at(b.add(params[0], offset));
        let right = Mem::at(b.add(params[1], offset));
        let difference = memory::difference(&mut b, Side::Memory(left), Side::Memory(right), TURN);
        let different = b.compare_int(IntCC::NotEqual, difference, 0);
        b.branch(different, differs, next);

        b.switch_to(differs);
        b.return_int(1);

        b.switch_to(next);
        let offset = b.get(at);
        let offset = b.add_int(offset, TURN.into());
        b.set(at, offset);
        b.jump(head);

        b.switch_to(rest);
        let left = Side::Memory(Mem::at(params[0]).plus(turns));
        let right = Side::Memory(Mem::at(params[1]).plus(turns));
        let difference = memory::difference(&mut b, left, right, size - turns);
        b.return_value(difference);
        b.finish();
        Ok(())
    })?;
    Ok(Subprogram {
        name: format!("compare_{size}"),
        function,
    })
}

/// A pointer to a key's value, or null.
pub(crate) fn look_up(b: &mut Build<'_>, map: u32, key: Mem) -> Value {
    let map = b.map(map);
    let key = b.address(key);
    b.call(helper::MAP_LOOKUP_ELEM, &[map, key])
}

/// Sets a key's value; gives 0 or a negative error.
pub(crate) fn update(b: &mut Build<'_>, map: u32, key: Mem, value: Mem, flags: i64) -> Value {
    let map = b.map(map);
    let key = b.address(key);
    let value = b.address(value);
    let flags = b.int(flags);
    let returned = b.call(helper::MAP_UPDATE_ELEM, &[map, key, value, flags]);
    // Up to Linux 6.3 programs call the map's own function, which gives an `int`: above it stand zeros.
    b.extend(returned, 32, Extend::Sign)
}

/// What a failed update counts as. Other reasons than a full map come and go: an interrupted program holds the
/// lock of the bucket.
pub(crate) fn update_failure(b: &mut Build<'_>, returned: Value) -> Value {
    let (full, missed) = (
        b.int(Counter::MapFull as i64),
        b.int(Counter::MissedUpdate as i64),
    );
    let too_big = b.compare_int(IntCC::Equal, returned, helper::TOO_BIG);
    let counter = b.select(too_big, full, missed);
    let no_memory = b.compare_int(IntCC::Equal, returned, helper::NO_MEMORY);
    b.select(no_memory, full, counter)
}
