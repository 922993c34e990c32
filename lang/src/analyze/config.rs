//! The config block and `BPFTRACE_*` variables in, [`Config`] out. The environment wins.

use super::report::Reports;
use super::tree::ExprKind;
use crate::ast::{ConfigBlock, ConfigEntry, ConfigValue};
use crate::diagnostic::kind::AnalysisKind;
use crate::diagnostic::suggest;
use crate::hir::{Config, MAX_ENTRIES, MissingProbes};
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
    /// What it is if nobody sets it.
    default: &'static str,
    /// What it means, in one line; empty if it is accepted and has no effect.
    doc: &'static str,
    setting: Setting,
}

const fn row(
    name: &'static str,
    default: &'static str,
    doc: &'static str,
    setting: Setting,
) -> Row {
    Row {
        name,
        default,
        doc,
        setting,
    }
}

/// An option, for the reference.
#[derive(Debug)]
pub struct OptionDoc {
    /// As the config block names it.
    pub name: &'static str,
    /// What it takes: `number`, `error, warn, ignore`.
    pub values: String,
    /// What it is if nobody sets it.
    pub default: &'static str,
    /// What it means, in one line; empty if it is accepted and has no effect.
    pub doc: &'static str,
}

/// Every option that is not merely an old name.
pub fn options() -> impl Iterator<Item = OptionDoc> {
    ROWS.iter().filter_map(|row| {
        let values = match &row.setting {
            Number(_) => "number".to_owned(),
            Within(least, most, _) => format!("{least} to {most}"),
            Switch(_) => "true, false".to_owned(),
            Text(_) => "text".to_owned(),
            Word(words, _) => words.join(", "),
            Ignored | Renamed(_) => return None,
        };
        Some(OptionDoc {
            name: row.name,
            values,
            default: row.default,
            doc: row.doc,
        })
    })
}

/// What an option takes and where it goes.
enum Setting {
    /// A number.
    Number(fn(&mut Config, u32)),
    /// A number from the first to the second.
    Within(u32, u32, fn(&mut Config, u32)),
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

use Setting::{Ignored, Number, Renamed, Switch, Text, Within, Word};

const MISSING: [MissingProbes; 3] = [
    MissingProbes::Error,
    MissingProbes::Warn,
    MissingProbes::Ignore,
];
const MISSING_NAMES: [&str; 3] = ["error", "warn", "ignore"];
const MODES: [StackMode; 4] = [
    StackMode::Bpftrace,
    StackMode::Perf,
    StackMode::Raw,
    StackMode::BuildId,
];
const MODE_NAMES: [&str; 4] = ["bpftrace", "perf", "raw", "build_id"];
/// Linux v6.12 include/linux/license.h: what may call the helpers that need a GPL-compatible licence.
const LICENSES: [&str; 6] = [
    "GPL",
    "GPL v2",
    "GPL and additional rights",
    "Dual BSD/GPL",
    "Dual MIT/GPL",
    "Dual MPL/GPL",
];
/// The ring buffer may have 512 MiB.
const MAX_PAGES: u32 = 1 << 17;
const UNSTABLE: Setting = Word(&["error", "warn", "enable"], |_, _| {});

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row("cache_user_symbols", "PER_PID", "", Word(&["PER_PID", "PER_PROGRAM", "NONE"], |_, _| {})),
    row("capture_bytes", "32", "how many bytes of a buffer a printed system call shows", Within(0, MAX_CAPTURE, |config, n| config.capture_bytes = n)),
    row("cpp_demangle", "true", "", Switch(|_, _| {})),
    row("lazy_symbolication", "true", "", Switch(|_, _| {})),
    row("license", "GPL", "the licence that the kernel is told", Word(&LICENSES, |config, n| config.license = LICENSES[n].into())),
    row("log_size", "1000000", "how many bytes of the verifier's log are kept", Number(|config, n| config.log_size = n)),
    row("max_bpf_progs", "1024", "the most programs that a script may become", Number(|config, n| config.max_bpf_progs = n)),
    row("max_cat_bytes", "10240", "the most bytes that cat() prints of a file", Number(|config, n| config.max_cat_bytes = n)),
    row("max_map_keys", "4096", "how many keys a map can hold", Within(1, MAX_ENTRIES, |config, n| config.max_map_keys = n)),
    row("max_probes", "1024", "the most events that a script may attach to", Number(|config, n| config.max_probes = n)),
    row("max_strlen", "1024", "how many bytes str() reads at most", Within(1, MAX_STRLEN, |config, n| config.max_strlen = n)),
    row("missing_probes", "error", "what an attach point without match is", Word(&MISSING_NAMES, |config, n| config.missing_probes = MISSING[n])),
    row("on_stack_limit", "32", "", Number(|_, _| {})),
    row("perf_rb_pages", "by memory", "how many pages the ring buffer has", Within(1, MAX_PAGES, |config, n| config.perf_rb_pages = Some(n))),
    row("print_maps_on_exit", "true", "whether the maps are printed at the end", Switch(|config, on| config.print_maps_on_exit = on)),
    row("show_debug_info", "true", "", Switch(|_, _| {})),
    row("stack_mode", "bpftrace", "how kstack and ustack print", Word(&MODE_NAMES, |config, n| config.stack_mode = MODES[n])),
    row("str_trunc_trailer", "..", "what is added to a string that was cut", Text(|config, text| config.str_trunc_trailer = text.into())),
    row("use_blazesym", "true", "", Switch(|_, _| {})),
    row("unstable_tseries", "warn", "", UNSTABLE),
    row("unstable_dw_ustack", "warn", "", UNSTABLE),
    row("unstable_import_statement", "error", "", UNSTABLE),
    row("unstable_typeinfo", "error", "", UNSTABLE),
    row("strlen", "", "", Renamed("max_strlen")),
    row("no_cpp_demangle", "", "", Renamed("cpp_demangle")),
    row("cat_bytes_max", "", "", Renamed("max_cat_bytes")),
    row("map_keys_max", "", "", Renamed("max_map_keys")),
    row("symbol_source", "", "", Ignored),
    row("max_type_res_iterations", "", "", Ignored),
    row("unstable_addr", "", "", Ignored),
    row("unstable_import", "", "", Ignored),
    row("unstable_macro", "", "", Ignored),
    row("unstable_map_decl", "", "", Ignored),
];

