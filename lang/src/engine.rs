//! Engines: what runs a script, and which of them offer what the language has.
//!
//! The rows of [`crate::provider`], [`crate::builtin`] and [`crate::function`] have a column of [`Engines`];
//! [`crate::analyze`] complains of what the engine at hand lacks.

use std::fmt;

/// What runs a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The kernel, by BPF programs: the whole machine, with privileges.
    #[default]
    Bpf,
    /// ptrace: a command and its descendants, without privileges.
    Ptrace,
    /// A recorded trace, on any machine.
    Replay,
}

impl Engine {
    /// All.
    pub const ALL: [Self; 3] = [Self::Bpf, Self::Ptrace, Self::Replay];

    /// As `--engine` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bpf => "bpf",
            Self::Ptrace => "ptrace",
            Self::Replay => "replay",
        }
    }

    /// The engine of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// Scripts run in Trapline's own process: nothing of the kernel's memory can be read.
    pub fn is_native(self) -> bool {
        Engines::NATIVE.has(self)
    }

    /// How it is asked for.
    fn how(self) -> &'static str {
        match self {
            Self::Bpf => "as root with --engine bpf",
            Self::Ptrace => "with --engine ptrace -c COMMAND",
            Self::Replay => "with --replay FILE",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Some of the engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Engines(u8);

impl Engines {
    /// Every engine.
    pub const ALL: Self = Self::of(&Engine::ALL);
    /// What needs the kernel.
    pub const BPF: Self = Self::of(&[Engine::Bpf]);
    /// What needs processes that are alive.
    pub const LIVE: Self = Self::of(&[Engine::Bpf, Engine::Ptrace]);
    /// Those that run scripts in Trapline's own process.
    pub const NATIVE: Self = Self::of(&[Engine::Ptrace, Engine::Replay]);

    const fn of(engines: &[Engine]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < engines.len() {
            bits |= 1 << engines[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// The engine is one of them.
    pub const fn has(self, engine: Engine) -> bool {
        self.0 & 1 << engine as u8 != 0
    }

    /// They, in the order of [`Engine::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Engine> {
        Engine::ALL
            .into_iter()
            .filter(move |engine| self.has(*engine))
    }

    /// How to get at what only these offer.
    pub fn hint(self) -> String {
        let ways = self
            .iter()
            .map(|engine| format!("the {engine} engine ({})", engine.how()));
        let ways: Vec<String> = ways.collect();
        format!("use {}", ways.join(" or "))
    }
}

/// `bpf, ptrace`
impl fmt::Display for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Engine::name).collect();
        f.write_str(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{builtin, function, provider};

    #[test]
    fn sets_know_their_members() {
        assert_eq!(Engines::ALL.to_string(), "bpf, ptrace, replay");
        assert_eq!(Engines::BPF.to_string(), "bpf");
        assert_eq!(Engines::LIVE.to_string(), "bpf, ptrace");
        assert_eq!(Engines::NATIVE.to_string(), "ptrace, replay");
        for engine in Engine::ALL {
            assert_eq!(Engine::by_name(engine.name()), Some(engine));
            assert_eq!(engine.is_native(), engine != Engine::Bpf);
        }
        assert_eq!(Engine::by_name("kernel"), None);
    }

    #[test]
    fn every_row_is_offered_by_an_engine() {
        let providers = provider::all().iter().map(|row| (row.name, row.engines));
        let builtins = builtin::all().iter();
        let builtins = builtins
            .flat_map(|row| [row.engines, row.argument_engines].map(|engines| (row.name, engines)));
        let functions = function::all().iter().map(|row| (row.name, row.engines));
        for (name, engines) in providers.chain(builtins).chain(functions) {
            // Whatever can be run at all runs in the kernel.
            assert!(engines.has(Engine::Bpf), "{name}: {engines}");
        }
    }

    #[test]
    fn whoever_lacks_the_row_lacks_its_forms() {
        for row in builtin::all() {
            let forms = row.argument_engines.iter();
            for engine in forms {
                assert!(row.engines.has(engine), "{}: {engine}", row.name);
            }
        }
    }
}
