//! The code generator of Trapline: [`trapline_lang::hir::Script`] and a [`target::Target`] in, an
//! [`object::Object`] out: programs, maps and the manifest that says how to read what they write.
//!
//! The passes, in order: [`plan`] (which programs run on which hooks) → [`layout`] (which kernel maps
//! hold the script's) → [`clif`] (language semantics as Cranelift IR, then its optimizer) → [`bpf`]
//! (instruction selection, register allocation, encoding) → [`elf`] with [`btf`]. For native engines [`native`] takes the
//! place of the last two. Nothing here loads or attaches anything.

#![deny(unsafe_code)]

pub mod bpf;
pub mod btf;
pub mod clif;
pub mod elf;
#[expect(missing_docs, reason = "the kernel's names")]
pub mod helper;
mod layout;
pub mod namespace;
pub mod native;
pub mod object;
mod plan;
pub mod target;
mod visit;

pub use layout::map_type;

use clif::optimize::{self, Level};
use clif::{Module, Subprogram};
use cranelift_codegen::ir::Function;
use native::NativeCode;
use object::{Code, DataSection, MANIFEST_VERSION, Manifest, Object, ProgramInfo, RuntimeOptions};
use plan::Plan;
use std::fmt::Write;
use target::Target;
use trapline_lang::hir;
use trapline_lang::source::{Source, Span};

/// The section of subprograms.
const SUBPROGRAM_SECTION: &str = ".text";

/// Why a script could not be compiled though its analysis found nothing wrong.
#[derive(Debug, thiserror::Error)]
pub enum CodegenError {
    /// The back end refused.
    #[error(transparent)]
    BackEnd(#[from] bpf::BackEndError),
    /// The back end for native engines refused.
    #[error(transparent)]
    Native(#[from] native::NativeError),
    /// The target's kernel cannot do what the script asks for.
    #[error("{why}")]
    Refused {
        /// What it cannot do, and what would help.
        why: String,
        /// Where the script asks for it.
        span: Span,
    },
    /// The script asks for what has no lowering.
    #[error("{what} is not supported")]
    NotSupported {
        /// What it asks for.
        what: String,
        /// Where.
        span: Span,
    },
    /// The analyzer and the code generator do not understand each other. Always a bug of ours.
    #[error("the code generator was given {what}; this is a bug in Trapline")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where.
        span: Span,
    },
}

impl CodegenError {
    /// The place in the script, if there is one.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::BackEnd(_) | Self::Native(_) => None,
            Self::Refused { span, .. }
            | Self::NotSupported { span, .. }
            | Self::Malformed { span, .. } => Some(*span),
        }
    }
}

/// Compiles a script.
///
/// # Errors
/// If it asks for what the target's kernel cannot do, or is too large for a BPF program.
pub fn compile(
    script: &hir::Script,
    source: &Source,
    target: &Target,
) -> Result<Object, CodegenError> {
    let mut most_arms = usize::MAX;
    loop {
        let plan = plan::plan(script, target, most_arms);
        match compile_plan(script, &plan, source, target) {
            // All bodies on one hook do not fit in a program: they become two.
            Err(CodegenError::BackEnd(bpf::BackEndError::BranchTooFar { .. }))
                if plan.most_arms() > 1 =>
            {
                most_arms = plan.most_arms().div_ceil(2);
            }
            result => return result,
        }
    }
}

fn compile_plan<'s>(
    script: &'s hir::Script,
    plan: &Plan<'s>,
    source: &Source,
    target: &'s Target,
) -> Result<Object, CodegenError> {
    let (functions, module) = lower(script, plan, target)?;
    let programs = functions
        .into_iter()
        .zip(&plan.programs)
        .map(|(function, program)| emit(function, program.name.clone(), program.section.clone(), 1))
        .collect::<Result<_, _>>()?;
    let manifest = manifest(source, plan, &module);
    let subprograms = module
        .subprograms
        .into_iter()
        .map(|Subprogram { name, function }| {
            let params = function.signature.params.len() as u8;
            emit(function, name, SUBPROGRAM_SECTION.into(), params)
        })
        .collect::<Result<_, _>>()?;
    let data = match module.rodata.bytes {
        bytes if bytes.is_empty() => Vec::new(),
        bytes => vec![DataSection {
            section: ".rodata".into(),
            name: "constants".into(),
            bytes,
        }],
    };
    Ok(Object {
        programs,
        subprograms,
        maps: module.kernel_maps,
        data,
        source: object::SourceText {
            name: source.name().into(),
            text: source.text().into(),
        },
        license: script.config.license.clone(),
        manifest,
    })
}

