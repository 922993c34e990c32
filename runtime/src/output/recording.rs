//! Recordings: records that are events of a trace in, calls of an [`Observer`] out, and what was lost on the way.

use super::{Output, action};
use crate::engine::Losses;
use crate::trace::event::{Event, Observer, Thread, What};
use crate::trace::live;
use std::io;
use trapline_codegen::object::{Counter, TraceRecord};
use trapline_lang::hir::Recorded;

/// A recording in the making.
pub(super) struct Recording {
    /// Who is told of events.
    observer: Box<dyn Observer>,
    /// The time of the last one.
    last: u64,
    /// Events that it lacks, as far as the observer was told.
    lost: u64,
    /// Why it could not be written at first.
    failure: Option<io::Error>,
}

impl Output {
    /// Tells somebody from now on of every event that the script has recorded ([`trapline_lang::rewrite::record`]).
    pub fn record_into(&mut self, observer: Box<dyn Observer>) {
        self.recording = Some(Recording {
            observer,
            last: 0,
            lost: 0,
            failure: None,
        });
    }

    /// Somebody is told of events.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Who was told of events, to be finished.
    pub fn take_observer(&mut self) -> Option<Box<dyn Observer>> {
        self.recording.take().map(|recording| recording.observer)
    }

    /// A part of the recording could not be written. What the script counts is no less worth, so that goes on; it is said
    /// once, now.
    pub(crate) fn recording_failed(&mut self, error: io::Error) {
        let Some(recording) = &mut self.recording else {
            return;
        };
        if recording.failure.is_none() {
            let warning = format!("the recording cannot be written: {error}");
            recording.failure = Some(error);
            self.warn(&warning);
        }
    }

    /// Why the recording could not be written, if so.
    pub(crate) fn take_recording_failure(&mut self) -> Option<io::Error> {
        self.recording.as_mut()?.failure.take()
    }

    /// Tells the observer what the recording has lost by now.
    pub(crate) fn recording_lost(&mut self, losses: &Losses) {
        let full = losses.counters[Counter::LostRecording as usize];
        let runs = losses.missed_runs.iter();
        let runs = runs.filter(|(program, _)| program.starts_with(TraceRecord::PROGRAM));
        let lost = full + runs.map(|(_, count)| count).sum::<u64>();
        let Some(recording) = &mut self.recording else {
            return;
        };
        let events = lost.saturating_sub(recording.lost);
        if events == 0 {
            return;
        }
        recording.lost = lost;
        let told = recording.observer.event(&Event {
            time: recording.last,
            cpu: 0,
            thread: &Thread::default(),
            what: What::Lost { events },
        });
        if let Err(error) = told {
            self.recording_failed(error);
        }
    }

    /// Tells the observer of an event.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] if the record is none: that is no matter of the observer's.
    pub(super) fn observe(&mut self, what: Recorded, record: &[u8]) -> io::Result<()> {
        let Some(recording) = &mut self.recording else {
            return Ok(());
        };
        recording.last = recording.last.max(action::time(record));
        match live::read(what, record, &mut *recording.observer) {
            Err(error) if error.kind() != io::ErrorKind::InvalidData => {
                self.recording_failed(error);
                Ok(())
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{Maps, Printed, manifest, record};
    use std::cell::RefCell;
    use std::rc::Rc;
    use trapline_codegen::object::{Manifest, RecordAction};

    #[derive(Clone, Default)]
    struct Told(Rc<RefCell<Vec<String>>>);

    impl Observer for Told {
        fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
            let text = format!("{} {:?}", event.time, event.what);
            self.0.borrow_mut().push(text);
            Ok(())
        }
    }

    /// The end of a thread at this time.
    fn end(time: u64) -> Vec<u8> {
        let mut bytes = vec![0; 72];
        bytes[8..16].copy_from_slice(&time.to_le_bytes());
        bytes[64] = 1;
        bytes
    }

    #[test]
    fn events_and_losses_are_told_in_their_order() {
        let mut printed = Printed::text(Manifest {
            records: vec![record(RecordAction::Record(Recorded::End), &[])],
            ..manifest()
        });
        let output = &mut printed.output;
        let mut maps = Maps::default();
        // Nobody listens: events are for nobody.
        output.event(&end(1), &mut maps).unwrap();
        let told = Told::default();
        output.record_into(Box::new(told.clone()));
        output.event(&end(5), &mut maps).unwrap();
        let mut losses = Losses::default();
        output.recording_lost(&losses);
        losses.counters[Counter::LostRecording as usize] = 2;
        losses.missed_runs = vec![("record_sys_exit".into(), 1), ("sys_exit".into(), 9)];
        output.recording_lost(&losses);
        output.recording_lost(&losses);
        losses.missed_runs[0].1 = 4;
        output.recording_lost(&losses);
        assert!(output.event(&end(6)[..40], &mut maps).is_err());
        assert_eq!(
            *told.0.borrow(),
            [
                "5 End { last: true }",
                "5 Lost { events: 3 }",
                "5 Lost { events: 3 }"
            ]
        );
        assert!(output.take_observer().is_some());
        assert!(!output.is_recording());
    }

    /// Has no room.
    struct Full;

    impl Observer for Full {
        fn event(&mut self, _event: &Event<'_>) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn what_cannot_be_written_is_told_once_and_costs_nothing_else() {
        let mut printed = Printed::text(Manifest {
            records: vec![record(RecordAction::Record(Recorded::End), &[])],
            ..manifest()
        });
        let output = &mut printed.output;
        let mut maps = Maps::default();
        output.record_into(Box::new(Full));
        assert!(output.take_recording_failure().is_none());
        for time in [5, 6] {
            output.event(&end(time), &mut maps).unwrap();
        }
        let failure = output.take_recording_failure().map(|error| error.kind());
        assert_eq!(failure, Some(io::ErrorKind::StorageFull));
        let said = printed.diagnostics.text();
        assert_eq!(
            said,
            "WARNING: the recording cannot be written: no storage space\n"
        );
    }
}
