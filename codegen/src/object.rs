//! What the code generator gives: programs and maps for the kernel, and the manifest for the runtime.
//!
//! The [`Manifest`] travels in the ELF section `.trapline` (JSON), so that an emitted ELF is complete:
//! the runtime attaches, decodes and prints from it alone.

use crate::target::Target;
use serde::{Deserialize, Serialize};
use trapline_lang::hir::Recorded;
use trapline_lang::printf::Format;
use trapline_lang::types::{Aggregation, NamedType, Type};

/// The ELF section that holds the manifest.
pub const MANIFEST_SECTION: &str = ".trapline";
/// Bumped whenever the manifest or a record's layout changes.
pub const MANIFEST_VERSION: u32 = 2;

/// A compiled script.
#[derive(Clone, Debug)]
pub struct Object {
    /// Programs, in the order of the manifest's.
    pub programs: Vec<Code>,
    /// Subprograms and callbacks, called by index.
    pub subprograms: Vec<Code>,
    /// Kernel maps, by the index that code uses.
    pub maps: Vec<KernelMap>,
    /// Data sections, by the index that code uses.
    pub data: Vec<DataSection>,
    /// The script's name and text, for line information.
    pub source: SourceText,
    /// BPF licence string.
    pub license: String,
    /// What the runtime needs to know.
    pub manifest: Manifest,
}

/// The script, so that the verifier's log can show its lines.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    /// As in messages.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// The machine code of one function.
#[derive(Clone, Debug)]
pub struct Code {
    /// Name of the function's symbol: letters, digits, `_`.
    pub name: String,
    /// ELF section: `tp_btf/sys_enter`, `raw_tp/...`, `tracepoint/...`, `perf_event`; `.text` for subprograms.
    pub section: String,
    /// 8 bytes an instruction.
    pub bytes: Vec<u8>,
    /// Places to be filled in.
    pub relocations: Vec<Relocation>,
    /// Which instruction comes from which byte of the script, ascending, first instruction included.
    pub lines: Vec<LineEntry>,
    /// Number of parameters (1 for programs).
    pub params: u8,
}

/// An instruction and the place in the script that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineEntry {
    /// Index of the instruction, in units of 8 bytes.
    pub instruction: u32,
    /// Byte offset in the script.
    pub source_offset: u32,
}

/// A place in code that names something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Byte offset of the instruction.
    pub offset: u32,
    /// What it names.
    pub target: RelocationTarget,
}

/// What a relocation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocationTarget {
    /// A map, by [`Object::maps`].
    Map(u32),
    /// A data section, by [`Object::data`]; the offset stands in the instruction's immediate.
    Data(u32),
    /// The address of a subprogram, by [`Object::subprograms`].
    SubprogramAddress(u32),
    /// A call of a subprogram.
    SubprogramCall(u32),
}

/// A kernel map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelMap {
    /// Its ELF symbol: letters, digits, `_`; at most 15 bytes, because the kernel keeps no more.
    pub name: String,
    /// `enum bpf_map_type` (linux v6.12 include/uapi/linux/bpf.h).
    pub map_type: u32,
    /// Bytes; 0 for ring buffers.
    pub key_size: u32,
    /// Bytes; 0 for ring buffers.
    pub value_size: u32,
    /// Entries; bytes for ring buffers.
    pub max_entries: u32,
    /// `BPF_F_*`
    pub flags: u32,
}

/// A data section, which the loader makes a map of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSection {
    /// `.rodata`, `.bss`
    pub section: String,
    /// Name of the variable that spans it.
    pub name: String,
    /// Its bytes; zeros for `.bss`.
    pub bytes: Vec<u8>,
}

