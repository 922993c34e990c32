//! Where strace and we differ: lines that only one of them prints, and parts of lines.

/// A difference.
pub(crate) struct Difference {
    /// As `docs/strace.md` has it.
    pub(crate) sentence: &'static str,
    /// strace's line without it; `None`: only strace has the line.
    strace: fn(&str) -> Option<String>,
    /// Our line without it.
    trapline: fn(&str) -> Option<String>,
}

/// All.
pub(crate) const ALL: &[Difference] = &[
    Difference {
        sentence: "Signals and the ends of processes have no lines",
        strace: |line| {
            let is_note = ["---", "+++", "[ Process", "strace: "];
            (!is_note.iter().any(|start| line.starts_with(start))).then(|| line.to_owned())
        },
        trapline: same,
    },
    Difference {
        sentence: "`rt_sigreturn` has neither the mask nor a result",
        strace: without_return,
        trapline: without_return,
    },
    Difference {
        sentence: "Calls of another ABI than the machine's begin with it",
        strace: same,
        trapline: |line| Some(line.strip_prefix("[i386] ").unwrap_or(line).to_owned()),
    },
    Difference {
        sentence: "Numbers that have no name print without strace's remark",
        strace: without_question,
        trapline: same,
    },
];

fn same(line: &str) -> Option<String> {
    Some(line.to_owned())
}

fn without_return(line: &str) -> Option<String> {
    Some(match line.starts_with("rt_sigreturn(") {
        true => "rt_sigreturn(".to_owned(),
        false => line.to_owned(),
    })
}

fn without_question(line: &str) -> Option<String> {
    let mut line = line.to_owned();
    while let Some(end) = line.find("_??? */") {
        let start = line[..end].rfind(" /* ")?;
        line.replace_range(start..end + "_??? */".len(), "");
    }
    Some(line)
}

/// Calls of which only the name and the result are compared, because we do not print their arguments as strace does.
pub(crate) struct Undecoded {
    /// As `docs/strace.md` has it.
    pub(crate) sentence: &'static str,
    /// How such lines begin.
    starts: &'static [&'static str],
}

/// All.
pub(crate) const UNDECODED: &[Undecoded] = &[
    Undecoded {
        sentence: "of `iovec` and `msghdr` neither the buffers nor the names are read",
        starts: &[
            "writev(",
            "readv(",
            "preadv(",
            "pwritev(",
            "vmsplice(",
            "sendmsg(",
            "recvmsg(",
        ],
    },
    Undecoded {
        sentence: "Structures behind the argument of `ioctl`, `fcntl` and `prctl` are addresses, too",
        starts: &[
            "ioctl(",
            "fcntl(3, F_SETLK, ",
            "fcntl(3, F_GET_SEALS",
            "prctl(",
        ],
    },
    Undecoded {
        sentence: "Options of sockets print as bytes",
        starts: &["setsockopt(", "getsockopt("],
    },
    Undecoded {
        sentence: "A structure that the call reads and then overwrites prints as `before => after`",
        starts: &["copy_file_range(", "clone3("],
    },
    Undecoded {
        sentence: "the filter of `seccomp`",
        starts: &["seccomp("],
    },
];

fn undecoded(line: String) -> String {
    let mut starts = UNDECODED.iter().flat_map(|undecoded| undecoded.starts);
    if !starts.any(|start| line.starts_with(start)) {
        return line;
    }
    let name = line.split('(').next().unwrap_or_default();
    match line.rsplit_once(" = ") {
        Some((_, result)) => format!("{name}(...) = {}", without_names(result)),
        None => line,
    }
}

/// The number of a result without what strace says of it: `1 (SUID_DUMP_USER)`.
fn without_names(result: &str) -> &str {
    match result.split_once(" (") {
        Some((number, _)) if !number.contains(' ') => number,
        _ => result,
    }
}

/// A line of strace's, if we have one for it, too.
pub(crate) fn of_strace(line: &str) -> Option<String> {
    ALL.iter()
        .try_fold(line.to_owned(), |line, difference| {
            (difference.strace)(&line)
        })
        .map(undecoded)
}

/// A line of ours.
pub(crate) fn of_trapline(line: &str) -> Option<String> {
    ALL.iter()
        .try_fold(line.to_owned(), |line, difference| {
            (difference.trapline)(&line)
        })
        .map(undecoded)
}
