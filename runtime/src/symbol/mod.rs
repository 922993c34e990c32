//! Names of kernel and user addresses, users, cgroups, file descriptors, times: looked up when something is printed, then kept.

mod cgroup;
mod descriptor;
mod kernel;
mod module;
mod owner;
mod process;
mod socket;
mod time;
mod user;

pub(crate) use descriptor::DescriptorChange;
pub use kernel::KernelSymbol;
pub use module::UserFunction;
pub(crate) use module::demangle;
pub(crate) use owner::Owners;
pub use process::{FilePlace, UserPlace};
pub use time::WallTime;

use crate::cgroup::container;
use crate::kernel::image_log::ImageLog;
use crate::trace::event::Origin;
use crate::trace::names::KnownNames;
use std::path::PathBuf;
use trapline_lang::types::Clock;

/// The files that names come from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Symbols of the kernel.
    pub kallsyms: PathBuf,
    /// Users.
    pub passwd: PathBuf,
    /// Mounted file systems, for cgroups.
    pub mounts: PathBuf,
    /// A directory for each process, for user addresses.
    pub proc: PathBuf,
    /// Symbols that were split off programs, by build id.
    pub debug_files: PathBuf,
}

impl Default for Sources {
    /// The files of this machine.
    fn default() -> Self {
        Self {
            kallsyms: "/proc/kallsyms".into(),
            passwd: "/etc/passwd".into(),
            mounts: "/proc/mounts".into(),
            proc: "/proc".into(),
            debug_files: "/usr/lib/debug".into(),
        }
    }
}

/// Finds names. Reads nothing before the first question.
#[derive(Debug, Default)]
pub struct Resolver {
    sources: Sources,
    kernel: Option<kernel::Symbols>,
    processes: process::Processes,
    owners: Owners,
    descriptors: descriptor::Descriptors,
    clocks: time::Offsets,
    notes: Vec<String>,
}

impl Resolver {
    /// Finds names on this machine.
    pub fn new() -> Self {
        Self::default()
    }

    /// Finds none but in the trace itself: what this machine calls users, cgroups and files has nothing to do with it.
    pub fn of_trace(origin: &Origin, names: KnownNames) -> Self {
        /// No file can be below it.
        const NOTHING: &str = "/dev/null/none";
        let sources = Sources {
            kallsyms: NOTHING.into(),
            passwd: NOTHING.into(),
            mounts: NOTHING.into(),
            proc: NOTHING.into(),
            debug_files: NOTHING.into(),
        };
        Self {
            clocks: time::Offsets::of_trace(origin),
            owners: Owners::of_trace(names),
            ..Self::from_sources(sources)
        }
    }

    /// Finds names in other files.
    pub fn from_sources(sources: Sources) -> Self {
        Self {
            sources,
            ..Self::default()
        }
    }

    /// The function or object that a kernel address lies in.
    pub fn kernel_symbol(&mut self, address: u64) -> Option<KernelSymbol<'_>> {
        let symbols = self.kernel.get_or_insert_with(|| {
            let (symbols, problem) = kernel::Symbols::read(&self.sources.kallsyms);
            self.notes.extend(problem);
            symbols
        });
        symbols.find(address)
    }

    /// Where addresses of a process lie. A process that has ended must have been asked for, or remembered, before.
    pub fn user_places(&mut self, pid: u32, addresses: &[u64]) -> Vec<UserPlace> {
        self.processes.places(&self.sources, pid, addresses)
    }

    /// Reads now what a process has mapped, so that its addresses have names after its end. Does nothing if it does
    /// not run any more.
    pub fn remember_process(&mut self, pid: u32) {
        self.processes.remember(&self.sources, pid);
    }

    /// Takes note from now on of what a process and those that come from it map, so that addresses have names however
    /// soon a process ends. Where the kernel does not tell, what can be read of them while they run has to do.
    pub fn follow_process(&mut self, pid: u32) {
        if let Ok(log) = ImageLog::of_process(pid) {
            self.processes.follow(log);
        }
    }

    /// The name of a user.
    pub fn user_name(&mut self, uid: u64) -> Option<&str> {
        self.owners.user_name(&self.sources, uid)
    }

    /// Where a cgroup is: `unified:/path`, several hierarchies with commas between them; `filter` is a pattern with
    /// `*` on the hierarchy's name. Empty if there is no such cgroup.
    pub fn cgroup_path(&mut self, id: u64, filter: &str) -> String {
        let places = self.owners.cgroup_places(&self.sources, id);
        cgroup::path(&places, filter)
    }

    /// The container or unit that a cgroup v2 stands for, else its path, else its id.
    pub fn container(&mut self, id: u64) -> String {
        let path = self.cgroup_path(id, "unified");
        let path = path.split_once(':').map_or("", |(_, path)| path);
        match container(path) {
            Some(name) => name,
            None if path.is_empty() => id.to_string(),
            None => path.to_owned(),
        }
    }

    /// What a file descriptor of a process is open on, as `/proc/PID/fd` has it; else why that is not known.
    pub fn descriptor_target(&self, process: u32, number: i32) -> String {
        self.descriptors.target(&self.sources, process, number)
    }

    /// The same, with sockets by their addresses.
    pub fn descriptor_description(&mut self, process: u32, number: i32) -> String {
        self.descriptors.description(&self.sources, process, number)
    }

    /// Takes note of what a call has done to the descriptors of its process.
    pub(crate) fn note_descriptor(&mut self, process: u32, change: &DescriptorChange<'_>) {
        self.descriptors.note(&self.sources, process, change);
    }

    /// The time of day of a clock's reading.
    pub fn wall_time(&mut self, clock: Clock, nanoseconds: u64) -> WallTime {
        self.clocks.wall_time(clock, nanoseconds)
    }

    /// What the user should know of names that could not be found; each is given once.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}
