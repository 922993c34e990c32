//! The C part of a script: its text in, types and constants out.
//!
//! [`preprocess`] honours `#define` of constants, `#if` and its kin, and gives tokens; [`declare`] reads
//! `struct`, `union`, `enum` and `typedef` from them and lays them out as the System V ABI does. What else C
//! can say (functions, variables, macros with parameters) is a diagnostic at its place.

mod declare;
mod evaluate;
mod header;
mod lex;
mod preprocess;
mod problem;

use crate::diagnostic::Diagnostic;
use crate::hir::Bitfield;
use crate::source::Span;
use crate::types::{IntType, Type};
use std::collections::BTreeMap;

pub use declare::well_known;
pub use header::is_system_header;
pub use problem::Problem;

/// A struct or union.
#[derive(Clone, Debug, PartialEq)]
pub struct StructDef {
    /// With its tag: `struct task_struct`.
    pub name: String,
    /// Bytes.
    pub size: u32,
    /// Alignment in bytes.
    pub align: u32,
    /// In order.
    pub members: Vec<Member>,
}

/// A member of a struct or union.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Empty for an anonymous struct or union, whose members are reached as if they were the outer one's.
    pub name: String,
    /// Its type; for a bitfield the integer that holds it.
    pub ty: Type,
    /// Bytes from the start of the struct; for a bitfield of the integer that holds it.
    pub offset: u32,
    /// Which bits, for a bitfield.
    pub bits: Option<Bitfield>,
}

/// An enum.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumDef {
    /// Without its tag; made up for an anonymous one.
    pub name: String,
    /// What it is stored as.
    pub repr: IntType,
    /// Constants in order.
    pub constants: Vec<(String, i64)>,
}

/// What the name of a type stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// A struct or union.
    Struct(StructDef),
    /// An enum.
    Enum(EnumDef),
    /// Another name of a type.
    Typedef(Type),
}

/// A named constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `#define N 3`
    Integer(i64),
    /// `#define S "text"`
    String(Vec<u8>),
    /// A constant of an enum, with the enum's name.
    Enum {
        /// Which enum.
        name: String,
        /// Its value.
        value: i64,
    },
}

/// Types and constants by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeTable {
    /// By name with tag.
    pub structs: BTreeMap<String, StructDef>,
    /// By name without tag.
    pub enums: BTreeMap<String, EnumDef>,
    /// By the new name.
    pub typedefs: BTreeMap<String, Type>,
    /// `#define`s and enum constants.
    pub constants: BTreeMap<String, Constant>,
}

/// Where a member was found: from the start of the outermost struct.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundMember {
    /// Its type.
    pub ty: Type,
    /// Bytes.
    pub offset: u32,
    /// Which bits, for a bitfield.
    pub bits: Option<Bitfield>,
}

impl TypeTable {
    /// Finds a member by name, also inside anonymous members.
    pub fn member(&self, struct_name: &str, name: &str) -> Option<FoundMember> {
        self.structs
            .get(struct_name)?
            .members
            .iter()
            .find_map(|member| {
                if member.name == name {
                    return Some(FoundMember {
                        ty: member.ty.clone(),
                        offset: member.offset,
                        bits: member.bits,
                    });
                }
                match &member.ty {
                    Type::Struct { name: inner, .. } if member.name.is_empty() => {
                        let found = self.member(inner, name)?;
                        Some(FoundMember {
                            offset: member.offset + found.offset,
                            ..found
                        })
                    }
                    _ => None,
                }
            })
    }
}

/// Gives the text of files that the C part includes.
pub trait Includes {
    /// What `#include` of a path means.
    fn include(&self, path: &str, kind: IncludeKind) -> Include;
}

/// `#include <...>` or `#include "..."`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludeKind {
    /// In angle brackets.
    System,
    /// In quotes.
    Local,
}

/// What an include means.
#[derive(Clone, Debug, PartialEq)]
pub enum Include {
    /// Its types are known already (from BTF or built in): nothing to read.
    Known,
    /// Its text.
    Text(String),
    /// There is no such file.
    Missing,
}