/// What the runtime needs to know of a compiled script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`]
    pub version: u32,
    /// The script's name as messages spell it.
    pub script_name: String,
    /// The script, for messages of the running script that show its lines.
    pub script_text: String,
    /// Files that the script imports: their names and where in the text they begin.
    pub script_imports: Vec<(String, u32)>,
    /// What it was compiled for.
    pub target: Target,
    /// How each program is attached, in the order of [`Object::programs`].
    pub programs: Vec<ProgramInfo>,
    /// How system calls are hooked, and why; empty if they are not.
    #[serde(default)]
    pub hooks: HookReport,
    /// "Attached N probes"; `BEGIN` and `END` count too.
    pub attach_points: u32,
    /// Kernel maps by index, for their sizes.
    pub kernel_maps: Vec<KernelMap>,
    /// The script's maps.
    pub maps: Vec<ScriptMap>,
    /// Ring-buffer records by kind ([`RecordHeader::kind`]).
    pub records: Vec<Record>,
    /// printf formats.
    pub formats: Vec<Format>,
    /// Time formats and other strings.
    pub strings: Vec<String>,
    /// Enums and structs by name; a value of one that is missing prints as its number or its bytes.
    #[serde(default)]
    pub types: Vec<NamedType>,
    /// Names behind [`Type::ProbeName`] values.
    pub probe_names: Vec<ProbeNames>,
    /// Words that the runtime fills in before loading.
    pub constants: Vec<LoadConstant>,
    /// Kernel map (an index) that is the ring buffer; `None` if the script never has user space do anything.
    pub ring_buffer: Option<u32>,
    /// Counters of what went wrong in the kernel: a per-CPU array of 64-bit words, indexed by [`Counter`].
    pub counters: Option<u32>,
    /// Stack frames by 64-bit hash: a hash map from `u64` to frames of 64-bit addresses, zero-terminated.
    pub stacks: Option<u32>,
    /// Options that the runtime honours.
    pub options: RuntimeOptions,
}

/// How system calls are hooked, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookReport {
    /// What was chosen and why, and what it costs.
    pub chosen: Vec<String>,
    /// What is not as it was asked for, or what is not seen.
    pub warnings: Vec<String>,
}

/// Options of the script that the runtime honours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuntimeOptions {
    /// Maps print at the end.
    pub print_maps_on_exit: bool,
    /// Appended to strings that were cut.
    pub str_trunc_trailer: String,
    /// Bytes of a string whose length the script does not bound, its NUL included.
    pub max_strlen: u32,
    /// Most bytes that `cat()` prints.
    pub max_cat_bytes: u32,
    /// Bytes of the verifier's log.
    pub log_size: u32,
}

/// How a program is attached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgramInfo {
    /// Symbol of its function.
    pub name: String,
    /// ELF section.
    pub section: String,
    /// What runs it.
    pub attach: Attach,
    /// Attach points as written in the script, for messages.
    pub probes: Vec<String>,
}

