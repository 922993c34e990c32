//! Arguments that mean something else by the value of another: which set the number is of.
//!
//! The shapes of the rows are what holds for most calls, and what scripts compute with; whoever prints a call of
//! which all words are known asks here first.

use super::Syscall;
use super::shape::Shape;

/// An argument whose meaning another one decides.
struct Dependent {
    calls: &'static [&'static str],
    argument: usize,
    /// The argument that decides.
    by: usize,
    /// What it is by the lowest 32 bits of that.
    cases: &'static [(u32, Shape)],
    /// What it is otherwise; `None`: as the row says.
    otherwise: Option<Shape>,
}

const fn set(name: &'static str) -> Shape {
    Shape::Set(name)
}

/// Domains, levels, commands and options: linux v7.2.12 include/linux/socket.h, include/uapi/linux/fcntl.h,
/// include/uapi/linux/prctl.h, include/uapi/linux/seccomp.h.
static ROWS: &[Dependent] = &[
    Dependent {
        calls: &["socket", "socketpair"],
        argument: 2,
        by: 0,
        cases: &[
            (2, set("ip_protocol")),
            (10, set("ip_protocol")),
            (16, set("netlink_protocol")),
        ],
        otherwise: Some(Shape::Number),
    },
    Dependent {
        calls: &["setsockopt", "getsockopt"],
        argument: 2,
        by: 1,
        cases: &[
            (0, set("ip_option")),
            (1, set("sockopt")),
            (6, set("tcp_option")),
            (17, set("udp_option")),
            (41, set("ipv6_option")),
            (263, set("packet_option")),
            (270, set("netlink_option")),
        ],
        otherwise: Some(Shape::Number),
    },
    Dependent {
        calls: &["fcntl", "fcntl64"],
        argument: 2,
        by: 1,
        cases: &[
            (0, Shape::Number),
            (2, set("fd_flags")),
            (4, set("status_flags")),
            (8, Shape::Number),
            (10, set("signal")),
            (1024, set("lease_type")),
            (1026, set("notify_flags")),
            (1027, set("fd")),
            (1030, Shape::Number),
            (1031, Shape::Number),
            (1033, set("seal_flags")),
        ],
        otherwise: None,
    },
    Dependent {
        calls: &["prctl"],
        argument: 1,
        by: 0,
        cases: &[
            (1, set("signal")),
            (4, Shape::Number),
            (8, Shape::Number),
            (22, set("seccomp_mode")),
            (23, set("capability")),
            (24, set("capability")),
            (29, Shape::Number),
            (36, Shape::Number),
            (38, Shape::Number),
        ],
        otherwise: None,
    },
    Dependent {
        calls: &["seccomp"],
        argument: 1,
        by: 0,
        cases: &[(1, set("seccomp_flags"))],
        otherwise: Some(set("hex")),
    },
];

impl Syscall {
    /// What an argument is in a call with these words, where another argument decides; `None` if none does.
    pub fn dependent_shape(&self, argument: usize, words: &[u64]) -> Option<Shape> {
        let row = ROWS
            .iter()
            .find(|row| row.argument == argument && row.calls.contains(&self.name))?;
        let decides = *words.get(row.by)? as u32;
        let case = row.cases.iter().find(|(value, _)| *value == decides);
        case.map(|(_, shape)| *shape).or(row.otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syscall::{by_name, set};

    #[test]
    fn the_first_argument_decides_what_the_second_is() {
        let shape = |call: &str, argument, words: &[u64]| {
            by_name(call).unwrap().dependent_shape(argument, words)
        };
        assert_eq!(
            shape("socket", 2, &[16, 3, 0]),
            Some(Shape::Set("netlink_protocol"))
        );
        assert_eq!(shape("socket", 2, &[1, 1, 0]), Some(Shape::Number));
        assert_eq!(shape("socket", 1, &[1, 1, 0]), None);
        assert_eq!(shape("fcntl", 2, &[3, 2, 1]), Some(Shape::Set("fd_flags")));
        assert_eq!(shape("fcntl", 2, &[3, 5, 1]), None);
        assert_eq!(shape("fcntl", 2, &[]), None);
    }

    #[test]
    fn rows_name_arguments_and_sets_that_there_are() {
        for row in ROWS {
            for call in row.calls {
                let count = by_name(call).unwrap().args.len();
                assert!(row.argument < count && row.by < count, "{call}");
            }
            for (_, shape) in row.cases {
                if let Shape::Set(name) = shape {
                    assert!(set::by_name(name).is_some(), "{name}");
                }
            }
        }
    }
}
