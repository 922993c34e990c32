//! Calls of signals.

use super::words::{
    Count, DESC_PROCESS_SIGNAL, DESC_SIGNAL, FD, HEX, NONE, NUMBER, PID, PROCESS_SIGNAL, SIGNAL,
    SIGNAL_NUMBER, arg, call, reads, set, several, writes,
};
use crate::syscall::shape::{Access, Fate, Semantics};

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("kill", PROCESS_SIGNAL, &[arg("pid", PID), arg("sig", SIGNAL_NUMBER)], NUMBER),
    call("tkill", PROCESS_SIGNAL, &[arg("tid", PID), arg("sig", SIGNAL_NUMBER)], NUMBER),
    call("tgkill", PROCESS_SIGNAL, &[arg("tgid", PID), arg("tid", PID), arg("sig", SIGNAL_NUMBER)], NUMBER),
    call("pidfd_send_signal", DESC_PROCESS_SIGNAL, &[arg("pidfd", FD), arg("sig", SIGNAL_NUMBER), arg("info", reads("siginfo")), arg("flags", set("pidfd_signal_flags"))], NUMBER),
    call("rt_sigaction", SIGNAL, &[arg("signum", SIGNAL_NUMBER), arg("act", reads("sigaction")), arg("oldact", writes("sigaction")), arg("sigsetsize", NUMBER)], NUMBER),
    call("sigaction", SIGNAL, &[arg("signum", SIGNAL_NUMBER), arg("act", reads("old_sigaction")), arg("oldact", writes("old_sigaction"))], NUMBER),
    call("signal", SIGNAL, &[arg("signum", SIGNAL_NUMBER), arg("handler", set("signal_handler"))], set("signal_handler")),
    call("rt_sigprocmask", SIGNAL, &[arg("how", set("sigprocmask_how")), arg("set", several("sigset", Access::In, Count::Bytes(3))), arg("oldset", several("sigset", Access::Out, Count::Bytes(3))), arg("sigsetsize", NUMBER)], NUMBER),
    call("sigprocmask", SIGNAL, &[arg("how", set("sigprocmask_how")), arg("set", reads("old_sigset")), arg("oldset", writes("old_sigset"))], NUMBER),
    call("rt_sigpending", SIGNAL, &[arg("set", several("sigset", Access::Out, Count::Bytes(1))), arg("sigsetsize", NUMBER)], NUMBER),
    call("sigpending", SIGNAL, &[arg("set", writes("old_sigset"))], NUMBER),
    call("rt_sigsuspend", SIGNAL, &[arg("mask", several("sigset", Access::In, Count::Bytes(1))), arg("sigsetsize", NUMBER)], NUMBER),
    call("sigsuspend", SIGNAL, &[arg("unused1", NUMBER), arg("unused2", NUMBER), arg("mask", HEX)], NUMBER),
    call("rt_sigtimedwait", SIGNAL, &[arg("set", several("sigset", Access::In, Count::Bytes(3))), arg("info", writes("siginfo")), arg("timeout", reads("timespec")), arg("sigsetsize", NUMBER)], SIGNAL_NUMBER),
    call("rt_sigtimedwait_time64", SIGNAL, &[arg("set", several("sigset", Access::In, Count::Bytes(3))), arg("info", writes("siginfo")), arg("timeout", reads("timespec")), arg("sigsetsize", NUMBER)], SIGNAL_NUMBER),
    call("rt_sigqueueinfo", PROCESS_SIGNAL, &[arg("tgid", PID), arg("sig", SIGNAL_NUMBER), arg("info", reads("siginfo"))], NUMBER),
    call("rt_tgsigqueueinfo", PROCESS_SIGNAL, &[arg("tgid", PID), arg("tid", PID), arg("sig", SIGNAL_NUMBER), arg("info", reads("siginfo"))], NUMBER),
    call("rt_sigreturn", SIGNAL, &[], NUMBER).ending(Fate::NeverReturns),
    call("sigreturn", SIGNAL, &[], NUMBER).ending(Fate::NeverReturns),
    call("sigaltstack", SIGNAL, &[arg("ss", reads("stack_t")), arg("old_ss", writes("stack_t"))], NUMBER),
    call("signalfd", DESC_SIGNAL, &[arg("fd", FD), arg("mask", several("sigset", Access::In, Count::Bytes(2))), arg("sizemask", NUMBER)], FD),
    call("signalfd4", DESC_SIGNAL, &[arg("fd", FD), arg("mask", several("sigset", Access::In, Count::Bytes(2))), arg("sizemask", NUMBER), arg("flags", set("signalfd_flags"))], FD),
    call("sgetmask", SIGNAL, &[], HEX),
    call("ssetmask", SIGNAL, &[arg("newmask", HEX)], HEX),
    call("alarm", NONE, &[arg("seconds", NUMBER)], NUMBER),
];
