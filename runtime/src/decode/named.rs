//! Enums and structs: numbers and bytes in, constants and members out, by the manifest's table of types.

use super::{Decoder, word};
use crate::value::Value;
use trapline_lang::types::{Bitfield, NamedTypeKind, StructMember, Type};

/// Structs within structs at most; a manifest that goes deeper is wrong.
const MAX_DEPTH: u32 = 64;

impl Decoder<'_> {
    /// The constant of an enum that has this value.
    pub(super) fn enumeration(&self, name: &str, number: i128) -> Value {
        let constants = self.manifest.types.iter().find_map(|ty| match &ty.kind {
            NamedTypeKind::Enum { constants } if ty.name == name => Some(constants),
            _ => None,
        });
        let constant = constants
            .into_iter()
            .flatten()
            .find(|(value, _)| *value == number as i64);
        Value::Enum {
            name: constant.map(|(_, name)| name.clone()),
            number,
        }
    }

    /// The members of a struct; its bytes if they are not known.
    pub(super) fn structure(&mut self, name: &str, bytes: &[u8]) -> Value {
        if self.depth == MAX_DEPTH {
            return Value::Invalid(format!("{name} within {MAX_DEPTH} others"));
        }
        let manifest = self.manifest;
        let members = manifest.types.iter().find_map(|ty| match &ty.kind {
            NamedTypeKind::Struct { members } if ty.name == name => Some(members),
            _ => None,
        });
        let Some(members) = members else {
            return Value::Buffer(bytes.to_vec());
        };
        self.depth += 1;
        let mut values = Vec::new();
        for member in members {
            match self.member(member, bytes) {
                Value::Record(inner) if member.name.is_empty() => values.extend(inner),
                value => values.push((member.name.clone(), value)),
            }
        }
        self.depth -= 1;
        Value::Record(values)
    }

    fn member(&mut self, member: &StructMember, bytes: &[u8]) -> Value {
        let bytes = bytes.get(member.offset as usize..).unwrap_or_default();
        let whole = bytes.get(..member.ty.size() as usize);
        match (member.bits, whole) {
            (Some(bits), Some(whole)) => {
                let field = bitfield(&member.ty, bits, word(whole));
                self.value(&member.ty, &field.to_le_bytes())
            }
            _ => self.value(&member.ty, bytes),
        }
    }
}

/// The bits of a bitfield in the word that holds it, widened to what its type says.
fn bitfield(ty: &Type, bits: Bitfield, word: u64) -> u64 {
    let shifted = word.checked_shr(bits.shift.into()).unwrap_or(0);
    let unused = 64 - u32::from(bits.width.clamp(1, 64));
    let left = shifted << unused;
    if ty.int().is_some_and(|int| int.signed) {
        (left as i64 >> unused) as u64
    } else {
        left >> unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::{Maps, Printed, bytes, manifest, record};
    use trapline_codegen::object::{Manifest, RecordAction};
    use trapline_lang::types::{IntType, NamedType};

    fn enumeration(name: &str) -> Type {
        Type::Enum {
            name: name.into(),
            repr: IntType::I32,
        }
    }

    fn structure(name: &str, size: u32) -> Type {
        Type::Struct {
            name: name.into(),
            size,
        }
    }

    fn member(name: &str, offset: u32, ty: Type) -> StructMember {
        StructMember {
            name: name.into(),
            offset,
            ty,
            bits: None,
        }
    }

    fn bits(name: &str, shift: u8, width: u8, ty: Type) -> StructMember {
        StructMember {
            bits: Some(Bitfield { shift, width }),
            ..member(name, 16, ty)
        }
    }

    fn of_members(name: &str, members: Vec<StructMember>) -> NamedType {
        NamedType {
            name: name.into(),
            kind: NamedTypeKind::Struct { members },
        }
    }

    fn types() -> Vec<NamedType> {
        let colors = NamedTypeKind::Enum {
            constants: vec![(-1, "NONE".into()), (2, "RED".into()), (2, "RUBY".into())],
        };
        let pair = Type::Array {
            element: Box::new(Type::U32),
            length: 2,
        };
        vec![
            NamedType {
                name: "color".into(),
                kind: colors,
            },
            of_members(
                "struct outer",
                vec![
                    member("a", 0, Type::I32),
                    member("color", 4, enumeration("color")),
                    member("", 8, structure("union both", 8)),
                    bits("low", 0, 4, Type::I32),
                    bits("mode", 4, 2, enumeration("color")),
                    bits("flag", 31, 1, Type::U32),
                    member("name", 20, Type::String { capacity: 4 }),
                ],
            ),
            of_members(
                "union both",
                vec![member("pair", 0, pair), member("word", 0, Type::U64)],
            ),
            of_members(
                "struct endless",
                vec![member("next", 0, structure("struct endless", 8))],
            ),
        ]
    }

    fn script(ty: &Type) -> Manifest {
        Manifest {
            types: types(),
            records: vec![record(RecordAction::PrintValue, std::slice::from_ref(ty))],
            ..manifest()
        }
    }

    /// What `print()` gives for a value, as text and as JSON.
    fn print(ty: &Type, words: &[u64]) -> [String; 2] {
        [Printed::text(script(ty)), Printed::json(script(ty))].map(|mut printed| {
            let event = bytes(0, words);
            printed.output.event(&event, &mut Maps::default()).unwrap();
            printed.output.flush().unwrap();
            printed.results.text()
        })
    }

    #[test]
    fn enums_print_as_their_constants_and_are_numbers_in_json() {
        for (ty, number, text, json) in [
            (enumeration("color"), 2, "RED", "2"),
            (enumeration("color"), u64::from(u32::MAX), "NONE", "-1"),
            (enumeration("color"), 7, "7", "7"),
            (enumeration("unknown"), 2, "2", "2"),
        ] {
            let json = format!("{{\"type\": \"value\", \"data\": {json}}}\n");
            assert_eq!(print(&ty, &[number]), [format!("{text}\n"), json]);
        }
    }

    #[test]
    fn structs_print_by_their_members() {
        // -3, RED; 1, 2; all of the bitfields, "hi".
        let words = [
            0x0000_0002_ffff_fffd,
            0x0000_0002_0000_0001,
            0x0000_6968_8000_002f,
        ];
        assert_eq!(
            print(&structure("struct outer", 24), &words),
            [
                "{ .a = -3, .color = RED, .pair = [1,2], .word = 8589934593, .low = -1, .mode = -2, .flag = 1, \
                 .name = hi }\n",
                "{\"type\": \"value\", \"data\": {\"a\": -3, \"color\": 2, \"pair\": [1,2], \"word\": 8589934593, \
                 \"low\": -1, \"mode\": -2, \"flag\": 1, \"name\": \"hi\"}}\n",
            ]
        );
        assert_eq!(
            print(&structure("struct other", 2), &[0x0141]),
            ["A\\x01\n", "{\"type\": \"value\", \"data\": [65,1]}\n"]
        );
    }

    #[test]
    fn endless_structs_end() {
        let [text, _] = print(&structure("struct endless", 8), &[0]);
        assert!(text.contains("<invalid: struct endless within 64 others>"));
    }
}
