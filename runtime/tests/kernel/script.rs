//! Scripts as text, run in the kernel with a recording of what they see.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use trapline_codegen::target::{SyscallHookKind, Target};
use trapline_codegen::{compile, elf};
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::import::{self, NoFiles};
use trapline_lang::rewrite::{self, Root};
use trapline_lang::source::Source;
use trapline_lang::syscall::{self, Abi};
use trapline_runtime::catalog::{LiveCatalog, NATIVE_ABI};
use trapline_runtime::child::Child;
use trapline_runtime::engine::{Command, Engine};
use trapline_runtime::kernel::KernelEngine;
use trapline_runtime::kernel::target::{self, AttachPreference, Reach};
use trapline_runtime::output::{Output, OutputOptions, TextSink};
use trapline_runtime::session::{self, SecondSignal};
use trapline_runtime::symbol::Resolver;
use trapline_runtime::trace::event::{Event, Observer, Thread, What};

/// Whose events count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The command's.
    Command,
    /// Those of the command and its descendants.
    Family,
    /// Everybody's.
    Machine,
}

/// Pieces of memory: addresses, and bytes or error numbers.
pub(crate) type Pieces = Vec<(u64, Result<Vec<u8>, u32>)>;

/// What a thread did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Did {
    Enter {
        abi: Abi,
        number: i32,
        arguments: [u64; 6],
        memory: Pieces,
    },
    Exit {
        abi: Abi,
        number: i32,
        result: i64,
        arguments: Option<[u64; 6]>,
        memory: Pieces,
    },
    Fork(Thread),
    Exec {
        file: String,
        old_thread: u32,
    },
    End {
        last: bool,
    },
    Lost(u64),
}

/// An event that outlives its record.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) time: u64,
    pub(crate) thread: Thread,
    pub(crate) did: Did,
}

/// What a session printed and recorded.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) printed: String,
    pub(crate) events: Vec<Kept>,
    pub(crate) calls: Option<Vec<u64>>,
    pub(crate) command: u32,
}

#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Vec<Kept>>>);

impl Observer for Keeper {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let pieces = |memory: trapline_runtime::trace::memory::Memory<'_>| -> Pieces {
            let pieces = memory.pieces();
            pieces
                .map(|piece| (piece.address, piece.bytes.map(<[u8]>::to_vec)))
                .collect()
        };
        let did = match event.what {
            What::Enter(enter) => Did::Enter {
                abi: enter.abi,
                number: enter.number,
                arguments: enter.arguments,
                memory: pieces(enter.memory),
            },
            What::Exit(exit) => Did::Exit {
                abi: exit.abi,
                number: exit.number,
                result: exit.result,
                arguments: exit.arguments,
                memory: pieces(exit.memory),
            },
            What::Fork { child } => Did::Fork(*child),
            What::Exec { file, old_thread } => Did::Exec {
                file: String::from_utf8_lossy(file).into_owned(),
                old_thread,
            },
            What::End { last } => Did::End { last },
            What::Lost { events } => Did::Lost(events),
        };
        self.0.lock().expect("not poisoned").push(Kept {
            time: event.time,
            thread: *event.thread,
            did,
        });
        Ok(())
    }
}

/// Runs a script over a command and records what its probes see.
pub(crate) fn record(script: &str, command: &str, scope: Scope) -> Recording {
    record_on(|_| {}, script, command, scope)
}

/// The same for a target that is not quite this machine.
pub(crate) fn record_on(
    change: impl FnOnce(&mut Target),
    script: &str,
    command: &str,
    scope: Scope,
) -> Recording {
    let keeper = Keeper::default();
    let (printed, calls, command) =
        run_into(change, script, command, scope, Box::new(keeper.clone()));
    let events = std::mem::take(&mut *keeper.0.lock().expect("not poisoned"));
    Recording {
        printed,
        events,
        calls,
        command,
    }
}

