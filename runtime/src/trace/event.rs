//! Events of threads, as native engines run scripts on them and as traces keep them.
//!
//! An event borrows from whoever made it (a buffer of a trace, a stop of a tracee) and lives until the next one is asked
//! for.

use super::memory::Memory;
use super::names::Names;
use trapline_lang::syscall::Abi;

/// A thread as it was when something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Thread {
    /// Process id (thread group id), in the tracer's pid namespace.
    pub process: u32,
    /// Thread id, in the tracer's pid namespace.
    pub thread: u32,
    /// Process id of the parent; 0 if it is not known.
    pub parent: u32,
    /// User id (real).
    pub user: u32,
    /// Group id (real).
    pub group: u32,
    /// The id of the cgroup v2; 0 if it is not known.
    pub cgroup: u64,
    /// The thread's name, zeros behind it; the last byte is zero.
    pub comm: [u8; COMM_SIZE],
}

/// `TASK_COMM_LEN` (linux v6.12 include/linux/sched.h).
pub const COMM_SIZE: usize = 16;

impl Thread {
    /// The thread's name without the zeros behind it.
    pub fn name(&self) -> &[u8] {
        let end = self.comm.iter().position(|byte| *byte == 0);
        &self.comm[..end.unwrap_or(COMM_SIZE)]
    }

    /// A name as [`Self::comm`] keeps it: cut to 15 bytes.
    pub fn comm(name: &[u8]) -> [u8; COMM_SIZE] {
        let mut comm = [0; COMM_SIZE];
        let length = name.len().min(COMM_SIZE - 1);
        comm[..length].copy_from_slice(&name[..length]);
        comm
    }
}

/// Something that a thread did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Nanoseconds, `CLOCK_MONOTONIC` of the machine that it happened on.
    pub time: u64,
    /// The processor that it happened on; 0 if it is not known.
    pub cpu: u32,
    /// Who did it.
    pub thread: &'a Thread,
    /// What it was.
    pub what: What<'a>,
}

/// What a thread did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// A system call begins: `raw_syscalls:sys_enter`.
    Enter(Enter<'a>),
    /// A system call ends: `raw_syscalls:sys_exit`.
    Exit(Exit<'a>),
    /// The thread has made another: `sched:sched_process_fork`.
    Fork {
        /// The new one. Its process is the same for a thread, and its parent then that of the process.
        child: &'a Thread,
    },
    /// The process runs another program: `sched:sched_process_exec`. The thread has its new name already.
    Exec {
        /// The program, as `execve` was given it.
        file: &'a [u8],
        /// The thread's id before.
        old_thread: u32,
    },
    /// The thread ends: `sched:sched_process_exit`. It is the last of its process if `last`.
    End {
        /// No other thread of the process is left.
        last: bool,
    },
    /// So many events before this one were lost. The thread means nothing.
    Lost {
        /// How many.
        events: u64,
    },
}

/// A system call begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enter<'a> {
    /// Whose number.
    pub abi: Abi,
    /// The number as the kernel shows it: -1 for none, with the bit of x32 for calls of that.
    pub number: i32,
    /// The six words; of 32-bit calls with zeros above.
    pub arguments: [u64; 6],
    /// What lies behind pointers now.
    pub memory: Memory<'a>,
}

/// A system call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit<'a> {
    /// Whose number, as at the end: `execve` may have changed it.
    pub abi: Abi,
    /// The number as the kernel shows it at the end.
    pub number: i32,
    /// What it returned; restart codes (512 to 516, negative) as the kernel shows them.
    pub result: i64,
    /// The six words as they stand in the registers at the end, if they are known: that of a call whose beginning was
    /// not seen. They mean nothing after a successful `execve`.
    pub arguments: Option<[u64; 6]>,
    /// What lies behind pointers now.
    pub memory: Memory<'a>,
}

/// What a trace is about, or a session of a native engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The processor architecture's own ABI, as [`Abi::name`] has it: `x86_64`.
    pub abi: String,
    /// How many processors the machine had.
    pub cpu_count: u32,
    /// When it began: nanoseconds, `CLOCK_MONOTONIC`.
    pub start: u64,
    /// Nanoseconds to add to `CLOCK_MONOTONIC` for the wall clock (`CLOCK_REALTIME`).
    pub realtime_offset: i64,
    /// Nanoseconds to add to `CLOCK_MONOTONIC` for `CLOCK_BOOTTIME`.
    pub boot_offset: i64,
    /// Nanoseconds to add to `CLOCK_BOOTTIME` for `CLOCK_TAI`.
    pub tai_offset: i64,
    /// Process id of the `-c` command; 0 if there was none.
    pub command_process: u32,
    /// The `-c` command, for people; empty if there was none.
    pub command: String,
    /// Process id of the tracer.
    pub tracer_process: u32,
    /// Process id of its parent; 0 if it is not known.
    pub tracer_parent: u32,
    /// The tracer's user id (real).
    pub tracer_user: u32,
    /// The tracer's group id (real).
    pub tracer_group: u32,
    /// The id of the tracer's cgroup v2; 0 if it is not known.
    pub tracer_cgroup: u64,
    /// What those two are called.
    pub names: Names,
    /// What made the events: `bpf`, `ptrace` or `strace`.
    pub engine: String,
    /// `uname -r`
    pub kernel: String,
    /// The calls that were recorded, as [`trapline_lang::syscall::encode`] has them, ascending; `None`: all.
    pub calls: Option<Vec<u64>>,
    /// Most bytes that were kept of a buffer (`read`, `write`). File names are kept whole.
    pub buffer_bytes: u32,
}

/// Somebody who is told of every event.
pub trait Observer {
    /// This happened. Times of one thread never go back; those of several may, by a little.
    ///
    /// # Errors
    /// If it could not be written down.
    fn event(&mut self, event: &Event<'_>) -> std::io::Result<()>;
}
