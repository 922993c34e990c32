//! What BPF helpers do, for native programs: a row for each, and the functions behind them.
//!
//! Programs are made by our own code generator, which the kernel's verifier sees in its other shape: pointers that they
//! hand over are as large as they say. Nothing here believes an address of the traced process.

use super::reach::Moment;
use super::state::State;
use crate::process;
use std::cell::Cell;
use std::{ptr, slice};
use trapline_codegen::helper as number;
use trapline_codegen::namespace::EngineCall;
use trapline_codegen::native::{Callback, Helpers};

thread_local! {
    /// The state of the machine that runs a program on this thread; null between programs.
    static CURRENT: Cell<*mut State> = const { Cell::new(ptr::null_mut()) };
}

/// Lets programs that `run` starts on this thread work on a state.
pub(super) fn with_state(state: &mut State, run: impl FnOnce()) {
    let before = CURRENT.replace(state);
    run();
    CURRENT.set(before);
}

/// The state of the program that calls. The reference must not outlive a call back into the program.
fn state<'s>() -> &'s mut State {
    // SAFETY: helpers run only inside `with_state`, whose borrow is exclusive, and no two of them at once.
    unsafe { &mut *CURRENT.get() }
}

/// The addresses of the functions below.
pub(super) struct Table;

impl Helpers for Table {
    fn helper(&self, number: u32) -> Option<*const u8> {
        let row = HELPERS.iter().find(|(known, _)| *known == number);
        row.map(|(_, function)| function.address())
    }

    fn engine(&self, call: EngineCall) -> Option<*const u8> {
        Some(match call {
            EngineCall::Parent => Function::None(parent),
            EngineCall::Followed => Function::None(followed),
            EngineCall::Moment => Function::One(moment),
            EngineCall::ParentName => Function::Two(parent_name),
        })
        .map(|function| function.address())
    }

    fn copy(&self) -> *const u8 {
        Function::Three(copy).address()
    }

    fn copy_string(&self) -> *const u8 {
        Function::Three(copy_string).address()
    }
}

/// A helper by the number of its parameters.
#[derive(Clone, Copy)]
enum Function {
    None(extern "C" fn() -> u64),
    One(extern "C" fn(u64) -> u64),
    Two(extern "C" fn(u64, u64) -> u64),
    Three(extern "C" fn(u64, u64, u64) -> u64),
    Four(extern "C" fn(u64, u64, u64, u64) -> u64),
}

impl Function {
    fn address(self) -> *const u8 {
        match self {
            Self::None(function) => function as *const u8,
            Self::One(function) => function as *const u8,
            Self::Two(function) => function as *const u8,
            Self::Three(function) => function as *const u8,
            Self::Four(function) => function as *const u8,
        }
    }
}

#[rustfmt::skip]
static HELPERS: &[(u32, Function)] = &[
    (number::MAP_LOOKUP_ELEM, Function::Two(map_lookup)),
    (number::MAP_UPDATE_ELEM, Function::Four(map_update)),
    (number::MAP_DELETE_ELEM, Function::Two(map_delete)),
    (number::MAP_LOOKUP_PERCPU_ELEM, Function::Three(map_lookup_percpu)),
    (number::FOR_EACH_MAP_ELEM, Function::Four(for_each_map_elem)),
    (number::LOOP, Function::Four(loop_)),
    (number::KTIME_GET_NS, Function::None(monotonic)),
    (number::KTIME_GET_BOOT_NS, Function::None(boot)),
    (number::KTIME_GET_TAI_NS, Function::None(tai)),
    (number::GET_PRANDOM_U32, Function::None(random)),
    (number::GET_SMP_PROCESSOR_ID, Function::None(processor)),
    (number::GET_CURRENT_PID_TGID, Function::None(pid_tgid)),
    (number::GET_CURRENT_UID_GID, Function::None(uid_gid)),
    (number::GET_CURRENT_COMM, Function::Two(comm)),
    (number::GET_CURRENT_CGROUP_ID, Function::None(cgroup)),
    (number::GET_ATTACH_COOKIE, Function::One(cookie)),
    (number::PROBE_READ_USER, Function::Three(read_user)),
    (number::PROBE_READ_USER_STR, Function::Three(read_user_string)),
    (number::PROBE_READ_KERNEL, Function::Three(read_kernel)),
    (number::PROBE_READ_KERNEL_STR, Function::Three(read_kernel_string)),
    (number::RINGBUF_RESERVE, Function::Three(ring_reserve)),
    (number::RINGBUF_SUBMIT, Function::Two(ring_submit)),
    (number::RINGBUF_OUTPUT, Function::Four(ring_output)),
    (number::RINGBUF_QUERY, Function::Two(ring_query)),
];

