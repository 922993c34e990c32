//! The table of `trapline stat`: maps in, rows by their share of the time out, as text or as JSON lines.

use crate::command::collector::{Maps, text};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use trapline_runtime::value::Value;

/// What is known of the calls of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// A text for each part of the key.
    key: Vec<String>,
    calls: i128,
    errors: i128,
    /// Nanoseconds in all.
    time: i128,
    /// Calls that have a time.
    timed: i128,
    /// Nanoseconds that the longest took.
    longest: i128,
}

impl Row {
    /// The rows that a script's maps make: those that took longest first.
    pub(super) fn collect(maps: &Maps) -> Vec<Self> {
        let mut rows: BTreeMap<Vec<String>, Self> = BTreeMap::new();
        let mut fill = |map: &str, set: fn(&mut Self, &Value)| {
            for (key, value) in maps.entries(map) {
                let key: Vec<_> = key.iter().map(text).collect();
                let row = rows.entry(key.clone()).or_insert_with(|| Self {
                    key,
                    ..Self::default()
                });
                set(row, &value);
            }
        };
        fill("@calls", |row, value| {
            row.calls = value.number().unwrap_or(0)
        });
        fill("@errors", |row, value| {
            row.errors = value.number().unwrap_or(0)
        });
        fill("@longest", |row, value| {
            row.longest = value.number().unwrap_or(0)
        });
        fill("@time", |row, value| {
            if let Value::Stats(stats) = value {
                (row.time, row.timed) = (stats.total, i128::from(stats.count));
            }
        });
        let mut rows: Vec<_> = rows.into_values().collect();
        rows.sort_by(|a, b| {
            (b.time, b.calls)
                .cmp(&(a.time, a.calls))
                .then(a.key.cmp(&b.key))
        });
        rows
    }

    /// Nanoseconds for a call; 0 if none has a time.
    fn average(&self) -> f64 {
        ratio(self.time, self.timed)
    }
}

/// The table, with a row for all at its end.
pub(super) fn render(columns: &[&str], rows: &[Row]) -> String {
    let total = total(rows);
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row.key[column].chars().count());
            cells.chain([columns[column].len()]).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    line(
        &mut out,
        [
            "% time",
            "seconds",
            "usecs/call",
            "max usecs",
            "calls",
            "errors",
        ]
        .map(String::from),
        &padded(columns, &widths),
    );
    let rule = NUMBER_WIDTHS.map(|width| "-".repeat(width));
    line(&mut out, rule.clone(), &"-".repeat(16));
    for row in rows {
        let key: Vec<&str> = row.key.iter().map(String::as_str).collect();
        line(&mut out, cells(row, &total), &padded(&key, &widths));
    }
    line(&mut out, rule, &"-".repeat(16));
    line(&mut out, cells(&total, &total), "total");
    out
}

/// One object for each row.
pub(super) fn json(columns: &[&str], rows: &[Row]) -> String {
    let total = total(rows);
    let mut out = String::new();
    for row in rows {
        let mut object: serde_json::Map<String, Json> = columns
            .iter()
            .zip(&row.key)
            .map(|(column, text)| ((*column).to_owned(), json!(text)))
            .collect();
        for (name, value) in [
            ("calls", json!(row.calls as u64)),
            ("errors", json!(row.errors as u64)),
            ("total_ns", json!(row.time as u64)),
            ("average_ns", json!(row.average().round() as u64)),
            ("max_ns", json!(row.longest as u64)),
            ("share", json!(ratio(row.time, total.time))),
        ] {
            object.insert(name.to_owned(), value);
        }
        // Writing to a string does not fail.
        let _ = writeln!(out, "{}", Json::Object(object));
    }
    out
}

fn total(rows: &[Row]) -> Row {
    rows.iter().fold(Row::default(), |sum, row| Row {
        key: Vec::new(),
        calls: sum.calls + row.calls,
        errors: sum.errors + row.errors,
        time: sum.time + row.time,
        timed: sum.timed + row.timed,
        longest: sum.longest.max(row.longest),
    })
}

const NUMBER_WIDTHS: [usize; 6] = [6, 11, 12, 12, 9, 9];

fn cells(row: &Row, total: &Row) -> [String; 6] {
    let errors = match row.errors {
        0 => String::new(),
        errors => errors.to_string(),
    };
    [
        format!("{:.2}", ratio(row.time, total.time) * 100.0),
        format!("{:.6}", row.time as f64 / 1e9),
        format!("{:.3}", row.average() / 1e3),
        format!("{:.3}", row.longest as f64 / 1e3),
        row.calls.to_string(),
        errors,
    ]
}

fn line(out: &mut String, numbers: [String; 6], key: &str) {
    for (number, width) in numbers.iter().zip(NUMBER_WIDTHS) {
        // Writing to a string does not fail.
        let _ = write!(out, "{number:>width$} ");
    }
    out.push_str(key.trim_end());
    out.push('\n');
}

/// Cells side by side.
fn padded(cells: &[&str], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths);
    let cells: Vec<_> = cells
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    cells.join(" ")
}

fn ratio(part: i128, whole: i128) -> f64 {
    match whole {
        0 => 0.0,
        whole => part as f64 / whole as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |key: [&str; 2], calls, errors, time, longest| Row {
            key: key.map(String::from).to_vec(),
            calls,
            errors,
            time,
            timed: calls,
            longest,
        };
        vec![
            row(["cat", "read"], 4, 0, 3_000_000, 2_500_000),
            row(["longer", "openat"], 2, 1, 1_000_000, 750_500),
            row(["longer", "exit_group"], 1, 0, 0, 0),
        ]
    }

    #[test]
    fn a_table_looks_like_strace_s() {
        let expected = "
% time     seconds   usecs/call    max usecs     calls    errors comm   syscall
------ ----------- ------------ ------------ --------- --------- ----------------
 75.00    0.003000      750.000     2500.000         4           cat    read
 25.00    0.001000      500.000      750.500         2         1 longer openat
  0.00    0.000000        0.000        0.000         1           longer exit_group
------ ----------- ------------ ------------ --------- --------- ----------------
100.00    0.004000      571.429     2500.000         7         1 total
";
        assert_eq!(
            format!("\n{}", render(&["comm", "syscall"], &rows())),
            expected
        );
    }

    #[test]
    fn a_row_is_an_object() {
        let text = json(&["comm", "syscall"], &rows());
        let first = r#"{"comm":"cat","syscall":"read","calls":4,"errors":0,"total_ns":3000000,"average_ns":750000,"max_ns":2500000,"share":0.75}"#;
        assert_eq!(text.lines().next(), Some(first));
        assert_eq!(text.lines().count(), 3);
    }
}
