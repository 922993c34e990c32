//! Processes: `/proc/PID/maps` in, the function and file of a user address out.
//!
//! What was read of a process is kept, because its addresses are often printed after its end. What the processes of a
//! command map is taken from the kernel's log of it instead: no process is too short for that. Names within a file are
//! [`super::module`]'s.

use super::Sources;
use super::module::{Module, UserFunction};
use crate::kernel::image_log::{ImageLog, Step};
use std::collections::{HashMap, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// So many processes are remembered; of more, those that were met first are forgotten.
const MOST_PROCESSES: usize = 4096;

/// Where a user address lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPlace {
    /// The function, if known.
    pub function: Option<UserFunction>,
    /// The file that is mapped there, if one is.
    pub file: Option<FilePlace>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// As the process calls the file.
    pub path: Arc<str>,
    /// The file's build id: 40 hexadecimal digits.
    pub build_id: Option<Arc<str>>,
    /// Bytes from the start of the file.
    pub offset: u64,
}

/// What is known of processes, and of the files that they have mapped.
#[derive(Debug, Default)]
pub(super) struct Processes {
    processes: HashMap<u32, Process>,
    /// In the order in which they were met.
    met: VecDeque<u32>,
    modules: HashMap<FileId, Rc<Module>>,
    /// What processes are followed by.
    log: Option<ImageLog>,
}

/// A process and what it ran.
#[derive(Debug, Default)]
struct Process {
    current: Image,
    /// Before its last `execve`; what happened then may be printed only now.
    previous: Option<Image>,
    /// The log tells of it.
    is_followed: bool,
}

/// What a process had mapped.
#[derive(Clone, Debug, Default)]
struct Image {
    /// Device and inode of its program; `None` if only the log has told of it.
    program: Option<(u64, u64)>,
    /// All executable memory, ascending.
    mappings: Vec<Mapping>,
}

#[derive(Clone, Debug)]
struct Mapping {
    start: u64,
    end: u64,
    /// Of its start, in the file.
    offset: u64,
    /// `None` for memory without a file.
    module: Option<Rc<Module>>,
}

/// Tells files apart: as `/proc/PID/maps` does, by device, inode, and path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FileId {
    device: Vec<u8>,
    inode: u64,
    path: Vec<u8>,
}

impl Processes {
    /// Has a log tell what some processes map.
    pub(super) fn follow(&mut self, log: ImageLog) {
        self.log = Some(log);
    }

    /// Learns what a process has mapped, if it still runs, so that it is known later.
    pub(super) fn remember(&mut self, sources: &Sources, pid: u32) {
        self.catch_up(sources);
        if !self.is_followed(pid) {
            self.read(sources, pid);
        }
    }

    /// Takes what the log has to tell.
    fn catch_up(&mut self, sources: &Sources) {
        let steps = self.log.as_mut().map(ImageLog::take).unwrap_or_default();
        for step in steps {
            self.note(sources, step);
        }
    }

    fn note(&mut self, sources: &Sources, step: Step) {
        match step {
            Step::Mapped {
                pid,
                start,
                length,
                offset,
                device: (major, minor),
                inode,
                path,
            } => {
                let end = start.saturating_add(length);
                let device = format!("{major:02x}:{minor:02x}");
                let line = Line {
                    range: &format!("{start:x}-{end:x}"),
                    start,
                    end,
                    offset,
                    device: device.as_bytes(),
                    inode,
                    path: if inode == 0 { b"" } else { &path },
                };
                let directory = sources.proc.join(pid.to_string());
                let module = self.module(sources, &directory, &line);
                let mapping = Mapping {
                    start,
                    end,
                    offset,
                    module,
                };
                let process = self.process(pid);
                process.is_followed = true;
                process.current.insert(mapping);
            }
            Step::Executed { pid } => self.process(pid).begin(Image::default()),
            Step::Forked { parent, child } => {
                let process = self.processes.get(&parent);
                let image = process.map(|process| process.current.clone());
                if let Some(image) = image {
                    self.process(child).begin(image);
                }
            }
        }
    }

    fn is_followed(&self, pid: u32) -> bool {
        let process = self.processes.get(&pid);
        process.is_some_and(|process| process.is_followed)
    }

