//! Events in, the body of a block out.

use super::super::event::{Event, Thread, What};
use super::super::memory::Memory;
use super::format::{ABIS, MAX_BYTES, MAX_ROWS, flag, kind};
use super::state::{Context, Span, ThreadRow};
use super::varint::{put, put_bytes, put_signed};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use trapline_lang::syscall::Abi;

/// No context, as an index.
const NO_CONTEXT: u32 = u32::MAX;

/// The body of a block in the making.
#[derive(Debug)]
pub(super) struct Encoder {
    body: Vec<u8>,
    /// Bytes at which it is full.
    target: usize,
    span: Span,
    threads: Vec<ThreadRow>,
    /// Index of the newest row by thread id.
    by_id: HashMap<u64, u32, BuildHasherDefault<Mix>>,
    contexts: Vec<Context>,
    by_call: HashMap<u64, u32, BuildHasherDefault<Mix>>,
    /// The thread of the event before; looking it up again is saved mostly.
    thread: u32,
    /// The context of the last record of a call.
    context: u32,
    time: u64,
}

impl Encoder {
    /// Nothing yet; full after so many bytes.
    pub(super) fn new(target: usize) -> Self {
        Self {
            body: Vec::new(),
            target,
            span: Span::default(),
            threads: Vec::new(),
            by_id: HashMap::default(),
            contexts: Vec::new(),
            by_call: HashMap::default(),
            thread: 0,
            context: NO_CONTEXT,
            time: 0,
        }
    }

    /// The body as it is.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The events in it.
    pub(super) fn span(&self) -> Span {
        self.span
    }

    /// The block should be ended: another event may not fit.
    pub(super) fn is_full(&self) -> bool {
        // One event adds up to two threads.
        let rows = self.threads.len().max(self.contexts.len()) + 2;
        self.body.len() >= self.target || rows > MAX_ROWS
    }

    /// Begins another block.
    pub(super) fn clear(&mut self) {
        self.body.clear();
        self.span = Span::default();
        self.threads.clear();
        self.by_id.clear();
        self.contexts.clear();
        self.by_call.clear();
        self.thread = 0;
        self.context = NO_CONTEXT;
        self.time = 0;
    }

    /// Adds an event.
    ///
    /// # Errors
    /// If it has more memory than a block can hold; nothing has been added then.
    pub(super) fn push(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event.what {
            What::Enter(enter) => {
                check(enter.memory.as_bytes())?;
                let context = self.context(event.thread, enter.abi, enter.number);
                let words = Some(&enter.arguments);
                self.call(kind::ENTER, event, context, None, words, enter.memory);
            }
            What::Exit(exit) => {
                check(exit.memory.as_bytes())?;
                let context = self.context(event.thread, exit.abi, exit.number);
                let words = exit.arguments.as_ref();
                let result = Some(exit.result);
                self.call(kind::EXIT, event, context, result, words, exit.memory);
            }
            What::Fork { child } => {
                let thread = self.thread(event.thread);
                let child = self.thread(child);
                self.plain(kind::FORK, Some(thread), event);
                put(&mut self.body, u64::from(child));
            }
            What::Exec { file, old_thread } => {
                check(file)?;
                let thread = self.thread(event.thread);
                self.plain(kind::EXEC, Some(thread), event);
                put(&mut self.body, u64::from(old_thread));
                put_bytes(&mut self.body, file);
            }
            What::End { last } => {
                let thread = self.thread(event.thread);
                self.plain(kind::END, Some(thread), event);
                put(&mut self.body, u64::from(last));
            }
            What::Lost { events } => {
                self.plain(kind::LOST, None, event);
                put(&mut self.body, events);
            }
        }
        self.span.add(event.time);
        Ok(())
    }

