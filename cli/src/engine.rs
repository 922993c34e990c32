//! What runs a script: the command line and the rights of this process in, an [`Engine`] out.

use crate::args::{Args, EngineName};
use crate::compile::Scene;
use crate::terminal;
use anyhow::{Context, anyhow};
use trapline_lang::engine;
use trapline_runtime::catalog::NativeCatalog;
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
/// If there is no such trace, or nothing for ptrace to trace.
pub(crate) fn choose(args: &Args) -> anyhow::Result<Engine> {
    if let Some(path) = &args.replay {
        return Ok(Engine::Replay(replay::open(path)?));
    }
    match args.engine {
        EngineName::Bpf => Ok(Engine::Bpf),
        EngineName::Ptrace if args.command.is_none() => Err(anyhow!(
            "the ptrace engine traces a command and its children: give it one with -c"
        )),
        EngineName::Ptrace => Ok(Engine::Ptrace),
        EngineName::Auto if args.command.is_none() => Ok(Engine::Bpf),
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

impl Engine {
    /// What exists for scripts on a native engine; `None` for the kernel, which is asked itself.
    ///
    /// # Errors
    /// If the trace is of a machine that is not known.
    pub(crate) fn catalog(&self, args: &Args) -> anyhow::Result<Option<NativeCatalog>> {
        let catalog = match self {
            Self::Bpf => return Ok(None),
            Self::Ptrace => NativeCatalog::of_this_machine(),
            Self::Replay(trace) => {
                let origin = trace.origin();
                NativeCatalog::of_trace(origin)
                    .with_context(|| format!("the trace is of an unknown ABI: {}", origin.abi))?
            }
        };
        Ok(Some(
            catalog.with_include_folders(args.include_folders.clone()),
        ))
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
