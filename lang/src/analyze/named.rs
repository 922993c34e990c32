//! Types and constants by name: those of the script's C part, then those of the kernel, which are asked
//! for one by one.

use super::report::Reports;
use crate::ast;
use crate::catalog::Catalog;
use crate::constant;
use crate::ctypes::{
    self, Constant, Definition, EnumDef, FoundMember, Include, IncludeKind, Includes, Problem,
    StructDef, TypeTable,
};
use crate::diagnostic::{Diagnostic, Kind};
use crate::engine::Engine;
use crate::types::{NamedType, NamedTypeKind, StructMember, Type};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What `#ifdef` finds defined where types of the kernel are known without its headers.
const KERNEL_TYPES: &[&str] = &["BPFTRACE_HAVE_BTF"];

/// Anonymous members within anonymous members at most.
const MAX_DEPTH: u32 = 32;

/// Types and constants by name.
pub(super) struct Named<'a> {
    catalog: &'a dyn Catalog,
    constants: BTreeMap<String, Constant>,
    /// What was found so far, `None` for names that mean nothing.
    types: RefCell<BTreeMap<String, Option<Found>>>,
    /// Constants of the kernel's enums that were asked for.
    kernel_constants: RefCell<BTreeMap<String, Option<Value>>>,
}

/// What the name of a type means.
#[derive(Clone)]
enum Found {
    Struct(Rc<StructDef>),
    Enum(Rc<EnumDef>),
    Typedef(Type),
}

impl From<Definition> for Found {
    fn from(definition: Definition) -> Self {
        match definition {
            Definition::Struct(def) => Self::Struct(Rc::new(def)),
            Definition::Enum(def) => Self::Enum(Rc::new(def)),
            Definition::Typedef(ty) => Self::Typedef(ty),
        }
    }
}

/// What the name of a constant means.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Integer(i64),
    String(Vec<u8>),
    /// A constant of an enum: of that type.
    Enum(Type, i64),
}

/// The files that a C part includes.
struct Files<'a>(&'a dyn Catalog);

impl Includes for Files<'_> {
    fn include(&self, path: &str, kind: IncludeKind) -> Include {
        if kind == IncludeKind::System && ctypes::is_system_header(path) {
            return Include::Known;
        }
        match self.0.include(path, kind) {
            Include::Missing if ctypes::is_system_header(path) => Include::Known,
            found => found,
        }
    }
}

/// `# text` is how the shell begins a comment.
fn comment_hint(diagnostic: &Diagnostic) -> Option<&'static str> {
    let is_directive = matches!(
        diagnostic.kind,
        Kind::C(Problem::NotSupported {
            what: "this directive"
        })
    );
    is_directive.then_some("comments begin with //")
}

impl<'a> Named<'a> {
    /// Reads the C part of a script.
    pub(super) fn read(
        items: &[ast::CItem],
        catalog: &'a dyn Catalog,
        engine: Engine,
        reports: &mut Reports,
    ) -> Self {
        let defined = if engine.is_native() {
            &[]
        } else {
            KERNEL_TYPES
        };
        let mut table = TypeTable::default();
        let items: Vec<_> = items
            .iter()
            .map(|item| (item.text.as_str(), item.span))
            .collect();
        let kernel = |name: &str| catalog.kernel_type(name);
        for diagnostic in ctypes::read(&items, defined, &Files(catalog), &kernel, &mut table) {
            reports.add(match comment_hint(&diagnostic) {
                Some(hint) => diagnostic.with_hint(hint),
                None => diagnostic,
            });
        }
        let structs = table.structs.into_iter();
        let structs = structs.map(|(name, def)| (name, Found::Struct(Rc::new(def))));
        let enums = table.enums.into_iter();
        let enums = enums.map(|(name, def)| (format!("enum {name}"), Found::Enum(Rc::new(def))));
        let typedefs = table.typedefs.into_iter();
        let typedefs = typedefs.map(|(name, ty)| (name, Found::Typedef(ty)));
        let types = structs.chain(enums).chain(typedefs);
        Self {
            catalog,
            constants: table.constants,
            types: RefCell::new(types.map(|(name, found)| (name, Some(found))).collect()),
            kernel_constants: RefCell::default(),
        }
    }

    fn find(&self, name: &str) -> Option<Found> {
        if let Some(found) = self.types.borrow().get(name) {
            return found.clone();
        }
        let found = self.catalog.kernel_type(name).map(Found::from);
        self.types
            .borrow_mut()
            .insert(name.to_owned(), found.clone());
        found
    }

    /// A struct or union by its name with its tag.
    pub(super) fn structure(&self, name: &str) -> Option<Rc<StructDef>> {
        match self.find(name)? {
            Found::Struct(def) => Some(def),
            _ => None,
        }
    }

    /// An enum by its name without its tag.
    pub(super) fn enumeration(&self, name: &str) -> Option<Rc<EnumDef>> {
        match self.find(&format!("enum {name}"))? {
            Found::Enum(def) => Some(def),
            _ => None,
        }
    }

    /// The type that a `typedef` names.
    pub(super) fn typedef(&self, name: &str) -> Option<Type> {
        match self.find(name) {
            Some(Found::Typedef(ty)) => Some(self.complete(ty)),
            _ => ctypes::well_known(name),
        }
    }

