//! How threads and processes come, change and go: fork, exec and exit.

use super::Note;
use super::arch;
use super::audience::Audience;
use super::calls::Role;
use super::error::PtraceError;
use super::facts;
use super::privilege;
use super::seccomp::CLONE_PARENT;
use super::session::Session;
use super::stop::Stop;
use super::tracee::{Pending, Tracee};
use crate::trace::event::What;
use trapline_lang::syscall::{self, shape::Fate};

impl Session {
    /// A new thread leaves the call that made it: it returns 0 there, too, before it does anything else.
    pub(super) fn be_born(&mut self, stop: &Stop, audience: &mut Audience<'_>) {
        let Some(tracee) = self.tracees.get(stop.thread()) else {
            return;
        };
        let Some(by) = tracee.born_by.take() else {
            return;
        };
        if by.changed {
            arch::restore_argument(stop, by.call.abi, by.call.arguments[0]);
        }
        if by.told {
            self.tell_exit(stop, &by.call, 0, Some(by.call.arguments), audience);
        }
    }

    /// A thread has made another one.
    pub(super) fn forked(
        &mut self,
        stop: Stop,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let Some(child) = stop.message()? else {
            return Ok(());
        };
        if let Some(parent) = self.tracees.get(stop.thread()) {
            let tracee = born(parent, child);
            introduce(parent, &tracee, audience);
            self.tracees.insert(tracee);
        }
        self.resume(stop, 0)?;
        self.catch_up(child, audience)
    }

    /// Handles what was reported of a thread before it was known.
    fn catch_up(
        &mut self,
        thread: libc::pid_t,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        for report in self.early.remove(&thread).into_iter().flatten() {
            self.report(report, audience)?;
        }
        Ok(())
    }

    /// A thread is gone, perhaps before it could say that it had made others: nobody else will.
    pub(super) fn adopt(
        &mut self,
        gone: &Tracee,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let waiting: Vec<libc::pid_t> = self.early.keys().copied().collect();
        for child in waiting {
            let is_announced = match facts::family(child) {
                Some([process, parent]) if process == child as u32 => self.tracees.lives(parent),
                Some([process, _]) => self.tracees.lives(process),
                None => false,
            };
            if is_announced {
                continue;
            }
            let mut parent = Tracee::new(gone.facts);
            parent.confined = gone.confined;
            let tracee = born(&parent, child);
            introduce(&mut parent, &tracee, audience);
            self.tracees.insert(tracee);
            self.catch_up(child, audience)?;
        }
        Ok(())
    }

    /// A process runs another program. The thread has the id of the first one now, and no other thread is left.
    pub(super) fn executed(
        &mut self,
        stop: Stop,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        let thread = stop.thread();
        let Some(old_thread) = stop.message()? else {
            return Ok(());
        };
        if old_thread != thread
            && let Some(mut caller) = self.tracees.remove(old_thread)
        {
            // Counted as long as the first thread's end is told: that is not the last.
            caller.facts.thread = thread as u32;
            let process = caller.facts.process;
            self.tracees.begin_one(process);
            self.tell_end(thread, audience);
            self.tracees.remove(thread);
            self.tracees.insert(caller);
            self.tracees.end_one(process);
        }
        if audience.is_nobody() {
            return self.resume(stop, 0);
        }
        let mut lost = None;
        if let Some(tracee) = self.tracees.get(thread) {
            facts::read_comm(&mut tracee.facts);
            tracee.facts.cgroup = self.cgroups.of(tracee.facts.process);
            let file = std::mem::take(&mut tracee.file);
            lost = privilege::lost(tracee.facts.thread, &file);
            let what = What::Exec {
                file: &file,
                old_thread: old_thread as u32,
            };
            audience.tell(tracee, what);
        }
        if let Some(program) = lost
            && self.noted.insert(program.clone())
        {
            audience.note(&Note::WithoutPrivileges { program });
        }
        self.resume(stop, 0)
    }

    /// A thread is about to end.
    pub(super) fn exiting(
        &mut self,
        stop: Stop,
        audience: &mut Audience<'_>,
    ) -> Result<(), PtraceError> {
        self.cut_short(&stop, audience);
        self.tell_end(stop.thread(), audience);
        self.resume(stop, 0)
    }

    /// A thread that is killed leaves its call before it ends, but does not stop for that.
    fn cut_short(&mut self, stop: &Stop, audience: &mut Audience<'_>) {
        let tracee = self.tracees.get(stop.thread());
        let Some(pending) = tracee.and_then(|tracee| tracee.pending.take()) else {
            return;
        };
        let call = pending.call;
        let row = syscall::by_number(call.abi, call.number as u32);
        let returns = row.is_none_or(|row| row.semantics().fate != Fate::NeverReturns);
        if !pending.told || pending.role.has(Role::EXEC) || !returns {
            return;
        }
        match arch::result(stop) {
            // It was killed before the call did anything.
            None | Some(NOT_BEGUN) => {}
            Some(result) => self.tell_exit(stop, &call, result, None, audience),
        }
    }
}

/// What stands in the register of the result before there is one.
const NOT_BEGUN: i64 = -(libc::ENOSYS as i64);

/// What a new thread has of the one that made it.
fn born(parent: &Tracee, child: libc::pid_t) -> Tracee {
    let mut facts = parent.facts;
    facts.thread = child as u32;
    if !facts::is_thread_of(parent.facts.process, child) {
        facts.process = child as u32;
        facts.parent = parent.facts.process;
        if may_be_sibling(parent.pending.as_ref()) {
            facts::read_parent(&mut facts);
        }
    }
    let mut tracee = Tracee::new(facts);
    tracee.born_by = parent.pending.filter(|by| by.told || by.changed);
    tracee.confined = parent.confined;
    tracee.orphaned = parent.orphaned;
    tracee
}

/// Whether a call may have asked for its caller's parent to be that of the child. Our filter stops at each `clone` that
/// does.
fn may_be_sibling(pending: Option<&Pending>) -> bool {
    let Some(pending) = pending else { return false };
    let call = &pending.call;
    match pending.role.has(Role::CLONE) {
        true => call.arguments[0] as u32 & CLONE_PARENT != 0,
        false => syscall::by_number(call.abi, call.number as u32)
            // Its flags are in memory.
            .is_none_or(|row| row.name == "clone3"),
    }
}

fn introduce(parent: &mut Tracee, child: &Tracee, audience: &mut Audience<'_>) {
    let what = What::Fork {
        child: &child.facts,
    };
    audience.tell(parent, what);
}
