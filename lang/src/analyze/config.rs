//! The config block and `BPFTRACE_*` variables in, [`Config`] out. The environment wins.

use super::report::Reports;
use crate::ast::{ConfigBlock, ConfigEntry, ConfigValue};
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::suggest;
use crate::hir::{Config, MissingProbes};
use crate::source::Span;
use crate::types::StackMode;

/// The stack mode of a name.
pub(super) fn stack_mode(name: &str) -> Option<StackMode> {
    let at = MODE_NAMES.iter().position(|mode| *mode == name)?;
    Some(MODES[at])
}

/// One option.
struct Row {
    name: &'static str,
    setting: Setting,
}

/// What an option takes and where it goes.
enum Setting {
    /// A number.
    Number(fn(&mut Config, u32)),
    /// `true`, `false`, 0, 1.
    Switch(fn(&mut Config, bool)),
    /// Any text.
    Text(fn(&mut Config, &str)),
    /// One of these words.
    Word(&'static [&'static str], fn(&mut Config, usize)),
    /// Accepted for old scripts; means nothing any more.
    Ignored,
    /// An old name.
    Renamed(&'static str),
}

use Setting::{Ignored, Number, Renamed, Switch, Text, Word};

const MISSING: [MissingProbes; 3] = [
    MissingProbes::Error,
    MissingProbes::Warn,
    MissingProbes::Ignore,
];
const MODES: [StackMode; 4] = [
    StackMode::Bpftrace,
    StackMode::Perf,
    StackMode::Raw,
    StackMode::BuildId,
];
const MODE_NAMES: [&str; 4] = ["bpftrace", "perf", "raw", "build_id"];
const UNSTABLE: Setting = Word(&["error", "warn", "enable"], |_, _| {});

#[rustfmt::skip]
static ROWS: &[Row] = &[
    Row { name: "cache_user_symbols", setting: Word(&["PER_PID", "PER_PROGRAM", "NONE"], |_, _| {}) },
    Row { name: "cpp_demangle", setting: Switch(|_, _| {}) },
    Row { name: "lazy_symbolication", setting: Switch(|_, _| {}) },
    Row { name: "license", setting: Text(|config, text| config.license = text.into()) },
    Row { name: "log_size", setting: Number(|config, n| config.log_size = n) },
    Row { name: "max_bpf_progs", setting: Number(|config, n| config.max_bpf_progs = n) },
    Row { name: "max_cat_bytes", setting: Number(|config, n| config.max_cat_bytes = n) },
    Row { name: "max_map_keys", setting: Number(|config, n| config.max_map_keys = n.max(1)) },
    Row { name: "max_probes", setting: Number(|config, n| config.max_probes = n) },
    Row { name: "max_strlen", setting: Number(|config, n| config.max_strlen = n.clamp(1, MAX_STRLEN)) },
    Row { name: "missing_probes", setting: Word(&["error", "warn", "ignore"], |config, n| config.missing_probes = MISSING[n]) },
    Row { name: "on_stack_limit", setting: Number(|_, _| {}) },
    Row { name: "perf_rb_pages", setting: Number(|config, n| config.perf_rb_pages = Some(n.max(1))) },
    Row { name: "print_maps_on_exit", setting: Switch(|config, on| config.print_maps_on_exit = on) },
    Row { name: "show_debug_info", setting: Switch(|_, _| {}) },
    Row { name: "stack_mode", setting: Word(&MODE_NAMES, |config, n| config.stack_mode = MODES[n]) },
    Row { name: "str_trunc_trailer", setting: Text(|config, text| config.str_trunc_trailer = text.into()) },
    Row { name: "use_blazesym", setting: Switch(|_, _| {}) },
    Row { name: "unstable_tseries", setting: UNSTABLE },
    Row { name: "unstable_dw_ustack", setting: UNSTABLE },
    Row { name: "unstable_import_statement", setting: UNSTABLE },
    Row { name: "unstable_typeinfo", setting: UNSTABLE },
    Row { name: "strlen", setting: Renamed("max_strlen") },
    Row { name: "no_cpp_demangle", setting: Renamed("cpp_demangle") },
    Row { name: "cat_bytes_max", setting: Renamed("max_cat_bytes") },
    Row { name: "map_keys_max", setting: Renamed("max_map_keys") },
    Row { name: "symbol_source", setting: Ignored },
    Row { name: "max_type_res_iterations", setting: Ignored },
    Row { name: "unstable_addr", setting: Ignored },
    Row { name: "unstable_import", setting: Ignored },
    Row { name: "unstable_macro", setting: Ignored },
    Row { name: "unstable_map_decl", setting: Ignored },
];

/// Longest string that can be asked for: one fits in a record of the ring buffer with room to spare.
const MAX_STRLEN: u32 = 64 * 1024;

