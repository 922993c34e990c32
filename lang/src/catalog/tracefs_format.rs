//! The text of tracefs `format` files in, typed fields out.
//!
//! Fields of `syscalls` and `raw_syscalls` events are not read from the record: they get the locations
//! that say what they are ([`FieldLocation::SyscallArgument`] and its kin).

use super::{Field, FieldLocation, TracepointEvent, TracepointKind};
use crate::types::{AddressSpace, IntType, Type};

/// Bytes kept of a string whose length stands in the record.
const DYNAMIC_STRING: u32 = 1024;

/// Reads all `field:` lines, the common ones too. Lines that cannot be read are left out.
pub fn parse(text: &str) -> Vec<Field> {
    let raw: Vec<RawField> = text.lines().filter_map(RawField::read).collect();
    typed(&raw, edge(&raw, text))
}

/// Reads a whole event. `number` is the native ABI's number of the system call, for events of `syscalls`;
/// without it such an event is taken as any other record.
pub fn event(category: &str, name: &str, text: &str, number: Option<u32>) -> TracepointEvent {
    let (kind, edge) = match (category, name, number) {
        ("raw_syscalls", "sys_enter", _) => (TracepointKind::RawSysEnter, Edge::RawEnter),
        ("raw_syscalls", "sys_exit", _) => (TracepointKind::RawSysExit, Edge::RawExit),
        ("syscalls", name, Some(number)) if name.starts_with("sys_enter_") => {
            (TracepointKind::SysEnter { number }, Edge::Enter)
        }
        ("syscalls", name, Some(number)) if name.starts_with("sys_exit_") => {
            (TracepointKind::SysExit { number }, Edge::Exit)
        }
        _ => (TracepointKind::Record, Edge::None),
    };
    let raw: Vec<RawField> = text.lines().filter_map(RawField::read).collect();
    TracepointEvent {
        category: category.into(),
        name: name.into(),
        kind,
        fields: typed(&raw, edge),
    }
}

fn typed(raw: &[RawField<'_>], edge: Edge) -> Vec<Field> {
    let mut argument = 0;
    raw.iter()
        .map(|field| field.typed(edge, &mut argument))
        .collect()
}

/// Tells the events of system calls by their fields.
fn edge(raw: &[RawField<'_>], text: &str) -> Edge {
    let own: Vec<&RawField<'_>> = raw
        .iter()
        .filter(|field| !field.name.starts_with("common_"))
        .collect();
    let names: Vec<&str> = own.iter().map(|field| field.name).collect();
    match names.as_slice() {
        // No system call has an argument of that name.
        ["__syscall_nr", "ret"] => Edge::Exit,
        ["__syscall_nr", ..] => Edge::Enter,
        ["id", "args"] if own[1].array == "[6]" => Edge::RawEnter,
        ["id", "ret"] if text.contains("name: sys_exit\n") => Edge::RawExit,
        _ => Edge::None,
    }
}

/// Which system call event the fields belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    None,
    RawEnter,
    RawExit,
    Enter,
    Exit,
}

/// Records hold less: `__data_loc` has 16 bits for a place in them.
const LARGEST_RECORD: u32 = 1 << 16;

/// A `field:` line, cut in its parts.
struct RawField<'a> {
    /// Before the name: `const char *`, `__data_loc char[]`.
    c_type: String,
    name: &'a str,
    /// Behind the name: `[16]` or nothing.
    array: &'a str,
    offset: u32,
    size: u32,
    signed: bool,
}

