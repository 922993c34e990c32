//! What a line makes happen, with all that it takes to tell of it later.

use crate::trace::event::COMM_SIZE;
use crate::trace::memory::MemoryBuffer;
use std::cmp::Ordering;
use trapline_lang::syscall::Abi;

/// Something that happened.
#[derive(Debug)]
pub(super) struct Happening {
    /// When, on the log's clock.
    pub(super) time: u64,
    /// What happened at the same time comes in the order of these.
    pub(super) order: u64,
    /// Whom it happened to.
    pub(super) thread: u32,
    /// The thread's name, if the line has it.
    pub(super) comm: Option<[u8; COMM_SIZE]>,
    /// What.
    pub(super) what: Happened,
}

/// What happened.
#[derive(Debug)]
pub(super) enum Happened {
    /// A call begins.
    Enter {
        abi: Abi,
        number: i32,
        arguments: [u64; 6],
        memory: MemoryBuffer,
    },
    /// A call ends.
    Exit {
        abi: Abi,
        number: i32,
        result: i64,
        arguments: Option<[u64; 6]>,
        memory: MemoryBuffer,
        /// The name that the call has given to its thread.
        renamed: Option<[u8; COMM_SIZE]>,
    },
    /// Another thread was made.
    Fork {
        child: u32,
        /// As `clone` has them.
        flags: u64,
    },
    /// Another program runs.
    Exec {
        file: Vec<u8>,
        comm: Option<[u8; COMM_SIZE]>,
        old_thread: u32,
    },
    /// The thread ends.
    End,
}

impl Happening {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let memory = match &self.what {
            Happened::Enter { memory, .. } | Happened::Exit { memory, .. } => {
                memory.memory().as_bytes().len()
            }
            Happened::Exec { file, .. } => file.len(),
            Happened::Fork { .. } | Happened::End => 0,
        };
        size_of::<Self>() + memory
    }

    fn key(&self) -> (u64, u64) {
        (self.time, self.order)
    }
}

impl PartialEq for Happening {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Happening {}

impl PartialOrd for Happening {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The earliest is the greatest, as heaps have it on top.
impl Ord for Happening {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}
