//! Processes: how they begin and end, what they may use and on which CPUs they run.

use super::super::text::{self, by_set};
use super::{Reader, poll, signal, time};
use trapline_lang::syscall::set::Set;

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[&EVENTS, &POLICIES, &SCHEDULING_FLAGS, &VERSIONS];

/// How a process ended, as `wait4` tells it; nothing if there was none.
pub(super) fn wait_status(r: &mut Reader<'_>) -> Option<String> {
    if r.event.result == Some(0) {
        return None;
    }
    Some(status(r.u32()))
}

/// linux v6.12 include/uapi/linux/ptrace.h
static EVENTS: Set = text::values(
    "ptrace_event",
    &[
        ("PTRACE_EVENT_FORK", 1),
        ("PTRACE_EVENT_VFORK", 2),
        ("PTRACE_EVENT_CLONE", 3),
        ("PTRACE_EVENT_EXEC", 4),
        ("PTRACE_EVENT_VFORK_DONE", 5),
        ("PTRACE_EVENT_EXIT", 6),
        ("PTRACE_EVENT_SECCOMP", 7),
        ("PTRACE_EVENT_STOP", 128),
    ],
);

fn status(status: u32) -> String {
    let (low, code) = (status & 0x7f, status >> 8 & 0xff);
    match (low, status & 0xff) {
        (_, 0x7f) => {
            let event = match status >> 16 {
                0 => String::new(),
                event => format!(" && {} << 16", EVENTS.format(event.into())),
            };
            let (stopped, trap) = match code & 0x80 {
                0 => (signal::name(code), ""),
                _ => (signal::name(code & 0x7f), " | 0x80"),
            };
            let event = event.replace(" && ", " | ");
            format!("{{WIFSTOPPED(s) && WSTOPSIG(s) == {stopped}{trap}}}{event}")
        }
        (0, _) => format!("{{WIFEXITED(s) && WEXITSTATUS(s) == {code}}}"),
        _ if status == 0xffff => "{WIFCONTINUED(s)}".to_owned(),
        (killed, _) => {
            let dump = if status & 0x80 == 0 {
                ""
            } else {
                " && WCOREDUMP(s)"
            };
            format!(
                "{{WIFSIGNALED(s) && WTERMSIG(s) == {}{dump}}}",
                signal::name(killed)
            )
        }
    }
}

/// `8192*1024`, `RLIM64_INFINITY`
fn limit_text(limit: u64, infinity: u64, name: &str) -> String {
    match limit {
        limit if limit == infinity => name.to_owned(),
        limit if limit > 1024 && limit % 1024 == 0 => format!("{}*1024", limit / 1024),
        limit => limit.to_string(),
    }
}

pub(super) fn limit(r: &mut Reader<'_>) -> Option<String> {
    let infinity = if r.is_wide() {
        u64::MAX
    } else {
        u32::MAX.into()
    };
    let [current, most] = [r.word(), r.word()].map(|l| limit_text(l, infinity, "RLIM_INFINITY"));
    Some(format!("{{rlim_cur={current}, rlim_max={most}}}"))
}

pub(super) fn limit64(r: &mut Reader<'_>) -> Option<String> {
    let [current, most] = [r.u64(), r.u64()].map(|l| limit_text(l, u64::MAX, "RLIM64_INFINITY"));
    Some(format!("{{rlim_cur={current}, rlim_max={most}}}"))
}

/// What a process has used; nothing if `wait4` found none.
pub(super) fn usage(r: &mut Reader<'_>) -> Option<String> {
    let waits = by_number_is_wait(r);
    if waits && r.event.result == Some(0) {
        return None;
    }
    let (user, system) = (time::timeval(r)?, time::timeval(r)?);
    Some(format!("{{ru_utime={user}, ru_stime={system}, ...}}"))
}

/// The call is `wait4` or `waitid`, and not `getrusage`, which succeeds with 0.
fn by_number_is_wait(r: &Reader<'_>) -> bool {
    let syscall = trapline_lang::syscall::by_number(r.event.abi, r.event.number);
    syscall.is_some_and(|syscall| syscall.name == "wait4")
}

/// linux v6.12 include/uapi/linux/sched.h
static POLICIES: Set = text::values(
    "sched_policy",
    &[
        ("SCHED_OTHER", 0),
        ("SCHED_FIFO", 1),
        ("SCHED_RR", 2),
        ("SCHED_BATCH", 3),
        ("SCHED_ISO", 4),
        ("SCHED_IDLE", 5),
        ("SCHED_DEADLINE", 6),
        ("SCHED_EXT", 7),
    ],
);

static SCHEDULING_FLAGS: Set = text::flags(
    "sched_flags",
    &[
        ("SCHED_FLAG_RESET_ON_FORK", 1),
        ("SCHED_FLAG_RECLAIM", 2),
        ("SCHED_FLAG_DL_OVERRUN", 4),
        ("SCHED_FLAG_KEEP_POLICY", 8),
        ("SCHED_FLAG_KEEP_PARAMS", 0x10),
        ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20),
        ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40),
    ],
);

