//! The body of a block in, events out, one at a time and without allocation.
//!
//! A body has passed its checksum, but may have been made by anyone: whatever stands in it, decoding ends.

use super::super::event::{Enter, Event, Exit, Thread, What};
use super::super::memory::Memory;
use super::format::{ABIS, MAX_ROWS, flag, kind};
use super::state::{Context, ThreadRow};
use super::varint::{Cursor, PADDING};

/// What no encoder writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// A body being decoded.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The body and [`PADDING`] zeros.
    bytes: Vec<u8>,
    /// Bytes of the body.
    length: usize,
    position: usize,
    /// Events that the head promised and that have not been given yet.
    left: u32,
    state: State,
}

/// What records change.
#[derive(Debug, Default)]
struct State {
    threads: Vec<ThreadRow>,
    contexts: Vec<Context>,
    step: Step,
}

/// The event that was decoded last.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    kind: u8,
    /// Words of a call are known.
    is_known: bool,
    /// Index of the context, or of the thread where there is none.
    row: u32,
    cpu: u32,
    time: u64,
    /// The result of a call, the index of a child, the id before `exec`, whether a thread is the last, how many were lost.
    number: u64,
    /// Where memory or a file's name begins and ends.
    bytes: (u32, u32),
    /// The context of the last call.
    context: u32,
}

impl Decoder {
    /// Gives up its buffer to be filled with a body.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        self.clear();
        std::mem::take(&mut self.bytes)
    }

    /// Nothing to decode.
    pub(super) fn clear(&mut self) {
        self.length = 0;
        self.position = 0;
        self.left = 0;
    }

    /// A body with so many events.
    pub(super) fn start(&mut self, mut body: Vec<u8>, events: u32) {
        self.length = body.len();
        body.resize(self.length + PADDING, 0);
        self.bytes = body;
        self.position = 0;
        self.left = events;
        self.state.threads.clear();
        self.state.contexts.clear();
        self.state.step = Step {
            context: u32::MAX,
            ..Step::default()
        };
    }

    /// Goes to the next event; false if there is none.
    ///
    /// # Errors
    /// If the body is none. Nothing more comes of it then.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, Malformed> {
        if self.left == 0 {
            return Ok(false);
        }
        let mut cursor = Cursor {
            bytes: &self.bytes,
            position: self.position,
        };
        let decoded = self.state.record(&mut cursor, self.length);
        self.position = cursor.position;
        if decoded.is_err() || self.position > self.length {
            self.clear();
            return Err(Malformed);
        }
        self.left -= 1;
        Ok(true)
    }

    /// The event that [`Self::advance`] went to.
    ///
    /// # Panics
    /// If it went to none.
    #[inline]
    pub(super) fn event(&self) -> Event<'_> {
        let step = &self.state.step;
        let (thread, what) = match step.kind {
            kind::ENTER => {
                let context = &self.state.contexts[step.row as usize];
                let what = What::Enter(Enter {
                    abi: context.abi,
                    number: context.number,
                    arguments: context.words,
                    memory: Memory::from_bytes(self.bytes()),
                });
                (self.thread(context.thread), what)
            }
            kind::EXIT => {
                let context = &self.state.contexts[step.row as usize];
                let what = What::Exit(Exit {
                    abi: context.abi,
                    number: context.number,
                    result: step.number as i64,
                    arguments: step.is_known.then_some(context.words),
                    memory: Memory::from_bytes(self.bytes()),
                });
                (self.thread(context.thread), what)
            }
            kind::FORK => {
                let child = self.thread(step.number as u32);
                (self.thread(step.row), What::Fork { child })
            }
            kind::EXEC => {
                let what = What::Exec {
                    file: self.bytes(),
                    old_thread: step.number as u32,
                };
                (self.thread(step.row), what)
            }
            kind::END => {
                let last = step.number != 0;
                (self.thread(step.row), What::End { last })
            }
            _ => {
                let events = step.number;
                (&NOBODY, What::Lost { events })
            }
        };
        Event {
            time: step.time,
            cpu: step.cpu,
            thread,
            what,
        }
    }

    #[inline]
    fn thread(&self, index: u32) -> &Thread {
        &self.state.threads[index as usize].thread
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        let (start, end) = self.state.step.bytes;
        &self.bytes[start as usize..end as usize]
    }
}

