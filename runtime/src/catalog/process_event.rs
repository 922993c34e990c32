//! The records of processes that native engines make: `sched:sched_process_fork`, `sched_process_exec` and
//! `sched_process_exit`.
//!
//! Layout, integers little-endian: that of x86-64 and arm64, linux v6.12 include/trace/events/sched.h. All begin with the
//! common fields. What a native engine does not know is zero. Names are text with zeros behind it.
//!
//! | offset | common | fork | exec | exit |
//! | --- | --- | --- | --- | --- |
//! | 0 | `common_type` u16 | | | |
//! | 2 | `common_flags` u8 | | | |
//! | 3 | `common_preempt_count` u8 | | | |
//! | 4 | `common_pid` i32: the thread's id | | | |
//! | 8 | | `parent_comm` 16 bytes | `filename` u32, as said below | `comm` 16 bytes |
//! | 12 | | | `pid` i32 | |
//! | 16 | | | `old_pid` i32 | |
//! | 20 | | | the bytes of `filename` | |
//! | 24 | | `parent_pid` i32 | | `pid` i32 |
//! | 28 | | `child_comm` 16 bytes | | `prio` i32 |
//! | 32 | | | | `group_dead` u8: 0 or 1 |
//! | 44 | | `child_pid` i32 | | |
//!
//! `filename` is a `__data_loc` word: the low half says where in the record its bytes begin, the high half how many they
//! are, the NUL at their end counted.
//!
//! Since 6.15 the kernel keeps the names of a fork as it keeps `filename`; scripts read both alike.

use std::fmt::Write;
use std::sync::Arc;
use trapline_lang::catalog::{TracepointEvent, TracepointName, tracefs_format};

/// The category of the events.
pub const CATEGORY: &str = "sched";
/// Where the thread's id stands in every record.
pub const COMMON_PID: usize = 4;
/// Where an event's own fields begin.
pub const COMMON_SIZE: usize = 8;
/// Bytes of a name: `TASK_COMM_LEN`.
const COMM: usize = 16;

/// `sched_process_fork`: a thread has made another. Ids are those of threads.
pub mod fork {
    /// The event's name.
    pub const NAME: &str = "sched_process_fork";
    /// The name of who forked.
    pub const PARENT_COMM: usize = 8;
    /// The id of who forked.
    pub const PARENT_PID: usize = 24;
    /// The name of the new thread.
    pub const CHILD_COMM: usize = 28;
    /// The id of the new thread.
    pub const CHILD_PID: usize = 44;
    /// Bytes of the record.
    pub const SIZE: usize = 48;
}

/// `sched_process_exec`: a process runs another program. Ids are those of threads.
pub mod exec {
    /// The event's name.
    pub const NAME: &str = "sched_process_exec";
    /// Where the program's name lies, and how long it is.
    pub const FILENAME: usize = 8;
    /// The thread's id now.
    pub const PID: usize = 12;
    /// The thread's id before.
    pub const OLD_PID: usize = 16;
    /// Where the bytes of the name begin; the record ends behind them.
    pub const BYTES: usize = 20;
}

/// `sched_process_exit`: a thread ends.
pub mod exit {
    /// The event's name.
    pub const NAME: &str = "sched_process_exit";
    /// The thread's name.
    pub const COMM: usize = 8;
    /// The thread's id.
    pub const PID: usize = 24;
    /// Its priority.
    pub const PRIO: usize = 28;
    /// No other thread of the process is left.
    pub const GROUP_DEAD: usize = 32;
    /// Bytes of the record.
    pub const SIZE: usize = 36;
}

