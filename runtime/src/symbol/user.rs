//! Users: `/etc/passwd` in, the name of a user id out.

use std::collections::HashMap;
use std::path::Path;

/// Names of users by id.
#[derive(Debug, Default)]
pub(super) struct Users(HashMap<u64, String>);

impl Users {
    /// Reads the table; a file that cannot be read has no users.
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read(path).unwrap_or_default();
        Self::parse(&String::from_utf8_lossy(&text))
    }

    /// Reads lines such as `root:x:0:0:…`.
    fn parse(text: &str) -> Self {
        let mut users = HashMap::new();
        for line in text.lines() {
            let mut fields = line.split(':');
            if let (Some(name), Some(Ok(uid))) = (fields.next(), fields.nth(1).map(str::parse)) {
                // As `getpwuid` does: the first line of an id is its name.
                users.entry(uid).or_insert_with(|| name.to_owned());
            }
        }
        Self(users)
    }

    /// Adds one.
    pub(super) fn learn(&mut self, uid: u64, name: String) {
        self.0.insert(uid, name);
    }

    /// The name of a user id.
    pub(super) fn name(&self, uid: u64) -> Option<&str> {
        self.0.get(&uid).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_an_id_counts() {
        let users = Users::parse("root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0\n# no user\na:x:7\n");
        assert_eq!(
            (users.name(0), users.name(7), users.name(8)),
            (Some("root"), Some("a"), None)
        );
    }
}
