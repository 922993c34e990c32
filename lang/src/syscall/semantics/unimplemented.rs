//! Numbers that have a name but no arguments: the kernel has no code for them, or only an entry that no
//! program calls by itself.

use super::words::{MEMORY, NET, NONE, NUMBER, call};
use crate::syscall::shape::Semantics;

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("_sysctl", NONE, &[], NUMBER),
    call("afs_syscall", NONE, &[], NUMBER),
    call("bdflush", NONE, &[], NUMBER),
    call("break", MEMORY, &[], NUMBER),
    call("create_module", NONE, &[], NUMBER),
    call("epoll_ctl_old", NONE, &[], NUMBER),
    call("epoll_wait_old", NONE, &[], NUMBER),
    call("ftime", NONE, &[], NUMBER),
    call("get_kernel_syms", NONE, &[], NUMBER),
    call("getpmsg", NET, &[], NUMBER),
    call("gtty", NONE, &[], NUMBER),
    call("idle", NONE, &[], NUMBER),
    call("lock", NONE, &[], NUMBER),
    call("mpx", NONE, &[], NUMBER),
    call("nfsservctl", NONE, &[], NUMBER),
    call("prof", NONE, &[], NUMBER),
    call("profil", NONE, &[], NUMBER),
    call("putpmsg", NET, &[], NUMBER),
    call("query_module", NONE, &[], NUMBER),
    call("security", NONE, &[], NUMBER),
    call("stty", NONE, &[], NUMBER),
    call("tuxcall", NONE, &[], NUMBER),
    call("ulimit", NONE, &[], NUMBER),
    call("uprobe", NONE, &[], NUMBER),
    call("uretprobe", NONE, &[], NUMBER),
    call("vserver", NONE, &[], NUMBER),
];