/// What runs a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Attach {
    /// `BPF_PROG_TEST_RUN` of a raw tracepoint program, before the others attach.
    Begin,
    /// `BPF_PROG_TEST_RUN` of a raw tracepoint program, after the others have detached.
    End,
    /// `BPF_PROG_TEST_RUN` of a raw tracepoint program, once, by `--test`.
    Test,
    /// `BPF_PROG_TEST_RUN` of a raw tracepoint program, many times, by `--bench`.
    Bench,
    /// A raw tracepoint.
    RawTracepoint {
        /// `sys_enter`
        name: String,
        /// As `tp_btf`.
        btf: bool,
    },
    /// Perf tracepoints, all by one program.
    Tracepoints(Vec<TracepointTarget>),
    /// A perf software clock.
    Timer {
        /// On every CPU, or on one.
        cpus: TimerCpus,
        /// How often.
        period: TimerPeriod,
    },
    /// `BPF_PROG_TEST_RUN` of a raw tracepoint program whenever this signal comes.
    Signal {
        /// Its number.
        signal: i32,
    },
    /// Raw tracepoints by name, all by one program.
    RawTracepoints(Vec<String>),
    /// A perf counter on every CPU.
    Counter {
        /// `PERF_TYPE_HARDWARE` rather than `PERF_TYPE_SOFTWARE`.
        hardware: bool,
        /// `perf_event_attr.config`
        event: u32,
        /// Events between two runs.
        period: u64,
    },
    /// Places in user programs, all by one program.
    User {
        /// When the functions return.
        returns: bool,
        /// At least one.
        sites: Vec<UserTarget>,
        /// Only in this process.
        pid: Option<u32>,
    },
    /// A function of the kernel, by trampoline.
    Trampoline {
        /// `vmlinux` for the kernel itself.
        module: String,
        /// Its name.
        function: String,
        /// When it returns.
        returns: bool,
    },
    /// Functions of the kernel, by kprobes.
    Kprobes {
        /// When they return.
        returns: bool,
        /// At least one.
        targets: Vec<KprobeTarget>,
    },
    /// A hardware breakpoint.
    Watchpoint {
        /// Where.
        address: u64,
        /// Bytes.
        length: u8,
        /// `HW_BREAKPOINT_*` (linux v6.12 include/uapi/linux/hw_breakpoint.h): 1 read, 2 write, 4 execute.
        mode: u32,
        /// Only in this process; else in the `-c` command, or on every CPU.
        pid: Option<u32>,
    },
    /// A pass over objects of the kernel.
    Iterator {
        /// `task`: the program runs for `bpf_iter_task`.
        of: String,
    },
}

/// A place in a user program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserTarget {
    /// The file.
    pub path: String,
    /// In the file.
    pub offset: u64,
    /// Where in the file the counter of listeners lies; 0 if there is none.
    pub semaphore: u64,
    /// What `bpf_get_attach_cookie` gives there.
    pub cookie: u64,
}

/// A place in the kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KprobeTarget {
    /// The function.
    pub function: String,
    /// Bytes from its start.
    pub offset: u64,
    /// What `bpf_get_attach_cookie` gives there.
    pub cookie: u64,
}

/// A perf tracepoint and the cookie that tells it from others of the same program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TracepointTarget {
    /// `sched`
    pub category: String,
    /// `sched_switch`
    pub name: String,
    /// What `bpf_get_attach_cookie` gives there.
    pub cookie: u64,
}

/// Where a timer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimerCpus {
    /// On one CPU.
    One,
    /// On every CPU.
    All,
}

/// How often a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimerPeriod {
    /// Every so many nanoseconds.
    Nanoseconds(u64),
    /// So many times a second.
    Hertz(u64),
}

/// One of the script's maps: how it is stored and how it prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptMap {
    /// Without its sign.
    pub name: String,
    /// Parts of the key with their offsets in it; empty for a map without a key.
    pub key: Vec<Column>,
    /// Bytes of a key in the hash.
    pub key_size: u32,
    /// What it holds.
    pub value: Type,
    /// Bytes of one value (for per-CPU storage: of one CPU's), presence word not included.
    pub value_size: u32,
    /// Values are per CPU and are merged when read.
    pub per_cpu: bool,
    /// It is not the script's own, and does not print.
    pub internal: bool,
    /// What counts in it are multiplied by when it is read: only one event of so many was seen.
    pub scale: u32,
    /// Entries by small integer key; looked at beside `hash`. For a map without a key, its one entry.
    pub array: Option<ArrayStore>,
    /// Entries by key; `None` for a map without a key.
    pub hash: Option<u32>,
    /// Bytes from the start of a value to its presence word, in `array` (64-bit, zero: no such key).
    /// Behind it nothing follows. Hash values have no presence word.
    pub presence_offset: u32,
}

/// Entries by small integer key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrayStore {
    /// Kernel map (an index): an array or per-CPU array.
    pub map: u32,
    /// Key values are `0..entries`.
    pub entries: u32,
}

/// One part of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its source text.
    pub name: String,
    /// How it decodes and prints.
    pub ty: Type,
    /// From the start of the key.
    pub offset: u32,
}

