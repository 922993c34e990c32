//! The options of a script, with bpftrace's names and defaults. What a name means and which values it takes is
//! checked in `analyze`; here they are values.

use crate::types::StackMode;

/// Options, with bpftrace's names and defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Most bytes of a string, its NUL included.
    pub max_strlen: u32,
    /// Most keys of a map.
    pub max_map_keys: u32,
    /// Most attach points.
    pub max_probes: u32,
    /// Most BPF programs.
    pub max_bpf_progs: u32,
    /// Pages of the ring buffer; `None`: by the machine's memory.
    pub perf_rb_pages: Option<u32>,
    /// Bytes of the verifier's log.
    pub log_size: u32,
    /// Maps print at the end.
    pub print_maps_on_exit: bool,
    /// What to append to a cut string.
    pub str_trunc_trailer: String,
    /// Most bytes that `cat()` prints.
    pub max_cat_bytes: u32,
    /// What a wildcard without a match, or a missing event, is.
    pub missing_probes: MissingProbes,
    /// The mode of `kstack` and `ustack` without one.
    pub stack_mode: StackMode,
    /// The BPF licence string.
    pub license: String,
    /// `-k`: reads that fail and keys that are missing are told at once, each with its place.
    pub runtime_warnings: bool,
    /// `--self`: `syscall:` probes see the tracer's own calls.
    pub include_self: bool,
    /// `--rate`: most records a second that print something of an event.
    pub rate: Option<u32>,
    /// Most bytes of a buffer that `print(args)` captures; file names are captured whole.
    pub capture_bytes: u32,
}

/// The most entries of a map. Its description in BTF is an array of so many integers, which must stay below 4 GiB.
pub const MAX_ENTRIES: u32 = (1 << 30) - 1;

impl Default for Config {
    fn default() -> Self {
        Self {
            max_strlen: 1024,
            max_map_keys: 4096,
            max_probes: 1024,
            max_bpf_progs: 1024,
            perf_rb_pages: None,
            log_size: 1_000_000,
            print_maps_on_exit: true,
            str_trunc_trailer: "..".into(),
            max_cat_bytes: 10_240,
            missing_probes: MissingProbes::Error,
            stack_mode: StackMode::Bpftrace,
            license: "GPL".into(),
            runtime_warnings: false,
            include_self: false,
            rate: None,
            capture_bytes: 32,
        }
    }
}

/// What to do about an attach point that matches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingProbes {
    /// The script does not run.
    Error,
    /// It runs without it, with a warning.
    Warn,
    /// It runs without it.
    Ignore,
}
