//! What scripts print, as data.
