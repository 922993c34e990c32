//! Calls of System V and POSIX interprocess communication.

use super::words::{
    ADDRESS, Count, DESC, FD, HEX, IPC, MEMORY_IPC, MODE, NONE, NUMBER, STRING, arg, bytes, call,
    reads, set, several, writes,
};
use crate::syscall::shape::{Access, Semantics};

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("shmget", IPC, &[arg("key", set("ipc_key")), arg("size", NUMBER), arg("shmflg", set("shmget_flags"))], NUMBER),
    call("shmat", MEMORY_IPC, &[arg("shmid", NUMBER), arg("shmaddr", ADDRESS), arg("shmflg", set("shmat_flags"))], HEX),
    call("shmdt", MEMORY_IPC, &[arg("shmaddr", ADDRESS)], NUMBER),
    call("shmctl", IPC, &[arg("shmid", NUMBER), arg("cmd", set("shmctl_cmd")), arg("buf", ADDRESS)], NUMBER),
    call("semget", IPC, &[arg("key", set("ipc_key")), arg("nsems", NUMBER), arg("semflg", set("ipc_flags"))], NUMBER),
    call("semop", IPC, &[arg("semid", NUMBER), arg("sops", several("sembuf", Access::In, Count::Elements(2))), arg("nsops", NUMBER)], NUMBER),
    call("semtimedop", IPC, &[arg("semid", NUMBER), arg("sops", several("sembuf", Access::In, Count::Elements(2))), arg("nsops", NUMBER), arg("timeout", reads("timespec"))], NUMBER),
    call("semtimedop_time64", IPC, &[arg("semid", NUMBER), arg("sops", several("sembuf", Access::In, Count::Elements(2))), arg("nsops", NUMBER), arg("timeout", reads("timespec"))], NUMBER),
    call("semctl", IPC, &[arg("semid", NUMBER), arg("semnum", NUMBER), arg("cmd", set("semctl_cmd")), arg("arg", HEX)], NUMBER),
    call("msgget", IPC, &[arg("key", set("ipc_key")), arg("msgflg", set("ipc_flags"))], NUMBER),
    call("msgsnd", IPC, &[arg("msqid", NUMBER), arg("msgp", ADDRESS), arg("msgsz", NUMBER), arg("msgflg", set("msgop_flags"))], NUMBER),
    call("msgrcv", IPC, &[arg("msqid", NUMBER), arg("msgp", ADDRESS), arg("msgsz", NUMBER), arg("msgtyp", NUMBER), arg("msgflg", set("msgop_flags"))], NUMBER),
    call("msgctl", IPC, &[arg("msqid", NUMBER), arg("cmd", set("msgctl_cmd")), arg("buf", ADDRESS)], NUMBER),
    call("ipc", IPC, &[arg("call", set("ipc_call")), arg("first", NUMBER), arg("second", NUMBER), arg("third", NUMBER), arg("ptr", ADDRESS), arg("fifth", NUMBER)], NUMBER),
    call("mq_open", DESC, &[arg("name", STRING), arg("oflag", set("open_flags")), arg("mode", MODE), arg("attr", reads("mq_attr"))], FD),
    call("mq_unlink", NONE, &[arg("name", STRING)], NUMBER),
    call("mq_timedsend", DESC, &[arg("mqdes", FD), arg("msg_ptr", bytes(Access::In, Count::Bytes(2))), arg("msg_len", NUMBER), arg("msg_prio", NUMBER), arg("abs_timeout", reads("timespec"))], NUMBER),
    call("mq_timedsend_time64", DESC, &[arg("mqdes", FD), arg("msg_ptr", bytes(Access::In, Count::Bytes(2))), arg("msg_len", NUMBER), arg("msg_prio", NUMBER), arg("abs_timeout", reads("timespec"))], NUMBER),
    call("mq_timedreceive", DESC, &[arg("mqdes", FD), arg("msg_ptr", bytes(Access::Out, Count::ResultBytes)), arg("msg_len", NUMBER), arg("msg_prio", writes("u32")), arg("abs_timeout", reads("timespec"))], NUMBER),
    call("mq_timedreceive_time64", DESC, &[arg("mqdes", FD), arg("msg_ptr", bytes(Access::Out, Count::ResultBytes)), arg("msg_len", NUMBER), arg("msg_prio", writes("u32")), arg("abs_timeout", reads("timespec"))], NUMBER),
    call("mq_notify", DESC, &[arg("mqdes", FD), arg("sevp", reads("sigevent"))], NUMBER),
    call("mq_getsetattr", DESC, &[arg("mqdes", FD), arg("newattr", reads("mq_attr")), arg("oldattr", writes("mq_attr"))], NUMBER),
];
