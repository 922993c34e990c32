//! The rows of the sets: which numbers have which names; one file for each kind of call.
//!
//! Rows stand in the order in which names print: of flags those of several bits first, of other sets the one that
//! prints before its synonyms.

mod arch;
mod descriptor;
mod file;
mod ioctl;
mod ipc;
mod memory;
mod network;
mod process;
mod signal;
mod system;
mod time;

use super::{Kind, Set};

const fn set(name: &'static str, kind: Kind, rows: &'static [(&'static str, i64)]) -> Set {
    Set { name, kind, rows }
}

/// The sets, by kind of call.
pub(super) static GROUPS: &[&[Set]] = &[
    file::SETS,
    descriptor::SETS,
    network::SETS,
    process::SETS,
    memory::SETS,
    signal::SETS,
    time::SETS,
    ipc::SETS,
    system::SETS,
    ioctl::SETS,
];
