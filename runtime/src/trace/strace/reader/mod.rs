//! Lines in, what happened out.

mod calls;

use super::event::{Happened, Happening};
use super::input::Guess;
use super::line::{self, Body, Line};
use super::material::Material;
use super::notes::{Kind, Note, Notes};
use super::pending::Calls;
use super::queue::Queue;
use super::stamp::{self, Clock, Stamp};
use super::threads::Threads;
use crate::trace::owned::OwnedEvent;
use std::collections::{BTreeSet, HashMap};
use trapline_lang::syscall::Abi;

/// Reads lines.
pub(super) struct Reader {
    native: Abi,
    clock: Clock,
    order: u64,
    calls: Calls,
    queue: Queue,
    threads: Threads,
    material: Material,
    notes: Notes,
    /// Threads that are not in the native ABI.
    modes: HashMap<u32, Abi>,
    /// The thread of lines that name none, while several live.
    main: u32,
    living: BTreeSet<u32>,
    /// When threads were first in the log, and when their last calls ended.
    first: HashMap<u32, u64>,
    last: HashMap<u32, u64>,
    /// The thread whose line something has torn.
    torn: Option<u32>,
    /// What follows is strace's table of counts.
    summary: bool,
    finished: bool,
}

/// Orders that a line takes: a call's beginning, what it makes, what replaces it, its end.
const ORDERS: u64 = 4;

impl Reader {
    pub(super) fn new(native: Abi, main: u32, guess: &Guess) -> Self {
        let mut notes = Notes::default();
        notes.at(1);
        match guess.stamp {
            Some(Stamp::Day(_)) => notes.add(Kind::NoDate),
            Some(Stamp::Relative(_)) => notes.add(Kind::OnlyDifferences),
            Some(Stamp::Epoch(_)) | None => {}
        }
        let mut threads = Threads::default();
        if guess.command.is_some() {
            // The command's process is strace's until it runs the command.
            threads.begin(guess.first.unwrap_or(main), b"strace");
        }
        Self {
            native,
            clock: Clock::default(),
            order: 0,
            calls: Calls::default(),
            queue: Queue::default(),
            threads,
            material: Material::default(),
            notes,
            modes: HashMap::new(),
            main,
            living: BTreeSet::new(),
            first: HashMap::new(),
            last: HashMap::new(),
            torn: None,
            summary: false,
            finished: false,
        }
    }

    /// What comes next, if no line to come can tell of something earlier.
    pub(super) fn next(&mut self) -> Option<OwnedEvent> {
        let next = self.queue.pop()?;
        Some(self.threads.tell(next))
    }

    /// There are no more lines.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What was not understood.
    pub(super) fn notes(&self) -> &[Note] {
        self.notes.all()
    }

    /// The log is at its end. Calls that have not ended have begun.
    pub(super) fn finish(&mut self) {
        for (thread, call) in self.calls.take_all() {
            self.give_up(thread, call);
        }
        self.queue.close();
        self.finished = true;
    }

    /// A line that was too long to be read.
    pub(super) fn long_line(&mut self, number: u64) {
        self.notes.at(number);
        self.notes.add(Kind::LongLine);
    }

    /// Reads a line.
    pub(super) fn line(&mut self, number: u64, text: &[u8]) {
        self.notes.at(number);
        if self.summary || text.is_empty() {
            return;
        }
        let line = line::parse(text);
        if let Some(thread) = self.torn
            && line.thread.is_none()
            && line.stamp.is_none()
            && self.completes(thread, text)
        {
            self.torn = None;
            self.order += ORDERS;
            self.go_on(thread, text);
            return;
        }
        let happens = !matches!(
            line.body,
            Body::Rest(_)
                | Body::Mode { .. }
                | Body::Attached { .. }
                | Body::Other
                | Body::Summary
                | Body::Unknown
        );
        if happens || line.stamp.is_some() {
            self.pass(line.stamp);
        }
        let thread = self.thread_of(&line);
        if happens {
            self.living.insert(thread);
            self.first.entry(thread).or_insert(self.clock.now());
        }
        self.order += ORDERS;
        match line.body {
            Body::Call { name, rest } => self.call(thread, &line, name, rest),
            Body::Resumed { name, rest } => self.resumed(thread, &line, name, rest),
            Body::Rest(rest) => self.rest(rest),
            Body::End => self.end(thread, &line),
            Body::Superseded { by } => self.superseded(thread, &line, by),
            Body::Mode { process, abi } => {
                match abi.filter(|abi| *abi != self.native) {
                    Some(abi) => self.modes.insert(process, abi),
                    None => self.modes.remove(&process),
                };
            }
            Body::Attached { process } => self.attached(process),
            Body::Other => {}
            Body::Summary => self.summary = true,
            Body::Unknown => self.notes.add(Kind::Line),
        }
        self.tell_overdue();
    }

    /// The clock goes on.
    fn pass(&mut self, stamp: Option<Stamp>) {
        if stamp.is_none() {
            self.notes.add(Kind::NoTime);
        }
        if self.clock.line(stamp) == stamp::Told::Earlier {
            self.notes.add(Kind::Earlier);
        }
        self.queue.advance(self.clock.now());
    }

    fn thread_of(&self, line: &Line<'_>) -> u32 {
        line.thread.unwrap_or_else(|| match self.living.len() {
            1 => self.living.first().copied().unwrap_or(self.main),
            _ => self.main,
        })
    }

    fn attached(&mut self, process: u32) {
        self.living.insert(process);
    }

    fn push(&mut self, thread: u32, comm: Option<Comm>, time: u64, place: u64, what: Happened) {
        self.queue.push(Happening {
            time: time.max(self.queue.taken()),
            order: self.order + place,
            thread,
            comm,
            what,
        });
    }

    fn born(&mut self, maker: u32, child: u32) {
        self.living.insert(child);
        if let Some(abi) = self.modes.get(&maker).copied() {
            self.modes.entry(child).or_insert(abi);
        }
    }

    fn end(&mut self, thread: u32, line: &Line<'_>) {
        self.abandon(thread);
        let last = self.last.remove(&thread).unwrap_or(0);
        self.push(
            thread,
            line.comm,
            self.clock.now().max(last),
            3,
            Happened::End,
        );
        self.living.remove(&thread);
        self.first.remove(&thread);
        self.modes.remove(&thread);
    }

    /// Another thread runs a new program: it takes the id of the first one, which has ended.
    fn superseded(&mut self, thread: u32, line: &Line<'_>, by: u32) {
        self.end(thread, line);
        if let Some(call) = self.calls.end(by) {
            self.calls.begin(thread, call);
        }
        self.living.remove(&by);
        self.first.remove(&by);
        self.last.remove(&by);
        self.living.insert(thread);
        // The end of the first thread comes before what the other does with its id.
        self.last.insert(thread, self.clock.now());
    }
}

type Comm = [u8; crate::trace::event::COMM_SIZE];