/// `-EFAULT`, as helpers give it.
const BAD_ADDRESS: u64 = -14i64 as u64;

/// Bytes that the program hands over.
fn bytes<'p>(pointer: u64, size: usize) -> &'p [u8] {
    // SAFETY: programs hand over pointers to as many bytes of their own.
    unsafe { slice::from_raw_parts(pointer as *const u8, size) }
}

/// Bytes that the program wants filled.
fn room<'p>(pointer: u64, size: usize) -> &'p mut [u8] {
    // SAFETY: as in `bytes`, and nobody else looks at them meanwhile.
    unsafe { slice::from_raw_parts_mut(pointer as *mut u8, size) }
}

extern "C" fn copy(to: u64, size: u64, from: u64) -> u64 {
    // SAFETY: as in `bytes`; whether they overlap does not matter.
    unsafe { ptr::copy(from as *const u8, to as *mut u8, size as usize) };
    0
}

extern "C" fn copy_string(to: u64, size: u64, from: u64) -> u64 {
    let mut length = 0;
    while length + 1 < size {
        // SAFETY: programs copy strings of their own, which have a NUL if they are shorter than this.
        let byte = unsafe { *((from + length) as *const u8) };
        // SAFETY: there is room for as many bytes.
        unsafe { *((to + length) as *mut u8) = byte };
        length += 1;
        if byte == 0 {
            return length;
        }
    }
    if size > 0 {
        // SAFETY: there is room for as many bytes.
        unsafe { *((to + length) as *mut u8) = 0 };
        length += 1;
    }
    length
}

// Maps, by their place in the manifest

extern "C" fn map_lookup(map: u64, key: u64) -> u64 {
    let map = &mut state().maps[map as usize];
    let key = bytes(key, map.key_size());
    map.look_up(key) as u64
}

extern "C" fn map_update(map: u64, key: u64, value: u64, flags: u64) -> u64 {
    let map = &mut state().maps[map as usize];
    let key = bytes(key, map.key_size());
    let value = bytes(value, map.value_size());
    map.update(key, value, flags) as u64
}

extern "C" fn map_delete(map: u64, key: u64) -> u64 {
    let map = &mut state().maps[map as usize];
    let key = bytes(key, map.key_size());
    map.delete(key) as u64
}

/// There is one CPU.
extern "C" fn map_lookup_percpu(map: u64, key: u64, cpu: u64) -> u64 {
    match cpu {
        0 => map_lookup(map, key),
        _ => 0,
    }
}

/// Entries that come while the loop runs are left out, those that go are not visited any more.
extern "C" fn for_each_map_elem(map: u64, body: u64, context: u64, _flags: u64) -> u64 {
    let keys = state().maps[map as usize].keys();
    let mut visited = 0;
    for key in keys {
        let value = state().maps[map as usize].look_up(&key) as u64;
        if value == 0 {
            continue;
        }
        visited += 1;
        if call(body, [map, key.as_ptr() as u64, value, context]) != 0 {
            break;
        }
    }
    visited
}

extern "C" fn loop_(times: u64, body: u64, context: u64, _flags: u64) -> u64 {
    for turn in 0..times {
        if call(body, [turn, context, 0, 0]) != 0 {
            return turn + 1;
        }
    }
    times
}

fn call(body: u64, [a, b, c, d]: [u64; 4]) -> u64 {
    // SAFETY: programs hand over functions of their own, which leave parameters alone that they do not have.
    let body: Callback = unsafe { std::mem::transmute(body as *const u8) };
    body(a, b, c, d)
}

// The event

extern "C" fn monotonic() -> u64 {
    state().event.time
}

extern "C" fn boot() -> u64 {
    let state = state();
    state.event.time.wrapping_add_signed(state.clocks.boot)
}

extern "C" fn tai() -> u64 {
    let state = state();
    state.event.time.wrapping_add_signed(state.clocks.tai)
}

extern "C" fn random() -> u64 {
    state().random.next().into()
}

