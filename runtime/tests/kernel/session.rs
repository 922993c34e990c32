//! Whole sessions: from attach to the last printed map.

use crate::support::{Assembler, object};
use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use trapline_codegen::object::{Attach, Code, Manifest, ProgramInfo, TimerCpus, TimerPeriod};
use trapline_runtime::child::Child;
use trapline_runtime::engine::{Command as _, EngineError};
use trapline_runtime::kernel::{KernelEngine, KernelError};
use trapline_runtime::output::{Output, OutputOptions, TextSink};
use trapline_runtime::session::{self, Options, Outcome, SecondSignal};
use trapline_runtime::symbol::Resolver;

/// What was written, shared with the sink that writes it.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader that has gone.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

fn run_to(
    writer: Box<dyn Write>,
    (elf, manifest): (Vec<u8>, Arc<Manifest>),
    mut options: Options,
) -> Result<Outcome, EngineError> {
    options.second_signal = SecondSignal::IsIgnored;
    let child = options.child.as_ref().map(|child| child.pid());
    let mut engine = KernelEngine::load(&elf, &manifest, child)?;
    let quiet = OutputOptions {
        quiet: true,
        ..OutputOptions::default()
    };
    let sink = Box::new(TextSink::new(writer));
    let mut output = Output::new(
        Arc::clone(&manifest),
        sink,
        Box::new(io::sink()),
        Resolver::new(),
        quiet,
    );
    session::run(&mut engine, &manifest, &mut output, options)
}

fn run(programs: Vec<(Code, ProgramInfo)>, options: Options) -> (Outcome, String) {
    let text = Shared::default();
    let outcome = run_to(Box::new(text.clone()), object(programs), options);
    let text = text.0.lock().expect("not poisoned").clone();
    // How the end of a session is set off is for the sink to say.
    let lines: Vec<_> = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let text = String::from_utf8(lines.join(&b'\n')).expect("text");
    (outcome.unwrap_or_else(|error| panic!("{error}")), text)
}

fn counting(name: &str, slot: i32, attach: Attach) -> (Code, ProgramInfo) {
    Assembler::default()
        .set(6, slot)
        .count_slot()
        .program(name, "raw_tp/x", attach)
}

fn every_5_ms() -> Attach {
    Attach::Timer {
        cpus: TimerCpus::One,
        period: TimerPeriod::Nanoseconds(5_000_000),
    }
}

#[test]
fn a_session_ends_with_its_command_and_reports_it() {
    let child = Child::start("sh -c 'exit 3'").expect("sh exists");
    let programs = vec![
        counting("b", 1, Attach::Begin),
        counting("e", 2, Attach::End),
    ];
    let options = Options {
        child: Some(Box::new(child)),
        ..Options::default()
    };
    let (outcome, text) = run(programs, options);
    assert_eq!(
        outcome.child_status.and_then(|status| status.code()),
        Some(3)
    );
    assert_eq!(outcome.exit_code, 0);
    assert_eq!(text, "@m[1]: 1\n@m[2]: 1");
}

#[test]
fn a_session_ends_with_the_process_that_it_is_about() {
    let mut process = Command::new("sleep")
        .arg("0.1")
        .spawn()
        .expect("sleep exists");
    let options = Options {
        pid: Some(process.id()),
        ..Options::default()
    };
    // A process that was not waited for has ended all the same.
    let (_, text) = run(vec![counting("b", 1, Attach::Begin)], options);
    assert_eq!(text, "@m[1]: 1");
    process.wait().expect("our child");

    let gone = Options {
        pid: Some(process.id()),
        ..Options::default()
    };
    let result = run_to(Box::new(io::sink()), object(vec![]), gone);
    assert!(matches!(
        result,
        Err(EngineError::Kernel(KernelError::Process { .. }))
    ));
}

#[test]
fn exit_ends_a_session_and_its_command() {
    let exit =
        Assembler::default()
            .send(0)
            .send(1)
            .send(0)
            .program("i", "perf_event", every_5_ms());
    let child = Child::start("sleep 100").expect("sleep exists");
    let pid = child.pid();
    let start = Instant::now();
    let options = Options {
        child: Some(Box::new(child)),
        ..Options::default()
    };
    let (_, text) = run(vec![exit, counting("e", 2, Attach::End)], options);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(
        text, "tick\n@m[2]: 1",
        "nothing after exit(), but END and the maps"
    );
    // It is our zombie, or, if it has been slow to end, about to be.
    let deadline = Instant::now() + Duration::from_secs(10);
    let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    while stat().contains(") S ") {
        assert!(Instant::now() < deadline, "the command still runs");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn exit_in_begin_attaches_nothing() {
    let begin = Assembler::default()
        .send(0)
        .send(1)
        .program("b", "raw_tp/x", Attach::Begin);
    // It could not be attached.
    let never = Attach::RawTracepoint {
        name: "no_such".to_owned(),
        btf: false,
    };
    let child = Child::start("touch /no/such/place").expect("touch exists");
    let options = Options {
        child: Some(Box::new(child)),
        ..Options::default()
    };
    let (outcome, text) = run(vec![begin, counting("r", 1, never)], options);
    assert_eq!(text, "tick");
    assert_eq!(outcome.child_status, None, "never ran");
}

#[test]
fn a_reader_that_has_gone_is_an_end() {
    let tick = Assembler::default()
        .send(0)
        .program("i", "perf_event", every_5_ms());
    let outcome = run_to(Box::new(Broken), object(vec![tick]), Options::default());
    assert_eq!(outcome.expect("no error"), Outcome::default());
}

#[test]
fn a_command_that_cannot_be_executed_is_an_error() {
    let child = Child::start("/dev/null").expect("is looked at by execve only");
    let options = Options {
        child: Some(Box::new(child)),
        ..Options::default()
    };
    let result = run_to(Box::new(io::sink()), object(vec![]), options);
    assert!(matches!(
        result,
        Err(EngineError::Kernel(KernelError::Command { .. }))
    ));
}
