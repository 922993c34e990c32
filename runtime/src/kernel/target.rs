//! Chooses what to compile for: the machine, what its kernel offers, and the hook for system calls.

use super::error::KernelError;
use super::{feature, mount, preemption, sys};
use std::io;
use std::path::Path;
use std::str::FromStr;
use trapline_codegen::target::{Arch, CallEvents, SyscallHookKind, Target};

/// How the user wants system call tracepoints attached (`--attach`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttachPreference {
    /// The best that the kernel offers.
    #[default]
    Auto,
    /// Typed raw tracepoints.
    Btf,
    /// Raw tracepoints.
    Raw,
    /// Perf tracepoints.
    Tracepoint,
    /// The perf tracepoints of the calls that a script names.
    Event,
}

impl FromStr for AttachPreference {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "btf" => Ok(Self::Btf),
            "raw" => Ok(Self::Raw),
            "tracepoint" => Ok(Self::Tracepoint),
            "event" => Ok(Self::Event),
            _ => Err(format!(
                "`{name}` is none of auto, btf, raw, tracepoint, event"
            )),
        }
    }
}

/// Whom a session is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everybody.
    Machine,
    /// A command, or a process that was named.
    Processes,
}

/// A target, and why it is not the best one.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What to compile for.
    pub target: Target,
    /// Which hook is used instead of which, and why; `None` if the first choice is used.
    pub note: Option<String>,
}

/// Finds out what to compile for on this machine.
///
/// # Errors
/// [`KernelError::Hook`] if the kernel refuses the hook that was asked for;
/// [`KernelError::File`] if the number of CPUs cannot be read.
pub fn choose(preference: AttachPreference, reach: Reach) -> Result<Choice, KernelError> {
    let (syscall_hook, mut note) = hook(preference)?;
    let call_events = call_events(preference, reach);
    if preference == AttachPreference::Event && call_events == CallEvents::Never {
        let none = "--attach event: this kernel has no tracepoints of single system calls; using those of all";
        note = Some(none.to_owned());
    }
    let target = Target {
        arch: if cfg!(target_arch = "aarch64") {
            Arch::Aarch64
        } else {
            Arch::X86_64
        },
        syscall_hook,
        call_events,
        features: feature::probe(),
        offsets: feature::offsets(),
        cpu_count: super::possible_cpus()?,
        optimize: true,
    };
    Ok(Choice { target, note })
}

fn hook(preference: AttachPreference) -> Result<(SyscallHookKind, Option<String>), KernelError> {
    let forced = |hook, kind, result: io::Result<()>| match result {
        Ok(()) => Ok((kind, None)),
        Err(source) => Err(KernelError::Hook { hook, source }),
    };
    match preference {
        AttachPreference::Auto | AttachPreference::Event => Ok(first_that_works()),
        AttachPreference::Btf => forced("tp_btf", SyscallHookKind::Btf, feature::tp_btf()),
        AttachPreference::Raw => forced("raw_tp", SyscallHookKind::Raw, feature::raw_tracepoint()),
        AttachPreference::Tracepoint => Ok((SyscallHookKind::Tracepoint, None)),
    }
}

fn call_events(preference: AttachPreference, reach: Reach) -> CallEvents {
    if (preference, reach) == (AttachPreference::Auto, Reach::Processes) {
        return CallEvents::Exact;
    }
    // A kernel without them may have the folder all the same.
    let an_event = "events/syscalls/sys_enter_getpid/id";
    let has_events = mount::find_tracefs().is_some_and(|at| at.join(an_event).is_file());
    match preference {
        AttachPreference::Auto if has_events => CallEvents::Auto {
            compat: serves_compat(),
        },
        AttachPreference::Event if has_events => CallEvents::Asked {
            compat: serves_compat(),
        },
        _ => CallEvents::Never,
    }
}

/// The kernel may serve system calls of other ABIs than its own.
fn serves_compat() -> bool {
    // x86 has this file with CONFIG_IA32_EMULATION only; on arm64, nothing tells.
    cfg!(not(target_arch = "x86_64"))
        || Path::new("/proc/sys/abi/vsyscall32").exists()
        || sys::serves_x32()
}

fn first_that_works() -> (SyscallHookKind, Option<String>) {
    if preemption::in_raw_tracepoints().unwrap_or(false) {
        let reason = "this kernel interrupts tp_btf and raw_tp programs, and skips calls meanwhile";
        return (
            SyscallHookKind::Tracepoint,
            Some(format!("using perf tracepoints: {reason}")),
        );
    }
    let Err(btf) = feature::tp_btf() else {
        return (SyscallHookKind::Btf, None);
    };
    match feature::raw_tracepoint() {
        Ok(()) => (
            SyscallHookKind::Raw,
            Some(format!("using raw tracepoints instead of tp_btf ({btf})")),
        ),
        Err(raw) => (
            SyscallHookKind::Tracepoint,
            Some(format!(
                "using perf tracepoints instead of tp_btf ({btf}) and raw_tp ({raw})"
            )),
        ),
    }
}
