//! Who is who: processes, parents and names, from what the threads of a log do.
//!
//! strace shows thread ids only. A thread belongs to the process that made it with `CLONE_THREAD`, else it is a process of
//! its own. It has its maker's name until it runs another program or names itself. Users, groups and cgroups are not known.

use super::event::{Happened, Happening};
use crate::trace::event::{COMM_SIZE, Enter, Event, Exit, Thread, What};
use crate::trace::owned::OwnedEvent;
use std::collections::HashMap;

/// linux v6.12 include/uapi/linux/sched.h
const CLONE_PARENT: u64 = 0x8000;
const CLONE_THREAD: u64 = 0x1_0000;

/// The threads that live.
#[derive(Debug, Default)]
pub(super) struct Threads {
    living: HashMap<u32, Thread>,
    /// How many threads each process has.
    counts: HashMap<u32, usize>,
}

impl Threads {
    /// What happened becomes known; how it is told.
    pub(super) fn tell(&mut self, happening: Happening) -> OwnedEvent {
        let Happening {
            time,
            thread: id,
            comm,
            what,
            ..
        } = happening;
        if let Happened::Exec { old_thread, .. } = what {
            self.take_over(id, old_thread);
        }
        let thread = self.of(id);
        if let Some(comm) = comm {
            thread.comm = comm;
        }
        let mut thread = *thread;
        let child;
        let what = match &what {
            Happened::Enter {
                abi,
                number,
                arguments,
                memory,
            } => What::Enter(Enter {
                abi: *abi,
                number: *number,
                arguments: *arguments,
                memory: memory.memory(),
            }),
            Happened::Exit {
                abi,
                number,
                result,
                arguments,
                memory,
                renamed,
            } => {
                self.rename(&mut thread, *renamed);
                What::Exit(Exit {
                    abi: *abi,
                    number: *number,
                    result: *result,
                    arguments: *arguments,
                    memory: memory.memory(),
                })
            }
            Happened::Fork { child: id, flags } => {
                child = self.born(&thread, *id, *flags);
                What::Fork { child: &child }
            }
            Happened::Exec {
                file,
                comm,
                old_thread,
            } => {
                self.rename(&mut thread, *comm);
                What::Exec {
                    file,
                    old_thread: *old_thread,
                }
            }
            Happened::End => What::End {
                last: self.gone(id),
            },
        };
        let mut told = OwnedEvent::default();
        told.set(&Event {
            time,
            cpu: 0,
            thread: &thread,
            what,
        });
        told
    }

    /// A thread has another name, if it has.
    fn rename(&mut self, thread: &mut Thread, name: Option<[u8; COMM_SIZE]>) {
        if let Some(name) = name {
            thread.comm = name;
            self.of(thread.thread).comm = name;
        }
    }

    /// A thread of that name lives already.
    pub(super) fn begin(&mut self, id: u32, name: &[u8]) {
        self.of(id).comm = Thread::comm(name);
    }

    /// A thread; a process of its own if nobody made it.
    fn of(&mut self, id: u32) -> &mut Thread {
        let counts = &mut self.counts;
        self.living.entry(id).or_insert_with(|| {
            *counts.entry(id).or_default() += 1;
            Thread {
                process: id,
                thread: id,
                ..Thread::default()
            }
        })
    }

    fn born(&mut self, maker: &Thread, id: u32, flags: u64) -> Thread {
        // Whoever had the id before must have ended.
        self.gone(id);
        let child = Thread {
            process: if flags & CLONE_THREAD != 0 {
                maker.process
            } else {
                id
            },
            thread: id,
            parent: match flags & (CLONE_THREAD | CLONE_PARENT) {
                0 => maker.process,
                _ => maker.parent,
            },
            ..*maker
        };
        *self.counts.entry(child.process).or_default() += 1;
        self.living.insert(id, child);
        child
    }

    /// A thread that runs another program gets the id of its process, whose first thread has ended.
    fn take_over(&mut self, id: u32, old: u32) {
        if id == old {
            return;
        }
        if let Some(thread) = self.living.remove(&old) {
            self.gone(id);
            self.living.insert(
                id,
                Thread {
                    thread: id,
                    ..thread
                },
            );
        }
    }

    /// A thread ends; whether it was the last of its process.
    fn gone(&mut self, id: u32) -> bool {
        let Some(thread) = self.living.remove(&id) else {
            return false;
        };
        let count = self.counts.get_mut(&thread.process);
        let left = count.map_or(0, |count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == 0 {
            self.counts.remove(&thread.process);
        }
        left == 0
    }
}
