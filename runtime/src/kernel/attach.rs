//! Attaches loaded programs: links in, links out.
//!
//! Letting go of a link detaches its program at once. Closing a perf tracepoint event, on the other hand,
//! takes the kernel some 100 ms each; so links and events are kept apart, and the events are closed after
//! everything has been printed.

mod site;

pub(crate) use site::{kprobes_at_once, user_sites_at_once};

use super::cpu;
use super::error::KernelError;
use super::mount;
use super::sys::{self, PerfEvent};
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::thread;
use trapline_codegen::object::{
    Attach, Manifest, ProgramInfo, TimerCpus, TimerPeriod, TracepointTarget,
};

/// `PERF_COUNT_SW_CPU_CLOCK`
const CPU_CLOCK: u32 = 0;

/// So many attach points may need more files than a process has by default.
pub(crate) const MANY: usize = 100;

/// What keeps programs attached.
#[derive(Default)]
pub(crate) struct Links {
    links: Vec<OwnedFd>,
    /// Perf events that programs hang on by a link: harmless once the link is gone, slow to close.
    linked_events: Vec<OwnedFd>,
    /// Perf events that hold their programs themselves.
    events: Vec<OwnedFd>,
    /// Clocks that are still to be started.
    clocks: Vec<usize>,
    /// Functions among many that the kernel does not let be probed.
    skipped: Vec<String>,
}

impl Links {
    /// Attaches all programs of a manifest but those of `BEGIN` and `END`; `child` is the `-c` command.
    ///
    /// # Errors
    /// If the kernel refuses one; the others are detached again.
    pub(crate) fn attach(
        manifest: &Manifest,
        programs: &[OwnedFd],
        child: Option<u32>,
    ) -> Result<Self, KernelError> {
        let mut links = Self::default();
        for (info, program) in manifest.programs.iter().zip(programs) {
            let program = program.as_fd();
            let refused = |source| KernelError::Attach {
                attach_point: info.probes.first().unwrap_or(&info.name).clone(),
                source,
            };
            match &info.attach {
                Attach::Begin
                | Attach::End
                | Attach::Test
                | Attach::Bench
                | Attach::Signal { .. } => {}
                Attach::RawTracepoint { name, btf } => {
                    links.raw_tracepoint(program, name, *btf).map_err(refused)?;
                }
                Attach::Tracepoints(targets) => links.tracepoints(program, targets)?,
                Attach::Timer { cpus, period } => {
                    links.timer(program, *cpus, *period).map_err(refused)?;
                }
                Attach::RawTracepoints(names) => {
                    for name in names {
                        links
                            .raw_tracepoint(program, name, false)
                            .map_err(refused)?;
                    }
                }
                Attach::Counter {
                    hardware,
                    event,
                    period,
                } => links
                    .counter(program, cpu::online(), *hardware, *event, *period)
                    .map_err(refused)?,
                Attach::User {
                    returns,
                    sites,
                    pid,
                } => links
                    .user_sites(program, sites, *returns, *pid)
                    .map_err(refused)?,
                Attach::Kprobes { returns, targets } => {
                    match links.kprobes(program, targets, *returns) {
                        // Kernels without cookies have a program for each of many functions.
                        Err(error)
                            if site::is_untraceable(&error)
                                && of_same_probes(manifest, info) > 1 =>
                        {
                            let names = targets.iter().map(|target| target.function.clone());
                            links.skipped.extend(names);
                        }
                        other => other.map_err(refused)?,
                    }
                }
                Attach::Trampoline { .. } => {
                    links.raw_tracepoint(program, "", true).map_err(refused)?;
                }
                Attach::Watchpoint {
                    address,
                    length,
                    mode,
                    pid,
                } => links
                    .watchpoint(program, (*address, *length, *mode), pid.or(child))
                    .map_err(refused)?,
                Attach::Iterator { .. } => links.iterate(program).map_err(refused)?,
            }
        }
        links.start_clocks().map_err(|source| KernelError::Attach {
            attach_point: "a timer".to_owned(),
            source,
        })?;
        Ok(links)
    }

    /// Functions among many that the kernel does not let be probed.
    pub(crate) fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Detaches everything; what is slow to close is left for the drop of the value.
    pub(crate) fn detach(&mut self) {
        for event in &self.events {
            // A process that is being started has the file, too, until its execve: closing would not stop the event.
            // If it cannot be stopped, it ends with that.
            let _ = sys::disable_perf_event(event.as_fd());
        }
        close_at_once(std::mem::take(&mut self.links));
        self.events.clear();
    }

    fn raw_tracepoint(&mut self, program: BorrowedFd<'_>, name: &str, btf: bool) -> io::Result<()> {
        let name = (!btf).then(|| CString::new(name)).transpose()?;
        self.links
            .push(sys::open_raw_tracepoint(program, name.as_deref())?);
        Ok(())
    }

