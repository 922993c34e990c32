//! Calls of sockets.

use super::words::{
    Count, DESC, FD, NET, NONE, NUMBER, arg, bytes, call, reads, set, several, updates, writes,
};
use crate::syscall::shape::{Access, Semantics};

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("socket", NET, &[arg("domain", set("address_family")), arg("type", set("socket_type")), arg("protocol", set("ip_protocol"))], FD),
    call("socketpair", NET, &[arg("domain", set("address_family")), arg("type", set("socket_type")), arg("protocol", set("ip_protocol")), arg("sv", writes("fd[2]"))], NUMBER),
    call("bind", NET, &[arg("sockfd", FD), arg("addr", several("sockaddr", Access::In, Count::Bytes(2))), arg("addrlen", NUMBER)], NUMBER),
    call("connect", NET, &[arg("sockfd", FD), arg("addr", several("sockaddr", Access::In, Count::Bytes(2))), arg("addrlen", NUMBER)], NUMBER),
    call("listen", NET, &[arg("sockfd", FD), arg("backlog", NUMBER)], NUMBER),
    call("accept", NET, &[arg("sockfd", FD), arg("addr", several("sockaddr", Access::Out, Count::Behind(2))), arg("addrlen", updates("socklen"))], FD),
    call("accept4", NET, &[arg("sockfd", FD), arg("addr", several("sockaddr", Access::Out, Count::Behind(2))), arg("addrlen", updates("socklen")), arg("flags", set("accept_flags"))], FD),
    call("getsockname", NET, &[arg("sockfd", FD), arg("addr", several("sockaddr", Access::Out, Count::Behind(2))), arg("addrlen", updates("socklen"))], NUMBER),
    call("getpeername", NET, &[arg("sockfd", FD), arg("addr", several("sockaddr", Access::Out, Count::Behind(2))), arg("addrlen", updates("socklen"))], NUMBER),
    call("sendto", NET, &[arg("sockfd", FD), arg("buf", bytes(Access::In, Count::Bytes(2))), arg("len", NUMBER), arg("flags", set("msg_flags")), arg("dest_addr", several("sockaddr", Access::In, Count::Bytes(5))), arg("addrlen", NUMBER)], NUMBER),
    call("recvfrom", NET, &[arg("sockfd", FD), arg("buf", bytes(Access::Out, Count::ResultBytes)), arg("len", NUMBER), arg("flags", set("msg_flags")), arg("src_addr", several("sockaddr", Access::Out, Count::Behind(5))), arg("addrlen", updates("socklen"))], NUMBER),
    call("sendmsg", NET, &[arg("sockfd", FD), arg("msg", reads("msghdr")), arg("flags", set("msg_flags"))], NUMBER),
    call("recvmsg", NET, &[arg("sockfd", FD), arg("msg", updates("msghdr")), arg("flags", set("msg_flags"))], NUMBER),
    call("sendmmsg", NET, &[arg("sockfd", FD), arg("msgvec", several("mmsghdr", Access::InOut, Count::Elements(2))), arg("vlen", NUMBER), arg("flags", set("msg_flags"))], NUMBER),
    call("recvmmsg", NET, &[arg("sockfd", FD), arg("msgvec", several("mmsghdr", Access::InOut, Count::Elements(2))), arg("vlen", NUMBER), arg("flags", set("msg_flags")), arg("timeout", updates("timespec"))], NUMBER),
    call("recvmmsg_time64", NET, &[arg("sockfd", FD), arg("msgvec", several("mmsghdr", Access::InOut, Count::Elements(2))), arg("vlen", NUMBER), arg("flags", set("msg_flags")), arg("timeout", updates("timespec"))], NUMBER),
    call("shutdown", NET, &[arg("sockfd", FD), arg("how", set("shutdown_how"))], NUMBER),
    call("setsockopt", NET, &[arg("sockfd", FD), arg("level", set("sockopt_level")), arg("optname", set("sockopt")), arg("optval", bytes(Access::In, Count::Bytes(4))), arg("optlen", NUMBER)], NUMBER),
    call("getsockopt", NET, &[arg("sockfd", FD), arg("level", set("sockopt_level")), arg("optname", set("sockopt")), arg("optval", bytes(Access::Out, Count::Behind(4))), arg("optlen", updates("socklen"))], NUMBER),
    call("socketcall", DESC, &[arg("call", set("socketcall_call")), arg("args", reads("socketcall_args"))], NUMBER),
    call("sethostname", NONE, &[arg("name", bytes(Access::In, Count::Bytes(1))), arg("len", NUMBER)], NUMBER),
    call("setdomainname", NONE, &[arg("name", bytes(Access::In, Count::Bytes(1))), arg("len", NUMBER)], NUMBER),
];
