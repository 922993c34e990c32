//! What `/proc` says of a thread: read when it begins, and when something may have changed it, never for each event.
//!
//! A thread may be gone at any time; then what was known before holds.

use crate::kernel::mount;
use crate::trace::event::{COMM_SIZE, Thread};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Ids of cgroups by their paths.
#[derive(Debug, Default)]
pub(super) struct Cgroups {
    /// Where the hierarchy of version 2 is mounted; empty if nowhere.
    root: Option<PathBuf>,
    ids: HashMap<String, u64>,
}

impl Cgroups {
    pub(super) fn new() -> Self {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        Self {
            root: mount::mounted(&mounts, "cgroup2").map(PathBuf::from),
            ids: HashMap::new(),
        }
    }

    /// The cgroup of a process; 0 if it is not known.
    pub(super) fn of(&mut self, process: u32) -> u64 {
        let Some(root) = &self.root else { return 0 };
        let text = fs::read_to_string(format!("/proc/{process}/cgroup")).unwrap_or_default();
        let Some(path) = unified(&text) else { return 0 };
        if let Some(id) = self.ids.get(path) {
            return *id;
        }
        let directory = root.join(path.trim_start_matches('/'));
        let id = fs::metadata(directory).map_or(0, |data| data.ino());
        self.ids.insert(path.to_owned(), id);
        id
    }
}

/// The path in version 2 in the text of `/proc/PID/cgroup`: the hierarchy 0, without controllers.
fn unified(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("0::"))
}

/// The name of a thread.
pub(super) fn read_comm(thread: &mut Thread) {
    let path = format!("/proc/{0}/task/{0}/comm", thread.thread);
    if let Ok(mut name) = fs::read(path) {
        name.pop_if(|last| *last == b'\n');
        thread.comm = Thread::comm(&name);
    }
}

/// The name of this process, which children have until they execute something.
pub(super) fn own_comm() -> [u8; COMM_SIZE] {
    let mut name = fs::read("/proc/self/comm").unwrap_or_default();
    name.pop_if(|last| *last == b'\n');
    Thread::comm(&name)
}

/// This process.
pub(crate) fn own_thread() -> Thread {
    let process = std::process::id();
    let mut thread = Thread {
        process,
        thread: process,
        cgroup: Cgroups::new().of(process),
        comm: own_comm(),
        ..Thread::default()
    };
    read_ids(&mut thread);
    read_parent(&mut thread);
    thread
}

/// User and group of a thread.
pub(super) fn read_ids(thread: &mut Thread) {
    let status = status(thread.thread);
    if let (Some([user, _]), Some([group, _])) = (ids(&status, "Uid:"), ids(&status, "Gid:")) {
        (thread.user, thread.group) = (user, group);
    }
}

/// The parent of a process, as it is now.
pub(super) fn read_parent(thread: &mut Thread) {
    let stat = fs::read_to_string(format!("/proc/{}/stat", thread.process)).unwrap_or_default();
    if let Some(parent) = crate::process::parent(&stat) {
        thread.parent = parent;
    }
}

/// Whether a thread belongs to a process, rather than being one of its own.
#[expect(unsafe_code, reason = "tgkill has no wrapper in the standard library")]
pub(super) fn is_thread_of(process: u32, thread: libc::pid_t) -> bool {
    // SAFETY: takes integers; signal 0 is none.
    let result = unsafe { libc::syscall(libc::SYS_tgkill, process as libc::pid_t, thread, 0) };
    // Refused is whom there is.
    result == 0 || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// The process of a thread and the parent of that.
pub(super) fn family(thread: libc::pid_t) -> Option<[u32; 2]> {
    let status = status(thread as u32);
    Some([number(&status, "Tgid:")?, number(&status, "PPid:")?])
}

/// `/proc/PID/status`, empty if there is none.
pub(super) fn status(thread: u32) -> String {
    fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default()
}

/// Real and effective ids of a line of `/proc/PID/status`.
pub(super) fn ids(status: &str, name: &str) -> Option<[u32; 2]> {
    let mut words = words(status, name)?;
    Some([words.next()?.parse().ok()?, words.next()?.parse().ok()?])
}

fn number(status: &str, name: &str) -> Option<u32> {
    words(status, name)?.next()?.parse().ok()
}

fn words<'a>(status: &'a str, name: &str) -> Option<impl Iterator<Item = &'a str>> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_proc_are_read() {
        let text = "12:cpu:/a\n0::/user.slice/b\n";
        assert_eq!(unified(text), Some("/user.slice/b"));
        assert_eq!(unified("1:cpu:/\n"), None);
        let status = "Name:\tUid: 7\nTgid:\t12\nPPid:\t3\nUid:\t1\t2\t3\t4\n";
        assert_eq!(ids(status, "Uid:"), Some([1, 2]));
        assert_eq!(ids(status, "Gid:"), None);
        assert_eq!(number(status, "PPid:"), Some(3));
    }

    #[test]
    fn facts_of_this_process_are_right() {
        let own = std::process::id();
        let mut thread = Thread {
            process: own,
            thread: own,
            ..Thread::default()
        };
        read_parent(&mut thread);
        assert_eq!(thread.parent, std::os::unix::process::parent_id());
        read_ids(&mut thread);
        let data = fs::metadata("/proc/self").unwrap();
        assert_eq!((thread.user, thread.group), (data.uid(), data.gid()));
        read_comm(&mut thread);
        assert_eq!(thread.comm, own_comm());
        assert!(!thread.name().is_empty());
        assert_eq!(family(own as libc::pid_t), Some([own, thread.parent]));
        assert!(is_thread_of(own, own as libc::pid_t));
        assert!(!is_thread_of(own, 1) || own == 1);
        let before = thread;
        thread.thread = u32::MAX;
        thread.process = u32::MAX;
        read_comm(&mut thread);
        read_ids(&mut thread);
        read_parent(&mut thread);
        assert_eq!((thread.comm, thread.parent), (before.comm, before.parent));
    }
}
