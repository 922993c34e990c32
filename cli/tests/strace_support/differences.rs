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
        sentence: "Calls of another ABI than the machine's begin with its name in brackets",
        strace: same,
        trapline: |line| Some(line.strip_prefix("[i386] ").unwrap_or(line).to_owned()),
    },
    Difference {
        sentence: "Values without a name stand for themselves, without `/* CLOCK_??? */`",
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

/// A line of strace's, if we have one for it, too.
pub(crate) fn of_strace(line: &str) -> Option<String> {
    ALL.iter().try_fold(line.to_owned(), |line, difference| {
        (difference.strace)(&line)
    })
}

/// A line of ours.
pub(crate) fn of_trapline(line: &str) -> Option<String> {
    ALL.iter().try_fold(line.to_owned(), |line, difference| {
        (difference.trapline)(&line)
    })
}
