//! Starts the command of `-c`: stopped until the probes are attached.
