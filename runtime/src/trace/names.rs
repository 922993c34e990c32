//! What users and cgroups are called where a trace comes from: ids of events in, names out, while they are recorded and
//! when they are replayed.

use super::event::Thread;
use crate::symbol::{Owners, Sources};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names of users and cgroups by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Names {
    /// Users.
    pub users: BTreeMap<u64, String>,
    /// Paths of cgroups: in which hierarchy (`unified`), and where in it.
    pub cgroups: BTreeMap<u64, Vec<(String, String)>>,
}

impl Names {
    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.cgroups.is_empty()
    }

    /// Adds others.
    pub fn extend(&mut self, other: Self) {
        self.users.extend(other.users);
        self.cgroups.extend(other.cgroups);
    }
}

/// The names in a trace, as far as it was read: whoever reads it learns them, whoever prints asks.
#[derive(Clone, Debug, Default)]
pub struct KnownNames(Arc<Mutex<Names>>);

impl KnownNames {
    fn lock(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds some.
    pub fn learn(&self, names: Names) {
        self.lock().extend(names);
    }

    /// The name of a user.
    pub fn user(&self, id: u64) -> Option<String> {
        self.lock().users.get(&id).cloned()
    }

    /// Where a cgroup is: hierarchies, and paths in them.
    pub fn cgroup(&self, id: u64) -> Vec<(String, String)> {
        self.lock().cgroups.get(&id).cloned().unwrap_or_default()
    }
}

/// Looks up the names of all ids when they are first seen: later, a cgroup may be gone.
#[derive(Debug, Default)]
pub(super) struct Namer {
    sources: Sources,
    owners: Owners,
    last: Option<(u32, u64)>,
    users: HashSet<u32>,
    cgroups: HashSet<u64>,
}

impl Namer {
    /// Names that were not given before.
    pub(super) fn see(&mut self, thread: &Thread) -> Option<Names> {
        let ids = (thread.user, thread.cgroup);
        if self.last.replace(ids) == Some(ids) {
            return None;
        }
        let mut names = Names::default();
        let user = u64::from(thread.user);
        if self.users.insert(thread.user)
            && let Some(name) = self.owners.user_name(&self.sources, user)
        {
            names.users.insert(user, name.to_owned());
        }
        if self.cgroups.insert(thread.cgroup) {
            let places = self.owners.cgroup_places(&self.sources, thread.cgroup);
            if !places.is_empty() {
                names.cgroups.insert(thread.cgroup, places);
            }
        }
        (!names.is_empty()).then_some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_once() {
        let mut namer = Namer::default();
        let thread = |user| Thread {
            user,
            ..Thread::default()
        };
        let names = namer.see(&thread(0)).expect("root has a name");
        assert_eq!(names.users[&0], "root");
        assert_eq!(namer.see(&thread(0)), None);
        assert_eq!(namer.see(&thread(4_000_000_000)), None);
        assert_eq!(namer.see(&thread(0)), None);
    }

    #[test]
    fn what_is_learned_is_known_to_all() {
        let known = KnownNames::default();
        let names =
            r#"{"users": {"7": "gwen"}, "cgroups": {"42": [["unified", "/a"]]}, "more": 1}"#;
        known
            .clone()
            .learn(serde_json::from_str(names).expect("names"));
        assert_eq!(known.user(7).as_deref(), Some("gwen"));
        assert_eq!(known.user(8), None);
        assert_eq!(known.cgroup(42), [("unified".to_owned(), "/a".to_owned())]);
    }
}
