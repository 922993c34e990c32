//! Attach points in the kernel by name: raw tracepoints and functions.

use super::{Expander, Target};
use crate::ast::Ident;
use crate::catalog::pattern::Pattern;
use crate::catalog::{FunctionName, KERNEL};
use crate::diagnostic::Kind;
use crate::hir::{Edge, FunctionRef};
use crate::provider::{Provider, Row};
use crate::source::Span;

impl Expander<'_> {
    /// `rawtracepoint:sched_switch`, `rawtracepoint:module:name`
    pub(super) fn raw_tracepoints(
        &mut self,
        module: Option<&Ident>,
        name: &Ident,
        span: Span,
    ) -> Option<Target> {
        let catalog = self.catalog;
        let found = self.names(catalog.raw_tracepoints(), module, name)?;
        if found.is_empty() {
            let names = catalog.raw_tracepoints();
            let names = names.iter().map(|name| name.name.as_str());
            return self.missing("rawtracepoint", &name.name, names, span);
        }
        Some(Target::RawTracepoints(found))
    }

    /// `fentry:module:function`, `kprobe:function+offset`
    pub(super) fn functions(
        &mut self,
        row: &'static Row,
        module: Option<&Ident>,
        name: &Ident,
        span: Span,
    ) -> Option<Target> {
        let edge = match row.id {
            Provider::Fexit | Provider::Kretprobe => Edge::Exit,
            _ => Edge::Enter,
        };
        let trampoline = matches!(row.id, Provider::Fentry | Provider::Fexit);
        let (base, offset) = match name.name.split_once('+') {
            Some((base, offset)) if !trampoline && edge == Edge::Enter => {
                (base.to_owned(), super::event::number(offset))
            }
            _ => (name.name.clone(), Some(0)),
        };
        let Some(offset) = offset else {
            return self.missing(row.name, &name.name, std::iter::empty(), span);
        };
        let named = Ident {
            name: base,
            span: name.span,
        };
        let catalog = self.catalog;
        let all = if trampoline {
            catalog.typed_functions()
        } else {
            catalog.functions()
        };
        let found = self.names(all, module, &named)?;
        if found.is_empty() {
            if trampoline && let Some(function) = self.untyped(module, &named)? {
                let what = format!("{} on {function}", row.name);
                self.reports.error(Kind::NotSupported { what }, span).hint = Some(format!(
                    "the kernel's own type information does not have it; kprobe:{} reaches it, with arg0, arg1, ...",
                    name.name
                ));
                return None;
            }
            let names = all.iter().map(|name| name.name.as_str());
            return self.missing(row.name, &name.name, names, span);
        }
        let suffix = if offset == 0 {
            String::new()
        } else {
            format!("+{offset}")
        };
        let functions = found
            .into_iter()
            .map(|function| FunctionRef {
                probe: if trampoline {
                    format!("{}:{}:{}", row.name, function.module, function.name)
                } else {
                    format!("{}:{}{suffix}", row.name, function.name)
                },
                argument_words: if trampoline {
                    catalog.function(&function).map_or(0, |typed| typed.words)
                } else {
                    0
                },
                module: function.module,
                name: function.name,
                offset,
            })
            .collect();
        Some(Target::Functions {
            edge,
            trampoline,
            functions,
        })
    }

    /// A function that fits both patterns, though its types are not known: `nft_do_chain of module nf_tables`.
    fn untyped(&mut self, module: Option<&Ident>, name: &Ident) -> Option<Option<String>> {
        let catalog = self.catalog;
        let found = self.names(catalog.functions(), module, name)?;
        Some(
            found
                .first()
                .map(|function| match function.module.as_str() {
                    KERNEL => format!("function {}", function.name),
                    module => format!("function {} of module {module}", function.name),
                }),
        )
    }

    /// The names that fit both patterns.
    fn names(
        &mut self,
        all: &[FunctionName],
        module: Option<&Ident>,
        name: &Ident,
    ) -> Option<Vec<FunctionName>> {
        let module = match module {
            Some(module) => Some(self.pattern(module)?),
            None => None,
        };
        let names = self.pattern(name)?;
        let fits = |of: &&FunctionName| {
            module
                .as_ref()
                .is_none_or(|module: &Pattern| module.matches(&of.module))
                && names.matches(&of.name)
        };
        Some(all.iter().filter(fits).cloned().collect())
    }
}