extern "C" fn processor() -> u64 {
    let state = state();
    let asked = match state.live {
        true => process::processor(state.event.thread.thread),
        false => None,
    };
    asked.unwrap_or(state.event.cpu).into()
}

extern "C" fn pid_tgid() -> u64 {
    let thread = &state().event.thread;
    u64::from(thread.process) << 32 | u64::from(thread.thread)
}

extern "C" fn uid_gid() -> u64 {
    let thread = &state().event.thread;
    u64::from(thread.group) << 32 | u64::from(thread.user)
}

extern "C" fn comm(to: u64, size: u64) -> u64 {
    let comm = &state().event.thread.comm;
    let to = room(to, size as usize);
    let length = comm.len().min(to.len());
    to[..length].copy_from_slice(&comm[..length]);
    if let Some(last) = to.last_mut() {
        *last = 0;
    }
    0
}

extern "C" fn cgroup() -> u64 {
    state().event.thread.cgroup
}

extern "C" fn cookie(_context: u64) -> u64 {
    state().event.cookie
}

extern "C" fn parent() -> u64 {
    state().event.thread.parent.into()
}

extern "C" fn parent_name(to: u64, size: u64) -> u64 {
    let state = state();
    let name = state.names.of_parent(&state.event.thread);
    let to = room(to, size as usize);
    for (to, byte) in to.iter_mut().zip(name) {
        *to = byte;
    }
    0
}

extern "C" fn followed() -> u64 {
    state().event.followed.into()
}

extern "C" fn moment(moment: u64) -> u64 {
    state().reach.moment = match moment {
        0 => Moment::Begin,
        _ => Moment::Now,
    };
    0
}

// Memory

extern "C" fn read_user(to: u64, size: u64, from: u64) -> u64 {
    let to = room(to, size as usize);
    match state().reach.read(from, to) {
        Ok(()) => 0,
        Err(error) => {
            to.fill(0);
            -i64::from(error) as u64
        }
    }
}

extern "C" fn read_user_string(to: u64, size: u64, from: u64) -> u64 {
    let to = room(to, size as usize);
    match state().reach.read_string(from, to) {
        Ok(length) => length as u64,
        Err(error) => {
            to.fill(0);
            -i64::from(error) as u64
        }
    }
}

/// Of what programs take for the kernel's memory, there are the event's context, literals, variables and values of maps:
/// from an address to the end of what it is in.
fn kernel_bytes<'p>(from: u64) -> Option<&'p [u8]> {
    let state = state();
    let within = |(start, length): (u64, u64)| {
        let offset = from.checked_sub(start)?;
        length.checked_sub(offset).filter(|rest| *rest > 0)
    };
    let rest = match within(state.context).or_else(|| within(state.constants)) {
        Some(rest) => rest as usize,
        None => state.maps.iter().find_map(|map| map.rest(from))?,
    };
    Some(bytes(from, rest))
}

extern "C" fn read_kernel(to: u64, size: u64, from: u64) -> u64 {
    let to = room(to, size as usize);
    match kernel_bytes(from).and_then(|known| known.get(..to.len())) {
        Some(from) => {
            to.copy_from_slice(from);
            0
        }
        None => {
            to.fill(0);
            BAD_ADDRESS
        }
    }
}

extern "C" fn read_kernel_string(to: u64, size: u64, from: u64) -> u64 {
    let to = room(to, size as usize);
    let (Some(known), false) = (kernel_bytes(from), to.is_empty()) else {
        to.fill(0);
        return BAD_ADDRESS;
    };
    let text = known.split(|byte| *byte == 0).next().unwrap_or_default();
    let length = text.len().min(to.len() - 1);
    to[..length].copy_from_slice(&text[..length]);
    to[length] = 0;
    length as u64 + 1
}

// Records

extern "C" fn ring_reserve(_map: u64, size: u64, _flags: u64) -> u64 {
    state().ring.reserve(size as usize) as u64
}

/// Records are read once the program has ended.
extern "C" fn ring_submit(_record: u64, _flags: u64) -> u64 {
    0
}

extern "C" fn ring_output(_map: u64, data: u64, size: u64, _flags: u64) -> u64 {
    let to = state().ring.reserve(size as usize) as u64;
    room(to, size as usize).copy_from_slice(bytes(data, size as usize));
    0
}

/// Nobody sleeps who must be woken.
extern "C" fn ring_query(_map: u64, _what: u64) -> u64 {
    0
}
