//! The sets of arguments of interprocess communication.
//!
//! Names and values: linux v7.2.12, the headers that each set names; where none is named, those of libc.

use super::set;
use crate::syscall::set::{Kind, Set};

#[rustfmt::skip]
pub(super) static SETS: &[Set] = &[
    // include/uapi/linux/ipc.h
    set("ipc_key", Kind::HexValues, &[
        ("IPC_PRIVATE", 0),
    ]),
    // include/uapi/linux/ipc.h
    set("ipc_flags", Kind::FlagsAndMode, &[
        ("IPC_CREAT", 0x200), ("IPC_EXCL", 0x400), ("IPC_NOWAIT", 0x800),
    ]),
    // include/uapi/linux/ipc.h, include/uapi/linux/shm.h
    set("shmget_flags", Kind::FlagsAndMode, &[
        ("IPC_CREAT", 0x200), ("IPC_EXCL", 0x400), ("SHM_HUGETLB", 0x800), ("SHM_NORESERVE", 0x1000),
    ]),
    // include/uapi/linux/shm.h
    set("shmat_flags", Kind::Flags, &[
        ("SHM_RDONLY", 0x1000), ("SHM_RND", 0x2000), ("SHM_REMAP", 0x4000), ("SHM_EXEC", 0x8000),
    ]),
    // include/uapi/linux/ipc.h, include/uapi/linux/shm.h
    set("shmctl_cmd", Kind::HexValues, &[
        ("IPC_RMID", 0), ("IPC_SET", 1), ("IPC_STAT", 2), ("IPC_INFO", 3), ("SHM_LOCK", 11), ("SHM_UNLOCK", 12),
        ("SHM_STAT", 13), ("SHM_INFO", 14), ("SHM_STAT_ANY", 15),
    ]),
    // include/uapi/linux/ipc.h, include/uapi/linux/sem.h
    set("semctl_cmd", Kind::HexValues, &[
        ("IPC_RMID", 0), ("IPC_SET", 1), ("IPC_STAT", 2), ("IPC_INFO", 3), ("GETPID", 11), ("GETVAL", 12),
        ("GETALL", 13), ("GETNCNT", 14), ("GETZCNT", 15), ("SETVAL", 0x10), ("SETALL", 17), ("SEM_STAT", 18),
        ("SEM_INFO", 19), ("SEM_STAT_ANY", 20),
    ]),
    // include/uapi/linux/ipc.h, include/uapi/linux/msg.h
    set("msgctl_cmd", Kind::HexValues, &[
        ("IPC_RMID", 0), ("IPC_SET", 1), ("IPC_STAT", 2), ("IPC_INFO", 3), ("MSG_STAT", 11), ("MSG_INFO", 12),
        ("MSG_STAT_ANY", 13),
    ]),
    // include/uapi/linux/ipc.h, include/uapi/linux/sem.h
    set("semop_flags", Kind::Flags, &[
        ("SEM_UNDO", 0x1000), ("IPC_NOWAIT", 0x800),
    ]),
    // include/uapi/linux/ipc.h, include/uapi/linux/msg.h
    set("msgop_flags", Kind::Flags, &[
        ("MSG_NOERROR", 0x1000), ("MSG_EXCEPT", 0x2000), ("MSG_COPY", 0x4000), ("IPC_NOWAIT", 0x800),
    ]),
    // include/uapi/linux/ipc.h
    set("ipc_call", Kind::HexValues, &[
        ("SEMOP", 1), ("SEMGET", 2), ("SEMCTL", 3), ("SEMTIMEDOP", 4), ("MSGSND", 11), ("MSGRCV", 12), ("MSGGET", 13),
        ("MSGCTL", 14), ("SHMAT", 21), ("SHMDT", 22), ("SHMGET", 23), ("SHMCTL", 24),
    ]),
];
