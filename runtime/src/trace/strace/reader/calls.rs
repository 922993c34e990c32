//! Calls: their beginnings and their ends find each other here.

use super::super::call::{self, Call};
use super::super::detail;
use super::super::event::{Happened, Happening};
use super::super::finish::{Ended, without_output};
use super::super::line::{self, Line};
use super::super::notes::{Kind, Notes};
use super::super::outcome::{self, Outcome};
use super::super::pending::{Beginning, Pending};
use super::super::scan::{self, Ending};
use super::Reader;

impl Reader {
    fn named(&self, thread: u32, name: &[u8]) -> Option<Call> {
        let abi = self.modes.get(&thread).copied().unwrap_or(self.native);
        call::by_name(std::str::from_utf8(name).ok()?, abi, self.native)
    }

    /// A line that begins with a call.
    pub(super) fn call(&mut self, thread: u32, line: &Line<'_>, name: &[u8], rest: &[u8]) {
        let (rest, attached) = match line::torn(rest) {
            Some((at, process)) => (&rest[..at], Some(process)),
            None => (rest, None),
        };
        let arguments = scan::arguments(rest);
        let beginning = self.beginning(thread, line);
        if let Ending::Closed(result) = arguments.ending {
            return match outcome::parse(result) {
                Some(outcome) => {
                    self.abandon(thread);
                    self.ended(thread, name, &arguments.parts, beginning, &outcome);
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
        self.begin(thread, name, text, beginning, torn);
    }

    fn beginning(&self, thread: u32, line: &Line<'_>) -> Beginning {
        let last = self.last.get(&thread).copied().unwrap_or(0);
        Beginning {
            time: self.clock.now().max(last),
            order: self.order,
            memory: self.material.mark(),
            thread,
            comm: line.comm,
            told: false,
        }
    }

    /// A thread begins a call before the last one has ended: the log has a gap.
    pub(super) fn abandon(&mut self, thread: u32) {
        if let Some(call) = self.calls.end(thread) {
            self.give_up(thread, call);
        }
    }

    /// A call has begun, and no more will be known of it.
    pub(super) fn give_up(&mut self, thread: u32, call: Pending) {
        if call.torn {
            self.notes.add(Kind::Line);
        }
        self.tell_beginning(thread, &call);
        self.queue
            .release(call.beginning.time, call.beginning.order);
    }

    fn begin(&mut self, thread: u32, name: &[u8], text: &[u8], beginning: Beginning, torn: bool) {
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
                self.enter(&call, words, beginning);
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
            self.enter(&call, words, pending.beginning);
        }
    }

    /// What too much waits for is told as far as it is known.
    pub(super) fn tell_overdue(&mut self) {
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

    fn enter(&mut self, call: &Call, words: [u64; 6], beginning: Beginning) {
        let memory = std::mem::take(&mut self.material.before);
        self.material.after.clear();
        self.queue.push(Happening {
            time: beginning.time,
            order: beginning.order,
            thread: beginning.thread,
            comm: beginning.comm,
            what: Happened::Enter {
                abi: call.abi,
                number: call.number as i32,
                arguments: words,
                memory,
            },
        });
    }

    pub(super) fn resumed(&mut self, thread: u32, line: &Line<'_>, name: &[u8], rest: &[u8]) {
        match self.calls.of(thread) {
            Some(pending) if pending.name == name => self.go_on(thread, rest),
            _ => {
                self.abandon(thread);
                self.without_beginning(thread, line, name, rest);
            }
        }
    }

    /// The call that a thread is in goes on, and ends if its line does.
    pub(super) fn go_on(&mut self, thread: u32, rest: &[u8]) {
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
                self.ended(thread, name, parts, pending.beginning, &outcome);
            }
            None => {
                self.notes.add(Kind::Line);
                pending.text.truncate(pending.text.len() - rest.len());
                self.give_up(thread, pending);
            }
        }
    }

    /// Whether a text is the rest of the line that something has torn: `) = 6`, `, child_tidptr=0x7f3c) = 28039`.
    pub(super) fn completes(&mut self, thread: u32, text: &[u8]) -> bool {
        let Some(pending) = self.calls.of(thread) else {
            return false;
        };
        let whole = [&pending.text, text].concat();
        match scan::arguments(&whole).ending {
            Ending::Closed(result) => outcome::parse(result).is_some(),
            _ => false,
        }
    }

    /// The rest of a line that something has torn is in another line yet.
    pub(super) fn rest(&mut self, rest: &[u8]) {
        let torn = self.torn.take();
        match torn.and_then(|thread| self.calls.of(thread)) {
            Some(pending) if rest.starts_with(b"<unfinished") => pending.torn = false,
            _ => self.notes.add(Kind::Line),
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

    /// A call has ended: all of it is known.
    fn ended(
        &mut self,
        thread: u32,
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
            detail::read(
                &call,
                outcome.detail,
                &words,
                &mut self.material,
                &mut self.notes,
            );
        }
        self.material.go_on_from(further);
        let before = std::mem::take(&mut self.material.before);
        let after = std::mem::take(&mut self.material.after);
        let end = self.end_of(thread, &beginning, outcome);
        let told = Ended {
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
            self.enter(&call, words, beginning);
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
    fn end_of(&mut self, thread: u32, beginning: &Beginning, outcome: &Outcome<'_>) -> u64 {
        let here = beginning.order == self.order;
        let end = match outcome.duration {
            Some(duration) => beginning.time.saturating_add(duration),
            None if here => beginning.time,
            None => self.clock.now(),
        };
        if outcome.duration.is_none() && here && outcome.result.is_some() {
            self.notes.add(Kind::NoDuration);
        }
        let last = self.last.get(&thread).copied().unwrap_or(0);
        end.max(beginning.time).max(last).max(self.queue.taken())
    }
}
