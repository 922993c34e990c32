//! Probes that are named by functions: of the kernel, of programs.

use anyhow::anyhow;
use trapline_lang::catalog::{Catalog, FunctionName};
use trapline_runtime::catalog::describe_fields;

/// Providers on functions of the kernel; both ends of a function are listed only if they are asked for.
const FUNCTION_PROVIDERS: [(&str, bool); 4] = [
    ("fentry", true),
    ("fexit", false),
    ("kprobe", true),
    ("kretprobe", false),
];
const ITERATORS: [&str; 3] = ["task", "task_file", "task_vma"];
/// Where the kernel shows that it has kprobes.
const KPROBE_UNIT: &str = "/sys/bus/event_source/devices/kprobe";

/// Raw tracepoints, iterators and functions of the kernel by their full names.
pub(super) fn named(wanted: Option<&str>, catalog: &dyn Catalog) -> Vec<String> {
    let asked = |provider: &str| {
        let head = wanted.map(|wanted| wanted.split(':').next().unwrap_or_default());
        head.is_none_or(|head| crate::pattern::matches(head, provider))
    };
    let mut names = Vec::new();
    if asked("iter") {
        names.extend(ITERATORS.map(|of| format!("iter:{of}")));
    }
    if asked("rawtracepoint") {
        let all = catalog.raw_tracepoints().iter();
        names.extend(all.map(|name| format!("rawtracepoint:{}:{}", name.module, name.name)));
    }
    let kprobes = std::path::Path::new(KPROBE_UNIT).exists();
    for (provider, by_default) in FUNCTION_PROVIDERS {
        let plain = wanted.is_none_or(|wanted| wanted.starts_with('*'));
        let by_kprobe = provider.starts_with('k');
        if !asked(provider) || (plain && !by_default) || (plain && by_kprobe && !kprobes) {
            continue;
        }
        let all = if by_kprobe {
            catalog.functions()
        } else {
            catalog.typed_functions()
        };
        names.extend(all.iter().map(|name| {
            if by_kprobe {
                format!("{provider}:{}", name.name)
            } else {
                format!("{provider}:{}:{}", name.module, name.name)
            }
        }));
    }
    names
}

/// The pattern with a module in it, where that was left out: `fentry:*:vfs_read`.
pub(super) fn with_module(pattern: String) -> String {
    let mut parts = pattern.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(provider @ ("fentry" | "fexit" | "rawtracepoint")), Some(name), None) => {
            format!("{provider}:*:{name}")
        }
        _ => pattern,
    }
}

/// What a pattern on a program stands for: `uprobe:/bin/bash:read*`, `usdt:/bin/prog:*`.
///
/// # Errors
/// If there is no such program.
pub(super) fn in_programs(wanted: &str, catalog: &dyn Catalog) -> anyhow::Result<Vec<String>> {
    let mut parts = wanted.splitn(3, ':');
    let (Some(provider), Some(binary)) = (parts.next(), parts.next()) else {
        return Ok(Vec::new());
    };
    if !["uprobe", "uretprobe", "usdt"].contains(&provider) || binary.is_empty() {
        return Ok(Vec::new());
    }
    let rest = parts.next().unwrap_or("*");
    let programs = catalog
        .programs(binary, None)
        .map_err(|reason| anyhow!("{provider}:{binary}: {reason}"))?;
    let mut found = Vec::new();
    for program in programs {
        if let (Some(pattern), "uprobe" | "uretprobe") = (rest.strip_prefix("cpp:"), provider) {
            let pattern = pattern.trim_matches('"');
            let names = program.functions.iter();
            let names = names.filter_map(|function| catalog.source_name(&function.name));
            let fits = names.filter(|name| crate::pattern::matches(pattern, name));
            found.extend(fits.map(|name| format!("{provider}:{}:cpp:\"{name}\"", program.path)));
            continue;
        }
        let mut push = |name: String| {
            if crate::pattern::matches(rest, &name) {
                found.push(format!("{provider}:{}:{name}", program.path));
            }
        };
        if provider == "usdt" {
            for marker in &program.markers {
                push(format!("{}:{}", marker.provider, marker.name));
            }
        } else {
            for function in &program.functions {
                push(function.name.clone());
            }
        }
    }
    found.dedup();
    Ok(found)
}

/// The arguments of a raw tracepoint or of a function, a line each.
pub(super) fn describe(probe: &str, catalog: &dyn Catalog) -> Vec<String> {
    let mut parts = probe.splitn(3, ':');
    let (Some(provider), Some(module), Some(name)) = (parts.next(), parts.next(), parts.next())
    else {
        return Vec::new();
    };
    let name = FunctionName {
        module: module.to_owned(),
        name: name.to_owned(),
    };
    let function = match provider {
        "rawtracepoint" => catalog.raw_tracepoint(&name),
        "fentry" | "fexit" => catalog.function(&name),
        _ => None,
    };
    let Some(function) = function else {
        return Vec::new();
    };
    let mut lines = describe_fields(&function.arguments);
    if let (Some(result), "fexit") = (&function.result, provider) {
        lines.extend(describe_fields(std::slice::from_ref(result)));
    }
    lines
}