pub(super) fn scheduling(r: &mut Reader<'_>) -> Option<String> {
    let (size, policy) = (r.u32(), POLICIES.format(r.u32().into()));
    let flags = SCHEDULING_FLAGS.format(r.i64());
    let (nice, priority) = (r.i32(), r.u32());
    let (runtime, deadline, period) = (r.u64(), r.u64(), r.u64());
    let clamps = match size {
        56.. => format!(", sched_util_min={}, sched_util_max={}", r.u32(), r.u32()),
        _ => String::new(),
    };
    Some(format!(
        "{{size={size}, sched_policy={policy}, sched_flags={flags}, sched_nice={nice}, sched_priority={priority}, \
         sched_runtime={runtime}, sched_deadline={deadline}, sched_period={period}{clamps}}}"
    ))
}

/// CPUs: `[0 1]`.
pub(super) fn cpu_mask(r: &mut Reader<'_>) -> Option<String> {
    Some(poll::descriptor_set(r.all(), u64::MAX))
}

/// `CLONE_PIDFD`, `CLONE_PARENT_SETTID`, `CLONE_SETTLS`, `CLONE_CHILD_SETTID`, `CLONE_CHILD_CLEARTID`,
/// `CLONE_INTO_CGROUP` (linux v6.12 include/uapi/linux/sched.h).
const PIDFD: u64 = 0x1000;
const PARENT_TID: u64 = 0x10_0000;
const TLS: u64 = 0x8_0000;
const CHILD_TID: u64 = 0x0120_0000;
const CGROUP: u64 = 0x2_0000_0000;

/// The argument of `clone3`.
pub(super) fn clone_args(r: &mut Reader<'_>) -> Option<String> {
    let flags = r.u64();
    let mut text = format!("{{flags={}", by_set("clone_flags", flags as i64));
    for (bit, name) in [
        (PIDFD, "pidfd"),
        (CHILD_TID, "child_tid"),
        (PARENT_TID, "parent_tid"),
    ] {
        let pointer = text::address(r.u64());
        if flags & bit != 0 {
            text.push_str(&format!(", {name}={pointer}"));
        }
    }
    let exit_signal = match r.u64() {
        0 => "0".to_owned(),
        number => u32::try_from(number).map_or_else(|_| number.to_string(), signal::name),
    };
    let (stack, stack_size, tls) = (text::address(r.u64()), text::hex(r.u64()), r.u64());
    text.push_str(&format!(
        ", exit_signal={exit_signal}, stack={stack}, stack_size={stack_size}"
    ));
    if flags & TLS != 0 {
        text.push_str(&format!(", tls={}", text::hex(tls)));
    }
    let (set_tid, set_tid_size, cgroup) = (r.u64(), r.u64(), r.u64());
    if set_tid != 0 || set_tid_size != 0 {
        text.push_str(&format!(
            ", set_tid={}, set_tid_size={set_tid_size}",
            text::address(set_tid)
        ));
    }
    if flags & CGROUP != 0 {
        text.push_str(&format!(", cgroup={cgroup}"));
    }
    text.push('}');
    Some(text)
}

/// linux v6.12 include/uapi/linux/capability.h
static VERSIONS: Set = text::values(
    "capability_version",
    &[
        ("_LINUX_CAPABILITY_VERSION_1", 0x1998_0330),
        ("_LINUX_CAPABILITY_VERSION_2", 0x2007_1026),
        ("_LINUX_CAPABILITY_VERSION_3", 0x2008_0522),
    ],
);

/// By number.
const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

pub(super) fn capability_header(r: &mut Reader<'_>) -> Option<String> {
    let (version, pid) = (VERSIONS.format(r.u32().into()), r.i32());
    Some(format!("{{version={version}, pid={pid}}}"))
}

/// Three sets, in one or two halves of 32.
pub(super) fn capability_data(r: &mut Reader<'_>) -> Option<String> {
    let mut sets = [r.u32(), r.u32(), r.u32()].map(u64::from);
    if r.rest().len() >= 12 {
        for set in &mut sets {
            *set |= u64::from(r.u32()) << 32;
        }
    }
    let [effective, permitted, inheritable] = sets.map(capabilities);
    Some(format!(
        "{{effective={effective}, permitted={permitted}, inheritable={inheritable}}}"
    ))
}

fn capabilities(set: u64) -> String {
    if set == 0 {
        return "0".to_owned();
    }
    let bits = (0..64).filter(|bit| set >> bit & 1 == 1);
    let names = bits.map(|bit| match CAPABILITIES.get(bit) {
        Some(name) => format!("1<<CAP_{name}"),
        None => format!("1<<{bit}"),
    });
    names.collect::<Vec<_>>().join("|")
}
