//! The sets of arguments of signals.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::set;
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    set("signal", Kind::Signal, &[]),
    // include/uapi/asm-generic/signal-defs.h
    set("sigprocmask_how", Kind::HexValues, &[
        ("SIG_BLOCK", 0), ("SIG_UNBLOCK", 1), ("SIG_SETMASK", 2),
    ]),
    // include/uapi/asm-generic/signal-defs.h, arch/x86/include/uapi/asm/signal.h
    set("sigaction_flags", Kind::Flags, &[
        ("SA_RESTORER", 0x400_0000), ("SA_NOCLDSTOP", 1), ("SA_NOCLDWAIT", 2), ("SA_SIGINFO", 4),
        ("SA_UNSUPPORTED", 0x400), ("SA_EXPOSE_TAGBITS", 0x800), ("SA_ONSTACK", 0x800_0000),
        ("SA_RESTART", 0x1000_0000), ("SA_NODEFER", 0x4000_0000), ("SA_RESETHAND", 0x8000_0000),
    ]),
    set("signal_handler", Kind::HexValues, &[
        ("SIG_DFL", 0), ("SIG_IGN", 1), ("SIG_ERR", -1),
    ]),
    set("sigaltstack_flags", Kind::HexValues, &[
        ("SS_ONSTACK", 1), ("SS_DISABLE", 2), ("SS_AUTODISARM", 0x8000_0000),
    ]),
    // include/uapi/linux/signalfd.h
    set("signalfd_flags", Kind::Flags, &[
        ("SFD_CLOEXEC", 0o2_000_000), ("SFD_NONBLOCK", 0o4000),
    ]),
];