/// How values of an aggregation lie in memory. 64-bit words each.
///
/// `count`: count. `sum`: total. `min`, `max`: value, then 1 once set. `avg`: total, count.
/// `stats`: count, total. `hist` and `lhist`: one word per bucket ([`bucket_count`]).
/// `tseries`: for each interval [`SERIES_WORDS`]: the interval's number (time divided by its length; it stands
/// at that number modulo the count), the value or total, and how many values made it.
pub fn aggregation_words(aggregation: Aggregation) -> u32 {
    match aggregation {
        Aggregation::Count | Aggregation::Sum { .. } => 1,
        Aggregation::Min { .. }
        | Aggregation::Max { .. }
        | Aggregation::Avg { .. }
        | Aggregation::Stats { .. } => 2,
        Aggregation::Hist { .. } | Aggregation::Lhist { .. } => bucket_count(aggregation),
        Aggregation::TimeSeries { count, .. } => count * SERIES_WORDS,
    }
}

/// Words that an interval of a time series takes.
pub const SERIES_WORDS: u32 = 3;

/// Buckets of a histogram.
///
/// `hist(n, k)`: bucket 0 counts negative values, bucket 1 counts zero; then with `k` = 0 bucket `2 + e`
/// counts `[2^e, 2^(e+1))`. With `k` > 0 values below `2^k` have a bucket each (`1 + n`); above that every
/// power of two `e >= k` has `2^k` buckets: `1 + (e - k + 1) * 2^k + ((n >> (e - k)) & (2^k - 1))`.
/// For `k` = 0 both descriptions agree.
///
/// `lhist(n, min, max, step)`: bucket 0 counts `n < min`, the last `n >= max`, between them
/// `1 + (n - min) / step`.
pub fn bucket_count(aggregation: Aggregation) -> u32 {
    match aggregation {
        Aggregation::Hist { sub_bits } => {
            let sub = u32::from(sub_bits);
            1 + (64 - sub + 1) * (1 << sub)
        }
        Aggregation::Lhist { min, max, step } => {
            ((max - min) as u64).div_ceil(step as u64) as u32 + 2
        }
        _ => 0,
    }
}

/// What every ring-buffer record starts with: 16 bytes.
///
/// `length: u32` (of the whole record, this header included), `kind: u32` (an index into
/// [`Manifest::records`]), `time: u64` (nanoseconds, `CLOCK_MONOTONIC`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// Bytes.
    pub length: u32,
    /// Which record.
    pub kind: u32,
    /// Nanoseconds, `CLOCK_MONOTONIC`.
    pub time: u64,
}

impl RecordHeader {
    /// Bytes of the header.
    pub const SIZE: u32 = 16;
}

/// A captured system call, the value of a [`Type::CallRecord`]: the last of its record, which ends with it.
///
/// `abi: u32` (a discriminant of [`trapline_lang::syscall::Abi`]), `number: u32` (as at entry),
/// `arguments: [u64; 6]`, `result: i64`, `latency: i64` (nanoseconds, -1: not known), `process: u32`, `thread: u32`
/// (in the tracer's pid namespace), `comm: [u8; 16]`, `flags: u32` ([`Self::NO_RESULT`]), `pieces: u32` (how many).
///
/// Then that many pieces, one behind the other: `argument: u8`, `moment: u8` (0 entry, 1 exit), `unused: u16`,
/// `length: i32` (bytes that were read, or a negative error number), then the bytes, zeros up to a multiple of 8.
/// A [`trapline_lang::syscall::shape::Pointee::Strings`] is one piece: strings one behind the other, each with its
/// NUL; the last is empty if there were more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRecord;

