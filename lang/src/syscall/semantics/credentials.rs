//! Calls of users, groups and capabilities.

use super::words::{CREDS, Count, ID, NUMBER, arg, call, reads, several, updates, writes};
use crate::syscall::shape::{Access, Semantics};

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("getuid", CREDS, &[], NUMBER),
    call("geteuid", CREDS, &[], NUMBER),
    call("getgid", CREDS, &[], NUMBER),
    call("getegid", CREDS, &[], NUMBER),
    call("getuid32", CREDS, &[], NUMBER),
    call("geteuid32", CREDS, &[], NUMBER),
    call("getgid32", CREDS, &[], NUMBER),
    call("getegid32", CREDS, &[], NUMBER),
    call("setuid", CREDS, &[arg("uid", ID)], NUMBER),
    call("setfsuid", CREDS, &[arg("uid", ID)], NUMBER),
    call("setuid32", CREDS, &[arg("uid", ID)], NUMBER),
    call("setfsuid32", CREDS, &[arg("uid", ID)], NUMBER),
    call("setgid", CREDS, &[arg("gid", ID)], NUMBER),
    call("setfsgid", CREDS, &[arg("gid", ID)], NUMBER),
    call("setgid32", CREDS, &[arg("gid", ID)], NUMBER),
    call("setfsgid32", CREDS, &[arg("gid", ID)], NUMBER),
    call("setreuid", CREDS, &[arg("ruid", ID), arg("euid", ID)], NUMBER),
    call("setreuid32", CREDS, &[arg("ruid", ID), arg("euid", ID)], NUMBER),
    call("setregid", CREDS, &[arg("rgid", ID), arg("egid", ID)], NUMBER),
    call("setregid32", CREDS, &[arg("rgid", ID), arg("egid", ID)], NUMBER),
    call("setresuid", CREDS, &[arg("ruid", ID), arg("euid", ID), arg("suid", ID)], NUMBER),
    call("setresuid32", CREDS, &[arg("ruid", ID), arg("euid", ID), arg("suid", ID)], NUMBER),
    call("setresgid", CREDS, &[arg("rgid", ID), arg("egid", ID), arg("sgid", ID)], NUMBER),
    call("setresgid32", CREDS, &[arg("rgid", ID), arg("egid", ID), arg("sgid", ID)], NUMBER),
    call("getresuid", CREDS, &[arg("ruid", writes("uid")), arg("euid", writes("uid")), arg("suid", writes("uid"))], NUMBER),
    call("getresuid32", CREDS, &[arg("ruid", writes("uid")), arg("euid", writes("uid")), arg("suid", writes("uid"))], NUMBER),
    call("getresgid", CREDS, &[arg("rgid", writes("gid")), arg("egid", writes("gid")), arg("sgid", writes("gid"))], NUMBER),
    call("getresgid32", CREDS, &[arg("rgid", writes("gid")), arg("egid", writes("gid")), arg("sgid", writes("gid"))], NUMBER),
    call("getgroups", CREDS, &[arg("size", NUMBER), arg("list", several("gid", Access::Out, Count::Results))], NUMBER),
    call("getgroups32", CREDS, &[arg("size", NUMBER), arg("list", several("gid", Access::Out, Count::Results))], NUMBER),
    call("setgroups", CREDS, &[arg("size", NUMBER), arg("list", several("gid", Access::In, Count::Elements(0)))], NUMBER),
    call("setgroups32", CREDS, &[arg("size", NUMBER), arg("list", several("gid", Access::In, Count::Elements(0)))], NUMBER),
    call("capget", CREDS, &[arg("hdrp", updates("cap_header")), arg("datap", several("cap_data", Access::Out, Count::Exactly(2)))], NUMBER),
    call("capset", CREDS, &[arg("hdrp", reads("cap_header")), arg("datap", several("cap_data", Access::In, Count::Exactly(2)))], NUMBER),
];
