//! A machine that never changes: what its kernel can do, and which events it has.

use std::path::Path;
use std::sync::OnceLock;
use trapline_codegen::target::{Arch, Features, Offsets, SyscallHookKind, Target};
use trapline_lang::catalog::file::FileCatalog;
use trapline_lang::syscall::Abi;

const CPUS: u32 = 4;

/// A kernel that can do everything.
pub(crate) fn target() -> Target {
    Target {
        arch: Arch::X86_64,
        syscall_hook: SyscallHookKind::Btf,
        features: Features {
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
            isa_v4: true,
        },
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
        },
        cpu_count: CPUS,
        optimize: true,
    }
}

/// The events whose format files lie in `tests/golden/catalog`.
pub(crate) fn catalog() -> &'static FileCatalog {
    static CATALOG: OnceLock<FileCatalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/catalog");
        let mut catalog = FileCatalog::new(Abi::X86_64, CPUS);
        for category in std::fs::read_dir(root).expect("the catalog can be read") {
            let category = category.expect("the catalog can be read").path();
            for event in std::fs::read_dir(&category).expect("the catalog can be read") {
                let event = event.expect("the catalog can be read").path();
                let format = std::fs::read_to_string(&event).expect("the catalog can be read");
                catalog.add(&stem(&category), &stem(&event), &format);
            }
        }
        catalog.add_cgroup("/sys/fs/cgroup/system.slice", 42);
        catalog
    })
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