impl CallRecord {
    /// Bytes in front of the pieces.
    pub const FIXED_SIZE: u32 = 104;
    /// Bytes in front of each piece.
    pub const PIECE_SIZE: u32 = 8;
    /// In `flags`: the event is the beginning of the call; there is no result.
    pub const NO_RESULT: u32 = 1;
    /// Most bytes of a name that are captured, the NUL included (`PATH_MAX`).
    pub const NAME_BYTES: u32 = 4096;
    /// Most elements of an array of strings that are captured.
    pub const STRINGS: u32 = 32;
}

/// What is written to a trace: behind the record's header come the thread that it is about, then what it did.
///
/// The thread: `process: u32`, `thread: u32`, `parent: u32`, `user: u32`, `group: u32`, `cpu: u32`, `cgroup: u64`,
/// `comm: [u8; 16]`; ids as the tracer's pid namespace has them.
///
/// [`Recorded::Enter`] and [`Recorded::Exit`]: `abi: u16` (a discriminant of [`trapline_lang::syscall::Abi`]),
/// `flags: u16` ([`Self::NO_ARGUMENTS`]), `number: i32`, `result: i64` (of an exit), `arguments: [u64; 6]`, then pieces of
/// memory up to the end of the record: `address: u64`, `length: u32`, `error: u32` (the number of the error that reading
/// gave, else 0), then `length` bytes, nothing between them. [`Recorded::Fork`]: `process: u32`, `thread: u32`,
/// `parent: u32`, `unused: u32`, `comm: [u8; 16]` of the new thread. [`Recorded::Exec`]: `old_thread: u32`, `unused: u32`,
/// then the file's name with its NUL. [`Recorded::End`]: `last: u32`, `unused: u32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceRecord;

impl TraceRecord {
    /// Bytes of the thread.
    pub const THREAD_SIZE: u32 = 48;
    /// Bytes of a call behind that, in front of the pieces.
    pub const CALL_SIZE: u32 = 64;
    /// Bytes of a new thread.
    pub const CHILD_SIZE: u32 = 32;
    /// Bytes of anything else, in front of a name.
    pub const WORD_SIZE: u32 = 8;
    /// Bytes in front of each piece.
    pub const PIECE_SIZE: u32 = 16;
    /// What the names of programs begin with that send such records.
    pub const PROGRAM: &str = "record_";
    /// In `flags`: the arguments are not known.
    pub const NO_ARGUMENTS: u32 = 1;
}

/// A kind of record: what it has user space do, and where its values lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What to do.
    pub action: RecordAction,
    /// Values in the record; offsets count from its start, header included.
    pub values: Vec<RecordValue>,
    /// Bytes, header included.
    pub size: u32,
    /// Byte offset in the script of what made it.
    pub source_offset: u32,
    /// One past the last byte in the script of what made it.
    pub source_end: u32,
}

/// A value in a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordValue {
    /// From the start of the record.
    pub offset: u32,
    /// How it decodes and prints.
    pub ty: Type,
}

/// What a record has user space do. Indices are into the manifest's tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RecordAction {
    /// Print by a format.
    Printf {
        /// Which.
        format: u32,
    },
    /// Print to stderr by a format, with the script's place.
    Message {
        /// Which.
        format: u32,
        /// An error rather than a warning.
        error: bool,
        /// The calls of macros that it comes from, innermost first: where they begin and end in the text.
        expanded_from: Vec<(u32, u32)>,
    },
    /// Print the one value in its default form.
    PrintValue,
    /// Print a map.
    PrintMap {
        /// Which of [`Manifest::maps`].
        map: u32,
        /// Only so many; 0: all.
        top: u32,
        /// Divides; 0: nothing.
        div: u32,
    },
    /// Print the entry of a map whose key the values are.
    PrintMapEntry {
        /// Which.
        map: u32,
        /// Divides; 0: nothing.
        div: u32,
    },
    /// Drop all keys of a map.
    Clear {
        /// Which.
        map: u32,
    },
    /// Set all values of a map to zero.
    Zero {
        /// Which.
        map: u32,
    },
    /// Stop; the one value, if any, is the exit status.
    Exit,
    /// Print the wall clock.
    Time {
        /// Which of [`Manifest::strings`].
        format: u32,
    },
    /// Print an array of strings: the values are up to 16 strings, empty from the first missing one.
    Join {
        /// Which of [`Manifest::strings`] stands between them.
        separator: u32,
    },
    /// Print a file whose name the format makes.
    Cat {
        /// Which.
        format: u32,
    },
    /// Run a shell command that the format makes.
    System {
        /// Which.
        format: u32,
    },
    /// Tell of something that went wrong at a place in the script; the one value is what the helper
    /// returned.
    Failure(Failure),
    /// Write what happened to the trace that is being recorded; the record is a [`TraceRecord`].
    Record(Recorded),
    /// Write what the flight recorder holds.
    Dump,
}

