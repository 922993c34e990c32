//! Written types.

use super::super::report::Explain;
use super::super::tree::TypeRef;
use super::Resolver;
use crate::ast::{CallArg, Expr, ExprKind, TypeName, TypeNameKind};
use crate::catalog::tracefs_format::c_integer;
use crate::diagnostic::kind::AnalysisKind;
use crate::source::Span;
use crate::types::{AddressSpace, Type};

/// For "did you mean".
const COMMON_NAMES: [&str; 12] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "string",
    "void", "size_t",
];

impl Resolver<'_> {
    /// A type that must be one; complains and gives `None` if it is none.
    pub(super) fn type_ref(&mut self, name: &TypeName) -> Option<TypeRef> {
        if let TypeNameKind::TypeOf(arg) = &name.kind {
            return self.type_argument(arg);
        }
        self.known_type(name).map(TypeRef::Known)
    }

    /// The argument of `sizeof` and `typeof`: a type, or an expression of that type.
    pub(super) fn type_argument(&mut self, arg: &CallArg) -> Option<TypeRef> {
        match arg {
            CallArg::Type(name) => self.type_ref(name),
            CallArg::Expr(expr) => match bare_type(expr, self.config.max_strlen) {
                Some(ty) => Some(TypeRef::Known(ty)),
                None => Some(TypeRef::Of(Box::new(self.value(expr)))),
            },
        }
    }

    fn known_type(&mut self, name: &TypeName) -> Option<Type> {
        match &name.kind {
            TypeNameKind::Name(word) => {
                let ty = simple(word, self.config.max_strlen);
                if ty.is_none() {
                    let kind = AnalysisKind::UnknownType { name: word.clone() };
                    self.reports
                        .error(kind, name.span)
                        .did_you_mean(word, COMMON_NAMES);
                }
                ty
            }
            TypeNameKind::Tagged { .. } => {
                self.unsupported("a struct, union or enum type", name.span)
            }
            TypeNameKind::Pointer(target) => {
                let target = match &target.kind {
                    TypeNameKind::Tagged { tag, name } => Type::Struct {
                        name: format!("{} {name}", format!("{tag:?}").to_lowercase()),
                        size: 0,
                    },
                    _ => self.known_type(target)?,
                };
                Some(Type::Pointer {
                    target: Box::new(target),
                    space: AddressSpace::Kernel,
                })
            }
            TypeNameKind::Array(element, length) => {
                let element = self.known_type(element)?;
                let length = length.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
                match (element, length) {
                    (Type::String { .. }, Some(capacity)) => Some(Type::String {
                        capacity: capacity.clamp(1, self.config.max_strlen),
                    }),
                    _ => self.unsupported("an array type", name.span),
                }
            }
            TypeNameKind::Tuple(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|member| self.known_type(member))
                    .collect();
                members.into_iter().collect::<Option<_>>().map(Type::Tuple)
            }
            TypeNameKind::TypeOf(_) => self.unsupported("typeof inside a type", name.span),
        }
    }

    fn unsupported(&mut self, what: &str, span: Span) -> Option<Type> {
        self.reports.not_supported(what, span);
        None
    }
}

/// A bare word that names a type.
fn bare_type(expr: &Expr, max_strlen: u32) -> Option<Type> {
    match &expr.kind {
        ExprKind::Ident(word) => simple(word, max_strlen),
        ExprKind::Paren(inner) => bare_type(inner, max_strlen),
        _ => None,
    }
}

fn simple(word: &str, max_strlen: u32) -> Option<Type> {
    match word {
        "bool" => Some(Type::Bool),
        "void" => Some(Type::Void),
        "string" => Some(Type::String {
            capacity: max_strlen,
        }),
        _ => c_integer(word).map(Type::Int),
    }
}
