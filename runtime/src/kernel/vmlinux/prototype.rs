//! Functions in BTF: names, arguments, and the types that a script sees of them.

use super::{Btf, HEADER_SIZE, Kind, word};
use trapline_lang::types::{AddressSpace, IntType, Type};

// `enum` of kinds (linux v6.12 include/uapi/linux/btf.h).
const INT: u8 = 1;
const POINTER: u8 = 2;
const STRUCT: u8 = 4;
const UNION: u8 = 5;
const ENUM: u8 = 6;
const FORWARD: u8 = 7;
const TYPEDEF: u8 = 8;
const VOLATILE: u8 = 9;
const CONST: u8 = 10;
const RESTRICT: u8 = 11;
const FUNCTION: u8 = 12;
const PROTOTYPE: u8 = 13;
const TYPE_TAG: u8 = 18;
const ENUM64: u8 = 19;

/// A type, for a script and as C spells it.
type Spelt = (Type, String);

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Prototype {
    /// Name, type and spelling of each argument; a name may be empty.
    pub arguments: Vec<(String, Type, String)>,
    /// `None` if it gives nothing.
    pub result: Option<Spelt>,
}

impl Btf {
    /// The names of all types of a kind that begin with `prefix`, without it, in no order.
    pub fn names(&self, kind: Kind, prefix: &str) -> Vec<&str> {
        let bytes = self.bytes.as_slice();
        let headers = self
            .types
            .iter()
            .filter_map(|at| super::header(bytes, *at as usize));
        headers
            .filter(|header| header.kind == kind as u8)
            .filter_map(|header| self.text(header.name).strip_prefix(prefix))
            .collect()
    }

    /// The prototype of a function, or of a `typedef` of a pointer to one.
    pub fn prototype(&self, mut id: u32) -> Option<Prototype> {
        loop {
            let (at, header) = self.header(id)?;
            match header.kind {
                PROTOTYPE => return self.read_prototype(at, header.count, header.size_or_type),
                FUNCTION | TYPEDEF | POINTER | CONST => id = header.size_or_type,
                _ => return None,
            }
        }
    }

    fn read_prototype(&self, at: usize, count: u32, result: u32) -> Option<Prototype> {
        let bytes = self.bytes.as_slice();
        let mut arguments = Vec::new();
        for n in 0..count as usize {
            let parameter = at + HEADER_SIZE + n * 8;
            let (name, ty) = (word(bytes, parameter)?, word(bytes, parameter + 4)?);
            // The last of a variadic function has neither.
            if ty != 0 {
                let (ty, spelling) = self.spelt(ty);
                arguments.push((self.text(name).to_owned(), ty, spelling));
            }
        }
        let result = (result != 0).then(|| self.spelt(result));
        Some(Prototype { arguments, result })
    }

    fn spelt(&self, id: u32) -> Spelt {
        // Types nest a few levels deep; a cycle would be broken BTF.
        self.spelt_within(id, 16)
    }

    fn spelt_within(&self, id: u32, depth: u32) -> Spelt {
        let void = || (Type::Void, "void".to_owned());
        let Some((at, header)) = self.header(id).filter(|_| depth > 0) else {
            return void();
        };
        let name = self.text(header.name);
        let inner = || self.spelt_within(header.size_or_type, depth - 1);
        let tagged = |tag: &str| {
            let ty = Type::Struct {
                name: format!("{tag} {name}"),
                size: header.size_or_type,
            };
            (ty, format!("{tag} {name}"))
        };
        match header.kind {
            INT => {
                const SIGNED: u32 = 1 << 24;
                const BOOL: u32 = 4 << 24;
                let encoding = word(self.bytes.as_slice(), at + HEADER_SIZE).unwrap_or(0);
                let ty = if encoding & BOOL != 0 {
                    Type::Bool
                } else {
                    integer(header.size_or_type, encoding & SIGNED != 0)
                };
                (ty, name.to_owned())
            }
            // The flag says that it has a sign.
            ENUM | ENUM64 => (
                integer(header.size_or_type, header.bitfields),
                format!("enum {name}"),
            ),
            STRUCT => tagged("struct"),
            UNION => tagged("union"),
            FORWARD => {
                let tag = if header.bitfields { "union" } else { "struct" };
                let spelling = format!("{tag} {name}");
                let ty = Type::Struct {
                    name: spelling.clone(),
                    size: 0,
                };
                (ty, spelling)
            }
            POINTER => {
                let (target, spelling) = inner();
                let star = if spelling.ends_with('*') { "*" } else { " *" };
                let ty = Type::Pointer {
                    target: Box::new(target),
                    space: AddressSpace::Kernel,
                };
                (ty, spelling + star)
            }
            TYPEDEF => (inner().0, name.to_owned()),
            CONST => {
                let (ty, spelling) = inner();
                (ty, format!("const {spelling}"))
            }
            VOLATILE | RESTRICT | TYPE_TAG => inner(),
            _ => void(),
        }
    }
}

fn integer(size: u32, signed: bool) -> Type {
    let bits = match size {
        1 => 8,
        2 => 16,
        4 => 32,
        _ => 64,
    };
    Type::Int(IntType { bits, signed })
}
