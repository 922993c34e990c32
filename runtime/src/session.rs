//! Drives an engine from attach to the last printed map.
//!
//! An engine, the manifest and an [`Output`] in; how it ended out. Which events mean what is for the
//! output to know, how they come for the engine.

use crate::engine::{Command, Engine, EngineError};
use crate::kernel::KernelError;
use crate::output::{Flow, Output};
use crate::process;
use crate::trace::recorder::{Recorder, RingEnd, Written};
use crate::wait::{self, Signals};
use crate::witness::Witness;
use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};
use trapline_codegen::object::{Attach, Manifest, RecordAction, ScriptMap};
use trapline_lang::rewrite::ROOTS;

/// What a session depends on beside the script.
#[derive(Default)]
pub struct Options {
    /// The command of `-c`, not yet released: the session ends with it.
    pub child: Option<Box<dyn Command>>,
    /// The process of `-p`: the session ends with it.
    pub pid: Option<u32>,
    /// The descendants of the command or of the process are traced, too.
    pub follow: bool,
    /// Where events are recorded, and what becomes of a ring at the end. The engine tells of the events.
    pub recording: Option<(Recorder, RingEnd)>,
    /// What happens at a signal while results are being printed.
    pub second_signal: SecondSignal,
}

/// What happens at another signal after the one that ended the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondSignal {
    /// It kills the process, whatever is still to be printed.
    #[default]
    Kills,
    /// Nothing: there is a prompt to return to.
    IsIgnored,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What the script said with `exit()`, else 0.
    pub exit_code: i32,
    /// How the command of `-c` ended, if it did before the session.
    pub child_status: Option<ExitStatus>,
}

/// Tells whoever started us, on standard output, that everything is attached.
const NOTIFY: &str = "__BPFTRACE_NOTIFY_PROBES_ATTACHED";

/// Signals that end a session, also where a shell has them ignored for its background jobs.
const STOP_SIGNALS: [i32; 2] = [libc::SIGINT, libc::SIGTERM];

/// Has a flight recorder written out.
const DUMP_SIGNAL: i32 = libc::SIGUSR1;

/// How often a running session asks what the recording lacks. While a map is read, the kernel skips programs on that
/// CPU, and where it may interrupt the reader it does so for as long as others then run.
const LOSSES_EVERY: Duration = Duration::from_millis(250);

/// How many records are handled before signals are looked at again.
const RECORDS_AT_ONCE: usize = 4096;

/// How many times so many are handled at most before a flight recorder is written at a signal: more than fit into the
/// ring buffer of a recording.
const ROUNDS_BEFORE_DUMP: u32 = 64;

/// Runs a script to its end: `exit()`, a signal, or the end of the process that it is about.
///
/// # Errors
/// If the kernel refuses something, the command cannot be run, or the output cannot be written. That nobody
/// reads the output any more is an end, not an error.
pub fn run(
    engine: &mut dyn Engine,
    manifest: &Manifest,
    output: &mut Output,
    options: Options,
) -> Result<Outcome, EngineError> {
    let end_of_target = options.pid.map(end_of).transpose()?;
    let wanted: Vec<i32> = manifest
        .programs
        .iter()
        .filter_map(|program| match program.attach {
            Attach::Signal { signal } => Some(signal),
            _ => None,
        })
        .collect();
    let mut stop_signals = STOP_SIGNALS.to_vec();
    // Who runs a program under `nohup` means it.
    if !wait::is_ignored(libc::SIGHUP) {
        stop_signals.push(libc::SIGHUP);
    }
    stop_signals.retain(|signal| !wanted.contains(signal));
    let mut held = [stop_signals.as_slice(), &wanted].concat();
    let recorder = options.recording.as_ref().map(|(recorder, _)| recorder);
    if recorder.is_some_and(Recorder::is_ring) {
        held.push(DUMP_SIGNAL);
    }
    let signals = Signals::hold(&held).map_err(session_error("holding back signals"))?;
    let mut session = Session {
        engine,
        manifest,
        output,
        signals,
        wanted_signals: wanted,
        child: options.child,
        end_of_target,
        pid: options.pid,
        follow: options.follow,
        recording: options.recording,
        losses_told: Instant::now(),
        witness: None,
        record: Vec::new(),
        exit_code: None,
    };
    let result = session.run(options.second_signal);
    session.engine.detach();
    // Also where the output cannot be written any more.
    let recorded = session.finish_recording();
    let child_status = match &mut session.child {
        Some(child) => {
            child.terminate();
            status_of(child.as_mut()).map_err(session_error("waiting for the command"))?
        }
        None => None,
    };
    match result {
        Err(EngineError::Output { source }) if source.kind() == io::ErrorKind::BrokenPipe => {}
        result => result?,
    }
    recorded?;
    Ok(Outcome {
        exit_code: session.exit_code.unwrap_or(0),
        child_status,
    })
}

