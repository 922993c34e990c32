//! Attach points in user programs: functions, addresses and static markers.

use super::event::number;
use super::{Expander, MarkerSite, Target};
use crate::ast::Ident;
use crate::catalog::program::{Marker, UserFunction};
use crate::catalog::{Program, pattern::Pattern};
use crate::diagnostic::kind::AnalysisKind;
use crate::hir::{Edge, UserSite};
use crate::provider::{Provider, Row};
use crate::source::Span;
use std::sync::Arc;

impl Expander<'_> {
    /// `uprobe:/bin/bash:readline`, `uretprobe:libc:malloc`, `uprobe:./prog:main+4`, `uprobe:./prog:0x401000`
    pub(super) fn user_functions(
        &mut self,
        row: &'static Row,
        binary: &Ident,
        name: &Ident,
        span: Span,
    ) -> Option<Target> {
        let programs = self.programs(row, binary)?;
        let edge = match row.id {
            Provider::Uretprobe => Edge::Exit,
            _ => Edge::Enter,
        };
        let mut sites = Vec::new();
        for program in &programs {
            sites.extend(self.sites_in(row, program, name)?);
        }
        if sites.is_empty() {
            let names = programs.iter().flat_map(|program| &program.functions);
            let names = names.map(|function| function.name.as_str());
            let pattern = format!("{}:{}", binary.name, name.name);
            return self.missing_near(row.name, &name.name, pattern, names, span);
        }
        Some(Target::UserFunctions {
            edge,
            sites,
            pid: self.options.only_process(),
        })
    }

    /// `uprobe:./prog:cpp:"ns::function"`: by the name that the source has, its parameters given or not.
    pub(super) fn source_functions(
        &mut self,
        row: &'static Row,
        binary: &Ident,
        name: &Ident,
        span: Span,
    ) -> Option<Target> {
        let programs = self.programs(row, binary)?;
        let pattern = self.pattern(name)?;
        let catalog = self.catalog;
        let fits = |function: &UserFunction| {
            let source = catalog.source_name(&function.name);
            let source = source.as_deref().unwrap_or(&function.name);
            let short = source.split('(').next().unwrap_or(source);
            pattern.matches(source) || pattern.matches(short)
        };
        let mut linker_names: Vec<&str> = programs
            .iter()
            .flat_map(|program| &program.functions)
            .filter(|function| fits(function))
            .map(|function| function.name.as_str())
            .collect();
        linker_names.dedup();
        let mut sites = Vec::new();
        for linker_name in linker_names {
            let exact = Ident {
                name: linker_name.to_owned(),
                span: name.span,
            };
            for program in &programs {
                sites.extend(self.sites_in(row, program, &exact)?);
            }
        }
        if sites.is_empty() {
            let pattern = format!("{}:cpp:{}", binary.name, name.name);
            return self.missing_near(row.name, &name.name, pattern, [], span);
        }
        let edge = match row.id {
            Provider::Uretprobe => Edge::Exit,
            _ => Edge::Enter,
        };
        Some(Target::UserFunctions {
            edge,
            sites,
            pid: self.options.only_process(),
        })
    }

    fn sites_in(&mut self, row: &Row, program: &Program, name: &Ident) -> Option<Vec<UserSite>> {
        let catalog = self.catalog;
        // Probes have the linker's names, as they are attached by them; `func` is for people.
        let source = |function: &UserFunction| {
            let source = catalog.source_name(&function.name);
            source.unwrap_or_else(|| function.name.clone())
        };
        let site = |written: &str, offset, function| UserSite {
            path: program.path.clone(),
            offset,
            semaphore: 0,
            function,
            probe: format!("{}:{}:{written}", row.name, program.path),
        };
        if let Some(address) = number(&name.name) {
            let at = |offset| {
                let function = program.function_at(offset);
                let function = function.map_or_else(|| name.name.clone(), source);
                site(&name.name, offset, function)
            };
            return Some(program.file_offset(address).map(at).into_iter().collect());
        }
        if let Some((function, into)) = name.name.rsplit_once('+')
            && let (Some(found), Some(into)) = (program.function(function), number(into))
        {
            return Some(vec![site(&name.name, found.offset + into, source(found))]);
        }
        if let Some(found) = program.function(&name.name) {
            return Some(vec![site(&found.name, found.offset, source(found))]);
        }
        let pattern = self.pattern(name)?;
        let mut found: Vec<&UserFunction> = program
            .functions
            .iter()
            .filter(|function| pattern.matches(&function.name))
            .collect();
        // Two names of one function are one place.
        found.sort_by_key(|function| function.offset);
        found.dedup_by_key(|function| function.offset);
        Some(
            found
                .into_iter()
                .map(|function| site(&function.name, function.offset, source(function)))
                .collect(),
        )
    }

    /// `usdt:/bin/prog:provider:name`, `usdt:/bin/prog:name`
    pub(super) fn markers(
        &mut self,
        row: &'static Row,
        binary: &Ident,
        provider: Option<&Ident>,
        name: &Ident,
        span: Span,
    ) -> Option<Target> {
        let programs = self.programs(row, binary)?;
        let providers = match provider {
            Some(provider) => Some(self.pattern(provider)?),
            None => None,
        };
        let names = self.pattern(name)?;
        let fits = |marker: &&Marker| {
            let of_provider = |pattern: &Pattern| pattern.matches(&marker.provider);
            providers.as_ref().is_none_or(of_provider) && names.matches(&marker.name)
        };
        let sites: Vec<MarkerSite> = programs
            .iter()
            .flat_map(|program| {
                let markers = program.markers.iter().filter(fits);
                markers.map(|marker| site_of(row, program, marker))
            })
            .collect();
        if sites.is_empty() {
            let names = programs.iter().flat_map(|program| &program.markers);
            let names = names.map(|marker| marker.name.as_str());
            let parts = [Some(binary), provider, Some(name)].into_iter().flatten();
            let parts: Vec<&str> = parts.map(|part| part.name.as_str()).collect();
            let pattern = parts.join(":");
            return self.missing_near(row.name, &name.name, pattern, names, span);
        }
        Some(Target::Markers {
            sites,
            pid: self.options.only_process(),
        })
    }

    fn programs(&mut self, row: &'static Row, binary: &Ident) -> Option<Vec<Arc<Program>>> {
        match self.catalog.programs(&binary.name, self.options.pid) {
            Ok(programs) => Some(programs),
            Err(reason) => {
                let kind = AnalysisKind::NoProgram {
                    provider: row.name,
                    name: binary.name.clone(),
                    reason,
                };
                let hint = if binary.name == "*" {
                    Some("`*` stands for what the process of -p has loaded")
                } else if binary.name.contains('@') {
                    Some(
                        "lines of source files are no places yet: name a function, or FUNCTION+OFFSET",
                    )
                } else {
                    None
                };
                self.reports.error(kind, binary.span).hint = hint.map(str::to_owned);
                None
            }
        }
    }
}

fn site_of(row: &Row, program: &Program, marker: &Marker) -> MarkerSite {
    MarkerSite {
        site: UserSite {
            path: program.path.clone(),
            offset: marker.offset,
            semaphore: marker.semaphore,
            function: marker.name.clone(),
            probe: format!(
                "{}:{}:{}:{}",
                row.name, program.path, marker.provider, marker.name
            ),
        },
        arguments: marker.arguments.clone(),
    }
}
