//! Types of the kernel by name: BTF in, the types that scripts know out.

use crate::kernel::vmlinux::{Btf, Kind, Member, Shape};
use trapline_lang::ctypes::{self, Definition, EnumDef, StructDef};
use trapline_lang::types::{AddressSpace, Bitfield, IntType, Type};

/// Typedefs of typedefs, pointers to pointers and the like at most.
const MAX_DEPTH: u32 = 64;

/// The type of a name with its tag, or of a typedef.
pub(super) fn by_name(btf: &Btf, name: &str) -> Option<Definition> {
    let (tag, word) = name.split_once(' ').unwrap_or(("", name));
    let id = match (anonymous_id(word), tag) {
        (Some(id), _) => id,
        (None, "struct") => btf.find(Kind::Struct, word)?,
        (None, "union") => btf.find(Kind::Union, word)?,
        (None, "enum") => btf
            .find(Kind::Enum, word)
            .or_else(|| btf.find(Kind::Enum64, word))?,
        _ => {
            let id = btf.find(Kind::Typedef, word)?;
            return Some(Definition::Typedef(type_of(btf, id)));
        }
    };
    match btf.shape(id)? {
        Shape::Composite { name, union, size } => Some(Definition::Struct(structure(
            btf,
            id,
            tagged(union, name, id),
            size,
        ))),
        Shape::Enum { .. } => enumeration(btf, id).map(Definition::Enum),
        _ => None,
    }
}

/// The enum that has a constant of this name.
pub(super) fn enum_of(btf: &Btf, constant: &str) -> Option<EnumDef> {
    enumeration(btf, btf.enum_of(constant)?)
}

/// The type of an id.
pub(crate) fn type_of(btf: &Btf, id: u32) -> Type {
    within(btf, id, MAX_DEPTH)
}

fn within(btf: &Btf, id: u32, depth: u32) -> Type {
    let (Some(shape), Some(depth)) = (btf.shape(id), depth.checked_sub(1)) else {
        return Type::Void;
    };
    match shape {
        Shape::Void => Type::Void,
        Shape::Int { boolean: true, .. } => Type::Bool,
        Shape::Int { size, signed, .. } => match size {
            1 | 2 | 4 | 8 => Type::Int(IntType {
                bits: (size * 8) as u8,
                signed,
            }),
            _ => bytes(size),
        },
        Shape::Float { size } => bytes(size),
        Shape::Pointer { target } => {
            let (target, space) = pointed_to(btf, target);
            Type::Pointer {
                target: Box::new(within(btf, target, depth)),
                space,
            }
        }
        Shape::Array { element, length } => {
            if length > 0 && is_char(btf, element) {
                return Type::String { capacity: length };
            }
            Type::Array {
                element: Box::new(within(btf, element, depth)),
                length,
            }
        }
        Shape::Composite { name, union, size } => Type::Struct {
            name: tagged(union, name, id),
            size,
        },
        Shape::Enum { name, size, signed } => Type::Enum {
            name: named(name, id),
            repr: IntType {
                bits: (size * 8) as u8,
                signed,
            },
        },
        Shape::Alias { of, .. } => within(btf, of, depth),
    }
}

/// What a pointer leads to, past `const` and its kin, and whose memory that is.
fn pointed_to(btf: &Btf, mut target: u32) -> (u32, AddressSpace) {
    for _ in 0..MAX_DEPTH {
        match btf.shape(target) {
            Some(Shape::Alias { of, user: true }) => return (of, AddressSpace::User),
            Some(Shape::Alias { of, user: false }) => target = of,
            _ => break,
        }
    }
    (target, AddressSpace::Kernel)
}

/// Arrays of `char` are strings, those of `u8` and `s8` are not.
fn is_char(btf: &Btf, mut id: u32) -> bool {
    for _ in 0..MAX_DEPTH {
        match btf.shape(id) {
            Some(Shape::Int { name, size: 1, .. }) => return name == "char",
            Some(Shape::Alias { of, .. }) => id = of,
            _ => return false,
        }
    }
    false
}

fn bytes(length: u32) -> Type {
    Type::Array {
        element: Box::new(Type::Int(IntType {
            bits: 8,
            signed: false,
        })),
        length,
    }
}

