//! Sinks: text and JSON.
