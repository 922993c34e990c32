//! Written types.

use pest::iterators::Pair;

use super::{Deep, GRAMMAR, Reader, gather, inner};
use crate::ast::{Tag, TypeName, TypeNameKind};
use crate::parse::grammar::Rule;

impl Reader<'_, '_> {
    /// A type: a base, then `*` and `[n]` from left to right.
    pub(super) fn type_name(&self, pair: Pair<'_, Rule>) -> Deep<TypeName> {
        let mut parts = inner(pair);
        let mut ty = self.base_type(parts.next().expect(GRAMMAR));
        for suffix in parts {
            let span = ty.node.span.to(self.span(&suffix));
            let below = ty.depth;
            let inside = Box::new(ty.node);
            let kind = match suffix.as_rule() {
                Rule::pointer => TypeNameKind::Pointer(inside),
                Rule::array => {
                    let len = inner(suffix).next();
                    TypeNameKind::Array(inside, len.map(|len| self.integer(&len).value))
                }
                // The `]` of `T[]` before `)` is read as punctuation; nothing else follows a type.
                _ => TypeNameKind::Array(inside, None),
            };
            ty = self.grow(TypeName { kind, span }, below, span, || TypeName {
                kind: TypeNameKind::Name(String::new()),
                span,
            });
        }
        ty
    }

    /// The type of a cast; its pair is the whole `(type)`.
    pub(super) fn cast_type(&self, pair: Pair<'_, Rule>) -> Deep<TypeName> {
        let first = inner(pair.clone()).next().expect(GRAMMAR);
        match first.as_rule() {
            Rule::typeof_type => self.type_name(pair),
            _ => self.type_name(first),
        }
    }

    fn base_type(&self, pair: Pair<'_, Rule>) -> Deep<TypeName> {
        let span = self.span(&pair);
        let text = pair.as_str();
        let kind = match pair.as_rule() {
            Rule::tagged_type => {
                let mut parts = inner(pair);
                let tag = match parts.next().expect(GRAMMAR).as_str() {
                    "struct" => Tag::Struct,
                    "union" => Tag::Union,
                    _ => Tag::Enum,
                };
                let name = parts.next().expect(GRAMMAR).as_str().to_owned();
                TypeNameKind::Tagged { tag, name }
            }
            Rule::tuple_type => {
                let items = gather(inner(pair).map(|part| self.type_name(part)));
                let kind = TypeNameKind::Tuple(items.node);
                return self.grow(TypeName { kind, span }, items.depth, span, || TypeName {
                    kind: TypeNameKind::Tuple(Vec::new()),
                    span,
                });
            }
            Rule::typeof_type => {
                let arg = self.call_arg(inner(pair).next().expect(GRAMMAR));
                let kind = TypeNameKind::TypeOf(Box::new(arg.node));
                return self.grow(TypeName { kind, span }, arg.depth, span, || TypeName {
                    kind: TypeNameKind::Tuple(Vec::new()),
                    span,
                });
            }
            _ => TypeNameKind::Name(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        };
        Deep::leaf(TypeName { kind, span })
    }
}
