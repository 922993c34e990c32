//! Hostile text: whatever is read, nothing panics, overflows the stack or takes long.
//!
//! Inputs are made from a seed: the scripts of `examples/` and `tests/golden/` with random damage, and random
//! programs that follow the grammar. Each test runs for a few seconds; `FUZZ_SECONDS=600` makes it longer,
//! `FUZZ_SEED=N` starts it elsewhere. A failure names the seed of its input, and the input lies in the file that
//! it names.

#[path = "golden_support/events.rs"]
mod events;
#[path = "fuzz_support/mod.rs"]
mod fuzz_support;
#[path = "golden_support/machine.rs"]
mod machine;

use fuzz_support::{Random, damage, program, scripts};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use trapline_codegen::elf;
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::catalog::tracefs_format;
use trapline_lang::diagnostic::{Severity, render};
use trapline_lang::parse::parse;
use trapline_lang::printf::Format;
use trapline_lang::source::Source;
use trapline_lang::{dump, format, hir_dump};

/// What a thread has where nobody asks for more.
const STACK: usize = 2 << 20;
/// More than this for one input is a hang, even where tests are not optimized and share the machine.
const SLOWEST: Duration = Duration::from_secs(20);

#[test]
fn damaged_scripts_compile_or_are_refused() {
    let corpus = scripts();
    fuzz("damaged", |random| damage(random, &corpus));
}

#[test]
fn random_programs_compile_or_are_refused() {
    fuzz("random", program);
}

#[test]
fn damaged_formats_are_read_or_refused() {
    let corpus = ["%-08.3lx|%s|%*d|%rh|%%|%+i %.*s", "%d %c %p %llu %hhx\n"].map(str::to_string);
    rounds("formats", |random| {
        let text = damage(random, &corpus);
        if let Ok(format) = Format::parse(text.as_bytes()) {
            assert!(format.arguments().len() <= text.len());
        }
    });
}

#[test]
fn damaged_event_descriptions_are_read() {
    let corpus = fuzz_support::files("../tests/golden/catalog", "");
    rounds("events", |random| {
        let text = damage(random, &corpus);
        let event = tracefs_format::event("category", "name", &text, Some(1));
        assert!(event.fields.len() <= text.lines().count());
    });
}

#[test]
fn damaged_objects_are_read_or_refused() {
    let source = Source::new(
        "test",
        "tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }",
    );
    let parsed = parse(&source);
    let analysis = analyze(
        &parsed.script,
        &source,
        events::catalog(),
        &Options::default(),
    );
    let script = analysis.script.expect("a good script");
    let object =
        trapline_codegen::compile(&script, &source, &machine::target()).expect("it compiles");
    let bytes = elf::write(&object);
    assert_eq!(
        elf::read_manifest(&bytes).expect("its manifest"),
        object.manifest
    );
    rounds("objects", |random| {
        let mut bytes = bytes.clone();
        fuzz_support::damage_bytes(random, &mut bytes);
        // A damaged manifest may still be one; that it is read or refused is all that matters.
        let _ = elf::read_manifest(&bytes);
    });
}

#[test]
fn the_binary_survives_any_bytes() {
    let mut random = Random::new(fuzz_support::seed());
    let corpus = scripts();
    for _ in 0..12 {
        let mut bytes = damage(&mut random, &corpus).into_bytes();
        fuzz_support::damage_bytes(&mut random, &mut bytes);
        let mut child = Command::new(env!("CARGO_BIN_EXE_trapline"))
            .args(["--emit", "bpf", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        // It may end before it has read everything.
        let _ = stdin.write_all(&bytes);
        drop(stdin);
        let output = child.wait_with_output().expect("the binary ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{}: {stderr}\n{text}",
            output.status
        );
        assert!(!stderr.contains("panicked"), "{stderr}\n{text}");
    }
}

/// Compiles the inputs, each in a thread of its own.
fn fuzz(name: &str, mut make: impl FnMut(&mut Random) -> String) {
    rounds(name, |random| {
        let text = make(random);
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.bt"));
        // A stack overflow ends the process: the input must lie there before.
        std::fs::write(&path, &text).expect("a file for the input");
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn(move || within_limits(|| compile(&text)));
        let thread = thread.expect("a thread");
        assert!(thread.join().is_ok(), "the input is {}", path.display());
    });
}

/// Calls a function with random numbers of a known seed until the time is over.
fn rounds(name: &str, mut round: impl FnMut(&mut Random)) {
    let end = Instant::now() + fuzz_support::duration();
    let mut seed = fuzz_support::seed();
    while Instant::now() < end {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            within_limits(|| round(&mut Random::new(seed)));
        }));
        assert!(result.is_ok(), "{name}: FUZZ_SEED={seed} fails");
        seed += 1;
    }
}

/// Does something that must not take long, however busy the machine is with other things.
fn within_limits(run: impl FnOnce()) {
    let start = busy();
    run();
    let took = busy().saturating_sub(start);
    assert!(took < SLOWEST, "it takes {took:?}");
}

/// For how long this thread has run on a CPU.
fn busy() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics
        .split(' ')
        .next()
        .and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// All passes, as far as they go.
fn compile(text: &str) {
    let source = Source::new("fuzz", text);
    let parsed = parse(&source);
    let wrong = |list: &[trapline_lang::diagnostic::Diagnostic]| {
        list.iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    };
    dump::script(&parsed.script);
    if !wrong(&parsed.diagnostics) {
        let printed = Source::new("printed", format::print(&parsed.script, &source));
        let again = parse(&printed);
        assert!(
            !wrong(&again.diagnostics),
            "the printed form does not parse:\n{}\n{}",
            printed.text(),
            render::render_all(&again.diagnostics, &printed, render::Style::Plain)
        );
    }
    let options = Options {
        positional: vec!["17".into(), "word".into()],
        allow_unsafe: true,
        ..Options::default()
    };
    let analysis = analyze(&parsed.script, &source, events::catalog(), &options);
    render::render_all(&parsed.diagnostics, &source, render::Style::Colored);
    render::render_all(&analysis.diagnostics, &source, render::Style::Plain);
    let Some(script) = analysis.script else {
        assert!(
            wrong(&analysis.diagnostics),
            "there is no script and no reason"
        );
        return;
    };
    hir_dump::script(&script);
    if !wrong(&parsed.diagnostics)
        && let Ok(object) = trapline_codegen::compile(&script, &source, &machine::target())
    {
        elf::read_manifest(&elf::write(&object)).expect("the manifest is read back");
    }
}
