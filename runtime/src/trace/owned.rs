//! Events that outlive the buffer that they were read from.

use super::event::{Enter, Event, Exit, Thread, What};
use super::memory::Memory;

/// A copy of an event; kept for its allocation.
#[derive(Clone, Debug, Default)]
pub struct OwnedEvent {
    time: u64,
    cpu: u32,
    thread: Thread,
    what: OwnedWhat,
    /// Memory, or the file name of an `exec`.
    bytes: Vec<u8>,
}

/// [`What`], without what lies in [`OwnedEvent::bytes`].
#[derive(Clone, Copy, Debug)]
enum OwnedWhat {
    Enter(Enter<'static>),
    Exit(Exit<'static>),
    Fork { child: Thread },
    Exec { old_thread: u32 },
    End { last: bool },
    Lost { events: u64 },
}

impl Default for OwnedWhat {
    fn default() -> Self {
        Self::Lost { events: 0 }
    }
}

impl OwnedEvent {
    /// Becomes a copy of the event.
    pub fn set(&mut self, event: &Event<'_>) {
        self.time = event.time;
        self.cpu = event.cpu;
        self.thread = *event.thread;
        let bytes = match event.what {
            What::Enter(enter) => enter.memory.as_bytes(),
            What::Exit(exit) => exit.memory.as_bytes(),
            What::Exec { file, .. } => file,
            _ => &[],
        };
        self.bytes.clear();
        self.bytes.extend(bytes);
        self.what = match event.what {
            What::Enter(enter) => OwnedWhat::Enter(Enter {
                abi: enter.abi,
                number: enter.number,
                arguments: enter.arguments,
                memory: Memory::NONE,
            }),
            What::Exit(exit) => OwnedWhat::Exit(Exit {
                abi: exit.abi,
                number: exit.number,
                result: exit.result,
                arguments: exit.arguments,
                memory: Memory::NONE,
            }),
            What::Fork { child } => OwnedWhat::Fork { child: *child },
            What::Exec { old_thread, .. } => OwnedWhat::Exec { old_thread },
            What::End { last } => OwnedWhat::End { last },
            What::Lost { events } => OwnedWhat::Lost { events },
        };
    }

    /// The event.
    pub fn event(&self) -> Event<'_> {
        let memory = Memory::from_bytes(&self.bytes);
        Event {
            time: self.time,
            cpu: self.cpu,
            thread: &self.thread,
            what: match &self.what {
                OwnedWhat::Enter(enter) => What::Enter(Enter { memory, ..*enter }),
                OwnedWhat::Exit(exit) => What::Exit(Exit { memory, ..*exit }),
                OwnedWhat::Fork { child } => What::Fork { child },
                OwnedWhat::Exec { old_thread } => What::Exec {
                    file: &self.bytes,
                    old_thread: *old_thread,
                },
                OwnedWhat::End { last } => What::End { last: *last },
                OwnedWhat::Lost { events } => What::Lost { events: *events },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::memory::MemoryBuffer;
    use trapline_lang::syscall::Abi;

    #[test]
    fn copies_are_equal() {
        let mut memory = MemoryBuffer::default();
        memory.push(8, Ok(b"name\0"));
        let thread = Thread {
            process: 1,
            thread: 2,
            ..Thread::default()
        };
        let child = Thread {
            thread: 3,
            ..thread
        };
        let memory = memory.memory();
        let whats = [
            What::Enter(Enter {
                abi: Abi::I386,
                number: 5,
                arguments: [1, 2, 3, 4, 5, 6],
                memory,
            }),
            What::Exec {
                file: b"/bin/true",
                old_thread: 9,
            },
            What::Exit(Exit {
                abi: Abi::X86_64,
                number: -1,
                result: -2,
                arguments: Some([7; 6]),
                memory,
            }),
            What::Fork { child: &child },
            What::End { last: true },
            What::Lost { events: 4 },
        ];
        let mut owned = OwnedEvent::default();
        for what in whats {
            let event = Event {
                time: 100,
                cpu: 1,
                thread: &thread,
                what,
            };
            owned.set(&event);
            assert_eq!(owned.event(), event);
        }
    }
}
