//! `-l`: the probes that an engine offers, or those of a script; with `-v` their arguments, too.

pub(crate) mod calls;
mod sites;

use crate::args::{Args, ScriptSource};
use crate::compile;
use crate::engine;
use crate::exit_code::{ScriptErrors, Status};
use crate::pattern::{is_wildcard, matches};
use crate::{script, terminal};
use anyhow::bail;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use trapline_lang::analyze::continues_calls;
use trapline_lang::ast::{AttachPoint, Item};
use trapline_lang::catalog::{Catalog, TracepointEvent};
use trapline_lang::engine::Engine;
use trapline_lang::provider;
use trapline_runtime::catalog::describe;

/// How much is said of each probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Its name.
    Names,
    /// Its arguments, too.
    Arguments,
}

impl Detail {
    fn of(args: &Args) -> Self {
        if args.verbose {
            Self::Arguments
        } else {
            Self::Names
        }
    }
}

/// What there is to list.
pub(crate) struct Offer<'c> {
    catalog: &'c dyn Catalog,
    engine: Engine,
}

impl<'c> Offer<'c> {
    /// All that the kernel has.
    pub(crate) fn of_kernel(catalog: &'c dyn Catalog) -> Self {
        Self {
            catalog,
            engine: Engine::Bpf,
        }
    }

    /// The engine has probes of that provider.
    fn has(&self, probe: &str) -> bool {
        self.lack(probe).is_none()
    }

    /// Why it has none, if it has none.
    fn lack(&self, probe: &str) -> Option<String> {
        let row = probe.split(':').next().and_then(provider::by_name)?;
        (!row.engines.has(self.engine)).then(|| {
            format!(
                "the {} engine has no {} probes; {}",
                self.engine,
                row.name,
                row.engines.hint()
            )
        })
    }
}

/// Probes that are no tracepoints: provider, what follows it. A number follows the last colon.
const COUNTED: &[(&str, &[&str])] = &[
    (
        "hardware",
        &[
            "backend-stalls",
            "branch-instructions",
            "branch-misses",
            "bus-cycles",
            "cache-misses",
            "cache-references",
            "cpu-cycles",
            "frontend-stalls",
            "instructions",
            "ref-cycles",
        ],
    ),
    ("interval", &["hz", "ms", "s", "us"]),
    ("profile", &["hz", "ms", "s", "us"]),
    (
        "software",
        &[
            "alignment-faults",
            "bpf-output",
            "context-switches",
            "cpu",
            "cpu-clock",
            "cpu-migrations",
            "cs",
            "dummy",
            "emulation-faults",
            "faults",
            "major-faults",
            "minor-faults",
            "page-faults",
            "task-clock",
        ],
    ),
];

/// Lists what matches a pattern.
///
/// # Errors
/// If nothing does, or the machine cannot be asked.
pub(crate) fn run(pattern: Option<&str>, args: &Args) -> anyhow::Result<Status> {
    let engine = engine::named(args)?;
    let offer = Offer {
        catalog: &*engine.catalog(args)?,
        engine: engine.kind(),
    };
    print(pattern, Detail::of(args), &offer)?;
    Ok(Status::default())
}

/// Prints what matches a pattern.
///
/// # Errors
/// If nothing does.
pub(crate) fn print(
    pattern: Option<&str>,
    detail: Detail,
    offer: &Offer<'_>,
) -> anyhow::Result<()> {
    let catalog = offer.catalog;
    let wanted = pattern.map(normalize).map(sites::with_module);
    if let Some(why) = wanted.as_deref().and_then(|wanted| offer.lack(wanted)) {
        bail!(why);
    }
    let named = sites::named(wanted.as_deref(), catalog);
    let found = probes(catalog)
        .chain(named)
        .filter(|probe| offer.has(probe))
        .filter(|probe| wanted.as_ref().is_none_or(|wanted| matches(wanted, probe)));
    let mut found: Vec<String> = found.collect();
    if let Some(wanted) = &wanted {
        found.extend(calls::listed(wanted, catalog));
        found.extend(sites::in_programs(wanted, catalog)?);
    }
    if let (Some(pattern), true) = (pattern, found.is_empty()) {
        bail!("no probe matches '{pattern}'");
    }
    write(found.iter(), detail, catalog)
}