/// Compiles a script for a native engine, whose target is [`Target::native`].
///
/// # Errors
/// If it asks for what native engines do not have.
pub fn compile_native(
    script: &hir::Script,
    source: &Source,
    target: &Target,
    helpers: &dyn native::Helpers,
) -> Result<(NativeCode, Manifest), CodegenError> {
    let plan = plan::plan(script, target, usize::MAX);
    let (functions, module) = lower(script, &plan, target)?;
    let manifest = manifest(source, &plan, &module);
    let subprograms = module.subprograms.into_iter();
    let subprograms = subprograms.map(|subprogram| subprogram.function).collect();
    let code = native::compile(functions, subprograms, &module.rodata.bytes, helpers)?;
    Ok((code, manifest))
}

/// The optimized Cranelift IR of all programs and callbacks, as text.
///
/// # Errors
/// As [`compile`].
pub fn emit_clif(script: &hir::Script, target: &Target) -> Result<String, CodegenError> {
    let plan = plan::plan(script, target, usize::MAX);
    let (functions, module) = lower(script, &plan, target)?;
    let mut text = String::new();
    for (program, function) in plan.programs.iter().zip(&functions) {
        let function = clif::dump::print(function, &module);
        let _ = write!(text, "; {} {}\n{function}\n", program.section, program.name);
    }
    for Subprogram { name, function } in &module.subprograms {
        let function = clif::dump::print(function, &module);
        let _ = write!(text, "; {SUBPROGRAM_SECTION} {name}\n{function}\n");
    }
    Ok(text)
}

/// All passes up to optimized Cranelift IR.
fn lower<'s>(
    script: &'s hir::Script,
    plan: &Plan<'s>,
    target: &'s Target,
) -> Result<(Vec<Function>, Module<'s>), CodegenError> {
    let layouts = layout::lay_out(script, plan, target)?;
    let (functions, mut module) = clif::lower(script, plan, layouts, target)?;
    let level = if target.optimize {
        Level::Speed
    } else {
        Level::None
    };
    for subprogram in &mut module.subprograms {
        let function = std::mem::replace(&mut subprogram.function, Function::new());
        subprogram.function = optimize::optimize(function, level)?;
    }
    let functions = functions
        .into_iter()
        .map(|function| optimize::optimize(function, level))
        .collect::<Result<_, _>>()?;
    Ok((functions, module))
}

fn emit(
    function: Function,
    name: String,
    section: String,
    params: u8,
) -> Result<Code, CodegenError> {
    let compiled = bpf::compile(&function)?;
    Ok(Code {
        name,
        section,
        bytes: compiled.bytes,
        relocations: compiled.relocations,
        lines: compiled.lines,
        params,
    })
}

fn manifest(source: &Source, plan: &Plan<'_>, module: &Module<'_>) -> Manifest {
    let script = module.script;
    Manifest {
        version: MANIFEST_VERSION,
        script_name: source.name().into(),
        script_text: source.text().into(),
        script_imports: source
            .imports()
            .map(|(name, start)| (name.to_owned(), start))
            .collect(),
        target: module.target.clone(),
        programs: plan
            .programs
            .iter()
            .map(|program| ProgramInfo {
                name: program.name.clone(),
                section: program.section.clone(),
                attach: program.attach.clone(),
                probes: program
                    .arms
                    .iter()
                    .map(|arm| arm.probe.name.clone())
                    .collect(),
            })
            .collect(),
        hooks: plan.hooks.clone(),
        attach_points: script.probes.iter().map(|probe| probe.attach_points).sum(),
        kernel_maps: module.kernel_maps.clone(),
        maps: script
            .maps
            .iter()
            .zip(&module.layouts)
            .map(|(map, layout)| layout::describe(map, layout))
            .collect(),
        records: module.records.clone(),
        formats: script.formats.clone(),
        strings: script.strings.clone(),
        types: script.types.clone(),
        probe_names: {
            let probes = script.probes.iter();
            let native = module.target.arch.abi();
            let names = probes.clone().map(|probe| plan::probe_names(probe, native));
            names.chain(probes.map(plan::function_names)).collect()
        },
        constants: module.rodata.constants.clone(),
        ring_buffer: module.ring_buffer,
        counters: module.counters,
        stacks: module.stacks,
        options: RuntimeOptions {
            print_maps_on_exit: script.config.print_maps_on_exit,
            str_trunc_trailer: script.config.str_trunc_trailer.clone(),
            max_strlen: script.config.max_strlen,
            max_cat_bytes: script.config.max_cat_bytes,
            log_size: script.config.log_size,
        },
    }
}