impl<'a> RawField<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut parts = line
            .trim()
            .strip_prefix("field:")?
            .split(';')
            .map(str::trim);
        let declaration = parts.next()?;
        let mut number = |prefix| parts.next()?.strip_prefix(prefix)?.parse::<u32>().ok();
        let in_record = |number: &u32| *number <= LARGEST_RECORD;
        let offset = number("offset:").filter(in_record)?;
        let size = number("size:").filter(in_record)?;
        let signed = number("signed:").unwrap_or(0) == 1;
        // `char comm[16]` has its length behind the name; `__data_loc char[] name` before it.
        let (declaration, array) = match declaration.strip_suffix(']') {
            Some(_) => declaration.split_at(declaration.rfind('[')?),
            None => (declaration, ""),
        };
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let name_len = declaration.len() - declaration.trim_end_matches(is_word).len();
        let (c_type, name) = declaration.split_at(declaration.len() - name_len);
        if name.is_empty() {
            return None;
        }
        Some(Self {
            c_type: c_type.trim().to_owned(),
            name,
            array,
            offset,
            size,
            signed,
        })
    }

    fn typed(&self, edge: Edge, argument: &mut u8) -> Field {
        let offset = self.offset;
        let common = self.name.starts_with("common_");
        let (location, ty) = match edge {
            _ if common => (
                FieldLocation::Record { offset },
                self.value_type(AddressSpace::Kernel),
            ),
            Edge::Enter | Edge::Exit if self.name == "__syscall_nr" => {
                (FieldLocation::SyscallNumber, Type::I32)
            }
            Edge::RawEnter | Edge::RawExit if self.name == "id" => {
                (FieldLocation::SyscallNumber, Type::I64)
            }
            Edge::Exit | Edge::RawExit => (FieldLocation::SyscallReturn, Type::I64),
            Edge::RawEnter => (
                FieldLocation::SyscallArguments,
                Type::Array {
                    element: Box::new(Type::U64),
                    length: 6,
                },
            ),
            Edge::Enter => {
                let at = (*argument).min(5);
                *argument += 1;
                (FieldLocation::SyscallArgument(at), self.argument_type())
            }
            Edge::None => self.record(),
        };
        Field {
            name: self.name.to_owned(),
            c_type: format!("{}{}", self.c_type, self.array),
            ty,
            location,
        }
    }

    /// A field that is read from the record.
    fn record(&self) -> (FieldLocation, Type) {
        let offset = self.offset;
        let dynamic = |rest: &str| {
            if rest.trim() == "char[]" {
                Type::String {
                    capacity: DYNAMIC_STRING,
                }
            } else if let Some(int) = rest.trim().strip_suffix("[]").and_then(c_integer) {
                Type::Pointer {
                    target: Box::new(Type::Int(int)),
                    space: AddressSpace::Kernel,
                }
            } else {
                Type::Buffer {
                    capacity: DYNAMIC_STRING,
                }
            }
        };
        if let Some(rest) = self.c_type.strip_prefix("__data_loc ") {
            (FieldLocation::DataLoc { offset }, dynamic(rest))
        } else if let Some(rest) = self.c_type.strip_prefix("__rel_loc ") {
            (FieldLocation::RelLoc { offset }, dynamic(rest))
        } else {
            (
                FieldLocation::Record { offset },
                self.value_type(AddressSpace::Kernel),
            )
        }
    }

    /// By the size in the record and the sign that the file states.
    fn value_type(&self, space: AddressSpace) -> Type {
        if let Some(length) = self.array_length() {
            let base = unqualified(&self.c_type);
            if base == "char" {
                return Type::String {
                    capacity: self.size,
                };
            }
            let size = self.size.checked_div(length).unwrap_or(0);
            return match integer(size, self.signed) {
                Some(int) => Type::Array {
                    element: Box::new(Type::Int(int)),
                    length,
                },
                None => Type::Buffer {
                    capacity: self.size,
                },
            };
        }
        if self.c_type.ends_with('*') {
            return pointer(&self.c_type, space);
        }
        if self.c_type == "bool" && self.size == 1 {
            return Type::Bool;
        }
        match integer(self.size, self.signed) {
            Some(int) => Type::Int(int),
            None => Type::Array {
                element: Box::new(Type::Int(IntType {
                    bits: 8,
                    signed: false,
                })),
                length: self.size,
            },
        }
    }

    /// Arguments of system calls take a register each, whatever their C type: the type says how much of it counts.
    fn argument_type(&self) -> Type {
        if self.c_type.ends_with('*') {
            return pointer(&self.c_type, AddressSpace::User);
        }
        Type::Int(c_integer(unqualified(&self.c_type)).unwrap_or(IntType::U64))
    }

    fn array_length(&self) -> Option<u32> {
        let length = self.array.strip_prefix('[')?.strip_suffix(']')?;
        // Some lengths are macros of the kernel; then the size says how many bytes there are.
        Some(length.trim().parse().unwrap_or(self.size)).filter(|length| *length > 0)
    }
}

fn integer(size: u32, signed: bool) -> Option<IntType> {
    matches!(size, 1 | 2 | 4 | 8).then(|| IntType {
        bits: (size * 8) as u8,
        signed,
    })
}

fn unqualified(c_type: &str) -> &str {
    c_type.trim().trim_start_matches("const ").trim()
}

/// Pointers to pointers to pointers: more than any kernel writes.
const MAX_POINTERS: usize = 8;

/// `const char *const *` as a pointer to a pointer to `int8`. Of more stars than [`MAX_POINTERS`], the first lead to
/// nothing that is known.
pub fn pointer(c_type: &str, space: AddressSpace) -> Type {
    pointers(c_type, space, MAX_POINTERS)
}

fn pointers(c_type: &str, space: AddressSpace, most: usize) -> Type {
    if most == 0 {
        return Type::Void;
    }
    let Some(rest) = c_type.trim().strip_suffix('*') else {
        let base = unqualified(c_type);
        return match c_integer(base) {
            Some(int) => Type::Int(int),
            None if base.starts_with("struct ") || base.starts_with("union ") => Type::Struct {
                name: base.to_owned(),
                size: 0,
            },
            None => Type::Void,
        };
    };
    let rest = rest.trim();
    let rest = rest.strip_suffix("const").map_or(rest, str::trim);
    Type::Pointer {
        target: Box::new(pointers(rest, space, most - 1)),
        space,
    }
}