/// Lists the probes that a script attaches.
///
/// # Errors
/// If the script cannot be read.
pub(crate) fn run_script(script: &ScriptSource, args: &Args) -> anyhow::Result<Status> {
    let mut source = script::read(script)?;
    let parsed = compile::read(&mut source, args);
    if compile::print_diagnostics(&source, parsed.diagnostics, args.no_warnings) {
        return Err(ScriptErrors.into());
    }
    let engine = engine::named(args)?;
    let catalog = engine.catalog(args)?;
    let offer = Offer {
        catalog: &*catalog,
        engine: engine.kind(),
    };
    let mut found = Vec::new();
    let points = parsed.script.items.iter().filter_map(|item| match item {
        Item::Probe(probe) => Some(&probe.attach_points),
        _ => None,
    });
    let mut lists: Vec<String> = Vec::new();
    for point in points.flatten() {
        match lists.last_mut().filter(|list| calls::is_list(list)) {
            Some(list) if continues_calls(point) => {
                list.push(',');
                list.push_str(&point.text());
            }
            _ => lists.push(listed_part(point)),
        }
    }
    for wanted in lists {
        if let Some(why) = offer.lack(&wanted) {
            terminal::warning(&format!("{wanted} is left out: {why}"));
            continue;
        }
        let matching = probes(&*catalog)
            .filter(|probe| matches(&wanted, probe))
            .chain(calls::listed(&wanted, &*catalog));
        let before = found.len();
        found.extend(
            matching
                .filter(|probe| !found.contains(probe))
                .collect::<Vec<_>>(),
        );
        if found.len() == before && !is_wildcard(&wanted) && !found.contains(&wanted) {
            found.push(wanted);
        }
    }
    write(found.iter(), Detail::of(args), &*catalog)?;
    Ok(Status::default())
}

/// Every probe by its full name: system calls, tracepoints, and the others with the colon that a number follows.
pub(crate) fn probes(catalog: &dyn Catalog) -> impl Iterator<Item = String> {
    let counted = COUNTED
        .iter()
        .flat_map(|(provider, names)| names.iter().map(move |name| format!("{provider}:{name}:")));
    let tracepoints = catalog
        .tracepoints()
        .iter()
        .map(|point| format!("tracepoint:{}:{}", point.category, point.name));
    counted.chain(calls::names(catalog)).chain(tracepoints)
}

/// The names of the arguments of a probe; of the first that has any, if it holds wildcards.
pub(crate) fn fields(probe: &str, catalog: &dyn Catalog) -> Vec<String> {
    let wanted = normalize(probe);
    if let Some(names) = calls::fields(&wanted, catalog) {
        return names;
    }
    let mut found = probes(catalog).filter(|probe| matches(&wanted, probe));
    let event = found.find_map(|probe| event(&probe, catalog));
    let fields = event.iter().flat_map(|event| &event.fields);
    let own = fields.filter(|field| !field.name.starts_with("common_"));
    own.map(|field| field.name.clone()).collect()
}

/// The event behind a probe's full name.
fn event(probe: &str, catalog: &dyn Catalog) -> Option<Arc<TracepointEvent>> {
    let (category, name) = probe.strip_prefix("tracepoint:")?.split_once(':')?;
    catalog.tracepoint(category, name)
}

/// What `-l` shows of an attach point: software and hardware events and timers without their number.
fn listed_part(point: &AttachPoint) -> String {
    let text = normalize(&point.text());
    let mut parts = text.split(':');
    match (parts.next(), parts.next()) {
        (Some(provider), Some(event)) if COUNTED.iter().any(|(name, _)| *name == provider) => {
            format!("{provider}:{event}:")
        }
        _ => text,
    }
}

/// A pattern on whole names: the provider by its full name, a bare word anywhere.
fn normalize(pattern: &str) -> String {
    match pattern.split_once(':') {
        Some((provider, rest)) => {
            let name = provider::by_name(provider).map_or(provider, |row| row.name);
            format!("{name}:{rest}")
        }
        None if is_wildcard(pattern) => pattern.to_string(),
        None => match provider::by_name(pattern) {
            Some(row) => format!("{}*", row.name),
            None => format!("*{pattern}*"),
        },
    }
}

fn write<'a>(
    probes: impl Iterator<Item = &'a String>,
    detail: Detail,
    catalog: &dyn Catalog,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for probe in probes {
        writeln!(out, "{probe}")?;
        if detail == Detail::Arguments {
            let lines = event(probe, catalog)
                .map(|event| describe(&event))
                .or_else(|| calls::describe(probe, catalog))
                .unwrap_or_else(|| sites::describe(probe, catalog));
            for line in lines {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(out.flush()?)
}