/// What went wrong while a program ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// A division by zero; the result was 1.
    DivisionByZero,
    /// A helper of the kernel, by its name, returned an error (0 from a look-up).
    Helper(HelperName),
}

/// Helpers whose failures are told with `-k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the kernel's names")]
pub enum HelperName {
    MapLookupElem,
    ProbeReadKernel,
    ProbeReadUser,
    ProbeReadKernelStr,
    ProbeReadUserStr,
}

impl HelperName {
    /// As in `linux v6.12 include/uapi/linux/bpf.h`.
    pub fn name(self) -> &'static str {
        match self {
            Self::MapLookupElem => "map_lookup_elem",
            Self::ProbeReadKernel => "probe_read_kernel",
            Self::ProbeReadUser => "probe_read_user",
            Self::ProbeReadKernelStr => "probe_read_kernel_str",
            Self::ProbeReadUserStr => "probe_read_user_str",
        }
    }
}

/// Names behind a probe value: the high half of it is the index of this, the low half the event. Behind those of
/// all probes come the names of the functions that their events hit, for each probe as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeNames {
    /// Event (system call number, or place in the list of tracepoints) and full probe name, ascending.
    pub names: Vec<(u32, String)>,
}

/// A word of `.rodata` that the runtime fills in before loading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadConstant {
    /// What it is.
    pub kind: ConstantKind,
    /// Byte offset in `.rodata`; 8 bytes.
    pub offset: u32,
}

/// What is known only when running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConstantKind {
    /// Process id of the `-c` command, 0 if none.
    ChildPid,
    /// Trapline's own process id.
    OwnPid,
    /// Nanoseconds on `CLOCK_MONOTONIC` when the script started.
    StartTime,
    /// Device number of Trapline's pid namespace (`/proc/self/ns/pid`), 0 if it is the initial one.
    PidNamespaceDevice,
    /// Inode number of Trapline's pid namespace.
    PidNamespaceInode,
    /// How many CPUs there are.
    CpuCount,
    /// Nanoseconds to add to `CLOCK_BOOTTIME` for `CLOCK_TAI`, when the script was loaded.
    TaiOffset,
}

/// What can go wrong in the kernel, counted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u32)]
pub enum Counter {
    /// Events that found the ring buffer full.
    LostEvents = 0,
    /// Entries that found their map full.
    MapFull = 1,
    /// Strings and memory that could not be read.
    ReadFailed = 2,
    /// Keyed updates that were lost between look-up and insertion.
    MissedUpdate = 3,
    /// Stacks that could not be taken or kept.
    StackFailed = 4,
    /// Values left out of aggregations because the entry of their system call was not seen.
    NoLatency = 5,
    /// System calls whose entry could not be kept until their exit.
    LostEntry = 6,
    /// System calls that a sample leaves out.
    NotSampled = 7,
    /// Records beyond so many a second.
    RateLimited = 8,
    /// Events that a recording lacks: the ring buffer was full.
    LostRecording = 9,
}

impl Counter {
    /// How many there are.
    pub const COUNT: u32 = 10;
}
