//! Signals: sets, actions, what is told of one.

use super::super::text;
use super::Reader;
use trapline_lang::syscall::set::Set;
use trapline_lang::syscall::signal;

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[&FLAGS, &STACK_FLAGS, &CODES, &CHILD_CODES];

/// The first real-time signal, as the kernel counts.
const FIRST_REALTIME: u32 = 32;

/// `SIGINT`, `SIGRTMIN`, `SIGRT_2`: the kernel's numbers, not those of the C library.
pub(in super::super) fn name(number: u32) -> String {
    match (number, signal::name(number)) {
        (FIRST_REALTIME, _) => "SIGRTMIN".to_owned(),
        (33..=64, _) => format!("SIGRT_{}", number - FIRST_REALTIME),
        (_, Some(name)) => name.to_owned(),
        (_, None) => number.to_string(),
    }
}

/// A set of as many signals as the bytes have bits: `[INT TERM]`, `~[KILL]` if it is nearly full.
pub(super) fn sigset(r: &mut Reader<'_>) -> Option<String> {
    let bytes = r.rest();
    if bytes.len() < 4 {
        return None;
    }
    let bits = (bytes.len() * 8).min(64) as u32;
    let set = r.u64();
    Some(set_text(set, bits))
}

/// A set of the 32 signals that there were at first.
pub(super) fn old_sigset(r: &mut Reader<'_>) -> Option<String> {
    Some(set_text(r.u32().into(), 32))
}

/// The last argument of `pselect6`. What its pointer leads to is not captured.
pub(super) fn set_and_size(r: &mut Reader<'_>) -> Option<String> {
    let (set, size) = (r.pointer(), r.word());
    Some(format!("{{sigmask={set}, sigsetsize={size}}}"))
}

fn set_text(set: u64, bits: u32) -> String {
    let count = set.count_ones();
    let inverted = count >= bits * 2 / 3;
    let shown = if inverted { !set } else { set };
    let names: Vec<String> = (1..=bits)
        .filter(|signal| shown >> (signal - 1) & 1 == 1)
        .map(|signal| name(signal).trim_start_matches("SIG").to_owned())
        .collect();
    let sign = if inverted { "~" } else { "" };
    format!("{sign}[{}]", names.join(" "))
}

/// linux v6.12 include/uapi/asm-generic/signal-defs.h
const SA_SIGINFO: i64 = 4;
const SA_RESTORER: i64 = 0x0400_0000;

static FLAGS: Set = text::flags(
    "sa_flags",
    &[
        ("SA_RESTORER", SA_RESTORER),
        ("SA_ONSTACK", 0x0800_0000),
        ("SA_RESTART", 0x1000_0000),
        ("SA_NODEFER", 0x4000_0000),
        ("SA_RESETHAND", 0x8000_0000),
        ("SA_NOCLDSTOP", 1),
        ("SA_NOCLDWAIT", 2),
        ("SA_SIGINFO", SA_SIGINFO),
        ("SA_EXPOSE_TAGBITS", 0x800),
    ],
);

pub(super) fn sigaction(r: &mut Reader<'_>) -> Option<String> {
    let (handler, flags, restorer) = (r.word(), r.word() as i64, r.pointer());
    let mask = set_text(r.u64(), 64);
    Some(action(handler, &mask, flags, &restorer))
}

/// The structure of `sigaction` before there were real-time signals.
pub(super) fn old_sigaction(r: &mut Reader<'_>) -> Option<String> {
    let (handler, mask, flags) = (r.word(), r.word(), r.word() as i64);
    let restorer = r.pointer();
    Some(action(handler, &set_text(mask, 32), flags, &restorer))
}

fn action(handler: u64, mask: &str, flags: i64, restorer: &str) -> String {
    let handler = match handler {
        0 => "SIG_DFL".to_owned(),
        1 => "SIG_IGN".to_owned(),
        handler => text::address(handler),
    };
    let mut text = format!(
        "{{sa_handler={handler}, sa_mask={mask}, sa_flags={}",
        FLAGS.format(flags)
    );
    if flags & SA_RESTORER != 0 {
        text.push_str(&format!(", sa_restorer={restorer}"));
    }
    text.push('}');
    text
}

