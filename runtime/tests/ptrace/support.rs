//! Programs that are traced, and what was seen of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::LazyLock;
use std::thread;
use trapline_lang::syscall::{self, Abi};
use trapline_runtime::ptrace::{
    Capture, Note, Options, Outcome, PtraceError, Stopper, Tracer, Wanted,
};
use trapline_runtime::trace::event::{Enter, Event, Exit, Thread, What};
use trapline_runtime::trace::memory::AddressSpace;

/// What [`What`] is, without what is borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    Enter {
        abi: Abi,
        number: i32,
        arguments: [u64; 6],
    },
    Exit {
        abi: Abi,
        number: i32,
        result: i64,
        arguments: Option<[u64; 6]>,
    },
    Fork(Thread),
    Exec {
        file: String,
        old_thread: u32,
    },
    End {
        last: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) time: u64,
    pub(crate) thread: Thread,
    pub(crate) did: Did,
}

impl Seen {
    fn of(event: &Event<'_>) -> Self {
        let did = match event.what {
            What::Enter(Enter {
                abi,
                number,
                arguments,
                ..
            }) => Did::Enter {
                abi,
                number,
                arguments,
            },
            What::Exit(Exit {
                abi,
                number,
                result,
                arguments,
                ..
            }) => Did::Exit {
                abi,
                number,
                result,
                arguments,
            },
            What::Fork { child } => Did::Fork(*child),
            What::Exec { file, old_thread } => Did::Exec {
                file: String::from_utf8_lossy(file).into_owned(),
                old_thread,
            },
            What::End { last } => Did::End { last },
            What::Lost { .. } => panic!("nothing is lost"),
        };
        Self {
            time: event.time,
            thread: *event.thread,
            did,
        }
    }

    pub(crate) fn name(&self) -> String {
        String::from_utf8_lossy(self.thread.name()).into_owned()
    }
}

/// A traced command.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) command: u32,
    pub(crate) seen: Vec<Seen>,
    pub(crate) notes: Vec<Note>,
    pub(crate) status: Option<ExitStatus>,
}

impl Traced {
    /// How many calls of this name began.
    pub(crate) fn enters(&self, name: &str) -> usize {
        let count = |seen: &&Seen| match seen.did {
            Did::Enter { abi, number, .. } => is(abi, number, name),
            _ => false,
        };
        self.seen.iter().filter(count).count()
    }

    /// How often calls that began have returned, by name, as strace counts them.
    pub(crate) fn returned(&self) -> BTreeMap<&'static str, usize> {
        let mut running = BTreeMap::new();
        let mut counts = BTreeMap::new();
        for seen in &self.seen {
            let thread = seen.thread.thread;
            match &seen.did {
                Did::Enter { abi, number, .. } => {
                    running.insert(thread, (*abi, *number));
                }
                Did::Exit { .. } => {
                    let call = running.remove(&thread);
                    let call =
                        call.and_then(|(abi, number)| syscall::by_number(abi, number as u32));
                    if let Some(call) = call {
                        *counts.entry(call.name).or_default() += 1;
                    }
                }
                Did::Exec { old_thread, .. } => {
                    if let Some(call) = running.remove(old_thread) {
                        running.insert(thread, call);
                    }
                }
                Did::Fork(_) | Did::End { .. } => {}
            }
        }
        counts
    }

    /// The results of the calls of this name.
    pub(crate) fn results(&self, name: &str) -> Vec<i64> {
        let result = |seen: &Seen| match seen.did {
            Did::Exit {
                abi,
                number,
                result,
                ..
            } if is(abi, number, name) => Some(result),
            _ => None,
        };
        self.seen.iter().filter_map(result).collect()
    }

    pub(crate) fn count(&self, wanted: impl Fn(&Did) -> bool) -> usize {
        self.seen.iter().filter(|seen| wanted(&seen.did)).count()
    }
}

fn is(abi: Abi, number: i32, name: &str) -> bool {
    syscall::by_number(abi, number as u32).is_some_and(|call| call.name == name)
}

/// These calls, in every ABI of the processor.
pub(crate) fn calls(names: &[&str]) -> Wanted {
    let native = trapline_runtime::catalog::NATIVE_ABI;
    let abis = [native].into_iter().chain(native.compat().iter().copied());
    let number = |abi, name: &&str| {
        let call = syscall::by_name(name).expect(name);
        Some((abi, syscall::number(abi, call)?))
    };
    Wanted::Calls(
        abis.flat_map(|abi| names.iter().filter_map(move |name| number(abi, name)))
            .collect(),
    )
}