    fn tracepoints(
        &mut self,
        program: BorrowedFd<'_>,
        targets: &[TracepointTarget],
    ) -> Result<(), KernelError> {
        if targets.len() > MANY {
            // If the limit cannot be raised, opening files fails, which says so.
            let _ = sys::allow_many_files();
        }
        let tracefs = mount::tracefs()?;
        for target in targets {
            let attach_point = || format!("tracepoint:{}:{}", target.category, target.name);
            let id = tracepoint_id(&tracefs, target).ok_or_else(|| KernelError::NoTracepoint {
                attach_point: attach_point(),
            })?;
            // The program runs as soon as it is linked: the event itself stays disabled, so that perf has
            // nothing to do for it.
            sys::open_perf_event(PerfEvent::Tracepoint { id })
                .and_then(|event| self.link(program, event, target.cookie).map(drop))
                .map_err(|source| KernelError::Attach {
                    attach_point: attach_point(),
                    source,
                })?;
        }
        Ok(())
    }

    fn timer(
        &mut self,
        program: BorrowedFd<'_>,
        cpus: TimerCpus,
        period: TimerPeriod,
    ) -> io::Result<()> {
        let period = match period {
            TimerPeriod::Nanoseconds(nanoseconds) => nanoseconds,
            // The kernel's clock does the same division for a frequency, and has a limit besides.
            TimerPeriod::Hertz(hertz) => 1_000_000_000 / hertz.max(1),
        };
        let mut online = cpu::online()?;
        if cpus == TimerCpus::One {
            online.truncate(1);
        }
        self.counter(program, Ok(online), false, CPU_CLOCK, period.max(1))
    }

    fn counter(
        &mut self,
        program: BorrowedFd<'_>,
        cpus: io::Result<Vec<u32>>,
        hardware: bool,
        event: u32,
        period: u64,
    ) -> io::Result<()> {
        for cpu in cpus? {
            let counter = PerfEvent::Counter {
                hardware,
                event,
                period,
                cpu,
            };
            self.start_later(program, counter)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound if hardware => io::Error::new(
                        io::ErrorKind::NotFound,
                        "this machine has no such counter (virtual machines often have none)",
                    ),
                    _ => error,
                })?;
        }
        Ok(())
    }

    /// Attaches to an event that has to be started, and stopped by closing it.
    fn start_later(&mut self, program: BorrowedFd<'_>, event: PerfEvent<'_>) -> io::Result<()> {
        let event = sys::open_perf_event(event)?;
        match sys::link_perf_event(program, event.as_fd(), 0) {
            Ok(link) => self.links.push(link),
            Err(error) if without_links(&error) => {
                sys::set_perf_event_program(event.as_fd(), program)?;
            }
            Err(error) => return Err(error),
        }
        self.clocks.push(self.events.len());
        self.events.push(event);
        Ok(())
    }

    fn link(&mut self, program: BorrowedFd<'_>, event: OwnedFd, cookie: u64) -> io::Result<()> {
        match sys::link_perf_event(program, event.as_fd(), cookie) {
            Ok(link) => {
                self.links.push(link);
                self.linked_events.push(event);
            }
            Err(error) if without_links(&error) && cookie == 0 => {
                sys::set_perf_event_program(event.as_fd(), program)?;
                self.events.push(event);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Starts the clocks together, once everything is attached.
    fn start_clocks(&mut self) -> io::Result<()> {
        for clock in self.clocks.drain(..) {
            sys::enable_perf_event(self.events[clock].as_fd())?;
        }
        Ok(())
    }
}

/// Closes links, from several threads: for each of a perf event the kernel waits some 40 ms until nobody runs its
/// program any more, and it waits for all of them in the same time.
fn close_at_once(mut links: Vec<OwnedFd>) {
    const THREADS: usize = 64;
    let share = links.len().div_ceil(THREADS).max(1);
    thread::scope(|scope| {
        while links.len() > share {
            let part = links.split_off(links.len() - share);
            // If no thread can be started, they are closed here.
            let _ = thread::Builder::new().spawn_scoped(scope, || drop(part));
        }
        drop(links);
    });
}

/// How many programs serve the attach points of this one.
fn of_same_probes(manifest: &Manifest, info: &ProgramInfo) -> usize {
    let same = |other: &&ProgramInfo| other.probes == info.probes;
    manifest.programs.iter().filter(same).count()
}

/// The kernel has no links for perf events (before 5.15).
fn without_links(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EINVAL | libc::EOPNOTSUPP | sys::ENOTSUPP)
    )
}

fn tracepoint_id(tracefs: &Path, target: &TracepointTarget) -> Option<u64> {
    let id = tracefs
        .join("events")
        .join(&target.category)
        .join(&target.name)
        .join("id");
    fs::read_to_string(id).ok()?.trim().parse().ok()
}
