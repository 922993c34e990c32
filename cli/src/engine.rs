//! What runs a script: the command line and the rights of this process in, an [`Engine`] out, and what that offers.

use crate::args::{Args, AttachMode, EngineName};
use crate::compile::Scene;
use crate::terminal;
use anyhow::{Context, anyhow, bail};
use trapline_codegen::target::{Arch, Target};
use trapline_lang::catalog::Catalog;
use trapline_lang::engine;
use trapline_lang::syscall::Abi;
use trapline_runtime::catalog::{LiveCatalog, NativeCatalog};
use trapline_runtime::kernel::privilege;
use trapline_runtime::replay::{self, Source};

/// What runs a script.
pub(crate) enum Engine {
    /// The kernel.
    Bpf,
    /// ptrace.
    Ptrace,
    /// This trace is replayed.
    Replay(Box<dyn Source>),
}

/// Chooses what the command line asks for, or what can be used here, which is said if it is not the kernel.
///
/// # Errors
/// If there is no such trace, nothing for ptrace to trace, or an option makes no sense for what was chosen.
pub(crate) fn choose(args: &Args) -> anyhow::Result<Engine> {
    let engine = find(args)?;
    engine.refuse(args)?;
    Ok(engine)
}

fn find(args: &Args) -> anyhow::Result<Engine> {
    match args.engine {
        _ if args.replay.is_some() => named(args),
        EngineName::Bpf => Ok(Engine::Bpf),
        EngineName::Ptrace if args.command.is_none() => Err(anyhow!(
            "the ptrace engine traces a command and its children: give it one with -c"
        )),
        EngineName::Ptrace => Ok(Engine::Ptrace),
        // Who says how the kernel is to be asked means the kernel.
        EngineName::Auto if args.command.is_none() || args.attach != AttachMode::Auto => {
            Ok(Engine::Bpf)
        }
        EngineName::Auto => Ok(match privilege::refusal() {
            None => Engine::Bpf,
            Some(why) => {
                if !args.quiet {
                    terminal::message(&format!(
                        "{why}; tracing the command and its children with ptrace instead"
                    ));
                }
                Engine::Ptrace
            }
        }),
    }
}

/// What the command line asks for by name, for those who want to know what it offers and run nothing: without a name,
/// the kernel.
///
/// # Errors
/// If there is no such trace.
pub(crate) fn named(args: &Args) -> anyhow::Result<Engine> {
    if let Some(path) = &args.replay {
        return Ok(Engine::Replay(replay::open(path)?));
    }
    Ok(match args.engine {
        EngineName::Ptrace => Engine::Ptrace,
        EngineName::Auto | EngineName::Bpf => Engine::Bpf,
    })
}

/// The architecture whose calls are those of an ABI.
///
/// # Errors
/// If it is not known.
pub(crate) fn arch(abi: &str) -> anyhow::Result<Arch> {
    match Abi::by_name(abi) {
        Some(Abi::X86_64) => Ok(Arch::X86_64),
        Some(Abi::Aarch64) => Ok(Arch::Aarch64),
        _ => Err(anyhow!("events of the ABI {abi} are not known")),
    }
}

/// What native engines compile for, on a machine of that ABI and with so many processors.
///
/// # Errors
/// If there is no such architecture.
pub(crate) fn native_target(abi: &str, cpu_count: u32) -> anyhow::Result<Target> {
    Ok(Target::native(arch(abi)?, cpu_count.max(1)))
}

impl Engine {
    /// What exists for scripts.
    ///
    /// # Errors
    /// If the trace is of a machine that is not known, or this one cannot be asked.
    pub(crate) fn catalog(&self, args: &Args) -> anyhow::Result<Box<dyn Catalog>> {
        let folders = args.include_folders.clone();
        let native = match self {
            Self::Bpf => return Ok(Box::new(LiveCatalog::new()?.with_include_folders(folders))),
            Self::Ptrace => NativeCatalog::of_this_machine(),
            Self::Replay(trace) => {
                let origin = trace.origin();
                NativeCatalog::of_trace(origin)
                    .with_context(|| format!("the trace is of an unknown ABI: {}", origin.abi))?
            }
        };
        Ok(Box::new(native.with_include_folders(folders)))
    }

    /// Its name in the language's tables.
    pub(crate) fn kind(&self) -> engine::Engine {
        match self {
            Self::Bpf => engine::Engine::Bpf,
            Self::Ptrace => engine::Engine::Ptrace,
            Self::Replay(_) => engine::Engine::Replay,
        }
    }

    /// Refuses what only the kernel can heed.
    ///
    /// # Errors
    /// If the command line asks for such a thing.
    fn refuse(&self, args: &Args) -> anyhow::Result<()> {
        if self.kind().is_native() && args.attach != AttachMode::Auto {
            bail!(
                "--attach says how the kernel is asked; the {} engine does not ask it",
                self.kind()
            );
        }
        Ok(())
    }

    /// What the script is analyzed for.
    pub(crate) fn scene(&self, args: &Args) -> Scene {
        match self {
            Self::Bpf => Scene::live(args),
            Self::Ptrace => Scene {
                engine: engine::Engine::Ptrace,
                has_command: true,
            },
            Self::Replay(trace) => Scene {
                engine: engine::Engine::Replay,
                has_command: trace.origin().command_process != 0,
            },
        }
    }
}
