//! Times.

use super::super::text;
use super::Reader;
use trapline_lang::syscall::set::Set;

/// The sets of this file.
pub(super) static SETS: &[&Set] = &[&STATUS, &MODES];

pub(super) fn timespec(r: &mut Reader<'_>) -> Option<String> {
    // x32 and `__kernel_timespec` have 64 bits; so has every timespec that is not called old.
    let (seconds, nanoseconds) = (r.i64(), r.i64());
    Some(format!("{{tv_sec={seconds}, tv_nsec={nanoseconds}}}"))
}

pub(super) fn old_timespec32(r: &mut Reader<'_>) -> Option<String> {
    let (seconds, nanoseconds) = (r.i32(), r.i32());
    Some(format!("{{tv_sec={seconds}, tv_nsec={nanoseconds}}}"))
}

pub(super) fn timeval(r: &mut Reader<'_>) -> Option<String> {
    let (seconds, microseconds) = (r.long(), r.long());
    Some(format!("{{tv_sec={seconds}, tv_usec={microseconds}}}"))
}

pub(super) fn timeval32(r: &mut Reader<'_>) -> Option<String> {
    let (seconds, microseconds) = (r.i32(), r.i32());
    Some(format!("{{tv_sec={seconds}, tv_usec={microseconds}}}"))
}

pub(super) fn timezone(r: &mut Reader<'_>) -> Option<String> {
    let (west, summer) = (r.i32(), r.i32());
    Some(format!("{{tz_minuteswest={west}, tz_dsttime={summer}}}"))
}

