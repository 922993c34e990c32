//! Probes to programs: which hook runs which bodies.
