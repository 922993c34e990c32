//! What code is made for: the machine, what its kernel can do, and which hook to use.

use serde::{Deserialize, Serialize};
use trapline_lang::syscall::Abi;

/// What code is made for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Whose system calls and registers.
    pub arch: Arch,
    /// How system call tracepoints are attached.
    pub syscall_hook: SyscallHookKind,
    /// Whether calls may be hooked one by one instead.
    #[serde(default)]
    pub call_events: CallEvents,
    /// What the kernel offers.
    pub features: Features,
    /// Places in kernel structures.
    pub offsets: Offsets,
    /// How many CPUs the kernel can have (`/sys/devices/system/cpu/possible`).
    pub cpu_count: u32,
    /// Cranelift's optimizer runs. Off, where the verifier refuses optimized code.
    pub optimize: bool,
}

/// A processor architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arch {
    /// 64-bit x86.
    X86_64,
    /// 64-bit ARM.
    Aarch64,
}

impl Arch {
    /// The ABI of its 64-bit programs.
    pub fn abi(self) -> Abi {
        match self {
            Self::X86_64 => Abi::X86_64,
            Self::Aarch64 => Abi::Aarch64,
        }
    }
}

/// How programs for `raw_syscalls:*` and `syscalls:*` are attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyscallHookKind {
    /// `tp_btf/sys_enter`: registers by direct load. Linux 5.5.
    Btf,
    /// `raw_tp/sys_enter`: registers by `probe_read_kernel`. Linux 4.17.
    Raw,
    /// The perf tracepoint `raw_syscalls:sys_enter`: arguments from the trace record.
    Tracepoint,
    /// None: a native engine hands over what it knows of the call ([`crate::native::CallContext`]).
    Native,
}

/// Whether system calls may be hooked by their own events, `syscalls:sys_enter_openat`, where a script names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallEvents {
    /// No.
    #[default]
    Never,
    /// No: the session is about processes that were named. It shall see all of their calls, whatever their ABI, and
    /// end at once.
    Exact,
    /// Where the machine as a whole pays less by it.
    Auto {
        /// The kernel serves calls of other ABIs, too, which have no events of their own.
        compat: bool,
    },
    /// Wherever it can be done.
    Asked {
        /// As above.
        compat: bool,
    },
}

impl CallEvents {
    /// The kernel serves calls of other ABIs.
    pub fn compat(self) -> bool {
        match self {
            Self::Never | Self::Exact => true,
            Self::Auto { compat } | Self::Asked { compat } => compat,
        }
    }
}

/// What the kernel offers, found by trying, not by its version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// vmlinux BTF can be read.
    pub btf: bool,
    /// `BPF_MAP_TYPE_RINGBUF`. Linux 5.8.
    pub ring_buffer: bool,
    /// Atomic operations that give the old value. Linux 5.12.
    pub atomic_fetch: bool,
    /// `bpf_get_current_task_btf`. Linux 5.11.
    pub current_task_btf: bool,
    /// `bpf_map_lookup_percpu_elem`. Linux 5.19.
    pub lookup_percpu: bool,
    /// `bpf_for_each_map_elem`. Linux 5.13.
    pub for_each_map: bool,
    /// `bpf_loop`. Linux 5.17.
    pub bpf_loop: bool,
    /// Hash maps with `BPF_F_NO_PREALLOC` may be used from any program. Linux 6.1.
    pub bpf_allocator: bool,
    /// `bpf_get_attach_cookie` for perf events and tracepoints. Linux 5.15.
    pub attach_cookie: bool,
    /// `bpf_get_ns_current_pid_tgid` in tracing programs. Linux 5.7.
    pub ns_pid: bool,
    /// `bpf_ktime_get_tai_ns`. Linux 6.1.
    pub ktime_tai: bool,
    /// `bpf_jiffies64`. Linux 5.5.
    pub jiffies: bool,
    /// `bpf_get_current_ancestor_cgroup_id` in tracing programs. Linux 5.15.
    pub ancestor_cgroup: bool,
    /// `bpf_probe_write_user`: neither locked down nor beyond what this process may do.
    pub write_user: bool,
    /// `sdiv`/`smod` instructions (BPF ISA v4). Linux 6.6.
    pub isa_v4: bool,
    /// `BPF_MAP_TYPE_TASK_STORAGE` in tracing programs. Linux 5.13.
    pub task_storage: bool,
    /// `bpf_task_pt_regs`. Linux 5.15.
    pub task_pt_regs: bool,
}

