//! Names of users and cgroups: of this machine, or those in a trace.

use super::Sources;
use super::cgroup::Cgroups;
use super::user::Users;
use crate::trace::names::KnownNames;

/// What is known of users and cgroups.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    users: Option<Users>,
    cgroups: Cgroups,
    /// The names in a trace, which are the only ones then.
    recorded: Option<KnownNames>,
}

impl Owners {
    /// Those of a trace.
    pub(super) fn of_trace(names: KnownNames) -> Self {
        Self {
            recorded: Some(names),
            ..Self::default()
        }
    }

    /// The name of a user.
    pub(crate) fn user_name(&mut self, sources: &Sources, uid: u64) -> Option<&str> {
        let users = self.users.get_or_insert_with(|| match self.recorded {
            Some(_) => Users::default(),
            None => Users::read(&sources.passwd),
        });
        if let Some(name) = self.recorded.as_ref().and_then(|names| names.user(uid)) {
            users.learn(uid, name);
        }
        users.name(uid)
    }

    /// The hierarchies that have a cgroup of this id, and where in them it is.
    pub(crate) fn cgroup_places(&mut self, sources: &Sources, id: u64) -> Vec<(String, String)> {
        match &self.recorded {
            Some(names) => names.cgroup(id),
            None => self.cgroups.places(&sources.mounts, id),
        }
    }
}
