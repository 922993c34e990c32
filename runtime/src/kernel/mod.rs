//! The engine that runs scripts in the kernel, as BPF programs: an object file and its manifest in, an
//! [`Engine`] out.

mod attach;
mod constant;
mod cpu;
mod error;
pub mod feature;
pub(crate) mod image_log;
mod load;
mod map;
mod mapping;
pub mod mount;
mod preemption;
pub mod privilege;
mod ring_buffer;
mod sys;
pub mod target;
pub mod vmlinux;

pub(crate) use sys::{clock_distance, monotonic_now};

pub use error::{KernelError, VerifierExcerpt, verifier_excerpt};

use crate::engine::{Engine, EngineError, Losses, MapStore, RawEntry, RunTime};
use attach::Links;
use constant::Constants;
use map::Maps;
use ring_buffer::RingBuffer;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use trapline_codegen::object::{Attach, Manifest};

/// A script in the kernel: its programs and maps, and what attaches them.
///
/// Dropping it detaches and frees everything.
pub struct KernelEngine {
    manifest: Manifest,
    programs: Vec<OwnedFd>,
    maps: Maps,
    ring_buffer: Option<RingBuffer>,
    links: Links,
    /// Process id of the `-c` command.
    child: Option<u32>,
    /// While it is kept, the kernel counts how long programs run.
    run_times: Option<OwnedFd>,
}

impl KernelEngine {
    /// Loads an object, attached to nothing yet. `child` is the process id of the `-c` command.
    ///
    /// # Errors
    /// If a capability is missing, the kernel refuses a map or a program, or the object is not one that
    /// goes with the manifest.
    pub fn load(elf: &[u8], manifest: &Manifest, child: Option<u32>) -> Result<Self, KernelError> {
        privilege::check()?;
        let constants = Constants {
            child_pid: child.unwrap_or(0),
            cpu_count: possible_cpus()?,
            start_time: sys::monotonic_now(),
        };
        let loaded = load::load(elf, manifest, &constants)?;
        let ring_buffer = manifest
            .ring_buffer
            .map(|map| RingBuffer::open(&loaded.maps[map as usize]))
            .transpose()?;
        Ok(Self {
            programs: loaded.programs,
            maps: Maps::new(loaded.maps, manifest),
            ring_buffer,
            links: Links::default(),
            child,
            run_times: None,
            manifest: manifest.clone(),
        })
    }

    fn run(&self, which: &Attach, name: &str) -> Result<(), KernelError> {
        for (info, program) in self.manifest.programs.iter().zip(&self.programs) {
            if info.attach == *which {
                sys::test_run(program.as_fd()).map_err(|source| KernelError::Run {
                    probe: name.to_owned(),
                    source,
                })?;
            }
        }
        Ok(())
    }
}

/// How many CPUs the kernel can have.
pub(crate) fn possible_cpus() -> Result<u32, KernelError> {
    cpu::possible().map_err(|source| KernelError::File {
        path: "/sys/devices/system/cpu/possible".to_owned(),
        source,
    })
}

impl MapStore for KernelEngine {
    fn read(&mut self, map: usize) -> io::Result<Vec<RawEntry>> {
        self.maps.read(map)
    }

    fn read_entry(&mut self, map: usize, key: &[u8]) -> io::Result<Option<RawEntry>> {
        self.maps.read_entry(map, key)
    }

    fn write_entry(&mut self, map: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.maps.write_entry(map, key, value)
    }

    fn clear(&mut self, map: usize) -> io::Result<()> {
        self.maps.clear(map)
    }

    fn zero(&mut self, map: usize) -> io::Result<()> {
        self.maps.zero(map)
    }

    fn stack(&mut self, id: u64) -> Vec<u64> {
        self.maps.stack(id)
    }
}

impl Engine for KernelEngine {
    fn run_begin(&mut self) -> Result<(), EngineError> {
        Ok(self.run(&Attach::Begin, "BEGIN")?)
    }

    fn attach(&mut self) -> Result<(), EngineError> {
        self.links = Links::attach(&self.manifest, &self.programs, self.child)?;
        Ok(())
    }

    fn skipped(&self) -> &[String] {
        self.links.skipped()
    }

    fn detach(&mut self) {
        self.links.detach();
    }

    fn run_end(&mut self) -> Result<(), EngineError> {
        Ok(self.run(&Attach::End, "END")?)
    }

    fn run_signal(&mut self, signal: i32) -> Result<(), EngineError> {
        Ok(self.run(&Attach::Signal { signal }, "self:signal")?)
    }

    fn run_program(&mut self, program: usize) -> Result<(), EngineError> {
        let (Some(info), Some(program)) = (
            self.manifest.programs.get(program),
            self.programs.get(program),
        ) else {
            return Ok(());
        };
        let refused = |source| KernelError::Run {
            probe: info.probes.first().unwrap_or(&info.name).clone(),
            source,
        };
        Ok(sys::test_run(program.as_fd()).map_err(refused)?)
    }

    fn run_time(&mut self, program: usize) -> Option<RunTime> {
        if self.run_times.is_none() {
            self.run_times = sys::count_run_times().ok();
        }
        self.run_times.as_ref()?;
        let (nanoseconds, runs) = sys::run_time(self.programs.get(program)?.as_fd()).ok()?;
        Some(RunTime { runs, nanoseconds })
    }

    fn event_fd(&self) -> Option<BorrowedFd<'_>> {
        self.ring_buffer.as_ref().map(RingBuffer::fd)
    }

    fn next_event(&mut self, record: &mut Vec<u8>) -> bool {
        self.ring_buffer
            .as_mut()
            .is_some_and(|buffer| buffer.next(record))
    }

    fn losses(&mut self) -> Losses {
        let missed_runs = self
            .manifest
            .programs
            .iter()
            .zip(&self.programs)
            .filter_map(|(info, program)| {
                // A kernel that does not count them has nothing to tell.
                let missed = sys::missed_runs(program.as_fd()).unwrap_or(0);
                (missed > 0).then(|| (info.name.clone(), missed))
            })
            .collect();
        Losses {
            counters: self.maps.counters().unwrap_or_default(),
            missed_runs,
        }
    }
}
