//! Who is who: processes, parents and names, from what the threads of a log do.
//!
//! strace shows thread ids only. A thread belongs to the process that made it with `CLONE_THREAD`, else it is a process of
//! its own. It has its maker's name until it runs another program or names itself. Users, groups and cgroups are not known.

use super::event::{Happened, Happening};
use crate::trace::event::{Enter, Event, Exit, Thread, What};
use crate::trace::memory::MemoryBuffer;
use std::collections::HashMap;
use trapline_lang::syscall::Abi;

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

/// Something that happened, ready to be told.
#[derive(Debug)]
pub(super) struct Told {
    time: u64,
    thread: Thread,
    what: ToldWhat,
}

#[derive(Debug)]
enum ToldWhat {
    Enter {
        abi: Abi,
        number: i32,
        arguments: [u64; 6],
        memory: MemoryBuffer,
    },
    Exit {
        abi: Abi,
        number: i32,
        result: i64,
        arguments: Option<[u64; 6]>,
        memory: MemoryBuffer,
    },
    Fork {
        child: Thread,
    },
    Exec {
        file: Vec<u8>,
        old_thread: u32,
    },
    End {
        last: bool,
    },
}

impl Threads {
    /// What happened becomes known; how it is told.
    pub(super) fn tell(&mut self, happening: Happening) -> Told {
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
        let what = match what {
            Happened::Enter {
                abi,
                number,
                arguments,
                memory,
            } => ToldWhat::Enter {
                abi,
                number,
                arguments,
                memory,
            },
            Happened::Exit {
                abi,
                number,
                result,
                arguments,
                memory,
                renamed,
            } => {
                if let Some(name) = renamed {
                    thread.comm = name;
                    self.of(id).comm = name;
                }
                ToldWhat::Exit {
                    abi,
                    number,
                    result,
                    arguments,
                    memory,
                }
            }
            Happened::Fork { child, flags } => ToldWhat::Fork {
                child: self.born(&thread, child, flags),
            },
            Happened::Exec {
                file,
                comm,
                old_thread,
            } => {
                if let Some(comm) = comm {
                    thread.comm = comm;
                    self.of(id).comm = comm;
                }
                ToldWhat::Exec { file, old_thread }
            }
            Happened::End => ToldWhat::End {
                last: self.gone(id),
            },
        };
        Told { time, thread, what }
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

impl Told {
    /// The event.
    pub(super) fn event(&self) -> Event<'_> {
        Event {
            time: self.time,
            cpu: 0,
            thread: &self.thread,
            what: match &self.what {
                ToldWhat::Enter {
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
                ToldWhat::Exit {
                    abi,
                    number,
                    result,
                    arguments,
                    memory,
                } => What::Exit(Exit {
                    abi: *abi,
                    number: *number,
                    result: *result,
                    arguments: *arguments,
                    memory: memory.memory(),
                }),
                ToldWhat::Fork { child } => What::Fork { child },
                ToldWhat::Exec { file, old_thread } => What::Exec {
                    file,
                    old_thread: *old_thread,
                },
                ToldWhat::End { last } => What::End { last: *last },
            },
        }
    }
}
