//! What an engine is: something that runs a compiled script's programs and keeps its maps.
//!
//! Bytes go out of here, never values: [`crate::decode`] reads them by the manifest.

use std::io;
use std::time::Duration;

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
    pub counters: [u64; trapline_codegen::object::Counter::COUNT as usize],
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

/// Something that runs a compiled script.
pub trait Engine: MapStore {
    /// Runs the `BEGIN` programs, in order.
    ///
    /// # Errors
    /// If the kernel refuses to run one.
    fn run_begin(&mut self) -> Result<(), crate::kernel::KernelError>;

    /// Attaches everything else.
    ///
    /// # Errors
    /// If the kernel refuses one of the attach points.
    fn attach(&mut self) -> Result<(), crate::kernel::KernelError>;

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
    fn run_end(&mut self) -> Result<(), crate::kernel::KernelError>;

    /// Runs the programs of a signal that the tracer got, in order.
    ///
    /// # Errors
    /// If the kernel refuses to run one.
    fn run_signal(&mut self, _signal: i32) -> Result<(), crate::kernel::KernelError> {
        Ok(())
    }

    /// Runs one program of the manifest once, by its place there; for those of tests and benchmarks.
    ///
    /// # Errors
    /// If the kernel refuses to run it.
    fn run_program(&mut self, program: usize) -> Result<(), crate::kernel::KernelError>;

    /// How often a program ran and for how long in all, as far as the kernel counts that.
    fn run_time(&mut self, program: usize) -> Option<RunTime>;

    /// A file descriptor that is readable when there are events; `None` if there never are any.
    fn event_fd(&self) -> Option<std::os::fd::BorrowedFd<'_>>;

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
