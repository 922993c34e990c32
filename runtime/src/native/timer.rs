//! `interval` probes: when each is due.

use trapline_codegen::object::{Attach, Manifest, TimerPeriod};

/// Nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// A program that runs every so often.
#[derive(Clone, Copy, Debug)]
struct Timer {
    program: usize,
    period: u64,
    next: u64,
}

/// The timers of a script.
#[derive(Debug, Default)]
pub(super) struct Timers(Vec<Timer>);

impl Timers {
    /// Those of a manifest, started at a time.
    pub(super) fn start(manifest: &Manifest, now: u64) -> Self {
        let programs = manifest.programs.iter().enumerate();
        Self(
            programs
                .filter_map(|(program, info)| {
                    let Attach::Timer { period, .. } = info.attach else {
                        return None;
                    };
                    let period = match period {
                        TimerPeriod::Nanoseconds(period) => period,
                        TimerPeriod::Hertz(hertz) => SECOND / hertz.max(1),
                    }
                    .max(1);
                    let next = now.saturating_add(period);
                    Some(Timer {
                        program,
                        period,
                        next,
                    })
                })
                .collect(),
        )
    }

    /// When the first of them is due.
    pub(super) fn next(&self) -> Option<u64> {
        self.0.iter().map(|timer| timer.next).min()
    }

    /// The program that is due at that time or has been before, with its time; those of the same time in the order of
    /// the script. It is due again a period later.
    pub(super) fn take(&mut self, now: u64) -> Option<(usize, u64)> {
        let due = self.0.iter_mut().filter(|timer| timer.next <= now);
        let timer = due.min_by_key(|timer| timer.next)?;
        let time = timer.next;
        timer.next = time.saturating_add(timer.period);
        Some((timer.program, time))
    }

    /// What is long overdue is due once: nobody wants to catch up with a clock that ran while nobody looked.
    pub(super) fn skip_missed(&mut self, now: u64) {
        for timer in &mut self.0 {
            if timer.next <= now {
                let missed = (now - timer.next) / timer.period;
                timer.next += missed * timer.period;
            }
        }
    }
}