type Print = fn(&mut Reader<'_>) -> Option<String>;

/// Two times: the interval, then the value.
fn interval(r: &mut Reader<'_>, time: Print) -> Option<String> {
    let (interval, value) = (time(r)?, time(r)?);
    Some(format!("{{it_interval={interval}, it_value={value}}}"))
}

pub(super) fn itimerspec(r: &mut Reader<'_>) -> Option<String> {
    interval(r, timespec)
}

pub(super) fn old_itimerspec32(r: &mut Reader<'_>) -> Option<String> {
    interval(r, old_timespec32)
}

pub(super) fn itimerval(r: &mut Reader<'_>) -> Option<String> {
    interval(r, timeval)
}

pub(super) fn itimerval32(r: &mut Reader<'_>) -> Option<String> {
    interval(r, timeval32)
}

/// `UTIME_NOW`, `UTIME_OMIT` (linux v6.12 include/linux/stat.h).
const UTIME_NOW: i64 = (1 << 30) - 1;
const UTIME_OMIT: i64 = (1 << 30) - 2;

/// A time of `utimensat`.
pub(super) fn file_timespec(r: &mut Reader<'_>) -> Option<String> {
    let (seconds, nanoseconds) = (r.i64(), r.i64());
    Some(match nanoseconds {
        UTIME_NOW => "UTIME_NOW".to_owned(),
        UTIME_OMIT => "UTIME_OMIT".to_owned(),
        _ => {
            let text = format!("{{tv_sec={seconds}, tv_nsec={nanoseconds}}}");
            let date = date_with(seconds, nanoseconds);
            date.map_or(text.clone(), |date| format!("{text} /* {date} */"))
        }
    })
}

pub(super) fn utimbuf(r: &mut Reader<'_>) -> Option<String> {
    let (access, change) = (seconds(r.long()), seconds(r.long()));
    Some(format!("{{actime={access}, modtime={change}}}"))
}

/// Seconds since 1970, with the date.
pub(super) fn seconds(seconds: i64) -> String {
    match date(seconds) {
        Some(date) if seconds != 0 => format!("{seconds} /* {date} */"),
        _ => seconds.to_string(),
    }
}

/// `1970-01-01T00:00:01+0000`; `None` if the year has no four digits.
pub(in super::super) fn date(seconds: i64) -> Option<String> {
    date_with(seconds, 0)
}

/// The same with a fraction of the second, if there is one.
fn date_with(seconds: i64, nanoseconds: i64) -> Option<String> {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1 March of year 0, in eras of 400 years.
    let days = days.checked_add(719_468)?;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    if !(0..=9999).contains(&year) {
        return None;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = match nanoseconds {
        0 => String::new(),
        nanoseconds => format!(".{nanoseconds:09}"),
    };
    Some(format!(
        "{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}{fraction}+0000"
    ))
}

pub(super) fn tms(r: &mut Reader<'_>) -> Option<String> {
    let [user, system, user_children, system_children] = [r.long(), r.long(), r.long(), r.long()];
    Some(format!(
        "{{tms_utime={user}, tms_stime={system}, tms_cutime={user_children}, tms_cstime={system_children}}}"
    ))
}

/// linux v6.12 include/uapi/linux/timex.h
static STATUS: Set = text::flags(
    "timex_status",
    &[
        ("STA_PLL", 1),
        ("STA_PPSFREQ", 2),
        ("STA_PPSTIME", 4),
        ("STA_FLL", 8),
        ("STA_INS", 0x10),
        ("STA_DEL", 0x20),
        ("STA_UNSYNC", 0x40),
        ("STA_FREQHOLD", 0x80),
        ("STA_PPSSIGNAL", 0x100),
        ("STA_PPSJITTER", 0x200),
        ("STA_PPSWANDER", 0x400),
        ("STA_PPSERROR", 0x800),
        ("STA_CLOCKERR", 0x1000),
        ("STA_NANO", 0x2000),
        ("STA_MODE", 0x4000),
        ("STA_CLK", 0x8000),
    ],
);

static MODES: Set = text::flags(
    "timex_modes",
    &[
        ("ADJ_OFFSET", 1),
        ("ADJ_FREQUENCY", 2),
        ("ADJ_MAXERROR", 4),
        ("ADJ_ESTERROR", 8),
        ("ADJ_STATUS", 0x10),
        ("ADJ_TIMECONST", 0x20),
        ("ADJ_TAI", 0x80),
        ("ADJ_SETOFFSET", 0x100),
        ("ADJ_MICRO", 0x1000),
        ("ADJ_NANO", 0x2000),
        ("ADJ_TICK", 0x4000),
    ],
);

/// `struct __kernel_timex`: 64-bit numbers for everybody.
pub(super) fn timex(r: &mut Reader<'_>) -> Option<String> {
    clock(r, 4, |r| r.i64())
}

/// `struct old_timex32`
pub(super) fn old_timex32(r: &mut Reader<'_>) -> Option<String> {
    clock(r, 0, |r| r.i32().into())
}

fn clock(r: &mut Reader<'_>, padding: usize, long: fn(&mut Reader<'_>) -> i64) -> Option<String> {
    let pad = |r: &mut Reader<'_>| r.skip(padding);
    let modes = MODES.format(r.u32().into());
    pad(r);
    let mut text = format!("{{modes={modes}");
    let member = |text: &mut String, name: &str, value: i64| {
        text.push_str(&format!(", {name}={value}"));
    };
    for name in ["offset", "freq", "maxerror", "esterror"] {
        member(&mut text, name, long(r));
    }
    text.push_str(&format!(", status={}", STATUS.format(r.i32().into())));
    pad(r);
    for name in ["constant", "precision", "tolerance"] {
        member(&mut text, name, long(r));
    }
    let (seconds, microseconds) = (long(r), long(r));
    text.push_str(&format!(
        ", time={{tv_sec={seconds}, tv_usec={microseconds}}}"
    ));
    for name in ["tick", "ppsfreq", "jitter"] {
        member(&mut text, name, long(r));
    }
    member(&mut text, "shift", r.i32().into());
    pad(r);
    for name in ["stabil", "jitcnt", "calcnt", "errcnt", "stbcnt"] {
        member(&mut text, name, long(r));
    }
    member(&mut text, "tai", r.i32().into());
    text.push('}');
    Some(text)
}
