//! Look-ups in the generated rows: by number, by name, by event.
//!
//! The vocabulary that the rows are written in stands here too, so that a row stays one line.

use super::rows::{BY_EVENT, ROWS};
use super::{Abi, Argument, ArgumentKind, Syscall, X32_BIT};

/// "No such number" and "no such row".
pub(super) const NO: u16 = u16::MAX;

pub(super) const U16: ArgumentKind = int(16, false);
pub(super) const I32: ArgumentKind = int(32, true);
pub(super) const U32: ArgumentKind = int(32, false);
pub(super) const I64: ArgumentKind = int(64, true);
pub(super) const U64: ArgumentKind = int(64, false);
pub(super) const STR: ArgumentKind = ArgumentKind::CString;
pub(super) const PTR: ArgumentKind = ArgumentKind::Pointer;

const fn int(bits: u8, signed: bool) -> ArgumentKind {
    ArgumentKind::Int { bits, signed }
}

pub(super) const fn arg(name: &'static str, c_type: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, c_type, kind }
}

pub(super) const fn row(
    name: &'static str,
    event: &'static str,
    numbers: [u16; 3],
    args: &'static [Argument],
) -> Syscall {
    Syscall {
        name,
        event,
        args,
        numbers,
    }
}

/// The index of each number's row, or [`NO`].
static X86_64: [u16; numbers_end(Abi::X86_64)] = rows_by_number(Abi::X86_64);
static I386: [u16; numbers_end(Abi::I386)] = rows_by_number(Abi::I386);
static AARCH64: [u16; numbers_end(Abi::Aarch64)] = rows_by_number(Abi::Aarch64);

/// One more than the highest number.
const fn numbers_end(abi: Abi) -> usize {
    let mut end = 0;
    let mut index = 0;
    while index < ROWS.len() {
        let number = ROWS[index].numbers[abi as usize];
        if number != NO && number as usize >= end {
            end = number as usize + 1;
        }
        index += 1;
    }
    end
}

const fn rows_by_number<const N: usize>(abi: Abi) -> [u16; N] {
    let mut rows = [NO; N];
    let mut index = 0;
    while index < ROWS.len() {
        let number = ROWS[index].numbers[abi as usize];
        if number != NO {
            rows[number as usize] = index as u16;
        }
        index += 1;
    }
    rows
}

/// The system call of a number, with its arguments in that ABI.
pub fn by_number(abi: Abi, number: u32) -> Option<&'static Syscall> {
    let rows: &[u16] = match abi {
        Abi::X86_64 => &X86_64,
        Abi::I386 => &I386,
        Abi::Aarch64 => &AARCH64,
        Abi::X32 => return by_number(Abi::X86_64, number.checked_sub(X32_BIT)?),
        // Its table is not built in.
        Abi::Arm => return None,
    };
    // The row of a number that does not exist is out of range.
    ROWS.get(usize::from(*rows.get(number as usize)?))
}

/// The system call of a name as in the manual. Where ABIs have it with different arguments, the first
/// ABI's in the order of [`Abi`]; [`by_number`] gives the others.
pub fn by_name(name: &str) -> Option<&'static Syscall> {
    rows_named(name).first()
}

/// The system call of an event's name without `sys_enter_` (`newstat`). Where ABIs have it with different
/// arguments, the first ABI's in the order of [`Abi`]; [`by_number`] gives the others.
pub fn by_event(event: &str) -> Option<&'static Syscall> {
    let position = BY_EVENT
        .binary_search_by_key(&event, |&row| ROWS[usize::from(row)].event)
        .ok()?;
    Some(&ROWS[usize::from(BY_EVENT[position])])
}

/// More than any system call's number.
const NUMBERS_END: u32 = 1024;

/// Every system call of an ABI with its number, in the order of the numbers.
pub fn all(abi: Abi) -> impl Iterator<Item = (u32, &'static Syscall)> {
    let first = match abi {
        Abi::X32 => X32_BIT,
        _ => 0,
    };
    (first..first + NUMBERS_END).filter_map(move |number| Some((number, by_number(abi, number)?)))
}

/// The number of a system call, if the ABI has one of that name.
pub fn number(abi: Abi, syscall: &Syscall) -> Option<u32> {
    match abi {
        Abi::X86_64 | Abi::I386 | Abi::Aarch64 => {}
        Abi::X32 => return number(Abi::X86_64, syscall).map(|number| number | X32_BIT),
        Abi::Arm => return None,
    }
    let own = std::iter::once(syscall);
    own.chain(rows_named(syscall.name))
        .map(|row| row.numbers[abi as usize])
        .find(|&number| number != NO)
        .map(u32::from)
}

impl Syscall {
    /// Whether its definition is that of an ABI that has a table of its own.
    pub(super) fn has_number(&self, abi: Abi) -> bool {
        self.numbers
            .get(abi as usize)
            .is_some_and(|&number| number != NO)
    }
}

