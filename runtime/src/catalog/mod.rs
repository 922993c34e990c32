//! Which probes exist on this machine: tracefs and the built-in system call table in, events with typed
//! fields out. Nothing is read before somebody asks for it.

mod cgroup;
mod function;
mod include;
pub(crate) mod kernel_type;
mod native;
pub mod process_event;
mod syscall;
mod tracefs;

pub use native::NativeCatalog;
pub use syscall::NATIVE as NATIVE_ABI;

use crate::kernel::{KernelError, mount, possible_cpus, vmlinux};
use crate::program::{Programs, register};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trapline_lang::catalog::{
    Catalog, Field, Function, FunctionName, Program, TracepointEvent, TracepointName,
};
use trapline_lang::ctypes::{Definition, EnumDef, Include, IncludeKind};
use trapline_lang::syscall::Abi;

/// The catalog of the running kernel.
pub struct LiveCatalog {
    /// `None` where tracefs is not mounted: then there are system calls and nothing else.
    tracefs: Option<PathBuf>,
    cpu_count: u32,
    /// Where files that scripts include are looked for.
    include_folders: Vec<PathBuf>,
    names: OnceCell<Vec<TracepointName>>,
    events: RefCell<BTreeMap<TracepointName, Option<Arc<TracepointEvent>>>>,
    raw_tracepoints: OnceCell<Vec<FunctionName>>,
    functions: OnceCell<Vec<FunctionName>>,
    typed_functions: OnceCell<Vec<FunctionName>>,
    programs: Programs,
}

impl LiveCatalog {
    /// The catalog of this machine. Mounts tracefs where it is missing and may be mounted.
    ///
    /// # Errors
    /// If sysfs does not say how many CPUs there are.
    pub fn new() -> Result<Self, KernelError> {
        Self::with_tracefs(mount::tracefs().ok())
    }

    fn with_tracefs(tracefs: Option<PathBuf>) -> Result<Self, KernelError> {
        Ok(Self {
            tracefs,
            cpu_count: possible_cpus()?,
            include_folders: Vec::new(),
            names: OnceCell::new(),
            events: RefCell::default(),
            raw_tracepoints: OnceCell::new(),
            functions: OnceCell::new(),
            typed_functions: OnceCell::new(),
            programs: Programs::default(),
        })
    }

    /// Looks for included files in these folders as well.
    #[must_use]
    pub fn with_include_folders(mut self, folders: Vec<PathBuf>) -> Self {
        self.include_folders = folders;
        self
    }

    /// Tracefs is there: events other than system calls can be traced.
    pub fn has_tracefs(&self) -> bool {
        self.tracefs.is_some()
    }

