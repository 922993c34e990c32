//! Everything again as an ordinary user without any capability; and programs that would get privileges.

use crate::support::{FOLDER_VARIABLE, calls, folder, on_thread, trace, untraced, workload};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use trapline_runtime::ptrace::{Note, Wanted};

const NOBODY: &str = "65534";

fn is_root() -> bool {
    // SAFETY: takes nothing.
    unsafe { libc::geteuid() == 0 }
}

/// A folder that is removed again, which everybody may write to.
struct Shared(PathBuf);

impl Shared {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ptrace-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        mode(&path, 0o777);
        Self(path)
    }

    fn copy(&self, from: &Path, name: &str) -> PathBuf {
        let to = self.0.join(name);
        std::fs::copy(from, &to).expect("copied");
        mode(&to, 0o755);
        to
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("allowed");
}

/// These tests as nobody: those whose names do not begin like this.
fn again_as_nobody(shared: &Shared, arguments: &[&str]) {
    for name in ["tracee", "tracee-static", "narrow"] {
        shared.copy(Path::new(workload(name)), name);
    }
    let own = shared.copy(&std::env::current_exe().expect("we have one"), "tests");
    let output = Command::new("setpriv")
        .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
        .args(["--inh-caps=-all", "--bounding-set=-all"])
        .arg(own)
        .args(arguments)
        .env(FOLDER_VARIABLE, &shared.0)
        .current_dir(&shared.0)
        .output()
        .expect("setpriv");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("test result: ok"), "{text}");
    assert!(!text.contains(" 0 passed"), "{text}");
}

#[test]
fn everything_works_for_anybody() {
    if !is_root() {
        return;
    }
    let shared = Shared::new("user");
    again_as_nobody(
        &shared,
        &["--skip", "everything_works", "--skip", "set_user_id"],
    );
}

#[test]
fn set_user_id_programs_keep_their_privileges_for_root_alone() {
    if !is_root() {
        return;
    }
    let shared = Shared::new("privilege");
    let program = shared.copy(Path::new(workload("tracee")), "privileged");
    mode(&program, 0o4755);
    again_as_nobody(&shared, &["--ignored", "--exact", "user::as_nobody"]);
    // Root's tracer takes nothing away, even with a filter.
    let user = format!("--reuid={NOBODY} --clear-groups");
    let command = format!("setpriv {user} {} euid", program.display());
    assert_eq!(untraced(&command).code(), Some(50));
    for wanted in [Wanted::All, calls(&["getppid"])] {
        let traced = on_thread(|| trace(&command, wanted));
        assert_eq!(traced.status.expect("ended").code(), Some(50));
        assert_eq!(traced.notes, []);
    }
}

#[test]
#[ignore = "run by another test, as nobody"]
fn as_nobody() {
    let program = folder().join("privileged");
    let name = program.display();
    let command = format!("sh -c '{name} euid; exec {name} euid'");
    for wanted in [Wanted::All, calls(&["getppid"])] {
        let traced = on_thread(|| trace(&command, wanted));
        assert_eq!(traced.status.expect("ended").code(), Some(51));
        let program = program.clone();
        assert_eq!(traced.notes, [Note::WithoutPrivileges { program }]);
    }
}
