//! Calls of address spaces.

use super::words::{
    ADDRESS, DESC_MEMORY, FD, HEX, MEMORY, NONE, NUMBER, PID, arg, call, reads, set, writes,
};
use crate::syscall::shape::Semantics;

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("brk", MEMORY, &[arg("addr", ADDRESS)], HEX),
    call("mmap", DESC_MEMORY, &[arg("addr", ADDRESS), arg("length", NUMBER), arg("prot", set("mmap_prot")), arg("flags", set("mmap_flags")), arg("fd", FD), arg("offset", HEX)], HEX),
    call("mmap", DESC_MEMORY, &[arg("args", reads("mmap_arg_struct"))], HEX),
    call("mmap2", DESC_MEMORY, &[arg("addr", ADDRESS), arg("length", NUMBER), arg("prot", set("mmap_prot")), arg("flags", set("mmap_flags")), arg("fd", FD), arg("pgoffset", HEX)], HEX),
    call("munmap", MEMORY, &[arg("addr", ADDRESS), arg("length", NUMBER)], NUMBER),
    call("mprotect", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER), arg("prot", set("mmap_prot"))], NUMBER),
    call("pkey_mprotect", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER), arg("prot", set("mmap_prot")), arg("pkey", NUMBER)], NUMBER),
    call("pkey_alloc", NONE, &[arg("flags", HEX), arg("access_rights", set("pkey_rights"))], NUMBER),
    call("pkey_free", NONE, &[arg("pkey", NUMBER)], NUMBER),
    call("mremap", MEMORY, &[arg("old_address", ADDRESS), arg("old_size", NUMBER), arg("new_size", NUMBER), arg("flags", set("mremap_flags")), arg("new_address", ADDRESS)], HEX),
    call("remap_file_pages", MEMORY, &[arg("addr", ADDRESS), arg("size", NUMBER), arg("prot", set("mmap_prot")), arg("pgoff", NUMBER), arg("flags", set("mmap_flags"))], NUMBER),
    call("madvise", MEMORY, &[arg("addr", ADDRESS), arg("length", NUMBER), arg("advice", set("madvise_advice"))], NUMBER),
    call("mincore", MEMORY, &[arg("addr", ADDRESS), arg("length", NUMBER), arg("vec", ADDRESS)], NUMBER),
    call("mlock", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER)], NUMBER),
    call("munlock", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER)], NUMBER),
    call("mlock2", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER), arg("flags", set("mlock_flags"))], NUMBER),
    call("mlockall", MEMORY, &[arg("flags", set("mlockall_flags"))], NUMBER),
    call("msync", MEMORY, &[arg("addr", ADDRESS), arg("length", NUMBER), arg("flags", set("msync_flags"))], NUMBER),
    call("mseal", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER), arg("flags", HEX)], NUMBER),
    call("map_shadow_stack", MEMORY, &[arg("addr", ADDRESS), arg("size", NUMBER), arg("flags", set("shadow_stack_flags"))], HEX),
    call("map_shadow_stack", MEMORY, &[], NUMBER),
    call("mbind", MEMORY, &[arg("addr", ADDRESS), arg("len", NUMBER), arg("mode", set("mempolicy_mode")), arg("nodemask", ADDRESS), arg("maxnode", NUMBER), arg("flags", set("mbind_flags"))], NUMBER),
    call("set_mempolicy", MEMORY, &[arg("mode", set("mempolicy_mode")), arg("nodemask", ADDRESS), arg("maxnode", NUMBER)], NUMBER),
    call("get_mempolicy", MEMORY, &[arg("mode", writes("int")), arg("nodemask", ADDRESS), arg("maxnode", NUMBER), arg("addr", ADDRESS), arg("flags", set("get_mempolicy_flags"))], NUMBER),
    call("set_mempolicy_home_node", MEMORY, &[arg("start", ADDRESS), arg("len", NUMBER), arg("home_node", NUMBER), arg("flags", HEX)], NUMBER),
    call("migrate_pages", MEMORY, &[arg("pid", PID), arg("maxnode", NUMBER), arg("old_nodes", ADDRESS), arg("new_nodes", ADDRESS)], NUMBER),
    call("move_pages", MEMORY, &[arg("pid", PID), arg("count", NUMBER), arg("pages", ADDRESS), arg("nodes", ADDRESS), arg("status", ADDRESS), arg("flags", set("mbind_flags"))], NUMBER),
];
