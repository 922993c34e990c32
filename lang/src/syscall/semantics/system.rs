//! Calls of the system as a whole: its name, modules, keys, programs and events.

use super::words::{
    ADDRESS, Count, DESC, FD, HEX, MODE, NONE, NUMBER, PID, STRING, arg, bytes, call, reads, set,
    several, writes,
};
use crate::syscall::shape::{Access, Semantics};

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("uname", NONE, &[arg("buf", writes("utsname"))], NUMBER),
    call("olduname", NONE, &[arg("buf", writes("old_utsname"))], NUMBER),
    call("oldolduname", NONE, &[arg("buf", writes("oldold_utsname"))], NUMBER),
    call("sysinfo", NONE, &[arg("info", writes("sysinfo"))], NUMBER),
    call("syslog", NONE, &[arg("type", set("syslog_action")), arg("bufp", bytes(Access::Out, Count::ResultBytes)), arg("len", NUMBER)], NUMBER),
    call("umask", NONE, &[arg("mask", MODE)], MODE),
    call("getrandom", NONE, &[arg("buf", bytes(Access::Out, Count::ResultBytes)), arg("buflen", NUMBER), arg("flags", set("getrandom_flags"))], NUMBER),
    call("reboot", NONE, &[arg("magic", set("reboot_magic")), arg("magic2", set("reboot_magic2")), arg("cmd", set("reboot_cmd")), arg("arg", ADDRESS)], NUMBER),
    call("bpf", DESC, &[arg("cmd", set("bpf_cmd")), arg("attr", several("bpf_attr", Access::In, Count::Bytes(2))), arg("size", NUMBER), arg("common_attr", ADDRESS), arg("size_common", NUMBER)], NUMBER),
    call("perf_event_open", DESC, &[arg("attr", reads("perf_event_attr")), arg("pid", PID), arg("cpu", NUMBER), arg("group_fd", FD), arg("flags", set("perf_event_open_flags"))], FD),
    call("add_key", NONE, &[arg("type", STRING), arg("description", STRING), arg("payload", bytes(Access::In, Count::Bytes(3))), arg("plen", NUMBER), arg("keyring", set("key_serial"))], NUMBER),
    call("request_key", NONE, &[arg("type", STRING), arg("description", STRING), arg("callout_info", STRING), arg("dest_keyring", set("key_serial"))], NUMBER),
    call("keyctl", NONE, &[arg("operation", set("keyctl_op")), arg("arg2", HEX), arg("arg3", HEX), arg("arg4", HEX), arg("arg5", HEX)], NUMBER),
    call("init_module", NONE, &[arg("module_image", ADDRESS), arg("len", NUMBER), arg("param_values", STRING)], NUMBER),
    call("finit_module", DESC, &[arg("fd", FD), arg("param_values", STRING), arg("flags", set("module_init_flags"))], NUMBER),
    call("delete_module", NONE, &[arg("name", STRING), arg("flags", set("delete_module_flags"))], NUMBER),
    call("kexec_load", NONE, &[arg("entry", ADDRESS), arg("nr_segments", NUMBER), arg("segments", ADDRESS), arg("flags", set("kexec_flags"))], NUMBER),
    call("kexec_file_load", DESC, &[arg("kernel_fd", FD), arg("initrd_fd", FD), arg("cmdline_len", NUMBER), arg("cmdline", STRING), arg("flags", set("kexec_file_flags"))], NUMBER),
];
