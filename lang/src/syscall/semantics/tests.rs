//! The rows against the definitions, and against what strace says of a dozen calls.

use super::*;
use crate::syscall::shape::Class;
use crate::syscall::{Abi, by_number, set, structure};

/// Every definition with its ABI.
fn definitions() -> impl Iterator<Item = (Abi, &'static Syscall)> {
    let abis = [Abi::X86_64, Abi::I386, Abi::Aarch64];
    abis.into_iter()
        .flat_map(|abi| (0..600).filter_map(move |n| Some((abi, by_number(abi, n)?))))
}

fn row(name: &str) -> &'static Semantics {
    let mut rows = GROUPS.iter().copied().flatten();
    rows.find(|row| row.name == name).expect(name)
}

#[test]
fn every_definition_has_a_row_of_its_arguments() {
    for (abi, syscall) in definitions() {
        let row = of(syscall);
        assert_eq!(row.name, syscall.name, "{abi:?}");
        assert_eq!(row.args.len(), syscall.args.len(), "{}", row.name);
        for (n, definition) in syscall.args.iter().enumerate() {
            let string = definition.kind == ArgumentKind::CString;
            let Some(Shape::Memory {
                what: _, length, ..
            }) = syscall.shape_in(abi, n).map(|argument| argument.shape)
            else {
                assert!(!string, "{} {n}", row.name);
                continue;
            };
            if let Length::Argument(other, size) = length {
                let other = syscall.args.get(usize::from(other)).expect(row.name);
                assert!(
                    matches!(other.kind, ArgumentKind::Int { .. }),
                    "{}",
                    row.name
                );
                assert!(size > 0);
            }
            if let Length::Behind(other) = length {
                let other = syscall.args.get(usize::from(other)).expect(row.name);
                assert_eq!(other.kind, ArgumentKind::Pointer, "{}", row.name);
            }
        }
    }
}

#[test]
fn rows_name_calls_sets_and_structures_that_there_are() {
    for row in GROUPS.iter().copied().flatten() {
        assert!(crate::syscall::by_name(row.name).is_some(), "{}", row.name);
        let used = definitions().any(|(_, syscall)| std::ptr::eq(of(syscall), row));
        assert!(used, "{}", row.name);
        let shapes = row.args.iter().map(|argument| argument.shape);
        for shape in shapes.chain([row.result]) {
            match shape {
                Shape::Set(name) => assert!(set::by_name(name).is_some(), "{name}"),
                Shape::Memory {
                    what: Pointee::Structure(name),
                    ..
                } => {
                    assert!(structure::by_name(name).is_some(), "{name}");
                }
                _ => {}
            }
        }
        let mut names: Vec<_> = row.args.iter().map(|argument| argument.name).collect();
        names.sort_unstable();
        names.dedup();
        assert!(
            names.len() == row.args.len() || row.name == "epoll_ctl",
            "{}",
            row.name
        );
    }
}

#[test]
fn few_arguments_say_nothing() {
    let calls: Vec<_> = GROUPS.iter().copied().flatten().collect();
    let complete = calls.iter().filter(|row| {
        let mut shapes = row.args.iter().map(|argument| argument.shape);
        !row.args.is_empty() && shapes.all(|shape| shape != Shape::Set("hex"))
    });
    assert!(complete.count() >= 300);
}

#[test]
fn classes_are_those_of_strace() {
    use Class::*;
    let cases: [(&str, &[Class]); 14] = [
        ("openat", &[File, Descriptor]),
        ("read", &[Descriptor]),
        ("execve", &[File, Process]),
        ("stat", &[File]),
        ("mmap", &[Descriptor, Memory]),
        ("brk", &[Memory]),
        ("socket", &[Network]),
        ("sendfile", &[Descriptor, Network]),
        ("kill", &[Process, Signal]),
        ("rt_sigaction", &[Signal]),
        ("shmat", &[Memory, Ipc]),
        ("setuid", &[Credentials]),
        ("clock_gettime", &[Clock]),
        ("getpid", &[]),
    ];
    for (name, classes) in cases {
        assert_eq!(row(name).classes, classes, "{name}");
    }
}

#[test]
fn structures_have_the_sizes_of_the_abi() {
    for (abi, number, argument, expected) in [
        (
            Abi::X86_64,
            20,
            1,
            Shape::Memory {
                what: Pointee::Structure("iovec"),
                access: Access::In,
                length: Length::Argument(2, 16),
            },
        ),
        (
            Abi::I386,
            146,
            1,
            Shape::Memory {
                what: Pointee::Structure("iovec"),
                access: Access::In,
                length: Length::Argument(2, 8),
            },
        ),
        (
            Abi::I386,
            265,
            1,
            Shape::Memory {
                what: Pointee::Structure("old_timespec32"),
                access: Access::Out,
                length: Length::Fixed(8),
            },
        ),
        (
            Abi::I386,
            403,
            1,
            Shape::Memory {
                what: Pointee::Structure("timespec"),
                access: Access::Out,
                length: Length::Fixed(16),
            },
        ),
        (
            Abi::Aarch64,
            22,
            1,
            Shape::Memory {
                what: Pointee::Structure("epoll_event"),
                access: Access::Out,
                length: Length::Result(16),
            },
        ),
        (
            Abi::X86_64,
            44,
            4,
            Shape::Memory {
                what: Pointee::Structure("sockaddr"),
                access: Access::In,
                length: Length::Argument(5, 1),
            },
        ),
        (Abi::I386, 120, 4, Shape::Address),
    ] {
        let syscall = by_number(abi, number).unwrap();
        assert_eq!(
            syscall.shape_in(abi, argument).unwrap().shape,
            expected,
            "{}",
            syscall.name
        );
    }
}
