//! Hooks of the `syscall` provider: finished system calls, or their beginnings.

use super::Edge;
use crate::syscall::Abi;

/// System calls as events: one for each call, in the thread that makes it.
///
/// With [`Edge::Exit`], the event is the finished call. Calls that never return
/// ([`crate::syscall::shape::Fate::NeverReturns`]) fire at entry, without a result; the child's return from `clone`
/// fires nothing; an exit without an entry (refused by seccomp, or begun before the tracer) is an event without
/// latency. With [`Edge::Enter`], it is the beginning of every call. -1 is no call.
///
/// In the body, [`crate::catalog::FieldLocation::SyscallArgument`] and
/// [`crate::catalog::FieldLocation::SyscallReturn`] are the call's; the arguments of calls that lose them are those
/// at entry.
#[derive(Clone, Debug, PartialEq)]
pub struct CallHook {
    /// When it fires.
    pub edge: Edge,
    /// Which calls.
    pub calls: CallSet,
}

/// Which system calls, of whichever ABI.
#[derive(Clone, Debug, PartialEq)]
pub enum CallSet {
    /// Every call of every ABI, unknown numbers included.
    All,
    /// These, sorted by ABI and number. All have the arguments that the body uses at the same places with the same
    /// types.
    Some(Vec<CallRef>),
}

/// A system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRef {
    /// Whose number.
    pub abi: Abi,
    /// As the kernel has it, [`crate::syscall::X32_BIT`] included. What else is known of it says
    /// [`crate::syscall::by_number`].
    pub number: u32,
}
