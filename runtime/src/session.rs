//! Drives an engine from attach to the last printed map.