/// The same, with somebody else who is told of the events; what was printed, the calls recorded, the command's id.
pub(crate) fn run_into(
    change: impl FnOnce(&mut Target),
    script: &str,
    command: &str,
    scope: Scope,
    observer: Box<dyn Observer>,
) -> (String, Option<Vec<u64>>, u32) {
    let catalog = LiveCatalog::new().expect("the kernel's catalog");
    let mut source = Source::new("test", script);
    let mut parsed = import::parse(&mut source, &[], &NoFiles);
    let mut options = Options {
        has_child: true,
        ..Options::default()
    };
    let own = rewrite::follow(&mut parsed.script, &mut source, Root::Command);
    options.own_text = Some(own);
    options.follow = true;
    let analysis = analyze(&parsed.script, &source, &catalog, &options);
    let mut script = analysis
        .script
        .unwrap_or_else(|| panic!("{:?}", analysis.diagnostics));
    let child = Child::start(command).expect("it exists");
    let condition = match scope {
        Scope::Family => rewrite::is_followed(&script),
        Scope::Command => Some(rewrite::is_process(child.pid())),
        Scope::Machine => None,
    };
    if let Some(condition) = &condition {
        rewrite::narrow(&mut script, condition);
    }
    let calls = rewrite::record(&mut script, NATIVE_ABI, condition.as_ref());
    let mut target = target::choose(AttachPreference::Auto, Reach::Processes)
        .expect("a target")
        .target;
    change(&mut target);
    let object = compile(&script, &source, &target).unwrap_or_else(|error| panic!("{error}"));
    let manifest = Arc::new(object.manifest.clone());
    let pid = child.pid();
    let mut engine = KernelEngine::load(&elf::write(&object), &manifest, Some(pid))
        .unwrap_or_else(|error| panic!("{error:#?}"));
    let text = crate::session::Shared::default();
    let mut output = Output::new(
        Arc::clone(&manifest),
        Box::new(TextSink::new(Box::new(text.clone()))),
        Box::new(text.clone()),
        Resolver::new(),
        OutputOptions {
            quiet: true,
            ..OutputOptions::default()
        },
    );
    output.record_into(observer);
    let options = session::Options {
        child: Some(Box::new(child)),
        follow: true,
        second_signal: SecondSignal::IsIgnored,
        ..session::Options::default()
    };
    session::run(&mut engine, &manifest, &mut output, options)
        .unwrap_or_else(|error| panic!("{error}"));
    engine.detach();
    let text = text.0.lock().expect("not poisoned").clone();
    (String::from_utf8_lossy(&text).into_owned(), calls, pid)
}

pub(crate) const HOOKS: [SyscallHookKind; 3] = [
    SyscallHookKind::Btf,
    SyscallHookKind::Raw,
    SyscallHookKind::Tracepoint,
];
/// A target with this hook.
pub(crate) fn on(hook: SyscallHookKind) -> impl FnOnce(&mut Target) {
    move |target| target.syscall_hook = hook
}

/// The counts that a script printed: `@[257]: 3`.
pub(crate) fn printed_counts(text: &str) -> BTreeMap<i64, u64> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("@["));
    let pairs = lines.map(|line| line.split_once("]: ").expect("key and value"));
    pairs
        .map(|(key, value)| {
            (
                key.parse().expect("a number"),
                value.parse().expect("a count"),
            )
        })
        .collect()
}

pub(crate) fn count<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

impl Recording {
    pub(crate) fn enters(&self) -> impl Iterator<Item = i64> {
        self.events.iter().filter_map(|event| match event.did {
            Did::Enter { number, .. } => Some(number.into()),
            _ => None,
        })
    }

    /// Numbers of calls as they ended, with what they returned.
    pub(crate) fn exits(&self) -> impl Iterator<Item = (Abi, i32, i64)> {
        self.events.iter().filter_map(|event| match event.did {
            Did::Exit {
                abi,
                number,
                result,
                ..
            } => Some((abi, number, result)),
            _ => None,
        })
    }

    pub(crate) fn events_of<'a, T>(&'a self, pick: impl Fn(&'a Kept) -> Option<T>) -> Vec<T> {
        self.events.iter().filter_map(pick).collect()
    }
}

/// The bytes of a piece that begins there.
pub(crate) fn at(
    memory: &[(u64, Result<Vec<u8>, u32>)],
    address: u64,
) -> Option<&Result<Vec<u8>, u32>> {
    memory
        .iter()
        .find(|(other, _)| *other == address)
        .map(|(_, bytes)| bytes)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

pub(crate) fn number(name: &str) -> i32 {
    let call = syscall::by_name(name).expect("a call");
    syscall::number(NATIVE_ABI, call).expect("native") as i32
}
