//! What the kernel of a machine that never changes can do.

use trapline_codegen::target::{Arch, CallEvents, Features, Offsets, SyscallHookKind, Target};

/// A kernel that can do everything.
pub(crate) fn target() -> Target {
    Target {
        arch: Arch::X86_64,
        syscall_hook: SyscallHookKind::Btf,
        call_events: CallEvents::Never,
        features: Features::ALL,
        offsets: Offsets {
            thread_info_status: Some(16),
            thread_info_flags: Some(0),
            task_real_parent: Some(1500),
            task_tgid: Some(1480),
            task_group_leader: Some(1560),
            task_thread_pid: Some(1600),
            pid_level: Some(4),
            pid_numbers: Some(96),
            upid_nr: Some(0),
            upid_size: Some(16),
            pid_tree: None,
            lifecycle: None,
        },
        cpu_count: 4,
        optimize: true,
    }
}
