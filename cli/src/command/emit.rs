//! `--emit`: what a script is at one stage of the pipeline.

use crate::args::{Args, EmitStage, ScriptSource};
use crate::compile;
use crate::engine;
use crate::exit_code::{ScriptErrors, Status};
use crate::{script, terminal};
use anyhow::{Context, bail};
use std::io::{self, Write};
use trapline_codegen::{bpf, elf};
use trapline_lang::parse::parse;
use trapline_lang::{dump, hir_dump};

/// Prints the stage to stdout, or into the file of `-o`.
///
/// # Errors
/// If the script is wrong, cannot be compiled, the engine has no such stage, or the output cannot be written.
pub(crate) fn run(script: &ScriptSource, stage: EmitStage, args: &Args) -> anyhow::Result<Status> {
    if stage == EmitStage::Elf && args.output().is_none() && terminal::stdout_is_terminal() {
        bail!("an ELF object is nothing for a terminal; name a file with -o FILE");
    }
    let mut source = script::read(script)?;
    if stage == EmitStage::Ast {
        let parsed = parse(&source);
        if compile::print_diagnostics(&source, parsed.diagnostics, args.no_warnings) {
            return Err(ScriptErrors.into());
        }
        return write(dump::script(&parsed.script).as_bytes(), args);
    }
    let engine = engine::named(args)?;
    let kind = engine.kind();
    if kind.is_native() && matches!(stage, EmitStage::Bpf | EmitStage::Elf) {
        bail!(
            "the {kind} engine has no BPF: it runs the code of --emit clif in Trapline's own process"
        );
    }
    let catalog = engine.catalog(args)?;
    let checked = compile::check(&mut source, &*catalog, engine.scene(args), args)?;
    let script = checked.script;
    if stage == EmitStage::Hir {
        return write(hir_dump::script(&script).as_bytes(), args);
    }
    let target = match kind.is_native() {
        true => engine::native_target(catalog.abi().name(), catalog.cpu_count())?,
        false => compile::target(args)?,
    };
    if stage == EmitStage::Clif {
        return write(compile::clif(&script, &source, &target)?.as_bytes(), args);
    }
    let object = compile::generate(&script, &source, &target)?;
    match stage {
        EmitStage::Bpf => write(bpf::disasm::print_object(&object).as_bytes(), args),
        _ => write(&elf::write(&object), args),
    }
}

/// Writes to stdout, or into the file of `-o`.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(bytes: &[u8], args: &Args) -> anyhow::Result<Status> {
    match args.output() {
        Some(path) => std::fs::write(path, bytes)
            .with_context(|| format!("failed to write '{}'", path.display()))?,
        None => {
            let mut out = io::stdout().lock();
            out.write_all(bytes)?;
            out.flush()?;
        }
    }
    Ok(Status::default())
}
