//! Names of kernel addresses, users, cgroups: looked up when something is printed, then kept.

/// Finds names on this machine.
#[derive(Default)]
pub struct Resolver {}

impl Resolver {
    /// Reads nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}
