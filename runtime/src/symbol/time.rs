//! Times of day: readings of the kernel's clocks in, formatted local time out. The one place that calls the C
//! library for it, which knows time zones.
#![expect(
    unsafe_code,
    reason = "clock_gettime, localtime_r and strftime are C functions"
)]

use crate::trace::event::Origin;
use std::ffi::CString;
use trapline_lang::types::Clock;

/// Longest text that a time may become.
const LONGEST: usize = 1 << 16;
const NANOSECONDS: i128 = 1_000_000_000;

/// A time of day: nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallTime(i128);

/// What must be added to a clock's reading to have the time of day; each is measured once, so that equal
/// readings stay equal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offsets {
    monotonic: Option<i128>,
    boot: Option<i128>,
    tai: Option<i128>,
}

impl Offsets {
    /// Those of the machine and time that a trace is about.
    pub(super) fn of_trace(origin: &Origin) -> Self {
        let monotonic = i128::from(origin.realtime_offset);
        let boot = monotonic - i128::from(origin.boot_offset);
        Self {
            monotonic: Some(monotonic),
            boot: Some(boot),
            tai: Some(boot - i128::from(origin.tai_offset)),
        }
    }

    pub(super) fn wall_time(&mut self, clock: Clock, nanoseconds: u64) -> WallTime {
        let (id, offset) = match clock {
            Clock::Monotonic => (libc::CLOCK_MONOTONIC, &mut self.monotonic),
            Clock::Boot => (libc::CLOCK_BOOTTIME, &mut self.boot),
            // Both count international atomic time.
            Clock::Tai | Clock::SoftwareTai => (libc::CLOCK_TAI, &mut self.tai),
        };
        let offset =
            offset.get_or_insert_with(|| read_clock(libc::CLOCK_REALTIME) - read_clock(id));
        WallTime(i128::from(nanoseconds) + *offset)
    }
}

impl WallTime {
    /// The time now.
    pub fn now() -> Self {
        Self(read_clock(libc::CLOCK_REALTIME))
    }

    /// Nanoseconds after 1970.
    pub fn from_nanoseconds(nanoseconds: i128) -> Self {
        Self(nanoseconds)
    }

    /// The local time in a `strftime` format, which also knows `%f`: microseconds, `%l`: milliseconds and `%k`:
    /// nanoseconds, each within the second. `None` if there is no such time or it takes more than 64 KiB.
    pub fn format_with_fractions(self, format: &str) -> Option<String> {
        self.format(&self.fill_fractions(format))
    }

    /// The local time in a `strftime` format.
    pub fn format(self, format: &str) -> Option<String> {
        let seconds = libc::time_t::try_from(self.0.div_euclid(NANOSECONDS)).ok()?;
        let local = local_time(seconds)?;
        // strftime gives 0 both for an empty text and for want of space, so the text never is empty.
        let format = CString::new(format!("{}.", format.replace('\0', ""))).ok()?;
        let mut text = vec![0u8; 256];
        loop {
            // SAFETY: the buffer has the length given, `format` is NUL-terminated, `local` was filled by localtime_r;
            // all three outlive the call.
            let length = unsafe {
                libc::strftime(
                    text.as_mut_ptr().cast(),
                    text.len(),
                    format.as_ptr(),
                    &local,
                )
            };
            if length > 0 {
                text.truncate(length - 1);
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
            if text.len() >= LONGEST {
                return None;
            }
            text.resize(text.len() * 4, 0);
        }
    }

    /// Replaces the conversions that `strftime` does not have.
    fn fill_fractions(self, format: &str) -> String {
        let fraction = self.0.rem_euclid(NANOSECONDS);
        let mut filled = String::new();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                filled.push(character);
                continue;
            }
            match characters.next() {
                Some('f') => filled.push_str(&format!("{:06}", fraction / 1_000)),
                Some('k') => filled.push_str(&format!("{fraction:09}")),
                Some('l') => filled.push_str(&format!("{:03}", fraction / 1_000_000)),
                other => {
                    filled.push('%');
                    filled.extend(other);
                }
            }
        }
        filled
    }
}

/// A clock's reading in nanoseconds; 0 if the kernel does not have the clock.
fn read_clock(clock: libc::clockid_t) -> i128 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the result and outlives the call. On failure it stays as it was.
    let _ = unsafe { libc::clock_gettime(clock, &mut time) };
    i128::from(time.tv_sec) * NANOSECONDS + i128::from(time.tv_nsec)
}

/// Seconds since 1970 as a local time.
fn local_time(seconds: libc::time_t) -> Option<libc::tm> {
    let mut local = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both places are valid and outlive the call.
    let filled = unsafe { libc::localtime_r(&seconds, local.as_mut_ptr()) };
    // SAFETY: localtime_r filled `local` if it gave its address; `tm` is plain data, zeroed before.
    (!filled.is_null()).then(|| unsafe { local.assume_init() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_second() {
        let time = WallTime::from_nanoseconds(1_000_123_456_789);
        assert_eq!(
            time.format_with_fractions("%s.%f %l %k").unwrap(),
            "1000.123456 123 123456789"
        );
        assert_eq!(time.format_with_fractions("%%f%").unwrap(), "%f%");
        assert_eq!(time.format("").unwrap(), "");
        assert_eq!(time.format(&"%Y".repeat(1000)).unwrap().len(), 4000);
    }

    #[test]
    fn readings_keep_their_distance() {
        let mut offsets = Offsets::default();
        for clock in [
            Clock::Monotonic,
            Clock::Boot,
            Clock::Tai,
            Clock::SoftwareTai,
        ] {
            let start = offsets.wall_time(clock, 0);
            let later = offsets.wall_time(clock, 1_000_123_000);
            assert_eq!(later.0 - start.0, 1_000_123_000);
        }
        let now = WallTime::now().0;
        let boot = offsets
            .wall_time(Clock::Boot, read_clock(libc::CLOCK_BOOTTIME) as u64)
            .0;
        assert!((now - boot).abs() < NANOSECONDS);
    }
}