/// Reads the C part of a script: `items` are the pieces of text with their places, in order.
///
/// `defined` are names that count as `#define`d to 1 (`BPFTRACE_HAVE_BTF`); `table` may hold types that
/// are known already and gets the new ones; `kernel` knows more types, which stay out of it.
pub fn read(
    items: &[(&str, Span)],
    defined: &[&str],
    includes: &dyn Includes,
    kernel: &dyn Fn(&str) -> Option<Definition>,
    table: &mut TypeTable,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let tokens = preprocess::run(items, defined, includes, table, &mut diagnostics);
    declare::run(&tokens, kernel, table, &mut diagnostics);
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Kind;

    struct Nothing;
    impl Includes for Nothing {
        fn include(&self, path: &str, _: IncludeKind) -> Include {
            match path {
                "known.h" => Include::Known,
                "own.h" => Include::Text("#define OWN (1 << 4)\nstruct own { int a; };".into()),
                _ => Include::Missing,
            }
        }
    }

    fn table(text: &str) -> (TypeTable, Vec<Diagnostic>) {
        let mut table = TypeTable::default();
        let diagnostics = read(
            &[(text, Span::new(0, text.len()))],
            &["HAVE"],
            &Nothing,
            &|name| {
                let size = match name {
                    "struct of_kernel" => 12,
                    "of_kernel_t" => return Some(Definition::Typedef(Type::U32)),
                    _ => return None,
                };
                Some(Definition::Struct(StructDef {
                    name: name.into(),
                    size,
                    align: 4,
                    members: Vec::new(),
                }))
            },
            &mut table,
        );
        (table, diagnostics)
    }

    fn good(text: &str) -> TypeTable {
        let (table, diagnostics) = table(text);
        assert_eq!(diagnostics, [], "{text}");
        table
    }

    #[test]
    fn structs_are_laid_out_as_c_does() {
        let t = good("struct a { char c; int i; short s; unsigned long l; char name[3]; };");
        let a = &t.structs["struct a"];
        let offsets: Vec<u32> = a.members.iter().map(|m| m.offset).collect();
        assert_eq!(
            (offsets.as_slice(), a.size, a.align),
            ([0, 4, 8, 16, 24].as_slice(), 32, 8)
        );
    }

    #[test]
    fn packed_and_aligned_are_honoured() {
        let t = good(
            "struct p { char c; int i; } __attribute__((packed)); struct q { char c; } __attribute__((aligned(16)));",
        );
        assert_eq!(
            (
                t.structs["struct p"].size,
                t.structs["struct p"].members[1].offset
            ),
            (5, 1)
        );
        assert_eq!(
            (t.structs["struct q"].size, t.structs["struct q"].align),
            (16, 16)
        );
    }

    #[test]
    fn bitfields_share_their_integer() {
        let t = good("struct b { unsigned a : 3, b : 7; int c : 23; char d; };");
        let member = |name: &str| t.member("struct b", name).expect("a member");
        assert_eq!(member("b").bits, Some(Bitfield { shift: 3, width: 7 }));
        // 10 + 23 bits do not fit into one int: the third begins a new one.
        assert_eq!(
            (member("c").offset, member("c").bits),
            (
                4,
                Some(Bitfield {
                    shift: 0,
                    width: 23
                })
            )
        );
        assert_eq!(member("d").offset, 7);
    }

    #[test]
    fn anonymous_members_are_seen_through() {
        let t = good("struct o { int a; union { struct { short x; short y; }; int whole; }; };");
        assert_eq!(t.member("struct o", "y").expect("y").offset, 6);
        assert_eq!(t.member("struct o", "whole").expect("whole").offset, 4);
    }

    #[test]
    fn pointers_arrays_typedefs_and_function_pointers() {
        let t = good(
            "typedef unsigned int u; typedef struct n { struct n *next; u v[2][3]; int (*f)(int, char *); } n_t; ",
        );
        assert!(matches!(
            t.member("struct n", "next").expect("next").ty,
            Type::Pointer { .. }
        ));
        assert_eq!(t.member("struct n", "v").expect("v").ty.size(), 24);
        assert_eq!(t.member("struct n", "f").expect("f").offset, 32);
        assert!(matches!(&t.typedefs["n_t"], Type::Struct { size: 40, .. }));
    }

    #[test]
    fn types_of_the_kernel_can_be_members() {
        let t =
            good("struct k { char c; struct of_kernel inner; of_kernel_t last; char name[4]; };");
        assert_eq!(t.member("struct k", "inner").expect("inner").offset, 4);
        assert_eq!(t.member("struct k", "last").expect("last").offset, 16);
        assert_eq!(
            t.member("struct k", "name").expect("name").ty,
            Type::String { capacity: 4 }
        );
        assert!(!t.structs.contains_key("struct of_kernel"));
    }

    #[test]
    fn enums_and_defines_are_constants() {
        let t = good(
            "#define A 0x10\n#define B (A | 3)\n#define S \"x\\n\"\nenum e { ONE = 1, TWO, BIG = B, NEG = -1 };",
        );
        assert_eq!(t.constants["B"], Constant::Integer(0x13));
        assert_eq!(t.constants["S"], Constant::String(b"x\n".to_vec()));
        assert_eq!(
            t.constants["TWO"],
            Constant::Enum {
                name: "e".into(),
                value: 2
            }
        );
        assert_eq!(t.enums["e"].repr, IntType::I32);
    }

    #[test]
    fn macros_have_parameters() {
        let t = good(
            "#define N 2\n#define TWICE(x) ((x) * N)\n#define SUM(a, b) TWICE(a) + b\n#define NONE() 7\n\
             #define A SUM((1, 2), NONE())\n#define B TWICE(SUM(1, 2)) TWICE\n#define C (TWICE(3) << 1)\n\
             #if TWICE(2) == 4\nstruct yes { char a[SUM(1, TWICE(N))]; };\n#endif",
        );
        assert_eq!(t.constants["C"], Constant::Integer(12));
        assert_eq!(t.structs["struct yes"].size, 6);
        // Neither a list nor a name alone is a number.
        assert!(!t.constants.contains_key("A") && !t.constants.contains_key("B"));
    }

    #[test]
    fn the_last_semicolon_of_a_struct_may_be_missing() {
        let t = good("struct x { unsigned long x };");
        assert_eq!(t.structs["struct x"].size, 8);
    }

    #[test]
    fn conditions_choose() {
        let t = good(
            "#ifdef HAVE\n#define X 1\n#else\n#include <no.h>\n#endif\n#if X == 1 && !defined(Y)\nstruct yes { int a; };\n#elif 1\nstruct no { int a; };\n#endif",
        );
        assert!(t.structs.contains_key("struct yes") && !t.structs.contains_key("struct no"));
    }

    #[test]
    fn includes_are_known_read_or_missing() {
        let t = good("#include <known.h>\n#include \"own.h\"");
        assert_eq!(t.constants["OWN"], Constant::Integer(16));
        assert!(t.structs.contains_key("struct own"));
        let (_, diagnostics) = table("#define A 1\n#include <lol/no.h>");
        assert_eq!(diagnostics[0].kind.to_string(), "'lol/no.h' file not found");
        let Kind::C(problem) = &diagnostics[0].kind else {
            panic!("{diagnostics:?}");
        };
        assert_eq!(
            problem.fatal_place().as_deref(),
            Some("definitions.h:3:10: ")
        );
    }

    #[test]
    fn what_cannot_be_read_is_complained_about_and_does_not_stop_the_rest() {
        for text in [
            "struct { int",
            "struct a { int x",
            "int f(void);",
            "#if\n",
            "#else",
            "struct a { unknown_t x; };",
            "enum e { A = };",
            "#if (1",
            "struct a { int x[; };",
            "struct s { int a : 99; };",
            "#define F(x) #x",
            "#define F(x...) x",
            "#define F(x",
        ] {
            let (t, diagnostics) = table(&format!("{text}\nstruct later {{ int ok; }};"));
            assert!(!diagnostics.is_empty(), "{text}: {t:?}");
        }
    }
}