    /// What is known of a process; nothing if it was not met yet.
    fn process(&mut self, pid: u32) -> &mut Process {
        if !self.processes.contains_key(&pid) {
            self.met.push_back(pid);
            if self.met.len() > MOST_PROCESSES
                && let Some(oldest) = self.met.pop_front()
            {
                self.processes.remove(&oldest);
            }
        }
        self.processes.entry(pid).or_default()
    }

    /// Reads what a process has mapped, if it still runs.
    fn read(&mut self, sources: &Sources, pid: u32) {
        let directory = sources.proc.join(pid.to_string());
        let Some(program) = program(&directory) else {
            return;
        };
        let Ok(maps) = fs::read(directory.join("maps")) else {
            return;
        };
        let lines = maps.split(|byte| *byte == b'\n').filter_map(Line::parse);
        let mappings = lines.map(|line| Mapping {
            start: line.start,
            end: line.end,
            offset: line.offset,
            module: self.module(sources, &directory, &line),
        });
        let image = Image {
            program: Some(program),
            mappings: mappings.collect(),
        };
        let process = self.process(pid);
        if process.current.program.is_some_and(|old| old != program) {
            process.previous = Some(std::mem::take(&mut process.current));
        }
        process.current = image;
    }

    /// Where addresses of a process lie. Reads again what it has mapped if that must have changed.
    pub(super) fn places(
        &mut self,
        sources: &Sources,
        pid: u32,
        addresses: &[u64],
    ) -> Vec<UserPlace> {
        self.catch_up(sources);
        let program = program(&sources.proc.join(pid.to_string()));
        let is_current = self.processes.get(&pid).is_some_and(|process| {
            (process.is_followed || program == process.current.program)
                && addresses
                    .iter()
                    .all(|address| process.mapping(*address).is_some())
        });
        if program.is_some() && !is_current {
            self.read(sources, pid);
        }
        let process = self.processes.get(&pid);
        let place = |address: &u64| {
            process
                .and_then(|process| process.mapping(*address))
                .map_or_else(UserPlace::default, |mapping| mapping.place(*address))
        };
        addresses.iter().map(place).collect()
    }

    /// The file of a mapping, opened if it is not open yet.
    fn module(
        &mut self,
        sources: &Sources,
        directory: &Path,
        line: &Line<'_>,
    ) -> Option<Rc<Module>> {
        let id = line.file_id()?;
        let known = self.modules.get(&id).filter(|module| module.is_open());
        if let Some(module) = known {
            return Some(Rc::clone(module));
        }
        let path = String::from_utf8_lossy(line.path);
        let file = line.find_file(directory);
        let module = Rc::new(Module::open(&path, file.as_deref(), &sources.debug_files));
        self.modules.insert(id, Rc::clone(&module));
        Some(module)
    }
}

impl Process {
    /// What it has mapped from now on.
    fn begin(&mut self, image: Image) {
        self.previous = Some(std::mem::replace(&mut self.current, image));
        self.is_followed = true;
    }

    fn mapping(&self, address: u64) -> Option<&Mapping> {
        let images = [Some(&self.current), self.previous.as_ref()];
        images
            .into_iter()
            .flatten()
            .find_map(|image| image.mapping(address))
    }
}

impl Image {
    /// Adds a mapping, instead of what it covers.
    fn insert(&mut self, new: Mapping) {
        self.mappings
            .retain(|old| old.end <= new.start || new.end <= old.start);
        let at = self.mappings.partition_point(|old| old.start < new.start);
        self.mappings.insert(at, new);
    }

    fn mapping(&self, address: u64) -> Option<&Mapping> {
        let after = self
            .mappings
            .partition_point(|mapping| mapping.start <= address);
        let mapping = self.mappings.get(after.checked_sub(1)?)?;
        (address < mapping.end).then_some(mapping)
    }
}

impl Mapping {
    fn place(&self, address: u64) -> UserPlace {
        let Some(module) = &self.module else {
            return UserPlace::default();
        };
        let offset = (address - self.start).wrapping_add(self.offset);
        UserPlace {
            function: module.function(offset),
            file: Some(FilePlace {
                path: Arc::clone(&module.path),
                build_id: module.build_id.clone(),
                offset,
            }),
        }
    }
}

