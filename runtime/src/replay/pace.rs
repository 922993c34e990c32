//! How fast a trace is replayed.

use std::time::{Duration, Instant};

/// The speed of a replay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// How many times as fast as it happened; `None`: as fast as can be.
    speed: Option<f64>,
    /// A time of the trace, and when that was.
    start: Option<(u64, Instant)>,
}

impl Pace {
    /// So many times as fast as it happened; a positive number.
    pub fn times(speed: f64) -> Self {
        Self {
            speed: Some(speed),
            start: None,
        }
    }

    /// The time of the trace is this now.
    pub(super) fn start(&mut self, now: u64) {
        self.start = Some((now, Instant::now()));
    }

    /// How long to wait for a time of the trace.
    pub(super) fn wait(&self, time: u64) -> Duration {
        let (Some(speed), Some((start, since))) = (self.speed, self.start) else {
            return Duration::ZERO;
        };
        let nanoseconds = time.saturating_sub(start) as f64 / speed;
        // Centuries are enough.
        let due = Duration::from_nanos(nanoseconds.min(1e18) as u64);
        due.saturating_sub(since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_at_the_speed_that_was_asked_for() {
        const HOUR: u64 = 3_600_000_000_000;
        let mut fast = Pace::default();
        fast.start(0);
        assert_eq!(fast.wait(HOUR), Duration::ZERO);
        let mut twice = Pace::times(2.0);
        twice.start(HOUR);
        let wait = twice.wait(3 * HOUR);
        assert!(wait <= Duration::from_secs(3600) && wait > Duration::from_secs(3000));
        assert_eq!(twice.wait(0), Duration::ZERO);
    }
}
