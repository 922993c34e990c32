//! What parents are called: the events of all threads in, the name of a thread's parent out.

use crate::trace::event::{COMM_SIZE, Event, Thread, What};
use rustc_hash::FxHashMap;
use std::fs;

/// The names of threads, kept only for scripts that ask.
#[derive(Debug)]
pub(super) struct Names {
    wanted: bool,
    /// The processes are there, and know best.
    live: bool,
    threads: FxHashMap<u32, [u8; COMM_SIZE]>,
    /// Which process and thread made a process: to the kernel, the thread is its parent.
    makers: FxHashMap<u32, (u32, u32)>,
}

impl Names {
    /// At first, the tracer's own name is known.
    pub(super) fn new(wanted: bool, own: &Thread) -> Self {
        Self {
            wanted,
            live: false,
            threads: FxHashMap::from_iter([(own.thread, own.comm)]),
            makers: FxHashMap::default(),
        }
    }

    /// Parents are asked themselves from now on.
    pub(super) fn ask_machine(&mut self) {
        self.live = true;
    }

    /// Takes note of who does this, and of births.
    pub(super) fn see(&mut self, event: &Event<'_>) {
        if !self.wanted || matches!(event.what, What::Lost { .. }) {
            return;
        }
        let thread = event.thread;
        self.threads.insert(thread.thread, thread.comm);
        if let What::Fork { child } = event.what {
            self.threads.insert(child.thread, child.comm);
            if child.process != thread.process {
                self.makers
                    .insert(child.process, (thread.process, thread.thread));
            }
        }
    }

    /// A thread has ended, the last of its process or not.
    pub(super) fn forget(&mut self, thread: &Thread, last: bool) {
        self.threads.remove(&thread.thread);
        if last {
            self.makers.remove(&thread.process);
        }
    }

    /// What the parent of a thread's process is called; zeros if that is not known. Whoever lost its parent has another.
    pub(super) fn of_parent(&self, thread: &Thread) -> [u8; COMM_SIZE] {
        let maker = self.makers.get(&thread.process);
        let maker = maker.filter(|(process, _)| *process == thread.parent);
        let mut parents = maker
            .map(|(_, thread)| *thread)
            .into_iter()
            .chain([thread.parent]);
        let name = parents.find_map(|parent| match self.live {
            true => ask(thread.parent, parent),
            false => self.threads.get(&parent).copied(),
        });
        name.unwrap_or_default()
    }
}

/// What a thread is called now.
fn ask(process: u32, thread: u32) -> Option<[u8; COMM_SIZE]> {
    let mut name = fs::read(format!("/proc/{process}/task/{thread}/comm")).ok()?;
    name.pop_if(|last| *last == b'\n');
    Some(Thread::comm(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(process: u32, thread: u32, parent: u32, name: &[u8]) -> Thread {
        Thread {
            process,
            thread,
            parent,
            comm: Thread::comm(name),
            ..Thread::default()
        }
    }

    fn happens(names: &mut Names, thread: &Thread, what: What<'_>) {
        names.see(&Event {
            time: 0,
            cpu: 0,
            thread,
            what,
        });
    }

    #[test]
    fn the_thread_that_made_a_process_is_its_parent_while_it_lives() {
        let mut names = Names::new(true, &thread(1, 1, 0, b"trapline"));
        let (main, worker) = (thread(2, 2, 1, b"main"), thread(2, 3, 1, b"worker"));
        let child = thread(4, 4, 2, b"worker");
        assert_eq!(names.of_parent(&main), Thread::comm(b"trapline"));
        assert_eq!(names.of_parent(&child), [0; COMM_SIZE]);
        happens(&mut names, &main, What::Fork { child: &worker });
        happens(&mut names, &worker, What::Fork { child: &child });
        assert_eq!(names.of_parent(&child), Thread::comm(b"worker"));
        names.forget(&worker, false);
        assert_eq!(names.of_parent(&child), Thread::comm(b"main"));
        let orphan = thread(4, 4, 1, b"worker");
        assert_eq!(names.of_parent(&orphan), Thread::comm(b"trapline"));
    }

    #[test]
    fn nothing_is_kept_that_nobody_asks_for() {
        let mut names = Names::new(false, &thread(1, 1, 0, b"trapline"));
        happens(
            &mut names,
            &thread(2, 2, 1, b"main"),
            What::End { last: true },
        );
        assert_eq!(names.threads.len(), 1);
    }

    #[test]
    fn who_runs_is_asked() {
        let mut names = Names::new(true, &Thread::default());
        names.ask_machine();
        let process = std::process::id();
        let child = thread(0, 0, process, b"child");
        let own = fs::read("/proc/self/comm").expect("a name");
        assert_eq!(names.of_parent(&child), Thread::comm(own.trim_ascii_end()));
    }
}
