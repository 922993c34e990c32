//! The tables of the language reference, from the rows.

use super::calls;
use std::fmt::Write;
use trapline_lang::engine::Engines;
use trapline_lang::function::Class;
use trapline_lang::provider::Support;
use trapline_lang::{analyze, builtin, function, provider};

/// The text with all tables between `<!-- table: NAME -->` and `<!-- end -->` made anew.
pub(crate) fn filled(text: &str) -> String {
    const START: &str = "<!-- table: ";
    const END: &str = "<!-- end -->";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(START) {
        let (before, mark) = rest.split_at(at);
        let (line, after) = mark.split_once('\n').expect("a line for the mark");
        let name = line.trim_start_matches(START).trim_end_matches(" -->");
        let end = after.find(END).expect("an end of the table");
        let _ = write!(out, "{before}{line}\n{}", table(name));
        rest = &after[end..];
    }
    out + rest
}

fn table(name: &str) -> String {
    match name {
        "providers" => providers(),
        "builtins" => builtins(),
        "functions" => functions(|class| class != Class::Aggregation),
        "aggregations" => functions(|class| class == Class::Aggregation),
        "options" => options(),
        "classes" => calls::classes(),
        "calls" => calls::calls(),
        "sets" => calls::sets(),
        other => panic!("no such table: {other}"),
    }
}

fn providers() -> String {
    let mut out = Table::new(&["attach point", "short", "fires"]);
    let (ready, later) = split(provider::all(), |row| row.support);
    for row in ready {
        let forms: Vec<String> = row.forms.iter().map(|form| code(form)).collect();
        let short: Vec<String> = row.aliases.iter().map(|name| code(name)).collect();
        let doc = format!("{}{}", row.doc, only(row.engines));
        out.row(&[&forms.join(", "), &short.join(", "), &doc]);
    }
    out.finish(later.iter().map(|row| row.name))
}

fn builtins() -> String {
    let mut out = Table::new(&["name", "type", "value"]);
    let (ready, later) = split(builtin::all(), |row| row.support);
    for row in ready {
        let mut name = code(row.name);
        if !row.arguments.is_empty() {
            let _ = write!(
                name,
                ", {}",
                code(&format!("{}({})", row.name, row.arguments))
            );
        }
        let mut doc = row.doc.to_string();
        if !row.providers.is_empty() {
            let only = row.providers.iter().map(|provider| provider.row());
            let only = only.filter(|row| row.support == Support::Ready);
            let only: Vec<&str> = only.map(|row| row.name).collect();
            let _ = write!(doc, " ({})", only.join(", "));
        }
        doc.push_str(&only(row.engines));
        if !row.arguments.is_empty() && row.argument_engines != row.engines {
            let _ = write!(doc, "; with an argument{}", only(row.argument_engines));
        }
        out.row(&[&name, &code(row.ty), &doc]);
    }
    out.finish(later.iter().map(|row| row.name))
}

fn functions(is_wanted: impl Fn(Class) -> bool) -> String {
    let mut out = Table::new(&["function", "does", "example"]);
    let (ready, later) = split(function::all(), |row| row.support);
    for row in ready.iter().filter(|row| is_wanted(row.class)) {
        let usages: Vec<String> = row.usage.split(" | ").map(code).collect();
        let needs = if row.class == Class::Unsafe {
            " (with `--unsafe`)"
        } else {
            ""
        };
        let doc = format!("{}{needs}{}", row.doc, only(row.engines));
        out.row(&[&usages.join(", "), &doc, &code(row.example)]);
    }
    let later = later.iter().filter(|row| is_wanted(row.class));
    out.finish(later.map(|row| row.name))
}

/// Which engines offer what not all do.
fn only(engines: Engines) -> String {
    match engines == Engines::ALL {
        true => String::new(),
        false => format!(" *({engines} only)*"),
    }
}

fn options() -> String {
    let mut out = Table::new(&["option", "values", "default", "means"]);
    let (idle, real): (Vec<_>, Vec<_>) = analyze::options().partition(|row| row.doc.is_empty());
    for row in real {
        out.row(&[&code(row.name), &row.values, row.default, row.doc]);
    }
    let names: Vec<String> = idle.iter().map(|row| code(row.name)).collect();
    let _ = write!(
        out.text,
        "\nAccepted for old scripts, without effect: {}.\n",
        names.join(", ")
    );
    out.text
}

fn split<Row>(rows: &[Row], support: impl Fn(&Row) -> Support) -> (Vec<&Row>, Vec<&Row>) {
    rows.iter().partition(|row| support(row) == Support::Ready)
}

pub(super) fn code(text: &str) -> String {
    format!("`{text}`")
}

pub(super) struct Table {
    text: String,
}

impl Table {
    pub(super) fn new(columns: &[&str]) -> Self {
        let mut table = Self {
            text: String::new(),
        };
        table.row(columns);
        table.row(&columns.iter().map(|_| "---").collect::<Vec<_>>());
        table
    }

    pub(super) fn row(&mut self, cells: &[&str]) {
        for cell in cells {
            let _ = write!(self.text, "| {} ", cell.replace('|', "\\|"));
        }
        self.text.push_str("|\n");
    }

    /// Adds the names that are known and do not work yet.
    pub(super) fn finish(mut self, later: impl Iterator<Item = &'static str>) -> String {
        let names: Vec<String> = later.map(code).collect();
        if !names.is_empty() {
            let _ = write!(
                self.text,
                "\nKnown, but not supported yet: {}.\n",
                names.join(", ")
            );
        }
        self.text
    }
}