/// linux v6.12 include/uapi/linux/signal.h
static STACK_FLAGS: Set = text::flags(
    "ss_flags",
    &[
        ("SS_ONSTACK", 1),
        ("SS_DISABLE", 2),
        ("SS_AUTODISARM", 0x8000_0000),
    ],
);

pub(super) fn stack(r: &mut Reader<'_>) -> Option<String> {
    let (address, flags) = (r.pointer(), STACK_FLAGS.format(r.u32().into()));
    if r.is_wide() {
        r.skip(4);
    }
    Some(format!(
        "{{ss_sp={address}, ss_flags={flags}, ss_size={}}}",
        r.word()
    ))
}

/// `si_code` of any signal (linux v6.12 include/uapi/asm-generic/siginfo.h).
static CODES: Set = text::values(
    "si_code",
    &[
        ("SI_USER", 0),
        ("SI_KERNEL", 0x80),
        ("SI_QUEUE", -1),
        ("SI_TIMER", -2),
        ("SI_MESGQ", -3),
        ("SI_ASYNCIO", -4),
        ("SI_SIGIO", -5),
        ("SI_TKILL", -6),
    ],
);

static CHILD_CODES: Set = text::values(
    "si_code_child",
    &[
        ("CLD_EXITED", 1),
        ("CLD_KILLED", 2),
        ("CLD_DUMPED", 3),
        ("CLD_TRAPPED", 4),
        ("CLD_STOPPED", 5),
        ("CLD_CONTINUED", 6),
    ],
);

const SIGILL: u32 = 4;
const SIGBUS: u32 = 7;
const SIGFPE: u32 = 8;
const SIGSEGV: u32 = 11;
const SIGCHLD: u32 = 17;
const CLD_EXITED: i32 = 1;
const SI_TIMER: i32 = -2;

pub(super) fn siginfo(r: &mut Reader<'_>) -> Option<String> {
    let (number, error, code) = (r.u32(), r.i32(), r.i32());
    if number == 0 && error == 0 && code == 0 {
        return Some("{}".to_owned());
    }
    if r.is_wide() {
        r.skip(4);
    }
    let code_name = match (number, code) {
        (SIGCHLD, 1..) => CHILD_CODES.format(code.into()),
        (_, code) if CODES.rows.iter().any(|row| row.1 == i64::from(code)) => {
            CODES.format(code.into())
        }
        _ => code.to_string(),
    };
    let mut text = format!("{{si_signo={}, si_code={code_name}", name(number));
    if error != 0 {
        text.push_str(&format!(", si_errno={error}"));
    }
    let rest = match (number, code) {
        (SIGCHLD, 1..) => {
            let (pid, uid, status) = (r.i32(), r.i32(), r.i32());
            let status = match code {
                CLD_EXITED => status.to_string(),
                _ => name(status as u32),
            };
            if r.is_wide() {
                r.skip(4);
            }
            let (user, system) = (ticks(r.long()), ticks(r.long()));
            format!(
                ", si_pid={pid}, si_uid={uid}, si_status={status}, si_utime={user}, si_stime={system}"
            )
        }
        (SIGILL | SIGBUS | SIGFPE | SIGSEGV, 1..) => format!(", si_addr={}", r.pointer()),
        (_, SI_TIMER) => {
            let (timer, overrun) = (text::hex(r.u32().into()), r.i32());
            format!(", si_timerid={timer}, si_overrun={overrun}")
        }
        (_, 0x80) => String::new(),
        (_, 1..) => String::new(),
        _ => {
            let (pid, uid) = (r.i32(), r.i32());
            let value = match code {
                -1 => value(r.word()),
                _ => String::new(),
            };
            format!(", si_pid={pid}, si_uid={uid}{value}")
        }
    };
    Some(format!("{text}{rest}}}"))
}

/// The word that `sigqueue` sends.
fn value(word: u64) -> String {
    let (number, pointer) = (word as i32, text::address(word));
    format!(", si_int={number}, si_ptr={pointer}")
}

/// Times of processes, in hundredths of a second.
fn ticks(ticks: i64) -> String {
    match ticks {
        0 => "0".to_owned(),
        ticks => format!("{ticks} /* {}.{:02} s */", ticks / 100, (ticks % 100).abs()),
    }
}
