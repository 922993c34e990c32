//! Attaches to places in programs and in the kernel, to breakpoints, and runs iterators.

use super::super::cpu;
use super::super::sys::{self, KprobeLink, PerfEvent, ProgramSpec, Scope, UserLink, prog_type};
use super::Links;
use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::OnceLock;
use trapline_codegen::object::{KprobeTarget, UserTarget};

/// `r0 = 0; exit`
const RETURN_ZERO: [u8; 16] = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];

/// These places are attached to by one link for each file, for which the program is loaded differently. One place alone
/// is, too, if it has a counter of listeners: the link raises it when the program is there, a perf event before.
pub(crate) fn user_sites_at_once(sites: &[UserTarget]) -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    let worth_it = sites.len() > 1 || sites.iter().any(|site| site.semaphore != 0);
    worth_it && *WORKS.get_or_init(has_user_links)
}

/// These functions are attached to by one link, for which the program is loaded differently.
pub(crate) fn kprobes_at_once(targets: &[KprobeTarget]) -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    targets.len() > 1
        && targets.iter().all(|target| target.offset == 0)
        && *WORKS.get_or_init(has_kprobe_links)
}

/// A directory is no program: a kernel that knows such links says so, one that does not says `EINVAL`.
fn has_user_links() -> bool {
    let link = UserLink {
        path: c"/",
        offsets: &[1],
        counters: &[0],
        cookies: &[0],
        returns: false,
        pid: 0,
    };
    try_program(sys::ATTACH_UPROBE_MULTI, |program| {
        let refused = sys::link_user_sites(program, &link);
        refused.is_err_and(|error| error.raw_os_error() == Some(libc::EBADF))
    })
}

fn has_kprobe_links() -> bool {
    let link = KprobeLink {
        functions: &[c"vfs_fsync_range"],
        cookies: &[0],
        returns: false,
    };
    try_program(sys::ATTACH_KPROBE_MULTI, |program| {
        sys::link_kprobes(program, &link).is_ok()
    })
}

fn try_program(kind: u32, try_it: impl FnOnce(BorrowedFd<'_>) -> bool) -> bool {
    let spec = ProgramSpec {
        name: "probe",
        prog_type: prog_type::KPROBE,
        expected_attach_type: kind,
        attach_btf_id: 0,
        instructions: &RETURN_ZERO,
        license: c"GPL",
        debug: None,
    };
    sys::load_program(&spec, &mut []).is_ok_and(|program| try_it(program.as_fd()))
}

/// This function, rather than any, cannot be probed.
pub(super) fn is_untraceable(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EINVAL | libc::ENOENT | libc::ESRCH | libc::EADDRNOTAVAIL)
    )
}

/// The type of a unit that perf events can be opened on.
fn unit(name: &str) -> io::Result<u32> {
    let path = format!("/sys/bus/event_source/devices/{name}/type");
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(
            io::ErrorKind::Unsupported,
            format!("this kernel was built without {name}s"),
        ),
        _ => error,
    })?;
    text.trim().parse().map_err(io::Error::other)
}

impl Links {
    pub(super) fn user_sites(
        &mut self,
        program: BorrowedFd<'_>,
        sites: &[UserTarget],
        returns: bool,
        pid: Option<u32>,
    ) -> io::Result<()> {
        if user_sites_at_once(sites) {
            let of_one_file = sites.chunk_by(|a, b| a.path == b.path);
            for sites in of_one_file {
                let path = CString::new(sites[0].path.as_str())?;
                let words = |of: fn(&UserTarget) -> u64| sites.iter().map(of).collect::<Vec<_>>();
                let link = UserLink {
                    path: &path,
                    offsets: &words(|site| site.offset),
                    counters: &words(|site| site.semaphore),
                    cookies: &words(|site| site.cookie),
                    returns,
                    pid: pid.unwrap_or(0),
                };
                self.links.push(sys::link_user_sites(program, &link)?);
            }
            return Ok(());
        }
        let unit = unit("uprobe")?;
        for site in sites {
            let path = CString::new(site.path.as_str())?;
            let event = PerfEvent::Site {
                unit,
                name: &path,
                offset: site.offset,
                returns,
                counter: site.semaphore,
                pid,
            };
            self.site(program, event, site.cookie)?;
        }
        Ok(())
    }