/// Declaration in C, offset, size, whether it has a sign: as a `format` file of tracefs has it.
type Row = (&'static str, usize, usize, bool);

const COMMON_ROWS: &[Row] = &[
    ("unsigned short common_type", 0, 2, false),
    ("unsigned char common_flags", 2, 1, false),
    ("unsigned char common_preempt_count", 3, 1, false),
    ("int common_pid", COMMON_PID, 4, true),
];
const FORK_ROWS: &[Row] = &[
    ("char parent_comm[16]", fork::PARENT_COMM, COMM, false),
    ("pid_t parent_pid", fork::PARENT_PID, 4, true),
    ("char child_comm[16]", fork::CHILD_COMM, COMM, false),
    ("pid_t child_pid", fork::CHILD_PID, 4, true),
];
const EXEC_ROWS: &[Row] = &[
    ("__data_loc char[] filename", exec::FILENAME, 4, false),
    ("pid_t pid", exec::PID, 4, true),
    ("pid_t old_pid", exec::OLD_PID, 4, true),
];
const EXIT_ROWS: &[Row] = &[
    ("char comm[16]", exit::COMM, COMM, false),
    ("pid_t pid", exit::PID, 4, true),
    ("int prio", exit::PRIO, 4, true),
    ("bool group_dead", exit::GROUP_DEAD, 1, false),
];

const EVENTS: [(&str, &[Row]); 3] = [
    (exec::NAME, EXEC_ROWS),
    (exit::NAME, EXIT_ROWS),
    (fork::NAME, FORK_ROWS),
];

/// Names of the events.
pub(super) fn names() -> impl Iterator<Item = TracepointName> {
    EVENTS.iter().map(|(name, _)| TracepointName {
        category: CATEGORY.to_owned(),
        name: (*name).to_owned(),
    })
}

/// One of the events.
pub(super) fn event(category: &str, name: &str) -> Option<Arc<TracepointEvent>> {
    let (_, rows) = EVENTS
        .iter()
        .find(|(other, _)| category == CATEGORY && name == *other)?;
    let mut format = String::new();
    for (declaration, offset, size, signed) in COMMON_ROWS.iter().chain(*rows) {
        let signed = u8::from(*signed);
        // Writing to a string cannot fail.
        let _ = writeln!(
            format,
            "\tfield:{declaration};\toffset:{offset};\tsize:{size};\tsigned:{signed};"
        );
    }
    Some(Arc::new(tracefs_format::event(
        category, name, &format, None,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::tracefs;
    use crate::kernel::mount;
    use trapline_lang::catalog::{Field, FieldLocation};
    use trapline_lang::types::Type;

    /// How a script sees a field: strings are strings, however they are kept.
    fn seen(field: &Field) -> (String, String) {
        let ty = match field.ty {
            Type::String { .. } => "string".to_owned(),
            ref other => other.to_string(),
        };
        (field.name.clone(), ty)
    }

    #[test]
    fn fields_lie_where_the_layout_says() {
        for (name, rows) in EVENTS {
            let event = event(CATEGORY, name).expect("is an event");
            assert_eq!(event.fields.len(), COMMON_ROWS.len() + rows.len());
            let mut end = 0;
            for (field, (declaration, offset, size, _)) in
                event.fields.iter().zip(COMMON_ROWS.iter().chain(rows))
            {
                assert!(declaration.contains(&field.name), "{declaration}");
                let at = match field.location {
                    FieldLocation::Record { offset } => {
                        assert_eq!(field.ty.size() as usize, *size, "{declaration}");
                        offset
                    }
                    FieldLocation::DataLoc { offset } => offset,
                    other => panic!("{declaration}: {other:?}"),
                };
                assert_eq!(at as usize, *offset, "{declaration}");
                assert!(*offset >= end, "{declaration} overlaps");
                end = offset + size;
            }
            let whole = [
                (fork::NAME, fork::SIZE),
                (exec::NAME, exec::BYTES),
                (exit::NAME, exit::SIZE),
            ];
            let (_, size) = whole[whole
                .iter()
                .position(|(other, _)| *other == name)
                .expect("has a size")];
            assert!(size >= end && size < end + 4, "{name}: {size}");
        }
        assert!(event("syscalls", fork::NAME).is_none());
        assert!(event(CATEGORY, "sched_switch").is_none());
    }

    #[test]
    fn scripts_see_what_the_kernel_shows() {
        // Where this machine shows it. `group_dead` came with 6.13; nothing else differs.
        let Some(tracefs) = mount::tracefs().ok() else {
            return;
        };
        for (name, _) in EVENTS {
            let own = event(CATEGORY, name).expect("is an event");
            let Some(kernel) = tracefs::event(&tracefs, CATEGORY, name) else {
                continue;
            };
            let own: Vec<_> = own.fields.iter().map(seen).collect();
            for field in kernel.fields.iter().map(seen) {
                assert!(own.contains(&field), "{name}: {field:?}");
            }
        }
    }
}