/// Longest string that can be asked for: one fits in a record of the ring buffer with room to spare.
const MAX_STRLEN: u32 = 64 * 1024;

/// Most bytes of a buffer of a system call: a captured call holds several.
pub const MAX_CAPTURE: u32 = 1024;

/// Variables that are no options.
const ENVIRONMENT_ONLY: [&str; 6] = [
    "BTF",
    "KERNEL_SOURCE",
    "KERNEL_BUILD",
    "VMLINUX",
    "COLOR",
    "DUMMY_TS_MAP",
];

/// The options in force, as scripts see them in `config`.
pub(super) fn values(config: &Config) -> Vec<(&'static str, ExprKind)> {
    let number = |n: u32| ExprKind::Int(n.into());
    let text = |text: &str| ExprKind::Str(text.as_bytes().to_vec());
    let missing = MISSING.iter().position(|to| *to == config.missing_probes);
    let mode = MODES.iter().position(|mode| *mode == config.stack_mode);
    vec![
        ("capture_bytes", number(config.capture_bytes)),
        ("license", text(&config.license)),
        ("log_size", number(config.log_size)),
        ("max_bpf_progs", number(config.max_bpf_progs)),
        ("max_cat_bytes", number(config.max_cat_bytes)),
        ("max_map_keys", number(config.max_map_keys)),
        ("max_probes", number(config.max_probes)),
        ("max_strlen", number(config.max_strlen)),
        ("missing_probes", text(MISSING_NAMES[missing.unwrap_or(0)])),
        ("perf_rb_pages", number(config.perf_rb_pages.unwrap_or(0))),
        (
            "print_maps_on_exit",
            ExprKind::Bool(config.print_maps_on_exit),
        ),
        ("stack_mode", text(MODE_NAMES[mode.unwrap_or(0)])),
        ("str_trunc_trailer", text(&config.str_trunc_trailer)),
    ]
}

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
        Within(least, most, apply) => match value.number.and_then(|n| u32::try_from(n).ok()) {
            Some(n) if (*least..=*most).contains(&n) => apply(config, n),
            _ => refuse(&format!("a number from {least} to {most}")),
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