    /// A record of a system call.
    fn call(
        &mut self,
        kind: u8,
        event: &Event<'_>,
        context: u32,
        result: Option<i64>,
        words: Option<&[u64; 6]>,
        memory: Memory<'_>,
    ) {
        let row = &mut self.contexts[context as usize];
        let thread = &mut self.threads[row.thread as usize];
        let at = self.body.len();
        let mut tag = kind;
        self.body.push(tag);
        if context == self.context {
            tag |= flag::SAME;
        } else {
            put(&mut self.body, u64::from(context));
            self.context = context;
        }
        put_signed(&mut self.body, event.time.wrapping_sub(self.time) as i64);
        self.time = event.time;
        if event.cpu != thread.cpu {
            tag |= flag::CPU;
            put(&mut self.body, u64::from(event.cpu));
            thread.cpu = event.cpu;
        }
        if let Some(result) = result {
            put_signed(&mut self.body, result);
        }
        if let Some(words) = words {
            tag |= flag::KNOWN;
            if *words != row.words {
                tag |= flag::WORDS;
                put_words(&mut self.body, words, &row.words);
                row.words = *words;
            }
        }
        if !memory.is_empty() {
            tag |= flag::MEMORY;
            put_bytes(&mut self.body, memory.as_bytes());
        }
        self.body[at] = tag;
    }

    /// The beginning of any other record.
    fn plain(&mut self, kind: u8, thread: Option<u32>, event: &Event<'_>) {
        self.body.push(kind);
        if let Some(thread) = thread {
            put(&mut self.body, u64::from(thread));
        }
        put_signed(&mut self.body, event.time.wrapping_sub(self.time) as i64);
        self.time = event.time;
        put(&mut self.body, u64::from(event.cpu));
    }

    /// The index of a thread, which is written down if it is new or has changed.
    fn thread(&mut self, thread: &Thread) -> u32 {
        let is_it = |row: Option<&ThreadRow>| row.is_some_and(|row| row.thread == *thread);
        if is_it(self.threads.get(self.thread as usize)) {
            return self.thread;
        }
        let id = u64::from(thread.thread);
        if let Some(&index) = self.by_id.get(&id)
            && is_it(self.threads.get(index as usize))
        {
            self.thread = index;
            return index;
        }
        let index = self.threads.len() as u32;
        self.threads.push(ThreadRow {
            thread: *thread,
            cpu: 0,
        });
        self.by_id.insert(id, index);
        self.thread = index;
        self.body.push(kind::THREAD);
        for id in [
            thread.process,
            thread.thread,
            thread.parent,
            thread.user,
            thread.group,
        ] {
            put(&mut self.body, u64::from(id));
        }
        put(&mut self.body, thread.cgroup);
        put_bytes(&mut self.body, thread.name());
        index
    }

    /// The index of a context, which is written down if it is new.
    fn context(&mut self, thread: &Thread, abi: Abi, number: i32) -> u32 {
        if let Some(row) = self.contexts.get(self.context as usize)
            && (row.number, row.abi) == (number, abi)
            && self.threads[row.thread as usize].thread == *thread
        {
            return self.context;
        }
        let thread = self.thread(thread);
        let abi_index = ABIS.iter().position(|other| *other == abi);
        let abi_index = abi_index.expect("invariant: ABIS has all ABIs") as u64;
        let key = u64::from(number as u32) | abi_index << 32 | u64::from(thread) << 40;
        if let Some(&index) = self.by_call.get(&key) {
            return index;
        }
        let index = self.contexts.len() as u32;
        self.contexts.push(Context {
            thread,
            abi,
            number,
            words: [0; 6],
        });
        self.by_call.insert(key, index);
        self.body.push(kind::CONTEXT);
        put(&mut self.body, u64::from(thread));
        self.body.push(abi_index as u8);
        put_signed(&mut self.body, i64::from(number));
        index
    }
}

/// Which words differ, and by how much.
fn put_words(to: &mut Vec<u8>, words: &[u64; 6], before: &[u64; 6]) {
    let at = to.len();
    to.push(0);
    for (index, (word, before)) in words.iter().zip(before).enumerate() {
        if word != before {
            to[at] |= 1 << index;
            put_signed(to, word.wrapping_sub(*before) as i64);
        }
    }
}

/// Bytes of an event must fit into a block.
fn check(bytes: &[u8]) -> io::Result<()> {
    if bytes.len() <= MAX_BYTES {
        return Ok(());
    }
    let problem = format!(
        "an event has {} bytes of memory; a trace keeps at most {MAX_BYTES}",
        bytes.len()
    );
    Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
}

/// A hash of one word that is as quick as it can be: keys are ids that the kernel gave, and no block holds many.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The table takes its index from the low bits and its tags from the high ones: both must depend on all.
        let mixed = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (mixed >> 64) as u64 ^ mixed as u64;
    }
}