/// Variables that are no options.
const ENVIRONMENT_ONLY: [&str; 6] = [
    "BTF",
    "KERNEL_SOURCE",
    "KERNEL_BUILD",
    "VMLINUX",
    "COLOR",
    "DUMMY_TS_MAP",
];

/// Reads all config blocks, then the environment.
pub(super) fn read<'a>(
    blocks: impl Iterator<Item = &'a ConfigBlock>,
    environment: &[(String, String)],
    reports: &mut Reports,
) -> Config {
    let mut config = Config::default();
    for entry in blocks.flat_map(|block| &block.entries) {
        let span = entry.key.span.to(entry.value_span);
        let spans = (span, entry.value_span);
        let option = OptionName {
            key: entry.key.name.clone(),
            prefix: "",
        };
        set(&mut config, &option, &Value::of(entry), spans, reports);
    }
    for (name, text) in environment {
        let Some(key) = name.strip_prefix("BPFTRACE_") else {
            continue;
        };
        if !ENVIRONMENT_ONLY.contains(&key) {
            let option = OptionName {
                key: key.to_ascii_lowercase(),
                prefix: "BPFTRACE_",
            };
            let value = Value::from_text(text);
            let nowhere = (Span::NOWHERE, Span::NOWHERE);
            set(&mut config, &option, &value, nowhere, reports);
        }
    }
    config
}

/// A value in every form that an option may want it in.
struct Value {
    number: Option<u64>,
    text: String,
}

impl Value {
    fn of(entry: &ConfigEntry) -> Self {
        match &entry.value {
            ConfigValue::Integer(integer) => Self {
                number: Some(integer.value),
                text: integer.text.clone(),
            },
            ConfigValue::String(text) => Self {
                number: None,
                text: text.clone(),
            },
            ConfigValue::Word(word) => Self {
                number: None,
                text: word.clone(),
            },
        }
    }

    fn from_text(text: &str) -> Self {
        Self {
            number: text.parse().ok(),
            text: text.to_owned(),
        }
    }

    fn switch(&self) -> Option<bool> {
        match (self.number, self.text.as_str()) {
            (Some(0), _) | (None, "false") => Some(false),
            (Some(1), _) | (None, "true") => Some(true),
            _ => None,
        }
    }
}

/// An option as it was named: in the script, or by a variable of the environment.
struct OptionName {
    /// As the rows have it.
    key: String,
    /// What stands before it.
    prefix: &'static str,
}

impl OptionName {
    /// How the same place names an option.
    fn named(&self, key: &str) -> String {
        match self.prefix {
            "" => key.to_owned(),
            prefix => format!("{prefix}{}", key.to_ascii_uppercase()),
        }
    }
}

fn set(
    config: &mut Config,
    option: &OptionName,
    value: &Value,
    spans: (Span, Span),
    reports: &mut Reports,
) {
    let (whole, value_span) = spans;
    let name = option.named(&option.key);
    let Some(row) = ROWS.iter().find(|row| row.name == option.key) else {
        let near = suggest::nearest(&option.key, ROWS.iter().map(|row| row.name));
        reports
            .error(AnalysisKind::UnknownOption { name }, whole)
            .hint = near.map(|near| format!("did you mean '{}'?", option.named(near)));
        return;
    };
    let mut refuse = |expected: &str| {
        let (name, expected) = (name.clone(), expected.to_owned());
        reports.error(AnalysisKind::OptionValue { name, expected }, value_span);
    };
    match &row.setting {
        Number(apply) => match (
            value.number,
            value.number.and_then(|n| u32::try_from(n).ok()),
        ) {
            (_, Some(n)) => apply(config, n),
            (Some(_), None) => refuse("a number below 2^32"),
            (None, None) => refuse("a number"),
        },
        Switch(apply) => match value.switch() {
            Some(on) => apply(config, on),
            None => refuse("true or false"),
        },
        Text(apply) => apply(config, &value.text),
        Word(words, apply) => match words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(&value.text))
        {
            Some(at) => apply(config, at),
            None => refuse(&format!("one of {}", words.join(", "))),
        },
        Ignored => {}
        Renamed(new) => {
            let kind = AnalysisKind::RenamedOption { old: name, new };
            reports.error(kind, whole).hint = Some(format!("write {}", option.named(new)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn options_are_unique() {
        let names: HashSet<_> = ROWS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ROWS.len());
    }

    #[test]
    fn the_environment_sets_options() {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut reports = Reports::default();
        let environment = [
            variable("BPFTRACE_MAX_STRLEN", "9999"),
            variable("BPFTRACE_MISSING_PROBES", "warn"),
            variable("BPFTRACE_BTF", "/boot/vmlinux"),
            variable("HOME", "/root"),
        ];
        let config = read(std::iter::empty(), &environment, &mut reports);
        assert_eq!(
            (config.max_strlen, config.missing_probes),
            (9999, MissingProbes::Warn)
        );
        assert!(!reports.has_errors());
    }
}
