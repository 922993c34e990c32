//! Beginnings and ends of system calls, thread by thread: what an end needs to know of the beginning.

use crate::trace::event::{Enter, Exit};
use rustc_hash::{FxHashMap, FxHashSet};
use trapline_lang::syscall::shape::Fate;
use trapline_lang::syscall::{self, Abi, X32_BIT};

/// A system call that has begun.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// As [`syscall::encode`] has it.
    pub(super) call: u64,
    /// Nanoseconds.
    pub(super) time: u64,
    pub(super) arguments: [u64; 6],
    /// What was read at the beginning, as [`crate::trace::memory::Memory::as_bytes`] has it.
    pub(super) memory: Vec<u8>,
    /// It has not ended.
    open: bool,
}

/// The calls that have begun, by thread.
pub(super) struct Pairing {
    native: Abi,
    pending: FxHashMap<u32, Pending>,
    /// Calls that lose their arguments if they succeed.
    losing: FxHashSet<u64>,
}

impl Pairing {
    pub(super) fn new(native: Abi) -> Self {
        let mut losing = FxHashSet::default();
        for abi in std::iter::once(native).chain(native.compat().iter().copied()) {
            let calls = syscall::all(abi);
            let losers = calls.filter(|(_, row)| row.semantics().fate == Fate::LosesArguments);
            losing.extend(losers.map(|(number, _)| syscall::encode(native, abi, number)));
        }
        Self {
            native,
            pending: FxHashMap::default(),
            losing,
        }
    }

    /// A call as one number.
    pub(super) fn encode(&self, abi: Abi, number: i32) -> u64 {
        let number = number as u32;
        let abi = match abi {
            // Whoever does not tell them apart.
            Abi::X86_64 if number & !(X32_BIT - 1) == X32_BIT => Abi::X32,
            abi => abi,
        };
        syscall::encode(self.native, abi, number)
    }

    /// A call begins.
    pub(super) fn begin(&mut self, thread: u32, time: u64, enter: &Enter<'_>) {
        let call = self.encode(enter.abi, enter.number);
        let pending = self.pending.entry(thread).or_default();
        pending.call = call;
        pending.time = time;
        pending.arguments = enter.arguments;
        pending.memory.clear();
        pending.memory.extend(enter.memory.as_bytes());
        pending.open = true;
    }

    /// A call ends: its beginning, if that was seen, and whether its arguments were those of a program that is gone. Only
    /// a call that loses its arguments may have changed its number and ABI since.
    pub(super) fn end(&mut self, thread: u32, exit: &Exit<'_>) -> Option<(&Pending, bool)> {
        let call = self.encode(exit.abi, exit.number);
        let pending = self.pending.get_mut(&thread)?;
        let open = std::mem::take(&mut pending.open);
        let loses = || self.losing.contains(&pending.call);
        let replaced = exit.result == 0 && loses();
        let same = pending.call == call || loses();
        (open && same).then_some((&*pending, replaced))
    }

    /// A thread took over the id of another, with the call that it is in.
    pub(super) fn rename(&mut self, from: u32, to: u32) {
        if from != to
            && let Some(pending) = self.pending.remove(&from)
        {
            self.pending.insert(to, pending);
        }
    }

    /// A thread is gone.
    pub(super) fn forget(&mut self, thread: u32) {
        self.pending.remove(&thread);
    }
}