impl State {
    /// Reads records up to the next that is an event.
    #[inline]
    fn record(&mut self, cursor: &mut Cursor<'_>, length: usize) -> Result<(), Malformed> {
        loop {
            if cursor.position >= length {
                return Err(Malformed);
            }
            let tag = cursor.byte()?;
            self.step.kind = tag & kind::MASK;
            match self.step.kind {
                kind::ENTER | kind::EXIT => return self.call(tag, cursor),
                kind::THREAD => self.add_thread(cursor)?,
                kind::CONTEXT => self.add_context(cursor)?,
                _ => return self.plain(cursor),
            }
        }
    }

    /// A system call begins or ends.
    #[inline]
    fn call(&mut self, tag: u8, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        let step = &mut self.step;
        if tag & flag::SAME == 0 {
            step.context = cursor.short()?;
        }
        step.row = step.context;
        let row = self.contexts.get_mut(step.context as usize);
        let row = row.ok_or(Malformed)?;
        let thread = self.threads.get_mut(row.thread as usize);
        let thread = thread.ok_or(Malformed)?;
        step.time = step.time.wrapping_add(cursor.signed()? as u64);
        if tag & flag::CPU != 0 {
            thread.cpu = cursor.short()?;
        }
        step.cpu = thread.cpu;
        if step.kind == kind::EXIT {
            step.number = cursor.signed()? as u64;
        }
        step.is_known = tag & flag::KNOWN != 0;
        if tag & flag::WORDS != 0 {
            let mut differs = cursor.byte()?;
            while differs != 0 {
                let index = differs.trailing_zeros() as usize;
                let word = row.words.get_mut(index).ok_or(Malformed)?;
                *word = word.wrapping_add(cursor.signed()? as u64);
                differs &= differs - 1;
            }
        }
        step.bytes = (0, 0);
        if tag & flag::MEMORY != 0 {
            step.bytes = cursor.bytes()?;
        }
        Ok(())
    }

    /// Any other event.
    #[cold]
    fn plain(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        let step = &mut self.step;
        if step.kind != kind::LOST {
            step.row = cursor.short()?;
            self.threads.get(step.row as usize).ok_or(Malformed)?;
        }
        step.time = step.time.wrapping_add(cursor.signed()? as u64);
        step.cpu = cursor.short()?;
        step.number = match step.kind {
            kind::LOST => cursor.varint()?,
            _ => u64::from(cursor.short()?),
        };
        if step.kind == kind::FORK {
            self.threads.get(step.number as usize).ok_or(Malformed)?;
        }
        if step.kind == kind::EXEC {
            step.bytes = cursor.bytes()?;
        }
        Ok(())
    }

    #[cold]
    fn add_thread(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        let mut thread = Thread::default();
        for id in [
            &mut thread.process,
            &mut thread.thread,
            &mut thread.parent,
            &mut thread.user,
            &mut thread.group,
        ] {
            *id = cursor.short()?;
        }
        thread.cgroup = cursor.varint()?;
        let (start, end) = cursor.bytes()?;
        thread.comm = Thread::comm(&cursor.bytes[start as usize..end as usize]);
        push(&mut self.threads, ThreadRow { thread, cpu: 0 })
    }

    #[cold]
    fn add_context(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        let thread = cursor.short()?;
        self.threads.get(thread as usize).ok_or(Malformed)?;
        let abi = *ABIS.get(usize::from(cursor.byte()?)).ok_or(Malformed)?;
        let number = i32::try_from(cursor.signed()?).map_err(|_| Malformed)?;
        let context = Context {
            thread,
            abi,
            number,
            words: [0; 6],
        };
        push(&mut self.contexts, context)
    }
}

/// The thread of an event that has none.
pub(super) static NOBODY: Thread = Thread {
    process: 0,
    thread: 0,
    parent: 0,
    user: 0,
    group: 0,
    cgroup: 0,
    comm: [0; super::super::event::COMM_SIZE],
};

/// Adds a row. Tables are limited, so that a small body cannot become a large table.
fn push<T>(rows: &mut Vec<T>, row: T) -> Result<(), Malformed> {
    if rows.len() >= MAX_ROWS {
        return Err(Malformed);
    }
    rows.push(row);
    Ok(())
}
