//! Names of kernel addresses, users, cgroups, times: looked up when something is printed, then kept.

mod cgroup;
mod kernel;
pub(crate) mod signal;
mod time;
mod user;

pub use kernel::KernelSymbol;
pub use time::WallTime;

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
}

impl Default for Sources {
    /// The files of this machine.
    fn default() -> Self {
        Self {
            kallsyms: "/proc/kallsyms".into(),
            passwd: "/etc/passwd".into(),
            mounts: "/proc/mounts".into(),
        }
    }
}

/// Finds names. Reads nothing before the first question.
#[derive(Debug, Default)]
pub struct Resolver {
    sources: Sources,
    kernel: Option<kernel::Symbols>,
    users: Option<user::Users>,
    cgroups: cgroup::Cgroups,
    clocks: time::Offsets,
    notes: Vec<String>,
}

impl Resolver {
    /// Finds names on this machine.
    pub fn new() -> Self {
        Self::default()
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

    /// The name of a user.
    pub fn user_name(&mut self, uid: u64) -> Option<&str> {
        let users = self
            .users
            .get_or_insert_with(|| user::Users::read(&self.sources.passwd));
        users.name(uid)
    }

    /// Where a cgroup is: `unified:/path`, several hierarchies with commas between them; `filter` is a pattern with
    /// `*` on the hierarchy's name. Empty if there is no such cgroup.
    pub fn cgroup_path(&mut self, id: u64, filter: &str) -> String {
        self.cgroups.path(&self.sources.mounts, id, filter)
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