    fn list(&self) -> Vec<TracepointName> {
        let mut names = self
            .tracefs
            .as_deref()
            .map(tracefs::events)
            .unwrap_or_default();
        let has = |category: &str| names.iter().any(|name| name.category == category);
        // A kernel without CONFIG_FTRACE_SYSCALLS has no such events, but they can be traced all the same.
        let missing = [
            (syscall::CATEGORY, has(syscall::CATEGORY)),
            (syscall::RAW, has(syscall::RAW)),
        ];
        for (category, _) in missing.into_iter().filter(|(_, present)| !present) {
            names.extend(syscall::events(syscall::NATIVE, category));
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Catalog for LiveCatalog {
    fn tracepoints(&self) -> &[TracepointName] {
        self.names.get_or_init(|| self.list())
    }

    fn tracepoint(&self, category: &str, name: &str) -> Option<Arc<TracepointEvent>> {
        let key = TracepointName {
            category: category.to_owned(),
            name: name.to_owned(),
        };
        if let Some(event) = self.events.borrow().get(&key) {
            return event.clone();
        }
        let exists = || match &self.tracefs {
            Some(tracefs) if tracefs::has_category(tracefs, category) => {
                tracefs::has_event(tracefs, category, name)
            }
            _ => true,
        };
        let from_table = syscall::event(syscall::NATIVE, category, name).filter(|_| exists());
        let from_format = || tracefs::event(self.tracefs.as_deref()?, category, name);
        let event = from_table.or_else(from_format).map(Arc::new);
        self.events.borrow_mut().insert(key, event.clone());
        event
    }

    fn cgroup_id(&self, path: &str) -> Option<u64> {
        cgroup::id(Path::new(path))
    }

    fn abi(&self) -> Abi {
        syscall::NATIVE
    }

    fn cpu_count(&self) -> u32 {
        self.cpu_count
    }

    fn raw_tracepoints(&self) -> &[FunctionName] {
        self.raw_tracepoints.get_or_init(function::raw_tracepoints)
    }

    fn raw_tracepoint(&self, name: &FunctionName) -> Option<Arc<Function>> {
        function::raw_tracepoint(name).map(Arc::new)
    }

    fn functions(&self) -> &[FunctionName] {
        self.functions
            .get_or_init(|| function::functions(self.tracefs.as_deref()))
    }

    fn typed_functions(&self) -> &[FunctionName] {
        self.typed_functions
            .get_or_init(|| function::typed(self.functions()))
    }

    fn function(&self, name: &FunctionName) -> Option<Arc<Function>> {
        function::function(name).map(Arc::new)
    }

    fn kernel_address(&self, name: &str) -> Option<u64> {
        function::address(Path::new("/proc/kallsyms"), name)
    }

    fn programs(&self, name: &str, pid: Option<u32>) -> Result<Vec<Arc<Program>>, String> {
        self.programs.named(name, pid)
    }

    fn source_name(&self, symbol: &str) -> Option<String> {
        self.programs.source_name(symbol)
    }

    fn register(&self, name: &str) -> Option<u32> {
        register::offset(name)
    }

    fn kernel_type(&self, name: &str) -> Option<Definition> {
        kernel_type::by_name(vmlinux::kernel()?, name)
    }

    fn kernel_enum_of(&self, constant: &str) -> Option<EnumDef> {
        kernel_type::enum_of(vmlinux::kernel()?, constant)
    }

    fn include(&self, path: &str, kind: IncludeKind) -> Include {
        include::find(&self.include_folders, path, kind)
    }
}

/// The fields of an event as listings show them, a line each: `    const char * filename`. Common fields are
/// left out.
pub fn describe(event: &TracepointEvent) -> Vec<String> {
    describe_fields(&event.fields)
}

/// The same of any fields.
pub fn describe_fields(fields: &[Field]) -> Vec<String> {
    fields
        .iter()
        .filter(|field| !field.name.starts_with("common_"))
        .map(|field| {
            let (c_type, array) = match field.c_type.find('[') {
                // `__data_loc char[] name`: the brackets belong to the type.
                Some(at) if !field.c_type.starts_with("__") => field.c_type.split_at(at),
                _ => (field.c_type.as_str(), ""),
            };
            format!("    {c_type} {}{array}", field.name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_calls_are_there_without_tracefs() {
        let catalog = LiveCatalog::with_tracefs(None).expect("sysfs");
        let openat = catalog
            .tracepoint("syscalls", "sys_enter_openat")
            .expect("is in the table");
        assert_eq!(
            describe(&openat),
            [
                "    int __syscall_nr",
                "    int dfd",
                "    const char * filename",
                "    int flags",
                "    umode_t mode"
            ]
        );
        let raw = catalog
            .tracepoint("raw_syscalls", "sys_enter")
            .expect("is known");
        assert_eq!(describe(&raw), ["    long id", "    unsigned long args[6]"]);
        let names = catalog.tracepoints();
        assert!(names.is_sorted());
        assert!(
            names.iter().any(|name| name.name == "sys_exit_newstat"),
            "under the event's name"
        );
        assert!(catalog.tracepoint("sched", "sched_switch").is_none());
        assert!(catalog.tracepoint("syscalls", "sys_enter_").is_none());
    }

    #[test]
    fn what_is_listed_can_be_described() {
        let catalog = LiveCatalog::new().expect("sysfs");
        let names = catalog.tracepoints();
        assert!(names.is_sorted());
        for TracepointName { category, name } in names {
            let event = catalog.tracepoint(category, name);
            assert!(
                event.is_some_and(|event| !event.fields.is_empty()),
                "{category}:{name}"
            );
        }
        for (category, name) in [
            ("no", "such"),
            ("syscalls", "sys_enter_nothing"),
            ("sched", "../sched/sched_switch"),
        ] {
            assert!(
                catalog.tracepoint(category, name).is_none(),
                "{category}:{name}"
            );
        }
    }
}
