//! The contexts that programs read events from, laid out as code generator and catalog say.

use crate::catalog::process_event::{COMMON_PID, exec, exit, fork};
use crate::trace::event::{Thread, What};
use trapline_codegen::native::CallContext;

/// Words of a context: the largest is that of `execve` with its file name.
const WORDS: usize = 544;
/// Bytes of the file name of an `exec`, the NUL included (`PATH_MAX`).
const NAME_BYTES: usize = 4096;

/// Bytes of the longest context of a `sched` event, but for file names.
const TASK_SIZE: usize = 64;
const _: () = assert!(fork::SIZE <= TASK_SIZE && exit::SIZE <= TASK_SIZE);

/// The bytes of one context, kept for the next.
pub(super) struct Context {
    words: Box<[u64; WORDS]>,
    size: usize,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            words: Box::new([0; WORDS]),
            size: 0,
        }
    }
}

/// What programs on system calls are told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'c> {
    pub(super) number: i64,
    pub(super) arguments: &'c [u64; 6],
    pub(super) result: i64,
    /// As [`trapline_lang::syscall::encode`] has it.
    pub(super) call: u64,
    /// Nanoseconds; -1 if it is not known.
    pub(super) latency: i64,
}

impl Context {
    /// That of a system call.
    pub(super) fn set_call(&mut self, call: &Call<'_>) {
        let at = |offset: u32| offset as usize / 8;
        self.words[at(CallContext::NUMBER)] = call.number as u64;
        let arguments = at(CallContext::ARGUMENTS);
        self.words[arguments..arguments + 6].copy_from_slice(call.arguments);
        self.words[at(CallContext::RESULT)] = call.result as u64;
        self.words[at(CallContext::CALL)] = call.call;
        self.words[at(CallContext::LATENCY)] = call.latency as u64;
        self.size = CallContext::SIZE as usize;
    }

    /// That of one of the `sched` events.
    pub(super) fn set_task(&mut self, thread: &Thread, what: &What<'_>) {
        self.words[..TASK_SIZE / 8].fill(0);
        self.size = TASK_SIZE;
        self.put(COMMON_PID, &thread.thread.to_ne_bytes());
        match what {
            What::Fork { child } => {
                self.put(fork::PARENT_COMM, &thread.comm);
                self.put(fork::PARENT_PID, &thread.thread.to_ne_bytes());
                self.put(fork::CHILD_COMM, &child.comm);
                self.put(fork::CHILD_PID, &child.thread.to_ne_bytes());
            }
            What::Exec { file, old_thread } => {
                let file = &file[..file.len().min(NAME_BYTES - 1)];
                let location = ((file.len() + 1) << 16 | exec::BYTES) as u32;
                self.put(exec::FILENAME, &location.to_ne_bytes());
                self.put(exec::PID, &thread.thread.to_ne_bytes());
                self.put(exec::OLD_PID, &old_thread.to_ne_bytes());
                self.put(exec::BYTES, file);
                self.put(exec::BYTES + file.len(), &[0]);
                self.size = exec::BYTES + file.len() + 1;
            }
            What::End { last } => {
                self.put(exit::COMM, &thread.comm);
                self.put(exit::PID, &thread.thread.to_ne_bytes());
                self.put(exit::GROUP_DEAD, &[u8::from(*last)]);
            }
            What::Enter(_) | What::Exit(_) | What::Lost { .. } => {}
        }
    }

    fn put(&mut self, offset: usize, bytes: &[u8]) {
        for (n, byte) in bytes.iter().enumerate() {
            let (word, shift) = ((offset + n) / 8, (offset + n) % 8 * 8);
            let mask = 0xffu64 << shift;
            self.words[word] = self.words[word] & !mask | u64::from(*byte) << shift;
        }
    }

    /// Where it lies, and how many bytes it has.
    pub(super) fn place(&mut self) -> (u64, u64) {
        (self.words.as_mut_ptr() as u64, self.size as u64)
    }
}