/// The name of a type without one tells its id.
fn named(name: &str, id: u32) -> String {
    if name.is_empty() {
        format!("<kernel {id}>")
    } else {
        name.to_owned()
    }
}

fn anonymous_id(word: &str) -> Option<u32> {
    word.strip_prefix("<kernel ")?
        .strip_suffix('>')?
        .parse()
        .ok()
}

fn tagged(union: bool, name: &str, id: u32) -> String {
    let tag = if union { "union" } else { "struct" };
    format!("{tag} {}", named(name, id))
}

fn structure(btf: &Btf, id: u32, name: String, size: u32) -> StructDef {
    // BTF does not tell; what the size allows is right for all but a few.
    let align = [8, 4, 2]
        .into_iter()
        .find(|align| size > 0 && size.is_multiple_of(*align))
        .unwrap_or(1);
    let members = btf.members(id);
    StructDef {
        name,
        size,
        align,
        members: members.iter().map(|member| placed(btf, member)).collect(),
    }
}

fn placed(btf: &Btf, member: &Member<'_>) -> ctypes::Member {
    let mut ty = type_of(btf, member.ty);
    let (mut offset, mut bits) = (member.bit_offset / 8, None);
    if member.bit_width > 0 {
        let mut unit = ty.size().clamp(1, 8) * 8;
        let mut start = member.bit_offset / unit * unit;
        if member.bit_offset - start + member.bit_width > unit {
            // A packed one that crosses the bounds of its own type.
            (unit, start) = (64, member.bit_offset / 8 * 8);
            ty = Type::Int(IntType {
                bits: unit as u8,
                signed: ty.int().is_some_and(|int| int.signed),
            });
        }
        offset = start / 8;
        bits = Some(Bitfield {
            shift: (member.bit_offset - start) as u8,
            width: member.bit_width as u8,
        });
    }
    ctypes::Member {
        name: member.name.to_owned(),
        ty,
        offset,
        bits,
    }
}

fn enumeration(btf: &Btf, id: u32) -> Option<EnumDef> {
    let Shape::Enum { name, size, signed } = btf.shape(id)? else {
        return None;
    };
    let constants = btf.constants(id).into_iter();
    Some(EnumDef {
        name: named(name, id),
        repr: IntType {
            bits: (size * 8) as u8,
            signed,
        },
        constants: constants
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::vmlinux;

    fn structure(name: &str) -> StructDef {
        let btf = vmlinux::kernel().expect("this kernel shows its types");
        match by_name(btf, name) {
            Some(Definition::Struct(def)) => def,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn member(def: &StructDef, name: &str) -> ctypes::Member {
        let found = def.members.iter().find(|member| member.name == name);
        found.unwrap_or_else(|| panic!("{name}")).clone()
    }

    #[test]
    fn structs_of_the_kernel_have_their_members() {
        if vmlinux::kernel().is_none() {
            return;
        }
        let task = structure("struct task_struct");
        assert_eq!(member(&task, "comm").ty, Type::String { capacity: 16 });
        assert_eq!(member(&task, "pid").ty, Type::I32);
        assert!(matches!(
            member(&task, "real_parent").ty,
            Type::Pointer { target, .. } if *target == Type::Struct { name: task.name.clone(), size: task.size }
        ));
        let bits = task.members.iter().filter(|member| member.bits.is_some());
        assert!(bits.count() > 4, "task_struct has bitfields");
        // Anonymous members can be looked up by the names that they were given.
        for member in &task.members {
            if let (true, Type::Struct { name, .. }) = (member.name.is_empty(), &member.ty) {
                assert!(!structure(name).members.is_empty());
            }
        }
    }

    #[test]
    fn typedefs_enums_and_constants_are_found() {
        let Some(btf) = vmlinux::kernel() else {
            return;
        };
        assert_eq!(by_name(btf, "pid_t"), Some(Definition::Typedef(Type::I32)));
        let of = enum_of(btf, "PIDTYPE_TGID").expect("is in enum pid_type");
        assert_eq!(of.name, "pid_type");
        assert!(of.constants.contains(&("PIDTYPE_TGID".into(), 1)));
        assert_eq!(by_name(btf, "struct no_such_struct"), None);
        assert_eq!(enum_of(btf, "NO_SUCH_CONSTANT"), None);
    }
}
