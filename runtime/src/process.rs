//! Processes of the machine: one in, it and its descendants out.

use std::collections::BTreeMap;
use std::fs;

/// A process and all its descendants, by their numbers in the pid namespace of `/proc`.
///
/// Children that are born meanwhile may be missing.
pub fn with_descendants(pid: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let number = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(number) = number else { continue };
        // A process may end at any time.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(parent) = parent(&stat) {
            children.entry(parent).or_default().push(number);
        }
    }
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let born = children.remove(pid).unwrap_or_default();
        found.extend(born);
        next += 1;
    }
    found
}

/// The processor that a thread runs on, or did last.
pub(crate) fn processor(thread: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).ok()?;
    processor_in(&stat)
}

/// The same from the text of the file: its 39th field.
fn processor_in(stat: &str) -> Option<u32> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(36)?.parse().ok()
}

/// The parent in the text of `/proc/PID/stat`: the fourth field; the second is a name in parentheses that may hold
/// anything.
pub(crate) fn parent(stat: &str) -> Option<u32> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn parents_stand_behind_names() {
        assert_eq!(parent("7 (a) b) S 3 7 7 0"), Some(3));
        assert_eq!(parent("nonsense"), None);
    }

    #[test]
    fn processors_are_those_that_there_are() {
        let fields: Vec<String> = (3..53).map(|field| field.to_string()).collect();
        let stat = format!("7 (a) b) {}", fields.join(" "));
        assert_eq!(processor_in(&stat), Some(39));
        let own = processor(std::process::id()).unwrap();
        assert!(own < crate::kernel::possible_cpus().unwrap());
        assert_eq!(processor(u32::MAX), None);
    }

    #[test]
    fn children_of_children_are_descendants() {
        let mut shell = Command::new("sh")
            .args(["-c", "sh -c 'sleep 60; true' & echo started; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = shell.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
        let mut family = with_descendants(shell.id());
        while family.len() < 3 {
            family = with_descendants(shell.id());
        }
        assert_eq!(family[0], shell.id());
        assert!(!family.contains(&std::process::id()));
        for pid in family {
            let _ = Command::new("kill").arg(pid.to_string()).status();
        }
        shell.wait().unwrap();
    }
}