pub(crate) fn options(wanted: Wanted) -> Options {
    Options {
        wanted,
        capture: Capture::Lost,
        buffer_bytes: 256,
    }
}

/// Traces a command to its end, and keeps what it has left going.
pub(crate) fn trace(command: &str, wanted: Wanted) -> Traced {
    try_trace(command, wanted).unwrap_or_else(|error| panic!("{command}: {error}"))
}

pub(crate) fn try_trace(command: &str, wanted: Wanted) -> Result<Traced, PtraceError> {
    trace_with(command, &options(wanted), &mut |_, _| {}, |_| {}).map(|(traced, outcome)| {
        if let Some(mut left) = outcome.left {
            left.serve(trapline_runtime::ptrace::Goal::AllEnded)
                .expect("served");
        }
        traced
    })
}

/// Traces a command on this thread.
pub(crate) fn trace_with(
    command: &str,
    options: &Options,
    on_event: &mut dyn FnMut(&Event<'_>, &mut dyn AddressSpace),
    started: impl FnOnce(Stopper),
) -> Result<(Traced, Outcome), PtraceError> {
    let tracer = Tracer::start(command, options)?;
    let pid = tracer.pid();
    started(tracer.stopper());
    let (mut seen, mut notes) = (Vec::new(), Vec::new());
    let outcome = tracer.run(
        &mut |event, memory| {
            seen.push(Seen::of(event));
            on_event(event, memory);
        },
        &mut |note| notes.push(note.clone()),
    )?;
    let traced = Traced {
        command: pid,
        seen,
        notes,
        status: outcome.status,
    };
    Ok((traced, outcome))
}

/// Both ways of tracing: every call stops, and only some do.
pub(crate) fn both_ways(command: &str, name: &str) -> [Traced; 2] {
    [Wanted::All, calls(&[name])].map(|wanted| on_thread(|| trace(command, wanted)))
}

/// A tracer's thread is its own.
pub(crate) fn on_thread<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How a command ends untraced.
pub(crate) fn untraced(command: &str) -> ExitStatus {
    let mut words = command.split(' ');
    let mut process = Command::new(words.next().expect("a program"));
    process.args(words).status().expect("runs")
}

/// A program that was made from a file of `workloads`.
pub(crate) fn workload(name: &str) -> &'static str {
    static TRACEE: LazyLock<PathBuf> =
        LazyLock::new(|| compile("tracee.c", "tracee", &["-O1", "-w", "-pthread"]));
    static STATIC: LazyLock<PathBuf> = LazyLock::new(|| {
        let flags = ["-O1", "-w", "-pthread", "-static"];
        compile("tracee.c", "tracee-static", &flags)
    });
    static NARROW: LazyLock<PathBuf> = LazyLock::new(|| {
        let flags = ["-m32", "-nostdlib", "-static"];
        compile(
            "../../../../cli/tests/workloads/traps32.S",
            "narrow",
            &flags,
        )
    });
    let path: &'static Path = match name {
        "tracee" => &TRACEE,
        "tracee-static" => &STATIC,
        "narrow" => &NARROW,
        other => panic!("{other}"),
    };
    path.to_str().expect("UTF-8")
}

fn compile(source: &str, name: &str, flags: &[&str]) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/ptrace/workloads")
        .join(source);
    let program = folder().join(name);
    if std::env::var_os(FOLDER_VARIABLE).is_some() {
        return program;
    }
    let status = Command::new("cc")
        .args(flags)
        .arg("-o")
        .args([&program, &source])
        .status()
        .expect("a C compiler (`cc`)");
    assert!(status.success(), "{name} does not compile");
    program
}

/// Where programs and what they write are: made anew for each run, or given by whoever runs these tests as somebody
/// else.
pub(crate) fn folder() -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        if let Some(given) = std::env::var_os(FOLDER_VARIABLE) {
            return given.into();
        }
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ptrace");
        std::fs::create_dir_all(&path).expect("a folder");
        path
    });
    FOLDER.clone()
}

/// Programs in that folder are there already.
pub(crate) const FOLDER_VARIABLE: &str = "PTRACE_TEST_FOLDER";

/// Waits for something that other processes do.
pub(crate) fn eventually<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let start = std::time::Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed().as_secs() < 60, "nothing happens");
        thread::sleep(std::time::Duration::from_millis(5));
    }
}
