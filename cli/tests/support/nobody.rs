//! Runs things as a user without any privilege.

use super::{Run, binary, temporary};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// The binary, where everybody may run it.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = folder().join("trapline");
    if fs::hard_link(binary(), &place).is_err() {
        fs::copy(binary(), &place).expect("a copy of the binary");
    }
    place
});

/// A folder in which everybody may write.
pub(crate) fn folder() -> PathBuf {
    let folder = temporary("nobody");
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("it is ours");
    folder
}

/// A file in that folder.
pub(crate) fn file(name: &str) -> String {
    let path = folder().join(name);
    path.to_str().expect("a UTF-8 path").to_owned()
}

/// These tests have privileges to give up.
pub(crate) fn are_root() -> bool {
    fs::metadata("/proc/self").expect("procfs").uid() == 0
}

/// A program, to be given arguments.
pub(crate) fn command(program: &str) -> Command {
    let mut command = match are_root() {
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.args(["--bounding-set=-all", program]);
            command
        }
        false => Command::new(program),
    };
    command
        .env_remove("NO_COLOR")
        .env_remove("LD_LIBRARY_PATH")
        .env("LC_ALL", "C")
        .current_dir(folder());
    command
}

/// The binary, to be given arguments.
pub(crate) fn trapline() -> Command {
    command(BINARY.to_str().expect("a UTF-8 path"))
}

/// Runs the binary with arguments.
pub(crate) fn run(args: &[&str]) -> Run {
    let output = trapline().args(args).output();
    output.expect("the binary runs").into()
}
