//! From bytes to values, by the manifest.
