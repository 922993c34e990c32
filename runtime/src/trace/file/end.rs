//! How a trace ends.

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events in the file.
    pub events: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// What is known of a trace once its last event was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How it ended.
    pub outcome: Outcome,
    /// Events that were read.
    pub events: u64,
    /// Events that are known to have been in damaged or cut blocks. Those before the last event were given as
    /// [`crate::trace::event::What::Lost`] as well.
    pub missing_events: u64,
    /// Bytes that were passed over because they are no whole blocks.
    pub damaged_bytes: u64,
    /// Bytes at the end that are the beginning of a block.
    pub cut_bytes: u64,
    /// Older events that the flight recorder had let go of when the trace was written.
    pub evicted_events: u64,
    /// What the engine lost while recording, and how often. Known only if the recording was ended properly.
    pub losses: Vec<(String, u64)>,
}

/// How a trace ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The recording was ended properly.
    Ended,
    /// The recorder ended or was killed without ending the trace, or the file was cut.
    CutOff,
    /// It is still being recorded: more may come.
    Growing,
}

impl End {
    /// Sentences for people about all that is not as it should be. Losses of the engine are not among them.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.damaged_bytes > 0 {
            let bytes = counted(self.damaged_bytes, "byte");
            notes.push(format!(
                "the trace is damaged: {bytes} of it were passed over"
            ));
        }
        let events = counted(self.events, "event");
        match (self.outcome, self.cut_bytes) {
            (Outcome::Ended, _) => {}
            (Outcome::Growing, _) => notes.push(format!(
                "the trace is still being recorded: these are its first {events}"
            )),
            (Outcome::CutOff, 0) => notes.push(format!(
                "the trace is cut off after {events}: its recording was not ended properly"
            )),
            (Outcome::CutOff, bytes) => notes.push(format!(
                "the trace is cut off after {events}: its last {} are no whole block",
                counted(bytes, "byte")
            )),
        }
        if self.missing_events > 0 {
            let events = counted(self.missing_events, "recorded event");
            notes.push(format!("missing in the trace: {events}"));
        }
        if self.evicted_events > 0 {
            let events = counted(self.evicted_events, "older event");
            notes.push(format!("{events} had left the flight recorder before"));
        }
        notes
    }
}

/// A number with its thousands apart, and what it counts.
fn counted(number: u64, what: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let plural = if number == 1 { "" } else { "s" };
    format!("{text} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: End = End {
        outcome: Outcome::Ended,
        events: 1_234_567,
        missing_events: 0,
        damaged_bytes: 0,
        cut_bytes: 0,
        evicted_events: 0,
        losses: Vec::new(),
    };

    #[test]
    fn a_whole_trace_has_no_notes() {
        assert_eq!(WHOLE.notes(), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let end = End {
            damaged_bytes: 2,
            missing_events: 1_000,
            evicted_events: 2,
            ..WHOLE
        };
        assert_eq!(
            end.notes(),
            [
                "the trace is damaged: 2 bytes of it were passed over",
                "missing in the trace: 1,000 recorded events",
                "2 older events had left the flight recorder before",
            ]
        );
        let end = End {
            outcome: Outcome::CutOff,
            cut_bytes: 64,
            ..WHOLE
        };
        assert_eq!(
            end.notes(),
            ["the trace is cut off after 1,234,567 events: its last 64 bytes are no whole block"]
        );
    }
}
