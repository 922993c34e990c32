//! Attach points of tracepoints.

use super::super::report::Explain;
use super::{Expander, Target};
use crate::ast::Ident;
use crate::catalog::TracepointName;
use crate::catalog::pattern::Pattern;
use crate::diagnostic::Kind;
use crate::diagnostic::kind::AnalysisKind;
use crate::engine::Engines;
use crate::hir::MissingProbes;
use crate::source::Span;

impl Expander<'_> {
    /// `tracepoint:CATEGORY:NAME`, wildcards in both.
    pub(super) fn tracepoints(
        &mut self,
        category: &Ident,
        name: &Ident,
        span: Span,
    ) -> Option<Target> {
        let categories = self.pattern(category)?;
        let names = self.pattern(name)?;
        let found: Vec<TracepointName> = self
            .catalog
            .tracepoints()
            .iter()
            .filter(|event| categories.matches(&event.category) && names.matches(&event.name))
            .cloned()
            .collect();
        if !found.is_empty() {
            return Some(Target::Tracepoints(found));
        }
        let pattern = format!("{}:{}", category.name, name.name);
        let all = self.catalog.tracepoints();
        let elsewhere = self.event_anywhere(&name.name);
        let kind = match self.options.engine {
            // Which events kernels have beside those of system calls, it does not know.
            engine if engine.is_native() && elsewhere.is_none() && !is_complete(&categories) => {
                Kind::EngineLacks {
                    what: format!("tracepoint {pattern}"),
                    engine,
                    offered_by: Engines::BPF,
                }
            }
            _ => Kind::Analysis(AnalysisKind::NoMatch {
                provider: "tracepoint",
                pattern,
            }),
        };
        let is_lacking = matches!(kind, Kind::EngineLacks { .. });
        let report = match self.config.missing_probes {
            MissingProbes::Ignore => return None,
            MissingProbes::Warn => self.reports.warning(kind, span),
            MissingProbes::Error => self.reports.error(kind, span),
        };
        if is_lacking {
            report.hint = Some(Engines::BPF.hint());
        } else if let Some(found) = elsewhere {
            report.hint = Some(format!("did you mean 'tracepoint:{found}'?"));
        } else if all.iter().any(|event| event.category == category.name) {
            let siblings = all
                .iter()
                .filter(|event| event.category == category.name)
                .map(|event| event.name.as_str());
            report.did_you_mean(&name.name, siblings);
        } else {
            report.did_you_mean(
                &category.name,
                all.iter().map(|event| event.category.as_str()),
            );
        }
        None
    }

    /// The event of a name, of whatever category, or of the system call of that name.
    pub(super) fn event_anywhere(&self, name: &str) -> Option<String> {
        let all = self.catalog.tracepoints();
        let of_name = |name: &str| {
            let event = all.iter().find(|event| event.name == name)?;
            Some(format!("{}:{}", event.category, event.name))
        };
        of_name(name).or_else(|| of_name(&format!("sys_enter_{name}")))
    }
}

/// Native engines have all events of one of these categories.
fn is_complete(categories: &Pattern) -> bool {
    ["syscalls", "raw_syscalls"]
        .iter()
        .any(|category| categories.matches(category))
}