/// The integer that a C name stands for (LP64), with the names that the kernel and libc use.
pub fn c_integer(name: &str) -> Option<IntType> {
    let (bits, signed) = match name {
        "char" | "signed char" | "s8" | "__s8" | "int8_t" | "int8" => (8, true),
        "unsigned char" | "u8" | "__u8" | "uint8_t" | "uint8" => (8, false),
        "short" | "short int" | "s16" | "__s16" | "int16_t" | "int16" => (16, true),
        "unsigned short" | "unsigned short int" | "u16" | "__u16" | "uint16_t" | "uint16"
        | "umode_t" | "__be16" | "__le16" => (16, false),
        "int" | "signed int" | "signed" | "s32" | "__s32" | "int32_t" | "int32" | "pid_t"
        | "key_t" | "clockid_t" | "timer_t" | "mqd_t" | "key_serial_t" | "rwf_t" => (32, true),
        "unsigned int" | "unsigned" | "uint" | "u32" | "__u32" | "uint32_t" | "uint32"
        | "uid_t" | "gid_t" | "qid_t" | "dev_t" | "gfp_t" | "__be32" | "__le32" => (32, false),
        "long" | "long int" | "long long" | "long long int" | "s64" | "__s64" | "int64_t"
        | "int64" | "loff_t" | "off_t" | "ssize_t" | "time64_t" | "intptr_t" => (64, true),
        "unsigned long"
        | "unsigned long int"
        | "unsigned long long"
        | "unsigned long long int"
        | "u64"
        | "__u64"
        | "uint64_t"
        | "uint64"
        | "size_t"
        | "uintptr_t"
        | "ino_t"
        | "aio_context_t"
        | "__be64"
        | "__le64"
        | "cap_user_header_t"
        | "cap_user_data_t" => (64, false),
        _ => return None,
    };
    Some(IntType { bits, signed })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = "format:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";

    fn fields(lines: &str) -> Vec<String> {
        parse(&format!("{COMMON}{lines}"))
            .iter()
            .skip(2)
            .map(|field| format!("{}: {} {:?}", field.name, field.ty, field.location))
            .collect()
    }

    #[test]
    fn record_fields_get_types_by_size_and_sign() {
        let lines = "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n\
            \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n\
            \tfield:u8 dev_addr[6];\toffset:28;\tsize:6;\tsigned:0;\n\
            \tfield:__data_loc char[] name;\toffset:36;\tsize:4;\tsigned:0;\n\
            \tfield:__rel_loc char[] tail;\toffset:40;\tsize:4;\tsigned:0;\n\
            \tfield:void * function;\toffset:48;\tsize:8;\tsigned:0;\n\
            \tfield:bool ok;\toffset:56;\tsize:1;\tsigned:0;\n\
            \tthis line is not a field\n";
        assert_eq!(
            fields(lines),
            [
                "prev_comm: string[16] Record { offset: 8 }",
                "prev_pid: int32 Record { offset: 24 }",
                "dev_addr: uint8[6] Record { offset: 28 }",
                "name: string[1024] DataLoc { offset: 36 }",
                "tail: string[1024] RelLoc { offset: 40 }",
                "function: void * Record { offset: 48 }",
                "ok: bool Record { offset: 56 }",
            ]
        );
    }

    #[test]
    fn system_call_fields_get_their_register() {
        let lines = "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n\
            \tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n\
            \tfield:const char *const * argv;\toffset:24;\tsize:8;\tsigned:0;\n";
        assert_eq!(
            fields(lines),
            [
                "__syscall_nr: int32 SyscallNumber",
                "dfd: int32 SyscallArgument(0)",
                "argv: int8 * * SyscallArgument(1)",
            ]
        );
        let lines = "\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n\
            \tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;\n";
        assert_eq!(
            fields(lines),
            [
                "id: int64 SyscallNumber",
                "args: uint64[6] SyscallArguments"
            ]
        );
    }

    #[test]
    fn stars_without_end_end() {
        let mut ty = pointer(&"*".repeat(100_000), AddressSpace::User);
        let mut depth = 0;
        while let Type::Pointer { target, .. } = ty {
            ty = *target;
            depth += 1;
        }
        assert_eq!((depth, ty), (MAX_POINTERS, Type::Void));
    }

    #[test]
    fn odd_lines_do_no_harm() {
        for line in [
            "field:",
            "field:;offset:1;size:2;",
            "field:x];offset:0;size:1;signed:0;",
            "field:int a[;offset:0;",
        ] {
            parse(line);
        }
        assert!(matches!(
            parse("field:int a[0];offset:0;size:0;signed:0;")[0].ty,
            Type::Array { .. }
        ));
    }
}