    pub(super) fn kprobes(
        &mut self,
        program: BorrowedFd<'_>,
        targets: &[KprobeTarget],
        returns: bool,
    ) -> io::Result<()> {
        let names = targets
            .iter()
            .map(|target| CString::new(target.function.as_str()))
            .collect::<Result<Vec<_>, _>>()?;
        if kprobes_at_once(targets) {
            let functions: Vec<&CStr> = names.iter().map(CString::as_c_str).collect();
            let cookies: Vec<u64> = targets.iter().map(|target| target.cookie).collect();
            let mut refused = Vec::new();
            self.kprobe_link(program, &functions, &cookies, returns, &mut refused)?;
            return self.skip(targets.len(), refused);
        }
        if targets.len() > super::MANY {
            // If the limit cannot be raised, opening files fails, which says so.
            let _ = sys::allow_many_files();
        }
        let unit = unit("kprobe")?;
        let mut refused = Vec::new();
        for (target, name) in targets.iter().zip(&names) {
            let event = PerfEvent::Site {
                unit,
                name,
                offset: target.offset,
                returns,
                counter: 0,
                pid: None,
            };
            match self.site(program, event, target.cookie) {
                Err(error) if is_untraceable(&error) => {
                    refused.push((target.function.clone(), error));
                }
                other => other?,
            }
        }
        self.skip(targets.len(), refused)
    }

    /// Of many functions some may be out of reach, for they work for kprobes themselves, or share a name; not all.
    fn skip(&mut self, of: usize, mut refused: Vec<(String, io::Error)>) -> io::Result<()> {
        match refused.pop() {
            Some((_, error)) if refused.len() + 1 == of => Err(error),
            last => {
                let names = refused.into_iter().chain(last).map(|(name, _)| name);
                self.skipped.extend(names);
                Ok(())
            }
        }
    }

    /// Attaches to all of these functions, or by ever smaller parts to those that the kernel accepts: one that it does
    /// not let be probed fails the link.
    fn kprobe_link(
        &mut self,
        program: BorrowedFd<'_>,
        functions: &[&CStr],
        cookies: &[u64],
        returns: bool,
        refused: &mut Vec<(String, io::Error)>,
    ) -> io::Result<()> {
        let link = KprobeLink {
            functions,
            cookies,
            returns,
        };
        match sys::link_kprobes(program, &link) {
            Ok(link) => self.links.push(link),
            Err(error) if !is_untraceable(&error) => return Err(error),
            Err(error) => {
                if let [function] = functions {
                    refused.push((function.to_string_lossy().into_owned(), error));
                    return Ok(());
                }
                let half = functions.len() / 2;
                for part in [0..half, half..functions.len()] {
                    let (functions, cookies) = (&functions[part.clone()], &cookies[part]);
                    self.kprobe_link(program, functions, cookies, returns, refused)?;
                }
            }
        }
        Ok(())
    }

    fn site(
        &mut self,
        program: BorrowedFd<'_>,
        event: PerfEvent<'_>,
        cookie: u64,
    ) -> io::Result<()> {
        let event = sys::open_perf_event(event)?;
        // Unlike that of a tracepoint, the breakpoint in the code is set only once the event is enabled.
        sys::enable_perf_event(event.as_fd())?;
        self.link(program, event, cookie)
    }

    /// `place` is address, length and mode.
    pub(super) fn watchpoint(
        &mut self,
        program: BorrowedFd<'_>,
        place: (u64, u8, u32),
        process: Option<u32>,
    ) -> io::Result<()> {
        let scopes = match process {
            Some(pid) => vec![Scope::Process(pid)],
            None => cpu::online()?.into_iter().map(Scope::Cpu).collect(),
        };
        let (address, length, mode) = place;
        for scope in scopes {
            let event = PerfEvent::Breakpoint {
                address,
                length,
                mode,
                scope,
            };
            self.start_later(program, event)?;
        }
        Ok(())
    }

    /// Runs an iterator's program over all objects.
    pub(super) fn iterate(&mut self, program: BorrowedFd<'_>) -> io::Result<()> {
        let link = sys::link_iterator(program)?;
        let mut objects = File::from(sys::open_iterator(link.as_fd())?);
        let mut nothing = [0; 4096];
        loop {
            match objects.read(&mut nothing) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                // So many objects that the kernel takes a break.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
