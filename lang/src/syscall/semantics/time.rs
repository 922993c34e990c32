//! Calls of clocks and timers.

use super::words::{
    ADDRESS, CLOCK, DESC, FD, NONE, NUMBER, arg, call, reads, set, updates, writes,
};
use crate::syscall::shape::Semantics;

#[rustfmt::skip]
pub(super) static ROWS: &[Semantics] = &[
    call("time", CLOCK, &[arg("tloc", writes("time_t"))], NUMBER),
    call("stime", NONE, &[arg("t", reads("time_t"))], NUMBER),
    call("gettimeofday", CLOCK, &[arg("tv", writes("timeval")), arg("tz", writes("timezone"))], NUMBER),
    call("settimeofday", CLOCK, &[arg("tv", reads("timeval")), arg("tz", reads("timezone"))], NUMBER),
    call("adjtimex", CLOCK, &[arg("buf", updates("timex"))], set("clock_state")),
    call("clock_adjtime", CLOCK, &[arg("clk_id", set("clock_id")), arg("buf", updates("timex"))], set("clock_state")),
    call("clock_adjtime64", CLOCK, &[arg("clk_id", set("clock_id")), arg("buf", updates("timex"))], set("clock_state")),
    call("clock_gettime", CLOCK, &[arg("clockid", set("clock_id")), arg("tp", writes("timespec"))], NUMBER),
    call("clock_gettime64", CLOCK, &[arg("clockid", set("clock_id")), arg("tp", writes("timespec"))], NUMBER),
    call("clock_settime", CLOCK, &[arg("clockid", set("clock_id")), arg("tp", reads("timespec"))], NUMBER),
    call("clock_settime64", CLOCK, &[arg("clockid", set("clock_id")), arg("tp", reads("timespec"))], NUMBER),
    call("clock_getres", CLOCK, &[arg("clockid", set("clock_id")), arg("res", writes("timespec"))], NUMBER),
    call("clock_getres_time64", CLOCK, &[arg("clockid", set("clock_id")), arg("res", writes("timespec"))], NUMBER),
    call("clock_nanosleep", NONE, &[arg("clockid", set("clock_id")), arg("flags", set("timer_flags")), arg("request", reads("timespec")), arg("remain", ADDRESS)], NUMBER),
    call("clock_nanosleep_time64", NONE, &[arg("clockid", set("clock_id")), arg("flags", set("timer_flags")), arg("request", reads("timespec")), arg("remain", ADDRESS)], NUMBER),
    call("nanosleep", NONE, &[arg("req", reads("timespec")), arg("rem", ADDRESS)], NUMBER),
    call("getitimer", NONE, &[arg("which", set("itimer_which")), arg("curr_value", writes("itimerval"))], NUMBER),
    call("setitimer", NONE, &[arg("which", set("itimer_which")), arg("new_value", reads("itimerval")), arg("old_value", writes("itimerval"))], NUMBER),
    call("timer_create", NONE, &[arg("clockid", set("clock_id")), arg("sevp", reads("sigevent")), arg("timerid", writes("timer_id"))], NUMBER),
    call("timer_delete", NONE, &[arg("timerid", NUMBER)], NUMBER),
    call("timer_getoverrun", NONE, &[arg("timerid", NUMBER)], NUMBER),
    call("timer_gettime", NONE, &[arg("timerid", NUMBER), arg("curr_value", writes("itimerspec"))], NUMBER),
    call("timer_gettime64", NONE, &[arg("timerid", NUMBER), arg("curr_value", writes("itimerspec"))], NUMBER),
    call("timer_settime", NONE, &[arg("timerid", NUMBER), arg("flags", set("timer_flags")), arg("new_value", reads("itimerspec")), arg("old_value", writes("itimerspec"))], NUMBER),
    call("timer_settime64", NONE, &[arg("timerid", NUMBER), arg("flags", set("timer_flags")), arg("new_value", reads("itimerspec")), arg("old_value", writes("itimerspec"))], NUMBER),
    call("timerfd_create", DESC, &[arg("clockid", set("clock_id")), arg("flags", set("timerfd_flags"))], FD),
    call("timerfd_gettime", DESC, &[arg("fd", FD), arg("curr_value", writes("itimerspec"))], NUMBER),
    call("timerfd_gettime64", DESC, &[arg("fd", FD), arg("curr_value", writes("itimerspec"))], NUMBER),
    call("timerfd_settime", DESC, &[arg("fd", FD), arg("flags", set("timerfd_settime_flags")), arg("new_value", reads("itimerspec")), arg("old_value", writes("itimerspec"))], NUMBER),
    call("timerfd_settime64", DESC, &[arg("fd", FD), arg("flags", set("timerfd_settime_flags")), arg("new_value", reads("itimerspec")), arg("old_value", writes("itimerspec"))], NUMBER),
    call("times", NONE, &[arg("buf", writes("tms"))], NUMBER),
];
