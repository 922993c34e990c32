//! System call events from the built-in table: names in, events out. Independent of tracefs, and of how
//! the kernel was configured.

use trapline_lang::catalog::{
    Field, FieldLocation, TracepointEvent, TracepointKind, TracepointName,
};
use trapline_lang::syscall::{self, Abi, Argument, Syscall};
use trapline_lang::types::Type;

/// The category of one call's events.
pub(super) const CATEGORY: &str = "syscalls";
/// The category of all calls' events.
pub(super) const RAW: &str = "raw_syscalls";

/// The ABI whose calls the kernel's events are about.
pub const NATIVE: Abi = if cfg!(target_arch = "aarch64") {
    Abi::Aarch64
} else {
    Abi::X86_64
};

/// Names of the events of one of the two categories, on a kernel of this ABI.
pub(super) fn events(abi: Abi, category: &str) -> Vec<TracepointName> {
    let name = |name: String| TracepointName {
        category: category.to_owned(),
        name,
    };
    if category == RAW {
        return vec![name("sys_enter".to_owned()), name("sys_exit".to_owned())];
    }
    syscall::all(abi)
        .map(|(_, call)| call)
        .filter(|call| !call.event.is_empty())
        .flat_map(|call| {
            ["sys_enter_", "sys_exit_"].map(|edge| name(format!("{edge}{}", call.event)))
        })
        .collect()
}

/// A system call event on a kernel of this ABI; `None` if it is none, or of a call that the table does not have.
pub(super) fn event(abi: Abi, category: &str, name: &str) -> Option<TracepointEvent> {
    let (kind, fields) = match (category, name) {
        (RAW, "sys_enter") => (
            TracepointKind::RawSysEnter,
            vec![number_field("id", "long", Type::I64), arguments_field()],
        ),
        (RAW, "sys_exit") => (
            TracepointKind::RawSysExit,
            vec![number_field("id", "long", Type::I64), return_field()],
        ),
        (CATEGORY, name) => {
            let number_field = number_field("__syscall_nr", "int", Type::I32);
            if let Some(call) = name.strip_prefix("sys_enter_") {
                let (number, call) = native(abi, call)?;
                let arguments = (0..)
                    .zip(call.args)
                    .map(|(place, argument)| argument_field(place, argument));
                (
                    TracepointKind::SysEnter { number },
                    [number_field].into_iter().chain(arguments).collect(),
                )
            } else {
                let (number, _) = native(abi, name.strip_prefix("sys_exit_")?)?;
                (
                    TracepointKind::SysExit { number },
                    vec![number_field, return_field()],
                )
            }
        }
        _ => return None,
    };
    Some(TracepointEvent {
        category: category.to_owned(),
        name: name.to_owned(),
        kind,
        fields,
    })
}

/// The native call of an event's name, with its number.
fn native(abi: Abi, event: &str) -> Option<(u32, &'static Syscall)> {
    if event.is_empty() {
        return None;
    }
    let number = syscall::number(abi, syscall::by_event(event)?)?;
    Some((number, syscall::by_number(abi, number)?))
}

fn field(name: &str, c_type: &str, ty: Type, location: FieldLocation) -> Field {
    Field {
        name: name.to_owned(),
        c_type: c_type.to_owned(),
        ty,
        location,
    }
}

fn number_field(name: &str, c_type: &str, ty: Type) -> Field {
    field(name, c_type, ty, FieldLocation::SyscallNumber)
}

fn return_field() -> Field {
    field("ret", "long", Type::I64, FieldLocation::SyscallReturn)
}

fn arguments_field() -> Field {
    let ty = Type::Array {
        element: Box::new(Type::U64),
        length: 6,
    };
    field(
        "args",
        "unsigned long[6]",
        ty,
        FieldLocation::SyscallArguments,
    )
}

fn argument_field(place: u8, argument: &Argument) -> Field {
    field(
        argument.name,
        argument.c_type,
        argument.ty(),
        FieldLocation::SyscallArgument(place),
    )
}
