//! Top-level items.

use pest::iterators::Pair;

use super::{Builder, GRAMMAR, Reader, content, inner};
use crate::ast::{
    AttachPoint, ConfigBlock, ConfigEntry, ConfigValue, Ident, Import, Item, Macro, MacroParam,
    MapDecl, Probe, Subprogram,
};
use crate::parse::expect::PREDICATE_END;
use crate::parse::grammar::Rule;
use crate::parse::literal;
use crate::parse::piece::{Piece, RawBlock, RawItem};
use crate::source::Span;

impl Builder<'_> {
    /// Reads an item; none if its head cannot be read.
    pub(super) fn item(&self, raw: &RawItem) -> Option<Item> {
        match raw {
            RawItem::Config { span, body } => Some(Item::Config(self.config(*span, body))),
            RawItem::Import { span, piece } => {
                let path = self.read(piece, Rule::import_item, "`;`", |reader, pairs| {
                    let path = content(pairs).nth(1).expect(GRAMMAR);
                    String::from_utf8_lossy(&reader.string(path)).into_owned()
                })?;
                Some(Item::Import(Import { path, span: *span }))
            }
            RawItem::MapDecl { span, piece } => self.map_decl(*span, piece).map(Item::MapDecl),
            RawItem::Macro { head, body } => {
                let read = self.read(head, Rule::macro_head, "`{`", |reader, pairs| {
                    let mut parts = content(pairs).skip(1);
                    let name = reader.name(&parts.next().expect(GRAMMAR));
                    let params = inner(parts.next().expect(GRAMMAR));
                    (
                        name,
                        params.map(|param| reader.macro_param(&param)).collect(),
                    )
                });
                let body = self.block(body).node;
                let (name, params) = read?;
                let span = head.span.to(body.span);
                Some(Item::Macro(Macro {
                    name,
                    params,
                    body,
                    span,
                }))
            }
            RawItem::Subprogram { head, body } => self.subprogram(head, body).map(Item::Subprogram),
            RawItem::Probe {
                head,
                predicate,
                body,
            } => self.probe(head, predicate.as_ref(), body).map(Item::Probe),
            RawItem::Stray(body) => {
                self.block(body);
                None
            }
        }
    }

    fn config(&self, span: Span, body: &RawBlock) -> ConfigBlock {
        let entries = body.stmts.iter().filter_map(|stmt| {
            self.read(&stmt.piece, Rule::config_entry, "`;`", |reader, pairs| {
                let mut parts = content(pairs);
                let key = reader.name(&parts.next().expect(GRAMMAR));
                let value = parts.next().expect(GRAMMAR);
                ConfigEntry {
                    key,
                    value_span: reader.span(&value),
                    value: match value.as_rule() {
                        Rule::integer => ConfigValue::Integer(reader.integer(&value)),
                        Rule::strings => {
                            let bytes = reader.string(value);
                            ConfigValue::String(String::from_utf8_lossy(&bytes).into_owned())
                        }
                        _ => ConfigValue::Word(value.as_str().to_owned()),
                    },
                }
            })
        });
        ConfigBlock {
            entries: entries.collect(),
            span,
        }
    }

    fn map_decl(&self, span: Span, piece: &Piece) -> Option<MapDecl> {
        self.read(piece, Rule::map_decl, "`;`", |reader, pairs| {
            let mut parts = content(pairs).skip(1);
            let map = reader.name(&parts.next().expect(GRAMMAR));
            let kind = reader.name(&parts.next().expect(GRAMMAR));
            let args = inner(parts.next().expect(GRAMMAR));
            MapDecl {
                map,
                kind,
                args: args.map(|arg| reader.expr(arg).node).collect(),
                span,
            }
        })
    }

    fn subprogram(&self, head: &Piece, body: &RawBlock) -> Option<Subprogram> {
        let read = self.read(head, Rule::fn_head, "`{`", |reader, pairs| {
            let mut parts = content(pairs).skip(1);
            let name = reader.name(&parts.next().expect(GRAMMAR));
            let params = inner(parts.next().expect(GRAMMAR)).map(|param| {
                let mut parts = inner(param);
                let var = reader.name(&parts.next().expect(GRAMMAR));
                (var, reader.type_name(parts.next().expect(GRAMMAR)).node)
            });
            let params = params.collect();
            let result = reader.type_name(parts.next().expect(GRAMMAR)).node;
            (name, params, result)
        });
        let body = self.block(body).node;
        let (name, params, result) = read?;
        let span = head.span.to(body.span);
        Some(Subprogram {
            name,
            params,
            result,
            body,
            span,
        })
    }

    fn probe(&self, head: &Piece, predicate: Option<&Piece>, body: &RawBlock) -> Option<Probe> {
        let attach_points = self.read(head, Rule::attach_points, "`{`", |reader, pairs| {
            content(pairs)
                .map(|pair| reader.attach_point(pair))
                .collect()
        });
        let predicate = predicate.map(|piece| {
            self.read(piece, Rule::predicate, PREDICATE_END, |reader, pairs| {
                let pair = content(pairs).next().expect(GRAMMAR);
                reader.expr(pair).node
            })
        });
        let body = self.block(body).node;
        let attach_points = attach_points?;
        Some(Probe {
            attach_points,
            // A predicate that cannot be read leaves the probe out: without it, it would mean more.
            predicate: match predicate {
                Some(predicate) => Some(predicate?),
                None => None,
            },
            span: head.span.to(body.span),
            body,
        })
    }
}

impl Reader<'_, '_> {
    fn macro_param(&self, pair: &Pair<'_, Rule>) -> MacroParam {
        let name = self.name(pair);
        match pair.as_rule() {
            Rule::var => MacroParam::Var(name),
            Rule::map_name => MacroParam::Map(name),
            _ => MacroParam::Expr(name),
        }
    }

    fn attach_point(&self, pair: Pair<'_, Rule>) -> AttachPoint {
        let span = self.span(&pair);
        let mut label = None;
        let mut parts = Vec::new();
        for part in inner(pair) {
            if part.as_rule() == Rule::label {
                let span = self.span(&part);
                label = Some(Ident {
                    name: part.as_str().trim_end_matches('=').to_owned(),
                    span: Span::new(span.start as usize, span.end as usize - 1),
                });
            } else {
                parts.push(self.attach_part(part));
            }
        }
        AttachPoint { label, parts, span }
    }

    /// One part, without its quotes.
    fn attach_part(&self, pair: Pair<'_, Rule>) -> Ident {
        let span = self.span(&pair);
        let mut name = String::new();
        for part in inner(pair) {
            let text = part.as_str();
            if part.as_rule() == Rule::string {
                let bytes = literal::string(&text[1..text.len() - 1], &mut Vec::new());
                name.push_str(&String::from_utf8_lossy(&bytes));
            } else {
                name.push_str(text);
            }
        }
        Ident { name, span }
    }
}