impl Target {
    /// That of native engines, for calls of an architecture; of `cpu_count` processors.
    pub fn native(arch: Arch, cpu_count: u32) -> Self {
        Self {
            arch,
            syscall_hook: SyscallHookKind::Native,
            call_events: CallEvents::Never,
            features: Features::NATIVE,
            offsets: Offsets::default(),
            cpu_count,
            optimize: true,
        }
    }

    /// The code is for a native engine.
    pub fn is_native(&self) -> bool {
        self.syscall_hook == SyscallHookKind::Native
    }
}

impl Features {
    /// Those of native engines, which have no kernel structures.
    pub const NATIVE: Self = Self {
        btf: false,
        current_task_btf: false,
        ns_pid: false,
        jiffies: false,
        ancestor_cgroup: false,
        write_user: false,
        task_storage: false,
        task_pt_regs: false,
        ..Self::ALL
    };

    /// Those of a kernel that lacks nothing.
    pub const ALL: Self = Self {
        btf: true,
        ring_buffer: true,
        atomic_fetch: true,
        current_task_btf: true,
        lookup_percpu: true,
        for_each_map: true,
        bpf_loop: true,
        bpf_allocator: true,
        attach_cookie: true,
        ns_pid: true,
        ktime_tai: true,
        jiffies: true,
        ancestor_cgroup: true,
        write_user: true,
        isa_v4: true,
        task_storage: true,
        task_pt_regs: true,
    };
}

/// Byte offsets in kernel structures, from vmlinux BTF; `None` where that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Offsets {
    /// `task_struct.thread_info.status` (x86: bit 1 is TS_COMPAT).
    pub thread_info_status: Option<u32>,
    /// `task_struct.thread_info.flags` (arm64: bit 22 is TIF_32BIT).
    pub thread_info_flags: Option<u32>,
    /// `task_struct.real_parent`
    pub task_real_parent: Option<u32>,
    /// `task_struct.tgid`
    pub task_tgid: Option<u32>,
    /// `task_struct.group_leader`
    pub task_group_leader: Option<u32>,
    /// `task_struct.thread_pid`
    pub task_thread_pid: Option<u32>,
    /// `pid.level`
    pub pid_level: Option<u32>,
    /// `pid.numbers`
    pub pid_numbers: Option<u32>,
    /// `upid.nr`
    pub upid_nr: Option<u32>,
    /// Size of `struct upid`.
    pub upid_size: Option<u32>,
    /// From a thread id to its task.
    pub pid_tree: Option<PidTree>,
    /// What is told of processes that begin and end.
    #[serde(default)]
    pub lifecycle: Option<Lifecycle>,
}

/// Byte offsets of what is told of processes that begin, run another program and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// `task_struct.pid`
    pub task_pid: u32,
    /// `task_struct.comm`
    pub task_comm: u32,
    /// `task_struct.signal`
    pub task_signal: u32,
    /// `signal_struct.live.counter`: threads that have not ended.
    pub live: u32,
    /// `linux_binprm.filename`
    pub program_name: u32,
}

/// Byte offsets on the way from a pid namespace to a task: the namespace has a tree by thread id, each node of which has
/// slots for some bits of the id, and leaves that are `struct pid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PidTree {
    /// `upid.ns`
    pub namespace: u32,
    /// `pid_namespace.idr.idr_rt.xa_head`
    pub head: u32,
    /// `xa_node.shift`
    pub shift: u32,
    /// `xa_node.slots`
    pub slots: u32,
    /// How many slots a node has: a power of two.
    pub slot_count: u32,
    /// `pid.tasks`
    pub tasks: u32,
    /// `task_struct.pid_links`
    pub links: u32,
}
