//! Signals: names by number.
