//! How system calls begin and end.

use super::arch;
use super::audience::Audience;
use super::calls::Role;
use super::capture::Call;
use super::error::PtraceError;
use super::facts;
use super::memory::ThreadMemory;
use super::seccomp::{CLONE_UNTRACED, PR_SET_NAME, PR_SET_SECCOMP};
use super::session::Session;
use super::stop::{Edge, Stop};
use super::tracee::Pending;
use crate::trace::event::{Enter, Exit, What};
use crate::trace::memory::AddressSpace;

/// Most bytes of a file name.
const PATH: usize = 4096;

impl Session {
    /// A stop that the thread was resumed for, at either edge of a call.
    pub(super) fn syscall(
        &mut self,
        stop: Stop,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let Some(info) = stop.syscall()? else {
            return Ok(());
        };
        match info.edge {
            Edge::Entry { number, arguments } => {
                let Some(call) = call(info.arch, number, arguments) else {
                    return self.resume(stop, 0);
                };
                if !self.filtered {
                    return self.begin(stop, call, audience);
                }
                // Whether filters let it pass is not known yet. If ours is asked, it begins there.
                let role = self.calls.role(call.abi, call.number);
                self.pend(&stop, call, role, false);
                self.resume(stop, 0)
            }
            Edge::Exit { result } => self.end(stop, info.arch, result, audience),
            Edge::None => self.resume(stop, 0),
        }
    }

    /// The filter has found a call that matters.
    pub(super) fn chosen(
        &mut self,
        stop: Stop,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let Some(info) = stop.syscall()? else {
            return Ok(());
        };
        let Edge::Entry { number, arguments } = info.edge else {
            return self.resume(stop, 0);
        };
        match call(info.arch, number, arguments) {
            Some(call) => self.begin(stop, call, audience),
            None => self.resume(stop, 0),
        }
    }

    fn begin(
        &mut self,
        stop: Stop,
        call: Call,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let role = self.calls.role(call.abi, call.number);
        let untraced = role.has(Role::CLONE) && call.arguments[0] as u32 & CLONE_UNTRACED != 0;
        if audience.is_nobody() && !untraced {
            if let Some(tracee) = self.tracees.get(stop.thread()) {
                tracee.pending = None;
            }
            return self.resume(stop, 0);
        }
        let told = role.has(Role::WANTED);
        self.pend(&stop, call, role, told);
        if untraced {
            // The child would have our filter, and nobody to decide what it asks for.
            self.clear_untraced(&stop, &call);
        }
        let mut space = ThreadMemory::of(stop.thread());
        if role.has(Role::EXEC)
            && let Some(tracee) = self.tracees.get(stop.thread())
        {
            tracee.file = program(&call, role, &mut space);
        }
        if told && !audience.is_nobody() {
            self.memory.clear();
            self.capturer.enter(&call, &mut space, &mut self.memory);
            if let Some(tracee) = self.tracees.get(stop.thread()) {
                let enter = Enter {
                    abi: call.abi,
                    number: call.number,
                    arguments: call.arguments,
                    memory: self.memory.memory(),
                };
                audience.tell(tracee, What::Enter(enter));
            }
        }
        self.resume(stop, 0)
    }

    fn pend(&mut self, stop: &Stop, call: Call, role: Role, told: bool) {
        if let Some(tracee) = self.tracees.get(stop.thread()) {
            tracee.pending = Some(Pending {
                call,
                role,
                told,
                changed: false,
            });
        }
    }

    fn clear_untraced(&mut self, stop: &Stop, call: &Call) {
        let flags = call.arguments[0] & !u64::from(CLONE_UNTRACED);
        arch::set_argument(stop, call.abi, flags);
        let tracee = self.tracees.get(stop.thread());
        if let Some(pending) = tracee.and_then(|tracee| tracee.pending.as_mut()) {
            pending.changed = true;
        }
    }

