//! Time stamps of lines, and the one clock that they make.
//!
//! The clock counts nanoseconds since 1970 where the log says so (`-ttt`), since midnight where it gives the time of day
//! (`-t`, `-tt`), and since the first line where it gives differences (`-r`) or nothing: then each line is a microsecond
//! later than the one before.

/// What a line says of when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Nanoseconds since 1970.
    Epoch(u64),
    /// Nanoseconds since midnight, local time.
    Day(u64),
    /// Nanoseconds since the line before.
    Relative(u64),
}

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 24 * 60 * 60 * SECOND;
/// What a line takes if nothing tells.
const STEP: u64 = 1000;
/// Fewer seconds than this are no time since 1970 but one since the line before.
const FIRST_EPOCH: u64 = 100_000_000;
/// The year 2286: what is beyond is no time.
const LAST_EPOCH: u64 = 10_000_000_000;

/// Reads a stamp; it and what stands behind it. `None` if the text begins with none.
pub(super) fn parse(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (first, rest) = number(text)?;
    match rest {
        [b':', rest @ ..] => {
            let (minutes, rest) = number(rest)?;
            let (seconds, rest) = number(rest.strip_prefix(b":")?)?;
            if first > 23 || minutes > 59 || seconds > 60 {
                return None;
            }
            let (fraction, rest) = fraction(rest)?;
            let seconds = (first * 60 + minutes) * 60 + seconds;
            Some((Stamp::Day(seconds * SECOND + fraction), after_space(rest)?))
        }
        [b'.', ..] if first < LAST_EPOCH => {
            let (fraction, rest) = fraction(rest)?;
            Some((since(first, fraction), after_space(rest)?))
        }
        [b' ', ..] if (FIRST_EPOCH..LAST_EPOCH).contains(&first) => {
            Some((since(first, 0), after_space(rest)?))
        }
        _ => None,
    }
}

fn since(seconds: u64, fraction: u64) -> Stamp {
    let time = seconds * SECOND + fraction;
    match seconds {
        FIRST_EPOCH.. => Stamp::Epoch(time),
        _ => Stamp::Relative(time),
    }
}

/// A number of at most eleven digits.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    if digits.is_empty() || digits.len() > 11 {
        return None;
    }
    let value = |number, digit: &u8| number * 10 + u64::from(digit - b'0');
    Some((digits.iter().fold(0, value), rest))
}

/// `.123456` in nanoseconds; nothing is 0.
fn fraction(text: &[u8]) -> Option<(u64, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let (_, rest) = number(text)?;
    let digits = &text[..text.len() - rest.len()];
    let places = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
    let value = |number, digit: &u8| number * 10 + u64::from(digit - b'0');
    Some((places.fold(0, value), rest))
}

fn after_space(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b" ").map(<[u8]>::trim_ascii_start)
}

/// Seconds with a fraction, as durations of calls have them, in nanoseconds.
pub(super) fn duration(text: &[u8]) -> Option<u64> {
    let (seconds, rest) = number(text)?;
    let (fraction, rest) = fraction(rest)?;
    (rest.is_empty() && seconds < LAST_EPOCH).then_some(seconds * SECOND + fraction)
}

/// The clock of a log.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    now: u64,
    midnight: u64,
}

/// What became of a line's stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is the line's time.
    Time,
    /// It is earlier than that of the line before, whose time the line has.
    Earlier,
}

impl Clock {
    /// The time of the last line.
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// The time of the next line.
    pub(super) fn line(&mut self, stamp: Option<Stamp>) -> Told {
        let time = match stamp {
            Some(Stamp::Epoch(time)) => time,
            Some(Stamp::Day(time)) => {
                let today = self.now.saturating_sub(self.midnight);
                // Only midnight takes a clock back by half a day.
                if time.saturating_add(DAY / 2) < today {
                    self.midnight = self.midnight.saturating_add(DAY);
                }
                self.midnight.saturating_add(time)
            }
            Some(Stamp::Relative(difference)) => self.now.saturating_add(difference),
            None => self.now.saturating_add(STEP),
        };
        if time < self.now {
            return Told::Earlier;
        }
        self.now = time;
        Told::Time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read_in_all_their_forms() {
        for (text, stamp, rest) in [
            (
                "1700000000.123456 x",
                Stamp::Epoch(1_700_000_000_123_456_000),
                "x",
            ),
            (
                "1700000000.123456789 x",
                Stamp::Epoch(1_700_000_000_123_456_789),
                "x",
            ),
            ("1700000000 x", Stamp::Epoch(1_700_000_000_000_000_000), "x"),
            ("12:34:56 x", Stamp::Day(45_296_000_000_000), "x"),
            ("12:34:56.5 x", Stamp::Day(45_296_500_000_000), "x"),
            ("0.000123 x", Stamp::Relative(123_000), "x"),
        ] {
            assert_eq!(
                parse(text.as_bytes()),
                Some((stamp, rest.as_bytes())),
                "{text}"
            );
        }
        for text in [
            "",
            "x",
            "12",
            "12 x",
            "25:00:00 x",
            "99999999999999.5 x",
            "1.x",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(duration(b"0.000012"), Some(12_000));
        assert_eq!(duration(b"3"), Some(3 * SECOND));
        assert_eq!(duration(b"3s"), None);
    }

    #[test]
    fn clocks_go_forward() {
        let mut clock = Clock::default();
        let evening = Stamp::Day(DAY - 1);
        assert_eq!(clock.line(Some(evening)), Told::Time);
        assert_eq!(clock.line(Some(Stamp::Day(5))), Told::Time);
        assert_eq!(clock.now(), DAY + 5);
        assert_eq!(clock.line(Some(Stamp::Day(4))), Told::Earlier);
        assert_eq!(clock.now(), DAY + 5);
        clock.line(Some(Stamp::Relative(7)));
        clock.line(None);
        assert_eq!(clock.now(), DAY + 12 + STEP);
    }
}
