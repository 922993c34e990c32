//! Who writes a recording: into a file as events come, or into a ring in memory that is written out when somebody asks.

use super::event::Thread;
use super::event::{Event, Observer, Origin, What};
use super::file::{FlightRing, Summary, TraceWriter};
use super::names::Namer;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A flight recorder is written out at most that often: what fires again and again is the same trouble.
const BETWEEN_DUMPS: Duration = Duration::from_secs(1);
/// So long may what was recorded be in memory alone.
const BETWEEN_FLUSHES: Duration = Duration::from_secs(1);

/// A recording in the making, shared by whoever sees events and whoever ends it.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<State>>);

struct State {
    path: PathBuf,
    medium: Medium,
    namer: Namer,
    flushed: Instant,
}

enum Medium {
    File(TraceWriter<File>),
    Ring(Ring),
    Finished,
}

struct Ring {
    ring: FlightRing,
    /// Files that were written.
    dumps: u32,
    last: Option<Instant>,
    /// Requests that came too soon after another.
    passed_over: u64,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which.
    pub path: PathBuf,
    /// What is in it.
    pub summary: Summary,
}

/// How a recording has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// The file that was written now, if one was.
    pub written: Option<Written>,
    /// Requests to write the ring that came too soon after another.
    pub passed_over: u64,
}

impl Recorder {
    /// Records into a file, which is created or replaced.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn file(path: &Path, origin: &Origin) -> io::Result<Self> {
        let (origin, namer) = named(origin);
        let writer = TraceWriter::create(path, &origin)?;
        Ok(Self::new(path, Medium::File(writer), namer))
    }

    /// Keeps the newest events in so many bytes of memory. The file is written when [`Self::dump`] is called.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn ring(path: &Path, bytes: usize, origin: &Origin) -> io::Result<Self> {
        let (origin, namer) = named(origin);
        let ring = FlightRing::new(bytes, &origin)?;
        let ring = Ring {
            ring,
            dumps: 0,
            last: None,
            passed_over: 0,
        };
        Ok(Self::new(path, Medium::Ring(ring), namer))
    }

    fn new(path: &Path, medium: Medium, namer: Namer) -> Self {
        Self(Arc::new(Mutex::new(State {
            path: path.to_owned(),
            medium,
            namer,
            flushed: Instant::now(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is a ring.
    pub fn is_ring(&self) -> bool {
        matches!(self.lock().medium, Medium::Ring(_))
    }

    /// Writes what a ring holds into a file, unless one was written just now. The first is the file that was named, others
    /// have `.2`, `.3` and so on behind it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn dump(&self) -> io::Result<Option<Written>> {
        let state = &mut *self.lock();
        let Medium::Ring(ring) = &mut state.medium else {
            return Ok(None);
        };
        if ring.last.is_some_and(|last| last.elapsed() < BETWEEN_DUMPS) {
            ring.passed_over += 1;
            return Ok(None);
        }
        ring.write(&state.path).map(Some)
    }

    /// Lets readers see what was recorded, if that is due.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn flush(&self) -> io::Result<()> {
        let state = &mut *self.lock();
        if let Medium::File(writer) = &mut state.medium
            && state.flushed.elapsed() >= BETWEEN_FLUSHES
        {
            state.flushed = Instant::now();
            writer.flush()?;
        }
        Ok(())
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(&self, ring_end: RingEnd) -> io::Result<Finish> {
        let state = &mut *self.lock();
        match std::mem::replace(&mut state.medium, Medium::Finished) {
            Medium::File(writer) => {
                let summary = writer.finish(&[])?;
                let path = state.path.clone();
                Ok(Finish {
                    written: Some(Written { path, summary }),
                    passed_over: 0,
                })
            }
            Medium::Ring(mut ring) => {
                let written = match ring_end {
                    RingEnd::Written => Some(ring.write(&state.path)?),
                    RingEnd::Dropped => None,
                };
                Ok(Finish {
                    written,
                    passed_over: ring.passed_over,
                })
            }
            Medium::Finished => Ok(Finish::default()),
        }
    }
}

/// What becomes of a ring at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingEnd {
    /// It is written out.
    Written,
    /// Only what was asked for on the way was wanted.
    Dropped,
}

/// The origin with the names that the tracer itself needs: `BEGIN` may print who it is.
fn named(origin: &Origin) -> (Origin, Namer) {
    let mut namer = Namer::default();
    let names = namer.see(&Thread {
        user: origin.tracer_user,
        cgroup: origin.tracer_cgroup,
        ..Thread::default()
    });
    let names = names.unwrap_or_default();
    let origin = origin.clone();
    (Origin { names, ..origin }, namer)
}

impl State {
    /// Writes down what the user and the cgroup of a thread are called, once.
    fn name(&mut self, thread: &Thread) {
        if let Some(names) = self.namer.see(thread) {
            match &mut self.medium {
                Medium::File(writer) => writer.learn(names),
                Medium::Ring(ring) => ring.ring.learn(names),
                Medium::Finished => {}
            }
        }
    }
}

impl Ring {
    fn write(&mut self, path: &Path) -> io::Result<Written> {
        self.dumps += 1;
        self.last = Some(Instant::now());
        let path = numbered(path, self.dumps);
        let file = BufWriter::new(File::create(&path)?);
        let summary = self.ring.dump(file, &[])?;
        Ok(Written { path, summary })
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
}

impl Observer for Recorder {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let state = &mut *self.lock();
        if !matches!(event.what, What::Lost { .. }) {
            state.name(event.thread);
        }
        match &mut state.medium {
            Medium::File(writer) => writer.event(event),
            Medium::Ring(ring) => ring.ring.event(event),
            Medium::Finished => Ok(()),
        }
    }
}
