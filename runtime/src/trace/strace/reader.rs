//! Lines in, what happened out: beginnings and ends of calls find each other here.

use super::call::{self, Call};
use super::event::{Happened, Happening};
use super::finish::{self, without_output};
use super::input::Guess;
use super::line::{self, Body, Line};
use super::material::Material;
use super::notes::{Kind, Note, Notes};
use super::outcome::{self, Outcome};
use super::pending::{Beginning, Calls, Pending};
use super::queue::Queue;
use super::scan::{self, Ending};
use super::stamp::{self, Clock, Stamp};
use super::threads::{Threads, Told};
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
        Self {
            native,
            clock: Clock::default(),
            order: 0,
            calls: Calls::default(),
            queue: Queue::default(),
            threads: Threads::default(),
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
    pub(super) fn next(&mut self) -> Option<Told> {
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
        if happens && self.living.insert(thread) {
            self.first.insert(thread, self.clock.now());
        }
        self.order += ORDERS;
        match line.body {
            Body::Call { name, rest } => self.call(thread, &line, name, rest),
            Body::Resumed { name, rest } => self.resumed(thread, &line, name, rest),
            Body::Rest(rest) => self.rest(&line, rest),
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

    fn named(&self, thread: u32, name: &[u8]) -> Option<Call> {
        let abi = self.modes.get(&thread).copied().unwrap_or(self.native);
        call::by_name(std::str::from_utf8(name).ok()?, abi, self.native)
    }

    /// A line that begins with a call.
    fn call(&mut self, thread: u32, line: &Line<'_>, name: &[u8], rest: &[u8]) {
        let (rest, attached) = match line::torn(rest) {
            Some((at, process)) => (&rest[..at], Some(process)),
            None => (rest, None),
        };
        let arguments = scan::arguments(rest);
        let beginning = self.beginning(thread);
        if let Ending::Closed(result) = arguments.ending {
            return match outcome::parse(result) {
                Some(outcome) => {
                    self.abandon(thread);
                    self.ended(thread, line, name, &arguments.parts, beginning, &outcome);
                }
                None => self.notes.add(Kind::Line),
            };
        }
        let torn = arguments.ending == Ending::Cut;
        if torn && self.named(thread, name).is_none() {
            // What a program has printed may look like a call.
            return self.notes.add(Kind::Line);
        }
        if let Some(process) = attached {
            self.attached(process);
        }
        self.torn = torn.then_some(thread);
        let text = match torn && attached.is_none() {
            true => without_output(arguments.text),
            false => arguments.text,
        };
        self.abandon(thread);
        self.begin(thread, line, name, text, beginning, torn);
    }

    fn beginning(&mut self, thread: u32) -> Beginning {
        let last = self.last.get(&thread).copied().unwrap_or(0);
        Beginning {
            time: self.clock.now().max(last),
            order: self.order,
            memory: self.material.mark(),
            thread,
            told: false,
        }
    }

    /// A thread begins a call before the last one has ended: the log has a gap.
    fn abandon(&mut self, thread: u32) {
        if let Some(call) = self.calls.end(thread) {
            self.give_up(thread, call);
        }
    }

    /// A call has begun, and no more will be known of it.
    fn give_up(&mut self, thread: u32, call: Pending) {
        if call.torn {
            self.notes.add(Kind::Line);
        }
        self.tell_beginning(thread, &call);
        self.queue
            .release(call.beginning.time, call.beginning.order);
    }

    fn begin(
        &mut self,
        thread: u32,
        line: &Line<'_>,
        name: &[u8],
        text: &[u8],
        beginning: Beginning,
        torn: bool,
    ) {
        let arguments = scan::arguments(text);
        let known = self.named(thread, name);
        // What is behind a comma is known at the end only, and so is whom a call has made.
        let waits = torn
            || arguments.more
            || known.is_some_and(|call| call.makes_thread())
            || arguments.parts.is_empty() && known.is_some_and(|call| call.takes_arguments());
        let mut pending = Pending {
            name: name.to_vec(),
            text: text.to_vec(),
            beginning,
            torn,
        };
        match known {
            Some(_) if waits => self.queue.hold(beginning.time, beginning.order),
            Some(call) => {
                // What is not understood is counted when the call ends, with the rest.
                let words = call.words(&arguments.parts, &mut self.material, &mut Notes::default());
                self.enter(thread, line.comm, &call, words, beginning);
                pending.beginning.told = true;
            }
            None => pending.beginning.told = true,
        }
        self.calls.begin(thread, pending);
    }

    /// Tells that a call has begun, with what is known of it.
    fn tell_beginning(&mut self, thread: u32, pending: &Pending) {
        if pending.beginning.told {
            return;
        }
        if let Some(call) = self.named(thread, &pending.name) {
            let arguments = scan::arguments(&pending.text);
            let after = self.material.go_to(pending.beginning.memory);
            let words = call.words(&arguments.parts, &mut self.material, &mut self.notes);
            self.material.go_on_from(after);
            self.enter(
                pending.beginning.thread,
                None,
                &call,
                words,
                pending.beginning,
            );
        }
    }

    /// What too much waits for is told as far as it is known.
    fn tell_overdue(&mut self) {
        while let Some((time, order)) = self.queue.overdue() {
            self.queue.release(time, order);
            let Some((thread, call)) = self.calls.by_order(order) else {
                continue;
            };
            let pending = call.clone();
            call.beginning.told = true;
            self.notes.add(Kind::LateArguments);
            self.tell_beginning(thread, &pending);
        }
    }

    fn enter(
        &mut self,
        thread: u32,
        comm: Option<Comm>,
        call: &Call,
        words: [u64; 6],
        beginning: Beginning,
    ) {
        let memory = std::mem::take(&mut self.material.before);
        self.material.after.clear();
        self.queue.push(Happening {
            time: beginning.time,
            order: beginning.order,
            thread,
            comm,
            what: Happened::Enter {
                abi: call.abi,
                number: call.number as i32,
                arguments: words,
                memory,
            },
        });
    }

    fn resumed(&mut self, thread: u32, line: &Line<'_>, name: &[u8], rest: &[u8]) {
        match self.calls.of(thread) {
            Some(pending) if pending.name == name => self.go_on(thread, line, rest),
            _ => {
                self.abandon(thread);
                self.without_beginning(thread, line, name, rest);
            }
        }
    }

    /// The call that a thread is in goes on, and ends if its line does.
    fn go_on(&mut self, thread: u32, line: &Line<'_>, rest: &[u8]) {
        let Some(mut pending) = self.calls.end(thread) else {
            return;
        };
        pending.torn = false;
        pending.text.extend(rest);
        let arguments = scan::arguments(&pending.text);
        let outcome = match arguments.ending {
            Ending::Closed(result) => outcome::parse(result),
            Ending::Unfinished => {
                pending.text.truncate(arguments.text.len());
                self.calls.begin(thread, pending);
                return;
            }
            Ending::Detached | Ending::Cut => None,
        };
        match outcome {
            Some(outcome) => {
                let (name, parts) = (&pending.name, &arguments.parts);
                self.ended(thread, line, name, parts, pending.beginning, &outcome);
            }
            None => {
                self.notes.add(Kind::Line);
                pending.text.truncate(pending.text.len() - rest.len());
                self.give_up(thread, pending);
            }
        }
    }

    /// The rest of a line that something has torn.
    fn rest(&mut self, line: &Line<'_>, rest: &[u8]) {
        let Some(thread) = self.torn.take() else {
            return self.notes.add(Kind::Line);
        };
        if !rest.starts_with(b"<unfinished") {
            return self.go_on(thread, line, rest);
        }
        if let Some(pending) = self.calls.of(thread) {
            pending.torn = false;
        }
    }

    /// A call ends whose beginning is not in the log.
    fn without_beginning(&mut self, thread: u32, line: &Line<'_>, name: &[u8], rest: &[u8]) {
        self.notes.add(Kind::NoBeginning);
        let arguments = scan::arguments(rest);
        let outcome = match arguments.ending {
            Ending::Closed(result) => outcome::parse(result),
            _ => None,
        };
        let Some(result) = outcome.and_then(|outcome| outcome.result) else {
            return;
        };
        if let Some(call) = self.named(thread, name) {
            self.push(
                thread,
                line.comm,
                self.clock.now(),
                3,
                Happened::Exit {
                    abi: call.abi,
                    number: call.number as i32,
                    result,
                    arguments: None,
                    memory: Default::default(),
                    renamed: None,
                },
            );
        }
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

    /// A call has ended: all of it is known.
    fn ended(
        &mut self,
        thread: u32,
        line: &Line<'_>,
        name: &[u8],
        parts: &[&[u8]],
        beginning: Beginning,
        outcome: &Outcome<'_>,
    ) {
        self.queue.release(beginning.time, beginning.order);
        let Some(call) = self.named(thread, name) else {
            let name = String::from_utf8_lossy(name).into_owned();
            return self.notes.add(Kind::Call(name));
        };
        let further = self.material.go_to(beginning.memory);
        let words = call.words(parts, &mut self.material, &mut self.notes);
        if outcome.result.is_some_and(|result| result >= 0) {
            call.detail(outcome.detail, &words, &mut self.material, &mut self.notes);
        }
        self.material.go_on_from(further);
        let before = std::mem::take(&mut self.material.before);
        let after = std::mem::take(&mut self.material.after);
        let end = self.end_of(&beginning, outcome);
        let told = finish::Ended {
            call,
            words,
            before: &before,
            result: outcome.result,
        };
        if let Some((child, flags)) = told.made() {
            let seen = self.first.get(&child).copied().unwrap_or(end);
            self.born(thread, child);
            self.queue.push(Happening {
                time: seen.min(end).max(beginning.time).max(self.queue.taken()),
                order: beginning.order + 1,
                thread,
                comm: None,
                what: Happened::Fork { child, flags },
            });
        }
        if let Some((file, comm)) = told.replaced() {
            let old_thread = beginning.thread;
            let exec = Happened::Exec {
                file,
                comm,
                old_thread,
            };
            self.push(thread, None, end, 2, exec);
        }
        let renamed = told.renamed();
        if !beginning.told {
            self.material.before = before;
            // What `-Y` shows is the name that a thread has when its line begins.
            let comm = line.comm.filter(|_| beginning.order == self.order);
            self.enter(beginning.thread, comm, &call, words, beginning);
        }
        if let Some(result) = outcome.result {
            self.last.insert(thread, end);
            self.push(
                thread,
                None,
                end,
                3,
                Happened::Exit {
                    abi: call.abi,
                    number: call.number as i32,
                    result,
                    arguments: Some(words),
                    memory: after,
                    renamed,
                },
            );
        }
    }

    /// When a call ended.
    fn end_of(&mut self, beginning: &Beginning, outcome: &Outcome<'_>) -> u64 {
        let here = beginning.order == self.order;
        let end = match outcome.duration {
            Some(duration) => beginning.time.saturating_add(duration),
            None if here => beginning.time,
            None => self.clock.now(),
        };
        if outcome.duration.is_none() && here && outcome.result.is_some() {
            self.notes.add(Kind::NoDuration);
        }
        end.max(beginning.time).max(self.queue.taken())
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
    }
}

type Comm = [u8; crate::trace::event::COMM_SIZE];