/// All rows of a name: one, or one for each set of arguments.
fn rows_named(name: &str) -> &'static [Syscall] {
    let start = ROWS.partition_point(|row| row.name < name);
    let count = ROWS[start..].partition_point(|row| row.name == name);
    &ROWS[start..start + count]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(syscall: &Syscall) -> Vec<(&str, &str)> {
        syscall
            .args
            .iter()
            .map(|arg| (arg.name, arg.c_type))
            .collect()
    }

    #[test]
    fn arguments_are_those_of_the_definition() {
        let openat = by_name("openat").unwrap();
        assert_eq!(
            types(openat),
            [
                ("dfd", "int"),
                ("filename", "const char *"),
                ("flags", "int"),
                ("mode", "umode_t")
            ]
        );
        assert_eq!(
            openat.args.iter().map(|arg| arg.kind).collect::<Vec<_>>(),
            [I32, STR, I32, U16]
        );
        let mmap = by_name("mmap").unwrap();
        assert_eq!(
            mmap.args.iter().map(|arg| arg.name).collect::<Vec<_>>(),
            ["addr", "len", "prot", "flags", "fd", "off"]
        );
        assert!(mmap.args.iter().all(|arg| arg.kind == U64));
        assert!(by_name("getpid").unwrap().args.is_empty());
    }

    #[test]
    fn only_terminated_text_is_a_string() {
        let kind = |name, position: usize| by_name(name).unwrap().args[position].kind;
        assert_eq!(kind("write", 1), PTR);
        assert_eq!(kind("read", 1), PTR);
        assert_eq!(kind("execve", 0), STR);
        assert_eq!(kind("execve", 1), PTR);
        assert_eq!(kind("mount", 0), STR);
    }

    #[test]
    fn events_have_the_names_of_the_entry_points() {
        for (name, event) in [
            ("stat", "newstat"),
            ("uname", "newuname"),
            ("sendfile", "sendfile64"),
            ("umount2", "umount"),
            ("newfstatat", "newfstatat"),
            ("select", "select"),
            ("mmap", "mmap"),
        ] {
            let syscall = by_name(name).unwrap();
            assert_eq!(syscall.event, event);
            assert_eq!(by_event(event), Some(syscall));
        }
        assert_eq!(by_event("stat").unwrap().name, "oldstat");
        assert_eq!(by_event("sys_enter_read"), None);
        assert_eq!(by_event(""), None);
    }

    #[test]
    fn numbers_depend_on_the_abi() {
        let name = |abi, number| by_number(abi, number).map(|syscall| syscall.name);
        for (abi, number_of_read) in [(Abi::X86_64, 0), (Abi::I386, 3), (Abi::Aarch64, 63)] {
            assert_eq!(name(abi, number_of_read), Some("read"));
            assert_eq!(number(abi, by_name("read").unwrap()), Some(number_of_read));
        }
        assert_eq!(name(Abi::I386, 5), Some("open"));
        assert_eq!(number(Abi::Aarch64, by_name("open").unwrap()), None);
        assert_eq!(name(Abi::I386, 11), Some("execve"));
        assert_eq!(name(Abi::X86_64, 59), Some("execve"));
        assert_eq!(name(Abi::Aarch64, 221), Some("execve"));
        assert_eq!(name(Abi::X86_64, 174), Some("create_module"));
    }

    #[test]
    fn arguments_depend_on_the_abi() {
        let clone = by_name("clone").unwrap();
        assert_eq!(clone, by_number(Abi::X86_64, 56).unwrap());
        assert_eq!(clone.args[3].name, "child_tidptr");
        assert_eq!(number(Abi::Aarch64, clone), Some(220));
        assert_eq!(by_number(Abi::Aarch64, 220).unwrap().args[3].name, "tls");
        // The 64-bit offset of a 32-bit program comes in two halves.
        let pread = by_number(Abi::I386, 180).unwrap();
        assert_eq!((pread.name, pread.args.len()), ("pread64", 5));
        assert_eq!(by_number(Abi::I386, 90).unwrap().args.len(), 1);
    }

    #[test]
    fn unknown_is_none() {
        for (abi, gap) in [(Abi::X86_64, 400), (Abi::I386, 223), (Abi::Aarch64, 295)] {
            for number in [gap, 1000, u32::from(NO), u32::MAX] {
                assert_eq!(by_number(abi, number), None, "{abi:?} {number}");
            }
        }
        assert_eq!(by_name("nosuch"), None);
        assert_eq!(by_name("zzz"), None);
    }

    #[test]
    fn every_row_is_found() {
        for pair in ROWS.windows(2) {
            assert!(
                pair[0].name <= pair[1].name,
                "{} before {}",
                pair[0].name,
                pair[1].name
            );
        }
        for pair in BY_EVENT.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|row| ROWS[usize::from(row)].event);
            assert!(a < b, "{a} before {b}");
        }
        for row in &ROWS {
            assert!(row.args.len() <= 6, "{}", row.name);
            assert!(
                row.event.is_empty() || by_event(row.event).is_some(),
                "{}",
                row.name
            );
            for abi in [Abi::X86_64, Abi::I386, Abi::Aarch64] {
                let number = row.numbers[abi as usize];
                assert!(
                    number == NO || by_number(abi, u32::from(number)) == Some(row),
                    "{}",
                    row.name
                );
            }
        }
    }
}