    fn end(
        &mut self,
        stop: Stop,
        arch: u32,
        result: i64,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let tracee = self.tracees.get(stop.thread());
        let pending = tracee.and_then(|tracee| tracee.pending.take());
        let number = match pending {
            // These end as another call than they began.
            Some(Pending { call, role, .. }) if !role.has(Role::EXEC.or(Role::SIGRETURN)) => {
                Some(call.number)
            }
            _ => arch::number(&stop),
        };
        let begun = pending.map(|pending| pending.call);
        let arguments = begun.map(|call| call.arguments);
        let ended = number.and_then(|number| call(arch, number, arguments.unwrap_or_default()));
        if let Some(pending) = &pending {
            if pending.changed {
                arch::restore_argument(&stop, pending.call.abi, pending.call.arguments[0]);
            }
            if result >= 0 && !audience.is_nobody() {
                self.learn(&stop, pending);
            }
        }
        if let Some(ended) = ended {
            let told = pending.is_some_and(|pending| pending.told);
            if told {
                self.tell_exit(&stop, &ended, result, None, audience);
            } else if self.calls.role(ended.abi, ended.number).has(Role::WANTED) {
                // Another filter has refused it, or it was in flight: nobody has been told that it began.
                self.tell_exit(&stop, &ended, result, arguments, audience);
            }
        }
        self.resume(stop, 0)
    }

    pub(super) fn tell_exit(
        &mut self,
        stop: &Stop,
        call: &Call,
        result: i64,
        arguments: Option<[u64; 6]>,
        audience: &mut Audience<'_>,
    ) {
        if audience.is_nobody() {
            return;
        }
        self.memory.clear();
        let mut space = ThreadMemory::of(stop.thread());
        self.capturer
            .exit(call, result, &mut space, &mut self.memory);
        if let Some(tracee) = self.tracees.get(stop.thread()) {
            let exit = Exit {
                abi: call.abi,
                number: call.number,
                result,
                arguments,
                memory: self.memory.memory(),
            };
            audience.tell(tracee, What::Exit(exit));
        }
    }

    /// What a call that has not failed changes about its thread.
    fn learn(&mut self, stop: &Stop, pending: &Pending) {
        let Some(tracee) = self.tracees.get(stop.thread()) else {
            return;
        };
        let option = pending.call.arguments[0] as u32;
        let is_prctl = pending.role.has(Role::PRCTL);
        if is_prctl && option == PR_SET_NAME {
            facts::read_comm(&mut tracee.facts);
        }
        if pending.role.has(Role::IDS) {
            facts::read_ids(&mut tracee.facts);
        }
        if self.filtered
            && (pending.role.has(Role::SECCOMP) || is_prctl && option == PR_SET_SECCOMP)
        {
            let process = tracee.facts.process;
            // A filter may have been installed for all threads.
            for tracee in self.tracees.of_process(process) {
                tracee.confined = true;
            }
        }
    }
}

/// A call as the kernel's events show it; `None` if it is of no ABI that there is.
fn call(arch: u32, number: i32, mut arguments: [u64; 6]) -> Option<Call> {
    let abi = arch::abi(arch, number)?;
    if arch::is_narrow(abi) {
        arguments = arguments.map(|word| word & 0xffff_ffff);
    }
    Some(Call {
        abi,
        number,
        arguments,
    })
}

/// What the kernel calls the program that is to be executed (linux v6.12 fs/exec.c `alloc_bprm`).
fn program(call: &Call, role: Role, space: &mut dyn AddressSpace) -> Vec<u8> {
    let mut path = |address| {
        let mut path = [0; PATH];
        let length = space.read_string(address, &mut path).unwrap_or(0);
        path[..length.saturating_sub(1)].to_vec()
    };
    if !role.has(Role::AT) {
        return path(call.arguments[0]);
    }
    let (directory, path) = (call.arguments[0] as i32, path(call.arguments[1]));
    if directory == libc::AT_FDCWD || path.starts_with(b"/") {
        return path;
    }
    let mut whole = format!("/dev/fd/{directory}").into_bytes();
    if !path.is_empty() {
        whole.push(b'/');
        whole.extend(path);
    }
    whole
}
