//! The canonical printer: syntax tree in, script text out.
