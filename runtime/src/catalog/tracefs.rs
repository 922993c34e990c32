//! Reads tracefs: the list of events, and one event's format file.

use std::fs;
use std::path::Path;
use trapline_lang::catalog::{TracepointEvent, TracepointName, tracefs_format};

/// All events, in no order.
pub(super) fn events(tracefs: &Path) -> Vec<TracepointName> {
    match fs::read_to_string(tracefs.join("available_events")) {
        Ok(list) => list.lines().filter_map(name).collect(),
        Err(_) => walk(&tracefs.join("events")),
    }
}

fn name(line: &str) -> Option<TracepointName> {
    let (category, name) = line.trim().split_once(':')?;
    Some(TracepointName {
        category: category.to_owned(),
        name: name.to_owned(),
    })
}

/// The same from the directories.
fn walk(events: &Path) -> Vec<TracepointName> {
    let mut names = Vec::new();
    for category in subdirectories(events) {
        for name in subdirectories(&events.join(&category)) {
            names.push(TracepointName {
                category: category.clone(),
                name,
            });
        }
    }
    names
}

fn subdirectories(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Tracefs shows events of this category.
pub(super) fn has_category(tracefs: &Path, category: &str) -> bool {
    is_name(category) && !subdirectories(&tracefs.join("events").join(category)).is_empty()
}

/// The kernel has this event.
pub(super) fn has_event(tracefs: &Path, category: &str, name: &str) -> bool {
    is_name(category) && is_name(name) && tracefs.join("events").join(category).join(name).is_dir()
}

/// An event by its format file.
pub(super) fn event(tracefs: &Path, category: &str, name: &str) -> Option<TracepointEvent> {
    if !is_name(category) || !is_name(name) {
        return None;
    }
    let format = tracefs
        .join("events")
        .join(category)
        .join(name)
        .join("format");
    let text = fs::read_to_string(format).ok()?;
    Some(tracefs_format::event(category, name, &text, None))
}

/// A name, not a path.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::mount;

    #[test]
    fn list_and_directories_agree() {
        let Some(tracefs) = mount::find_tracefs() else {
            return;
        };
        let (mut list, mut walked) = (events(&tracefs), walk(&tracefs.join("events")));
        // Not every directory can be enabled, and only what can be enabled is in the list.
        walked.retain(|name| {
            tracefs
                .join("events")
                .join(&name.category)
                .join(&name.name)
                .join("enable")
                .exists()
        });
        list.sort_unstable();
        walked.sort_unstable();
        assert_eq!(list, walked);
    }
}
