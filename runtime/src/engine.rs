//! What an engine is: something that runs a compiled script's programs and keeps its maps.
//!
//! Bytes go out of here, never values: [`crate::decode`] reads them by the manifest.

use crate::kernel::KernelError;
use crate::ptrace::PtraceError;
use crate::replay::SourceError;
use std::io;
use std::os::fd::BorrowedFd;
use std::process::ExitStatus;
use std::time::Duration;
use trapline_codegen::object::Counter;

/// Why an engine or a session cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The kernel refused something.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// A command cannot be traced.
    #[error(transparent)]
    Ptrace(#[from] PtraceError),
    /// A recording cannot be written.
    #[error("cannot write the recording")]
    Recording {
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A trace cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Something that a session is made of (epoll, signals) failed.
    #[error("{what} failed")]
    Session {
        /// Which system call.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The results could not be written.
    #[error("cannot write the output")]
    Output {
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// One entry of one of the script's maps, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEntry {
    /// `ScriptMap::key_size` bytes in the hash's layout, wherever the entry was stored; empty for a map without a key.
    pub key: Vec<u8>,
    /// `ScriptMap::value_size` bytes each: one per possible CPU for per-CPU maps, else one.
    pub values: Vec<Vec<u8>>,
}

/// The maps of a running script, by their place in `Manifest::maps`.
pub trait MapStore {
    /// All entries that are present, in no order. Entries of the array and of the hash together.
    ///
    /// # Errors
    /// If the kernel refuses to read one of the maps.
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>>;

    /// The entry of a key (`ScriptMap::key_size` bytes), if present.
    ///
    /// # Errors
    /// If the kernel refuses to read the map.
    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>>;

    /// Sets the value of a key (`ScriptMap::key_size` and `ScriptMap::value_size` bytes) of a map whose values are not
    /// per CPU.
    ///
    /// # Errors
    /// If the kernel refuses to change the map.
    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()>;

    /// Drops all entries.
    ///
    /// # Errors
    /// If the kernel refuses to change the map.
    fn clear(&mut self, map: usize) -> io::Result<()>;

    /// Sets the values of all present entries to zero and keeps the keys.
    ///
    /// # Errors
    /// If the kernel refuses to change the map.
    fn zero(&mut self, map: usize) -> io::Result<()>;

    /// The frames behind a stack's id, innermost first; empty if they were not kept.
    fn stack(&mut self, id: u64) -> Vec<u64>;
}

/// What was lost or went wrong, in all, since the script started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// By `object::Counter`, summed over CPUs.
    pub counters: [u64; Counter::COUNT as usize],
    /// Runs of programs that the kernel skipped because the same program was already running on that CPU:
    /// program name and how many.
    pub missed_runs: Vec<(String, u64)>,
}

/// What running a program took so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunTime {
    /// How often it ran.
    pub runs: u64,
    /// Nanoseconds in all.
    pub nanoseconds: u64,
}

/// The command of `-c`: a session ends with it. One that was never released is killed when the value is dropped.
pub trait Command {
    /// Its process id.
    fn pid(&self) -> u32;

    /// Lets it run.
    ///
    /// # Errors
    /// If the program cannot be executed.
    fn release(&mut self) -> Result<(), EngineError>;

    /// Readable once it has ended.
    fn end_fd(&self) -> BorrowedFd<'_>;

    /// Its exit status, if it has ended. Never waits.
    ///
    /// # Errors
    /// If it cannot be waited for.
    fn status(&mut self) -> io::Result<Option<ExitStatus>>;

    /// Asks it to end, if it still runs.
    fn terminate(&mut self);
}

/// Something that runs a compiled script.
pub trait Engine: MapStore {
    /// Runs the `BEGIN` programs, in order.
    ///
    /// # Errors
    /// If the kernel refuses to run one.
    fn run_begin(&mut self) -> Result<(), EngineError>;

    /// Attaches everything else.
    ///
    /// # Errors
    /// If the kernel refuses one of the attach points.
    fn attach(&mut self) -> Result<(), EngineError>;

    /// Functions among many that could not be attached to.
    fn skipped(&self) -> &[String] {
        &[]
    }

    /// Detaches everything. What was counted stays readable.
    fn detach(&mut self);

    /// Runs the `END` programs, in order.
    ///
    /// # Errors
    /// If the kernel refuses to run one.
    fn run_end(&mut self) -> Result<(), EngineError>;

    /// Runs the programs of a signal that the tracer got, in order.
    ///
    /// # Errors
    /// If the kernel refuses to run one.
    fn run_signal(&mut self, _signal: i32) -> Result<(), EngineError> {
        Ok(())
    }

    /// Runs one program of the manifest once, by its place there; for those of tests and benchmarks.
    ///
    /// # Errors
    /// If the kernel refuses to run it.
    fn run_program(&mut self, program: usize) -> Result<(), EngineError>;

    /// How often a program ran and for how long in all, as far as the kernel counts that.
    fn run_time(&mut self, program: usize) -> Option<RunTime>;

    /// Everything that there will ever be has happened: a trace has ended.
    fn is_over(&self) -> bool {
        false
    }

    /// Why it is over before its time, if it is.
    ///
    /// # Errors
    /// That.
    fn finish(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    /// A file descriptor that is readable when there are events; `None` if there never are any.
    fn event_fd(&self) -> Option<BorrowedFd<'_>>;

    /// Takes the next event record (whole, header included) if there is one. Never waits.
    ///
    /// The bytes are copied, so that maps can be read while the record is handled.
    fn next_event(&mut self, record: &mut Vec<u8>) -> bool;

    /// How long events may wait in the buffer before they are looked for without a wake-up.
    fn poll_interval(&self) -> Duration {
        Duration::from_millis(50)
    }

    /// What was lost so far.
    fn losses(&mut self) -> Losses;
}
