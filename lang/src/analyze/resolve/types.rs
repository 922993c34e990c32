//! Written types.

use super::super::report::Explain;
use super::super::tree::TypeRef;
use super::Resolver;
use crate::ast::{CallArg, Expr, ExprKind, Tag, TypeName, TypeNameKind};
use crate::builtin;
use crate::catalog::tracefs_format::c_integer;
use crate::types::{AddressSpace, Type};

/// For "did you mean".
const COMMON_NAMES: [&str; 12] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "string",
    "void", "size_t",
];

impl Resolver<'_> {
    /// A type that must be one; complains and gives `None` if it is none.
    pub(super) fn type_ref(&mut self, name: &TypeName) -> Option<TypeRef> {
        match &name.kind {
            TypeNameKind::TypeOf(arg) => self.type_argument(arg),
            TypeNameKind::Name(word) => {
                let ty = self.named_type(word);
                if ty.is_none() {
                    self.reports
                        .unknown_type(word, self.options.engine, name.span)
                        .did_you_mean(word, COMMON_NAMES);
                }
                ty.map(TypeRef::Known)
            }
            TypeNameKind::Tagged { tag, name: word } => {
                let full = tagged_name(*tag, word);
                let ty = self.named.tagged(&full);
                if ty.is_none() {
                    self.reports
                        .unknown_type(&full, self.options.engine, name.span);
                }
                ty.map(TypeRef::Known)
            }
            TypeNameKind::Pointer(target) => {
                let target = match &target.kind {
                    // A pointer needs no definition of what it leads to.
                    TypeNameKind::Tagged { tag, name } if *tag != Tag::Enum => {
                        let name = tagged_name(*tag, name);
                        let opaque = || Type::Struct {
                            name: name.clone(),
                            size: 0,
                        };
                        TypeRef::Known(self.named.tagged(&name).unwrap_or_else(opaque))
                    }
                    _ => self.type_ref(target)?,
                };
                Some(match target {
                    TypeRef::Known(target) => TypeRef::Known(pointer_to(target)),
                    other => TypeRef::Pointer(Box::new(other)),
                })
            }
            TypeNameKind::Array(element, length) => {
                let element = self.type_ref(element)?;
                let length = length.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
                match (element, length) {
                    (TypeRef::Known(Type::String { .. }), Some(capacity)) => {
                        let capacity = capacity.clamp(1, self.config.max_strlen);
                        Some(TypeRef::Known(Type::String { capacity }))
                    }
                    (element, length) => Some(TypeRef::Array(Box::new(element), length)),
                }
            }
            TypeNameKind::Tuple(members) => {
                let members: Vec<_> = members.iter().map(|member| self.type_ref(member)).collect();
                members
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(TypeRef::Tuple)
            }
        }
    }

    /// The argument of `sizeof` and `typeof`: a type, or an expression of that type.
    pub(super) fn type_argument(&mut self, arg: &CallArg) -> Option<TypeRef> {
        match arg {
            CallArg::Type(name) => self.type_ref(name),
            CallArg::Expr(expr) => match type_expression(expr) {
                Some(TypeExpression::TypeOf(arg)) => self.type_argument(arg),
                Some(TypeExpression::Array(arg, length)) => {
                    let element = self.type_argument(arg)?;
                    Some(TypeRef::Array(Box::new(element), Some(length)))
                }
                None => match self.bare_type(expr) {
                    Some(ty) => Some(TypeRef::Known(ty)),
                    None => Some(TypeRef::Of(Box::new(self.value(expr)))),
                },
            },
        }
    }

    /// A bare word that names a type.
    fn bare_type(&self, expr: &Expr) -> Option<Type> {
        match &expr.kind {
            ExprKind::Ident(word) if builtin::by_name(word).is_none() => self.named_type(word),
            ExprKind::Paren(inner) => self.bare_type(inner),
            _ => None,
        }
    }

    /// A type without a tag.
    fn named_type(&self, word: &str) -> Option<Type> {
        match word {
            "bool" => Some(Type::Bool),
            "void" => Some(Type::Void),
            "string" => Some(Type::String {
                capacity: self.config.max_strlen,
            }),
            _ => c_integer(word)
                .map(Type::Int)
                .or_else(|| self.named.typedef(word)),
        }
    }
}

/// An expression that stands for a type; what macros are given for their parameters may be one.
enum TypeExpression<'e> {
    TypeOf(&'e CallArg),
    /// So many of them.
    Array(&'e CallArg, u32),
}

fn type_expression(expr: &Expr) -> Option<TypeExpression<'_>> {
    match &expr.kind {
        ExprKind::Paren(inner) => type_expression(inner),
        ExprKind::TypeCall { name, arg, .. } if name.name == "typeof" => {
            Some(TypeExpression::TypeOf(arg))
        }
        ExprKind::Index { base, index } => {
            let ExprKind::Integer(length) = &index.kind else {
                return None;
            };
            match type_expression(base)? {
                TypeExpression::TypeOf(arg) => {
                    let length = u32::try_from(length.value).ok()?;
                    Some(TypeExpression::Array(arg, length))
                }
                TypeExpression::Array(..) => None,
            }
        }
        _ => None,
    }
}

fn tagged_name(tag: Tag, name: &str) -> String {
    let tag = match tag {
        Tag::Struct => "struct",
        Tag::Union => "union",
        Tag::Enum => "enum",
    };
    format!("{tag} {name}")
}

/// A pointer as it is written; whose memory it leads to, its value says.
pub(super) fn pointer_to(target: Type) -> Type {
    Type::Pointer {
        target: Box::new(target),
        space: AddressSpace::Kernel,
    }
}