/// A line of `/proc/PID/maps` about executable memory.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    /// `55d0c0a00000-55d0c0a01000`, as it is written.
    range: &'a str,
    start: u64,
    end: u64,
    offset: u64,
    device: &'a [u8],
    inode: u64,
    /// Empty for memory without a file; `[vdso]` and its kin are no paths.
    path: &'a [u8],
}

impl<'a> Line<'a> {
    /// Reads a line such as `55d0c0a00000-55d0c0a01000 r-xp 00001000 fe:01 1234    /usr/bin/cat`.
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut rest = line;
        let mut field = || {
            let end = rest.iter().position(|byte| *byte == b' ');
            let (field, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after.get(1..).unwrap_or_default();
            field
        };
        let (range, permissions, offset, device, inode) =
            (field(), field(), field(), field(), field());
        if permissions.get(2) != Some(&b'x') {
            return None;
        }
        let range = str::from_utf8(range).ok()?;
        let (start, end) = range.split_once('-')?;
        Some(Self {
            range,
            start: u64::from_str_radix(start, 16).ok()?,
            end: u64::from_str_radix(end, 16).ok()?,
            offset: u64::from_str_radix(str::from_utf8(offset).ok()?, 16).ok()?,
            device,
            inode: str::from_utf8(inode).ok()?.parse().ok()?,
            path: rest.trim_ascii_start(),
        })
    }

    fn file_id(&self) -> Option<FileId> {
        self.path.starts_with(b"/").then(|| FileId {
            device: self.device.to_vec(),
            inode: self.inode,
            path: self.path.to_vec(),
        })
    }

    /// Where the file can be opened: through the mapping, which also leads to deleted files and into containers but
    /// needs privileges; else by its path, as the process sees it, or as we do.
    fn find_file(&self, directory: &Path) -> Option<PathBuf> {
        let mapping = directory.join("map_files").join(self.range);
        if is_file(&mapping) {
            return Some(mapping);
        }
        if self.path.ends_with(b" (deleted)") {
            return None;
        }
        let path = Path::new(OsStr::from_bytes(self.path));
        let inside = directory.join("root").join(path.strip_prefix("/").ok()?);
        [inside, path.to_owned()].into_iter().find(|path| {
            // Another file may have that name by now, or outside of the process's mount namespace. Devices are not
            // compared: layered file systems show different ones here and there.
            fs::metadata(path).is_ok_and(|file| file.is_file() && file.ino() == self.inode)
        })
    }
}

/// Opening anything else could do things.
fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file())
}

