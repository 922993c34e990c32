//! When to look at what a process has mapped: symbols are looked up when something is printed, and then the
//! process may be gone.

use std::time::{Duration, Instant};
use trapline_codegen::object::Manifest;
use trapline_lang::types::{AddressSpace, Type};

/// A process maps its libraries first of all, and seldom more later.
const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(1);

/// Says when to look at a process again: often at first, then less and less.
#[derive(Debug)]
pub(crate) struct Witness {
    pid: u32,
    next: Instant,
    pause: Duration,
}

impl Witness {
    /// For a process that was just let go; `None` if the script prints no symbols of programs.
    pub(crate) fn new(pid: u32, manifest: &Manifest) -> Option<Self> {
        let of_maps = manifest.maps.iter().flat_map(|map| {
            let keys = map.key.iter().map(|column| &column.ty);
            keys.chain([&map.value])
        });
        let of_records = manifest
            .records
            .iter()
            .flat_map(|record| record.values.iter().map(|value| &value.ty));
        of_maps.chain(of_records).any(has_symbols).then(|| Self {
            pid,
            next: Instant::now(),
            pause: FIRST,
        })
    }

    /// The process to look at now, if it is time.
    pub(crate) fn due(&mut self) -> Option<u32> {
        let now = Instant::now();
        if now < self.next {
            return None;
        }
        self.next = now + self.pause;
        self.pause = (self.pause * 2).min(LONGEST);
        Some(self.pid)
    }

    /// How long until it is time.
    pub(crate) fn wait(&self) -> Duration {
        // Waiting has no finer grain.
        self.next
            .saturating_duration_since(Instant::now())
            .max(FIRST)
    }
}

fn has_symbols(ty: &Type) -> bool {
    match ty {
        Type::UserSymbol => true,
        Type::Stack(stack) => stack.space == AddressSpace::User,
        Type::Tuple(members) => members.iter().any(has_symbols),
        Type::Record(members) => members.iter().any(|(_, ty)| has_symbols(ty)),
        Type::Array { element, .. } => has_symbols(element),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::manifest;

    #[test]
    fn processes_are_watched_only_for_their_symbols() {
        let mut manifest = manifest();
        manifest.maps.clear();
        manifest.records.clear();
        assert!(Witness::new(1, &manifest).is_none());
        assert!(has_symbols(&Type::Tuple(vec![Type::I64, Type::UserSymbol])));
        assert!(!has_symbols(&Type::KernelSymbol));
    }

    #[test]
    fn pauses_grow() {
        let mut witness = Witness {
            pid: 7,
            next: Instant::now(),
            pause: FIRST,
        };
        assert_eq!(witness.due(), Some(7));
        assert_eq!(witness.due(), None);
        assert_eq!(witness.pause, FIRST * 2);
        assert!(witness.wait() <= FIRST);
    }
}
