//! The threads that are traced: what is known of each, and which processes they make up.

use super::calls::Role;
use super::capture::Call;
use super::facts;
use crate::trace::event::Thread;
use std::collections::HashMap;

/// A traced thread.
#[derive(Debug)]
pub(super) struct Tracee {
    /// Who it is, as events tell it.
    pub(super) facts: Thread,
    /// The call that it is in, if it is one that matters.
    pub(super) pending: Option<Pending>,
    /// The call whose end it has to tell before anything else: the one that made it.
    pub(super) born_by: Option<Pending>,
    /// What its last `execve` was given as the program.
    pub(super) file: Vec<u8>,
    /// It, or who made it, has filters of its own, which may refuse calls before ours sees them. So it stops at every
    /// call.
    pub(super) confined: bool,
    /// The parent has ended; who is it now?
    pub(super) orphaned: bool,
    /// Its end has been told.
    pub(super) ended: bool,
}

/// A call that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) call: Call,
    pub(super) role: Role,
    /// Its beginning has been told.
    pub(super) told: bool,
    /// Its first argument has been changed, and is to be as before when it ends.
    pub(super) changed: bool,
}

impl Tracee {
    pub(super) fn new(facts: Thread) -> Self {
        Self {
            facts,
            pending: None,
            born_by: None,
            file: Vec::new(),
            confined: false,
            orphaned: false,
            ended: false,
        }
    }

    /// Before its facts are told.
    pub(super) fn refresh(&mut self) {
        if self.orphaned {
            self.orphaned = false;
            facts::read_parent(&mut self.facts);
        }
    }
}

/// All traced threads, by their ids.
#[derive(Debug, Default)]
pub(super) struct Tracees {
    threads: HashMap<libc::pid_t, Tracee>,
    /// How many threads of a process have not ended.
    alive: HashMap<u32, u32>,
}

impl Tracees {
    pub(super) fn insert(&mut self, tracee: Tracee) {
        if !tracee.ended {
            self.begin_one(tracee.facts.process);
        }
        let thread = tracee.facts.thread as libc::pid_t;
        if let Some(before) = self.threads.insert(thread, tracee) {
            // An id is used again only after its end was reported; should that be wrong, count right all the same.
            self.forget(&before);
        }
    }

    pub(super) fn get(&mut self, thread: libc::pid_t) -> Option<&mut Tracee> {
        self.threads.get_mut(&thread)
    }

    pub(super) fn remove(&mut self, thread: libc::pid_t) -> Option<Tracee> {
        let tracee = self.threads.remove(&thread)?;
        self.forget(&tracee);
        Some(tracee)
    }

    fn forget(&mut self, tracee: &Tracee) {
        if !tracee.ended {
            self.end_one(tracee.facts.process);
        }
    }

    /// The process has one thread more.
    pub(super) fn begin_one(&mut self, process: u32) {
        *self.alive.entry(process).or_default() += 1;
    }

    /// A thread of the process has ended. Whether it was the last.
    pub(super) fn end_one(&mut self, process: u32) -> bool {
        let Some(alive) = self.alive.get_mut(&process) else {
            return true;
        };
        *alive -= 1;
        let last = *alive == 0;
        if last {
            self.alive.remove(&process);
        }
        last
    }

    /// Whether a process has threads that have not ended.
    pub(super) fn lives(&self, process: u32) -> bool {
        self.alive.contains_key(&process)
    }

    /// The threads of a process.
    pub(super) fn of_process(&mut self, process: u32) -> impl Iterator<Item = &mut Tracee> {
        let all = self.threads.values_mut();
        all.filter(move |tracee| tracee.facts.process == process)
    }

    /// A process is gone: its children have another parent.
    pub(super) fn orphan(&mut self, parent: u32) {
        for tracee in self.threads.values_mut() {
            tracee.orphaned |= tracee.facts.parent == parent;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.threads.len()
    }

    /// The processes that have not ended, ascending.
    pub(super) fn processes(&self) -> Vec<u32> {
        let mut processes: Vec<u32> = self.alive.keys().copied().collect();
        processes.sort_unstable();
        processes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracee(process: u32, thread: u32) -> Tracee {
        Tracee::new(Thread {
            process,
            thread,
            parent: 1,
            ..Thread::default()
        })
    }

    #[test]
    fn the_last_thread_of_a_process_is_known() {
        let mut tracees = Tracees::default();
        for (process, thread) in [(5, 5), (5, 6), (7, 7)] {
            tracees.insert(tracee(process, thread));
        }
        assert_eq!(tracees.processes(), [5, 7]);
        // The leader ends first, and is reported last.
        tracees.get(5).unwrap().ended = true;
        assert!(!tracees.end_one(5));
        assert!(tracees.remove(6).is_some());
        assert!(!tracees.lives(5));
        assert!(tracees.remove(5).is_some());
        assert!(tracees.remove(5).is_none());
        assert_eq!(tracees.processes(), [7]);
        assert_eq!(tracees.len(), 1);
        tracees.orphan(1);
        assert!(tracees.get(7).unwrap().orphaned);
    }
}
