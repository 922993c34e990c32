//! Which probes native engines offer: system calls by the built-in table, and what processes do. Nothing of the kernel
//! that it runs on is asked, so that traces of other machines are read as well.

use super::{cgroup, include, process_event, syscall};
use crate::kernel::possible_cpus;
use crate::trace::event::Origin;
use std::cell::OnceCell;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use trapline_lang::catalog::{Catalog, TracepointEvent, TracepointName};
use trapline_lang::ctypes::{Include, IncludeKind};
use trapline_lang::syscall::Abi;

/// The catalog of a machine whose system calls are seen without its kernel's help.
#[derive(Debug)]
pub struct NativeCatalog {
    abi: Abi,
    cpu_count: u32,
    include_folders: Vec<PathBuf>,
    names: OnceCell<Vec<TracepointName>>,
}

impl NativeCatalog {
    /// The catalog of a machine of that ABI and with so many CPUs.
    pub fn new(abi: Abi, cpu_count: u32) -> Self {
        Self {
            abi,
            cpu_count,
            include_folders: Vec::new(),
            names: OnceCell::new(),
        }
    }

    /// The catalog of this machine.
    pub fn of_this_machine() -> Self {
        // A container may lack sysfs; then those that we may run on have to do.
        let usable = || thread::available_parallelism().map_or(1, NonZero::get) as u32;
        let cpu_count = possible_cpus().unwrap_or_else(|_| usable());
        Self::new(syscall::NATIVE, cpu_count)
    }

    /// The catalog of the machine that a trace is from; `None` if its ABI is not known.
    pub fn of_trace(origin: &Origin) -> Option<Self> {
        let abi = Abi::by_name(&origin.abi)?;
        Some(Self::new(abi, origin.cpu_count))
    }

    /// Looks for included files in these folders as well.
    #[must_use]
    pub fn with_include_folders(mut self, folders: Vec<PathBuf>) -> Self {
        self.include_folders = folders;
        self
    }

    fn list(&self) -> Vec<TracepointName> {
        let mut names: Vec<_> = [syscall::RAW, syscall::CATEGORY]
            .iter()
            .flat_map(|category| syscall::events(self.abi, category))
            .chain(process_event::names())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Catalog for NativeCatalog {
    fn tracepoints(&self) -> &[TracepointName] {
        self.names.get_or_init(|| self.list())
    }

    fn tracepoint(&self, category: &str, name: &str) -> Option<Arc<TracepointEvent>> {
        syscall::event(self.abi, category, name)
            .map(Arc::new)
            .or_else(|| process_event::event(category, name))
    }

    fn cgroup_id(&self, path: &str) -> Option<u64> {
        cgroup::id(Path::new(path))
    }

    fn abi(&self) -> Abi {
        self.abi
    }

    fn cpu_count(&self) -> u32 {
        self.cpu_count
    }

    fn include(&self, path: &str, kind: IncludeKind) -> Include {
        include::find(&self.include_folders, path, kind)
    }
}
