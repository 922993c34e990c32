//! A catalog made from the texts of tracefs `format` files, for tests and for machines without tracefs.

use super::{Catalog, TracepointEvent, TracepointName, tracefs_format};
use crate::ctypes::{
    self, Constant, Definition, EnumDef, Include, IncludeKind, Includes, TypeTable,
};
use crate::source::Span;
use crate::syscall::{self, Abi};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Events and cgroups that were handed over one by one.
#[derive(Clone, Debug)]
pub struct FileCatalog {
    abi: Abi,
    names: Vec<TracepointName>,
    events: BTreeMap<TracepointName, Arc<TracepointEvent>>,
    cgroups: BTreeMap<String, u64>,
    cpu_count: u32,
    types: TypeTable,
    files: BTreeMap<String, String>,
}

/// Types of the kernel include nothing.
struct Nowhere;

impl Includes for Nowhere {
    fn include(&self, _: &str, _: IncludeKind) -> Include {
        Include::Missing
    }
}

impl FileCatalog {
    /// An empty catalog of a machine of that ABI and with so many CPUs.
    pub fn new(abi: Abi, cpu_count: u32) -> Self {
        Self {
            abi,
            names: Vec::new(),
            events: BTreeMap::new(),
            cgroups: BTreeMap::new(),
            cpu_count,
            types: TypeTable::default(),
            files: BTreeMap::new(),
        }
    }

    /// Adds an event by the text of its `format` file. Numbers of system calls come from the built-in table.
    pub fn add(&mut self, category: &str, name: &str, format: &str) {
        let number = (category == "syscalls")
            .then(|| {
                name.strip_prefix("sys_enter_")
                    .or_else(|| name.strip_prefix("sys_exit_"))
            })
            .flatten()
            .and_then(syscall::by_event)
            .and_then(|call| syscall::number(self.abi, call));
        self.add_event(tracefs_format::event(category, name, format, number));
    }

    /// Adds an event.
    pub fn add_event(&mut self, event: TracepointEvent) {
        let name = TracepointName {
            category: event.category.clone(),
            name: event.name.clone(),
        };
        if let Err(at) = self.names.binary_search(&name) {
            self.names.insert(at, name.clone());
        }
        self.events.insert(name, Arc::new(event));
    }

    /// Adds types of the kernel, in C; what is wrong with the text is left out.
    pub fn add_types(&mut self, text: &str) {
        let item = (text, Span::new(0, text.len()));
        let kernel = |_: &str| None;
        ctypes::read(&[item], &[], &Nowhere, &kernel, &mut self.types);
    }

    /// Adds a file that scripts can include.
    pub fn add_file(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }

    /// Adds a cgroup v2 directory.
    pub fn add_cgroup(&mut self, path: &str, id: u64) {
        self.cgroups.insert(path.to_owned(), id);
    }
}

impl Catalog for FileCatalog {
    fn tracepoints(&self) -> &[TracepointName] {
        &self.names
    }

    fn tracepoint(&self, category: &str, name: &str) -> Option<Arc<TracepointEvent>> {
        let name = TracepointName {
            category: category.to_owned(),
            name: name.to_owned(),
        };
        self.events.get(&name).cloned()
    }

    fn cgroup_id(&self, path: &str) -> Option<u64> {
        self.cgroups.get(path).copied()
    }

    fn abi(&self) -> Abi {
        self.abi
    }

    fn cpu_count(&self) -> u32 {
        self.cpu_count
    }

    fn kernel_type(&self, name: &str) -> Option<Definition> {
        if let Some(word) = name.strip_prefix("enum ") {
            return self.types.enums.get(word).cloned().map(Definition::Enum);
        }
        let structure = self.types.structs.get(name).cloned();
        let typedef = || self.types.typedefs.get(name).cloned();
        structure
            .map(Definition::Struct)
            .or_else(|| typedef().map(Definition::Typedef))
    }

    fn kernel_enum_of(&self, constant: &str) -> Option<EnumDef> {
        match self.types.constants.get(constant)? {
            Constant::Enum { name, .. } => self.types.enums.get(name).cloned(),
            _ => None,
        }
    }

    fn include(&self, path: &str, _: IncludeKind) -> Include {
        let text = self.files.get(path).cloned();
        text.map_or(Include::Missing, Include::Text)
    }
}
