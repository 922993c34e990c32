//! Error numbers: names and texts.