/// Device and inode of a running process's program.
fn program(directory: &Path) -> Option<(u64, u64)> {
    let program = fs::metadata(directory.join("exe")).ok()?;
    Some((program.dev(), program.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A function that every process of this machine has at an address of its own.
    fn function() -> u64 {
        libc::getppid as *const () as u64
    }

    /// A `/proc` with one process, which is this one under another id.
    struct Proc(Sources);

    impl Proc {
        fn new(name: &str) -> Self {
            let proc = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(proc.join("7")).unwrap();
            fs::copy("/proc/self/maps", proc.join("7/maps")).unwrap();
            symlink(std::env::current_exe().unwrap(), proc.join("7/exe")).unwrap();
            Self(Sources {
                proc,
                ..Sources::default()
            })
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.proc.join("7").join(name)
        }

        fn end(&self) {
            fs::remove_dir_all(self.0.proc.join("7")).unwrap();
        }
    }

    impl Drop for Proc {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.proc);
        }
    }

    fn names(places: &[UserPlace]) -> Vec<Option<(&str, u64)>> {
        let functions = places.iter().map(|place| place.function.as_ref());
        functions
            .map(|function| function.map(|function| (function.name.as_str(), function.offset)))
            .collect()
    }

    #[test]
    fn running_processes_have_functions_and_files() {
        let mut processes = Processes::default();
        let sources = Sources::default();
        let places = processes.places(&sources, std::process::id(), &[function() + 1, 1]);
        assert_eq!(names(&places), [Some(("getppid", 1)), None]);
        let file = places[0].file.as_ref().unwrap();
        assert!(file.path.contains("libc.so"), "{}", file.path);
        assert!(file.build_id.as_ref().is_none_or(|id| id.len() == 40));
        assert_eq!(places[1], UserPlace::default());
    }

    #[test]
    fn processes_are_remembered_after_their_end() {
        let proc = Proc::new("ended");
        let mut processes = Processes::default();
        processes.read(&proc.0, 7);
        proc.end();
        let places = processes.places(&proc.0, 7, &[function()]);
        assert_eq!(names(&places), [Some(("getppid", 0))]);
        assert_eq!(names(&processes.places(&proc.0, 8, &[function()])), [None]);
    }

    #[test]
    fn programs_are_remembered_when_another_is_executed() {
        let proc = Proc::new("executed");
        let mut processes = Processes::default();
        processes.read(&proc.0, 7);
        fs::remove_file(proc.path("exe")).unwrap();
        fs::write(proc.path("exe"), "another program").unwrap();
        fs::write(proc.path("maps"), "1000-2000 r-xp 00000000 00:00 0 \n").unwrap();
        let places = processes.places(&proc.0, 7, &[0x1800, function()]);
        assert_eq!(names(&places), [None, Some(("getppid", 0))]);
        assert_eq!(processes.processes[&7].current.mappings.len(), 1);
    }

    #[test]
    fn processes_are_followed_from_fork_to_execve() {
        let maps = fs::read("/proc/self/maps").unwrap();
        let lines = maps.split(|byte| *byte == b'\n').filter_map(Line::parse);
        let mut library = lines.filter(|line| (line.start..line.end).contains(&function()));
        let line = library.next().expect("the C library's code");
        let mapped = |pid, inode| Step::Mapped {
            pid,
            start: line.start,
            length: line.end - line.start,
            offset: line.offset,
            device: (8, 1),
            inode,
            path: line.path.to_vec(),
        };
        let sources = Sources {
            proc: "/nowhere".into(),
            ..Sources::default()
        };
        let mut processes = Processes::default();
        let child = Step::Forked {
            parent: 7,
            child: 8,
        };
        for step in [mapped(7, line.inode), child, Step::Executed { pid: 8 }] {
            processes.note(&sources, step);
        }
        assert!(processes.processes[&8].current.mappings.is_empty());
        for pid in [7, 8] {
            let places = processes.places(&sources, pid, &[function()]);
            assert_eq!(names(&places), [Some(("getppid", 0))], "{pid}");
        }
        // Memory without a file takes the place of the library.
        processes.note(&sources, mapped(7, 0));
        assert_eq!(names(&processes.places(&sources, 7, &[function()])), [None]);
    }

    #[test]
    fn libraries_that_come_later_are_found() {
        let proc = Proc::new("loaded");
        let maps = fs::read(proc.path("maps")).unwrap();
        fs::write(proc.path("maps"), "1000-2000 r-xp 00000000 00:00 0\n").unwrap();
        let mut processes = Processes::default();
        processes.read(&proc.0, 7);
        fs::write(proc.path("maps"), maps).unwrap();
        let places = processes.places(&proc.0, 7, &[function()]);
        assert_eq!(names(&places), [Some(("getppid", 0))]);
    }

    #[test]
    fn lines_about_code_are_read() {
        let line = b"55d0-55e0 r-xp 00001000 fe:01 12      /opt/a b (deleted)";
        let expected = Line {
            range: "55d0-55e0",
            start: 0x55d0,
            end: 0x55e0,
            offset: 0x1000,
            device: b"fe:01",
            inode: 12,
            path: b"/opt/a b (deleted)",
        };
        assert_eq!(Line::parse(line), Some(expected));
        let vdso = Line::parse(b"7000-8000 r-xp 00000000 00:00 0      [vdso]").unwrap();
        assert_eq!(vdso.file_id(), None);
        for line in [
            "",
            "55d0-55e0 rw-p 00001000 fe:01 12 /opt/a",
            "55d0 r-xp 0 0:0 0",
            "x-y r-xp",
        ] {
            assert_eq!(Line::parse(line.as_bytes()), None, "{line}");
        }
    }
}
