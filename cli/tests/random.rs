//! Random scripts that are well-typed by construction: each must compile, must pass the verifier both
//! optimized and not, and must print the same both ways.
//!
//! `TRAPLINE_FUZZ_SCRIPTS` says how many (200), `TRAPLINE_FUZZ_SEED` with which one to start (1). A script
//! that fails is printed with its seed, which is all that makes it.

#![expect(
    clippy::print_stderr,
    reason = "a skipped test says so, and scripts that fail are shown at once"
)]

mod random_support;

use random_support::Generator;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use trapline_codegen::elf;
use trapline_codegen::target::Target;
use trapline_lang::analyze::{Options, analyze};
use trapline_lang::catalog::file::FileCatalog;
use trapline_lang::diagnostic::{Severity, render};
use trapline_lang::parse::parse;
use trapline_lang::source::Source;
use trapline_lang::syscall::Abi;
use trapline_runtime::kernel::target::{AttachPreference, Reach, choose};
use trapline_runtime::kernel::{KernelEngine, privilege};
use trapline_runtime::output::{Output, OutputOptions, TextSink};
use trapline_runtime::session::{self, SecondSignal};
use trapline_runtime::symbol::Resolver;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn optimized_and_plain_programs_agree() {
    if let Err(reason) = privilege::check() {
        assert!(std::env::var_os("CI").is_none(), "BPF is needed: {reason}");
        eprintln!("skipped: {reason}");
        return;
    }
    let target = choose(AttachPreference::Auto, Reach::Machine)
        .expect("a hook")
        .target;
    let first = number("TRAPLINE_FUZZ_SEED", 1);
    let count = number("TRAPLINE_FUZZ_SCRIPTS", 200);
    let mut failed = 0;
    for seed in first..first + count {
        let script = Generator::new(seed).script();
        let run = |optimize| {
            let target = Target {
                optimize,
                ..target.clone()
            };
            run(&script, &target)
        };
        let wrong = match (run(true), run(false)) {
            (Ok(fast), Ok(plain)) if fast == plain => continue,
            (Ok(fast), Ok(plain)) => format!("optimized:\n{fast}\nplain:\n{plain}"),
            (Err(error), _) => format!("optimized: {error}"),
            (_, Err(error)) => format!("plain: {error}"),
        };
        eprintln!("---- seed {seed}\n{script}\n{wrong}");
        failed += 1;
    }
    assert_eq!(failed, 0, "of {count} scripts");
}

/// What a script prints, or why it does not run.
fn run(text: &str, target: &Target) -> Result<String, String> {
    let source = Source::new("random", text);
    let parsed = parse(&source);
    let catalog = FileCatalog::new(Abi::X86_64, 4);
    let analysis = analyze(&parsed.script, &source, &catalog, &Options::default());
    let diagnostics = [parsed.diagnostics, analysis.diagnostics].concat();
    let script = match analysis.script {
        Some(script)
            if diagnostics
                .iter()
                .all(|diagnostic| diagnostic.severity != Severity::Error) =>
        {
            script
        }
        _ => {
            let style = render::Style::Plain;
            return Err(render::render_all(&diagnostics, &source, style));
        }
    };
    let object =
        trapline_codegen::compile(&script, &source, target).map_err(|error| error.to_string())?;
    let manifest = Arc::new(object.manifest.clone());
    let mut engine =
        KernelEngine::load(&elf::write(&object), &manifest, None).map_err(|error| {
            let log = error.verifier_log().unwrap_or_default();
            let end: Vec<&str> = log.lines().rev().take(12).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            format!("{error}\n{}", end.join("\n"))
        })?;
    let printed = Printed::default();
    let mut output = Output::new(
        Arc::clone(&manifest),
        Box::new(TextSink::new(Box::new(printed.clone()))),
        Box::new(printed.clone()),
        Resolver::new(),
        OutputOptions::default(),
    );
    session::run(
        &mut engine,
        &manifest,
        &mut output,
        session::Options {
            second_signal: SecondSignal::IsIgnored,
            ..session::Options::default()
        },
    )
    .map_err(|error| error.to_string())?;
    let bytes = printed.0.lock().expect("no panic").clone();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Somewhere to print to.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
