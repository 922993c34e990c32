//! What the kernel refused, in words: which object, which error, what is likely behind it, and, for
//! programs, what the verifier said at which line of the script.

use super::privilege::Capability;
use super::sys::ENOTSUPP;
use std::fmt;
use std::io;

/// What the kernel (or the machine) refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// The process lacks capabilities.
    #[error(
        "tracing needs {}; run as root, give the program these capabilities, or trace a command, which needs none (-c)",
        names(missing)
    )]
    Privilege {
        /// Which.
        missing: Vec<Capability>,
    },
    /// The trace file system is not mounted and cannot be.
    #[error(
        "tracefs is not mounted, and mounting it at {place} failed; try `mount -t tracefs tracefs {place}` as root"
    )]
    Tracefs {
        /// Where it would be.
        place: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file of the kernel could not be read.
    #[error("cannot read {path}")]
    File {
        /// Which.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The object file is not one of ours. This always represents a bug, unless the file was changed.
    #[error("the compiled object cannot be read: {reason}")]
    Object {
        /// What is wrong with it.
        reason: String,
    },
    /// A map could not be created.
    #[error(
        "the kernel refused to create map `{name}` ({entries} entries, keys of {key_size} bytes, values of {value_size} bytes){}",
        Because(map_reason(source))
    )]
    Map {
        /// Its name.
        name: String,
        /// Bytes.
        key_size: u32,
        /// Bytes.
        value_size: u32,
        /// How many it can hold.
        entries: u32,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A map could not be filled or read.
    #[error("the kernel refused to access map `{name}`")]
    MapAccess {
        /// Its name.
        name: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The type information of the object was refused.
    #[error("the kernel refused the program's type information (BTF)")]
    TypeInformation {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The kernel has no type information about what a program attaches to.
    #[error(
        "the kernel's type information (/sys/kernel/btf/vmlinux) has no `{name}`{}",
        Because(Some("is the kernel built with CONFIG_DEBUG_INFO_BTF?"))
    )]
    NoKernelType {
        /// The type.
        name: String,
    },
    /// A program was refused, mostly by the verifier.
    #[error(
        "the kernel refused the program for {}{}{}",
        Probes(probes),
        Because(program_reason(source, log)),
        Excerpt(log)
    )]
    Program {
        /// Its symbol.
        name: String,
        /// The attach points that it serves.
        probes: Vec<String>,
        /// The verifier's log, whole; empty if it was not reached.
        log: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The kernel has no trampolines for its functions, or lets nobody use them.
    #[error("this kernel refuses programs on its functions (fentry, fexit): {attach_point}")]
    Trampoline {
        /// To what.
        attach_point: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A program could not be attached.
    #[error(
        "the kernel refused to attach {}{}",
        attach_point,
        Because(attach_reason(source))
    )]
    Attach {
        /// To what.
        attach_point: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The hook that was asked for cannot be used here.
    #[error("this kernel refuses {hook} programs; leave out `--attach` to use what it has")]
    Hook {
        /// Which.
        hook: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is no such tracepoint on this machine.
    #[error("there is no tracepoint {attach_point} on this machine")]
    NoTracepoint {
        /// Which.
        attach_point: String,
    },
    /// A `BEGIN` or `END` program could not be run.
    #[error("the kernel refused to run {probe}{}", Because(run_reason(source)))]
    Run {
        /// Which.
        probe: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The command of `-c` could not be started.
    #[error("cannot run `{command}`")]
    Command {
        /// As given.
        command: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The command line of `-c` cannot be split in words.
    #[error("cannot run `{command}`: {reason}")]
    CommandLine {
        /// As given.
        command: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// There is no process with the id of `-p`.
    #[error("cannot trace process {pid}")]
    Process {
        /// Which.
        pid: u32,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl KernelError {
    /// The verifier's log, whole, if a program was refused by it.
    pub fn verifier_log(&self) -> Option<&str> {
        match self {
            Self::Program { log, source, .. } if !log.is_empty() && !ran_out(source) => Some(log),
            _ => None,
        }
    }

    /// Where in the script the verifier stopped and what it said last.
    pub fn verifier_excerpt(&self) -> Option<VerifierExcerpt> {
        self.verifier_log().map(verifier_excerpt)
    }

    /// The verifier (rather than a missing privilege or feature) refused: another form of the same
    /// program may be accepted.
    pub fn is_verifier_refusal(&self) -> bool {
        self.verifier_log().is_some()
    }
}

/// The end of a verifier's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifierExcerpt {
    /// The verifier's last words.
    pub message: String,
    /// Script text and `name:line` from the last line information before them.
    pub place: Option<(String, String)>,
}

/// Finds, in a verifier's log, the message and the script line that it belongs to.
///
/// With line information the log interleaves `; text @ name:line` (before Linux 6.9 only `; text`)
/// with instructions; the message stands at the end, before the statistics.
pub fn verifier_excerpt(log: &str) -> VerifierExcerpt {
    let lines: Vec<&str> = log
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let end = lines
        .iter()
        .rposition(|line| !is_statistic(line))
        .map_or(0, |last| last + 1);
    let message = lines[..end].last().copied().unwrap_or_default().to_owned();
    let place = lines[..end].iter().rev().find_map(|line| {
        let line = line.strip_prefix("; ")?;
        Some(match line.rsplit_once(" @ ") {
            Some((text, place)) => (text.to_owned(), place.to_owned()),
            None => (line.to_owned(), String::new()),
        })
    });
    VerifierExcerpt { message, place }
}

fn is_statistic(line: &str) -> bool {
    [
        "processed ",
        "verification time",
        "stack depth",
        "insns processed",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

fn names(capabilities: &[Capability]) -> String {
    capabilities
        .iter()
        .map(|capability| capability.name())
        .collect::<Vec<_>>()
        .join(" and ")
}

/// Appends a reason to a sentence, if there is one.
struct Because(Option<&'static str>);

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

/// The attach points of a program, the first few by name.
struct Probes<'a>(&'a [String]);

impl fmt::Display for Probes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        for (n, probe) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{probe}", if n == 0 { "" } else { ", " })?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(more) if more > 0 => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}

/// The verifier's last words, with their place in the script.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let excerpt = verifier_excerpt(self.0);
        if excerpt.message.is_empty() {
            return Ok(());
        }
        write!(f, "\n  the verifier says: {}", excerpt.message)?;
        match excerpt.place {
            Some((text, place)) if place.is_empty() => write!(f, "\n  at: {text}"),
            Some((text, place)) => write!(f, "\n  at {place}: {text}"),
            None => Ok(()),
        }
    }
}

/// The kernel had no room for another thing; the verifier may have been content.
fn ran_out(source: &io::Error) -> bool {
    matches!(
        source.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EAGAIN)
    )
}

fn program_reason(source: &io::Error, log: &str) -> Option<&'static str> {
    match source.raw_os_error()? {
        _ if !log.is_empty() => None,
        libc::EPERM => {
            Some("a capability (CAP_BPF, CAP_PERFMON) is missing, or the kernel is locked down")
        }
        libc::E2BIG => Some("it is too large"),
        libc::ENOSYS => Some("the kernel is built without CONFIG_BPF_SYSCALL"),
        _ => None,
    }
}

fn map_reason(source: &io::Error) -> Option<&'static str> {
    match source.raw_os_error()? {
        libc::EPERM => {
            Some("CAP_BPF is missing, or RLIMIT_MEMLOCK is too low (kernels before 5.11 count it)")
        }
        libc::ENOMEM => Some("there is not enough memory"),
        libc::E2BIG => Some(
            "its entries are too large or too many for this kernel; make strings shorter, for example with \
             BPFTRACE_MAX_STRLEN=200 or max_strlen in a config block",
        ),
        libc::EINVAL => Some("this kernel does not have this kind of map"),
        libc::ENOSYS => Some("the kernel is built without CONFIG_BPF_SYSCALL"),
        _ => None,
    }
}

fn attach_reason(source: &io::Error) -> Option<&'static str> {
    match source.raw_os_error()? {
        libc::EPERM | libc::EACCES => Some("CAP_PERFMON is missing, or the kernel is locked down"),
        libc::ENOENT => Some("this kernel has no such attach point"),
        libc::EMFILE => Some("too many open files; raise `ulimit -n`"),
        libc::ENOSPC | libc::E2BIG => Some("too many programs are attached there already"),
        libc::EOPNOTSUPP | ENOTSUPP => Some("this kernel does not support it"),
        _ => None,
    }
}

fn run_reason(source: &io::Error) -> Option<&'static str> {
    match source.raw_os_error()? {
        libc::EINVAL | ENOTSUPP => {
            Some("this kernel cannot run raw tracepoint programs by request (Linux 5.10 can)")
        }
        libc::EPERM => Some("CAP_PERFMON is missing"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
func#0 @0
0: R1=ctx() R10=fp0
; @x = count(); @ stdin:3
0: (79) r6 = *(u64 *)(r1 +8)
1: (b7) r0 = 0
; $p = args.filename @ stdin:4
2: (71) r1 = *(u8 *)(r2 +0)
R2 !read_ok
processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
";

    #[test]
    fn the_verifier_is_quoted_with_the_script_line() {
        assert_eq!(
            verifier_excerpt(LOG),
            VerifierExcerpt {
                message: "R2 !read_ok".into(),
                place: Some(("$p = args.filename".into(), "stdin:4".into())),
            }
        );
        assert_eq!(verifier_excerpt(""), VerifierExcerpt::default());
    }

    #[test]
    fn a_refused_program_says_who_what_and_where() {
        let error = KernelError::Program {
            name: "p0".into(),
            probes: (0..5).map(|n| format!("tracepoint:a:b{n}")).collect(),
            log: LOG.into(),
            source: io::Error::from_raw_os_error(libc::EACCES),
        };
        assert_eq!(
            error.to_string(),
            "the kernel refused the program for tracepoint:a:b0, tracepoint:a:b1, tracepoint:a:b2 and 2 more\n  \
             the verifier says: R2 !read_ok\n  at stdin:4: $p = args.filename"
        );
        assert!(error.is_verifier_refusal());
        let error = KernelError::Program {
            name: "p0".into(),
            probes: vec!["BEGIN".into()],
            log: "processed 12 insns (limit 1000000)\n".into(),
            source: io::Error::from_raw_os_error(libc::EMFILE),
        };
        assert_eq!(
            error.to_string(),
            "the kernel refused the program for BEGIN"
        );
        assert!(!error.is_verifier_refusal());
    }
}