    /// A type with its tag: `struct task_struct`, `enum pid_type`.
    pub(super) fn tagged(&self, name: &str) -> Option<Type> {
        match self.find(name)? {
            Found::Struct(def) => Some(Type::Struct {
                name: def.name.clone(),
                size: def.size,
            }),
            Found::Enum(def) => Some(enum_type(&def)),
            Found::Typedef(_) => None,
        }
    }

    /// The type with the sizes of the structs that it mentions; declarations may come before definitions.
    pub(super) fn complete(&self, ty: Type) -> Type {
        match ty {
            Type::Struct { name, size } => Type::Struct {
                size: self.structure(&name).map_or(size, |def| def.size),
                name,
            },
            Type::Enum { name, repr } => Type::Enum {
                repr: self.enumeration(&name).map_or(repr, |def| def.repr),
                name,
            },
            Type::Pointer { target, space } => Type::Pointer {
                target: Box::new(self.complete(*target)),
                space,
            },
            Type::Array { element, length } => Type::Array {
                element: Box::new(self.complete(*element)),
                length,
            },
            other => other,
        }
    }

    /// A member of a struct or union, also of its anonymous members.
    pub(super) fn member(&self, structure: &str, name: &str) -> Option<FoundMember> {
        let found = self.member_within(structure, name, MAX_DEPTH)?;
        Some(FoundMember {
            ty: self.complete(found.ty),
            ..found
        })
    }

    fn member_within(&self, structure: &str, name: &str, depth: u32) -> Option<FoundMember> {
        let def = self.structure(structure)?;
        let named = def.members.iter().find(|member| member.name == name);
        if let Some(member) = named {
            return Some(FoundMember {
                ty: member.ty.clone(),
                offset: member.offset,
                bits: member.bits,
            });
        }
        let depth = depth.checked_sub(1)?;
        def.members.iter().find_map(|member| match &member.ty {
            Type::Struct { name: inner, .. } if member.name.is_empty() => {
                let found = self.member_within(inner, name, depth)?;
                Some(FoundMember {
                    offset: member.offset + found.offset,
                    ..found
                })
            }
            _ => None,
        })
    }

    /// The names of all members, for "did you mean".
    pub(super) fn member_names(&self, structure: &str) -> Vec<String> {
        let def = self.structure(structure);
        let members = def.iter().flat_map(|def| &def.members);
        members
            .map(|member| member.name.clone())
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// The value of a constant: of the C part, of system headers, of the kernel's enums.
    pub(super) fn constant(&self, name: &str) -> Option<Value> {
        if let Some(constant) = self.constants.get(name) {
            return Some(match constant {
                Constant::Integer(value) => Value::Integer(*value),
                Constant::String(text) => Value::String(text.clone()),
                Constant::Enum { name, value } => match self.enumeration(name) {
                    Some(def) => Value::Enum(enum_type(&def), *value),
                    None => Value::Integer(*value),
                },
            });
        }
        constant::by_name(name)
            .map(Value::Integer)
            .or_else(|| self.kernel_constant(name))
    }

    fn kernel_constant(&self, name: &str) -> Option<Value> {
        if let Some(known) = self.kernel_constants.borrow().get(name) {
            return known.clone();
        }
        let value = self.catalog.kernel_enum_of(name).and_then(|def| {
            let (_, value) = def.constants.iter().find(|(other, _)| other == name)?;
            let value = Value::Enum(enum_type(&def), *value);
            let key = format!("enum {}", def.name);
            let mut types = self.types.borrow_mut();
            types
                .entry(key)
                .or_insert_with(|| Some(Found::Enum(Rc::new(def))));
            Some(value)
        });
        self.kernel_constants
            .borrow_mut()
            .insert(name.to_owned(), value.clone());
        value
    }

    /// What printing values of these types needs: their enums and structs, and those within them.
    pub(super) fn printed(&self, types: Vec<Type>) -> Vec<NamedType> {
        let mut named = BTreeMap::new();
        let mut rest = types;
        while let Some(ty) = rest.pop() {
            match ty {
                Type::Struct { name, .. } if !named.contains_key(&name) => {
                    let Some(def) = self.structure(&name) else {
                        continue;
                    };
                    let members: Vec<StructMember> = def
                        .members
                        .iter()
                        .map(|member| StructMember {
                            name: member.name.clone(),
                            offset: member.offset,
                            ty: self.sized(&member.ty),
                            bits: member.bits,
                        })
                        .collect();
                    rest.extend(members.iter().map(|member| member.ty.clone()));
                    named.insert(name, NamedTypeKind::Struct { members });
                }
                Type::Enum { name, .. } if !named.contains_key(&name) => {
                    let constants = self.enumeration(&name).map_or_else(Vec::new, |def| {
                        let constants = def.constants.iter();
                        constants
                            .map(|(name, value)| (*value, name.clone()))
                            .collect()
                    });
                    named.insert(name, NamedTypeKind::Enum { constants });
                }
                Type::Tuple(members) => rest.extend(members),
                Type::Record(members) => rest.extend(members.into_iter().map(|(_, ty)| ty)),
                Type::Array { element, .. } => rest.push(*element),
                _ => {}
            }
        }
        let named = named.into_iter();
        named.map(|(name, kind)| NamedType { name, kind }).collect()
    }

    /// As [`Self::complete`], but what pointers lead to does not print.
    fn sized(&self, ty: &Type) -> Type {
        match ty {
            Type::Pointer { .. } => ty.clone(),
            other => self.complete(other.clone()),
        }
    }
}

fn enum_type(def: &EnumDef) -> Type {
    Type::Enum {
        name: def.name.clone(),
        repr: def.repr,
    }
}
