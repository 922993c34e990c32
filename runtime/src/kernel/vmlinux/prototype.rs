//! Functions in BTF: names, arguments and results, and how C spells their types. What scripts see of a type
//! is left to those who ask.

use super::{Btf, HEADER_SIZE, Kind, Shape, word};

// Kinds without a name of their own among [`Kind`] (linux v6.12 include/uapi/linux/btf.h).
const POINTER: u8 = 2;
const CONST: u8 = 10;
const PROTOTYPE: u8 = 13;

/// Types nest a few levels deep; a cycle would be broken BTF.
const MAX_DEPTH: u32 = 16;

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Prototype<'a> {
    /// Name and type of each argument; a name may be empty.
    pub arguments: Vec<(&'a str, u32)>,
    /// `None` if it gives nothing.
    pub result: Option<u32>,
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
    pub fn prototype(&self, mut id: u32) -> Option<Prototype<'_>> {
        const THROUGH: [u8; 4] = [Kind::Func as u8, Kind::Typedef as u8, POINTER, CONST];
        for _ in 0..MAX_DEPTH {
            let (at, header) = self.header(id)?;
            if header.kind == PROTOTYPE {
                return self.read_prototype(at, header.count, header.size_or_type);
            }
            if !THROUGH.contains(&header.kind) {
                return None;
            }
            id = header.size_or_type;
        }
        None
    }

    fn read_prototype(&self, at: usize, count: u32, result: u32) -> Option<Prototype<'_>> {
        let bytes = self.bytes.as_slice();
        let mut arguments = Vec::new();
        for n in 0..count as usize {
            let parameter = at + HEADER_SIZE + n * 8;
            let (name, ty) = (word(bytes, parameter)?, word(bytes, parameter + 4)?);
            // The last of a variadic function has neither.
            if ty != 0 {
                arguments.push((self.text(name), ty));
            }
        }
        Some(Prototype {
            arguments,
            result: (result != 0).then_some(result),
        })
    }

    /// A type as C spells it.
    pub fn spelling(&self, id: u32) -> String {
        self.spelt(id, MAX_DEPTH)
    }

    fn spelt(&self, id: u32, depth: u32) -> String {
        let (Some(shape), Some(depth)) = (self.shape(id), depth.checked_sub(1)) else {
            return "void".to_owned();
        };
        match shape {
            Shape::Int { name, .. } => name.to_owned(),
            Shape::Enum { name, .. } => format!("enum {name}"),
            Shape::Composite { name, union, .. } => {
                format!("{} {name}", if union { "union" } else { "struct" })
            }
            Shape::Pointer { target } => {
                let target = self.spelt(target, depth);
                let space = if target.ends_with('*') { "" } else { " " };
                format!("{target}{space}*")
            }
            Shape::Array { element, length } => format!("{}[{length}]", self.spelt(element, depth)),
            Shape::Alias { of, .. } => match self.header(id) {
                Some((_, header)) if header.kind == Kind::Typedef as u8 => {
                    self.text(header.name).to_owned()
                }
                Some((_, header)) if header.kind == CONST => {
                    format!("const {}", self.spelt(of, depth))
                }
                _ => self.spelt(of, depth),
            },
            Shape::Void | Shape::Float { .. } => "void".to_owned(),
        }
    }
}