struct Session<'a> {
    engine: &'a mut dyn Engine,
    manifest: &'a Manifest,
    output: &'a mut Output,
    signals: Signals,
    /// Those that the script has probes for.
    wanted_signals: Vec<i32>,
    child: Option<Box<dyn Command>>,
    /// Readable once the process of `-p` has ended.
    end_of_target: Option<OwnedFd>,
    /// The process of `-p`.
    pid: Option<u32>,
    /// Its descendants are traced, too.
    follow: bool,
    /// Where events are recorded.
    recording: Option<(Recorder, RingEnd)>,
    /// When the recording was told last what it lacks.
    losses_told: Instant,
    /// Looks at the process that the session is about.
    witness: Option<Witness>,
    /// Where records are copied to.
    record: Vec<u8>,
    /// Set by `exit()`.
    exit_code: Option<i32>,
}

impl Session<'_> {
    fn run(&mut self, second_signal: SecondSignal) -> Result<(), EngineError> {
        self.engine.run_begin()?;
        let begun = self.take_records();
        // A script that only says something and leaves need not wait for probes.
        let leaves =
            self.has_nothing_to_wait_for() || begun.iter().any(|record| self.is_exit(record));
        if !leaves {
            self.engine.attach()?;
            if self.follow {
                self.follow()?;
            }
            if let [first, others @ ..] = self.engine.skipped() {
                let more = match others.len() {
                    0 => String::new(),
                    n => format!(" and {n} more"),
                };
                self.output.warn(&format!(
                    "this kernel does not let all functions be probed; left out: {first}{more}"
                ));
            }
        }
        self.output
            .attached(self.manifest.attach_points)
            .map_err(output)?;
        self.notify()?;
        for record in begun {
            self.handle(&record)?;
        }
        if !leaves {
            let process = self.child.as_ref().map(|child| child.pid()).or(self.pid);
            self.witness = process.and_then(|pid| Witness::new(pid, self.manifest));
            if let Some(child) = &mut self.child {
                if self.witness.is_some() {
                    self.output.follow_process(child.pid());
                }
                child.release()?;
            }
            if self.is_over_when_attached() {
                while self.drain(RECORDS_AT_ONCE)? {}
            } else {
                self.poll()?;
            }
        }

        self.engine.detach();
        if second_signal == SecondSignal::Kills {
            self.signals
                .let_next_one_kill()
                .map_err(session_error("starting a thread"))?;
        }
        while self.drain(RECORDS_AT_ONCE)? {}
        self.engine.run_end()?;
        for record in self.take_records() {
            self.handle(&record)?;
        }
        self.output.print_maps(self.engine).map_err(output)?;
        self.tell_of_lost_recording();
        let losses = self.engine.losses();
        self.output.losses(&losses).map_err(output)?;
        self.output.flush().map_err(output)?;
        self.finish_recording()?;
        self.engine.finish()
    }

    /// Tells the programs who is followed. They are attached already and see to those that are born from now on: once
    /// nobody unknown is left, nobody was missed.
    fn follow(&mut self) -> Result<(), EngineError> {
        let roots = |map: &ScriptMap| map.internal && map.name == ROOTS;
        let map = self.manifest.maps.iter().position(roots);
        let process = self.child.as_ref().map(|child| child.pid()).or(self.pid);
        let (Some(map), Some(process)) = (map, process) else {
            return Ok(());
        };
        let mut known = BTreeSet::new();
        loop {
            let family = process::with_descendants(process);
            let unknown: Vec<u32> = family
                .into_iter()
                .filter(|pid| known.insert(*pid))
                .collect();
            if unknown.is_empty() {
                return Ok(());
            }
            for pid in unknown {
                let value = u8::from(true).to_ne_bytes();
                self.engine
                    .write_entry(map, &pid.to_ne_bytes(), &value)
                    .map_err(session_error("telling the programs whom to follow"))?;
            }
        }
    }

    /// Handles records until something ends the session.
    fn poll(&mut self) -> Result<(), EngineError> {
        loop {
            if let Some(pid) = self.witness.as_mut().and_then(Witness::due) {
                self.output.remember_process(pid);
            }
            let more = self.drain(RECORDS_AT_ONCE)?;
            if self.losses_told.elapsed() >= LOSSES_EVERY {
                self.tell_of_lost_recording();
            }
            if let (Some((recorder, _)), false) = (&self.recording, more)
                && let Err(error) = recorder.flush()
            {
                self.output.recording_failed(error);
            }
            if self.exit_code.is_some() || self.engine.is_over() {
                return Ok(());
            }
            let timeout = if more {
                Duration::ZERO
            } else {
                let interval = self.engine.poll_interval();
                let witness = self.witness.as_ref();
                witness.map_or(interval, |witness| interval.min(witness.wait()))
            };
            let ends = [
                Some(self.signals.as_fd()),
                self.child.as_ref().map(|child| child.end_fd()),
                self.end_of_target.as_ref().map(AsFd::as_fd),
            ];
            let [signal, child, target] = ends;
            let [signal, child, target, _] =
                wait::readable([signal, child, target, self.engine.event_fd()], timeout)
                    .map_err(session_error("poll"))?;
            if signal && !self.run_signal()? {
                return Ok(());
            }
            if child || target {
                return Ok(());
            }
        }
    }

    /// Has the recording say what it lacks up to now.
    fn tell_of_lost_recording(&mut self) {
        if self.output.is_recording() {
            let losses = self.engine.losses();
            self.losses_told = Instant::now();
            self.output.recording_lost(&losses);
        }
    }

    /// Takes a signal; false if it ends the session.
    fn run_signal(&mut self) -> Result<bool, EngineError> {
        let signal = self.signals.take();
        let recorder = self.recording.as_ref().map(|(recorder, _)| recorder);
        if signal == Some(DUMP_SIGNAL) && recorder.is_some_and(Recorder::is_ring) {
            // What happened before the signal is in it, as far as a busy machine lets us catch up.
            let mut rounds = 0..ROUNDS_BEFORE_DUMP;
            while self.drain(RECORDS_AT_ONCE)? && rounds.next().is_some() {}
            self.dump()?;
            self.engine.run_signal(DUMP_SIGNAL)?;
            return Ok(true);
        }
        match signal {
            Some(signal) if self.wanted_signals.contains(&signal) => {
                self.engine.run_signal(signal)?;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Ok(true),
        }
    }

    /// Handles the records that are there, at most so many; true if there may be more. What comes after
    /// `exit()` is dropped.
    fn drain(&mut self, most: usize) -> Result<bool, EngineError> {
        let mut record = std::mem::take(&mut self.record);
        for _ in 0..most {
            if !self.engine.next_event(&mut record) {
                self.record = record;
                return Ok(false);
            }
            if self.exit_code.is_none() {
                self.handle(&record)?;
                // A replay would run on to its end meanwhile.
                if self.exit_code.is_some() {
                    break;
                }
            }
        }
        self.record = record;
        Ok(true)
    }

    fn take_records(&mut self) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        let mut record = Vec::new();
        while self.engine.next_event(&mut record) {
            records.push(std::mem::take(&mut record));
        }
        records
    }

    fn handle(&mut self, record: &[u8]) -> Result<(), EngineError> {
        match self.output.event(record, self.engine).map_err(output)? {
            Flow::Continue => {}
            Flow::Exit(code) => {
                self.exit_code.get_or_insert(code);
            }
            Flow::Dump => self.dump()?,
        }
        Ok(())
    }

    /// Writes out what the flight recorder holds.
    fn dump(&mut self) -> Result<(), EngineError> {
        self.tell_of_lost_recording();
        let Some((recorder, _)) = &self.recording else {
            return Ok(());
        };
        match recorder.dump() {
            Ok(Some(written)) => self.say_written(&written),
            Ok(None) => Ok(()),
            // A later one may succeed.
            Err(error) => {
                self.output.recording_failed(error);
                Ok(())
            }
        }
    }

    fn say_written(&mut self, Written { path, summary }: &Written) -> Result<(), EngineError> {
        let line = format!(
            "Recorded {} events ({}) into {}",
            summary.events,
            size(summary.bytes),
            path.display()
        );
        self.output.say(&line).map_err(output)
    }

    /// Ends the recording.
    fn finish_recording(&mut self) -> Result<(), EngineError> {
        let Some((recorder, ring_end)) = self.recording.take() else {
            return Ok(());
        };
        let finish = recorder.finish(ring_end);
        let failure = self.output.take_recording_failure();
        let finish = finish.map_err(recording)?;
        if let Some(written) = &finish.written {
            self.say_written(written)?;
        }
        if finish.passed_over > 0 {
            let requests = match finish.passed_over {
                1 => "1 more request",
                more => &format!("{more} more requests"),
            };
            self.output.warn(&format!(
                "{requests} to write the flight recorder came less than a second after another, and nothing was written"
            ));
        }
        match failure {
            Some(source) => Err(recording(source)),
            None => Ok(()),
        }
    }

    /// There are only `BEGIN` and `END` probes, and no process that the session is about.
    fn has_nothing_to_wait_for(&self) -> bool {
        let mut programs = self.manifest.programs.iter();
        self.child.is_none()
            && self.end_of_target.is_none()
            && programs.all(|program| matches!(program.attach, Attach::Begin | Attach::End))
    }

    /// Nothing happens after the programs have been attached: iterators have done their work then.
    fn is_over_when_attached(&self) -> bool {
        let mut programs = self.manifest.programs.iter();
        self.child.is_none()
            && self.end_of_target.is_none()
            && programs.all(|program| {
                matches!(
                    program.attach,
                    Attach::Begin | Attach::End | Attach::Iterator { .. }
                )
            })
    }

    fn is_exit(&self, record: &[u8]) -> bool {
        let kind = record
            .get(4..8)
            .and_then(|kind| kind.try_into().ok())
            .map(u32::from_ne_bytes);
        kind.and_then(|kind| self.manifest.records.get(kind as usize))
            .is_some_and(|record| record.action == RecordAction::Exit)
    }

    fn notify(&mut self) -> Result<(), EngineError> {
        if env::var_os(NOTIFY).is_some() {
            self.output.flush().map_err(output)?;
            let mut stdout = io::stdout().lock();
            writeln!(stdout, "{NOTIFY}")
                .and_then(|()| stdout.flush())
                .map_err(output)?;
        }
        Ok(())
    }
}

/// How a command has ended that was asked to; `None` if it takes its time.
fn status_of(child: &mut dyn Command) -> io::Result<Option<ExitStatus>> {
    /// Most programs end at once, and how they did is worth so much.
    const GRACE: Duration = Duration::from_millis(100);
    const STEP: Duration = Duration::from_millis(2);
    let since = Instant::now();
    loop {
        let status = child.status()?;
        if status.is_some() || since.elapsed() >= GRACE {
            return Ok(status);
        }
        thread::sleep(STEP);
    }
}

fn end_of(pid: u32) -> Result<OwnedFd, EngineError> {
    let refused = |source| KernelError::Process { pid, source };
    Ok(wait::end_of_process(pid).map_err(refused)?)
}

fn output(source: io::Error) -> EngineError {
    EngineError::Output { source }
}

fn recording(source: io::Error) -> EngineError {
    EngineError::Recording { source }
}

/// Bytes, for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn session_error(what: &'static str) -> impl FnOnce(io::Error) -> EngineError {
    move |source| EngineError::Session { what, source }
}
